// Requests of people who used their letter's code: compared with the address book, then bound or refused.

import { type WaitingClaim, waitingClaims } from "../../../client/authority.ts";
import { type Judgement, bindPerson, judgeClaims, refusePerson } from "../../../client/claims.ts";
import type { BoundAddress } from "../../../core/book/entry.ts";
import type { RefusalReason } from "../../../core/statement/binding.ts";
import { fill, h } from "../../dom/element.ts";
import { button, link, notice, paragraph, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../../language.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { count, empty, table } from "../parts.ts";
import type { Desk } from "../state.ts";

/** From which number on there may be claims that are not answered; noted on this device. */
const AFTER = "claims-after";
/** How often an empty list is looked at again, in milliseconds. */
const LOOK_AGAIN = 10_000;

function refusalWords(reason: RefusalReason): string {
  return {
    "unknown-code": t("Dieser Code steht in keinem Brief.", "This code is in no letter."),
    "wrong-proof": t("Der Code passt nicht zum Brief.", "The code does not fit the letter."),
    expired: t("Die Frist des Briefs ist vorbei.", "The letter's period is over."),
    "already-used": t("Der Code wurde schon benutzt.", "The code was used already."),
  }[reason];
}

/** The claims that are not answered yet, judged by the newest book. */
export async function openClaims(desk: Desk): Promise<readonly Judgement[]> {
  const noted = await desk.device.get(AFTER);
  const after = typeof noted === "number" ? noted : 0;
  const { claims, next } = await waitingClaims(desk.session, after);
  if (claims.length === 0) return [];
  const { book } = await desk.shared.refresh();
  const judged = judgeClaims(book, claims as readonly WaitingClaim[], desk.session.now);
  if (judged.length === 0 && next > after) await desk.device.put(AFTER, next);
  return judged;
}

/** Answers all, then notes in one change who is bound; what is not noted for an interruption is found again. */
async function answerAll(desk: Desk, judged: readonly Judgement[]): Promise<{ bound: number; refused: number }> {
  const noted = new Map<string, BoundAddress>();
  try {
    for (const one of judged) {
      if (one.judgement === "refuse") await refusePerson(desk.session, one);
      else noted.set(one.person.reference, one.judgement === "note" ? one.bound : (await bindPerson(desk.session, one)).bound);
    }
  } finally {
    if (noted.size > 0) await desk.shared.change((record) => ({ ...record, book: [...noted].reduce((book, [reference, bound]) => book.bind(reference, bound), record.book) }));
  }
  return { bound: noted.size, refused: judged.length - noted.size };
}

export function claimsView(desk: Desk): View {
  const place = h("div", { "aria-live": "polite" });
  const said = h("div", { role: "status" });
  const failed = (error: unknown): void => fill(said, failure(error));
  const look = async (): Promise<void> => {
    fill(place, waiting(t("Anträge werden geholt und geprüft …", "Fetching and checking requests …")));
    try {
      show(await openClaims(desk));
    } catch (error) {
      fill(place, failure(error), h("div", { class: "actions" }, button(t("Noch einmal", "Try again"), look)));
    }
  };
  let isEmpty = false;
  const show = (judged: readonly Judgement[]): void => {
    isEmpty = judged.length === 0;
    const again = button(t("Noch einmal nachsehen", "Look again"), look, "tertiary");
    if (judged.length === 0) {
      return fill(place, empty(t("Keine offenen Anträge", "No open requests"), t("Wer seinen Code benutzt, erscheint hier.", "Whoever uses their code appears here.")), h("div", { class: "actions" }, again));
    }
    const unfit = judged.filter(({ judgement }) => judgement === "refuse");
    const fit = judged.filter(({ judgement }) => judgement !== "refuse");
    const answer = (chosen: readonly Judgement[]) => async (): Promise<void> => {
      const { bound, refused } = await answerAll(desk, chosen);
      fill(said, notice("success", t("Beantwortet und quittiert", "Answered and receipted"), paragraph(t(`${count(bound, "Person", "Personen")} verbunden, ${count(refused, "Antrag", "Anträge")} abgelehnt.`, `${count(bound, "person", "people")} connected, ${count(refused, "request", "requests")} refused.`))));
      await look();
    };
    fill(
      place,
      table(count(judged.length, t("Antrag", "request"), t("Anträge", "requests")), [
        { head: t("Person", "Person"), cell: (one) => (one.judgement === "refuse" ? t("unbekannt", "unknown") : link(plain(one.person.name), `#/person/${encodeURIComponent(one.person.reference)}`)) },
        { head: t("Kassenzeichen", "Reference"), cell: (one) => (one.judgement === "refuse" ? null : plain(one.person.reference)) },
        { head: t("Ergebnis der Prüfung", "Result of the check"), cell: (one) => (one.judgement === "refuse" ? refusalWords(one.reason) : t("Der Code stimmt mit dem Brief überein.", "The code is that of the letter.")) },
        { head: t("Vorschlag", "Proposal"), cell: (one) => (one.judgement === "refuse" ? t("ablehnen", "refuse") : t("verbinden", "connect")) },
      ], judged),
      unfit.length === 0 ? null : paragraph(t("Ablehnen Sie nur, was nicht aus einem Brief der Befehlszeile oder einer anderen Stelle Ihrer Behörde kommt.", "Refuse only what does not come from a letter of the command line or of another office of your authority.")),
      h("div", { class: "actions" },
        fit.length === 0 ? null : button(t(`Verbinden (${fit.length})`, `Connect (${fit.length})`), answer(fit), "primary", failed),
        unfit.length === 0 ? null : button(t(`Ablehnen (${unfit.length})`, `Refuse (${unfit.length})`), answer(unfit), "secondary", failed),
        again),
    );
  };
  void look();
  // Whoever waits at home is answered soon: an empty list is looked at again by itself.
  const timer = setInterval(() => {
    if (!isEmpty) return;
    openClaims(desk).then((judged) => (judged.length > 0 && isEmpty ? show(judged) : undefined)).catch(() => undefined);
  }, LOOK_AGAIN);
  return { title: t("Anträge", "Requests"), content: [said, place], leave: () => clearInterval(timer) };
}
