// Evidence files against docs/format/vectors/evidence.json: one good file, edits and mutations of it, each with the
// checks that fail and why, as Rust finds them.
import { beforeAll, describe, expect, test, vi } from "vitest";
import { toHex, utf8 } from "../../../src/core/codec/bytes.ts";
import { agreement, compareEvidence } from "../../../src/core/evidence/compare.ts";
import { type Evidence, decodeEvidence, encodeEvidence } from "../../../src/core/evidence/file.ts";
import type { Report } from "../../../src/core/evidence/report.ts";
import { type Policy, verifyEvidence } from "../../../src/core/evidence/verify.ts";
import { verdictDays } from "../../../src/core/deadline/finding.ts";
import { keyBytes } from "../../../src/core/ids.ts";
import { parsePolicy } from "../../../src/core/tlog/policy-text.ts";
import { hex, reasonOf, vectors } from "../../vectors.ts";
import { mutate } from "./mutate.ts";

// Most keys and signatures of a mutated file are those of the good one: each is checked once, for real.
vi.mock("../../../src/core/keys/verifying-key.ts", async (original) => {
  const real = await original<typeof import("../../../src/core/keys/verifying-key.ts")>();
  const once = <Arguments extends unknown[]>(
    check: (...of: Arguments) => boolean,
    name: (...of: Arguments) => string,
  ): ((...of: Arguments) => boolean) => {
    const known = new Map<string, boolean>();
    return (...of) => {
      const found = known.get(name(...of)) ?? check(...of);
      known.set(name(...of), found);
      return found;
    };
  };
  const holds = once(real.holds, (key, message, signature) => `${key}/${signature}/${toHex(message)}`);
  return { ...real, holds, isStrong: once(real.isStrong, (key) => key) };
});

interface Fault {
  readonly check: string;
  readonly outcome: string;
  readonly reason: string;
}

interface Judged {
  readonly name: string;
  readonly found: string;
  readonly checks: string[];
  readonly events: string[];
  readonly not_shown: string[];
  readonly disputed: string[];
  readonly legal_date: string | null;
}

interface EvidenceVectors {
  readonly policies: (Judged & { readonly origin: string; readonly root: string; readonly witnesses: string })[];
  readonly stories: (Judged & { readonly file: string })[];
  readonly mutations: {
    readonly done: string;
    readonly no_file?: string;
    readonly found?: string;
    readonly compared?: string;
  }[];
  readonly origin: string;
  readonly root: string;
  readonly file: string;
  readonly verdict: string;
  readonly passed: string[];
  readonly timeline: { event: string; time: number; receipt: string; answers: string | null }[];
  readonly not_shown: string[];
  readonly witnesses: string;
  readonly legal_date: { verdict: string; days: string[] };
  readonly part_0_file_key: string;
  readonly edits: {
    readonly name: string;
    readonly field: string;
    readonly at: number;
    readonly remove: number;
    readonly insert: string[];
    readonly verdict: string;
    readonly faults: Fault[];
  }[];
  readonly not_files: { name: string; failure: string; begins: string }[];
}

const vector = vectors<EvidenceVectors>("evidence");
const good = decodeEvidence(hex(vector.file));
const policy: Policy = {
  origin: vector.origin,
  root: keyBytes.of(hex(vector.root)),
  witnesses: parsePolicy(utf8(vector.witnesses)),
};

beforeAll(() => policy.witnesses.load());

/** What did not pass, apart from checks that only wait for another one. */
function faults(report: Report): Fault[] {
  return report.checks.flatMap(({ name: check, outcome }) => {
    if (outcome.kind === "failed") return [{ check, outcome: "failed", reason: outcome.cause.name }];
    if (outcome.kind === "passed" || outcome.gap.name === "needs") return [];
    return [{ check, outcome: "not-proven", reason: outcome.gap.name }];
  });
}

