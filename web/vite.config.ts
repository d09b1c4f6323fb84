/// <reference types="vitest/config" />
// Pages: the mailbox (index.html), the auditor's page (verify/index.html), the authority's desk (desk/index.html),
// each of which works without the others; and imprint, privacy and accessibility without scripts (legal/index.html).
// The build is reproducible: names of assets are hashes of their content, and nothing of this machine or of today
// is put into them.
import { resolve } from "node:path";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { legalPage } from "./build/legal-page.ts";
import { offline } from "./build/offline.ts";

const page = (name: string): string => resolve(import.meta.dirname, name);

/** Lays a brotli form beside every file that gains by it; the server sends that to whoever takes it. */
function brotli(): Plugin {
  return {
    name: "postfach-brotli",
    apply: "build",
    closeBundle() {
      const folder = page("dist/pages");
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const path = resolve(folder, name);
        if (!statSync(path).isFile() || name.endsWith(".br")) continue;
        const plain = readFileSync(path);
        const packed = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
        if (packed.length < plain.length * 0.9) writeFileSync(`${path}.br`, packed);
      }
    },
  };
}

export default defineConfig({
  base: "/",
  plugins: [legalPage(import.meta.dirname), offline(import.meta.dirname), brotli()],
  build: {
    target: "es2022",
    outDir: "dist/pages",
    emptyOutDir: true,
    // A small picture inside a style sheet or script would need `data:` in more directives than one.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: { input: { index: page("index.html"), verify: page("verify/index.html"), desk: page("desk/index.html"), legal: page("legal/index.html") } },
  },
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    testTimeout: 30_000,
  },
});
