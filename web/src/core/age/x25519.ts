// Classical X25519 recipients, for backups and exports; and the checks on X25519 keys that hybrid ones share.
//
// Specification: C2SP age, "The X25519 recipient type"; RFC 7748 section 5; docs/format/age.md, rules 5 to 7.

import { x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, utf8 } from "../codec/bytes.ts";
import { AgeKeyError } from "./error.ts";
import { type Random, unwrapFileKey, wrapFileKey } from "./file-key.ts";
import { decodeKey, encodeIdentity, encodeRecipient } from "./key-text.ts";

export const POINT_BYTES = 32;
export const X25519_STANZA = "X25519";
const RECIPIENT_PREFIX = "age";
const IDENTITY_PREFIX = "AGE-SECRET-KEY-";
const INFO = utf8("age-encryption.org/v1/X25519");
const ZERO_NONCE = new Uint8Array(12);
/** Clamping makes every scalar a multiple of the cofactor, so any one tells whether a point is of low order. */
const ANY_SCALAR = new Uint8Array(POINT_BYTES).fill(1);

/** Whether a point has a component of large order; otherwise everybody knows the secret shared with it. */
export function isContributory(point: Uint8Array): boolean {
  try {
    return x25519.getSharedSecret(ANY_SCALAR, point).some((byte) => byte !== 0);
  } catch {
    return false; // the library refuses the all-zero secret
  }
}

/** Throws `AgeKeyError` for public keys that have several spellings or are of low order. */
export function checkPublicKey(key: Uint8Array): void {
  if (key.length !== POINT_BYTES) throw new AgeKeyError("length");
  const top = key[31] as number;
  // p = 2^255 − 19, little-endian: ed, then thirty times ff, then 7f.
  const belowPrime = top < 0x7f || (key[0] as number) < 0xed || key.subarray(1, 31).some((byte) => byte !== 0xff);
  if (top > 0x7f || !belowPrime) throw new AgeKeyError("not-canonical");
  if (!isContributory(key)) throw new AgeKeyError("low-order");
}

/** What a stanza of this type carries. */
export interface X25519Wrapped {
  readonly type: "X25519";
  /** The ephemeral public key; contributory. */
  readonly share: Uint8Array;
  readonly body: Uint8Array;
}

function wrapKey(shared: Uint8Array, share: Uint8Array, recipient: Uint8Array): Uint8Array {
  return hkdf(sha256, shared, concat(share, recipient), INFO, 32);
}

/** A classical public key: canonical and not of low order. */
export class X25519Recipient {
  private constructor(readonly bytes: Uint8Array) {}

  static fromBytes(bytes: Uint8Array): X25519Recipient {
    checkPublicKey(bytes);
    return new X25519Recipient(bytes.slice());
  }

  /** Parses `age1…`. Throws `AgeKeyError`. */
  static parse(text: string): X25519Recipient {
    return X25519Recipient.fromBytes(decodeKey(RECIPIENT_PREFIX, text, POINT_BYTES));
  }

  toString(): string {
    return encodeRecipient(RECIPIENT_PREFIX, this.bytes);
  }

  wrap(fileKey: Uint8Array, random: Random): X25519Wrapped {
    const ephemeral = random(POINT_BYTES);
    const share = x25519.getPublicKey(ephemeral);
    const key = wrapKey(x25519.getSharedSecret(ephemeral, this.bytes), share, this.bytes);
    return { type: "X25519", share, body: wrapFileKey(key, ZERO_NONCE, fileKey) };
  }
}

/** A classical secret key. */
export class X25519Identity {
  readonly #secret: Uint8Array;
  readonly recipient: X25519Recipient;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.recipient = X25519Recipient.fromBytes(x25519.getPublicKey(secret));
  }

  /** The secret key with these 32 bytes: random ones make a new key. */
  static fromSeed(seed: Uint8Array): X25519Identity {
    if (seed.length !== POINT_BYTES) throw new AgeKeyError("length");
    return new X25519Identity(seed.slice());
  }

  /** Parses `AGE-SECRET-KEY-1…`. Throws `AgeKeyError`. */
  static parse(text: string): X25519Identity {
    return X25519Identity.fromSeed(decodeKey(IDENTITY_PREFIX, text, POINT_BYTES));
  }

  /** `AGE-SECRET-KEY-1…`, for a key file or a vault. */
  toSecretText(): string {
    return encodeIdentity(IDENTITY_PREFIX, this.#secret);
  }

  unwrap(wrapped: X25519Wrapped): Uint8Array | undefined {
    if (!isContributory(wrapped.share)) return undefined;
    const shared = x25519.getSharedSecret(this.#secret, wrapped.share);
    return unwrapFileKey(wrapKey(shared, wrapped.share, this.recipient.bytes), ZERO_NONCE, wrapped.body);
  }

  toJSON(): string {
    return "X25519Identity(secret)";
  }
}
