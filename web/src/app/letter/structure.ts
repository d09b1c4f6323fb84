// The tags of a PDF for screen readers: headings, paragraphs, lists and tables of a page own the pieces of text that
// pdf.js laid over the drawing.
//
// Invariant: names and texts become attributes and text nodes only; at most `MAX_NODES` tags of a page are taken, the
// rest of its text is read without structure. Absent: drawing (`pdf.ts`). Source of the roles: ISO 32000-2 §14.8.4,
// WAI-ARIA 1.2.

import type { PDFPageProxy } from "pdfjs-dist";
import { h } from "../dom/element.ts";

/** Tags of one page that are taken. */
const MAX_NODES = 5000;
const MAX_DEPTH = 64;

type Tag = Awaited<ReturnType<PDFPageProxy["getStructTree"]>>;
type Child = Tag["children"][number];

const ROLES: Readonly<Record<string, string>> = {
  P: "paragraph", BlockQuote: "blockquote", L: "list", LI: "listitem", Figure: "figure", Formula: "math", Note: "note",
  Table: "table", THead: "rowgroup", TBody: "rowgroup", TFoot: "rowgroup", TR: "row", TH: "columnheader", TD: "cell",
};

/** Builds the structure of a page whose text lies in `layer`; nothing where the PDF has no tags. */
export function structureLayer(tree: Tag | null, layer: HTMLElement, prefix: string): HTMLElement | undefined {
  if (tree === null) return undefined;
  // Pages of several PDFs stand in one document.
  for (const marked of layer.querySelectorAll("[id]")) marked.id = `${prefix}${marked.id}`;
  let left = MAX_NODES;
  const build = (node: Child, depth: number): HTMLElement | undefined => {
    if (left === 0 || depth > MAX_DEPTH) return undefined;
    left -= 1;
    if (!("role" in node)) return layer.querySelector(`#${CSS.escape(prefix + node.id)}`) === null ? undefined : h("span", { "aria-owns": prefix + node.id });
    const children = node.children.map((child) => build(child, depth + 1)).filter((child) => child !== undefined);
    const { alt } = node as { alt?: string };
    const level = /^H([1-6])$/.exec(node.role)?.[1];
    const role = level === undefined ? ROLES[node.role] : "heading";
    if (children.length === 0 && alt === undefined) return undefined;
    return h("span", { role: alt !== undefined && role === undefined ? "figure" : role, "aria-level": level, "aria-label": alt }, children);
  };
  const root = build(tree, 0);
  return root === undefined ? undefined : h("div", { class: "structure" }, root);
}
