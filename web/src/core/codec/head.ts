// Heads of CBOR items (RFC 8949 §3), and the walk over them that comes before any decoding.
//
// Invariant: what passed `checkFraming` is one item that fills its input, nested at most `MAX_DEPTH` levels, with
// definite lengths and integers up to `MAX_INTEGER`, without floats, null or undefined. The walk does not recurse and
// allocates one number a level.

import { DecodeError } from "./error.ts";

/** Nesting deeper than this is refused before decoding starts. */
export const MAX_DEPTH = 16;
/** The largest integer read or written: beyond it numbers of JavaScript are not exact. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

/** Major types (RFC 8949 §3.1). */
export const Major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;

/** The simple values in use (RFC 8949 §3.3). */
export const FALSE = 20;
export const TRUE = 21;

export interface ItemHead {
  readonly major: number;
  /** Value, length, count or tag; `Infinity` where it exceeds `MAX_INTEGER`. */
  readonly argument: number;
  /** Where the item's content begins. */
  readonly end: number;
}

/** Reads the head at `at`. */
export function readHead(bytes: Uint8Array, at: number): ItemHead {
  const first = bytes[at];
  if (first === undefined) throw new DecodeError("framing");
  const major = first >> 5;
  const info = first & 0x1f;
  if (info < 24) return { major, argument: info, end: at + 1 };
  if (info > 27) throw new DecodeError("form");
  if (major === Major.simple) throw new DecodeError("form"); // floats and extended simple values
  const end = at + 1 + (1 << (info - 24));
  if (end > bytes.length) throw new DecodeError("framing");
  let argument = 0;
  for (let index = at + 1; index < end; index += 1) argument = argument * 256 + (bytes[index] as number);
  return { major, argument: argument > MAX_INTEGER ? Number.POSITIVE_INFINITY : argument, end };
}

/** The shortest head with this argument. */
export function writeHead(major: number, argument: number): Uint8Array {
  const top = major << 5;
  if (argument < 24) return Uint8Array.of(top | argument);
  const width = argument < 0x100 ? 1 : argument < 0x1_0000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8;
  const head = new Uint8Array(1 + width);
  head[0] = top | (24 + Math.log2(width));
  let rest = argument;
  for (let index = width; index > 0; index -= 1) {
    head[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return head;
}

/** Refuses what is not one well-formed item of the allowed forms. */
export function checkFraming(bytes: Uint8Array): void {
  let at = 0;
  const open = [1]; // items still expected at each level
  while (open.length > 0) {
    const level = open.length - 1;
    const left = open[level] as number;
    if (left === 0) {
      open.pop();
      continue;
    }
    open[level] = left - 1;
    const head = readHead(bytes, at);
    at = head.end;
    let children = 0;
    switch (head.major) {
      case Major.unsigned:
      case Major.negative:
        if (head.argument > MAX_INTEGER) throw new DecodeError("form");
        break;
      case Major.bytes:
      case Major.text:
        if (head.argument > bytes.length - at) throw new DecodeError("framing");
        at += head.argument;
        break;
      case Major.array:
        children = head.argument;
        break;
      case Major.map:
        children = 2 * head.argument;
        break;
      case Major.tag:
        children = 1;
        break;
      default:
        if (head.argument !== FALSE && head.argument !== TRUE) throw new DecodeError("form");
    }
    if (children > bytes.length - at) throw new DecodeError("framing"); // every child takes at least one byte
    if (children > 0) {
      if (open.length > MAX_DEPTH) throw new DecodeError("too-deep");
      open.push(children);
    }
  }
  if (at !== bytes.length) throw new DecodeError("framing");
}
