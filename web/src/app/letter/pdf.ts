// PDFs, drawn by pdf.js with a text layer for screen readers and selection. Loaded when the first PDF is opened.
//
// Invariants: scripts inside a PDF are never run; the worker is our own file (Trusted Types policy); at most
// `MAX_PAGES` pages are drawn, the rest is for the device's own viewer; the PDF's tags are kept (`structure.ts`).

import { GlobalWorkerOptions, type PDFDocumentProxy, type PDFPageProxy, TextLayer, getDocument } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { append, fill, h } from "../dom/element.ts";
import { paragraph } from "../dom/parts.ts";
import { t } from "../language.ts";
import { trustedWorker } from "../trusted.ts";
import { structureLayer } from "./structure.ts";

const MAX_PAGES = 60;
/** Pixels drawn for each of CSS: sharp on phones, bounded in memory. */
const MAX_DENSITY = 2;

/** How long the width must stay before everything is drawn anew (a turned phone), in milliseconds. */
const SETTLED = 200;
const NARROWEST = 160;
const WIDEST = 800;

/** How many times a PDF was drawn: the identifiers of its pages must differ. */
let drawn = 0;

/** Draws a PDF, and again when the width changes; answers whether all of its pages are there. */
export async function renderPdf(place: Element, content: Uint8Array, name: string): Promise<boolean> {
  GlobalWorkerOptions.workerPort ??= trustedWorker(workerUrl);
  const task = getDocument({ data: content.slice(), isEvalSupported: false, useWasm: false, enableXfa: false, stopAtErrors: false });
  const document = await task.promise;
  let width = place.clientWidth;
  let pages = await draw(document, width, name);
  fill(place, pages);
  let settling: ReturnType<typeof setTimeout> | undefined;
  const watching = new ResizeObserver(() => {
    clearTimeout(settling);
    settling = setTimeout(() => void again(), SETTLED);
  });
  const again = async (): Promise<void> => {
    if (!pages.isConnected) return watching.disconnect(); // something else is shown
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    const next = await draw(document, width, name);
    pages.replaceWith(next);
    pages = next;
  };
  watching.observe(place);
  return document.numPages <= MAX_PAGES;
}

async function draw(document: PDFDocumentProxy, room: number, name: string): Promise<HTMLElement> {
  drawn += 1;
  const shown = Math.min(document.numPages, MAX_PAGES);
  const pages = h("div", { role: "document", "aria-label": name });
  for (let number = 1; number <= shown; number += 1) {
    const label = t(`Seite ${number} von ${document.numPages}`, `Page ${number} of ${document.numPages}`);
    pages.append(await drawPage(await document.getPage(number), room, label));
  }
  if (document.numPages > shown) pages.append(paragraph(t("Weitere Seiten: Datei speichern und öffnen.", "Further pages: save and open the file.")));
  return pages;
}

async function drawPage(page: PDFPageProxy, room: number, label: string): Promise<HTMLElement> {
  const width = Math.max(NARROWEST, Math.min(room, WIDEST));
  const scale = width / page.getViewport({ scale: 1 }).width;
  const viewport = page.getViewport({ scale });
  const density = Math.min(devicePixelRatio, MAX_DENSITY);
  const canvas = h("canvas", { "aria-hidden": "true" });
  canvas.width = Math.floor(viewport.width * density);
  canvas.height = Math.floor(viewport.height * density);
  const text = h("div", { class: "textLayer" });
  const frame = h("div", { class: "pdf-page", role: "group", "aria-label": label }, canvas, text);
  frame.style.width = `${viewport.width}px`;
  frame.style.setProperty("--scale-factor", String(scale));
  frame.style.setProperty("--total-scale-factor", String(scale));
  await page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] }).promise;
  await new TextLayer({ textContentSource: page.streamTextContent({ includeMarkedContent: true }), container: text, viewport }).render();
  append(frame, [structureLayer(await page.getStructTree(), text, `pdf-${drawn}-`)]);
  return frame;
}
