// The words of evidence reports and legal dates, German and English: those of `postfach verify`.
//
// `de.json` and `en.json` are made from the command line's words (src/cli/report/shared_words.rs), so no text is written
// twice; a page loads the one it needs. A text with values has their names in braces. Absent: which words stand where on
// a page.

import { berlinClock, berlinOffset, dayOf, dayOfMonth, monthOf, yearOf } from "../deadline/day.ts";
import type { Day, UnixMillis } from "../deadline/day.ts";
import type { Difference } from "../evidence/compare.ts";
import type { Cause, Gap } from "../evidence/outcome.ts";
import type english from "./en.json";

export type Language = "de" | "en";
/** Every text in one language. */
export type Words = typeof english & { readonly language: Language };

/** Loads the words of a language. */
export async function loadWords(language: Language): Promise<Words> {
  const loaded = language === "de" ? await import("./de.json") : await import("./en.json");
  return { ...loaded.default, language };
}

type Values = Readonly<Record<string, string | number>>;

/** The text with its values; a value that is not given stays in braces. */
export function fill(template: string, values: Values): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? `${values[name]}` : whole));
}

/** The text of a code; codes come from matched tables, so one that is missing shows as itself. */
export function textOf(texts: object, code: string): string {
  return Object.hasOwn(texts, code) ? String((texts as Record<string, unknown>)[code]) : code;
}

/** "27. Dezember 2026" or "27 December 2026". */
export function sayDay(words: Words, day: Day): string {
  const month = words.months[monthOf(day) - 1] ?? "";
  return fill(words.date, { day: dayOfMonth(day), month, year: yearOf(day) });
}

/** "27. Dezember 2026, 15:04 Uhr" or "27 December 2026, 15:04 CET", in German time. */
export function sayTime(words: Words, time: UnixMillis): string {
  const summer = berlinOffset(time) > 3_600_000;
  const zones = { de: "Uhr", en: summer ? "CEST" : "CET" };
  return `${sayDay(words, dayOf(time))}, ${berlinClock(time)} ${zones[words.language]}`;
}

/** What is wrong, in one sentence. */
export function sayCause(words: Words, { name, words: key, values = {} }: Cause): string {
  const said: Record<string, string | number> = { ...values };
  if (said["role"] !== undefined) said["role"] = textOf(words.roles, String(said["role"]));
  return fill(textOf(words.causes, key ?? name), said);
}

/** What is missing, in one sentence. */
export function sayGap(words: Words, { name, check }: Gap): string {
  return fill(textOf(words.gaps, name), check === undefined ? {} : { check: words.checks[check].label });
}

/** Where two files differ, in one sentence. */
export function sayDifference(words: Words, difference: Difference): string {
  const { lists, differences } = words.comparison;
  const template = differences[difference.name];
  switch (difference.name) {
    case "only-in":
      return fill(template, {
        list: lists[difference.list],
        number: difference.place + 1,
        kind: difference.kind ?? "?",
        file: difference.side === "first" ? 1 : 2,
      });
    case "parts-at":
      return fill(template, { list: lists[difference.list], number: difference.place + 1 });
    case "heads-contradict": {
      const { kind } = difference.subject;
      return fill(template, { count: difference.count, list: kind === "envelope" ? lists.entries : kind });
    }
    case "log-forked":
      return fill(template, { size: String(difference.size) });
    case "places-contradict":
      return fill(template, { position: difference.position });
    default:
      return template;
  }
}
