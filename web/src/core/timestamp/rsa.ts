// RSA signatures, verified: PKCS #1 v1.5 and PSS with MGF1 of the same hash and a salt as long (RFC 8017 sections 8.1.2
// and 8.2.2). Keys of 2048 to 8192 bits.
//
// Only public values are computed with, so nothing here needs to take the same time for all inputs.

import { concat, equal } from "../codec/bytes.ts";
import { type Elements, Malformed, Tag, inside, readElement } from "./der.ts";
import { HASHES, type HashName } from "./hash.ts";

const MIN_BITS = 2048;
const MAX_BITS = 8192;
/** Largest public exponent, in bits. */
const MAX_EXPONENT_BITS = 33;

/** DigestInfo before the digest (RFC 8017 section 9.2, note 1). */
const DIGEST_INFO: Readonly<Record<HashName, readonly number[]>> = {
  sha256: [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20],
  sha384: [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30],
  sha512: [0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40],
};

export type Padding = "pkcs1" | "pss";

/** Whether the key, an RSAPublicKey in DER, signed the message. */
export function rsaHasSigned(key: Uint8Array, padding: Padding, hash: HashName, message: Uint8Array, signature: Uint8Array): boolean {
  const found = publicKey(key);
  if (found === undefined) return false;
  const { modulus, exponent, bits } = found;
  const length = Math.ceil(bits / 8);
  const number = toNumber(signature);
  if (signature.length !== length || number >= modulus) return false;
  const encoded = toBytes(power(number, exponent, modulus), length);
  const digest = HASHES[hash](message);
  return padding === "pkcs1" ? equal(encoded, pkcs1(digest, hash, length)) : isPss(encoded, digest, hash, bits - 1);
}

function publicKey(bytes: Uint8Array): { modulus: bigint; exponent: bigint; bits: number } | undefined {
  try {
    const key: Elements = inside(readElement(bytes, Tag.sequence, "RSAPublicKey"), "RSAPublicKey");
    const [n, e] = [key.integer(), key.integer()];
    key.end();
    if ((n[0] as number) >= 0x80 || (e[0] as number) >= 0x80) return undefined;
    const [modulus, exponent] = [toNumber(n), toNumber(e)];
    const bits = modulus.toString(2).length;
    const fits = bits >= MIN_BITS && bits <= MAX_BITS && modulus % 2n === 1n;
    const odd = exponent > 1n && exponent % 2n === 1n && exponent < 1n << BigInt(MAX_EXPONENT_BITS);
    return fits && odd ? { modulus, exponent, bits } : undefined;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** EMSA-PKCS1-v1_5. */
function pkcs1(digest: Uint8Array, hash: HashName, length: number): Uint8Array {
  const info = concat(Uint8Array.from(DIGEST_INFO[hash]), digest);
  const fill = new Uint8Array(length - info.length - 3).fill(0xff);
  return concat(Uint8Array.of(0, 1), fill, Uint8Array.of(0), info);
}

/** EMSA-PSS-VERIFY. */
function isPss(encoded: Uint8Array, digest: Uint8Array, hash: HashName, bits: number): boolean {
  const length = Math.ceil(bits / 8);
  const salt = digest.length;
  // With 8·k + 1 bits the encoded message is one byte shorter than the modulus.
  if (encoded.length > length && encoded[0] !== 0) return false;
  const message = encoded.subarray(encoded.length - length);
  const masked = message.subarray(0, length - digest.length - 1);
  const found = message.subarray(masked.length, length - 1);
  if (message.at(-1) !== 0xbc || masked.length < salt + 1) return false;
  const free = 8 * length - bits;
  if ((masked[0] as number) >> (8 - free) !== 0) return false;
  const block = mask(found, masked.length, hash).map((byte, index) => byte ^ (masked[index] as number));
  block[0] = (block[0] as number) & (0xff >> free);
  const before = block.length - salt - 1;
  if (block.subarray(0, before).some((byte) => byte !== 0) || block[before] !== 1) return false;
  return equal(found, HASHES[hash](concat(new Uint8Array(8), digest, block.subarray(before + 1))));
}

/** MGF1 (RFC 8017 appendix B.2.1). */
function mask(seed: Uint8Array, length: number, hash: HashName): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let counter = 0; blocks.length * HASHES[hash].outputLen < length; counter += 1) {
    blocks.push(HASHES[hash](concat(seed, Uint8Array.of(0, 0, counter >> 8, counter & 0xff))));
  }
  return concat(...blocks).subarray(0, length);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === "1") result = (result * base) % modulus;
  }
  return result;
}

function toNumber(bytes: Uint8Array): bigint {
  let text = "0x0";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return BigInt(text);
}

function toBytes(number: bigint, length: number): Uint8Array {
  const text = number.toString(16).padStart(2 * length, "0");
  return Uint8Array.from({ length }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
}
