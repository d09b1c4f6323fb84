// One person: what the authority's register says, whether the mailbox is verified, and what was agreed to.

import { checkCell, isoDate } from "../../../core/book/spreadsheet.ts";
import { type NewEntry, currentAddress, statusOf } from "../../../core/book/entry.ts";
import { withdrawBinding } from "../../../client/authority.ts";
import { NotFoundError } from "../../../client/error.ts";
import { systemEnvironment } from "../../../client/ports.ts";
import { type KnownRecipient, type Standing, verifyRecipient } from "../../../client/recipient.ts";
import { acquaintance } from "../../../client/trust.ts";
import { fill, h } from "../../dom/element.ts";
import { type Field, button, checkbox, field, link, notice, paragraph, terms, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, day, t } from "../../language.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { formOf } from "../locks.ts";
import { action, group } from "../parts.ts";
import type { Desk } from "../state.ts";
import { statusWords } from "../words.ts";
import { changePerson } from "./person-edit.ts";

const back = (): HTMLElement => paragraph(link(t("Zurück zum Adressbuch", "Back to the address book"), "#/"));

export function standingWords(standing: Standing): string {
  return {
    verified: t("Name geprüft: Die Verbindung trägt die Unterschrift Ihrer Behörde.", "Name verified: the connection bears your authority's signature."),
    "not-enrolled": t("Noch kein Postfach verbunden.", "No mailbox connected yet."),
    ended: t("Die Verbindung gilt nicht mehr. Bitte einen neuen Brief mit Code schreiben.", "The connection no longer counts. Please write a new letter with a code."),
    closed: t("Die Person hat ihr Postfach geschlossen. Bitte auf Papier schreiben.", "The person closed the mailbox. Please write on paper."),
    "other-person": t("Achtung: Die Verbindung ist für einen anderen Namen unterschrieben als im Adressbuch steht.", "Careful: the connection is signed for another name than the address book has."),
  }[standing];
}

export function personView(desk: Desk, reference: string): View {
  const person = desk.shared.record.book.byReference(reference);
  if (person === undefined) return { title: t("Nicht im Adressbuch", "Not in the address book"), content: back() };
  const verified = h("div", { "aria-live": "polite" }, waiting(t("Die Verbindung wird geprüft …", "Verifying the connection …")));
  verifyRecipient(desk.session, person, acquaintance(desk.session))
    .then((known) => fill(verified, standing(known)))
    .catch((error: unknown) => fill(verified, failure(error)));
  const bound = currentAddress(person);
  return {
    title: plain(person.name),
    content: [
      back(),
      terms([
        [t("Kassenzeichen", "Reference"), plain(reference)],
        [t("Geboren", "Born"), day(person.birthDate)],
        [t("Anschrift", "Address"), plain(`${person.postal.street}, ${person.postal.postcode} ${person.postal.city}`)],
        [t("Stand", "State"), statusWords(statusOf(person, desk.session.now))],
        person.letter && [t("Letzter Brief mit Code", "Last letter with a code"), t(`${date(person.letter.issued)}, gilt bis ${date(person.letter.expires - 1)}`, `${date(person.letter.issued)}, counts until ${date(person.letter.expires - 1)}`)],
        bound && [t("Verbunden seit", "Connected since"), date(bound.since)],
      ]),
      verified,
      h("div", { class: "actions" },
        bound !== undefined && desk.may("send") ? action(t("Brief schreiben", "Write a letter"), `#/write/to/${encodeURIComponent(reference)}`, "primary") : null,
        desk.may("register") ? action(t("Brief mit Code drucken", "Print a letter with a code"), `#/letters/${encodeURIComponent(reference)}`, bound === undefined ? "primary" : "secondary") : null),
      changePerson(desk, person),
      bound !== undefined && desk.may("register") ? unbind(desk, reference) : null,
    ],
  };
}

function standing({ standing: found, notification, service }: KnownRecipient): HTMLElement {
  const yes = (given: boolean): string => (given ? t("ja", "yes") : t("nein", "no"));
  const tone = found === "verified" ? "success" : found === "not-enrolled" ? "info" : "warning";
  return notice(tone, standingWords(found), found !== "verified" ? null : terms([
    [t("Einverstanden mit Bekanntgabe", "Agreed to notification"), yes(notification)],
    [t("Einverstanden mit förmlicher Zustellung", "Agreed to formal service"), yes(service)],
  ]));
}

