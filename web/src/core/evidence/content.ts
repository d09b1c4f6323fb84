// Age headers and the opened manifest, checked without any private key.

import { Header } from "../age/header.ts";
import { openPayload } from "../age/file.ts";
import { checkAgeHeaders, checkPayload, openManifest } from "../envelope/content.ts";
import type { Manifest } from "../envelope/manifest.ts";
import { hashPayload } from "../ids.ts";
import type { EnvelopeHeader } from "../statement/header.ts";
import { withCause } from "./causes.ts";
import type { OpenedPart } from "./file.ts";
import { notProven } from "./outcome.ts";
import type { KeyHistory } from "./parties.ts";

/**
 * The age headers are those that the header names, each with one stanza for each age recipient of the key statement that
 * the header names.
 */
export function checkHeaders(header: EnvelopeHeader, ageHeaders: readonly Uint8Array[], recipient: KeyHistory): void {
  const { recipients } = recipient.at(recipient.position(header.recipientKeys)).payload;
  withCause(() => checkAgeHeaders(header, ageHeaders, recipients.length));
}

/**
 * Opens part 0 with the disclosed file key: header MAC, payload hash, STREAM, manifest hash, and the names inside.
 */
export function open(header: EnvelopeHeader, ageHeaders: readonly Uint8Array[], opened: OpenedPart): Manifest {
  return withCause(() => {
    checkPayload(header, 0, hashPayload(opened.payload), opened.payload.length);
    const [bytes] = ageHeaders;
    if (bytes === undefined) throw notProven("age-headers-missing");
    const fileKey = Header.parse(bytes).acceptDisclosed(opened.fileKey);
    return openManifest(header, openPayload(fileKey, opened.payload));
  });
}
