// What came in: who answers it, what is done, and the letter itself.
//
// Invariant: looking at the list signs nothing; opening a letter signs its handover, as for everybody.

import { type StatementHash, type VerifyingKey, statementHash } from "../../../core/ids.ts";
import { type DeskRecord, answers, nameOf } from "../../../core/book/record.ts";
import { RefusedError } from "../../../client/error.ts";
import { follow } from "../../../client/lists.ts";
import { openLetter } from "../../../client/read.ts";
import { fetchIncoming } from "../../../client/mailbox.ts";
import { verifyRecipient } from "../../../client/recipient.ts";
import { choice } from "../../dom/choice.ts";
import { fill, h } from "../../dom/element.ts";
import { button, heading, link, notice, paragraph, terms, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { dateTime, t } from "../../language.ts";
import { attachments } from "../../letter/attachments.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { newDraft, saveDraft } from "../draft.ts";
import { type Incoming, incomingLetters } from "../mail.ts";
import { count, empty, table } from "../parts.ts";
import type { Desk } from "../state.ts";

const PAGE = 40;

const assignmentOf = ({ assignments }: DeskRecord, hash: StatementHash): DeskRecord["assignments"][number] | undefined => assignments.find(({ header }) => header === hash);

/** Gives a letter to a clerk, or to nobody. */
async function assign(desk: Desk, hash: StatementHash, clerk: VerifyingKey | undefined): Promise<void> {
  await desk.shared.change((record) => {
    const rest = record.assignments.filter(({ header }) => header !== hash);
    return { ...record, assignments: clerk === undefined ? rest : [...rest, { header: hash, clerk, by: desk.me, at: desk.session.now }] };
  });
}

async function settle(desk: Desk, hash: StatementHash, done: boolean): Promise<void> {
  await desk.shared.change((record) => {
    const known = assignmentOf(record, hash) ?? { header: hash, clerk: desk.me, by: desk.me, at: desk.session.now };
    const rest = record.assignments.filter(({ header }) => header !== hash);
    return { ...record, assignments: [...rest, { ...known, done: done ? desk.session.now : undefined }] };
  });
}

function responsible(desk: Desk, hash: StatementHash): string {
  const record = desk.shared.record;
  const found = assignmentOf(record, hash);
  if (found === undefined) return t("niemand", "nobody");
  const answering = answers(record, found);
  const name = plain(nameOf(record, answering) ?? t("ehemalig", "former colleague"));
  return answering === found.clerk ? name : t(`${name} (in Vertretung)`, `${name} (as deputy)`);
}

export function repliesView(desk: Desk): View {
  const place = h("div");
  const said = h("div", { "aria-live": "polite" }, waiting(t("Eingang wird geholt …", "Fetching what came in …")));
  const shown = (error: unknown): void => fill(said, failure(error));
  const letters: Incoming[] = [];
  let next = Number.MAX_SAFE_INTEGER;
  const filter = choice(t("Zeigen", "Show"), [["open", t("alle offenen", "all open ones")], ["mine", t("meine", "mine")], ["free", t("noch niemandem zugeteilt", "not assigned yet")], ["done", t("erledigte", "done ones")]], "open");
  const wanted = ({ hash }: Incoming): boolean => {
    const found = assignmentOf(desk.shared.record, hash);
    const open = found?.done === undefined;
    switch (filter.input.value) {
      case "mine": return open && found !== undefined && answers(desk.shared.record, found) === desk.me;
      case "free": return found === undefined;
      case "done": return !open;
      default: return open;
    }
  };
  const draw = (): void => {
    const found = letters.filter(wanted);
    fill(
      place,
      found.length === 0 && next === 0 ? empty(t("Nichts da", "Nothing there"), t("Antworten und Anträge von Bürgerinnen und Bürgern erscheinen hier.", "Replies and applications of citizens appear here.")) : table(count(found.length, t("Schreiben", "letter"), t("Schreiben", "letters")), [
        { head: t("Betreff", "Subject"), cell: ({ hash, manifest, read }) => [link(plain(manifest?.subject ?? t("verschlossen", "closed")), `#/replies/${hash}`), read ? null : [" ", h("span", { class: "mark" }, t("neu", "new"))]] },
        { head: t("Von", "From"), cell: ({ person, envelope }) => (person === undefined ? plain(envelope.sender.name ?? t("nicht im Adressbuch", "not in the address book")) : plain(`${person.reference}, ${person.name}`)) },
        { head: t("Eingang", "Received"), cell: ({ envelope }) => dateTime(envelope.header.payload.context.time) },
        { head: t("Zuständig", "In charge"), cell: ({ hash }) => responsible(desk, hash) },
      ], found),
      next > 0 && letters.length > 0 ? h("div", { class: "actions" }, button(t("Ältere laden", "Load older ones"), more, "secondary", shown)) : null,
    );
  };
  const more = async (): Promise<void> => {
    const page = await incomingLetters(desk, PAGE, next);
    letters.push(...page.letters);
    next = page.next;
    fill(said);
    draw();
  };
  const stop = new AbortController();
  /** What came in while the view is shown goes on top. */
  const arrived = async (): Promise<void> => {
    if (next === Number.MAX_SAFE_INTEGER) return more();
    const known = new Set(letters.map(({ hash }) => hash));
    const { letters: newest } = await incomingLetters(desk, PAGE);
    letters.unshift(...newest.filter(({ hash }) => !known.has(hash)));
    draw();
  };
  filter.input.addEventListener("change", draw);
  desk.shared.refresh()
    .then(() => follow(desk.session, "mailbox", stop.signal, () => void arrived().catch(shown)))
    // Where many clerks watch at once, some lists stay as they are until they are opened again.
    .catch((error: unknown) => (stop.signal.aborted || (error instanceof RefusedError && error.code === "too-many-waiters") ? undefined : shown(error)));
  return { title: t("Eingang", "Received"), content: [h("div", { class: "desk-tools" }, filter.element), said, place], leave: () => stop.abort() };
}

export function replyReadView(desk: Desk, argument: string): View {
  const hash = statementHash.parse(argument);
  const title = t("Eingegangenes Schreiben", "Received letter");
  const back = paragraph(link(t("Zurück zum Eingang", "Back to what came in"), "#/replies"));
  if (hash === undefined) return { title, content: back };
  const place = h("div", null, waiting(t("Wird entschlüsselt und geprüft …", "Decrypting and verifying …")));
  open(desk, hash, place).catch((error: unknown) => fill(place, failure(error)));
  return { title, content: [back, place] };
}

async function open(desk: Desk, hash: StatementHash, place: Element): Promise<void> {
  await desk.shared.refresh();
  const { header } = await fetchIncoming(desk.session, hash);
  if (header.payload.class === "ordinary") return show(desk, hash, place);
  fill(place, notice("info", t("Förmliche Zustellung", "Registered delivery"), paragraph(t("Das Schreiben ist verschlossen, bis Sie für die Behörde den Empfang unterschreiben.", "The letter is closed until you sign for it for the authority."))),
    h("div", { class: "actions" }, button(t("Empfang unterschreiben und öffnen", "Sign for it and open"), () => show(desk, hash, place), "primary", (error) => fill(place, failure(error)))));
}

async function show(desk: Desk, hash: StatementHash, place: Element): Promise<void> {
  const letter = await openLetter(desk.session, hash);
  const { manifest, envelope } = letter;
  const { sender } = envelope.header.payload;
  const person = desk.shared.record.book.byAddress(sender)[0];
  const standing = person && (await verifyRecipient(desk.session, person)).standing;
  const verified = standing === "verified" || standing === "closed";
  const from = person === undefined ? plain(envelope.sender.name ?? sender) : plain(`${person.reference}, ${person.name}`);
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const answer = async (): Promise<void> => {
    const draft = { ...newDraft(person === undefined ? [] : [person.reference]), subject: `${t("Antwort: ", "Reply: ")}${plain(manifest.subject, 300)}`, inReplyTo: hash };
    await saveDraft(desk, draft);
    location.hash = `#/write/${draft.id}`;
  };
  fill(
    place,
    terms([
      [t("Von", "From"), [from, verified === true ? ` (${t("Name geprüft", "name verified")})` : ""]],
      [t("Eingang", "Received"), dateTime(envelope.header.payload.context.time)],
      manifest.inReplyTo === undefined ? undefined : [t("Antwort auf", "Reply to"), link(t("gesendeter Brief", "sent letter"), `#/sent/${manifest.inReplyTo}`)],
      [t("Übergabe quittiert", "Handover receipted"), dateTime(letter.handover.receipt.payload.context.time)],
    ]),
    heading(2, plain(manifest.subject, 500)),
    manifest.text === "" ? null : h("div", { class: "letter-text" }, manifest.text),
    attachments(letter),
    duty(desk, hash, said, shown),
    said,
    person !== undefined && desk.may("send") ? h("div", { class: "actions" }, button(t("Antworten", "Reply"), answer, "primary", shown)) : null,
  );
}

/** Who answers it, and whether it is done. */
function duty(desk: Desk, hash: StatementHash, said: Element, shown: (error: unknown) => void): HTMLElement {
  const place = h("section", { class: "facts" });
  const draw = (): void => {
    const { record } = desk.shared;
    const found = assignmentOf(record, hash);
    const who = choice(t("Wer antwortet?", "Who answers?"), [["", t("niemand", "nobody")], ...record.clerks.map(({ key, name, away }): [string, string] => [key, away === true ? t(`${plain(name)} (abwesend)`, `${plain(name)} (away)`) : plain(name)])], found?.clerk ?? "");
    const give = async (): Promise<void> => {
      const chosen = record.clerks.find(({ key }) => key === who.input.value)?.key;
      await assign(desk, hash, chosen);
      fill(said, notice("success", chosen === undefined ? t("Nicht mehr zugeteilt.", "No longer assigned.") : t(`Zugeteilt: ${responsible(desk, hash)}`, `Assigned: ${responsible(desk, hash)}`)));
      draw();
    };
    const done = found?.done !== undefined;
    const close = async (): Promise<void> => {
      await settle(desk, hash, !done);
      fill(said, notice("success", done ? t("Wieder offen.", "Open again.") : t("Erledigt.", "Done.")));
      draw();
    };
    fill(place, heading(2, t("Bearbeitung", "Work")), terms([[t("Zuständig", "In charge"), responsible(desk, hash)], found?.done === undefined ? undefined : [t("Erledigt", "Done"), dateTime(found.done)]]), who.element,
      h("div", { class: "actions" }, button(t("Zuteilen", "Assign"), give, "secondary", shown), button(done ? t("Wieder öffnen", "Open again") : t("Erledigt", "Done"), close, "secondary", shown)));
  };
  draw();
  return place;
}