/** The verdict, then the faults. */
function found(report: Report): string {
  return [report.verdict, ...faults(report).map((fault) => Object.values(fault).join(" "))].join("; ");
}

function judged(name: string, report: Report): Judged {
  const verdict = report.legalDate?.verdict;
  return {
    name,
    found: found(report),
    checks: report.checks.map((check) => check.name),
    events: report.timeline.map(({ event }) => event),
    not_shown: [...report.notShown],
    disputed: [...report.disputed],
    legal_date: verdict === undefined ? null : [verdict.code, ...verdictDays(verdict)].join(" "),
  };
}

describe("the good file", () => {
  test("is read and written", () => {
    expect(toHex(encodeEvidence(good))).toBe(vector.file);
  });

  test("verifies, with timeline, reservations and legal date", () => {
    const report = verifyEvidence(good, policy);
    expect(faults(report)).toEqual([]);
    expect(report.verdict).toBe(vector.verdict);
    expect(report.checks.map(({ name }) => name)).toEqual(vector.passed);
    const timeline = report.timeline.map(({ event, time, receipt, answers }) => ({
      event,
      time,
      receipt,
      answers: answers ?? null,
    }));
    expect(timeline).toEqual(vector.timeline);
    expect(report.notShown).toEqual(vector.not_shown);
    const verdict = report.legalDate?.verdict;
    expect(verdict?.code).toBe(vector.legal_date.verdict);
    expect(verdict && verdictDays(verdict)).toEqual(vector.legal_date.days);
    expect(toHex(good.opened?.fileKey ?? new Uint8Array())).toBe(vector.part_0_file_key);
    expect(report.manifest?.subject).toBeTruthy();
  });
});

test.each(vector.edits.map((edit) => [edit.name, edit] as const))("edit: %s", (_, edit) => {
  const field = edit.field.replace(/_./g, (part) => part.slice(1).toUpperCase()) as "entries";
  const list = [...good[field]];
  list.splice(edit.at, edit.remove, ...edit.insert.map(hex));
  const report = verifyEvidence({ ...good, opened: undefined, [field]: list } satisfies Evidence, policy);
  expect(faults(report)).toEqual(edit.faults);
  expect(report.verdict).toBe(edit.verdict);
});

test("what is no evidence file", () => {
  for (const { name, failure, begins } of vector.not_files) {
    const whole = hex(vector.file);
    const start = hex(begins);
    const bytes = name === "cut" || name === "empty" ? start : new Uint8Array([...start, ...whole.subarray(start.length)]);
    expect(reasonOf(() => decodeEvidence(bytes)), name).toBe(failure);
  }
});

test.each(vector.stories.map((story) => [story.name, story] as const))("story: %s", (name, { file, ...expected }) => {
  expect(judged(name, verifyEvidence(decodeEvidence(hex(file)), policy))).toEqual(expected);
});

test.each(vector.policies.map((each) => [each.name, each] as const))("policy: %s", async (name, each) => {
  const { origin, root, witnesses: text, ...expected } = each;
  const witnesses = parsePolicy(utf8(text));
  await witnesses.load();
  const report = verifyEvidence(good, { origin, root: keyBytes.of(hex(root)), witnesses });
  expect(judged(name, report)).toEqual(expected);
});

test("every mutation is found for the same reason", { timeout: 120_000 }, () => {
  expect(vector.mutations.length).toBeGreaterThan(300);
  const whole = hex(vector.file);
  for (const { done, ...expected } of vector.mutations) {
    const bytes = mutate(good, whole, done);
    const refused = reasonOf(() => decodeEvidence(bytes));
    if (refused !== "accepted") {
      expect({ no_file: refused }, done).toEqual(expected);
      continue;
    }
    const changed = decodeEvidence(bytes);
    const differences = compareEvidence(good, changed, policy);
    const compared = [agreement(differences), ...differences.map(({ name }) => name)].join(" ");
    expect({ found: found(verifyEvidence(changed, policy)), compared }, done).toEqual(expected);
  }
});
