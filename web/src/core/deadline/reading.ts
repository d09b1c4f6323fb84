// Applies one reading of a rule to the events: on which days the act may count as served.
//
// Invariant: no fiction without a consent in force at its trigger, none from a notification that failed or came before
// the letter was available. Comparisons of what came first use log order. Absent: objections of parties and
// withdrawals, which concern every rule alike (examine.ts).

import { type Day, type UnixMillis, dayOf, plusDays } from "./day.ts";
import {
  type Events,
  type Happened,
  type Notification,
  type Occurrence,
  dayHappened,
  inForce,
} from "./events.ts";
import { type Dependency, type NotServed, type Step, type Used, sameDependency } from "./finding.ts";
import { type Place, dayKind } from "./holidays.ts";
import { Possible } from "./possible.ts";
import type { Effect, Fallback, Reading } from "./rules.ts";

/** What a reading gives, before objections. */
export type Draft =
  | { readonly kind: "on"; readonly days: Possible }
  | { readonly kind: "not"; readonly reason: NotServed }
  | { readonly kind: "open"; readonly depends: readonly Dependency[]; readonly days: Possible | undefined };

export function openDraft(on: Dependency["code"] & PlainCode, days?: Possible): Draft {
  return { kind: "open", depends: [{ code: on }], days };
}

/** Codes of dependencies without parameters. */
type PlainCode = Exclude<Dependency, { what: Occurrence } | { holiday: unknown }>["code"];

/** The draft, open because it depends on one thing more. */
export function depending(draft: Draft, on: Dependency): Draft {
  switch (draft.kind) {
    case "on":
      return { kind: "open", depends: [on], days: draft.days };
    case "open":
      return { kind: "open", depends: [...draft.depends, on], days: draft.days };
    case "not":
      return draft;
  }
}

/** Whether two readings give the same. */
export function sameDraft(one: Draft, other: Draft): boolean {
  if (one.kind === "on" && other.kind === "on") {
    return sameDays(one.days.days, other.days.days) && sameDependencies(one.days.depends(), other.days.depends());
  }
  if (one.kind === "not" && other.kind === "not") return one.reason === other.reason;
  if (one.kind === "open" && other.kind === "open") {
    const [days, otherDays] = [one.days, other.days];
    const equal = days === undefined || otherDays === undefined ? days === otherDays : days.equals(otherDays);
    return equal && sameDependencies(one.depends, other.depends);
  }
  return false;
}

function sameDays(one: readonly Day[], other: readonly Day[]): boolean {
  return one.length === other.length && one.every((day, index) => day === other[index]);
}

function sameDependencies(one: readonly Dependency[], other: readonly Dependency[]): boolean {
  const same = (dependency: Dependency, index: number): boolean => {
    const beside = other[index];
    return beside !== undefined && sameDependency(dependency, beside);
  };
  return one.length === other.length && one.every(same);
}

export interface Surroundings {
  readonly effect: Effect;
  readonly events: Events;
  readonly consignment: Happened;
  readonly place: Place | undefined;
  readonly knownUntil: UnixMillis;
}

/** One reading applied; `steps` and `used` say how the draft came about. */
export class Application {
  readonly steps: Step[] = [];
  readonly used: Used[] = [];
  private readonly reading: Reading;
  private readonly around: Surroundings;

  constructor(reading: Reading, around: Surroundings) {
    this.reading = reading;
    this.around = around;
  }

  draft(): Draft {
    const { count } = this.reading;
    return count.kind === "nth-day" ? this.fiction(count.days) : this.dayAfterRetrieval(count.within);
  }

  /** The n-th day after the trigger counts, if nothing stands in its way. */
  private fiction(days: number): Draft {
    return this.reading.trigger === "notification-sent"
      ? this.fictionFromNotification(days)
      : this.fictionFromProvision(days);
  }

  /**
   * The first notification that did not fail starts the fiction. Where the letter was retrieved after one failed and
   * before the next was sent, retrieval has already settled it.
   */
  private fictionFromNotification(days: number): Draft {
    const { events, consignment } = this.around;
    const retrieved = events.retrieval();
    let without: NotServed | undefined;
    for (const notification of events.notifications) {
      if (!this.startsAFiction(notification)) {
        without = "notification-failed";
        continue;
      }
      const { sent } = notification;
      const settled = retrieved !== undefined && retrieved.at.position < sent.position;
      if (without !== undefined && settled) break;
      if (!this.consent(sent)) {
        without = "no-consent";
        continue;
      }
      const fiction = this.counted("notification-sent", sent, days);
      return this.lateArrival(notification, fiction) ?? this.untilReached(sent, fiction);
    }
    if (without === undefined && retrieved === undefined) return openDraft("notification");
    if (without === "no-consent" || !this.consent(consignment)) return this.withoutConsent();
    return this.byRetrieval(
      this.reading.withoutArrival,
      without ?? "notification-failed",
      "notification-arrival",
    );
  }

