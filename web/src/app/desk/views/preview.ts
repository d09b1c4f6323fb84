// The preview: who gets the letter, with verified names; what they will see; what is missing. Then it is sent, or given
// to a second person.
//
// Invariant: nothing goes out before every recipient's name was verified and the clerk saw it here.

import { currentAddress } from "../../../core/book/entry.ts";
import { type KnownRecipient, verifyRecipient } from "../../../client/recipient.ts";
import { acquaintance } from "../../../client/trust.ts";
import { fill, h } from "../../dom/element.ts";
import { button, heading, link, notice, paragraph, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { size, t } from "../../language.ts";
import { factsCard } from "../../letter/facts.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { checkDraft } from "../check.ts";
import { type Draft, type DraftRow, actOf, loadDraft } from "../draft.ts";
import { count, table } from "../parts.ts";
import { giveForRelease } from "../release.ts";
import { begin, loadSending } from "../sending.ts";
import type { Desk } from "../state.ts";
import { standingWords } from "./person.ts";

interface Checked {
  readonly row: DraftRow;
  readonly name: string;
  readonly known: KnownRecipient;
}

export async function previewView(desk: Desk, id: string): Promise<View> {
  const title = t("Vorschau", "Preview");
  const draft = await loadDraft(desk, id);
  if (draft === undefined) return { title, content: paragraph(t("Diesen Entwurf gibt es nicht mehr. ", "This draft is no more. "), link(t("Zu den Entwürfen", "To the drafts"), "#/drafts")) };
  const place = h("div", { "aria-live": "polite" }, waiting(t("Namen und Verbindungen werden geprüft …", "Verifying names and connections …")));
  if ((await loadSending(desk, id)) !== undefined) return { title, content: paragraph(t("Dieser Brief wird schon gesendet. ", "This letter is being sent already. "), link(t("Zur Sendung", "To the sending"), `#/sending/${id}`)) };
  check(desk, draft).then((checked) => show(desk, draft, checked, place, ownActions)).catch((error: unknown) => fill(place, failure(error)));
  return { title, content: [paragraph(link(t("Zurück zum Schreiben", "Back to writing"), `#/write/${id}`)), place] };
}

/** Shows a colleague's draft with the names verified, and what the caller offers to do. */
export async function showForRelease(desk: Desk, draft: Draft, place: Element, actions: Actions): Promise<void> {
  show(desk, draft, await check(desk, draft), place, actions);
}

/** What can be done with a letter without faults. */
export type Actions = (desk: Desk, draft: Draft, people: string, shown: (error: unknown) => void) => (HTMLElement | null)[];

function ownActions(desk: Desk, draft: Draft, people: string, shown: (error: unknown) => void): (HTMLElement | null)[] {
  const needsRelease = desk.shared.record.fourEyes === true && draft.hasAct;
  const send = async (): Promise<void> => {
    const sending = await begin(desk, draft);
    location.hash = `#/sending/${sending.draft.id}`;
  };
  const give = async (): Promise<void> => {
    await giveForRelease(desk, draft);
    location.hash = "#/releases";
  };
  return [
    needsRelease ? paragraph(t("Bescheide gibt bei Ihnen eine zweite Person frei.", "With you, a second person releases decisions.")) : null,
    h("div", { class: "actions" },
      needsRelease ? null : button(t(`Verschlüsselt senden an ${people}`, `Send encrypted to ${people}`), send, "primary", shown),
      button(t("Zur Freigabe geben", "Give for release"), give, needsRelease ? "primary" : "secondary", shown)),
  ];
}

async function check(desk: Desk, draft: Draft): Promise<readonly Checked[]> {
  const { book } = await desk.shared.refresh();
  const known = acquaintance(desk.session);
  const checked: Checked[] = [];
  for (const row of draft.recipients) {
    const person = book.byReference(row.reference);
    const found: KnownRecipient = person === undefined || currentAddress(person) === undefined
      ? { standing: "not-enrolled", address: undefined, notification: false, service: false }
      : await verifyRecipient(desk.session, person, known);
    checked.push({ row, name: person?.name ?? "?", known: found });
  }
  return checked;
}

function show(desk: Desk, draft: Draft, checked: readonly Checked[], place: Element, actions: Actions): void {
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const remarks = checkDraft(draft);
  const faults = [
    ...remarks.filter(({ weight }) => weight === "fault").map(({ words }) => words),
    ...checked.filter(({ known }) => known.standing !== "verified").map(({ row, known }) => `${plain(row.reference)}: ${standingWords(known.standing)}`),
    ...(desk.certified === undefined ? [t("Diese Behörde ist nicht beglaubigt.", "This authority is not certified.")] : []),
  ];
  const warnings = [...remarks.filter(({ weight }) => weight === "warning").map(({ words }) => words), ...consentWarnings(draft, checked)];
  const people = count(checked.length, t("Person", "person"), t("Personen", "people"));
  fill(
    place,
    faults.length === 0 ? null : notice("danger", t("So kann der Brief nicht hinaus.", "The letter cannot go out like this."), h("ul", null, faults.map((words) => h("li", null, words)))),
    warnings.length === 0 ? null : notice("warning", t("Bitte bedenken", "Please consider"), h("ul", null, warnings.map((words) => h("li", null, words)))),
    heading(2, t("Wer bekommt ihn?", "Who gets it?")),
    table(people, [
      { head: t("Kassenzeichen", "Reference"), cell: ({ row }) => plain(row.reference) },
      { head: t("Name", "Name"), cell: ({ name }) => plain(name) },
      { head: t("Prüfung", "Check"), cell: ({ known }) => (known.standing === "verified" ? t("Name geprüft", "name verified") : standingWords(known.standing)) },
      { head: t("Einverständnis", "Consent"), cell: ({ known }) => consentWords(known) },
      { head: t("Betreff", "Subject"), cell: ({ row }) => plain(row.subject ?? draft.subject) },
    ], checked),
    heading(2, t("Was sieht die Person?", "What does the person see?")),
    h("p", { class: "kern-body" }, h("strong", null, plain(draft.subject, 500))),
    draft.hasAct ? factsCard(actOf(draft) ?? { kind: "", fileNumber: "" }, desk.certified ?? desk.account.authority) : null,
    draft.text === "" ? null : h("div", { class: "letter-text" }, draft.text),
    draft.files.length === 0 ? null : h("ul", { class: "files" }, draft.files.map((file) => h("li", null, h("strong", null, plain(file.name)), ` (${size(file.size)})`))),
    paragraph(draft.class === "registered"
      ? t("Förmliche Zustellung: lesbar erst gegen Unterschrift.", "Registered delivery: readable only against a signature.")
      : t("Gewöhnlicher Brief.", "Ordinary letter."), draft.legalRule === "" ? "" : ` ${t("Regel", "Rule")}: ${draft.legalRule}.`),
    said,
    faults.length > 0 ? null : actions(desk, draft, people, shown),
  );
}

function consentWords({ notification, service }: KnownRecipient): string {
  if (service && notification) return t("Bekanntgabe und Zustellung", "notification and service");
  if (service) return t("Zustellung", "service");
  return notification ? t("Bekanntgabe", "notification") : t("keines", "none");
}

/** Without consent there is no fiction: the letter arrives, but no period runs by itself. */
function consentWarnings(draft: Draft, checked: readonly Checked[]): readonly string[] {
  if (!draft.hasAct && draft.class === "ordinary") return [];
  const wanted = draft.class === "registered" ? "service" : "notification";
  const without = checked.filter(({ known }) => known.standing === "verified" && !known[wanted]);
  if (without.length === 0) return [];
  const names = without.slice(0, 5).map(({ row }) => plain(row.reference)).join(", ");
  return [wanted === "service"
    ? t(`Ohne Einverständnis mit förmlicher Zustellung: ${names}. Der Brief gilt nicht von selbst als zugestellt.`, `Without consent to formal service: ${names}. The letter does not count as served by itself.`)
    : t(`Ohne Einverständnis mit der Bekanntgabe: ${names}. Der Bescheid gilt nicht von selbst als bekannt gegeben.`, `Without consent to notification: ${names}. The decision does not count as notified by itself.`)];
}
