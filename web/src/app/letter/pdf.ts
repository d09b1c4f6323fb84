// PDFs, drawn by pdf.js with a text layer for screen readers and selection. Loaded when the first PDF is opened.
//
// Invariants: scripts inside a PDF are never run; the worker is our own file (Trusted Types policy); at most
// `MAX_PAGES` pages are drawn, the rest is for the device's own viewer.

import { GlobalWorkerOptions, TextLayer, getDocument } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { fill, h } from "../dom/element.ts";
import { paragraph } from "../dom/parts.ts";
import { t } from "../language.ts";
import { trustedWorker } from "../trusted.ts";

const MAX_PAGES = 60;
/** Pixels drawn for each of CSS: sharp on phones, bounded in memory. */
const MAX_DENSITY = 2;

export async function renderPdf(place: Element, content: Uint8Array, name: string): Promise<void> {
  GlobalWorkerOptions.workerPort ??= trustedWorker(workerUrl);
  const task = getDocument({ data: content.slice(), isEvalSupported: false, useWasm: false, enableXfa: false, stopAtErrors: false });
  const document = await task.promise;
  const shown = Math.min(document.numPages, MAX_PAGES);
  const pages = h("div", { role: "document", "aria-label": name });
  for (let number = 1; number <= shown; number += 1) {
    const page = await document.getPage(number);
    const width = Math.max(260, Math.min(place.clientWidth, 800));
    const scale = width / page.getViewport({ scale: 1 }).width;
    const viewport = page.getViewport({ scale });
    const density = Math.min(devicePixelRatio, MAX_DENSITY);
    const canvas = h("canvas", { "aria-hidden": "true" });
    canvas.width = Math.floor(viewport.width * density);
    canvas.height = Math.floor(viewport.height * density);
    const text = h("div", { class: "textLayer" });
    const frame = h("div", { class: "pdf-page", role: "group", "aria-label": t(`Seite ${number} von ${document.numPages}`, `Page ${number} of ${document.numPages}`) }, canvas, text);
    frame.style.width = `${viewport.width}px`;
    frame.style.setProperty("--scale-factor", String(scale));
    frame.style.setProperty("--total-scale-factor", String(scale));
    pages.append(frame);
    await page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] }).promise;
    await new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render();
  }
  const more = document.numPages > shown ? paragraph(t("Weitere Seiten: Datei speichern und öffnen.", "Further pages: save and open the file.")) : null;
  fill(place, pages, more);
}
