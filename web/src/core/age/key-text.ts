// Key texts of age: bech32, recipients in lower case, identities in upper case, one spelling each.
//
// Specification: docs/format/age.md, rule 7.

import { Variant, decodeBech32, encodeBech32 } from "../codec/bech32.ts";
import { AgeKeyError } from "./error.ts";

export function encodeRecipient(prefix: string, bytes: Uint8Array): string {
  return encodeBech32(Variant.bech32, prefix, bytes);
}

export function encodeIdentity(prefix: string, bytes: Uint8Array): string {
  return encodeBech32(Variant.bech32, prefix.toLowerCase(), bytes).toUpperCase();
}

/** The bytes of a key text in the one spelling that encoding produces. Throws `AgeKeyError`. */
export function decodeKey(prefix: string, text: string, length: number): Uint8Array {
  const decoded = decodeBech32(Variant.bech32, text);
  if (decoded === undefined || decoded.prefix !== prefix.toLowerCase()) throw new AgeKeyError("encoding");
  if (decoded.bytes.length !== length) throw new AgeKeyError("length");
  const upper = prefix !== prefix.toLowerCase();
  if (text !== (upper ? text.toUpperCase() : text.toLowerCase())) throw new AgeKeyError("encoding");
  return decoded.bytes;
}
