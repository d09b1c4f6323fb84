// Writes `sw.js`: the service worker with the list of files that the citizen's page needs without a connection.
//
// Invariant: the list is what `index.html` leads to, by imports of any kind; large parts that only some letters need
// are kept once they were wanted (`LATER`). Its version is a hash of names and contents, so the same pages give the same worker.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";

/** Loaded from the server when they are wanted: pdf.js, the sheet as a PDF, and pictures that hold QR codes. */
const LATER = /^assets\/(pdf|sheet-pdf|jsQR)/;
/** Files with names of their own. */
const NAMED = ["/", "/check.js", "/icon.svg", "/operator.json", "/app.webmanifest"];

export function offline(root: string): Plugin {
  const pages = resolve(root, "dist/pages");
  return {
    name: "postfach-offline",
    apply: "build",
    writeBundle(_options, bundle) {
      const wanted = new Set<string>();
      const later = new Set<string>();
      const follow = (name: string, from: Set<string>): void => {
        const into = LATER.test(name) ? later : from;
        if (wanted.has(name) || into.has(name) || !existsSync(resolve(pages, name))) return;
        into.add(name);
        const chunk = bundle[name];
        if (chunk?.type !== "chunk") return;
        for (const next of [...chunk.imports, ...chunk.dynamicImports, ...(chunk.viteMetadata?.importedCss ?? []), ...(chunk.viteMetadata?.importedAssets ?? [])]) follow(next, into);
      };
      const html = readFileSync(resolve(pages, "index.html"), "utf8");
      for (const [, name] of html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)) follow(name ?? "", wanted);
      const files = [...NAMED, ...[...wanted].sort().map((name) => `/${name}`)];
      const hash = createHash("sha256");
      for (const file of files) hash.update(`${file}\n`).update(readFileSync(resolve(pages, file === "/" ? "index.html" : `.${file}`)));
      const worker = readFileSync(resolve(root, "build/service-worker.js"), "utf8");
      const version = hash.digest("hex").slice(0, 16);
      writeFileSync(resolve(pages, "sw.js"), worker.replace("__VERSION__", version).replace("__FILES__", JSON.stringify(files)).replace("__LATER__", JSON.stringify([...later].filter((name) => !wanted.has(name)).sort().map((name) => `/${name}`))));
    },
  };
}
