// The letter's code, the recovery sheet's secret and the code of a joining device, and what is derived from them.
//
// The code never travels: claims carry its id and an HMAC under a key from it, neither of which lets the server
// claim another key. Specification: docs/format/enrolment.md, "Keys from the code", "Recovery
// sheet"; docs/format/vault.md.

import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Random } from "../age/file-key.ts";
import { concat, equalInConstantTime, utf8 } from "../codec/bytes.ts";
import { type ClaimMac, type CodeId, type StatementHash, claimMac, codeId, idBytes } from "../ids.ts";
import { SigningKey } from "../keys/signing-key.ts";
import { type PaperForm, readPaper, writePaper } from "./paper.ts";

const CODE_FORM: PaperForm = { secret: 16, check: 4 };
const SHEET_FORM: PaperForm = { secret: 20, check: 5 };

function expand(secret: Uint8Array, info: string, length: number): Uint8Array {
  return hkdf(sha256, secret, undefined, utf8(info), length);
}

/** The code of an activation letter: 128 random bits, 32 characters on paper. */
export class ActivationCode {
  readonly #secret: Uint8Array;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  static generate(random: Random): ActivationCode {
    return new ActivationCode(random(CODE_FORM.secret));
  }

  /** Reads a code as people type it. Throws `PaperError`. */
  static parse(text: string): ActivationCode {
    return new ActivationCode(readPaper(CODE_FORM, text));
  }

  /** The code as printed: eight groups of four. */
  toPaper(): string {
    return writePaper(CODE_FORM, this.#secret);
  }

  /** Names the code without revealing it. */
  get id(): CodeId {
    return codeId.of(expand(this.#secret, "postfach/code-id/v1", codeId.length));
  }

  /** The proof that a claim carries. */
  claimMac(keyStatement: StatementHash, origin: string): ClaimMac {
    const key = expand(this.#secret, "postfach/code-mac/v1", 32);
    return claimMac.of(hmac(sha256, key, concat(idBytes(keyStatement), utf8(origin))));
  }

  /** Whether a claim was made with this letter's code for this key, in constant time. */
  verifiesClaim(keyStatement: StatementHash, origin: string, mac: ClaimMac): boolean {
    return equalInConstantTime(idBytes(this.claimMac(keyStatement, origin)), idBytes(mac));
  }

  toJSON(): string {
    return "ActivationCode(secret)";
  }
}

/** The secret of a recovery sheet: 160 random bits, 40 characters on paper. */
export class RecoverySecret {
  readonly #secret: Uint8Array;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  static generate(random: Random): RecoverySecret {
    return new RecoverySecret(random(SHEET_FORM.secret));
  }

  /** Reads a secret as people type it. Throws `PaperError`. */
  static parse(text: string): RecoverySecret {
    return new RecoverySecret(readPaper(SHEET_FORM, text));
  }

  /** The secret as printed: ten groups of four. */
  toPaper(): string {
    return writePaper(SHEET_FORM, this.#secret);
  }

  /** The key that can replace all other keys of the address. */
  recoveryKey(): SigningKey {
    return SigningKey.fromSeed(this.derive("postfach/recovery-key/v1", 32));
  }

  /** Key material under another label, for a vault: labels never share a key. */
  derive(label: string, length: number): Uint8Array {
    return expand(this.#secret, label, length);
  }

  toJSON(): string {
    return "RecoverySecret(secret)";
  }
}

/** What a joining device shows: 128 random bits, 32 characters, for one use within minutes. */
export class JoiningCode {
  readonly #secret: Uint8Array;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  static generate(random: Random): JoiningCode {
    return new JoiningCode(random(CODE_FORM.secret));
  }

  /** The code with this secret. */
  static of(secret: Uint8Array): JoiningCode {
    if (secret.length !== CODE_FORM.secret) throw new RangeError(`a code has ${CODE_FORM.secret} bytes`);
    return new JoiningCode(secret.slice());
  }

  /** Reads a code as people type it. Throws `PaperError`. */
  static parse(text: string): JoiningCode {
    return new JoiningCode(readPaper(CODE_FORM, text));
  }

  /** The code as shown: eight groups of four. */
  toPaper(): string {
    return writePaper(CODE_FORM, this.#secret);
  }

  /** Key material for the vault through which the device joins. */
  derive(label: string, length: number): Uint8Array {
    return expand(this.#secret, label, length);
  }

  toJSON(): string {
    return "JoiningCode(secret)";
  }
}
