// The engine of legal dates against docs/format/vectors/deadlines.json, which Rust makes: the calendar, the table of
// rules, the cases of the provisions, and several hundred made ones, each with every step of the reasoning.
import { expect, test } from "vitest";
import { dayKind, easter, parseAgs, placeOf } from "../../../src/core/deadline/holidays.ts";
import { dayOf, newDay, parseDay, plusDays, plusMonths, startOf, yearOf } from "../../../src/core/deadline/day.ts";
import { RULES, RULES_VERSION } from "../../../src/core/deadline/rules.ts";
import { examine } from "../../../src/core/deadline/examine.ts";
import { type CaseVector, circumstances, findingText, readingText, story } from "./notation.ts";
import { vectors } from "../../vectors.ts";

interface DeadlineVectors {
  readonly rules_version: string;
  readonly calendar: {
    readonly moments: string[];
    readonly months: string[];
    readonly easter: string[];
    readonly not_days: string[];
    readonly not_keys: string[];
    readonly holidays: Record<string, string[]>;
  };
  readonly rules: {
    readonly id: string;
    readonly citation: string;
    readonly effect: string;
    readonly versions: { from: string; until: string | null; source: string; readings: string[] }[];
  }[];
  readonly cases: (CaseVector & { readonly says: string })[];
  readonly made: CaseVector[];
}

const { calendar, rules, rules_version, cases, made } = vectors<DeadlineVectors>("deadlines");

test("a moment lies on its day in Germany, and a day starts when it does", () => {
  expect(calendar.moments.length).toBeGreaterThan(500);
  for (const line of calendar.moments) {
    const [millis = "", day = "", start = ""] = line.split(" ");
    expect(dayOf(Number(millis)), line).toBe(day);
    const parsed = parseDay(day);
    expect(parsed && startOf(parsed), line).toBe(Number(start));
  }
});

test("months end on the same number or the last day", () => {
  for (const line of calendar.months) {
    const [from = "", months, to] = line.split(" ");
    const day = parseDay(from);
    expect(day && plusMonths(day, Number(months)), line).toBe(to);
  }
});

test("Easter, and what is no day and no key", () => {
  expect(calendar.easter.map((_, index) => easter(1900 + index))).toEqual(calendar.easter);
  for (const text of calendar.not_days) expect(parseDay(text), text).toBeUndefined();
  for (const text of calendar.not_keys) expect(parseAgs(text), text).toBeUndefined();
});

test("holidays of every Land from 2020 to 2035", () => {
  for (const [key, years] of Object.entries(calendar.holidays)) {
    const ags = parseAgs(key);
    expect(ags === undefined).toBe(key === "unknown");
    const place = ags && placeOf(ags);
    const found = years.map((_, index) => {
      const year = 2020 + index;
      const named: string[] = [];
      for (let day = newDay(year, 1, 1); day && yearOf(day) === year; day = plusDays(day, 1)) {
        const kind = dayKind(day, place);
        if ("holiday" in kind) named.push(`${day.slice(5)} ${kind.holiday}${kind.kind === "unsure" ? "?" : ""}`);
      }
      return `${year}: ${named.join(", ")}`;
    });
    expect(found, key).toEqual(years);
  }
});

test("the table of rules is the same", () => {
  expect(RULES_VERSION).toBe(rules_version);
  const table = RULES.map(({ id, citation, effect, versions }) => ({
    id,
    citation,
    effect,
    versions: versions.map(({ from, until, source, readings }) => ({
      from,
      until: until ?? null,
      source,
      readings: readings.map(readingText),
    })),
  }));
  expect(table).toEqual(rules);
});

test.each(cases.map((each) => [`${each.rule}: ${each.says}`, each] as const))("%s", (_, each) => {
  answersAlike(each);
});

test("made cases are answered alike, step by step", () => {
  expect(made.length).toBeGreaterThan(300);
  for (const each of made) answersAlike(each);
});

function answersAlike(each: CaseVector): void {
  const { events, knownUntil } = story(each.story, each.class);
  const finding = examine(each.rule ?? undefined, events, circumstances(each, knownUntil));
  expect(findingText(finding), `${each.rule}: ${each.story}`).toEqual(each.finding);
}
