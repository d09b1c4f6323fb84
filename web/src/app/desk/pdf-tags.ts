// Whether screen readers find a structure in a PDF: it is marked as tagged, and its pages are in the structure tree.
//
// Invariant: scripts in a PDF are never run. Absent: whether the tags are good ones; that takes people and a checker
// for PDF/UA. Specification: ISO 32000-2 §14.7 (StructTreeRoot), §14.8 (MarkInfo).

import { GlobalWorkerOptions, getDocument } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { trustedWorker } from "../trusted.ts";

/** Pages looked at; one of them in the tree is enough, since covers may be pictures only. */
const MAX_PAGES = 5;

export async function pdfTags(content: Uint8Array): Promise<"tagged" | "untagged" | "unreadable"> {
  GlobalWorkerOptions.workerPort ??= trustedWorker(workerUrl);
  const task = getDocument({ data: content.slice(), isEvalSupported: false, useWasm: false, enableXfa: false });
  try {
    const document = await task.promise;
    const marked = (await document.getMarkInfo())?.Marked === true;
    if (!marked) return "untagged";
    for (let number = 1; number <= Math.min(document.numPages, MAX_PAGES); number += 1) {
      const tree: { children?: readonly unknown[] } | null = await (await document.getPage(number)).getStructTree();
      if ((tree?.children?.length ?? 0) > 0) return "tagged";
    }
    return "untagged";
  } catch {
    return "unreadable";
  } finally {
    await task.destroy().catch(() => undefined);
  }
}
