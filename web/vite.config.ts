/// <reference types="vitest/config" />
// Two pages: the mailbox (index.html) and the auditor's page (verify/index.html), which works without the first.
// The build is reproducible: names of assets are hashes of their content, and nothing of this machine or of today
// is put into them.
import { resolve } from "node:path";
import { defineConfig } from "vite";

const page = (name: string): string => resolve(import.meta.dirname, name);

export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    // A small picture inside a style sheet or script would need `data:` in more directives than one.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: { input: { index: page("index.html"), verify: page("verify/index.html") } },
  },
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    testTimeout: 30_000,
  },
});
