// Ed25519 public keys: verification without cofactor, and the check before a key is registered.
//
// Invariants: verification is strict (RFC 8032 §5.1.7 without cofactor; `s` below the group order; `R` and key
// canonical and not of small order), as `verify_strict` on the other side. The library's own `verify` checks the
// equation with cofactor, so it accepts signatures that others refuse; this is the only module that verifies.
// Specification: docs/format/encoding.md, "Keys and signatures".

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, equal } from "../codec/bytes.ts";
import { DecodeError } from "../codec/error.ts";
import { Major, writeHead } from "../codec/head.ts";
import type { Type } from "../codec/type.ts";
import { bytes } from "../codec/type.ts";
import { domainHash } from "../hash.ts";
import { type RecoveryKeyHash, type Signature, type VerifyingKey, idBytes, keyBytes, recoveryKeyHash } from "../ids.ts";

const { Point } = ed25519;
/** COSE algorithm −19, Ed25519 (RFC 9864 §2.2), as the argument of a negative integer. */
export const ED25519_ARGUMENT = 18;
const KEY_BYTES = 32;

/** The form on the wire: `[-19, bytes]`, so that other algorithms can follow. */
export const verifyingKey: Type<VerifyingKey> = {
  read(reader) {
    const pair = reader.head();
    if (pair.major !== Major.array || pair.argument !== 2) throw new DecodeError("shape");
    const algorithm = reader.head();
    const key = bytes.read(reader);
    const known = algorithm.major === Major.negative && algorithm.argument === ED25519_ARGUMENT;
    if (!known || key.length !== KEY_BYTES) throw new DecodeError("shape");
    return keyBytes.of(key);
  },
  write(key, out) {
    out.push(writeHead(Major.array, 2), writeHead(Major.negative, ED25519_ARGUMENT));
    bytes.write(idBytes(key), out);
  },
};

/** Whether a key may be registered: canonical, not of small order, without a torsion part. */
export function isStrong(key: VerifyingKey): boolean {
  try {
    const encoded = idBytes(key);
    const point = Point.fromBytes(encoded, false);
    return equal(point.toBytes(), encoded) && !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}

function littleEndian(encoded: Uint8Array): bigint {
  return encoded.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Whether `signature` is `key`'s over `message`, which already carries its domain. */
export function holds(key: VerifyingKey, message: Uint8Array, signature: Signature): boolean {
  const encodedKey = idBytes(key);
  const encoded = idBytes(signature);
  const encodedR = encoded.subarray(0, KEY_BYTES);
  const s = littleEndian(encoded.subarray(KEY_BYTES));
  const order = Point.Fn.ORDER;
  if (encodedKey.length !== KEY_BYTES || encoded.length !== 2 * KEY_BYTES || s >= order) return false;
  try {
    const keyPoint = pointOf(key, encodedKey);
    const r = Point.fromBytes(encodedR, false);
    if (keyPoint.isSmallOrder() || r.isSmallOrder()) return false;
    const k = littleEndian(sha512(concat(encodedR, encodedKey, message))) % order;
    const expected = Point.BASE.multiplyUnsafe(s).subtract(keyPoint.multiplyUnsafe(k));
    return equal(expected.toBytes(), encodedR);
  } catch {
    return false; // no point of the curve
  }
}

type KeyPoint = ReturnType<typeof Point.fromBytes>;

/** Keys whose points are remembered, the last ones used. A mailbox has few senders and one operator. */
const MAX_REMEMBERED = 32;
/** Signatures by one key after which tables for its point pay; they take some ten milliseconds and 300 KiB. */
const USES_BEFORE_TABLES = 16;
const WINDOW_BITS = 5;
/** Only remembers what would be computed again, so nothing depends on what was verified before. */
const remembered = new Map<VerifyingKey, { readonly point: KeyPoint; uses: number }>();

function pointOf(key: VerifyingKey, encoded: Uint8Array): KeyPoint {
  const known = remembered.get(key) ?? { point: Point.fromBytes(encoded, false), uses: 0 };
  known.uses += 1;
  if (known.uses === USES_BEFORE_TABLES) known.point.precompute(WINDOW_BITS, false);
  remembered.delete(key);
  remembered.set(key, known);
  const [oldest] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return known.point;
}

/** The commitment under which this key, as a recovery key, stands in an address. */
export function recoveryHash(key: VerifyingKey): RecoveryKeyHash {
  return recoveryKeyHash.of(domainHash("recovery-key", idBytes(key)));
}
