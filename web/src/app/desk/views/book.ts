// The address book: people by the authority's own reference, how far each has come, and what can be done for them.

import { currentAddress, statusOf } from "../../../core/book/entry.ts";
import type { Entry } from "../../../core/book/entry.ts";
import { exportPeople } from "../../../core/book/spreadsheet.ts";
import { utf8 } from "../../../core/codec/bytes.ts";
import { fill, h } from "../../dom/element.ts";
import { button, field, link } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../../language.ts";
import { saveAs } from "../../letter/save.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { action, count, empty, table } from "../parts.ts";
import type { Desk } from "../state.ts";
import { statusWords } from "../words.ts";

/** Whether a person is looked for by these words: each stands in reference, name, birthday or address. */
export function matches({ reference, name, birthDate, postal }: Entry, words: readonly string[]): boolean {
  const text = `${reference} ${name} ${birthDate} ${postal.street} ${postal.postcode} ${postal.city}`.toLocaleLowerCase("de");
  return words.every((word) => text.includes(word));
}

export function searchWords(text: string): readonly string[] {
  return text.toLocaleLowerCase("de").split(/\s+/).filter((word) => word !== "");
}

export function bookView(desk: Desk): View {
  const results = h("div");
  const said = h("div", { role: "status" });
  const search = field(t("Suchen", "Search"), undefined, { type: "search", autocomplete: "off", spellcheck: "false" });
  const draw = (): void => {
    const { book } = desk.shared.record;
    const words = searchWords(search.input.value);
    const found = book.entries.filter((person) => matches(person, words));
    if (book.entries.length === 0) {
      fill(results, empty(t("Noch niemand im Adressbuch", "Nobody in the address book yet"), t("Lesen Sie eine Liste ein oder legen Sie eine Person an.", "Import a list or add a person.")));
      return;
    }
    fill(results, table(count(found.length, t("Person", "person"), t("Personen", "people")), [
      { head: t("Kassenzeichen", "Reference"), cell: ({ reference }) => link(plain(reference), `#/person/${encodeURIComponent(reference)}`) },
      { head: t("Name", "Name"), cell: ({ name }) => plain(name) },
      { head: t("Anschrift", "Address"), cell: ({ postal }) => plain(`${postal.street}, ${postal.postcode} ${postal.city}`) },
      { head: t("Stand", "State"), cell: (person) => statusWords(statusOf(person, desk.session.now)) },
      {
        head: t("Weiter", "Next"),
        cell: (person) => (currentAddress(person) !== undefined && desk.may("send") ? link(t(`Schreiben an ${plain(person.reference)}`, `Write to ${plain(person.reference)}`), `#/write/to/${encodeURIComponent(person.reference)}`) : null),
      },
    ], found));
  };
  search.input.addEventListener("input", draw);
  draw();
  const refresh = (): void => {
    const before = desk.shared.record;
    desk.shared.refresh("lately").then((now) => (now === before ? undefined : draw())).catch((error: unknown) => fill(said, failure(error)));
  };
  refresh();
  const save = (): void => saveAs(utf8(exportPeople(desk.shared.record.book)), t("adressbuch.csv", "address-book.csv"), "text/plain");
  return {
    title: t("Adressbuch", "Address book"),
    content: [
      h("div", { class: "desk-tools" }, search.element,
        action(t("Person anlegen", "Add a person"), "#/new"),
        action(t("Liste einlesen (CSV)", "Import a list (CSV)"), "#/import"),
        action(t("Briefe mit Code", "Letters with codes"), "#/letters"),
        button(t("Liste speichern (CSV)", "Save the list (CSV)"), save, "tertiary")),
      said,
      results,
    ],
  };
}
