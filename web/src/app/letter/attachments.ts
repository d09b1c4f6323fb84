// Attachments: PDFs and pictures are shown, everything else is saved.
//
// Invariant: what is shown or saved passed its last chunk and its signed hash (`client/read.ts`).

import type { OpenedLetter } from "../../client/read.ts";
import type { Attachment } from "../../core/envelope/manifest.ts";
import { fill, h } from "../dom/element.ts";
import { button, heading } from "../dom/parts.ts";
import { printOnly } from "../dom/print.ts";
import { failure } from "../failure.ts";
import { size, t } from "../language.ts";
import { fileName } from "../plain-text.ts";
import { decryptWithProgress, isCancelled } from "./decrypt.ts";
import { saveBlob } from "./save.ts";
import { LONGEST_MARK, showFile, sniff } from "./show.ts";

type Decrypted = (index: number, content: Blob) => void;

/** Largest file that is shown here, in bytes. */
const MAX_SHOWN = 64 << 20;

/** `decrypted` gets what was looked at or saved. */
export function attachments(letter: OpenedLetter, decrypted: Decrypted = () => undefined): HTMLElement | null {
  const { attachments: files } = letter.manifest;
  if (files.length === 0) return null;
  const rows = files.map((_, index) => row(letter, index, decrypted));
  return h("section", { "aria-labelledby": "files-title" }, h("div", { id: "files-title" }, heading(2, t("Anlagen", "Attachments"))), h("ul", { class: "files" }, rows));
}

/** Hands a file to another app of this device, where the browser can. */
function openElsewhere(content: Uint8Array, name: string, type: string): HTMLElement | null {
  const files = [new File([content as BlobPart], name, { type })];
  if (!("canShare" in navigator) || !navigator.canShare({ files })) return null;
  const share = (): Promise<void> => navigator.share({ files }).catch(() => undefined); // given up there
  return button(t("Öffnen mit …", "Open with …"), share, "tertiary");
}

function row(letter: OpenedLetter, index: number, decrypted: Decrypted): HTMLElement {
  const file = letter.manifest.attachments[index] as Attachment;
  const name = fileName(file.name, t(`Anlage ${index + 1}`, `attachment ${index + 1}`));
  const place = h("div", null);
  const more = h("span", null);
  const said = h("p", { class: "kern-body", role: "status" });
  let content: Promise<Blob> | undefined;
  const read = (): Promise<Blob> => {
    content ??= decryptWithProgress({ place, said }, letter, index).then(
      (blob) => {
        decrypted(index, blob);
        return blob;
      },
      (error: unknown) => {
        content = undefined; // the next attempt continues where this one ended
        throw error;
      },
    );
    return content;
  };
  const shown = (error: unknown): void => {
    const cancelled = isCancelled(error);
    fill(said, cancelled && t("Abgebrochen. Beim nächsten Mal geht es dort weiter.", "Cancelled. It continues there the next time."));
    fill(place, !cancelled && failure(error));
  };
  const show = async (): Promise<void> => {
    const bytes = new Uint8Array(await (await read()).arrayBuffer());
    const { shown: kind, whole } = await showFile(place, bytes, name);
    if (kind === undefined) fill(said, t("Diese Datei wird hier nicht gezeigt. Sie können sie speichern.", "This file is not shown here. You can save it."));
    else fill(more, whole ? button(t("Drucken", "Print"), () => printOnly(place), "tertiary") : null, openElsewhere(bytes, name, kind));
  };
  const save = async (): Promise<void> => {
    const blob = await read();
    const begin = new Uint8Array(await blob.slice(0, LONGEST_MARK).arrayBuffer());
    saveBlob(new Blob([blob], { type: sniff(begin) ?? "application/octet-stream" }), name);
    fill(said, t("Entschlüsselt und gespeichert.", "Decrypted and saved."));
  };
  return h("li", null,
    h("strong", null, name), ` (${size(file.size)})`,
    h("div", { class: "actions" },
      file.size > MAX_SHOWN ? null : button(t("Ansehen", "View"), show, "secondary", shown),
      button(t("Speichern", "Save"), save, "tertiary", shown), more),
    said,
    place);
}
