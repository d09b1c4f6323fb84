// Deleting a letter: what it means first, then a second step.
//
// Invariant: nothing is signed before the person has read what stays and what is lost, and agreed to that.

import { deleteLetter } from "../../client/leaving.ts";
import type { Envelope } from "../../client/mailbox.ts";
import type { Session } from "../../client/session.ts";
import { fill, h } from "../dom/element.ts";
import { button, heading, link, notice, paragraph } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../language.ts";

/** A section that asks, and tells `gone` after the letter was deleted. */
export function deletion(session: Session, envelope: Envelope, gone: () => void): HTMLElement {
  const place = h("div", null);
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const offer = (): void => fill(place, h("div", { class: "actions" }, button(t("Brief löschen …", "Delete the letter …"), ask, "tertiary", shown)));
  const ask = (): void => {
    const title = heading(3, t("Diesen Brief löschen?", "Delete this letter?"));
    title.tabIndex = -1;
    const agreed = async (): Promise<void> => {
      await deleteLetter(session, envelope.header);
      gone();
    };
    const back = (): void => {
      offer();
      fill(said);
      place.querySelector("button")?.focus();
    };
    fill(
      place,
      title,
      h("ul", { class: "kern-body" }, [
        t("Auch Ihre anderen Geräte können ihn dann nicht mehr lesen. Das lässt sich nicht zurücknehmen.", "Your other devices cannot read it any more either. That cannot be taken back."),
        t("Fristen laufen weiter. Löschen ist kein Widerspruch.", "Periods keep running. Deleting is no objection."),
        t("Quittungen und Nachweis bleiben. Auch der Absender sieht, dass Sie gelöscht haben. Seine Kopie behält er.", "Receipts and evidence stay. The sender, too, sees that you deleted it, and keeps its own copy."),
        t("Der Server gibt den Inhalt nicht mehr aus. Verschlüsselt bleibt er auf der Festplatte: Dort löscht der Server noch nichts.", "The server does not hand out the content any more. Encrypted it stays on the disk: the server erases nothing there yet."),
      ].map((line) => h("li", null, line))),
      paragraph(t("Behalten? Speichern Sie vorher die Anlagen und den Nachweis, oder ", "Want to keep it? First save attachments and evidence, or "), link(t("nehmen Sie alles mit", "take everything along"), "#/export"), "."),
      h("div", { class: "actions" },
        button(t("Ja, endgültig löschen", "Yes, delete for good"), agreed, "primary", shown),
        button(t("Nein, behalten", "No, keep it"), back, "tertiary")),
    );
    title.focus();
  };
  offer();
  return h("section", null, heading(2, t("Löschen", "Delete")), said, place);
}

/** What is left to see of a deleted letter, before its time line. */
export function deletedNotice(): HTMLElement {
  return notice("info", t("Dieser Brief ist gelöscht.", "This letter is deleted."), paragraph(t(
    "Seinen Inhalt gibt der Server nicht mehr aus. Quittungen und Fristen bleiben. Brauchen Sie ihn doch? Bitten Sie den Absender um eine Kopie.",
    "The server does not hand out its content any more. Receipts and periods remain. Need it after all? Ask the sender for a copy.",
  )));
}
