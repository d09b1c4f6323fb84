// TSTInfo: what the authority signed (RFC 3161 section 2.4.2).

import { toHex } from "../codec/bytes.ts";
import type { UnixMillis } from "../ids.ts";
import { type Elements, Malformed, Tag, algorithm, context, contextPrimitive, inside, readElement } from "./der.ts";
import { type HashName, hashNamed } from "./hash.ts";
import { genTime } from "./time.ts";

/** Longest serial number, in bytes: 160 bits and a sign. */
const MAX_SERIAL = 21;
/** Longest nonce that is read, in bytes. */
const MAX_NONCE = 64;

/** What is used of it. */
export interface TstInfo {
  /** None where the imprint's hash is not one of ours. */
  readonly hash: HashName | undefined;
  readonly imprint: Uint8Array;
  /** In hexadecimal. */
  readonly serial: string;
  readonly at: UnixMillis;
  /** In microseconds; 0 where the authority claims none. */
  readonly accuracyMicros: number;
  /** Whether it has a critical extension, of which we know none. */
  readonly hasCriticalExtension: boolean;
}

/** Throws `Malformed`. */
export function readTstInfo(bytes: Uint8Array): TstInfo {
  const name = "TSTInfo";
  const info = inside(readElement(bytes, Tag.sequence, name), name);
  if (info.small() !== 1) throw new Malformed(name);
  info.oid(); // the authority's policy
  const messageImprint = info.sequence("MessageImprint");
  const hash = hashNamed(algorithm(messageImprint));
  const imprint = messageImprint.next(Tag.octetString).content;
  messageImprint.end();
  const serial = info.integer();
  const at = genTime(info.next(Tag.generalizedTime).content);
  const accuracy = info.optional(Tag.sequence);
  const accuracyMicros = accuracy === undefined ? 0 : microseconds(inside(accuracy, "Accuracy"));
  info.flag(); // ordering: we order by the log
  const nonce = info.optional(Tag.integer);
  info.optional(context(0)); // tsa: a hint, the signed certificate hash decides
  const extensions = info.optional(context(1));
  const hasCriticalExtension = extensions !== undefined && anyCritical(inside(extensions, "Extensions"));
  info.end();
  if (serial.length > MAX_SERIAL || (nonce?.content.length ?? 0) > MAX_NONCE) throw new Malformed(name);
  return { hash, imprint, serial: toHex(serial), at, accuracyMicros, hasCriticalExtension };
}

/** Accuracy: seconds, then milli- and microseconds from 1 to 999. */
function microseconds(accuracy: Elements): number {
  const first = accuracy.optional(Tag.integer);
  const seconds = first === undefined ? 0 : number(first.content);
  const part = (tag: number): number => {
    const found = accuracy.optional(contextPrimitive(tag));
    if (found === undefined) return 0;
    const value = number(found.content);
    if (value < 1 || value > 999) throw new Malformed("Accuracy");
    return value;
  };
  const [millis, micros] = [part(0), part(1)];
  accuracy.end();
  return seconds * 1_000_000 + millis * 1000 + micros;
}

/** An INTEGER from 0 to 2^31 − 1 by its content. */
function number(content: Uint8Array): number {
  const [first, second] = content;
  const isMinimal = first !== undefined && first < 0x80 && !(first === 0 && second !== undefined && second < 0x80);
  if (!isMinimal || content.length > 4) throw new Malformed("Accuracy");
  return content.reduce((value, byte) => value * 256 + byte, 0);
}

function anyCritical(extensions: Elements): boolean {
  for (let extension = extensions.any(); extension !== undefined; extension = extensions.any()) {
    const elements = inside(extension, "Extension");
    elements.oid();
    if (elements.flag()) return true;
  }
  return false;
}
