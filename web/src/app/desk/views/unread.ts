// The list of letters that nobody retrieved, for whoever puts them on paper: printed, or for a spreadsheet.

import { writeRows } from "../../../core/book/rows.ts";
import { utf8 } from "../../../core/codec/bytes.ts";
import { millis } from "../../../core/ids.ts";
import { fill, h } from "../../dom/element.ts";
import { button, field, link, paragraph, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../../language.ts";
import { saveAs } from "../../letter/save.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { stateWords } from "../delivery-words.ts";
import { type SentLetter, unreadLetters } from "../mail.ts";
import { count, empty, table } from "../parts.ts";
import type { Desk } from "../state.ts";

const DAY = 86_400_000;
/** After ten days a provision under VwVfG § 41(2a) has no effect any more. */
const DEFAULT_DAYS = 10;
const MAX_DAYS = 3650;

export function unreadView(desk: Desk): View {
  const place = h("div", { "aria-live": "polite" });
  const shown = (error: unknown): void => fill(place, failure(error));
  const days = field(t("Vor so vielen Tagen oder früher gesendet", "Sent so many days ago or earlier"), t("0 zeigt alle.", "0 shows all."), { type: "number", min: "0", max: String(MAX_DAYS), value: String(DEFAULT_DAYS) });
  const look = async (): Promise<void> => {
    const number = Number(days.input.value);
    const valid = days.input.value !== "" && Number.isInteger(number) && number >= 0 && number <= MAX_DAYS;
    days.complain(valid ? undefined : t("Eine ganze Zahl ab 0.", "A whole number from 0."));
    if (!valid) return;
    const progress = (done: number, total: number): void => fill(place, waiting(t(`${done} von ${total} Briefen geprüft …`, `${done} of ${total} letters checked …`)));
    const letters = await unreadLetters(desk, millis(desk.session.now - number * DAY + 1), progress);
    show(letters, place);
  };
  const tools = h("div", { class: "no-print" }, paragraph(link(t("Zurück zu den gesendeten Briefen", "Back to the sent letters"), "#/sent")), days.element, h("div", { class: "actions" }, button(t("Liste erstellen", "Make the list"), look, "primary", shown)));
  return { title: t("Nicht abgerufene Briefe", "Letters not retrieved"), content: [tools, place] };
}

function show(letters: readonly SentLetter[], place: Element): void {
  if (letters.length === 0) return fill(place, empty(t("Alles ist abgerufen", "Everything was retrieved"), t("Kein Brief muss auf Papier.", "No letter needs paper.")));
  const address = ({ person }: SentLetter): string => (person === undefined ? "" : `${person.postal.street}, ${person.postal.postcode} ${person.postal.city}`);
  const csv = (): void => {
    const head = [t("Kassenzeichen", "Reference"), t("Name", "Name"), t("Straße", "Street"), t("PLZ", "Postcode"), t("Ort", "City"), t("Betreff", "Subject"), t("Aktenzeichen", "File number"), t("Gesendet", "Sent"), t("Stand", "State")];
    const rows = letters.map(({ person, copy, envelope, state }) => [person?.reference ?? "", person?.name ?? "", person?.postal.street ?? "", person?.postal.postcode ?? "", person?.postal.city ?? "", copy?.subject ?? "", copy?.fileNumber ?? "", new Date(envelope.header.payload.context.time).toISOString(), stateWords(state)]);
    saveAs(utf8(writeRows([head, ...rows])), t("nicht-abgerufen.csv", "not-retrieved.csv"), "text/plain");
  };
  fill(
    place,
    h("div", { class: "actions" }, button(t("Drucken", "Print"), () => print(), "primary"), button(t("Als Liste speichern (CSV)", "Save as a list (CSV)"), csv)),
    table(count(letters.length, t("Brief ist nicht abgerufen", "letter is not retrieved"), t("Briefe sind nicht abgerufen", "letters are not retrieved")), [
      { head: t("Kassenzeichen", "Reference"), cell: ({ person }) => plain(person?.reference ?? "") },
      { head: t("Name und Anschrift", "Name and address"), cell: (letter) => [plain(letter.person?.name ?? ""), h("br"), plain(address(letter))] },
      { head: t("Betreff", "Subject"), cell: ({ hash, copy }) => link(plain(copy?.subject ?? "") || hash.slice(0, 12), `#/sent/${hash}`) },
      { head: t("Gesendet", "Sent"), cell: ({ envelope }) => date(envelope.header.payload.context.time) },
      { head: t("Stand", "State"), cell: ({ state }) => stateWords(state) },
    ], letters),
  );
}
