// Saving decrypted content to the device, as a download that no browser opens inside these pages.
//
// Invariant: the media type is one that is never run; the name was cleaned (`plain-text.ts`).

import { h } from "../dom/element.ts";

/** How long the browser may take to read the content before its address ends, in milliseconds. */
const READ_TIME = 60_000;
const INERT = new Set(["application/pdf", "text/calendar", "image/png", "image/jpeg", "application/json", "text/plain"]);

export function saveAs(content: Uint8Array, name: string, mediaType: string): void {
  const type = INERT.has(mediaType) ? mediaType : "application/octet-stream";
  saveBlob(new Blob([content as BlobPart], { type }), name);
}

/** Saves what the browser holds already; its type is the blob's. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), READ_TIME);
}
