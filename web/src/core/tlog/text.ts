// Numbers and bytes in the one spelling that all C2SP log documents share: ASCII decimals without leading zeros,
// standard base64 with padding (RFC 4648 §4). Sizes, indexes and times have 64 bits, so they are bigints.

import { fromBase64, toBase64 } from "../codec/bytes.ts";

const MAX_U64 = 2n ** 64n - 1n;

/** Reads a decimal of at most 64 bits without sign and leading zeros. */
export function parseDecimal(text: string): bigint | undefined {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value <= MAX_U64 ? value : undefined;
}

/** Reads a tree hash. */
export function parseHash(text: string): Uint8Array | undefined {
  const bytes = fromBase64(text);
  return bytes?.length === 32 ? bytes : undefined;
}

export { fromBase64 as parseBase64, toBase64 };

/** Eight bytes, most significant first. */
export function uint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}
