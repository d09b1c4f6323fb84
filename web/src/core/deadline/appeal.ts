// When the period for contesting an act ends.
//
// One month after service (VwGO §§ 57, 74; AO § 355); one year where the instruction on remedies is missing or wrong
// (VwGO § 58(2)). The day of service is not counted, the period ends with the day of the same number (BGB §§ 187(1),
// 188), and an end on a Saturday, Sunday or public holiday moves to the next working day (VwVfG § 31(3), BGB § 193: not
// verified here). Whether an instruction is correct is never decided here: where nobody says so, both periods are given.
//
// Specification: docs/legal-dates.md, "Appeal period".

import { type Day, parseDay, plusDays, plusMonths } from "./day.ts";
import type { Dependency, Step } from "./finding.ts";
import type { Place } from "./holidays.ts";
import { Possible } from "./possible.ts";

/** The provisions that set a period, as lawyers cite them. */
export type RemedyLaw = "VwGO § 74" | "VwGO § 70" | "AO § 355";

/** Finds the provision in a text such as `VwGO § 74` or `§ 355 AO`. */
export function parseRemedyLaw(text: string): RemedyLaw | undefined {
  const words = text.split(/[^\p{Alphabetic}\p{N}]+/u);
  const act = (name: string): boolean => words.some((word) => word.toLowerCase() === name.toLowerCase());
  const [court, tax] = [act("VwGO"), act("AO")];
  if (court === tax) return undefined;
  const laws: readonly (readonly [boolean, string, RemedyLaw])[] = [
    [court, "74", "VwGO § 74"],
    [court, "70", "VwGO § 70"],
    [tax, "355", "AO § 355"],
  ];
  const found = laws.filter(([named, section]) => named && words.includes(section));
  return found.length === 1 ? found[0]?.[2] : undefined;
}

/** What is known of how the act can be contested. `unchecked`: nobody who may judge says whether it is correct. */
export type Contest =
  | { readonly kind: "not-opened" | "no-act" | "not-instructed" }
  | {
      readonly kind: "instructed";
      readonly law: RemedyLaw | undefined;
      /** The last day as the authority states it. */
      readonly stated: Day | undefined;
      readonly instruction: "unchecked" | "correct" | "missing-or-wrong";
    };

/** The part of a manifest's act that is read here. */
interface ActWithRemedy {
  readonly remedy?: { readonly rule: string; readonly until?: string | undefined } | undefined;
}

/** What an opened manifest's act says. The instruction is not judged. */
export function contestOf(act: ActWithRemedy | undefined): Contest {
  if (act === undefined) return { kind: "no-act" };
  if (act.remedy === undefined) return { kind: "not-instructed" };
  const { rule, until } = act.remedy;
  return {
    kind: "instructed",
    law: parseRemedyLaw(rule),
    stated: until === undefined ? undefined : parseDay(until),
    instruction: "unchecked",
  };
}

export const NOT_COMPUTED = ["not-opened", "no-act", "no-day", "law-unknown"] as const;

/** The period, as far as it can be computed: by service day, then by length. */
export type Appeal =
  | { readonly kind: "not-computed"; readonly reason: (typeof NOT_COMPUTED)[number] }
  | { readonly kind: "periods"; readonly periods: readonly AppealPeriod[]; readonly stated: Day | undefined };

/** One month if the instruction is correct, one year if it is missing or wrong (VwGO § 58(2)). */
export type Length = "one-month" | "one-year";

export interface AppealPeriod {
  /** The provision, where the act names one that is known. */
  readonly law: RemedyLaw | undefined;
  readonly length: Length;
  /** The day of service on which it rests. */
  readonly served: Day;
  readonly firstDay: Day;
  /** Its last day before any move. */
  readonly nominalEnd: Day;
  /** The last days that come into question, ascending. */
  readonly ends: readonly Day[];
  /** On what the end depends. */
  readonly depends: readonly Dependency[];
  /** How the end moved. */
  readonly steps: readonly Step[];
}

const LENGTHS = {
  unchecked: ["one-month", "one-year"],
  correct: ["one-month"],
  "missing-or-wrong": ["one-year"],
} as const satisfies Record<string, readonly Length[]>;

/** The periods for the days on which the act may have been served. */
export function appeal(days: readonly Day[], contest: Contest, place: Place | undefined): Appeal {
  if (contest.kind === "not-opened" || contest.kind === "no-act") {
    return { kind: "not-computed", reason: contest.kind };
  }
  let lengths: readonly Length[] = ["one-year"];
  let [law, stated]: [RemedyLaw | undefined, Day | undefined] = [undefined, undefined];
  if (contest.kind === "instructed") {
    if (contest.law === undefined) return { kind: "not-computed", reason: "law-unknown" };
    ({ law, stated } = contest);
    lengths = LENGTHS[contest.instruction];
  }
  if (days.length === 0) return { kind: "not-computed", reason: "no-day" };
  const periods = days.flatMap((served) => lengths.map((length) => period(served, length, law, place)));
  return { kind: "periods", periods, stated };
}

function period(served: Day, length: Length, law: RemedyLaw | undefined, place: Place | undefined): AppealPeriod {
  const steps: Step[] = [];
  const nominalEnd = plusMonths(served, length === "one-month" ? 1 : 12);
  const end = Possible.certain(nominalEnd).shifted(place, steps);
  return {
    law,
    length,
    served,
    firstDay: plusDays(served, 1),
    nominalEnd,
    ends: end.days,
    depends: end.depends(),
    steps,
  };
}
