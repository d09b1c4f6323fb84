// Makes an age file with npm age-encryption, an implementation of the format that is not ours.
//
//   node age-seal.mjs (--recipient age1…|age1pq1…)... IN OUT
//   node age-seal.mjs --passphrase TEXT [--log-n N] IN OUT
//
// Exit code: 0 written, 1 refused, 2 called wrongly.

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Encrypter } from "age-encryption";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    recipient: { type: "string", multiple: true, default: [] },
    passphrase: { type: "string" },
    "log-n": { type: "string", default: "10" }, // cheap scrypt: tests check the format, not the cost
  },
});
const [input, output] = positionals;
const byPassphrase = values.passphrase !== undefined;
if (positionals.length !== 2 || byPassphrase === values.recipient.length > 0) {
  console.error("usage: age-seal.mjs (--recipient KEY... | --passphrase TEXT [--log-n N]) IN OUT");
  process.exit(2);
}

try {
  const encrypter = new Encrypter();
  if (byPassphrase) {
    encrypter.setPassphrase(values.passphrase);
    encrypter.setScryptWorkFactor(Number(values["log-n"]));
  }
  values.recipient.forEach((recipient) => encrypter.addRecipient(recipient));
  writeFileSync(output, await encrypter.encrypt(readFileSync(input)));
} catch (error) {
  console.error(`${input}: age-encryption refuses it: ${error.message}`);
  process.exit(1);
}
