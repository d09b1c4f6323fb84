// How content, manifest and header are bound to each other.
//
// Invariant: `openManifest` returns a manifest only if the header commits to exactly these bytes and both name the
// same envelope, sender and recipient; so a letter cannot be forwarded, re-signed or put under another header
// without being recognised. Encryption itself is `age/`. Specification: docs/format/envelope.md, "Opening".

import { AgeHeaderError } from "../age/error.ts";
import { Header } from "../age/header.ts";
import {
  type ContentHash,
  type PayloadHash,
  hashAgeHeader,
  hashManifest,
} from "../ids.ts";
import type { EnvelopeHeader } from "../statement/header.ts";
import { type Manifest, ManifestError, decodeManifest } from "./manifest.ts";

/** Why content does not belong to a header; with `content-` in front, the vectors' names. */
export type ContentReason =
  | "manifest-hash"
  | "manifest"
  | "envelope-id"
  | "sender"
  | "recipient"
  | "attachment-count"
  | "attachment"
  | "age-header"
  | "payload"
  | "stanzas"
  | "part-count";

/** Content that does not belong to a header. Nothing of it may be shown. */
export class ContentError extends Error {
  override readonly name = "ContentError";

  constructor(
    readonly reason: ContentReason,
    /** Which part or attachment, from 0. */
    readonly index = 0,
    options?: ErrorOptions,
  ) {
    super(`content does not belong to the signed header: ${reason}`, options);
  }
}

/** Accepts the plaintext of part 0 as the manifest of this header. Throws `ContentError`. */
export function openManifest(header: EnvelopeHeader, plaintext: Uint8Array): Manifest {
  if (hashManifest(plaintext) !== header.manifest) throw new ContentError("manifest-hash");
  let manifest: Manifest;
  try {
    manifest = decodeManifest(plaintext);
  } catch (cause) {
    if (cause instanceof ManifestError) throw new ContentError("manifest", 0, { cause });
    throw cause;
  }
  if (manifest.envelopeId !== header.envelopeId) throw new ContentError("envelope-id");
  if (manifest.sender !== header.sender) throw new ContentError("sender");
  if (manifest.recipient !== header.recipient) throw new ContentError("recipient");
  if (manifest.attachments.length + 1 !== header.parts.length) throw new ContentError("attachment-count");
  return manifest;
}

/** Accepts an attachment's plaintext by its blinded hash and length. Throws `ContentError`. */
export function checkAttachment(manifest: Manifest, index: number, content: ContentHash, size: number): void {
  const named = manifest.attachments[index];
  if (named?.content !== content || named.size !== size) throw new ContentError("attachment", index);
}

/**
 * Accepts age headers as those that the envelope header names, each with exactly one hybrid stanza per age recipient
 * of the party and none else. Needs no key. Throws `ContentError`.
 */
export function checkAgeHeaders(
  header: EnvelopeHeader,
  ageHeaders: readonly Uint8Array[],
  recipients: number,
): readonly Header[] {
  if (ageHeaders.length !== header.parts.length) throw new ContentError("part-count");
  return header.parts.map(([hash, length], index) => {
    const bytes = ageHeaders[index] as Uint8Array;
    if (bytes.length !== length || hashAgeHeader(bytes) !== hash) throw new ContentError("age-header", index);
    try {
      const parsed = Header.parseWhole(bytes);
      if (parsed.hasHybridStanzas(recipients)) return parsed;
    } catch (cause) {
      if (!(cause instanceof AgeHeaderError)) throw cause;
    }
    throw new ContentError("stanzas", index);
  });
}

/** Accepts a payload as the one that the envelope header names. Throws `ContentError`. */
export function checkPayload(header: EnvelopeHeader, index: number, hash: PayloadHash, length: number): void {
  const named = header.parts[index];
  if (named === undefined || named[2] !== hash || named[3] !== length) throw new ContentError("payload", index);
}
