// The report: named checks, the timeline, and what is not shown. Data only; the words are in core/words.
//
// Names are those of docs/format/evidence.md; the order is that of the specification.

import type { Finding } from "../deadline/finding.ts";
import type { Manifest } from "../envelope/manifest.ts";
import type { StatementHash, UnixMillis } from "../ids.ts";
import type { Reason } from "../statement/common.ts";
import type { Kind } from "../statement/kind.ts";
import type { Event } from "../statement/receipt.ts";
import type { Signed } from "../statement/signed.ts";
import { Attempt, type Outcome } from "./outcome.ts";
import type { Timestamped } from "./timestamps.ts";

/** The checks, in the order in which they are made. */
export const CHECKS = [
  "operator",
  "header-signature",
  "log-checkpoint",
  "log-inclusion",
  "log-consistency",
  "log-cosigned",
  "time-stamped",
  "sender-key-history",
  "recipient-key-history",
  "receipt-signature",
  "answered-statements",
  "receipt-chain",
  "receipt-times",
  "times-bounded",
  "submission",
  "sender-keys",
  "recipient-keys",
  "signer-role",
  "sender-head",
  "binding",
  "binding-in-force",
  "consent",
  "certificate",
  "handover-answers-request",
  "age-headers",
  "access",
  "statements-receipted",
  "head-signature",
  "envelope-complete",
  "sender-keys-complete",
  "recipient-keys-complete",
  "relation-complete",
  "certificates-complete",
  "opened-content",
] as const;

export type CheckName = (typeof CHECKS)[number];

/** What the file does not show, even when every check passed. */
export const NOT_SHOWN = [
  "independent-time",
  "time-stamps",
  "log-inclusion",
  "later-events",
  "ability-to-decrypt",
  "handover",
  "person-read",
  "notification",
  "person-behind-binding",
  "recipient-identity",
  "authority-identity",
  "consent",
  "content",
  "attachments",
] as const;

export type NotShown = (typeof NOT_SHOWN)[number];

/** The report in one word. */
export const VERDICTS = ["verified", "disputed", "not-proven", "failed"] as const;

export type Verdict = (typeof VERDICTS)[number];

export interface Check {
  readonly name: CheckName;
  readonly outcome: Outcome;
}

/** One event of the envelope, as a receipt records it. */
export interface TimelineEntry {
  readonly event: Event;
  /** By the operator's clock. */
  readonly time: UnixMillis;
  readonly receipt: StatementHash;
  /** The kind of statement that the receipt answers. */
  readonly answers: Kind | undefined;
  /** Reasons of a negative event. */
  readonly reasons: readonly Reason[];
}

/** What an evidence file proves and what not. */
export class Report {
  /** The checks that apply to this envelope, in order. */
  readonly checks: Check[] = [];
  /** What happened, in log order. */
  timeline: readonly TimelineEntry[] = [];
  /** Why the recipient says the content could not be opened; empty when undisputed. */
  disputed: readonly Reason[] = [];
  /** The time-stamp tokens that hold. */
  timestamps: readonly Timestamped[] = [];
  notShown: readonly NotShown[] = [];
  /** The header, once its signature passed; binding, certificate and manifest likewise. */
  header: Signed<"envelope-header"> | undefined = undefined;
  binding: Signed<"binding"> | undefined = undefined;
  certificate: Signed<"certificate"> | undefined = undefined;
  manifest: Manifest | undefined = undefined;
  /** When the letter counts as served; none where receipts or their order do not hold. */
  legalDate: Finding | undefined = undefined;

  /** Makes a check and hands on what it found. */
  make<T>(name: CheckName, action: () => T): T | undefined {
    return this.record(name, Attempt.of(action)).value;
  }

  /** Records a check that was made. */
  record<T>(name: CheckName, attempt: Attempt<T>): Attempt<T> {
    const outcome: Outcome = attempt.shortfall?.outcome ?? { kind: "passed" };
    this.checks.push({ name, outcome });
    return attempt;
  }

  /** Failed outweighs not proven, not proven outweighs disputed. */
  get verdict(): Verdict {
    const any = (kind: Outcome["kind"]): boolean => this.checks.some(({ outcome }) => outcome.kind === kind);
    if (any("failed")) return "failed";
    if (any("not-proven")) return "not-proven";
    return this.disputed.length > 0 ? "disputed" : "verified";
  }

  /** Whether every check passed but those for which the policy names no witnesses. */
  get lacksOnlyWitnesses(): boolean {
    return this.checks.every(({ outcome }) => {
      if (outcome.kind !== "not-proven") return outcome.kind === "passed";
      const { name, check } = outcome.gap;
      return name === "no-witnesses" || (name === "needs" && check === "log-cosigned");
    });
  }

  /** How a check ended, or none when it does not apply to this envelope. */
  outcome(name: CheckName): Outcome | undefined {
    return this.checks.find((check) => check.name === name)?.outcome;
  }

  passed(name: CheckName): boolean {
    return this.outcome(name)?.kind === "passed";
  }
}
