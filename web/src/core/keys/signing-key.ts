// Ed25519 secret keys: the one place that signs.
//
// Invariants: the public key is always derived from the secret (RUSTSEC-2022-0093), every signature is made under a
// domain of its own, and the secret shows in no message, log or JSON. JavaScript gives no control over copies in
// memory: `forget` overwrites the one held here. Absent: checkpoints and cosignatures, which no browser signs.
// Specification: docs/format/encoding.md, "Keys and signatures".

import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, utf8 } from "../codec/bytes.ts";
import { type Signature, type VerifyingKey, keyBytes, signature } from "../ids.ts";
import { holds } from "./verifying-key.ts";

export const SEED_BYTES = 32;

/** What a raw signature is for. Statements have their own domain, the external AAD. */
export type SigningDomain =
  /** A new identity key proves possession inside a key statement. */
  | "key-possession"
  /** A clerk says which vault is theirs (docs/format/desk.md). */
  | "clerk-vault"
  /** An HTTP request (RFC 9421); the signature base begins with `"@` and needs no prefix. */
  | "http-request";

function inDomain(domain: SigningDomain, content: Uint8Array): Uint8Array {
  return domain === "http-request" ? content : concat(utf8(`postfach/${domain}/v1\0`), content);
}

/** An Ed25519 secret key with the public key derived from it. */
export class SigningKey {
  readonly #seed: Uint8Array;
  readonly verifyingKey: VerifyingKey;

  private constructor(seed: Uint8Array) {
    this.#seed = seed;
    this.verifyingKey = keyBytes.of(ed25519.getPublicKey(seed));
  }

  /** The key whose RFC 8032 secret is `seed`, which is copied: 32 random bytes make a new key. */
  static fromSeed(seed: Uint8Array): SigningKey {
    if (seed.length !== SEED_BYTES) throw new RangeError(`expected ${SEED_BYTES} bytes`);
    return new SigningKey(seed.slice());
  }

  /** The RFC 8032 secret, for storage in an encrypted file. */
  seed(): Uint8Array {
    return this.#seed.slice();
  }

  sign(domain: SigningDomain, content: Uint8Array): Signature {
    return this.signExact(inDomain(domain, content));
  }

  /** Signs bytes that already carry their domain, such as a COSE `Sig_structure`. */
  signExact(message: Uint8Array): Signature {
    return signature.of(ed25519.sign(message, this.#seed));
  }

  /** Overwrites the secret. The key signs nothing valid afterwards. */
  forget(): void {
    this.#seed.fill(0);
  }

  toJSON(): string {
    return "SigningKey(secret)";
  }
}

/** Whether `signature` was made by `SigningKey.sign` with the secret of `key`. */
export function holdsInDomain(
  key: VerifyingKey,
  domain: SigningDomain,
  content: Uint8Array,
  made: Signature,
): boolean {
  return holds(key, inDomain(domain, content), made);
}