  private fictionFromProvision(days: number): Draft {
    const provision = this.around.consignment;
    if (!this.consent(provision)) return this.withoutConsent();
    const fiction = this.counted("consignment", provision, days);
    return this.confirmed(fiction) ?? this.notNotified(fiction) ?? this.untilReached(provision, fiction);
  }

  private withoutConsent(): Draft {
    return this.byRetrieval(this.reading.withoutConsent, "no-consent", "consent");
  }

  private startsAFiction({ sent, failed }: Notification): boolean {
    if (failed !== undefined) {
      this.use("notification-failed", failed);
      this.steps.push({ code: "notification-failed", sent: dayHappened(sent), failed: dayHappened(failed) });
      return false;
    }
    if (sent.position < this.around.consignment.position) {
      this.steps.push({ code: "notification-before-provision", day: dayHappened(sent) });
      return false;
    }
    return true;
  }

  /** The n-th day after the trigger, moved to a working day where the rule says so. */
  private counted(trigger: Occurrence, at: Happened, days: number): Possible {
    const counted = this.days(trigger, at).map((day) => plusDays(day, days));
    const from = dayHappened(at);
    this.steps.push({ code: "nth-day", trigger, from, count: days, day: plusDays(from, days) });
    const { place } = this.around;
    if (this.reading.fictionDay === "working-day") return counted.shifted(place, this.steps);
    for (const day of counted.days) {
      const { kind } = dayKind(day, place);
      if (kind === "weekend" || kind === "holiday") this.steps.push({ code: "day-stays", day });
    }
    return counted;
  }

  /** VwZG § 5(7), § 5a(4): a confirmation that comes on the day of the fiction at the latest. */
  private confirmed(fiction: Possible): Draft | undefined {
    const { events, consignment } = this.around;
    if (this.reading.confirmation === "none") return undefined;
    const what = this.reading.confirmation === "acknowledgement" ? "acceptance" : "handover";
    const at = events.at(what);
    if (at === undefined || at.position < consignment.position) {
      this.steps.push({ code: "not-confirmed" });
      return undefined;
    }
    const confirmed = this.days(what, at);
    if (fiction.last < confirmed.first) {
      this.steps.push({ code: "not-confirmed" });
      return undefined;
    }
    this.steps.push({ code: "confirmed", what, day: dayHappened(at) });
    if (confirmed.last <= fiction.first) return { kind: "on", days: confirmed };
    return { kind: "open", depends: [{ code: "which-day", what }], days: confirmed.or(fiction) };
  }

  /**
   * The report that the notification arrived. One after the day of the fiction does not say when it arrived, only that
   * it was no later.
   */
  private lateArrival({ arrived }: Notification, fiction: Possible): Draft | undefined {
    if (arrived === undefined) {
      this.steps.push({ code: "sent-is-not-arrived" });
      return undefined;
    }
    const days = this.days("notification-arrived", arrived);
    if (days.last <= fiction.first) return undefined;
    this.steps.push({ code: "arrival-reported-late", reported: dayHappened(arrived), fiction: fiction.first });
    const retrieved = this.around.events.retrieval();
    const either = retrieved === undefined ? fiction : fiction.or(this.days(retrieved.what, retrieved.at));
    return openDraft("arrival-time", either);
  }

  /** The rule counts from provision, but asks for a notification, or is silent about its failure. */
  private notNotified(fiction: Possible): Draft | undefined {
    const { notifications } = this.around.events;
    const good = notifications.filter((notification) => this.startsAFiction(notification));
    if (good.length === 0 && notifications.length > 0) {
      const retrieved = this.around.events.retrieval();
      if (retrieved === undefined) return openDraft("notification-arrival", fiction);
      const retrieval = this.days(retrieved.what, retrieved.at);
      if (retrieval.last > fiction.first) return openDraft("notification-arrival", fiction.or(retrieval));
    }
    if (this.reading.sameDay === "not-required") return undefined;
    const provision = dayHappened(this.around.consignment);
    if (good.some(({ sent }) => dayHappened(sent) <= provision)) return undefined;
    this.steps.push({ code: "notification-not-same-day", provision });
    return openDraft(good.length === 0 ? "notification" : "notification-too-late", fiction);
  }

  /** The fiction stands when its day has come with nothing in its way. */
  private untilReached(trigger: Happened, fiction: Possible): Draft {
    const retrieved = this.around.events.retrieval();
    if (retrieved !== undefined && dayHappened(retrieved.at) < fiction.first) {
      this.steps.push({ code: "retrieved-earlier", day: dayHappened(retrieved.at) });
    }
    const depends: Dependency[] = [];
    const revoked = this.revokedAfter(trigger);
    if (revoked !== undefined && dayHappened(revoked) <= fiction.last) {
      this.use("consent-revoked", revoked);
      this.steps.push({ code: "consent-revoked", day: dayHappened(revoked) });
      depends.push({ code: "consent-revoked" });
    }
    depends.push(...this.notReached(fiction));
    return depends.length === 0 ? { kind: "on", days: fiction } : { kind: "open", depends, days: fiction };
  }

