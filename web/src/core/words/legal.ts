// A legal date and its reasoning as lines of text, as `postfach verify` prints them.
//
// Invariant: each answer ends by saying that it is information and not legal advice. Absent: the computation
// (core/deadline). Specification: docs/legal-dates.md.

import type { Appeal, AppealPeriod } from "../deadline/appeal.ts";
import type { Day } from "../deadline/day.ts";
import type { Dependency, Disputed, Finding, Step, Used, Verdict } from "../deadline/finding.ts";
import { type Words, fill, sayDay, sayTime, textOf } from "./words.ts";

/** Verdict, rule, reasoning, events used, appeal period, and what all this is not. */
export function legalLines(words: Words, finding: Finding): readonly string[] {
  return [
    sayVerdict(words, finding.verdict),
    ...sayRule(words, finding),
    ...sayReasoning(words, finding),
    ...finding.used.map((used) => sayUsed(words, used)),
    ...sayAppeal(words, finding.appeal),
    words.legal.reservation,
  ];
}

/** The verdict in one sentence. */
export function sayVerdict(words: Words, verdict: Verdict): string {
  const { verdicts, not_served: notServed } = words.legal;
  switch (verdict.code) {
    case "served-on":
      return fill(verdicts["served-on"], { day: sayDay(words, verdict.day) });
    case "not-served":
      return fill(verdicts["not-served"], { reason: notServed[verdict.reason] });
    case "open": {
      const days = sayDays(words, verdict.candidates);
      const template = verdict.candidates.length === 0 ? verdicts.open : verdicts["open-days"];
      return fill(template, { depends: sayDependencies(words, verdict.depends), days });
    }
    case "disputed": {
      const days = sayDays(words, verdict.otherwise);
      const template = verdict.otherwise.length === 0 ? verdicts.disputed : verdicts["disputed-days"];
      return fill(template, { dispute: sayDispute(words, verdict.dispute), days });
    }
  }
}

/** The reasoning, step by step. */
export function sayReasoning(words: Words, finding: Finding): readonly string[] {
  return finding.steps.map((step) => sayStep(words, step));
}

function sayRule(words: Words, { rule, rulesVersion }: Finding): readonly string[] {
  if (rule === undefined) return [];
  return [fill(words.legal.rule, { citation: rule.citation, id: rule.id, tables: rulesVersion })];
}

function sayUsed(words: Words, { what, at }: Used): string {
  const values = { what: words.legal.occurrences[what], time: sayTime(words, at.time), position: at.position };
  return fill(words.legal.basis, values);
}

/** When the period for contesting the act ends. */
export function sayAppeal(words: Words, appeal: Appeal): readonly string[] {
  const { appeal: texts, not_computed: notComputed } = words.legal;
  if (appeal.kind === "not-computed") {
    return [fill(texts["not-computed"], { reason: notComputed[appeal.reason] })];
  }
  const lines = appeal.periods.flatMap((period) => sayPeriod(words, period));
  if (appeal.stated !== undefined) lines.push(fill(texts.stated, { day: sayDay(words, appeal.stated) }));
  return lines;
}

function sayPeriod(words: Words, period: AppealPeriod): readonly string[] {
  const { appeal: texts } = words.legal;
  const lines = [
    fill(texts[period.length], {
      served: sayDay(words, period.served),
      first: sayDay(words, period.firstDay),
      ends: sayDays(words, period.ends),
      law: period.law === undefined ? "" : ` (${period.law})`,
    }),
    ...period.steps.map((step) => sayStep(words, step)),
  ];
  if (period.steps.length > 0) lines.push(texts.moved);
  if (period.depends.length > 0) lines.push(fill(texts.depends, { depends: sayDependencies(words, period.depends) }));
  return lines;
}

function sayDispute(words: Words, dispute: Disputed): string {
  const template = words.legal.disputes[dispute.code];
  switch (dispute.code) {
    case "by-recipient":
      return fill(template, { reasons: dispute.reasons.map((reason) => textOf(words.reasons, reason)).join("; ") });
    case "time-contradicted":
      return fill(template, { what: words.legal.occurrences[dispute.what] });
    case "rejected":
      return template;
  }
}

function sayDependencies(words: Words, depends: readonly Dependency[]): string {
  const { dependencies, occurrences, holidays } = words.legal;
  const say = (dependency: Dependency): string => {
    const template = dependencies[dependency.code];
    if ("what" in dependency) return fill(template, { what: occurrences[dependency.what] });
    return "holiday" in dependency ? fill(template, { holiday: holidays[dependency.holiday] }) : template;
  };
  return depends.map(say).join("; ");
}

function sayDays(words: Words, days: readonly Day[]): string {
  return days.map((day) => sayDay(words, day)).join(words.legal.or);
}

/** One step in one sentence. */
export function sayStep(words: Words, step: Step): string {
  const { steps, sources, occurrences, holidays, weekend } = words.legal;
  if (step.code === "text") {
    const from = sayDay(words, step.from);
    const period =
      step.until === undefined
        ? fill(steps.text, { from })
        : fill(steps["text-until"], { from, until: sayDay(words, step.until) });
    return period + sources[step.source];
  }
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(step) as [string, string | number | object][]) {
    if (typeof value === "number") values[name] = value;
    else if (name === "what" || name === "trigger") values[name] = textOf(occurrences, String(value));
    else if (name === "holiday") values[name] = textOf(holidays, String(value));
    else if (name === "cause") continue;
    else if (name !== "code") values[name] = sayDay(words, value as Day);
  }
  if (step.code === "shifted") {
    values["cause"] = "holiday" in step.cause ? holidays[step.cause.holiday] : weekend;
  }
  return fill(steps[step.code], values);
}
