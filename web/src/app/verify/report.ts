// One evidence file's report, in the words of `postfach verify`.
//
// Invariant: what is said of a check, an event, a day or a gap comes from core/words, and so does the command line's.
// Absent: the checks (core/evidence).

import type { Check, Report, Verdict } from "../../core/evidence/report.ts";
import { type Timestamped, latest } from "../../core/evidence/timestamps.ts";
import { legalLines, sayVerdict } from "../../core/words/legal.ts";
import { type Words, sayCause, sayGap } from "../../core/words/words.ts";
import { h } from "../dom/element.ts";
import { heading, notice, paragraph, terms, type Tone } from "../dom/parts.ts";
import { dateTime, t } from "../language.ts";
import { plain } from "../plain-text.ts";

const MINUTE = 60_000;

const TONES: Record<Verdict, Tone> = { verified: "success", disputed: "warning", "not-proven": "warning", failed: "danger" };

export function reportView(name: string, report: Report, words: Words): HTMLElement {
  const { header, legalDate } = report;
  return h(
    "section",
    { class: "facts", "data-verdict": report.verdict },
    heading(2, name),
    notice(TONES[report.verdict], words.verdicts[report.verdict], paragraph(explained(report))),
    header === undefined ? null : terms([
      [t("Absender", "Sender"), report.certificate === undefined ? header.payload.sender : plain(report.certificate.payload.name)],
      [t("Empfänger", "Recipient"), header.payload.recipient],
      report.manifest && [t("Betreff", "Subject"), plain(report.manifest.subject, 500)],
      legalDate && [t("Bekanntgabe", "Notification"), sayVerdict(words, legalDate.verdict)],
    ]),
    legalDate === undefined ? null : h("details", null,
      h("summary", null, t("Begründung und Rechtsbehelfsfrist", "Reasoning and period for an appeal")),
      h("ul", null, legalLines(words, legalDate).map((line) => h("li", null, line)))),
    report.timeline.length === 0 ? null : h("ol", { class: "timeline" }, report.timeline.map(({ event, time }) =>
      h("li", null, h("time", { datetime: new Date(time).toISOString() }, dateTime(time)), h("span", null, words.events[event].sentence)))),
    report.timestamps.map((stamp) => paragraph(stampWords(report, stamp))),
    h("details", null, h("summary", null, t(`${report.checks.length} Prüfungen`, `${report.checks.length} checks`)),
      h("ul", null, report.checks.map((check) => checkItem(check, words)))),
    report.notShown.length === 0 ? null : h("details", null, h("summary", null, t("Was diese Datei nicht zeigt", "What this file does not show")),
      h("ul", null, report.notShown.map((what) => h("li", null, words.not_shown[what])))),
  );
}

function explained(report: Report): string {
  const sentences: Record<Verdict, string> = {
    verified: t("Alle Prüfungen bestanden.", "Every check passed."),
    disputed: t("Der Empfänger bestreitet den Inhalt.", "The recipient disputes the content."),
    "not-proven": t("Es fehlt etwas.", "Something is missing."),
    failed: t("Mindestens eine Prüfung ist gescheitert.", "At least one check failed."),
  };
  if (report.verdict !== "verified" && report.lacksOnlyWitnesses) return t("Es fehlen nur die Zeugen des Protokolls.", "Only the log's witnesses are missing.");
  return sentences[report.verdict];
}

/** What a time-stamp token proves, as `postfach verify` says it. */
function stampWords(report: Report, { entries, stamped }: Timestamped): string {
  const passed = report.checks.some(({ name, outcome }) => name === "time-stamped" && outcome.kind === "passed");
  const whole = passed && entries === Math.max(...report.timestamps.map((other) => other.entries));
  // People read minutes: the first that is not earlier, so that "before" stays true.
  const before = dateTime(Math.ceil(latest(stamped) / MINUTE) * MINUTE);
  const authority = plain(stamped.authority);
  return whole
    ? t(`Alles bestand vor dem ${before}, bezeugt „${authority}“.`, `All of it existed before ${before}, states “${authority}”.`)
    : t(`Die ersten ${entries} Einträge bestanden vor dem ${before}, bezeugt „${authority}“.`, `The first ${entries} entries existed before ${before}, states “${authority}”.`);
}

function checkItem({ name, outcome }: Check, words: Words): HTMLElement {
  const { label, passed } = words.checks[name];
  const item = (end: string, meaning: string): HTMLElement => h("li", null, h("strong", null, `${label}: ${end}. `), plain(meaning, 1000));
  switch (outcome.kind) {
    case "passed":
      return item(t("bestanden", "passed"), passed);
    case "failed":
      return item(t("gescheitert", "failed"), sayCause(words, outcome.cause));
    case "not-proven":
      return item(t("nicht bewiesen", "not proven"), sayGap(words, outcome.gap));
  }
}
