// What the engine answers: a verdict, and every step that led to it, as codes with parameters.
//
// Data only; the words are in core/words. Codes are stable names, the same as in `postfach verify --json`.
//
// Specification: docs/legal-dates.md, "What the engine answers".

import type { Appeal } from "./appeal.ts";
import type { Day } from "./day.ts";
import { type Happened, OCCURRENCES, type Occurrence } from "./events.ts";
import { type DayKind, HOLIDAYS, type Holiday } from "./holidays.ts";
import type { Rule, Source, Version } from "./rules.ts";

/** The engine's answer for one envelope. Information, not legal advice. */
export interface Finding {
  readonly rulesVersion: string;
  /** The rule that the sender named, where it is known. */
  readonly rule: Rule | undefined;
  /** Its text on the day that started it. */
  readonly version: Version | undefined;
  readonly verdict: Verdict;
  /** The events on which it rests, in the order in which they were used. */
  readonly used: readonly Used[];
  /** The reasoning. */
  readonly steps: readonly Step[];
  /** When the period for contesting the act ends. */
  readonly appeal: Appeal;
}

/** An event that was used. */
export interface Used {
  readonly what: Occurrence;
  readonly at: Happened;
}

/**
 * The verdict. What is open depends on one thing or more, ascending; candidates are the days that come into question,
 * ascending, none where nothing bounds them; `otherwise` are those that would, if the objection failed.
 */
export type Verdict =
  | { readonly code: "served-on"; readonly day: Day }
  | { readonly code: "not-served"; readonly reason: NotServed }
  | { readonly code: "open"; readonly depends: readonly Dependency[]; readonly candidates: readonly Day[] }
  | { readonly code: "disputed"; readonly dispute: Disputed; readonly otherwise: readonly Day[] };

/** Every day that the verdict leaves possible, ascending. */
export function verdictDays(verdict: Verdict): readonly Day[] {
  switch (verdict.code) {
    case "served-on":
      return [verdict.day];
    case "not-served":
      return [];
    case "open":
      return verdict.candidates;
    case "disputed":
      return verdict.otherwise;
  }
}

/** Why an act is not served. */
export const NOT_SERVED = [
  "submission-rejected",
  "consignment-failed",
  "withdrawn",
  "binding-withdrawn",
  "no-consent",
  "notification-failed",
  "provision-ended",
] as const;

export type NotServed = (typeof NOT_SERVED)[number];

/** On what an open verdict depends, in the order in which it is listed; the last four name what they are about. */
export const DEPENDENCIES = [
  "evidence",
  "rule-not-named",
  "rule-unknown",
  "no-text",
  "rule-text",
  "consent",
  "consent-revoked",
  "binding-withdrawn",
  "withdrawn-afterwards",
  "consignment",
  "notification",
  "notification-arrival",
  "arrival-time",
  "notification-too-late",
  "retrieval",
  "window-end",
  "day-not-reached",
  "proof",
  "time-bound",
  "which-day",
  "holiday",
] as const;

type AboutEvent = "proof" | "time-bound" | "which-day";

export type Dependency =
  | { readonly code: Exclude<(typeof DEPENDENCIES)[number], AboutEvent | "holiday"> }
  | { readonly code: AboutEvent; readonly what: Occurrence }
  | { readonly code: "holiday"; readonly holiday: Holiday };

/** Whether it matters only while several days are possible. */
export function onlyChoosesADay(dependency: Dependency): boolean {
  return dependency.code === "which-day" || dependency.code === "holiday";
}

function rank(dependency: Dependency): number {
  const most = Math.max(OCCURRENCES.length, HOLIDAYS.length);
  let place = 0;
  if ("what" in dependency) place = OCCURRENCES.indexOf(dependency.what);
  if ("holiday" in dependency) place = HOLIDAYS.indexOf(dependency.holiday);
  return DEPENDENCIES.indexOf(dependency.code) * most + place;
}

export function sameDependency(one: Dependency, other: Dependency): boolean {
  return rank(one) === rank(other);
}

