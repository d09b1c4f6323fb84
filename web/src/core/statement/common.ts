// What statements share: context, extensions, and the rules on texts, counts and order.
//
// Specification: docs/format/statements.md, "Context", "Extensions", "Reasons".

import { utf8 } from "../codec/bytes.ts";
import { type Infer, array, bool, bytes, codes, struct, text, tuple, uint } from "../codec/type.ts";
import { blind, unixMillis } from "../ids.ts";

/** Longest log origin, in bytes. */
export const MAX_ORIGIN = 255;
/** Most reasons in one statement. */
export const MAX_REASONS = 8;
/** The longest signed checkpoint that a statement carries, in bytes. */
export const MAX_CHECKPOINT = 8 * 1024;
const MAX_EXTENSIONS = 16;
const MAX_EXTENSION_VALUE = 4096;
const MAX_EXTENSION_BYTES = 8192;

/** The rules that payloads break, named as in docs/format/vectors. */
export type RuleName = "text" | "count" | "order" | "contradiction" | "key" | "range" | "critical-extension";

const RULE_TEXTS: Record<RuleName, string> = {
  text: "is empty, too long, or contains characters that are not allowed",
  count: "has too few or too many entries",
  order: "must be sorted without duplicates",
  contradiction: "contradict each other",
  key: "is weak, not canonically encoded, or outside the prime-order group",
  range: "is outside its range",
  "critical-extension": "is a critical extension that is not known here; update the software",
};

/** A payload that breaks a rule of its kind. */
export class RuleError extends Error {
  override readonly name = "RuleError";

  constructor(
    readonly rule: RuleName,
    /** Which field, or what contradicts. */
    readonly what: string,
  ) {
    super(`${what} ${RULE_TEXTS[rule]}`);
  }
}

/** Where, when and how unguessably a statement was made. */
export const context = struct({
  /** Origin of the log for which the statement is made: it counts nowhere else. */
  origin: text,
  /** Epoch of that log, from 1. */
  epoch: uint,
  /** When the signer says it was made. Decides nothing: log order does. */
  time: unixMillis,
  /** Randomness, so that equal statements have unequal log entries. */
  blind,
});
export type Context = Infer<typeof context>;

/** `[id, critical, value]`. */
export const extensions = array(tuple(uint, bool, bytes));
export type Extensions = Infer<typeof extensions>;

export const reason = codes({
  "not-decryptable": 1,
  "content-mismatch": 2,
  incomplete: 3,
  refused: 4,
  "withdrawn-by-sender": 5,
  "address-ended": 6,
  "sent-in-error": 7,
  "key-lost": 8,
  superseded: 9,
  "notification-refused": 10,
  "notification-returned": 11,
  "notification-expired": 12,
});
/** Why a negative event happened. */
export type Reason = Infer<typeof reason>;

export function checkContext(value: Context): void {
  checkText("origin", value.origin, MAX_ORIGIN);
  if (value.epoch === 0) throw new RuleError("range", "epoch");
}

/** No extension is defined yet: a critical one is refused, another one is kept. */
export function checkExtensions(value: Extensions | undefined): void {
  if (value === undefined) return;
  checkCount("ext", value.length, 1, MAX_EXTENSIONS);
  checkAscending("ext", value, ([a], [b]) => a - b);
  let total = 0;
  for (const [id, critical, content] of value) {
    if (critical) throw new RuleError("critical-extension", `extension ${id}`);
    if (content.length > MAX_EXTENSION_VALUE) throw new RuleError("range", "extension value");
    total += content.length;
  }
  if (total > MAX_EXTENSION_BYTES) throw new RuleError("range", "extension values");
}

/** Accepts texts of 1 to `max` bytes without control characters (Unicode category Cc). */
export function checkText(what: string, value: string, max: number): void {
  const length = utf8(value).length;
  if (length === 0 || length > max || /\p{Cc}/u.test(value) || !isWellFormed(value)) {
    throw new RuleError("text", what);
  }
}

/** Whether a text has no lone surrogate: one would be written as another character. */
export function isWellFormed(value: string): boolean {
  return !/\p{Cs}/u.test(value);
}

export function checkCount(what: string, count: number, min: number, max: number): void {
  if (count < min || count > max) throw new RuleError("count", what);
}

/** Accepts items each of which is greater than the one before. */
export function checkAscending<T>(what: string, items: readonly T[], compare: (a: T, b: T) => number): void {
  const sorted = items.every((item, index) => index === 0 || compare(items[index - 1] as T, item) < 0);
  if (!sorted) throw new RuleError("order", what);
}

/** Order of texts in hexadecimal, which is that of their bytes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Accepts two parties that are not the same. */
export function checkDistinct(a: string, b: string): void {
  if (a === b) throw new RuleError("contradiction", "two parties that are the same address");
}