  private notReached(possible: Possible): readonly Dependency[] {
    const knownUntil = dayOf(this.around.knownUntil);
    if (possible.last <= knownUntil) return [];
    this.steps.push({ code: "not-reached", day: possible.last, knownUntil });
    return [{ code: "day-not-reached" }];
  }

  /** VwVfG § 41(2a): the day after retrieval, within a window that begins with the notification. */
  private dayAfterRetrieval(within: number): Draft {
    const { events, consignment, knownUntil } = this.around;
    if (!this.consent(consignment)) return this.withoutConsent();
    const window = this.window(within);
    const retrieval = events.retrieval();
    if (retrieval === undefined) {
      this.steps.push({ code: "not-retrieved" });
      const over = window !== undefined && window.moved.last < dayOf(knownUntil);
      return over ? this.endedUnretrieved() : openDraft("retrieval");
    }
    const retrieved = this.days(retrieval.what, retrieval.at);
    const served = retrieved.map((day) => plusDays(day, 1));
    const day = dayHappened(retrieval.at);
    this.steps.push({ code: "day-after-retrieval", retrieved: day, day: plusDays(day, 1) });
    if (window !== undefined && window.moved.last < retrieved.first) return this.endedUnretrieved();
    if (window !== undefined && window.counted.first < retrieved.last) return openDraft("window-end", served);
    const depends = this.notReached(served);
    return depends.length === 0 ? { kind: "on", days: served } : { kind: "open", depends, days: served };
  }

  /** The last days for retrieval: as counted, and moved to a working day. */
  private window(within: number): { counted: Possible; moved: Possible } | undefined {
    const sent = this.around.events.notifications[0]?.sent;
    if (sent === undefined) return undefined;
    const counted = this.days("notification-sent", sent).map((day) => plusDays(day, within));
    this.steps.push({ code: "window", last: plusDays(dayHappened(sent), within) });
    return { counted, moved: counted.shifted(this.around.place, this.steps) };
  }

  /** The window ended. A notification that failed may not have begun it. */
  private endedUnretrieved(): Draft {
    const failed = this.around.events.notifications[0]?.failed;
    if (failed === undefined) return { kind: "not", reason: "provision-ended" };
    this.use("notification-failed", failed);
    return openDraft("notification-arrival");
  }

  /** No fiction: the day of retrieval, if there was one. */
  private byRetrieval(fallback: Fallback, otherwise: NotServed, depends: PlainCode): Draft {
    const retrieval = this.around.events.retrieval();
    if (retrieval === undefined) {
      this.steps.push({ code: "not-retrieved" });
      return { kind: "not", reason: otherwise };
    }
    const retrieved = this.days(retrieval.what, retrieval.at);
    this.steps.push({ code: "retrieval-counts", day: dayHappened(retrieval.at) });
    return fallback === "retrieval-counts" ? { kind: "on", days: retrieved } : openDraft(depends, retrieved);
  }

  /** Whether a consent of the needed class was in force when something happened. */
  private consent(at: Happened): boolean {
    const { effect, events } = this.around;
    const found = events.consents.find((consent) => consent.class === effect && inForce(consent, at));
    if (found === undefined) {
      this.steps.push({ code: "consent-missing" });
      return false;
    }
    this.use("consent-given", found.given);
    this.steps.push({ code: "consent-in-force" });
    return true;
  }

  /** The revocation after which no consent of the class was left, if one came after the trigger. */
  private revokedAfter(trigger: Happened): Happened | undefined {
    const { effect, events } = this.around;
    const ofClass = events.consents.filter((consent) => consent.class === effect && inForce(consent, trigger));
    let last: Happened | undefined;
    for (const { revoked } of ofClass) {
      if (revoked === undefined) return undefined;
      if (last === undefined || last.position <= revoked.position) last = revoked;
    }
    return last;
  }

  private days(what: Occurrence, at: Happened): Possible {
    this.use(what, at);
    this.steps.push({ code: "occurred", what, day: dayHappened(at) });
    return Possible.of(what, at, this.steps);
  }

  private use(what: Occurrence, at: Happened): void {
    if (!this.used.some((used) => used.what === what && sameHappened(used.at, at))) this.used.push({ what, at });
  }
}

/** Whether two receipts are one, with all that is known of it. */
export function sameHappened(one: Happened, other: Happened): boolean {
  const all = ({ time, bound, position, standing }: Happened): string =>
    JSON.stringify([
      time,
      bound.kind,
      bound.notBefore ?? null,
      bound.kind === "between" ? bound.notAfter : null,
      position,
      standing,
    ]);
  return all(one) === all(other);
}