/** Ascending, each once. */
export function sortedDependencies(all: Iterable<Dependency>): readonly Dependency[] {
  const byRank = new Map<number, Dependency>();
  for (const dependency of all) byRank.set(rank(dependency), dependency);
  return [...byRank.entries()].sort(([one], [other]) => one - other).map(([, dependency]) => dependency);
}

/** What contradicts: the recipient's report, its refusal, or a receipt's time outside what cosigned times allow. */
export type Disputed =
  | { readonly code: "by-recipient"; readonly reasons: readonly string[] }
  | { readonly code: "rejected" }
  | { readonly code: "time-contradicted"; readonly what: Occurrence };

/** One step of the reasoning. */
export type Step =
  /** The rule's text that applies, since when, and how well it is known. */
  | { readonly code: "text"; readonly from: Day; readonly until: Day | undefined; readonly source: Source }
  /** The text in force is not certain: its readings agree, or differ. */
  | { readonly code: "readings-agree" | "readings-differ" }
  /** An event that the rule looks at. */
  | { readonly code: "occurred"; readonly what: Occurrence; readonly day: Day }
  /** A consent of the needed class was in force; none was: no consent, no fiction. */
  | { readonly code: "consent-in-force" | "consent-missing" }
  /** It was revoked after the trigger and before the fiction. */
  | { readonly code: "consent-revoked"; readonly day: Day }
  | { readonly code: "binding-withdrawn"; readonly day: Day }
  /** Formal service, but the letter was delivered as ordinary mail. */
  | { readonly code: "ordinary-delivery" }
  /** A notification failed or came back: it starts no fiction. */
  | { readonly code: "notification-failed"; readonly sent: Day; readonly failed: Day }
  /** A notification was sent before the letter was available: it starts no fiction. */
  | { readonly code: "notification-before-provision"; readonly day: Day }
  /** That a notification arrived was reported after the day of the fiction. */
  | { readonly code: "arrival-reported-late"; readonly reported: Day; readonly fiction: Day }
  /** No notification that did not fail was sent by the end of the day of provision. */
  | { readonly code: "notification-not-same-day"; readonly provision: Day }
  /** That the notification was sent does not show that it arrived; in doubt the authority proves. */
  | { readonly code: "sent-is-not-arrived" }
  /** The n-th day after the trigger. */
  | {
      readonly code: "nth-day";
      readonly trigger: Occurrence;
      readonly from: Day;
      readonly count: number;
      readonly day: Day;
    }
  /** The fiction may fall on a weekend or holiday: nothing moves. */
  | { readonly code: "day-stays"; readonly day: Day }
  /** Moved to the next working day. */
  | { readonly code: "shifted"; readonly from: Day; readonly to: Day; readonly cause: DayKind }
  /** A holiday that depends on the place. */
  | { readonly code: "holiday-unsure"; readonly day: Day; readonly holiday: Holiday }
  /** It was retrieved before the fiction, which stays. */
  | { readonly code: "retrieved-earlier"; readonly day: Day }
  /** The day of retrieval counts. */
  | { readonly code: "retrieval-counts"; readonly day: Day }
  | { readonly code: "not-retrieved" }
  /** The day after retrieval counts. */
  | { readonly code: "day-after-retrieval"; readonly retrieved: Day; readonly day: Day }
  /** The last day for retrieval. */
  | { readonly code: "window"; readonly last: Day }
  /** The recipient's confirmation came in time and takes the fiction's place; none came. */
  | { readonly code: "confirmed"; readonly what: Occurrence; readonly day: Day }
  | { readonly code: "not-confirmed" }
  /** The events are known until a day before. */
  | { readonly code: "not-reached"; readonly day: Day; readonly knownUntil: Day }
  /** It is only claimed; no cosigned checkpoint bounds its time from above; the time lies outside its bounds. */
  | { readonly code: "only-claimed" | "time-pending" | "time-contradicted"; readonly what: Occurrence }
  /** Two cosigned times bound it to several days. */
  | { readonly code: "time-between"; readonly what: Occurrence; readonly earliest: Day; readonly latest: Day }
  | { readonly code: "recipient-objects" | "recipient-refused" | "withdrawn-by-sender"; readonly day: Day };

/** Whether two steps say the same. */
export function sameStep(one: Step, other: Step): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
