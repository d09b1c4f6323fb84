// Changing a person's postal address, and erasing a person from the book.
//
// Invariant: name, birthday and reference of a connected person stay, because the signed binding commits to them; who
// is connected is not erased before the connection was withdrawn.

import { checkCell } from "../../../core/book/spreadsheet.ts";
import { type Entry, currentAddress } from "../../../core/book/entry.ts";
import { fill, h } from "../../dom/element.ts";
import { button, checkbox, field, notice, paragraph } from "../../dom/parts.ts";
import { t } from "../../language.ts";
import { failure } from "../failure.ts";
import { formOf } from "../locks.ts";
import type { Desk } from "../state.ts";

const MOST = "200";

export function changePerson(desk: Desk, person: Entry): HTMLElement {
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const part = (label: string, value: string): ReturnType<typeof field> => field(label, undefined, { value, maxlength: MOST, autocomplete: "off" });
  const street = part(t("Straße und Hausnummer", "Street and number"), person.postal.street);
  const postcode = part(t("Postleitzahl", "Postcode"), person.postal.postcode);
  const city = part(t("Ort", "City"), person.postal.city);
  const move = async (): Promise<void> => {
    let whole = true;
    for (const one of [city, postcode, street]) {
      const fault = checkCell(one.input.value.trim());
      one.complain(fault === undefined ? undefined : fault === "cell" ? t("Bitte ausfüllen.", "Please fill in.") : t("Darf nicht mit =, +, - oder @ beginnen.", "Must not begin with =, +, - or @."));
      whole &&= fault === undefined;
    }
    if (!whole) return;
    const postal = { street: street.input.value.trim(), postcode: postcode.input.value.trim(), city: city.input.value.trim() };
    await desk.shared.change((record) => ({ ...record, book: record.book.move(new Map([[person.reference, postal]])) }));
    fill(said, notice("success", t("Anschrift gespeichert.", "Address saved.")));
  };
  const sure = checkbox(t("Ich will diese Person aus dem Adressbuch löschen.", "I want to delete this person from the address book."));
  const erase = async (): Promise<void> => {
    if (!sure.input.checked) return sure.input.focus();
    await desk.shared.change((record) => {
      const found = record.book.byReference(person.reference);
      return found === undefined || currentAddress(found) !== undefined ? record : { ...record, book: record.book.remove(person.reference) };
    });
    location.hash = "#/";
  };
  const bound = currentAddress(person) !== undefined;
  return h("details", null, h("summary", null, t("Anschrift ändern oder löschen", "Change the address or delete")),
    formOf(button(t("Anschrift speichern", "Save the address"), move, "secondary", shown), h("div", { class: "desk-form" }, street.element, postcode.element, city.element)),
    bound
      ? paragraph(t("Löschen geht erst, wenn die Verbindung zurückgenommen ist.", "Deleting is possible only after the connection was withdrawn."))
      : [sure.element, h("div", { class: "actions" }, button(t("Aus dem Adressbuch löschen", "Delete from the address book"), erase, "secondary", shown))],
    said);
}
