// The words of reports against docs/format/vectors/words.json, which Rust says of the same files; and that every name in
// the core has words in both languages.
import { beforeAll, describe, expect, test } from "vitest";
import { utf8 } from "../../../src/core/codec/bytes.ts";
import { DEPENDENCIES, NOT_SERVED } from "../../../src/core/deadline/finding.ts";
import { HOLIDAYS } from "../../../src/core/deadline/holidays.ts";
import { NOT_COMPUTED } from "../../../src/core/deadline/appeal.ts";
import { OCCURRENCES } from "../../../src/core/deadline/events.ts";
import { AGREEMENTS, FILE_LISTS } from "../../../src/core/evidence/compare.ts";
import { decodeEvidence } from "../../../src/core/evidence/file.ts";
import type { CheckName } from "../../../src/core/evidence/report.ts";
import { CHECKS, NOT_SHOWN, VERDICTS } from "../../../src/core/evidence/report.ts";
import { verifyEvidence } from "../../../src/core/evidence/verify.ts";
import { keyBytes } from "../../../src/core/ids.ts";
import { reason } from "../../../src/core/statement/common.ts";
import { event } from "../../../src/core/statement/receipt.ts";
import { parsePolicy } from "../../../src/core/tlog/policy-text.ts";
import { legalLines } from "../../../src/core/words/legal.ts";
import { type Language, type Words, loadWords, sayCause, sayDifference, sayGap } from "../../../src/core/words/words.ts";
import { hex, vectors } from "../../vectors.ts";

type Said = Readonly<Record<Language, string>>;

interface WordsVectors {
  /** None where the file fails. */
  readonly legal: (Readonly<Record<Language, string[]>> | null)[];
  readonly causes: (Said & { readonly name: string; readonly values: Record<string, string | number> })[];
  readonly gaps: (Said & { readonly name: string; readonly check: CheckName })[];
}

interface Files {
  readonly origin: string;
  readonly root: string;
  readonly witnesses: string;
  readonly file: string;
  readonly stories: { file: string }[];
  readonly edits: { faults: { reason: string; outcome: string }[] }[];
}

const said = vectors<WordsVectors>("words");
const files = vectors<Files>("evidence");

describe.each(["de", "en"] as const)("%s", (language) => {
  let words: Words;
  beforeAll(async () => {
    words = await loadWords(language);
  });

  test("legal dates of files are said alike", async () => {
    const witnesses = parsePolicy(utf8(files.witnesses));
    await witnesses.load();
    const policy = { origin: files.origin, root: keyBytes.of(hex(files.root)), witnesses };
    const all = [files, ...files.stories].map(({ file }) => {
      const { legalDate } = verifyEvidence(decodeEvidence(hex(file)), policy);
      return legalDate && legalLines(words, legalDate);
    });
    expect(all).toEqual(said.legal.map((lines) => lines?.[language]));
  });

  test("causes and gaps are said alike", () => {
    for (const cause of said.causes) expect(sayCause(words, cause)).toBe(cause[language]);
    for (const gap of said.gaps) expect(sayGap(words, gap)).toBe(gap[language]);
  });

  test("differences are said with their values", () => {
    const sentence = sayDifference(words, { name: "log-forked", size: 77n });
    expect(sentence).toContain("77");
    expect(sentence).not.toContain("{");
  });

  test("every name has words", () => {
    const has = (texts: object, names: readonly string[]): void => {
      expect(Object.keys(texts).sort()).toEqual([...names].sort());
    };
    has(words.checks, CHECKS);
    has(words.not_shown, NOT_SHOWN);
    has(words.verdicts, VERDICTS);
    has(words.events, event.names);
    has(words.reasons, reason.names);
    has(words.comparison.agreements, AGREEMENTS);
    has(words.comparison.lists, Object.keys(FILE_LISTS));
    has(words.legal.dependencies, DEPENDENCIES);
    has(words.legal.not_served, NOT_SERVED);
    has(words.legal.not_computed, NOT_COMPUTED);
    has(words.legal.occurrences, OCCURRENCES);
    has(words.legal.holidays, HOLIDAYS);
    for (const { reason: name, outcome } of files.edits.flatMap(({ faults }) => faults)) {
      expect(outcome === "failed" ? words.causes : words.gaps).toHaveProperty(name);
    }
  });
});
