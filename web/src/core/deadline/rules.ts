// The rules of legal dates, as data: one row for each rule, one version for each text of it.
//
// A version holds from its first day on, decided by the day of the event that starts the rule. Where the text in force
// is not known for certain, a version has several readings: a date counts only where all of them give it. Absent: how a
// reading is evaluated (reading.ts), words for people.
//
// Specification: docs/legal-dates.md, "Rules", with the sources; the same table is crypto/src/deadline/rules.rs, and
// test/core/deadline compares them.

import { type Day, constantDay } from "./day.ts";
import type { ConsentClass } from "./events.ts";
import { FIRST_DAY } from "./holidays.ts";

/** The version of these tables and of their evaluation. It changes with every change of a result. */
export const RULES_VERSION = "2026-11";

/**
 * What the rule brings about, notification of an administrative act (Bekanntgabe) or formal service (Zustellung), which
 * is also the consent without which the fiction does not run (BayDiG Art. 22, 24(1), 25).
 */
export type Effect = ConsentClass;

/** How well the text is known: from the act itself, from a secondary source, or still to be looked up. */
export type Source = "text" | "secondary" | "unverified";

/** One reading of a rule's text. */
export interface Reading {
  /** Where counting begins. */
  readonly trigger: "notification-sent" | "provision" | "transmission";
  /** The n-th day after the trigger; or the day after retrieval, within so many days after the notification. */
  readonly count:
    | { readonly kind: "nth-day"; readonly days: number }
    | { readonly kind: "day-after-retrieval"; readonly within: number };
  /** Whether the fiction may fall on any day, or moves to the next working day (AO § 108(3)). */
  readonly fictionDay: "any-day" | "working-day";
  /** What retrieval brings about without consent: its day counts, or the text does not say. */
  readonly withoutConsent: Fallback;
  /** The same when the notification failed, or came too late. */
  readonly withoutArrival: Fallback;
  /** What takes the fiction's place when it comes in time: Empfangsbekenntnis (VwZG § 5(7)), Abholbestätigung (§ 5a(4)). */
  readonly confirmation: "none" | "acknowledgement" | "collection";
  /** Whether the notification must not come after the day of provision (OZG § 9(1)). */
  readonly sameDay: "required" | "not-required";
}

export type Fallback = "retrieval-counts" | "undecided";

/** A rule's text in one period. */
export interface Version {
  /** First day of the triggering event on which it applies. */
  readonly from: Day;
  /** Last such day; absent while it is in force. */
  readonly until: Day | undefined;
  readonly source: Source;
  /** What it may mean; never empty. */
  readonly readings: readonly Reading[];
}

/** The rule under which the provision of an unread letter ends by itself (VwVfG § 41(2a) sentence 3). */
export const ENDS_UNREAD = "VwVfG-41-2a";

export interface Rule {
  /** The name in an envelope header's legal rule. */
  readonly id: string;
  /** The provision, as lawyers cite it. */
  readonly citation: string;
  readonly effect: Effect;
  /** Its texts, the oldest first. */
  readonly versions: readonly Version[];
}

/** The rule with this name. */
export function ruleNamed(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id);
}

/** Whether the version applies to what happened on the day. */
export function covers(version: Version, on: Day): boolean {
  return version.from <= on && (version.until === undefined || on <= version.until);
}

/** Notification sent, n-th day, retrieval counts where the notification did not arrive. */
const portal = (days: number): Reading => ({
  trigger: "notification-sent",
  count: { kind: "nth-day", days },
  fictionDay: "any-day",
  withoutConsent: "undecided",
  withoutArrival: "retrieval-counts",
  confirmation: "none",
  sameDay: "not-required",
});

/** Electronic transmission, n-th day. */
const transmission = (days: number): Reading => ({
  ...portal(days),
  trigger: "transmission",
  withoutArrival: "undecided",
});

/** The fiction of the AO, on working days only. */
const tax = (trigger: Reading["trigger"], days: number): Reading => ({
  ...portal(days),
  trigger,
  fictionDay: "working-day",
});

const confirmedBy = (confirmation: Reading["confirmation"], days: number): Reading => ({
  ...transmission(days),
  confirmation,
});

const version = (from: Day, until: Day | undefined, source: Source, ...readings: Reading[]): Version => ({
  from,
  until,
  source,
  readings,
});

