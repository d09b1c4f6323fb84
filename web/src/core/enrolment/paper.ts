// Secrets that people read from paper and type: Crockford base32 in groups of four.
//
// A check value at the end catches typing errors before anything is sent. Reading ignores case, spaces and hyphens,
// and takes I and L for 1 and O for 0. Specification: docs/format/enrolment.md, "Codes on paper".

import { concat, equal } from "../codec/bytes.ts";
import { domainHash } from "../hash.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Digits beside which a hyphen stands. */
const GROUP = 4;

/** `form`: a character that codes do not use, or another length. `check`: a typing error. */
export type PaperReason = "form" | "check";

/** A text that is no code from paper. */
export class PaperError extends Error {
  override readonly name = "PaperError";

  constructor(readonly reason: PaperReason) {
    super(`not a code from paper: ${reason}`);
  }
}

/** Lengths of a kind of secret; together a multiple of five bytes. */
export interface PaperForm {
  readonly secret: number;
  readonly check: number;
}

export function writePaper(form: PaperForm, secret: Uint8Array): string {
  if (secret.length !== form.secret) throw new RangeError(`expected ${form.secret} bytes`);
  const bytes = concat(secret, checkValue(form, secret));
  let digits = "";
  for (let at = 0; at < bytes.length; at += 5) {
    const value = bytes.subarray(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    for (let place = 7; place >= 0; place -= 1) digits += ALPHABET[Math.floor(value / 32 ** place) % 32];
  }
  return (digits.match(new RegExp(`.{${GROUP}}`, "g")) ?? []).join("-");
}

/** Reads what `writePaper` wrote, as people type it. Throws `PaperError`. */
export function readPaper(form: PaperForm, text: string): Uint8Array {
  const letters = text.replace(/[- \n\r\t]/g, "");
  const bytes = new Uint8Array(form.secret + form.check);
  // Longer texts are refused before they are walked.
  if (letters.length !== (bytes.length / 5) * 8) throw new PaperError("form");
  for (let at = 0; at < bytes.length; at += 5) {
    let value = 0;
    for (const letter of letters.slice((at / 5) * 8, (at / 5) * 8 + 8)) value = value * 32 + digit(letter);
    for (let index = 4; index >= 0; index -= 1) {
      bytes[at + index] = value % 256;
      value = Math.floor(value / 256);
    }
  }
  const secret = bytes.slice(0, form.secret);
  if (!equal(bytes.subarray(form.secret), checkValue(form, secret))) throw new PaperError("check");
  return secret;
}

function digit(letter: string): number {
  // Only ASCII letters have another case here: "ı" and "ſ" are no digits.
  const upper = /[a-z]/.test(letter) ? letter.toUpperCase() : letter;
  const found = ALPHABET.indexOf(upper === "I" || upper === "L" ? "1" : upper === "O" ? "0" : upper);
  if (found < 0) throw new PaperError("form");
  return found;
}

function checkValue(form: PaperForm, secret: Uint8Array): Uint8Array {
  return domainHash("paper-check", secret).subarray(0, form.check);
}
