// Writes the CCTV age vectors of npm cctv-age into a folder, one file each, as the Rust tests read them.
//
//   node cctv-unpack.mjs DIR

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as vectors from "cctv-age";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: cctv-unpack.mjs DIR");
  process.exit(2);
}

mkdirSync(folder, { recursive: true });
for (const [name, bytes] of Object.entries(vectors.default ?? vectors)) {
  writeFileSync(join(folder, basename(name)), bytes);
}
