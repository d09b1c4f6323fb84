// Settings: what this device holds, what was agreed to, taking everything along, and leaving.

import { leaveHolders } from "../../client/devices.ts";
import { consentInForce, giveConsent, revokeConsent } from "../../client/enrol.ts";
import type { ConsentClass } from "../../core/statement/consent.ts";
import { ownVault } from "../../vault/door.ts";
import { fill, h } from "../dom/element.ts";
import { button, checkbox, heading, link, notice, paragraph, terms, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../language.ts";
import { type Mailbox, database } from "../mailbox-state.ts";
import type { View } from "../shell.ts";
import { contactSection } from "./contact.ts";
import { consentText } from "./words.ts";

export function settingsView(mailbox: Mailbox, authority: string, left: () => void): View {
  const { account, session } = mailbox;
  const consents = h("div", null, waiting());
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const refresh = async (): Promise<void> => fill(consents, await Promise.all((["notification", "service"] as const).map((kind) => consentRow(mailbox, kind, authority, refresh, shown))));
  refresh().catch(shown);
  const sure = checkbox(t("Ich habe das Wiederherstellungsblatt oder brauche dieses Postfach nicht mehr.", "I have the recovery sheet, or no longer need this mailbox."));
  const leave = async (): Promise<void> => {
    if (!sure.input.checked) return sure.input.focus();
    // A passkey's vault may be another device's as well, and stays.
    if (account.lock.kind === "passphrase") await leaveHolders(session, ownVault(mailbox.secrets.door)).catch(() => undefined);
    await (await database()).removeAccount(account.address);
    left();
  };
  return {
    title: t("Einstellungen", "Settings"),
    content: [
      said,
      heading(2, t("Dieses Gerät", "This device")),
      terms([
        [t("Auf diesem Gerät seit", "On this device since"), date(account.since)],
        [t("Aufschließen mit", "Unlocked with"), account.lock.kind === "passkey" ? "Passkey" : t("Passphrase", "passphrase")],
        [t("Adresse", "Address"), session.address],
      ]),
      heading(2, t("Einverständnis", "Consent")),
      consents,
      contactSection(session),
      heading(2, t("Alles mitnehmen", "Take everything along")),
      paragraph(t("Alle Briefe, Anlagen und Beweise in einer Datei, verschlüsselt oder offen.", "All letters, attachments and proofs in one file, encrypted or plain.")),
      paragraph(link(t("Alles mitnehmen", "Take everything along"), "#/export")),
      heading(2, t("Postfach schließen", "Close the mailbox")),
      paragraph(t("Für immer: Es kommt keine Post mehr an, auf keinem Gerät.", "For good: no mail arrives any more, on no device.")),
      paragraph(link(t("Was das bedeutet, und schließen", "What that means, and closing"), "#/close")),
      heading(2, t("Von diesem Gerät entfernen", "Remove from this device")),
      notice("warning", t("Schlüssel und Quittungen auf diesem Gerät werden gelöscht.", "Keys and receipts on this device are deleted."), paragraph(t("Das Postfach selbst besteht weiter; mit einem anderen Gerät oder dem Wiederherstellungsblatt öffnen Sie es wieder.", "The mailbox itself goes on; with another device or the recovery sheet you open it again."))),
      sure.element,
      h("div", { class: "actions" }, button(t("Entfernen", "Remove"), leave, "secondary", shown)),
    ],
  };
}

async function consentRow(mailbox: Mailbox, kind: ConsentClass, authority: string, refresh: () => Promise<void>, shown: (error: unknown) => void): Promise<HTMLElement> {
  const { account, session } = mailbox;
  const text = consentText(kind, authority);
  const given = await consentInForce(session, account.issuer, kind);
  const change = async (): Promise<void> => {
    if (given === undefined) await giveConsent(session, account.issuer, kind, text);
    else await revokeConsent(session, given);
    await refresh();
  };
  const title = kind === "notification" ? t("Bekanntgabe", "Notification") : t("Förmliche Zustellung", "Formal service");
  return h(
    "section",
    { class: "facts" },
    heading(3, title),
    paragraph(text),
    paragraph(h("strong", null, given === undefined ? t("Nicht erteilt", "Not given") : t(`Erteilt am ${date(given.payload.context.time)}`, `Given on ${date(given.payload.context.time)}`))),
    button(given === undefined ? t(`${title}: zustimmen`, `${title}: agree`) : t(`${title}: widerrufen`, `${title}: revoke`), change, "secondary", shown),
  );
}
