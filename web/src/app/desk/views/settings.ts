// The desk's settings: what stands at the top of letters, whether two people are needed, and this device.

import { sealFileWithPassphrase } from "../../../core/age/file.ts";
import { writeKeyFile } from "../../../core/keyfile.ts";
import type { SigningKey } from "../../../core/keys/signing-key.ts";
import { systemEnvironment } from "../../../client/ports.ts";
import { MIN_PASSPHRASE } from "../../../vault/lock.ts";
import { fill, h } from "../../dom/element.ts";
import { button, checkbox, field, heading, notice, paragraph, terms } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../../language.ts";
import { saveAs } from "../../letter/save.ts";
import type { View } from "../../shell.ts";
import { formOf } from "../locks.ts";
import { type Desk, deskId, desks } from "../state.ts";
import { roleWords } from "../words.ts";

const MAX_LINE = "120";
const ROLES = ["send", "register", "read", "administer"] as const;

export function settingsView(desk: Desk, left: () => void): View {
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const { letterhead, fourEyes } = desk.shared.record;
  const office = field(t("Abteilung", "Department"), t("Etwa Kämmerei.", "Such as Kämmerei."), { value: letterhead?.office ?? "", maxlength: MAX_LINE });
  const lines = field(t("Anschrift und Telefon", "Address and telephone"), t("Eine Angabe je Zeile.", "One item a line."), {}, "textarea");
  lines.input.value = (letterhead?.lines ?? []).join("\n");
  const returnLine = field(t("Absender in einer Zeile", "Sender on one line"), t("Klein über der Anschrift im Fenster.", "In small print above the address in the window."), { value: letterhead?.returnLine ?? "", maxlength: MAX_LINE });
  const saveHead = async (): Promise<void> => {
    const next = { office: office.input.value.trim(), lines: lines.input.value.split("\n").map((line) => line.trim()).filter((line) => line !== ""), returnLine: returnLine.input.value.trim() };
    await desk.shared.change((record) => ({ ...record, letterhead: next }));
    fill(said, notice("success", t("Gespeichert.", "Saved.")));
  };
  const two = checkbox(t("Bescheide gehen erst hinaus, wenn eine zweite Person sie freigegeben hat.", "Decisions go out only after a second person released them."));
  two.input.checked = fourEyes === true;
  const saveTwo = async (): Promise<void> => {
    await desk.shared.change((record) => ({ ...record, fourEyes: two.input.checked ? true : undefined }));
    fill(said, notice("success", t("Gespeichert.", "Saved.")));
  };
  const sure = checkbox(t("Ich brauche den Schreibtisch auf diesem Gerät nicht mehr.", "I no longer need the desk on this device."));
  const leave = async (): Promise<void> => {
    if (!sure.input.checked) return sure.input.focus();
    await (await desks()).removeAccount(deskId(desk.account, desk.me));
    left();
  };
  return {
    title: t("Einstellungen", "Settings"),
    content: [
      said,
      heading(2, t("Briefkopf", "Letterhead")),
      formOf(button(t("Briefkopf speichern", "Save the letterhead"), saveHead, "secondary", shown), office.element, lines.element, returnLine.element),
      desk.may("administer") ? [heading(2, t("Vier Augen", "Four eyes")), two.element, h("div", { class: "actions" }, button(t("Regel speichern", "Save the rule"), saveTwo, "secondary", shown))] : null,
      heading(2, t("Dieses Gerät", "This device")),
      terms([
        [t("Name", "Name"), desk.account.clerk],
        [t("Rechte", "Rights"), ROLES.filter((role) => desk.may(role)).map(roleWords).join(", ")],
        [t("Seit", "Since"), date(desk.account.since)],
        [t("Aufschließen mit", "Unlocked with"), desk.account.lock.kind === "passkey" ? "Passkey" : t("Passphrase", "passphrase")],
        [t("Adresse der Behörde", "The authority's address"), desk.session.address],
      ]),
      desk.session.keys.identity === undefined ? null : keyFile(desk, desk.session.keys.identity, said, shown),
      heading(2, t("Von diesem Gerät entfernen", "Remove from this device")),
      paragraph(t("Schlüssel und Entwürfe auf diesem Gerät werden gelöscht. Adressbuch und Briefe der Behörde bleiben.", "Keys and drafts on this device are deleted. The authority's address book and letters stay.")),
      sure.element,
      h("div", { class: "actions" }, button(t("Entfernen", "Remove"), leave, "secondary", shown)),
    ],
  };
}

/** The main key with all opening keys, for the command line and for safe keeping; newer than any file from before. */
function keyFile(desk: Desk, identity: SigningKey, said: Element, shown: (error: unknown) => void): HTMLElement {
  const first = field(t("Passphrase der Datei", "Passphrase of the file"), t(`Mindestens ${MIN_PASSPHRASE} Zeichen.`, `At least ${MIN_PASSPHRASE} characters.`), { type: "password", autocomplete: "new-password" });
  const second = field(t("Passphrase noch einmal", "Passphrase again"), undefined, { type: "password", autocomplete: "new-password" });
  const save = async (): Promise<void> => {
    const passphrase = first.input.value.normalize("NFKC");
    const short = [...passphrase].length < MIN_PASSPHRASE;
    const differs = second.input.value !== first.input.value;
    second.complain(differs ? t("Die beiden sind verschieden.", "The two differ.") : undefined);
    first.complain(short ? t("Zu kurz.", "Too short.") : undefined);
    if (short || differs) return;
    const { keys, address } = desk.session;
    const signers = keys.signer === undefined ? [] : [keys.signer];
    const sealed = await sealFileWithPassphrase(passphrase, writeKeyFile({ address, identities: [identity], signers, openers: keys.openers }), systemEnvironment.random);
    saveAs(sealed, "keys.age", "application/octet-stream");
    fill(said, notice("success", t("Gespeichert. Bewahren Sie die Datei sicher auf.", "Saved. Keep the file safe.")));
  };
  return h("details", null, h("summary", null, t("Schlüsseldatei speichern", "Save the key file")),
    paragraph(t("Für die Befehlszeile und zum Aufbewahren. Nötig, nachdem jemand ausgeschieden ist: Frühere Dateien öffnen neue Post nicht mehr.", "For the command line and for safe keeping. Needed after somebody left: earlier files no longer open new mail.")),
    formOf(button(t("Schlüsseldatei speichern", "Save the key file"), save, "secondary", shown), first.element, second.element));
}