/** Ends the connection, as after a death or a move; the person then gets paper again. */
function unbind(desk: Desk, reference: string): HTMLElement {
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const sure = checkbox(t("Ich will die Verbindung zurücknehmen.", "I want to withdraw the connection."));
  const end = async (): Promise<void> => {
    if (!sure.input.checked) return sure.input.focus();
    const person = (await desk.shared.refresh()).book.byReference(reference);
    const bound = person && currentAddress(person);
    if (bound === undefined) throw new NotFoundError("no binding");
    const { relation } = await desk.session.relation(bound.address, desk.session.address);
    const binding = relation.bindings.find((one) => one.binding.hash === bound.binding)?.binding;
    if (binding === undefined) throw new NotFoundError("no binding");
    const { receipt } = await withdrawBinding(desk.session, binding, "address-ended");
    await desk.shared.change((record) => ({ ...record, book: record.book.withdraw(bound.binding, receipt.payload.context.time) }));
    fill(said, notice("success", t("Zurückgenommen und quittiert. Post an dieses Postfach wird nicht mehr angenommen.", "Withdrawn and receipted. Mail to this mailbox is no longer accepted.")));
  };
  return h("details", null, h("summary", null, t("Verbindung zurücknehmen", "Withdraw the connection")),
    paragraph(t("Danach geht kein Brief mehr an dieses Postfach, und es läuft dort keine Frist.", "After that no letter goes to this mailbox any more, and no period runs there.")),
    sure.element, h("div", { class: "actions" }, button(t("Zurücknehmen", "Withdraw"), end, "secondary", shown)), said);
}

export function newPersonView(desk: Desk): View {
  const place = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(place, failure(error));
  const fields: Record<"reference" | "name" | "birthDate" | "street" | "postcode" | "city", Field> = {
    reference: field(t("Kassenzeichen", "Reference"), undefined, { autocomplete: "off", maxlength: "200" }),
    name: field(t("Vor- und Nachname", "Full name"), undefined, { autocomplete: "off", maxlength: "200" }),
    birthDate: field(t("Geburtsdatum", "Date of birth"), t("TT.MM.JJJJ", "DD.MM.YYYY"), { autocomplete: "off", inputmode: "numeric", maxlength: "10" }),
    street: field(t("Straße und Hausnummer", "Street and number"), undefined, { autocomplete: "off", maxlength: "200" }),
    postcode: field(t("Postleitzahl", "Postcode"), undefined, { autocomplete: "off", inputmode: "numeric", maxlength: "20" }),
    city: field(t("Ort", "City"), undefined, { autocomplete: "off", maxlength: "200" }),
  };
  const save = async (): Promise<void> => {
    const person = readPerson(fields);
    if (person === undefined) return;
    const taken = (await desk.shared.refresh()).book.byReference(person.reference) !== undefined;
    fields.reference.complain(taken ? t("Dieses Kassenzeichen gibt es schon.", "This reference exists already.") : undefined);
    if (taken) return;
    await desk.shared.change((record) => ({ ...record, book: record.book.add([person], systemEnvironment.random) }));
    location.hash = `#/person/${encodeURIComponent(person.reference)}`;
  };
  const form = formOf(button(t("Speichern", "Save"), save, "primary", shown), group(t("Wie im Register", "As in the register"), h("div", { class: "desk-form" }, Object.values(fields).map(({ element }) => element))));
  return { title: t("Person anlegen", "Add a person"), content: [back(), form, place] };
}

/** What was typed, or nothing; then the first wrong field is named and focused. */
function readPerson(fields: Record<"reference" | "name" | "birthDate" | "street" | "postcode" | "city", Field>): NewEntry | undefined {
  const typed = (name: keyof typeof fields): string => fields[name].input.value.trim();
  const birthDate = isoDate(typed("birthDate"));
  let whole = true;
  for (const [name, one] of Object.entries(fields).reverse()) {
    const fault = checkCell(one.input.value.trim());
    const words = fault === "cell" ? t("Bitte ausfüllen.", "Please fill in.") : fault === "formula" ? t("Darf nicht mit =, +, - oder @ beginnen.", "Must not begin with =, +, - or @.") : undefined;
    const wrong = words ?? (name === "birthDate" && birthDate === undefined ? t("Diesen Tag gibt es nicht.", "There is no such day.") : undefined);
    one.complain(wrong);
    whole &&= wrong === undefined;
  }
  if (!whole || birthDate === undefined) return undefined;
  return { reference: typed("reference"), name: typed("name"), birthDate, postal: { street: typed("street"), postcode: typed("postcode"), city: typed("city") } };
}

