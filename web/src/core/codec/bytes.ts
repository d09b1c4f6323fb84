// Byte strings and their text forms: hexadecimal, base64, UTF-8.
//
// Invariant: each reader accepts exactly what its writer writes. Hexadecimal is lower case; base64 is RFC 4648 §4,
// canonical, with or without padding as the name says. Specification: docs/format/encoding.md, "Identifiers".

const utf8Encoder = new TextEncoder();
/** Keeps a byte order mark: texts are stored as they were typed. */
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The pieces one after the other. */
export function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** Whether both hold the same bytes. Not for secrets: see `equalInConstantTime`. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Whether both hold the same bytes, without a branch that depends on them. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= (a[index] as number) ^ (b[index] as number);
  return difference === 0;
}

export function utf8(text: string): Uint8Array {
  return utf8Encoder.encode(text);
}

/** The text of `bytes`, or nothing if they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** The bytes of lower-case hexadecimal digits, or nothing. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/** Bytes that become text at once; longer argument lists overflow the stack. */
const TEXT_STEP = 0x2000;

/** Padded base64 (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += TEXT_STEP) {
    text += String.fromCharCode(...bytes.subarray(at, at + TEXT_STEP));
  }
  return btoa(text);
}

/** The bytes of canonical, padded base64, or nothing. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  let decoded: string;
  try {
    decoded = atob(text);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(decoded.length);
  for (let index = 0; index < decoded.length; index += 1) bytes[index] = decoded.charCodeAt(index);
  // The last digit may hold bits that no byte takes: only their zero form is canonical.
  const tail = bytes.subarray(bytes.length - (bytes.length % 3));
  return tail.length === 0 || text.endsWith(toBase64(tail)) ? bytes : undefined;
}

/** Base64 without padding, as age headers use it. */
export function toBase64Unpadded(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/=+$/, "");
}

/** The bytes of canonical base64 without padding, or nothing. */
export function fromBase64Unpadded(text: string): Uint8Array | undefined {
  if (text.includes("=") || text.length % 4 === 1) return undefined;
  return fromBase64(text + "=".repeat((4 - (text.length % 4)) % 4));
}
