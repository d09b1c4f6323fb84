// A QR code is read from a photograph: on phones the camera opens, elsewhere a file is chosen. The picture stays here.

import { h } from "../dom/element.ts";
import { t } from "../language.ts";

/** Longest side of the picture that is searched, in pixels: codes on paper are found in less. */
const MAX_SIDE = 1600;

let inputs = 0;

/** A field for a picture; `found` gets what its QR code holds, or nothing where there is none. */
export function scanField(label: string, found: (text: string | undefined) => void, shown: (error: unknown) => void): HTMLElement {
  inputs += 1;
  const id = `scan-${inputs}`;
  const input = h("input", { id, type: "file", accept: "image/*", capture: "environment", class: "kern-form-input__input" });
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file !== undefined) readCode(file).then(found).catch(shown);
  });
  return h("div", { class: "kern-form-input" }, h("label", { class: "kern-label", for: id }, label),
    h("div", { class: "kern-hint" }, t("Das Bild bleibt auf diesem Gerät und wird nicht gespeichert.", "The picture stays on this device and is not stored.")), input);
}

/** What the QR code in a picture holds. */
async function readCode(file: Blob): Promise<string | undefined> {
  const [{ default: search }, picture] = await Promise.all([import("jsqr"), createImageBitmap(file)]);
  const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return undefined;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return search(data, width, height)?.data;
}
