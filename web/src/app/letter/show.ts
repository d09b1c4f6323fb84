// A decrypted file, shown: PDFs by pdf.js, pictures as such, nothing else.
//
// Invariant: HTML, SVG and scripts are never run, whatever they call themselves: shown are only files that begin as PDF,
// PNG or JPEG files do.

import { fill, h } from "../dom/element.ts";

export type Shown = "application/pdf" | "image/png" | "image/jpeg";

/** What `sniff` looks at, in bytes. */
export const LONGEST_MARK = 8;

/** What a file is, by its first bytes. */
export function sniff(content: Uint8Array): Shown | undefined {
  const begins = (...bytes: number[]): boolean => bytes.every((byte, index) => content[index] === byte);
  if (begins(0x25, 0x50, 0x44, 0x46, 0x2d)) return "application/pdf";
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (begins(0xff, 0xd8, 0xff)) return "image/jpeg";
  return undefined;
}

/** Shows a file in `place`: as what, and whether all of it is there. */
export async function showFile(place: Element, content: Uint8Array, name: string): Promise<{ readonly shown: Shown | undefined; readonly whole: boolean }> {
  const shown = sniff(content);
  if (shown === undefined) return { shown, whole: false };
  if (shown === "application/pdf") {
    const { renderPdf } = await import("./pdf.ts");
    return { shown, whole: await renderPdf(place, content, name) };
  }
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type: shown }));
  const picture = h("img", { src: url, alt: name, class: "picture" });
  picture.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
  fill(place, picture);
  return { shown, whole: true };
}
