// Imprint, privacy and accessibility: the documents of `legal/documents.ts` with the facts of this operator.
//
// Invariant: a gap that the operator left is marked as one. Facts that cannot be read leave gaps; the rest is shown.

import { fill, h } from "../dom/element.ts";
import { heading, notice, paragraph, waiting } from "../dom/parts.ts";
import { language, t } from "../language.ts";
import { type Block, type LegalDocument, hasGaps, legalDocuments } from "../legal/documents.ts";
import { NO_FACTS, type OperatorFacts, readFacts } from "../legal/operator-facts.ts";
import type { View } from "../shell.ts";

let asked: Promise<OperatorFacts> | undefined;

/** Asked for once a page; asked again after a failure. */
function operatorFacts(): Promise<OperatorFacts> {
  asked ??= fetch("/operator.json").then(async (answer) => readFacts(await answer.json()));
  return asked.catch(() => {
    asked = undefined;
    return NO_FACTS;
  });
}

function view(id: LegalDocument["id"]): () => View {
  const found = (facts: OperatorFacts): LegalDocument => legalDocuments(language(), facts).find((one) => one.id === id) as LegalDocument;
  return () => {
    const place = h("div", null, waiting());
    void operatorFacts().then((facts) => {
      const document = found(facts);
      const gaps = hasGaps(document) && notice("info", t("Vorlage: Der Betreiber muss noch ergänzen, was markiert ist.", "Template: the operator still has to complete what is marked."));
      fill(place, gaps, document.blocks.map(shown));
    });
    return { title: found(NO_FACTS).title, content: place };
  };
}

function shown(block: Block): HTMLElement {
  if (block.kind === "heading") return heading(2, block.text);
  if (block.kind === "list") return h("ul", { class: "kern-body" }, block.items.map((item) => h("li", null, item)));
  return paragraph(block.parts.map((part) => (typeof part === "string" ? part : h("mark", null, `[${part.gap}]`))));
}

export const imprintView = view("imprint");
export const privacyView = view("privacy");
export const accessibilityView = view("accessibility");
