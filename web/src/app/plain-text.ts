// Texts of strangers, made safe to show beside our own: file names, names, reasons.
//
// Invariant: what comes out has no control characters, none that turn the writing direction, and a bounded length; a
// file name has no path. HTML is no danger here, since text never becomes markup (`dom/element.ts`).

const LONGEST = 120;
const KEPT_END = 24;
/** Control characters, and those that reorder or hide what stands around them (Unicode "bidi control", zero width). */
const DECEPTIVE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

export function plain(text: string, longest = LONGEST): string {
  const shown = [...text.replace(DECEPTIVE, "\u{fffd}")];
  if (shown.length <= longest) return shown.join("");
  return `${shown.slice(0, longest - KEPT_END - 1).join("")}…${shown.slice(-KEPT_END).join("")}`;
}

/** A file name to show and to save under: no folder, no hidden file, its ending kept. */
export function fileName(name: string, otherwise: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? "";
  const cleaned = plain(base.replace(DECEPTIVE, "")).replace(/[<>:"|?*]/g, "_").replace(/^[.\s]+|[.\s]+$/g, "");
  return cleaned === "" ? otherwise : cleaned;
}
