// Post-quantum hybrid recipients: X-Wing (ML-KEM-768 with X25519) through HPKE.
//
// Invariant: no low-order X25519 part passes, neither in a recipient nor in a stanza.
// Specification: C2SP age, "The MLKEM768-X25519 recipient type"; RFC 9180 sections 4 to 6.1 (base mode, one seal);
// FIPS 203 section 7.2 (encapsulation key check); docs/format/age.md, "The hybrid stanza".

import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_kem768_x25519 as xWing } from "@noble/post-quantum/hybrid.js";
import { concat, utf8 } from "../codec/bytes.ts";
import { AgeKeyError } from "./error.ts";
import { type Random, unwrapFileKey, wrapFileKey } from "./file-key.ts";
import { decodeKey, encodeIdentity, encodeRecipient } from "./key-text.ts";
import { POINT_BYTES, checkPublicKey } from "./x25519.ts";

export const HYBRID_STANZA = "mlkem768x25519";
/** ML-KEM-768 encapsulation key, then the X25519 public key. */
export const HYBRID_RECIPIENT_BYTES = 1184 + POINT_BYTES;
/** ML-KEM-768 ciphertext, then the X25519 share. */
export const ENC_BYTES = 1088 + POINT_BYTES;
const SEED_BYTES = 32;
/** Randomness of one encapsulation: 32 bytes for each half. */
const ENCAPSULATION_RANDOM_BYTES = 64;
const RECIPIENT_PREFIX = "age1pq";
const IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-";
const INFO = utf8("age-encryption.org/mlkem768x25519");

/** `"HPKE" ‖ KEM 0x647a ‖ KDF HKDF-SHA256 (1) ‖ AEAD ChaCha20Poly1305 (3)` (RFC 9180 section 5.1). */
const SUITE = concat(utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0, 1, 0, 3));
const VERSION_LABEL = utf8("HPKE-v1");
const MODE_BASE = 0;
const EMPTY = new Uint8Array(0);

function labeledExtract(salt: Uint8Array, label: string, material: Uint8Array): Uint8Array {
  return extract(sha256, concat(VERSION_LABEL, SUITE, utf8(label), material), salt);
}

function labeledExpand(secret: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
  const labeled = concat(Uint8Array.of(0, length), VERSION_LABEL, SUITE, utf8(label), info);
  return expand(sha256, secret, labeled, length);
}

/** `KeySchedule` in base mode (RFC 9180 section 5.1), for the one message with sequence number 0. */
function keySchedule(shared: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const context = concat(
    Uint8Array.of(MODE_BASE),
    labeledExtract(EMPTY, "psk_id_hash", EMPTY),
    labeledExtract(EMPTY, "info_hash", INFO),
  );
  const secret = labeledExtract(shared, "secret", EMPTY);
  return { key: labeledExpand(secret, "key", context, 32), nonce: labeledExpand(secret, "base_nonce", context, 12) };
}

/** FIPS 203 section 7.2: every coefficient of the encoded ML-KEM key, 12 bits each, is below 3329. */
function hasCanonicalCoefficients(key: Uint8Array): boolean {
  const encoded = key.subarray(0, 1184 - 32);
  for (let at = 0; at < encoded.length; at += 3) {
    const [a, b, c] = [encoded[at] as number, encoded[at + 1] as number, encoded[at + 2] as number];
    if ((a | ((b & 0x0f) << 8)) >= 3329 || ((b >> 4) | (c << 4)) >= 3329) return false;
  }
  return true;
}

/** What a stanza of this type carries. */
export interface HybridWrapped {
  readonly type: "mlkem768x25519";
  /** The encapsulated key; its X25519 share is contributory. */
  readonly enc: Uint8Array;
  readonly body: Uint8Array;
}

/** A hybrid public key: canonical in both parts, its X25519 part not of low order. */
export class HybridRecipient {
  private constructor(
    /** The 1,216-byte encapsulation key. */
    readonly bytes: Uint8Array,
  ) {}

  /** Throws `AgeKeyError`. */
  static fromBytes(bytes: Uint8Array): HybridRecipient {
    if (bytes.length !== HYBRID_RECIPIENT_BYTES) throw new AgeKeyError("length");
    checkPublicKey(bytes.subarray(-POINT_BYTES));
    if (!hasCanonicalCoefficients(bytes)) throw new AgeKeyError("not-canonical");
    return new HybridRecipient(bytes.slice());
  }

  /** Parses `age1pq1…`. Throws `AgeKeyError`. */
  static parse(text: string): HybridRecipient {
    return HybridRecipient.fromBytes(decodeKey(RECIPIENT_PREFIX, text, HYBRID_RECIPIENT_BYTES));
  }

  toString(): string {
    return encodeRecipient(RECIPIENT_PREFIX, this.bytes);
  }

  wrap(fileKey: Uint8Array, random: Random): HybridWrapped {
    const { cipherText, sharedSecret } = xWing.encapsulate(this.bytes, random(ENCAPSULATION_RANDOM_BYTES));
    const { key, nonce } = keySchedule(sharedSecret);
    return { type: "mlkem768x25519", enc: cipherText, body: wrapFileKey(key, nonce, fileKey) };
  }
}

/** A hybrid secret key: a 32-byte seed. */
export class HybridIdentity {
  readonly #seed: Uint8Array;
  #recipient: HybridRecipient | undefined;

  private constructor(seed: Uint8Array) {
    this.#seed = seed;
  }

  /** The secret key that this seed expands to: random bytes make a new key. */
  static fromSeed(seed: Uint8Array): HybridIdentity {
    if (seed.length !== SEED_BYTES) throw new AgeKeyError("length");
    return new HybridIdentity(seed.slice());
  }

  /** Parses `AGE-SECRET-KEY-PQ-1…`. Throws `AgeKeyError`. */
  static parse(text: string): HybridIdentity {
    return HybridIdentity.fromSeed(decodeKey(IDENTITY_PREFIX, text, SEED_BYTES));
  }

  /** The seed, for a vault. */
  seed(): Uint8Array {
    return this.#seed.slice();
  }

  /** `AGE-SECRET-KEY-PQ-1…`, for a key file or a vault. */
  toSecretText(): string {
    return encodeIdentity(IDENTITY_PREFIX, this.#seed);
  }

  /** The matching public key. */
  get recipient(): HybridRecipient {
    this.#recipient ??= HybridRecipient.fromBytes(xWing.getPublicKey(this.#seed));
    return this.#recipient;
  }

  unwrap(wrapped: HybridWrapped): Uint8Array | undefined {
    let shared: Uint8Array;
    try {
      shared = xWing.decapsulate(wrapped.enc, this.#seed);
    } catch {
      return undefined;
    }
    const { key, nonce } = keySchedule(shared);
    return unwrapFileKey(key, nonce, wrapped.body);
  }

  toJSON(): string {
    return "HybridIdentity(secret)";
  }
}
