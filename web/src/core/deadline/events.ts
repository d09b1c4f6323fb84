// What the rules are applied to: facts from signed events, and from nothing else.
//
// Times are those of the server's receipts, never what a party claims about itself; order is the log's. `Events` is
// filled receipt by receipt, in log order. Absent: how receipts are verified (core/evidence), which only the caller of
// `receipt` can vouch for.
//
// Specification: docs/legal-dates.md, "What the engine reads".

import { type Day, type UnixMillis, dayOf } from "./day.ts";

/** Most notifications, failures, disputes and consents each that are looked at. */
export const MAX_FACTS = 4096;

export type DeliveryClass = "ordinary" | "registered";
export type ConsentClass = "notification" | "service";

/**
 * How well the time of an event is known: between two cosigned checkpoints or time stamps over them, or, where no
 * cosigned checkpoint covers the receipt yet, pending: it may have been dated back.
 */
export type Bound =
  | { readonly kind: "between"; readonly notBefore: UnixMillis; readonly notAfter: UnixMillis }
  | { readonly kind: "pending"; readonly notBefore?: UnixMillis | undefined };

/** Whether a receipt in the file was verified, or the event is only said to have happened. */
export type Standing = "proven" | "claimed";

/** When something happened. */
export interface Happened {
  /** The receipt's time. */
  readonly time: UnixMillis;
  readonly bound: Bound;
  /** The receipt's place in the log, or in any order that agrees with the log's. */
  readonly position: number;
  readonly standing: Standing;
}

/** The day of the receipt's time in Germany. */
export function dayHappened(at: Happened): Day {
  return dayOf(at.time);
}

/** Whether the receipt's time contradicts what bounds it. */
export function contradictsBound(at: Happened): boolean {
  const { notBefore } = at.bound;
  if (notBefore !== undefined && at.time < notBefore) return true;
  return at.bound.kind === "between" && at.bound.notAfter < at.time;
}

/** One notification to the recipient. */
export interface Notification {
  readonly sent: Happened;
  /** That it failed, or came back. */
  failed?: Happened;
  /** That it arrived, where somebody proves it. Its acceptance by a mail server does not. */
  arrived?: Happened;
}

/** What the recipient says is wrong with what was handed over. */
export interface Dispute {
  readonly at: Happened;
  /** Names of reasons (docs/format/statements.md). */
  readonly reasons: readonly string[];
}

/** A consent towards the sender, or towards every authority. */
export interface ConsentPeriod {
  readonly class: ConsentClass;
  /** Its receipt. */
  readonly given: Happened;
  /** From when, as the consent itself says; not before its receipt. */
  readonly from: UnixMillis;
  /** The receipt of its revocation. */
  readonly revoked?: Happened | undefined;
}

/** Whether a consent was in force when something happened. Log order decides. */
export function inForce(consent: ConsentPeriod, at: Happened): boolean {
  return (
    consent.given.position < at.position &&
    consent.from <= at.time &&
    (consent.revoked === undefined || at.position < consent.revoked.position)
  );
}

/** What happened, where a result names it; the order is that in which dependencies are listed. */
export const OCCURRENCES = [
  "submission",
  "submission-rejected",
  "consignment",
  "consignment-failed",
  "notification-sent",
  "notification-failed",
  "notification-arrived",
  "handover",
  "access",
  "acceptance",
  "rejection",
  "expiry",
  "withdrawal",
  "dispute",
  "consent-given",
  "consent-revoked",
  "binding-withdrawn",
] as const;

export type Occurrence = (typeof OCCURRENCES)[number];

/** What can happen to an envelope once; of several receipts the first counts. */
type Once =
  | "submission"
  | "submission-rejected"
  | "consignment"
  | "consignment-failed"
  | "handover"
  | "access"
  | "acceptance"
  | "rejection"
  | "expiry"
  | "withdrawal";

