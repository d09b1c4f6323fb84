// Closing the mailbox: what it means, a way to take everything along, and a word to type.
//
// Invariants: nothing is signed before the word was typed; what this device holds goes after the server's receipt, never
// before, so an interruption loses nothing.

import { type Closed, closeMailbox, closing } from "../../client/leaving.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, heading, link, notice, paragraph, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../language.ts";
import { type Mailbox, forgetAccount } from "../mailbox-state.ts";
import type { View } from "../shell.ts";

/** `left` is called when nothing of the mailbox is on this device any more. */
export function closeView(mailbox: Mailbox, left: (view: View) => void): View {
  const place = h("div", null, waiting());
  const close = async (): Promise<void> => {
    const closed = await closeMailbox(mailbox.session);
    await mailbox.index.flush(); // what it still gathers would be written after the account is gone
    await forgetAccount(mailbox.account);
    left(farewell(closed));
  };
  closing(mailbox.session)
    .then((closed) => fill(place, closed === undefined ? confirmation(close) : rest(closed, close)))
    .catch((error: unknown) => fill(place, failure(error)));
  return {
    title: t("Postfach schließen", "Close the mailbox"),
    content: [paragraph(link(t("Zurück zu den Einstellungen", "Back to the settings"), "#/settings")), place],
  };
}

function confirmation(close: () => Promise<void>): HTMLElement[] {
  const word = t("schließen", "close");
  const said = h("div", { role: "status" });
  const typed = field(t(`Zum Bestätigen das Wort „${word}“ eintippen`, `Type the word “${word}” to confirm`), undefined, { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const confirmed = async (): Promise<void> => {
    const fits = typed.input.value.trim().toLowerCase() === word;
    typed.complain(fits ? undefined : t(`Bitte „${word}“ eintippen.`, `Please type “${word}”.`));
    if (fits) await close();
  };
  const lines = [
    t("Es kommt keine Post mehr an. Behörden schreiben Ihnen dann auf Papier.", "No mail arrives any more. Authorities will write to you on paper."),
    t("Alle Einverständnisse gelten als widerrufen. Sie bekommen keine E-Mails mehr.", "All your consents count as revoked. You get no more e-mails."),
    t("Fristen für Briefe, die schon da sind, können weiterlaufen.", "Periods for letters that are there already may keep running."),
    t("Auf diesem Gerät wird alles sofort gelöscht, auch die Schlüssel für Passkey und Wiederherstellungsblatt. Andere Geräte können noch 30 Tage lesen und speichern.", "On this device everything is deleted at once, and so are the keys for passkey and recovery sheet. Other devices can read and save for 30 more days."),
    t("Nach 30 Tagen gibt der Server keine Inhalte mehr aus. Verschlüsselt bleiben sie auf der Festplatte: Dort löscht der Server noch nichts.", "After 30 days the server hands out no content any more. Encrypted it stays on the disk: the server erases nothing there yet."),
    t("Diese Adresse lässt sich nie wieder öffnen. Ein neues Postfach braucht einen neuen Brief der Behörde.", "This address can never be opened again. A new mailbox needs a new letter of the authority."),
  ];
  return [
    notice("warning", t("Das lässt sich nicht zurücknehmen.", "This cannot be taken back.")),
    h("ul", { class: "kern-body" }, lines.map((line) => h("li", null, line))),
    heading(2, t("Vorher alles mitnehmen", "Take everything along first")),
    paragraph(t("Briefe, Anlagen und Nachweise in einer Datei. Nachweise gelten auch ohne Postfach. ", "Letters, attachments and evidence in one file. Evidence counts without a mailbox, too. "), link(t("Alles mitnehmen", "Take everything along"), "#/export")),
    heading(2, t("Schließen", "Close")),
    said,
    typed.element,
    h("div", { class: "actions" }, button(t("Postfach für immer schließen", "Close the mailbox for good"), confirmed, "primary", (error) => fill(said, failure(error)))),
  ];
}

/** The mailbox was closed elsewhere, or an interruption came between closing and leaving. */
function rest({ until }: Closed, leave: () => Promise<void>): HTMLElement[] {
  const said = h("div", { role: "status" });
  return [
    notice("info", t("Dieses Postfach ist schon geschlossen.", "This mailbox is closed already."), paragraph(t(`Lesen und speichern können Sie bis zum ${date(until)}.`, `You can read and save until ${date(until)}.`))),
    paragraph(link(t("Alles mitnehmen", "Take everything along"), "#/export")),
    said,
    h("div", { class: "actions" }, button(t("Von diesem Gerät entfernen", "Remove from this device"), leave, "primary", (error) => fill(said, failure(error)))),
  ];
}

function farewell({ until }: Closed): View {
  return {
    title: t("Ihr Postfach ist geschlossen", "Your mailbox is closed"),
    content: [
      notice("success", t("Geschlossen, quittiert und von diesem Gerät entfernt.", "Closed, receipted, and removed from this device.")),
      paragraph(t(`Andere Geräte können noch bis zum ${date(until)} lesen und speichern.`, `Other devices can read and save until ${date(until)}.`)),
      paragraph(t("Behörden schreiben Ihnen ab jetzt auf Papier. Ein gespeicherter Passkey für dieses Postfach nützt nichts mehr; Sie können ihn löschen.", "From now on authorities write to you on paper. A saved passkey for this mailbox is of no use any more; you can delete it.")),
    ],
  };
}
