// Recipient stanzas: each wraps the file key for one recipient.
//
// Invariant: native stanzas are checked on parsing, whoever reads them: exact arguments and lengths, no low-order
// share. Specification: docs/format/age.md, rules 4 and 5.

import { fromBase64Unpadded, toBase64Unpadded } from "../codec/bytes.ts";
import { AgeHeaderError } from "./error.ts";
import { WRAPPED_KEY_BYTES } from "./file-key.ts";
import { ENC_BYTES, HYBRID_STANZA, type HybridWrapped } from "./hybrid.ts";
import { SALT_BYTES, SCRYPT_STANZA, type ScryptWrapped } from "./scrypt.ts";
import { POINT_BYTES, X25519_STANZA, type X25519Wrapped, isContributory } from "./x25519.ts";

/** A stanza of a native type, decoded. */
export type Wrapped = HybridWrapped | X25519Wrapped | ScryptWrapped;

export interface Stanza {
  /** All arguments, the type's name first. */
  readonly arguments: readonly string[];
  readonly body: Uint8Array;
  /** What it carries; absent for unknown types, which are skipped. */
  readonly wrapped: Wrapped | undefined;
}

/** Interprets arguments and body, whose grammar was checked. Throws `AgeHeaderError`. */
export function parseStanza(args: readonly string[], body: Uint8Array): Stanza {
  return { arguments: args, body, wrapped: parseWrapped(args, body) };
}

/** The stanza that carries this. */
export function writeStanza(wrapped: Wrapped): Stanza {
  return { arguments: [wrapped.type, ...writeArguments(wrapped)], body: wrapped.body, wrapped };
}

function parseWrapped([type, ...rest]: readonly string[], body: Uint8Array): Wrapped | undefined {
  switch (type) {
    case HYBRID_STANZA: {
      const enc = decodeArguments(rest, body, ENC_BYTES);
      checkShare(enc.subarray(-POINT_BYTES));
      return { type, enc, body };
    }
    case X25519_STANZA: {
      const share = decodeArguments(rest, body, POINT_BYTES);
      checkShare(share);
      return { type, share, body };
    }
    case SCRYPT_STANZA: {
      const [salt, logN, ...more] = rest;
      // %x31-39 *DIGIT: no sign, no leading zero.
      if (salt === undefined || logN === undefined || more.length > 0 || !/^[1-9][0-9]{0,2}$/.test(logN)) {
        throw new AgeHeaderError("stanza");
      }
      if (Number(logN) > 255) throw new AgeHeaderError("stanza");
      return { type, salt: decodeArguments([salt], body, SALT_BYTES), logN: Number(logN), body };
    }
    default:
      return undefined;
  }
}

function writeArguments(wrapped: Wrapped): readonly string[] {
  switch (wrapped.type) {
    case HYBRID_STANZA:
      return [toBase64Unpadded(wrapped.enc)];
    case X25519_STANZA:
      return [toBase64Unpadded(wrapped.share)];
    default:
      return [toBase64Unpadded(wrapped.salt), String(wrapped.logN)];
  }
}

/** One argument of `length` bytes; the body must be a wrapped key *before* anything is decrypted. */
function decodeArguments(args: readonly string[], body: Uint8Array, length: number): Uint8Array {
  const [argument, ...more] = args;
  const decoded = argument === undefined ? undefined : fromBase64Unpadded(argument);
  if (decoded?.length !== length || more.length > 0 || body.length !== WRAPPED_KEY_BYTES) {
    throw new AgeHeaderError("stanza");
  }
  return decoded;
}

function checkShare(share: Uint8Array): void {
  if (!isContributory(share)) throw new AgeHeaderError("low-order-share");
}
