// Opens an age file with npm age-encryption, an implementation of the format that is not ours.
//
//   node age-open.mjs (--identity KEY | --passphrase TEXT)... IN OUT
//
// KEY is an identity (AGE-SECRET-KEY-1… or AGE-SECRET-KEY-PQ-1…) or the path of a file with one a line.
// OUT is written only when the whole file passed. Exit code: 0 opened, 1 refused, 2 called wrongly.

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Decrypter } from "age-encryption";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    identity: { type: "string", multiple: true, default: [] },
    passphrase: { type: "string", multiple: true, default: [] },
  },
});
const [input, output] = positionals;
if (positionals.length !== 2 || values.identity.length + values.passphrase.length === 0) {
  console.error("usage: age-open.mjs (--identity KEY | --passphrase TEXT)... IN OUT");
  process.exit(2);
}

try {
  const decrypter = new Decrypter();
  values.identity.flatMap(identities).forEach((identity) => decrypter.addIdentity(identity));
  values.passphrase.forEach((passphrase) => decrypter.addPassphrase(passphrase));
  writeFileSync(output, await decrypter.decrypt(readFileSync(input)));
} catch (error) {
  console.error(`${input}: age-encryption refuses it: ${error.message}`);
  process.exit(1);
}

/** The identities that a KEY argument stands for: itself, or the uncommented lines of the file it names. */
function identities(key) {
  if (key.startsWith("AGE-SECRET-KEY-")) return [key];
  return readFileSync(key, "utf8")
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#"));
}
