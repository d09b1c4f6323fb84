// Passphrases, for key files and exports that stay on their device; slow on purpose.
//
// Specification: C2SP age, "scrypt recipient stanza"; RFC 7914; docs/format/age.md, "Limits".

import { scryptAsync } from "@noble/hashes/scrypt.js";
import { concat, utf8 } from "../codec/bytes.ts";
import { AgeOpenError } from "./error.ts";
import { type Random, unwrapFileKey, wrapFileKey } from "./file-key.ts";

export const SCRYPT_STANZA = "scrypt";
export const SALT_BYTES = 16;
/** Base-two logarithm of N for new files: 256 MiB, about a second. */
export const DEFAULT_WORK_FACTOR = 18;
/** Highest accepted when opening unless the person says otherwise: 1 GiB. */
export const DEFAULT_WORK_LIMIT = 20;
/** Highest computed at all: 4 GiB. */
const MAX_WORK_FACTOR = 22;
const SALT_LABEL = utf8("age-encryption.org/v1/scrypt");
const ZERO_NONCE = new Uint8Array(12);
const BLOCK_SIZE = 8;

export interface ScryptWrapped {
  readonly type: "scrypt";
  readonly salt: Uint8Array;
  /** Base-two logarithm of N. */
  readonly logN: number;
  readonly body: Uint8Array;
}

function wrapKey(passphrase: string, salt: Uint8Array, logN: number): Promise<Uint8Array> {
  const N = 2 ** logN;
  // Blocks, lanes and scratch space, as the library counts them.
  const maxmem = 128 * BLOCK_SIZE * (N + 2) + 1024;
  return scryptAsync(utf8(passphrase), concat(SALT_LABEL, salt), { N, r: BLOCK_SIZE, p: 1, dkLen: 32, maxmem });
}

export async function wrapWithPassphrase(
  passphrase: string,
  fileKey: Uint8Array,
  random: Random,
  logN = DEFAULT_WORK_FACTOR,
): Promise<ScryptWrapped> {
  if (logN < 1 || logN > MAX_WORK_FACTOR) throw new RangeError("work factor");
  const salt = random(SALT_BYTES);
  const key = await wrapKey(passphrase, salt, logN);
  return { type: "scrypt", salt, logN, body: wrapFileKey(key, ZERO_NONCE, fileKey) };
}

/** The file key, or nothing when the passphrase is another. Throws `AgeOpenError` before doing too much work. */
export async function unwrapWithPassphrase(
  passphrase: string,
  wrapped: ScryptWrapped,
  limit = DEFAULT_WORK_LIMIT,
): Promise<Uint8Array | undefined> {
  if (wrapped.logN < 1 || wrapped.logN > Math.min(limit, MAX_WORK_FACTOR)) throw new AgeOpenError("work-factor");
  return unwrapFileKey(await wrapKey(passphrase, wrapped.salt, wrapped.logN), ZERO_NONCE, wrapped.body);
}
