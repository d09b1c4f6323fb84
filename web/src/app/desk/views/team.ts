// Colleagues: who they are, what they may do, who stands in for whom; admission by a code, and leaving.
//
// Invariant: rights are those of the authority's key statement; the common record only names people. The address of
// the authority never changes.

import { type DeskRecord } from "../../../core/book/record.ts";
import { type ClerkCode, authorityNumber, codeNumber, readClerkCode } from "../../../core/book/clerk-code.ts";
import { millis } from "../../../core/ids.ts";
import type { Role, SignerGrant } from "../../../core/statement/key.ts";
import { admit, canRenew, dismiss, settle } from "../../../client/clerks.ts";
import { choice } from "../../dom/choice.ts";
import { fill, h } from "../../dom/element.ts";
import { button, checkbox, field, notice, paragraph, terms, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../../language.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { count, group, table } from "../parts.ts";
import { packRecord, unpackRecord } from "../shared.ts";
import { type Desk, self } from "../state.ts";
import { roleWords } from "../words.ts";

const ROLES = ["send", "register", "read", "administer"] as const satisfies readonly Role[];
const DAY = 86_400_000;
const DEFAULT_DAYS = 365;
const MAX_DAYS = 3660;

type Clerk = DeskRecord["clerks"][number];

export function teamView(desk: Desk, reopen: () => Promise<void>): View {
  const place = h("div", null, waiting());
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const draw = async (): Promise<void> => {
    await desk.shared.refresh();
    const { payload } = (await desk.session.party(desk.session.address)).party.current;
    fill(place, people(desk, payload.signers, payload.identity, said, shown, reopen), absence(desk, said, shown), desk.may("administer") ? admission(desk, said, shown, draw) : null);
  };
  draw().catch((error: unknown) => fill(place, failure(error)));
  return { title: t("Kolleginnen und Kollegen", "Colleagues"), content: [said, place] };
}

function people(desk: Desk, grants: readonly SignerGrant[], identity: string, said: Element, shown: (error: unknown) => void, reopen: () => Promise<void>): HTMLElement {
  const { clerks } = desk.shared.record;
  const grantOf = (clerk: Clerk): SignerGrant | undefined => grants.find(({ key }) => key === clerk.key);
  const rights = (clerk: Clerk): string => {
    if (clerk.key === identity) return t("alles (Hauptschlüssel)", "everything (main key)");
    const found = grantOf(clerk);
    if (found === undefined) return t("keine mehr", "none any more");
    const until = found.until === undefined ? "" : t(`, bis ${date(found.until)}`, `, until ${date(found.until)}`);
    return found.roles.map(roleWords).join(", ") + until;
  };
  const leave = (clerk: Clerk): HTMLElement => {
    const place = h("div");
    const ask = (): void => {
      const sure = button(t(`Ja, ${plain(clerk.name)} ausscheiden lassen`, `Yes, let ${plain(clerk.name)} leave`), () => remove(desk, clerk, said, reopen), "primary", shown);
      fill(place, paragraph(canRenew(desk.session)
        ? t("Die Rechte enden sofort, und die Behörde liest ab jetzt mit einem neuen Schlüssel. Die Adresse bleibt.", "The rights end at once, and from now on the authority reads with a new key. The address stays.")
        : t("Die Rechte enden sofort. Danach sollte jemand mit dem Hauptschlüssel auch den Schlüssel zum Lesen erneuern.", "The rights end at once. After that somebody with the main key should also renew the key for reading.")), sure);
      sure.focus();
    };
    fill(place, button(t(`${plain(clerk.name)} scheidet aus`, `${plain(clerk.name)} leaves`), ask, "tertiary", shown));
    return place;
  };
  return table(count(clerks.length, t("Person", "person"), t("Personen", "people")), [
    { head: t("Name", "Name"), cell: ({ name, key }) => plain(name) + (key === desk.me ? t(" (Sie)", " (you)") : "") },
    { head: t("Rechte", "Rights"), cell: rights },
    { head: t("Vertretung", "Deputy"), cell: ({ away, deputy }) => (away === true ? t(`abwesend, vertreten von ${plain(clerks.find(({ key }) => key === deputy)?.name ?? "–")}`, `away, deputy: ${plain(clerks.find(({ key }) => key === deputy)?.name ?? "–")}`) : t("anwesend", "present")) },
    { head: t("Weiter", "Next"), cell: (clerk) => (desk.may("administer") && clerk.key !== desk.me && clerk.key !== identity ? leave(clerk) : null) },
  ], clerks);
}

/** Rights end with one statement; then record and vaults come under the new key. */
async function remove(desk: Desk, clerk: Clerk, said: Element, reopen: () => Promise<void>): Promise<void> {
  fill(said, waiting(t("Rechte werden beendet, Schlüssel erneuert …", "Ending rights, renewing keys …")));
  const openers = await dismiss(desk.session, clerk.key, desk.vault, self(desk));
  const stay = desk.shared.record.clerks.filter(({ key }) => key !== clerk.key);
  const without = async (before: Uint8Array): Promise<Uint8Array> => {
    const record = await unpackRecord(before);
    return packRecord({ ...record, revision: record.revision + 1, clerks: record.clerks.filter(({ key }) => key !== clerk.key) });
  };
  const gone = clerk.vault === undefined ? [] : [clerk.vault.key];
  if (openers === desk.session.keys.openers) await desk.shared.change((record) => ({ ...record, clerks: record.clerks.filter(({ key }) => key !== clerk.key) }));
  await settle(desk.session, { openers, clerks: stay, gone, record: without });
  await reopen();
}

function absence(desk: Desk, said: Element, shown: (error: unknown) => void): HTMLElement {
  const { clerks } = desk.shared.record;
  const mine = clerks.find(({ key }) => key === desk.me);
  const others = clerks.filter(({ key }) => key !== desk.me);
  const away = checkbox(t("Ich bin abwesend", "I am away"));
  away.input.checked = mine?.away === true;
  const deputy = choice(t("Es vertritt mich", "My deputy is"), [["", t("niemand", "nobody")], ...others.map(({ key, name }): [string, string] => [key, plain(name)])], mine?.deputy ?? "");
  const save = async (): Promise<void> => {
    const chosen = others.find(({ key }) => key === deputy.input.value)?.key;
    await desk.shared.change((record) => ({ ...record, clerks: record.clerks.map((one) => (one.key === desk.me ? { ...one, away: away.input.checked ? true : undefined, deputy: chosen } : one)) }));
    fill(said, notice("success", t("Gespeichert.", "Saved.")));
  };
  return group(t("Vertretung", "Deputy"), away.element, deputy.element, h("div", { class: "actions" }, button(t("Vertretung speichern", "Save the deputy"), save, "secondary", shown)));
}

function admission(desk: Desk, said: Element, shown: (error: unknown) => void, draw: () => Promise<void>): HTMLElement {
  const place = h("div");
  const pasted = field(t("Code der neuen Person", "Code of the new person"), t("Die Person öffnet diese Seite auf ihrem Gerät, wählt „beitreten“ und schickt Ihnen den Code. Er ist nicht geheim.", "The person opens this page on their device, chooses \"join\" and sends you the code. It is not secret."), { spellcheck: "false", autocomplete: "off" }, "textarea");
  const read = (): void => {
    const code = readClerkCode(pasted.input.value);
    pasted.complain(code === undefined ? t("Das ist kein Code, oder er ist unvollständig.", "That is no code, or it is incomplete.") : undefined);
    if (code !== undefined) compare(desk, code, place, said, shown, draw);
  };
  fill(place, pasted.element, h("div", { class: "actions" }, button(t("Code lesen", "Read the code"), read, "secondary", shown)));
  return group(t("Jemanden aufnehmen", "Admit somebody"), place);
}

function compare(desk: Desk, code: ClerkCode, place: Element, said: Element, shown: (error: unknown) => void, draw: () => Promise<void>): void {
  const same = checkbox(t("Die Zahl steht so auch auf dem Gerät der Person. Ich habe sie mit ihr verglichen.", "The number is the same on the person's device. I compared it with them."));
  const offered = ROLES.filter((role) => role !== "administer" || canRenew(desk.session));
  const roles = offered.map((role) => ({ role, ...checkbox(roleWords(role)) }));
  for (const { role, input } of roles) input.checked = role !== "administer";
  const days = field(t("So viele Tage", "For so many days"), t(`1 bis ${MAX_DAYS}`, `1 to ${MAX_DAYS}`), { type: "number", min: "1", max: String(MAX_DAYS), value: String(DEFAULT_DAYS) });
  const take = async (): Promise<void> => {
    const period = Number(days.input.value);
    const valid = Number.isInteger(period) && period >= 1 && period <= MAX_DAYS;
    days.complain(valid ? undefined : t("Eine ganze Zahl.", "A whole number."));
    if (!same.input.checked) return same.input.focus();
    const chosen = roles.filter(({ input }) => input.checked).map(({ role }) => role);
    if (!valid) return;
    if (chosen.length === 0) return roles[0]?.input.focus();
    const clerk: Clerk = { key: code.signer, name: code.name, since: desk.session.now, vault: code.vault };
    const { clerks } = await desk.shared.change((record) => ({ ...record, clerks: [...record.clerks.filter(({ key }) => key !== code.signer), clerk] }));
    await admit(desk.session, code, clerks, chosen, millis(desk.session.now + period * DAY));
    await draw();
    fill(said, notice("success", t(`${plain(code.name)} ist aufgenommen.`, `${plain(code.name)} is admitted.`),
      paragraph(t("Auf dem neuen Gerät erscheint gleich diese Zahl Ihrer Behörde:", "The new device will show this number of your authority:")),
      h("p", { class: "codes" }, authorityNumber(desk.session.address, desk.session.profile.root))));
  };
  fill(
    place,
    terms([[t("Name", "Name"), plain(code.name)]]),
    paragraph(t("Vergleichen Sie diese Zahl am Telefon oder nebeneinander:", "Compare this number by telephone or side by side:")),
    h("p", { class: "codes", id: "code-number" }, codeNumber(code)),
    same.element,
    group(t("Rechte", "Rights"), roles.map(({ element }) => element)),
    days.element,
    h("div", { class: "actions" }, button(t("Aufnehmen", "Admit"), take, "primary", shown)),
  );
  same.input.focus();
}