/** BayDiG in force. */
const BAYDIG = constantDay("2022-08-01");
/** OZG § 9 as amended. */
const OZG = constantDay("2024-07-24");
/** The 4th day in place of the 3rd (PostModG), and the day before. */
const FOURTH_DAY = constantDay("2025-01-01");
const THIRD_DAY_ENDS = constantDay("2024-12-31");
/** AO § 122a as announced for 2026, and the day before. */
const AO_2026 = constantDay("2026-01-01");
const AO_2025_ENDS = constantDay("2025-12-31");

/** The third day until the end of 2024, the fourth since. */
const thirdThenFourth = (source: Source, reading: (days: number) => Reading): Version[] => [
  version(FIRST_DAY, THIRD_DAY_ENDS, source, reading(3)),
  version(FOURTH_DAY, undefined, source, reading(4)),
];

/** The third day until the end of 2024, either since, because the text in force is not verified. */
const thirdThenEither = (reading: (days: number) => Reading, from = FIRST_DAY): Version[] => [
  version(from, THIRD_DAY_ENDS, "unverified", reading(3)),
  version(FOURTH_DAY, undefined, "unverified", reading(3), reading(4)),
];

const AO: readonly Version[] = [
  version(FIRST_DAY, THIRD_DAY_ENDS, "secondary", tax("notification-sent", 3)),
  version(FOURTH_DAY, AO_2025_ENDS, "secondary", tax("notification-sent", 4)),
  // Announced: counting from provision. Whether and when it came into force is not verified.
  version(AO_2026, undefined, "unverified", tax("notification-sent", 4), tax("provision", 4)),
];

/** Every rule. A new one is a row; a changed text is a version. */
export const RULES: readonly Rule[] = [
  {
    id: "BayDiG-24-2",
    citation: "BayDiG Art. 24 Abs. 2",
    effect: "notification",
    versions: [version(BAYDIG, undefined, "text", { ...portal(3), withoutConsent: "retrieval-counts" })],
  },
  {
    id: "BayDiG-25",
    citation: "BayDiG Art. 25 i. V. m. Art. 24 Abs. 2",
    effect: "service",
    versions: [version(BAYDIG, undefined, "text", portal(3))],
  },
  {
    id: "OZG-9-1",
    citation: "OZG § 9 Abs. 1",
    effect: "notification",
    versions: [
      version(OZG, undefined, "text", {
        ...portal(3),
        trigger: "provision",
        withoutArrival: "undecided",
        sameDay: "required",
      }),
    ],
  },
  {
    id: "VwVfG-41-2",
    citation: "VwVfG § 41 Abs. 2",
    effect: "notification",
    versions: thirdThenFourth("text", transmission),
  },
  {
    id: ENDS_UNREAD,
    citation: "VwVfG § 41 Abs. 2a",
    effect: "notification",
    versions: [
      version(FIRST_DAY, undefined, "text", {
        ...transmission(0),
        trigger: "provision",
        count: { kind: "day-after-retrieval", within: 10 },
      }),
    ],
  },
  {
    id: "VwZG-5-7",
    citation: "VwZG § 5 Abs. 7",
    effect: "service",
    versions: thirdThenFourth("secondary", (days) => confirmedBy("acknowledgement", days)),
  },
  {
    id: "VwZG-5a-4",
    citation: "VwZG § 5a Abs. 4",
    effect: "service",
    versions: thirdThenFourth("text", (days) => confirmedBy("collection", days)),
  },
  {
    id: "AO-122a-4",
    citation: "AO § 122a Abs. 4, § 108 Abs. 3",
    effect: "notification",
    versions: AO,
  },
  {
    id: "BayKAG-13-AO-122a-4",
    citation: "BayKAG Art. 13 i. V. m. AO § 122a Abs. 4, § 108 Abs. 3",
    effect: "notification",
    versions: AO,
  },
  {
    id: "BayVwVfG-41-2",
    citation: "BayVwVfG Art. 41 Abs. 2",
    effect: "notification",
    versions: thirdThenEither(transmission),
  },
  {
    id: "BayVwZVG-5",
    citation: "BayVwZVG Art. 5",
    effect: "service",
    versions: thirdThenEither((days) => confirmedBy("acknowledgement", days)),
  },
  {
    id: "SGB-X-37-2",
    citation: "SGB X § 37 Abs. 2",
    effect: "notification",
    versions: thirdThenEither(transmission),
  },
  {
    id: "SGB-X-37-2a",
    citation: "SGB X § 37 Abs. 2a",
    effect: "notification",
    versions: thirdThenEither(portal, constantDay("2020-12-10")),
  },
];
