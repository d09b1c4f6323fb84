// The notation of docs/format/vectors/deadlines.json (docs/legal-dates.md, "Vectors").
import type { Appeal, AppealPeriod, Contest } from "../../../src/core/deadline/appeal.ts";
import { type Bound, type DeliveryClass, Events, type Happened } from "../../../src/core/deadline/events.ts";
import { type DayKind, type Local, type Place, parseAgs } from "../../../src/core/deadline/holidays.ts";
import { type Dependency, type Finding, type Step, verdictDays } from "../../../src/core/deadline/finding.ts";
import type { Circumstances } from "../../../src/core/deadline/examine.ts";
import { parseDay } from "../../../src/core/deadline/day.ts";
import { parseRemedyLaw } from "../../../src/core/deadline/appeal.ts";
import type { Reading } from "../../../src/core/deadline/rules.ts";

export interface CaseVector {
  readonly rule: string | null;
  readonly class: DeliveryClass;
  readonly story: string;
  readonly place: string | null;
  readonly contest: string | { law: string | null; stated: string | null; instruction: string };
  readonly finding: unknown;
}

/** 2099-12-31, noon in Germany. */
const END_OF_KNOWLEDGE = Date.UTC(2099, 11, 31, 11);

const RECEIPTED: Readonly<Record<string, string>> = {
  submitted: "SubmissionAcceptance",
  rejected: "SubmissionRejection",
  provided: "ContentConsignment",
  failed: "ContentConsignmentFailure",
  notified: "ConsignmentNotification",
  arrived: "NotificationDelivered",
  bounced: "ConsignmentNotificationFailure",
  retrieved: "ContentHandover",
  opened: "ContentAccessTracking",
  acknowledged: "ConsignmentAcceptance",
  refused: "ConsignmentRejection",
  withdrawn: "EnvelopeWithdrawal",
  objects: "ContentHandoverFailure",
};

function bound(text: string | undefined, time: number): Bound {
  if (text === undefined) return { kind: "between", notBefore: time, notAfter: time };
  const [from = "", to = ""] = text.split("..");
  if (to !== "") return { kind: "between", notBefore: Number(from), notAfter: Number(to) };
  return { kind: "pending", notBefore: from === "" ? undefined : Number(from) };
}

export function story(text: string, deliveryClass: DeliveryClass): { events: Events; knownUntil: number } {
  const events = new Events(deliveryClass);
  let knownUntil = END_OF_KNOWLEDGE;
  for (const [position, line] of text.split("; ").entries()) {
    if (line === "") continue;
    const [word = "", stated, ...rest] = line.split(" ");
    const time = Number(stated);
    const claimed = rest.includes("claimed");
    const at: Happened = {
      time,
      bound: bound(
        rest.find((part) => part !== "claimed"),
        time,
      ),
      position,
      standing: claimed ? "claimed" : "proven",
    };
    const event = RECEIPTED[word];
    if (event !== undefined) {
      events.receipt(event, at, ["not-decryptable"]);
    } else if (word === "until") {
      knownUntil = time;
    } else if (word === "unbound") {
      events.bindingWithdrawn = at;
    } else if (word === "revoked") {
      const last = events.consents.pop();
      if (last === undefined) throw new Error("nothing to revoke");
      events.consents.push({ ...last, revoked: at });
    } else if (word === "notification-consent" || word === "service-consent") {
      events.consent({ class: word === "service-consent" ? "service" : "notification", given: at, from: time });
    } else {
      throw new Error(`${word} is no event of the cases`);
    }
  }
  return { events, knownUntil };
}

function place(text: string | null): Place | undefined {
  if (text === null) return undefined;
  const [key = "", assumption, corpusChristi] = text.split(" ");
  const ags = parseAgs(key);
  if (ags === undefined) throw new Error(`${key} is no municipality key`);
  return { ags, assumption: assumption as Local, corpusChristi: corpusChristi as Local };
}

function contest(vector: CaseVector["contest"]): Contest {
  if (typeof vector === "string") return { kind: vector as "not-opened" | "no-act" | "not-instructed" };
  return {
    kind: "instructed",
    law: vector.law === null ? undefined : parseRemedyLaw(vector.law),
    stated: vector.stated === null ? undefined : parseDay(vector.stated),
    instruction: vector.instruction as "unchecked",
  };
}

export function circumstances(vector: CaseVector, knownUntil: number): Circumstances {
  return { place: place(vector.place), contest: contest(vector.contest), knownUntil };
}

export function readingText(reading: Reading): string {
  const { count } = reading;
  return [
    reading.trigger,
    count.kind === "nth-day" ? `nth-day ${count.days}` : `day-after-retrieval within ${count.within}`,
    reading.fictionDay,
    reading.withoutConsent,
    reading.withoutArrival,
    reading.confirmation,
    reading.sameDay,
  ].join(" ");
}

/** The code, then the parameters in the order in which they are declared. */
function stepText(step: Step): string {
  const parameters = Object.values(step).map((value: string | number | DayKind | undefined) => {
    if (value === undefined) return "-";
    return typeof value === "object" ? kindText(value) : String(value);
  });
  return parameters.join(" ");
}

function kindText(kind: DayKind): string {
  if (!("holiday" in kind)) return kind.kind;
  return kind.kind === "unsure" ? `${kind.holiday}?` : kind.holiday;
}

function dependencyText(dependency: Dependency): string {
  return Object.values(dependency).join(" ");
}

export function findingText(finding: Finding): unknown {
  const { verdict } = finding;
  let dispute: string | null = null;
  if (verdict.code === "disputed") dispute = Object.values(verdict.dispute).flat().join(" ");
  return {
    verdict: verdict.code,
    not_served: verdict.code === "not-served" ? verdict.reason : null,
    dispute,
    depends: verdict.code === "open" ? verdict.depends.map(dependencyText) : [],
    days: verdictDays(verdict).join(" "),
    text_from: finding.version?.from ?? null,
    used: finding.used.map(({ what, at }) => `${what} ${at.position}`),
    steps: finding.steps.map(stepText),
    appeal: appealText(finding.appeal),
  };
}

function appealText(appeal: Appeal): unknown {
  if (appeal.kind === "not-computed") return appeal.reason;
  return { stated: appeal.stated ?? null, periods: appeal.periods.map(periodText) };
}

function periodText(period: AppealPeriod): unknown {
  return {
    law: period.law ?? null,
    length: period.length,
    served: period.served,
    first_day: period.firstDay,
    nominal_end: period.nominalEnd,
    ends: period.ends.join(" "),
    depends: period.depends.map(dependencyText),
    steps: period.steps.map(stepText),
  };
}
