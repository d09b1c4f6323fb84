// Writing letters with codes: who gets one, for how long the code counts, then the printed sheets.
//
// Invariant: a code is noted in the common record before its letter exists, so no letter has an unknown code; the
// letters are shown once and kept nowhere.

import { type Entry, type IssuedLetter, statusOf } from "../../../core/book/entry.ts";
import { ActivationCode } from "../../../core/enrolment/secret.ts";
import { dayOf, plusDays, startOf } from "../../../core/deadline/day.ts";
import { millis } from "../../../core/ids.ts";
import { systemEnvironment } from "../../../client/ports.ts";
import { fill, h } from "../../dom/element.ts";
import { button, checkbox, field, link, notice, paragraph } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../../language.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { codeLetter } from "../letter-paper.ts";
import { count, empty, group } from "../parts.ts";
import type { Desk } from "../state.ts";
import { statusWords } from "../words.ts";
import { matches, searchWords } from "./book.ts";

const DEFAULT_DAYS = 30;
const MAX_DAYS = 365;
/** Most letters that are written at once. */
const MAX_LETTERS = 500;

export function lettersView(desk: Desk, reference: string): View {
  const place = h("div");
  const back = paragraph(link(t("Zurück zum Adressbuch", "Back to the address book"), "#/"));
  back.classList.add("no-print");
  const certified = desk.certified;
  if (certified === undefined) {
    fill(place, notice("warning", t("Diese Behörde ist nicht beglaubigt.", "This authority is not certified."), paragraph(t("Bitte beim Betreiber ein Zertifikat beantragen.", "Please ask the operator for a certificate."))));
  } else choose(desk, certified, reference, place);
  return { title: t("Briefe mit Code", "Letters with codes"), content: [back, place] };
}

function choose(desk: Desk, authority: string, reference: string, place: Element): void {
  const { book, letterhead } = desk.shared.record;
  const candidates = reference === "" ? book.entries.filter((person) => statusOf(person, desk.session.now) !== "bound") : book.entries.filter((person) => person.reference === reference);
  if (candidates.length === 0) return fill(place, empty(t("Alle haben ein Postfach", "Everybody has a mailbox"), t("Es ist niemand da, der einen Brief mit Code braucht.", "There is nobody who needs a letter with a code.")));
  const boxes = candidates.slice(0, MAX_LETTERS).map((person) => {
    const box = checkbox(`${plain(person.reference)}, ${plain(person.name)} – ${statusWords(statusOf(person, desk.session.now))}`);
    box.input.checked = reference !== "" || statusOf(person, desk.session.now) === "listed";
    return { person, ...box };
  });
  const search = field(t("Suchen", "Search"), undefined, { type: "search", autocomplete: "off" });
  search.input.addEventListener("input", () => {
    const words = searchWords(search.input.value);
    for (const { person, element } of boxes) element.hidden = !matches(person, words);
  });
  /** Ticks those that the search shows. */
  const tick = (checked: boolean): void => {
    for (const { element, input } of boxes) if (!element.hidden) input.checked = checked;
  };
  const days = field(t("Der Code gilt so viele Tage", "The code counts for so many days"), t("1 bis 365", "1 to 365"), { type: "number", min: "1", max: String(MAX_DAYS), value: String(DEFAULT_DAYS) });
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const write = async (): Promise<void> => {
    const period = Number(days.input.value);
    const valid = Number.isInteger(period) && period >= 1 && period <= MAX_DAYS;
    days.complain(valid ? undefined : t("Eine Zahl von 1 bis 365.", "A number from 1 to 365."));
    const people = boxes.filter(({ input }) => input.checked).map(({ person }) => person);
    if (!valid) return;
    if (people.length === 0) return fill(said, notice("warning", t("Bitte mindestens eine Person wählen.", "Please choose at least one person.")));
    const now = desk.session.now;
    const expires = millis(startOf(plusDays(dayOf(now), period + 1)));
    const letters = new Map(people.map((person): [string, IssuedLetter] => [person.reference, { code: ActivationCode.generate(systemEnvironment.random), issued: now, expires }]));
    const record = await desk.shared.change((found) => ({ ...found, book: found.book.issueLetters(letters) }));
    const written = people.flatMap(({ reference: of }) => {
      const [person, letter] = [record.book.byReference(of), letters.get(of)];
      return person === undefined || letter === undefined ? [] : [sheet(person, letter)];
    });
    show(written);
  };
  const sheet = (person: Entry, letter: IssuedLetter): HTMLElement => {
    const { root, service } = desk.session.profile;
    return codeLetter({ authority, letterhead, person, letter, invitation: { service, issuer: desk.session.address, root, code: letter.code } });
  };
  const show = (sheets: readonly HTMLElement[]): void => {
    const ready = notice("success", t(`${count(sheets.length, "Brief ist", "Briefe sind")} fertig.`, `${count(sheets.length, "letter is", "letters are")} ready.`), paragraph(t("Jetzt drucken und verschicken. Die Codes werden nach dem Verlassen dieser Seite nicht mehr gezeigt; ein neuer Brief macht den alten Code ungültig.", "Print and send them now. The codes are not shown again after you leave this page; a new letter makes the old code void.")));
    ready.classList.add("no-print");
    fill(place, ready, h("div", { class: "actions" }, button(t("Drucken oder als PDF sichern", "Print or save as PDF"), () => print(), "primary")), h("div", { class: "papers" }, sheets));
  };
  fill(
    place,
    letterhead === undefined ? notice("info", t("Ohne Briefkopf", "Without a letterhead"), paragraph(t("Abteilung, Telefon und Absenderzeile fehlen noch. ", "Department, telephone and return address are still missing. "), link(t("Briefkopf eintragen", "Enter the letterhead"), "#/settings"))) : null,
    days.element,
    candidates.length > 10 ? search.element : null,
    group(t("Wer bekommt einen Brief?", "Who gets a letter?"),
      boxes.length < 3 ? null : h("div", { class: "actions" }, button(t("Alle wählen", "Choose all"), () => tick(true), "tertiary"), button(t("Niemanden wählen", "Choose nobody"), () => tick(false), "tertiary")),
      boxes.map(({ element }) => element),
      candidates.length > MAX_LETTERS ? paragraph(t(`Die ersten ${MAX_LETTERS}. Danach bitte noch einmal.`, `The first ${MAX_LETTERS}. Then once more, please.`)) : null),
    said,
    h("div", { class: "actions" }, button(t("Briefe schreiben", "Write letters"), write, "primary", shown)),
  );
}
