// When a letter counts as served and until when it may be contested, with the reasoning, in the words of
// `postfach verify`.
//
// Invariant: the day is computed from the letter's evidence, all of it verified as a stranger would, under the
// operator's key that this mailbox pinned. Without witnesses' keys the times are not bounded, so a day that has come
// stays open here for that reason, and says so. Absent: the rules (core/deadline).

import { gatherEvidence } from "../../client/evidence.ts";
import type { Envelope } from "../../client/mailbox.ts";
import type { Session } from "../../client/session.ts";
import { loadWords } from "../../core/words/words.ts";
import { fill, h } from "../dom/element.ts";
import { heading, paragraph, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { language, t } from "../language.ts";

/** Fills itself when the evidence is there; nothing where the sender named no rule. */
export function servedDay(session: Session, { header }: Envelope): HTMLElement | null {
  if (header.payload.legalRule === undefined) return null;
  const place = h("div", { "aria-live": "polite" }, waiting(t("Der Nachweis wird geprüft …", "Verifying the evidence …")));
  examined(session, header.hash)
    .then((lines) => fill(place, lines))
    .catch((error: unknown) => fill(place, failure(error)));
  return h("section", { class: "served" }, heading(2, t("Wann gilt der Brief als bekannt gegeben?", "When does the letter count as served?")), place);
}

async function examined(session: Session, hash: Envelope["header"]["hash"]): Promise<HTMLElement[]> {
  const [bytes, words, { decodeEvidence }, { verifyEvidence }, { Policy }, { legalLines }] = await Promise.all([
    gatherEvidence(session, hash, "opened"),
    loadWords(language()),
    import("../../core/evidence/file.ts"),
    import("../../core/evidence/verify.ts"),
    import("../../core/tlog/policy.ts"),
    import("../../core/words/legal.ts"),
  ]);
  const { origin, root } = session.operator;
  const report = verifyEvidence(decodeEvidence(bytes), { origin, root, witnesses: Policy.WITHOUT_WITNESSES });
  if (report.verdict === "failed" || report.legalDate === undefined) {
    return [paragraph(t(
      "Der Nachweis zu diesem Brief hält der Prüfung nicht stand. Speichern Sie ihn und wenden Sie sich an den Absender.",
      "The evidence of this letter does not hold. Save it, and ask the sender.",
    ))];
  }
  const [verdict = "", ...reasons] = legalLines(words, report.legalDate);
  return [
    paragraph(h("strong", null, verdict)),
    h("details", null, h("summary", null, t("Begründung", "Reasoning")), h("ul", null, reasons.map((line) => h("li", null, line)))),
  ];
}
