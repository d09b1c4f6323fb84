// The manifest: what a letter says, encrypted as part 0.
//
// It names envelope id, sender and recipient, so a letter that is encrypted again for somebody else, or put under
// another header, is recognised. Specification: docs/format/envelope.md, "Manifest".

import { address } from "../addresses/address.ts";
import { utf8 } from "../codec/bytes.ts";
import { decode } from "../codec/canonical.ts";
import { DecodeError } from "../codec/error.ts";
import { type Infer, array, bytes, codes, encode, optional, struct, text, uint } from "../codec/type.ts";
import { type ManifestHash, blind, contentHash, envelopeId, hashManifest, statementHash } from "../ids.ts";
import { RuleError, checkCount, checkExtensions, checkText, extensions, isWellFormed } from "../statement/common.ts";
import { MAX_PARTS } from "../statement/header.ts";

export const MANIFEST_VERSION = 1;
/** Largest manifest, in bytes: text and padding included. */
export const MAX_MANIFEST = 1 << 20;
/** Most attachments of a letter. */
export const MAX_ATTACHMENTS = MAX_PARTS - 1;
/** Longest subject, in bytes. */
export const MAX_SUBJECT = 500;
/** Longest text, in bytes. */
export const MAX_TEXT = 512 * 1024;
/** Longest file name and media type, in bytes. */
export const MAX_FILE_NAME = 255;
/** Manifests are padded to a multiple of this, so that their size says little. */
const PADDING_STEP = 512;
const MAX_ACT_TEXT = 500;
const MAX_CO_ADDRESSEES = 64;

export const replies = codes({ answered: 1, unmonitored: 2 });
/** Whether somebody reads replies. */
export type Replies = Infer<typeof replies>;

const attachment = struct({
  /** File name as the sender gave it. Never used as a path without cleaning. */
  name: text,
  mediaType: text,
  /** Hash of blind and plaintext. */
  content: contentHash,
  blind,
  /** Plaintext length in bytes. */
  size: uint,
});
/** One attached file; attachment i is part i + 1. */
export type Attachment = Infer<typeof attachment>;

const remedy = struct({
  kind: text,
  body: text,
  /** The period in words. */
  period: text,
  /** The legal basis. */
  rule: text,
  /** The last day as the authority states it, `YYYY-MM-DD`. */
  until: optional(text),
});
/** How a decision can be contested, as the authority states it (Rechtsbehelfsbelehrung). */
export type Remedy = Infer<typeof remedy>;

const amount = struct({ minorUnits: uint, currency: text });
export type Amount = Infer<typeof amount>;

const act = struct({
  kind: text,
  fileNumber: text,
  remedy: optional(remedy),
  amount: optional(amount),
  contact: optional(text),
});
/** The administrative act that a letter contains. */
export type Act = Infer<typeof act>;

const letterSet = struct({ id: envelopeId, coAddressees: array(address) });
/** One letter that goes to several people. */
export type LetterSet = Infer<typeof letterSet>;

export const manifest = struct({
  version: uint,
  blind,
  envelopeId,
  sender: address,
  recipient: address,
  subject: text,
  /** Possibly empty. */
  text,
  attachments: array(attachment),
  /** Zeros that round the size up. */
  padding: bytes,
  inReplyTo: optional(statementHash),
  replies: optional(replies),
  act: optional(act),
  set: optional(letterSet),
  ext: optional(extensions),
  /** The letter whose archive copy this is, in an envelope to oneself. */
  copyOf: optional(statementHash),
});
/** What a letter says. */
export type Manifest = Infer<typeof manifest>;

/** Why bytes are no manifest; named as in the vectors. */
export type ManifestReason = `encoding/${DecodeError["reason"]}` | `rule/${RuleError["rule"]}`;

export class ManifestError extends Error {
  override readonly name = "ManifestError";

  constructor(
    readonly reason: ManifestReason,
    options?: ErrorOptions,
  ) {
    super(`not a valid manifest: ${reason}`, options);
  }
}

/** Checks, pads and encodes: the plaintext of part 0 and its hash. Throws `ManifestError`. */
export function encodeManifest(value: Omit<Manifest, "padding" | "version">): {
  bytes: Uint8Array;
  hash: ManifestHash;
} {
  const bare: Manifest = { ...value, version: MANIFEST_VERSION, padding: new Uint8Array(0) };
  const room = (PADDING_STEP - (encode(manifest, bare).length % PADDING_STEP)) % PADDING_STEP;
  // The length prefix of the padding takes 0 to 2 further bytes, depending on its size.
  const padding = new Uint8Array(room < 24 ? room : room <= 256 ? room - 1 : room - 2);
  const padded = { ...bare, padding };
  withReason(() => checkManifest(padded));
  const encoded = encode(manifest, padded);
  if (encoded.length > MAX_MANIFEST) throw new ManifestError("encoding/too-large");
  return { bytes: encoded, hash: hashManifest(encoded) };
}

/** Decodes the plaintext of part 0 and checks its rules. Throws `ManifestError`. */
export function decodeManifest(plaintext: Uint8Array): Manifest {
  return withReason(() => {
    const decoded = decode(manifest, plaintext, MAX_MANIFEST);
    checkManifest(decoded);
    return decoded;
  });
}

function withReason<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof DecodeError) throw new ManifestError(`encoding/${cause.reason}`, { cause });
    if (cause instanceof RuleError) throw new ManifestError(`rule/${cause.rule}`, { cause });
    throw cause;
  }
}

function checkManifest(value: Manifest): void {
  if (value.version !== MANIFEST_VERSION) throw new RuleError("range", "manifest version");
  checkText("subject", value.subject, MAX_SUBJECT);
  if (utf8(value.text).length > MAX_TEXT || value.text.includes("\0") || !isWellFormed(value.text)) {
    throw new RuleError("text", "text");
  }
  checkCount("attachments", value.attachments.length, 0, MAX_ATTACHMENTS);
  for (const { name, mediaType } of value.attachments) {
    checkText("file name", name, MAX_FILE_NAME);
    checkText("media type", mediaType, MAX_FILE_NAME);
  }
  if (value.padding.length > PADDING_STEP || value.padding.some((byte) => byte !== 0)) {
    throw new RuleError("range", "padding");
  }
  if (value.act !== undefined) checkAct(value.act);
  if (value.set !== undefined) checkCount("co-addressees", value.set.coAddressees.length, 1, MAX_CO_ADDRESSEES);
  checkExtensions(value.ext);
}

function checkAct(value: Act): void {
  checkText("kind of act", value.kind, MAX_ACT_TEXT);
  checkText("file number", value.fileNumber, MAX_ACT_TEXT);
  if (value.remedy !== undefined) {
    checkText("kind of remedy", value.remedy.kind, MAX_ACT_TEXT);
    checkText("body of remedy", value.remedy.body, MAX_ACT_TEXT);
    checkText("period of remedy", value.remedy.period, MAX_ACT_TEXT);
    checkText("rule of remedy", value.remedy.rule, MAX_ACT_TEXT);
    if (value.remedy.until !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(value.remedy.until)) {
      throw new RuleError("text", "last day of remedy");
    }
  }
  if (value.amount !== undefined && !/^[A-Z]{3}$/.test(value.amount.currency)) throw new RuleError("text", "currency");
  if (value.contact !== undefined) checkText("contact", value.contact, MAX_ACT_TEXT);
}
