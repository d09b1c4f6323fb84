// The evidence of a letter, for whoever doubts: the file, with or without the letter's text, and its report, shown and
// printed.

import { type ShownContent, gatherEvidence } from "../../client/evidence.ts";
import type { Envelope } from "../../client/mailbox.ts";
import type { Session } from "../../client/session.ts";
import { fill, h } from "../dom/element.ts";
import { button, heading, paragraph, waiting } from "../dom/parts.ts";
import { printOnly } from "../dom/print.ts";
import { failure } from "../failure.ts";
import { t } from "../language.ts";
import { examine } from "./examine.ts";
import { saveAs } from "./save.ts";

export function evidence(session: Session, envelope: Envelope): HTMLElement {
  const said = h("div", { role: "status" });
  const place = h("div", null);
  const failed = (error: unknown): void => fill(said, failure(error));
  const save = async (content: ShownContent): Promise<void> => {
    fill(said, waiting());
    saveAs(await gatherEvidence(session, envelope.header.hash, content), "nachweis.pfe", "application/octet-stream");
    fill(said);
  };
  const show = async (): Promise<void> => {
    fill(said, waiting(t("Der Nachweis wird geprüft …", "Verifying the evidence …")));
    const [{ report, words }, { reportView }] = await Promise.all([examine(session, envelope), import("../verify/report.ts")]);
    const view = reportView(t("Bericht zu diesem Brief", "Report on this letter"), report, words);
    fill(place, view, h("div", { class: "actions" }, button(t("Bericht drucken oder als PDF sichern", "Print the report or save it as PDF"), () => printReport(view), "secondary")));
    fill(said);
  };
  return h(
    "section",
    null,
    heading(2, t("Nachweis", "Evidence")),
    paragraph(t("Eine Datei, mit der jeder ohne Netz prüfen kann, was mit diesem Brief geschah.", "A file with which anybody can verify offline what happened to this letter.")),
    h("div", { class: "actions" },
      button(t("Bericht ansehen", "View the report"), show, "secondary", failed),
      button(t("Nachweis ohne Inhalt", "Evidence without content"), () => save("sealed"), "secondary", failed),
      envelope.ageHeaders === undefined ? null : button(t("Nachweis mit Text des Briefs", "Evidence with the letter's text"), () => save("opened"), "tertiary", failed)),
    said,
    place,
  );
}

/** On paper nothing can be unfolded. */
function printReport(view: HTMLElement): void {
  for (const details of view.querySelectorAll("details")) details.open = true;
  printOnly(view);
}
