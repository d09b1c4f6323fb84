// When a letter counts as served and until when it may be contested, with the reasoning, in the words of
// `postfach verify`.
//
// Invariant: the day is computed from the letter's evidence, all of it verified as a stranger would, under the
// operator's key that this mailbox pinned. Without witnesses' keys the times are not bounded, so a day that has come
// stays open here for that reason, and says so. Absent: the rules (core/deadline).

import type { Envelope } from "../../client/mailbox.ts";
import type { Session } from "../../client/session.ts";
import { fill, h } from "../dom/element.ts";
import { heading, paragraph, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../language.ts";
import { examine } from "./examine.ts";
import { periodPicture } from "./picture.ts";

/** Fills itself when the evidence is there; nothing where the sender named no rule. */
export function servedDay(session: Session, envelope: Envelope): HTMLElement | null {
  if (envelope.header.payload.legalRule === undefined) return null;
  const place = h("div", { "aria-live": "polite" }, waiting(t("Der Nachweis wird geprüft …", "Verifying the evidence …")));
  lines(session, envelope)
    .then((said) => fill(place, said))
    .catch((error: unknown) => fill(place, failure(error)));
  return h("section", { class: "served" }, heading(2, t("Wann gilt der Brief als bekannt gegeben?", "When does the letter count as served?")), place);
}

async function lines(session: Session, envelope: Envelope): Promise<HTMLElement[]> {
  const [{ report, words }, { legalLines }] = await Promise.all([examine(session, envelope), import("../../core/words/legal.ts")]);
  if (report.verdict === "failed" || report.legalDate === undefined) {
    return [paragraph(t(
      "Der Nachweis zu diesem Brief hält der Prüfung nicht stand. Speichern Sie ihn und wenden Sie sich an den Absender.",
      "The evidence of this letter does not hold. Save it, and ask the sender.",
    ))];
  }
  const [verdict = "", ...reasons] = legalLines(words, report.legalDate);
  const provided = report.timeline.find(({ event }) => event === "ContentConsignment")?.time;
  return [
    paragraph(h("strong", null, verdict)),
    ...[provided === undefined ? null : periodPicture(provided, report.legalDate)].filter((picture) => picture !== null),
    h("details", null, h("summary", null, t("Begründung", "Reasoning")), h("ul", null, reasons.map((line) => h("li", null, line)))),
  ];
}
