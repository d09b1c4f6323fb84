// Imprint, privacy and accessibility: both languages, gaps, and the page without scripts.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { legalHtml } from "../../build/legal-page.ts";
import { type Block, hasGaps, legalDocuments } from "../../src/app/legal/documents.ts";
import { FACTS, FactsError, NO_FACTS, type OperatorFacts, readFacts } from "../../src/app/legal/operator-facts.ts";

const shipped = JSON.parse(readFileSync(new URL("../../public/operator.json", import.meta.url), "utf8")) as Record<string, unknown>;
const whole = Object.fromEntries(Object.keys(FACTS).map((name) => [name, `<${name}>`])) as OperatorFacts;
const shape = (blocks: readonly Block[]): readonly string[] => blocks.map((block) => (block.kind === "list" ? `list ${block.items.length}` : block.kind));

test("the file that is shipped names every fact and states none", () => {
  expect(readFacts(shipped)).toEqual(NO_FACTS);
  expect(Object.keys(shipped)).toEqual(Object.keys(FACTS));
});

test("both languages have the same parts", () => {
  const english = legalDocuments("en", NO_FACTS);
  for (const [index, german] of legalDocuments("de", NO_FACTS).entries()) {
    expect(shape(german.blocks)).toEqual(shape(english[index]?.blocks ?? []));
    expect(german.title).not.toBe(english[index]?.title);
    expect(hasGaps(german)).toBe(true);
  }
});

test("every fact is shown once it is stated, and a gap until then", () => {
  for (const language of ["de", "en"] as const) {
    const text = JSON.stringify(legalDocuments(language, whole));
    for (const name of Object.keys(FACTS)) expect(text).toContain(`<${name}>`);
    expect(text).not.toContain("gap");
    const gaps = JSON.stringify(legalDocuments(language, NO_FACTS));
    for (const [german, english] of Object.values(FACTS)) expect(gaps).toContain(language === "de" ? german : english);
  }
});

test("what does not apply is left out, and languages are kept apart", () => {
  const [imprint] = legalDocuments("en", { ...whole, register: "-", name: { de: "Stadt", en: "City" } });
  const text = JSON.stringify(imprint);
  expect(text).not.toContain("Register");
  expect(text).toContain("City");
  expect(text).not.toContain("Stadt");
});

test("a file that is not whole is named", () => {
  for (const wrong of [null, [], {}, { ...shipped, nmae: "" }, { ...shipped, name: 7 }, { ...shipped, name: { de: "x" } }, { ...shipped, name: "x".repeat(2001) }]) {
    expect(() => readFacts(wrong)).toThrow(FactsError);
  }
});

test("the page without scripts escapes what it is given", () => {
  const html = legalHtml(whole);
  expect(html).not.toContain("<name>");
  expect(html).toContain("&#60;name&#62;");
  for (const id of ["imprint", "privacy", "accessibility", "imprint-en"]) expect(html).toContain(`id="${id}"`);
});
