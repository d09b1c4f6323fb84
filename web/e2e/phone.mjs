// How long the first load takes on a slow phone: processor four times slower, "slow 4G". Prints figures, asserts nothing.
//
//   npm run build && node e2e/phone.mjs [runs]
//
// The built pages are served here with their brotli forms, as the program does, without the program: what is shown to a
// person who comes for the first time asks the interface nothing.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";

const RUNS = Number(process.argv[2] ?? 5);
const profile = (latency, down, up) => ({ offline: false, latency, downloadThroughput: (down * 1_000_000) / 8, uploadThroughput: (up * 1_000_000) / 8 });
/** Chromium delays each request once. Lighthouse's profile makes up for the round trips of connections that this leaves out. */
const PROFILES = { "slow 4G (150 ms a request, 1.6 Mbit/s)": profile(150, 1.6, 0.75), "slow 4G as Lighthouse applies it (562.5 ms a request, 1.44 Mbit/s)": profile(562.5, 1.44, 0.675) };
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };

const pages = fileURLToPath(new URL("../dist/pages", import.meta.url));
const server = createServer((asked, answer) => {
  const path = asked.url === "/" ? "/index.html" : asked.url;
  const file = `${pages}${path}`;
  if (path.includes("..") || !existsSync(file)) return answer.writeHead(404).end();
  const packed = existsSync(`${file}.br`);
  answer.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", ...(packed ? { "content-encoding": "br" } : {}) });
  return answer.end(readFileSync(packed ? `${file}.br` : file));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = `http://localhost:${server.address().port}/`;
const browser = await launch();
for (const [name, network] of Object.entries(PROFILES)) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, serviceWorkers: "block" });
    const page = await context.newPage();
    const client = await context.newCDPSession(page);
    await client.send("Network.enable");
    await client.send("Network.emulateNetworkConditions", network);
    await client.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    let bytes = 0;
    client.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(address, { waitUntil: "commit" });
    await page.locator("#title").waitFor();
    const [usable, paint] = await page.evaluate(() => [performance.now(), performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN]);
    await page.waitForLoadState("load");
    runs.push({ usable, paint, bytes });
    await context.close();
  }
  const middle = (figure) => runs.map((run) => run[figure]).sort((one, other) => one - other)[Math.floor(runs.length / 2)];
  console.log(`${name}: ${RUNS} runs, median: first paint ${(middle("paint") / 1000).toFixed(2)} s, usable ${(middle("usable") / 1000).toFixed(2)} s, ${(middle("bytes") / 1024).toFixed(0)} KiB`);
}
await browser.close();
server.close();
