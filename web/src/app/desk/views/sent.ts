// What was sent: how far each letter is, its receipts, its evidence.

import { type StatementHash, statementHash } from "../../../core/ids.ts";
import { gatherEvidence } from "../../../client/evidence.ts";
import { fetchEnvelope } from "../../../client/mailbox.ts";
import { withdrawLetter } from "../../../client/read.ts";
import { choice } from "../../dom/choice.ts";
import { fill, h } from "../../dom/element.ts";
import { button, checkbox, field, heading, link, notice, paragraph, terms, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { dateTime, t } from "../../language.ts";
import { saveAs } from "../../letter/save.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { eventWords, stateWords } from "../delivery-words.ts";
import { type SentLetter, isUnread, sentLetter, sentLetters } from "../mail.ts";
import { action, count, empty, table } from "../parts.ts";
import type { Desk } from "../state.ts";
import { searchWords } from "./book.ts";

/** Letters that are fetched at once. */
const PAGE = 40;

export function sentView(desk: Desk): View {
  const place = h("div");
  const said = h("div", { "aria-live": "polite" }, waiting(t("Gesendete Briefe werden geholt …", "Fetching sent letters …")));
  const shown = (error: unknown): void => fill(said, failure(error));
  const letters: SentLetter[] = [];
  let next = Number.MAX_SAFE_INTEGER;
  const filter = choice(t("Zeigen", "Show"), [["all", t("alle", "all")], ["unread", t("noch nicht abgerufen", "not retrieved yet")], ["read", t("abgerufen", "retrieved")], ["trouble", t("gescheitert oder verweigert", "failed or refused")]], "all");
  const search = field(t("Suchen", "Search"), undefined, { type: "search", autocomplete: "off", spellcheck: "false" });
  const wanted = ({ state, person, copy }: SentLetter): boolean => {
    const chosen = filter.input.value;
    const fits = chosen === "all" || (chosen === "unread" && isUnread(state)) || (chosen === "read" && ["retrieved", "opened", "accepted"].includes(state)) || (chosen === "trouble" && ["failed", "refused", "not-notified"].includes(state));
    const text = `${person?.reference ?? ""} ${person?.name ?? ""} ${copy?.subject ?? ""} ${copy?.fileNumber ?? ""}`.toLocaleLowerCase("de");
    return fits && searchWords(search.input.value).every((word) => text.includes(word));
  };
  const draw = (): void => {
    const found = letters.filter(wanted);
    fill(
      place,
      letters.length === 0 && next === 0 ? empty(t("Noch nichts gesendet", "Nothing sent yet"), t("Gesendete Briefe mit ihren Quittungen erscheinen hier.", "Sent letters with their receipts appear here.")) : table(count(found.length, t("Brief", "letter"), t("Briefe", "letters")), [
        { head: t("Betreff", "Subject"), cell: ({ hash, copy }) => link(plain(copy?.subject ?? "") || t("Brief ohne Kopie", "letter without a copy"), `#/sent/${hash}`) },
        { head: t("An", "To"), cell: ({ person, envelope }) => (person === undefined ? (envelope.recipient.name ?? `${envelope.header.payload.recipient.slice(0, 16)}…`) : plain(`${person.reference}, ${person.name}`)) },
        { head: t("Gesendet", "Sent"), cell: ({ envelope }) => dateTime(envelope.header.payload.context.time) },
        { head: t("Art", "Kind"), cell: ({ envelope }) => (envelope.header.payload.class === "registered" ? t("förmlich", "registered") : t("gewöhnlich", "ordinary")) },
        { head: t("Stand", "State"), cell: ({ state }) => stateWords(state) },
      ], found),
      next > 0 && letters.length > 0 ? h("div", { class: "actions" }, button(t("Ältere laden", "Load older ones"), more, "secondary", shown)) : null,
    );
  };
  const more = async (): Promise<void> => {
    const page = await sentLetters(desk, PAGE, next);
    letters.push(...page.letters);
    next = page.next;
    fill(said);
    draw();
  };
  filter.input.addEventListener("change", draw);
  search.input.addEventListener("input", draw);
  more().catch(shown);
  return {
    title: t("Gesendet", "Sent"),
    content: [h("div", { class: "desk-tools" }, search.element, filter.element, action(t("Liste der Ungelesenen für Papier", "List of the unread for paper"), "#/unread")), said, place],
  };
}

export function sentLetterView(desk: Desk, argument: string): View {
  const hash = statementHash.parse(argument);
  const place = h("div", null, waiting());
  const back = paragraph(link(t("Zurück zu den gesendeten Briefen", "Back to the sent letters"), "#/sent"));
  if (hash === undefined) return { title: t("Brief", "Letter"), content: back };
  const load = async (): Promise<void> => show(desk, await sentLetter(desk, await fetchEnvelope(desk.session, hash)), place, load);
  load().catch((error: unknown) => fill(place, failure(error)));
  return { title: t("Gesendeter Brief", "Sent letter"), content: [back, place] };
}

function show(desk: Desk, { hash, envelope, person, state, copy }: SentLetter, place: Element, again: () => Promise<void>): void {
  const { header, delivery } = envelope;
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const points = delivery.receipts.flatMap(({ hash: receipt, payload }) => payload.events.flatMap((event) => {
    const words = eventWords(event);
    return words === undefined ? [] : [{ words, receipt, time: payload.context.time }];
  }));
  fill(
    place,
    h("p", { class: "kern-body" }, h("strong", null, plain(copy?.subject ?? "", 500))),
    terms([
      [t("An", "To"), person === undefined ? header.payload.recipient : link(plain(`${person.reference}, ${person.name}`), `#/person/${encodeURIComponent(person.reference)}`)],
      copy?.fileNumber === undefined ? undefined : [t("Aktenzeichen", "File number"), plain(copy.fileNumber)],
      [t("Art", "Kind"), header.payload.class === "registered" ? t("förmliche Zustellung", "registered delivery") : t("gewöhnlicher Brief", "ordinary letter")],
      header.payload.legalRule === undefined ? undefined : [t("Regel", "Rule"), plain(header.payload.legalRule)],
      [t("Stand", "State"), stateWords(state)],
      [t("Unterschrieben von", "Signed by"), plain(desk.shared.record.clerks.find(({ key }) => key === header.signer)?.name ?? t("Hauptschlüssel", "main key"))],
    ]),
    heading(2, t("Quittungen", "Receipts")),
    table(count(points.length, t("Ereignis", "event"), t("Ereignisse", "events")), [
      { head: t("Was", "What"), cell: ({ words }) => words },
      { head: t("Wann", "When"), cell: ({ time }) => dateTime(time) },
      { head: t("Quittung", "Receipt"), cell: ({ receipt }) => h("code", null, `${receipt.slice(0, 16)}…`) },
    ], points),
    h("div", { class: "actions" }, button(t("Nachweis speichern (.pfe)", "Save the evidence (.pfe)"), () => saveEvidence(desk, hash, said), "secondary", shown)),
    said,
    isUnread(state) ? withdrawal(desk, hash, shown, again) : null,
  );
}

async function saveEvidence(desk: Desk, hash: StatementHash, said: Element): Promise<void> {
  fill(said, waiting());
  saveAs(await gatherEvidence(desk.session, hash, "sealed"), `${t("nachweis", "evidence")}-${hash.slice(0, 12)}.pfe`, "application/octet-stream");
  fill(said, notice("success", t("Gespeichert. Jeder kann die Datei ohne Netz prüfen.", "Saved. Anybody can verify the file offline.")));
}

/** A letter that nobody retrieved can be taken back; that it was is receipted. */
function withdrawal(desk: Desk, hash: StatementHash, shown: (error: unknown) => void, again: () => Promise<void>): HTMLElement {
  const sure = checkbox(t("Der Brief wurde aus Versehen gesendet.", "The letter was sent in error."));
  const take = async (): Promise<void> => {
    if (!sure.input.checked) return sure.input.focus();
    await withdrawLetter(desk.session, hash, "sent-in-error");
    await again();
  };
  return h("details", null, h("summary", null, t("Brief zurückziehen", "Withdraw the letter")), sure.element, h("div", { class: "actions" }, button(t("Zurückziehen", "Withdraw"), take, "secondary", shown)));
}
