// Canonical CBOR, the only encoding of signed and stored structures.
//
// Invariant: `decode(type, b)` returns `v` only if `encode(type, v)` equals `b`, so one value has one encoding.
// Specification: docs/format/encoding.md, "Canonical CBOR"; RFC 8949 §4.2.1.

import { equal } from "./bytes.ts";
import { DecodeError } from "./error.ts";
import { checkFraming } from "./head.ts";
import { Reader, type Type, encode } from "./type.ts";

/** Decodes a value, refusing anything but its canonical encoding of at most `limit` bytes. */
export function decode<T>(type: Type<T>, bytes: Uint8Array, limit: number): T {
  if (bytes.length > limit) throw new DecodeError("too-large");
  checkFraming(bytes);
  const value = type.read(new Reader(bytes));
  if (!equal(encode(type, value), bytes)) throw new DecodeError("not-canonical");
  return value;
}