/** ETSI EN 319 522-1 events as receipts name them, and ours, by what they are here. */
const ONCE: Readonly<Record<string, Once>> = {
  SubmissionAcceptance: "submission",
  SubmissionRejection: "submission-rejected",
  ContentConsignment: "consignment",
  ContentConsignmentFailure: "consignment-failed",
  ContentHandover: "handover",
  ContentAccessTracking: "access",
  ConsignmentAcceptance: "acceptance",
  ConsignmentRejection: "rejection",
  AcceptanceRejectionExpiry: "expiry",
  EnvelopeWithdrawal: "withdrawal",
};

/** What happened to one envelope, and to what it rests on. */
export class Events {
  readonly class: DeliveryClass;
  /** D.3, D.4 and D.5, in log order. */
  readonly notifications: Notification[] = [];
  /** E.2: what the recipient reports. */
  readonly disputes: Dispute[] = [];
  /** Consents that concern the sender. */
  readonly consents: ConsentPeriod[] = [];
  /** The binding that the header names was withdrawn. */
  bindingWithdrawn: Happened | undefined = undefined;
  private readonly once = new Map<Once, Happened>();

  constructor(deliveryClass: DeliveryClass) {
    this.class = deliveryClass;
  }

  /** When it happened, if it did. */
  at(what: Once): Happened | undefined {
    return this.once.get(what);
  }

  /** Changes what is known of an event that has happened. */
  amend(what: Once, change: (at: Happened) => Happened): void {
    const at = this.once.get(what);
    if (at !== undefined) this.once.set(what, change(at));
  }

  /**
   * Adds one event of a receipt, in log order. Of what can happen once, the first counts; entries beyond MAX_FACTS of a
   * kind are not looked at. Other events, such as that an acceptance was asked for, are read by no rule.
   *
   * A failure concerns the newest notification that has not failed yet, an arrival the newest one; use
   * `notificationFailed` and `notificationArrived` where it is known which.
   */
  receipt(event: string, at: Happened, reasons: readonly string[]): void {
    const once = Object.hasOwn(ONCE, event) ? ONCE[event] : undefined;
    if (once !== undefined) {
      if (!this.once.has(once)) this.once.set(once, at);
    } else if (event === "ConsignmentNotification") {
      this.notified(at);
    } else if (event === "ConsignmentNotificationFailure") {
      this.notificationFailed(at);
    } else if (event === "NotificationDelivered") {
      this.notificationArrived(at);
    } else if (event === "ContentHandoverFailure" && this.disputes.length < MAX_FACTS) {
      this.disputes.push({ at, reasons });
    }
  }

  private notified(sent: Happened): void {
    if (this.notifications.length < MAX_FACTS) this.notifications.push({ sent });
  }

  /**
   * A notification failed or came back: the one that was receipted at `sent`, or the newest one that has not failed. A
   * failure without any notification is kept as one that was never sent.
   */
  notificationFailed(at: Happened, sent?: number): void {
    if (this.notifications.length === 0) this.notified(at);
    const found = this.notifications.findLast(
      (notification) =>
        notification.failed === undefined && (sent === undefined || notification.sent.position === sent),
    );
    if (found !== undefined) found.failed = at;
  }

  /** A notification arrived, and that is proven: the one that was receipted at `sent`, or the newest one. */
  notificationArrived(at: Happened, sent?: number): void {
    const found = this.notifications.findLast(
      (notification) => sent === undefined || notification.sent.position === sent,
    );
    if (found !== undefined) found.arrived ??= at;
  }

  /** A consent that concerns the sender. */
  consent(consent: ConsentPeriod): void {
    if (this.consents.length < MAX_FACTS) this.consents.push(consent);
  }

  /**
   * Abruf: the handover, or the opening where nothing else shows one; the first in log order after it was made
   * available.
   */
  retrieval(): { readonly what: Occurrence; readonly at: Happened } | undefined {
    const provided = this.at("consignment")?.position;
    if (provided === undefined) return undefined;
    let first: { what: Occurrence; at: Happened } | undefined;
    for (const what of ["handover", "access"] as const) {
      const at = this.at(what);
      if (at === undefined || at.position < provided) continue;
      if (first === undefined || at.position < first.at.position) first = { what, at };
    }
    return first;
  }
}
