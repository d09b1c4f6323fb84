// Reading a list of people: shown before anything changes, whole or not at all, every wrong line named.

import { type Fault, type ImportResult, importPeople } from "../../../core/book/spreadsheet.ts";
import { Book } from "../../../core/book/book.ts";
import { openFile } from "../../../core/age/file.ts";
import { isSealed } from "../../../core/keyfile.ts";
import { systemEnvironment } from "../../../client/ports.ts";
import { fill, h } from "../../dom/element.ts";
import { button, field, heading, link, notice, paragraph } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../../language.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { count } from "../parts.ts";
import type { Desk } from "../state.ts";

export function importView(desk: Desk): View {
  const place = h("div", { "aria-live": "polite" });
  const shown = (error: unknown): void => fill(place, failure(error));
  const file = field(
    t("Liste oder Adressbuch", "List or address book"),
    t("CSV mit den Spalten Kassenzeichen; Name; Geburtsdatum; Straße; PLZ; Ort, in beliebiger Reihenfolge. Oder book.age von der Befehlszeile.", "CSV with the columns Kassenzeichen; Name; Geburtsdatum; Straße; PLZ; Ort, in any order. Or book.age from the command line."),
    { type: "file", accept: ".csv,.txt,.age" },
  );
  const check = async (): Promise<void> => {
    const chosen = (file.input as HTMLInputElement).files?.[0];
    file.complain(chosen === undefined ? t("Bitte eine Datei wählen.", "Please choose a file.") : undefined);
    if (chosen === undefined) return;
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    if (isSealed(bytes)) return takeBook(bytes);
    const { book } = await desk.shared.refresh();
    const result = importPeople(book, bytes, systemEnvironment.random);
    fill(place, result.result === "imported" ? preview(result, () => take(bytes)) : refusal(result));
  };
  const take = async (bytes: Uint8Array): Promise<void> => {
    let result: ImportResult | undefined;
    await desk.shared.change((record) => {
      result = importPeople(record.book, bytes, systemEnvironment.random);
      return result.result === "imported" ? { ...record, book: result.imported.book } : record;
    });
    if (result === undefined || result.result !== "imported") return fill(place, result === undefined ? null : refusal(result));
    const { added, moved } = result.imported;
    done(t(`${added} neu, ${moved} umgezogen.`, `${added} new, ${moved} moved.`));
  };
  /** People, letters and bindings of the command line's book; what is here already stays. */
  const takeBook = async (bytes: Uint8Array): Promise<void> => {
    const read = Book.decode(openFile(bytes, desk.session.keys.openers));
    let added = 0;
    await desk.shared.change((record) => {
      const fresh = read.entries.filter(({ reference }) => record.book.byReference(reference) === undefined);
      added = fresh.length;
      return fresh.length === 0 ? record : { ...record, book: new Book([...record.book.entries, ...fresh]) };
    });
    done(t(`${count(added, "Person", "Personen")} mit Briefen und Verbindungen übernommen.`, `${count(added, "person", "people")} taken over with letters and connections.`));
  };
  const done = (what: string): void => fill(place, notice("success", t("Eingelesen", "Imported"), paragraph(what), paragraph(link(t("Zum Adressbuch", "To the address book"), "#/"))));
  return {
    title: t("Liste einlesen", "Import a list"),
    content: [
      paragraph(link(t("Zurück zum Adressbuch", "Back to the address book"), "#/")),
      file.element,
      h("div", { class: "actions" }, button(t("Prüfen", "Check"), check, "primary", shown)),
      place,
    ],
  };

  function preview({ imported }: Extract<ImportResult, { result: "imported" }>, apply: () => Promise<void>): HTMLElement {
    const { added, moved, unchanged } = imported;
    const nothing = added + moved === 0;
    return h("section", { class: "facts" },
      heading(2, t("Die Liste ist in Ordnung", "The list is in order")),
      paragraph(t(`${added} neu, ${moved} umgezogen, ${unchanged} unverändert`, `${added} new, ${moved} moved, ${unchanged} unchanged`)),
      nothing ? paragraph(t("Es gibt nichts zu tun.", "There is nothing to do.")) : h("div", { class: "actions" }, button(t("Übernehmen", "Take over"), apply, "primary", shown)));
  }
}

function refusal(result: Exclude<ImportResult, { result: "imported" }>): HTMLElement {
  const nothing = paragraph(t("Es wurde nichts übernommen. Bitte die Datei ändern und noch einmal prüfen.", "Nothing was taken over. Please change the file and check again."));
  if (result.result === "size") return notice("warning", t("Die Datei ist leer oder zu groß.", "The file is empty or too large."), nothing);
  if (result.result === "columns") {
    return notice("warning", t("In der ersten Zeile fehlen Spalten.", "Columns are missing in the first line."), paragraph(result.missing.join(", ")), nothing);
  }
  return notice("warning", t(`${count(result.faults.length, "Zeile ist", "Zeilen sind")} nicht in Ordnung.`, `${count(result.faults.length, "line is", "lines are")} not in order.`),
    h("ul", { class: "faults", tabindex: "0" }, result.faults.map((fault) => h("li", null, faultWords(fault)))), nothing);
}

function faultWords({ line, cause, what }: Fault): string {
  const shown = plain(what);
  const words = {
    cells: t(`Zahl der Zellen und Spalten: ${shown}. Fehlt ein Semikolon oder ein Anführungszeichen?`, `number of cells and columns: ${shown}. Is a semicolon or a quotation mark missing?`),
    cell: t(`${shown} ist leer, zu lang oder enthält Steuerzeichen.`, `${shown} is empty, too long, or contains control characters.`),
    formula: t(`${shown} beginnt wie eine Formel (=, +, -, @).`, `${shown} begins like a formula (=, +, -, @).`),
    date: t(`„${shown}“ ist kein Tag. Bitte TT.MM.JJJJ oder JJJJ-MM-TT schreiben.`, `"${shown}" is no day. Please write DD.MM.YYYY or YYYY-MM-DD.`),
    repeated: t(`Das Kassenzeichen ${shown} steht schon weiter oben.`, `The reference ${shown} stands on an earlier line too.`),
    "other-person": t(`Das Kassenzeichen ${shown} gehört im Adressbuch zu einem anderen Namen oder Geburtsdatum.`, `The reference ${shown} is in the address book with another name or date of birth.`),
  }[cause];
  return t(`Zeile ${line}: ${words}`, `Line ${line}: ${words}`);
}
