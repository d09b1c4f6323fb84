// Legal dates: when a notice counts as served, and when the period for contesting it ends.
//
// From signed events to a verdict (served on D; not served; open, depends on …; disputed) with rule, version, provision,
// the events used and the reasoning. Invariants: pure; only receipt times and log order count; a date stands only where
// every doubt gives the same day; a result names the RULES_VERSION that made it. A date is information, never legal
// advice. Absent: whether the events are true (core/evidence), words for people.
//
// Specification: docs/legal-dates.md; the engine on the server's side is crypto/src/deadline, and both are held to
// docs/format/vectors/deadlines.json.

import { type Contest, appeal } from "./appeal.ts";
import type { UnixMillis } from "./day.ts";
import { type Events, type Happened, type Occurrence, contradictsBound, dayHappened } from "./events.ts";
import {
  type Dependency,
  type Disputed,
  type Finding,
  type Step,
  type Used,
  type Verdict,
  sameStep,
  sortedDependencies,
  verdictDays,
} from "./finding.ts";
import type { Place } from "./holidays.ts";
import { Possible } from "./possible.ts";
import { Application, type Draft, depending, openDraft, sameDraft, sameHappened } from "./reading.ts";
import { RULES_VERSION, type Reading, type Rule, type Version, covers, ruleNamed } from "./rules.ts";

/** What the engine needs beside the events. */
export interface Circumstances {
  /** The municipality whose holidays count; absent where it is not known. */
  readonly place: Place | undefined;
  /** How the act can be contested. */
  readonly contest: Contest;
  /** Until when the events are known: the newest head's time, or the verifier's own. */
  readonly knownUntil: UnixMillis;
}

/** Applies the rule that the envelope header names. */
export function examine(rule: string | undefined, events: Events, circumstances: Circumstances): Finding {
  return new Examination(events, circumstances).run(rule);
}

class Examination {
  private readonly events: Events;
  private readonly circumstances: Circumstances;
  private readonly steps: Step[] = [];
  private readonly used: Used[] = [];
  private version: Version | undefined;

  constructor(events: Events, circumstances: Circumstances) {
    this.events = events;
    this.circumstances = circumstances;
  }

  run(id: string | undefined): Finding {
    const rule = id === undefined ? undefined : ruleNamed(id);
    const unknown = openDraft(id === undefined ? "rule-not-named" : "rule-unknown");
    const verdict = this.verdict(rule === undefined ? unknown : this.draft(rule));
    const { contest, place } = this.circumstances;
    return {
      rulesVersion: RULES_VERSION,
      rule,
      version: this.version,
      verdict,
      used: this.used,
      steps: this.steps,
      appeal: appeal(verdictDays(verdict), contest, place),
    };
  }

  /** What the rule gives, and what concerns every rule alike. */
  private draft(rule: Rule): Draft {
    const { events } = this;
    if (events.at("submission-rejected") !== undefined) return { kind: "not", reason: "submission-rejected" };
    const consignment = events.at("consignment");
    if (consignment === undefined) {
      const failed = events.at("consignment-failed") !== undefined;
      return failed ? { kind: "not", reason: "consignment-failed" } : openDraft("consignment");
    }
    if (rule.effect === "service" && events.class === "ordinary") this.steps.push({ code: "ordinary-delivery" });
    const draft = this.readings(rule, consignment);
    const { at } = this.trigger(rule, consignment);
    return this.withdrawal(this.binding(draft, at));
  }

  /**
   * A date stands only where all readings of the text give it, of all texts where the trigger's time leaves open which
   * one applies.
   */
  private readings(rule: Rule, consignment: Happened): Draft {
    const trigger = this.trigger(rule, consignment);
    const { days } = Possible.of(trigger.what, trigger.at, []);
    const versions = rule.versions.filter((version) => days.some((day) => covers(version, day)));
    this.version = versions.find((version) => covers(version, dayHappened(trigger.at)));
    if (this.version === undefined) return openDraft("no-text");
    const drafts: Draft[] = [];
    for (const { from, until, source, readings } of versions) {
      this.steps.push({ code: "text", from, until, source });
      for (const reading of readings) drafts.push(this.reading(reading, rule, consignment));
    }
    return this.agreed(drafts);
  }

  private reading(reading: Reading, rule: Rule, consignment: Happened): Draft {
    const { place, knownUntil } = this.circumstances;
    const around = { effect: rule.effect, events: this.events, consignment, place, knownUntil };
    const application = new Application(reading, around);
    const draft = application.draft();
    for (const step of application.steps) {
      if (!this.steps.some((other) => sameStep(step, other))) this.steps.push(step);
    }
    for (const used of application.used) {
      const same = (other: Used): boolean => other.what === used.what && sameHappened(other.at, used.at);
      if (!this.used.some(same)) this.used.push(used);
    }
    return draft;
  }

