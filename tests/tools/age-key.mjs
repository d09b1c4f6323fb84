// Makes an age key pair with npm age-encryption, an implementation of the format that is not ours.
//
//   node age-key.mjs (hybrid | x25519)     prints the identity, then its recipient
//   node age-key.mjs recipient IDENTITY    prints the recipient of an identity

import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";

const [what, given] = process.argv.slice(2);
switch (what) {
  case "hybrid":
  case "x25519": {
    const identity = await (what === "hybrid" ? generateHybridIdentity() : generateX25519Identity());
    console.log(identity);
    console.log(await identityToRecipient(identity));
    break;
  }
  case "recipient":
    console.log(await identityToRecipient(given));
    break;
  default:
    console.error("usage: age-key.mjs hybrid | x25519 | recipient IDENTITY");
    process.exit(2);
}
