// An attachment of any size: fetched as ciphertext onto this device, checked against the signed hash, then decrypted.
//
// Invariant: the blob is handed out only after the last chunk and the signed hash of the text fitted. Its pieces are the
// browser's, which keeps large ones outside the page's memory.

import type { OpenedLetter } from "../../client/read.ts";
import type { Stage } from "../../client/content.ts";
import { fill, h } from "../dom/element.ts";
import { button } from "../dom/parts.ts";
import { size, t } from "../language.ts";

/** Text gathered before it becomes a piece of the blob, in bytes. */
const PIECE = 4 << 20;
/** From this length on a person may want to stop it, in bytes. */
const LONG = 4 << 20;

export function isCancelled(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Where it is seen and heard how far it is. */
export interface Places {
  readonly place: Element;
  readonly said: Element;
}

/** Decrypts attachment `index`. */
export async function decryptWithProgress({ place, said }: Places, letter: OpenedLetter, index: number): Promise<Blob> {
  const controller = new AbortController();
  const bar = h("progress", { max: 1, value: 0, "aria-label": t("Fortschritt", "Progress") });
  const long = (letter.manifest.attachments[index]?.size ?? 0) >= LONG;
  fill(place, bar, long ? button(t("Abbrechen", "Cancel"), () => controller.abort(), "tertiary") : null);
  let shown: Stage | undefined;
  const progress = (stage: Stage, done: number, total: number): void => {
    bar.value = total === 0 ? 1 : done / total;
    if (shown === stage) return;
    shown = stage;
    said.textContent = words(stage, total);
  };
  const pieces: Blob[] = [];
  let texts: Uint8Array[] = [];
  let gathered = 0;
  const gather = (): void => {
    pieces.push(new Blob(texts as BlobPart[]));
    texts = [];
    gathered = 0;
  };
  await letter.attachment(index, (text) => {
    texts.push(text);
    gathered += text.length;
    if (gathered >= PIECE) gather();
  }, { progress, signal: controller.signal });
  gather();
  fill(place);
  fill(said);
  return new Blob(pieces);
}

function words(stage: Stage, total: number): string {
  switch (stage) {
    case "fetch": return t(`Wird geholt (${size(total)}), noch verschlüsselt …`, `Fetching (${size(total)}), still encrypted …`);
    case "check": return t("Wird mit dem verglichen, was unterschrieben wurde …", "Comparing with what was signed …");
    case "decrypt": return t("Wird entschlüsselt …", "Decrypting …");
  }
}