  private agreed(drafts: readonly Draft[]): Draft {
    const last = drafts.at(-1);
    if (last === undefined) return openDraft("no-text");
    if (drafts.length === 1) return last;
    if (drafts.every((draft) => sameDraft(last, draft))) {
      this.steps.push({ code: "readings-agree" });
      return last;
    }
    this.steps.push({ code: "readings-differ" });
    const depends: Dependency[] = [{ code: "rule-text" }];
    let days: Possible | undefined;
    for (const draft of drafts) {
      if (draft.kind === "not") continue;
      if (draft.kind === "open") depends.push(...draft.depends);
      days = days !== undefined && draft.days !== undefined ? days.or(draft.days) : (days ?? draft.days);
    }
    return { kind: "open", depends: sortedDependencies(depends), days };
  }

  /** The event that starts the rule and chooses its text; provision where it has not come yet. */
  private trigger(rule: Rule, consignment: Happened): Used {
    const byNotification = rule.versions.some((version) =>
      version.readings.some((reading) => reading.trigger === "notification-sent"),
    );
    const notified = this.events.notifications.find((notification) => notification.failed === undefined);
    return byNotification && notified !== undefined
      ? { what: "notification-sent", at: notified.sent }
      : { what: "consignment", at: consignment };
  }

  /**
   * What is sent to a withdrawn binding does not reach the person; what was retrieved or served before the withdrawal
   * did.
   */
  private binding(draft: Draft, trigger: Happened): Draft {
    const withdrawn = this.events.bindingWithdrawn;
    if (withdrawn === undefined || draft.kind === "not") return draft;
    const day = dayHappened(withdrawn);
    const retrieved = this.events.retrieval();
    const served = draft.kind === "on" && draft.days.last < day;
    if (served || (retrieved !== undefined && retrieved.at.position < withdrawn.position)) return draft;
    this.use("binding-withdrawn", withdrawn);
    this.steps.push({ code: "binding-withdrawn", day });
    if (withdrawn.position < trigger.position && retrieved === undefined) {
      return { kind: "not", reason: "binding-withdrawn" };
    }
    return depending(draft, { code: "binding-withdrawn" });
  }

  /** The sender took it back: before service that ends everything, afterwards the law must say. */
  private withdrawal(draft: Draft): Draft {
    const withdrawn = this.events.at("withdrawal");
    if (withdrawn === undefined) return draft;
    const retrieved = this.events.retrieval();
    if (retrieved !== undefined && retrieved.at.position < withdrawn.position) return draft;
    const day = dayHappened(withdrawn);
    this.use("withdrawal", withdrawn);
    this.steps.push({ code: "withdrawn-by-sender", day });
    if (draft.kind === "not") return draft;
    const served = draft.days !== undefined && draft.days.first <= day;
    return served ? depending(draft, { code: "withdrawn-afterwards" }) : { kind: "not", reason: "withdrawn" };
  }

  private use(what: Occurrence, at: Happened): void {
    this.used.push({ what, at });
  }

  /** The verdict: contradictions first, then what is still open. */
  private verdict(draft: Draft): Verdict {
    if (draft.kind === "not") return { code: "not-served", reason: draft.reason };
    const candidates = draft.days?.days ?? [];
    const dispute = this.dispute();
    if (dispute !== undefined) return { code: "disputed", dispute, otherwise: candidates };
    const open = draft.kind === "open" ? draft.depends : [];
    const depends = sortedDependencies([...open, ...(draft.days?.depends() ?? [])]);
    const [day] = candidates;
    return day !== undefined && candidates.length === 1 && depends.length === 0
      ? { code: "served-on", day }
      : { code: "open", depends, candidates };
  }

  private dispute(): Disputed | undefined {
    const contradicted = this.used.find((used) => contradictsBound(used.at));
    if (contradicted !== undefined) {
      const { what } = contradicted;
      this.steps.push({ code: "time-contradicted", what });
      return { code: "time-contradicted", what };
    }
    const [dispute] = this.events.disputes;
    if (dispute !== undefined) {
      this.use("dispute", dispute.at);
      this.steps.push({ code: "recipient-objects", day: dayHappened(dispute.at) });
      const reasons = new Set(this.events.disputes.flatMap((each) => each.reasons));
      return { code: "by-recipient", reasons: [...reasons] };
    }
    const rejection = this.events.at("rejection");
    if (rejection === undefined) return undefined;
    this.use("rejection", rejection);
    this.steps.push({ code: "recipient-refused", day: dayHappened(rejection) });
    return { code: "rejected" };
  }
}
