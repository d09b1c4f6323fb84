// The pages from a folder instead of those in the program, so that a change of the pages is tried without building
// the program again: a proxy between the browser and the server, which answers the pages' paths itself and passes on
// everything else. The browser sees one origin, and so do service workers.
//
// Invariant: pages go out with the headers that the server itself sends (content security policy, Trusted Types);
// without those it does not start. Absent: caching by entity tags, brotli.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { extname, join, normalize } from "node:path";

const ADDRESSES = { "/": "index.html", "/enrol": "index.html", "/verify": "verify/index.html", "/verify/": "verify/index.html", "/desk": "desk/index.html", "/desk/": "desk/index.html" };
const KEPT = ["content-security-policy", "permissions-policy", "cross-origin-opener-policy", "x-content-type-options", "referrer-policy"];
const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
};

/** Starts the proxy; answers its address and how to stop it. `folder` may change while it runs. */
export async function startPages(folder, server) {
  if (!existsSync(join(folder, "index.html"))) throw new Error(`no built pages in ${folder}`);
  const own = await fetch(`${server.pages}/`);
  await own.arrayBuffer();
  if (!own.headers.has("content-security-policy")) throw new Error("the server has no pages, so its headers are not known");
  const headers = Object.fromEntries(KEPT.filter((name) => own.headers.has(name)).map((name) => [name, own.headers.get(name)]));

  const fileFor = (path) => {
    const file = join(folder, ADDRESSES[path] ?? normalize(decodeURIComponent(path)));
    return file.startsWith(folder) && existsSync(file) && statSync(file).isFile() ? file : undefined;
  };
  const proxy = createServer((asked, answer) => {
    const url = new URL(asked.url, server.pages);
    const file = url.origin === server.pages && asked.method === "GET" ? fileFor(url.pathname) : undefined;
    if (file !== undefined) {
      const cache = url.pathname.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
      answer.writeHead(200, { ...headers, "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-length": statSync(file).size, "cache-control": cache });
      createReadStream(file).pipe(answer);
      return;
    }
    const onward = request(url, { method: asked.method, headers: asked.headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    proxy: `http://127.0.0.1:${proxy.address().port}`,
    stop: () => new Promise((resolve) => {
      proxy.close(resolve);
      proxy.closeAllConnections();
    }),
  };
}
