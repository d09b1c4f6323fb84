// What is wrong with a draft, and what a citizen would miss in it.
//
// Invariant: `fault` stops the letter, `warning` does not; each says what to do next.

import { MAX_SUBJECT, MAX_TEXT } from "../../core/envelope/manifest.ts";
import { utf8 } from "../../core/codec/bytes.ts";
import { parseDay } from "../../core/deadline/day.ts";
import { ruleNamed } from "../../core/deadline/rules.ts";
import { t } from "../language.ts";
import { plain } from "../plain-text.ts";
import { type Draft, cents } from "./draft.ts";

export interface Remark {
  readonly weight: "fault" | "warning";
  readonly words: string;
}

const MAX_ACT_TEXT = 500;
const MAX_ACKNOWLEDGE_DAYS = 365;

export function checkDraft(draft: Draft): readonly Remark[] {
  return [...faults(draft).map((words): Remark => ({ weight: "fault", words })), ...warnings(draft).map((words): Remark => ({ weight: "warning", words }))];
}

function faults({ recipients, subject, text, hasAct, act, acknowledgeWithin, class: kind }: Draft): readonly string[] {
  const found: string[] = [];
  const refuse = (wrong: boolean, words: string): void => void (wrong && found.push(words));
  refuse(recipients.length === 0, t("Es fehlt, wer den Brief bekommt.", "Nobody is named to get the letter."));
  refuse(subject.trim() === "" && recipients.some((row) => row.subject === undefined), t("Der Betreff fehlt.", "The subject is missing."));
  refuse(utf8(subject).length > MAX_SUBJECT, t("Der Betreff ist zu lang.", "The subject is too long."));
  refuse(utf8(text).length > MAX_TEXT, t("Der Text ist zu lang. Bitte als Datei anhängen.", "The text is too long. Please attach it as a file."));
  const days = Number(acknowledgeWithin);
  refuse(acknowledgeWithin !== "" && !(Number.isInteger(days) && days >= 1 && days <= MAX_ACKNOWLEDGE_DAYS), t("Die Frist für das Empfangsbekenntnis ist keine Zahl von 1 bis 365.", "The days for the acknowledgement are no number from 1 to 365."));
  refuse(acknowledgeWithin !== "" && kind === "ordinary", t("Ein Empfangsbekenntnis gibt es nur bei förmlicher Zustellung.", "An acknowledgement is for registered delivery only."));
  if (!hasAct) return found;
  refuse(act.kind.trim() === "", t("Beim Bescheid fehlt, was er ist.", "The decision lacks what it is."));
  refuse(act.fileNumber.trim() === "", t("Beim Bescheid fehlt das Aktenzeichen.", "The decision lacks its file number."));
  refuse(act.amount.trim() !== "" && cents(act.amount) === undefined, t("Der Betrag ist keiner. Bitte in der Form 120,00 schreiben.", "The amount is none. Please write it as 120.00."));
  const rest = [act.remedyBody, act.remedyPeriod, act.remedyRule];
  refuse(act.remedy.trim() !== "" && rest.some((part) => part.trim() === ""), t("Die Rechtsbehelfsbelehrung ist unvollständig: Stelle, Frist und Rechtsgrundlage angeben.", "The instruction on remedies is incomplete: give body, period and legal basis."));
  refuse(act.remedy.trim() === "" && [...rest, act.remedyUntil].some((part) => part.trim() !== ""), t("In der Rechtsbehelfsbelehrung fehlt die Art, etwa Klage.", "The instruction on remedies lacks its kind, such as Klage."));
  refuse(act.remedyUntil !== "" && parseDay(act.remedyUntil) === undefined, t("Der letzte Tag der Frist ist kein Tag.", "The last day of the period is no day."));
  refuse(Object.values(act).some((part: string) => utf8(part).length > MAX_ACT_TEXT), t("Eine Angabe zum Bescheid ist zu lang.", "One of the decision's facts is too long."));
  return found;
}

function warnings({ files, hasAct, act, legalRule, class: kind, unmonitored, text }: Draft): readonly string[] {
  const found: string[] = [];
  const warn = (missing: boolean, words: string): void => void (missing && found.push(words));
  for (const { name, tags } of files) {
    warn(tags === "untagged", t(`„${plain(name)}“ hat keine Struktur für Screenreader (PDF ohne Tags). Bitte barrierefrei erzeugen, etwa als PDF/UA.`, `"${plain(name)}" has no structure for screen readers (untagged PDF). Please make it accessible, such as PDF/UA.`));
    warn(tags === "unreadable", t(`„${plain(name)}“ lässt sich nicht als PDF lesen. Bitte prüfen, ob die Datei heil ist.`, `"${plain(name)}" cannot be read as a PDF. Please check whether the file is whole.`));
  }
  warn(hasAct && act.remedy.trim() === "", t("Die Rechtsbehelfsbelehrung fehlt. Dann gilt statt eines Monats ein Jahr (§ 58 Abs. 2 VwGO).", "The instruction on remedies is missing. Then the period is a year instead of a month (VwGO § 58(2))."));
  warn(hasAct && act.remedy.trim() !== "" && act.remedyUntil === "", t("Der letzte Tag der Frist fehlt. Mit ihm sieht die Person, bis wann sie etwas tun kann.", "The last day of the period is missing. With it the person sees until when to act."));
  warn(hasAct && act.contact.trim() === "", t("Es fehlt, wen die Person fragen kann.", "Whom the person can ask is missing."));
  warn(hasAct && legalRule === "", t("Keine Regel für die Bekanntgabe gewählt. Dann nennt der Nachweis keinen Tag.", "No rule of notification is chosen. Then the evidence names no day."));
  const effect = ruleNamed(legalRule)?.effect;
  warn(effect === "service" && kind === "ordinary", t("Die gewählte Regel ist eine für förmliche Zustellung, der Brief ist ein gewöhnlicher.", "The chosen rule is one of formal service, the letter is an ordinary one."));
  warn(effect === "notification" && kind === "registered", t("Die gewählte Regel ist eine für die Bekanntgabe, der Brief wird förmlich zugestellt.", "The chosen rule is one of notification, the letter is delivered registered."));
  warn(!hasAct && unmonitored, t("Auf diesen Brief liest niemand Antworten. Bitte im Text sagen, wie man Sie erreicht.", "Nobody reads replies to this letter. Please say in the text how to reach you."));
  warn(text.trim() === "" && files.length > 0, t("Kein Text: Die Person sieht nur Dateien. Ein Satz genügt.", "No text: the person sees files only. One sentence is enough."));
  return found;
}
