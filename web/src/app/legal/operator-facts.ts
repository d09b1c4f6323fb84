// What only an operator can say about itself: who it is, who supervises it, on what law it stands.
//
// Invariant: all of it comes from one file, `operator.json`, whose every name is known here; a fact that is not yet
// stated (an empty text) shows as a marked gap, never as an invention. Absent: texts about these pages, which are the
// same for every operator (`documents.ts`). How to fill it in: docs/operations.md, "Imprint, privacy, accessibility".

/** Every fact, in the order of the file, with what belongs into its gap. */
export const FACTS = {
  name: ["Name und Rechtsform", "name and legal form"],
  represented_by: ["vertreten durch", "represented by"],
  address: ["Straße, Hausnummer, Postleitzahl, Ort", "street, number, postcode, city"],
  telephone: ["Telefonnummer", "telephone number"],
  email: ["E-Mail-Adresse", "e-mail address"],
  supervision: ["Aufsichtsbehörde", "supervisory authority"],
  register: ["Register und Nummer", "register and number"],
  tax_number: ["Umsatzsteuer- oder Wirtschafts-Identifikationsnummer", "VAT or business identification number"],
  data_protection_officer: ["Kontakt der Datenschutzbeauftragten", "contact of the data protection officer"],
  data_protection_authority: ["Aufsichtsbehörde für den Datenschutz", "data protection authority"],
  legal_basis: ["Gesetz, auf dem der Betrieb beruht", "law that the service rests on"],
  processors: ["Rechenzentrum und Dienstleister", "data centre and service providers"],
  retention: ["wie lange Daten aufbewahrt werden", "how long data is kept"],
  accessibility_law: ["Vorschrift zur Barrierefreiheit", "accessibility law"],
  accessibility_state: ["vollständig, teilweise oder nicht vereinbar", "fully, partially or not compliant"],
  accessibility_method: ["wer wann wie geprüft hat", "who examined when and how"],
  accessibility_date: ["Datum der Erklärung", "date of the statement"],
  accessibility_contact: ["Kontakt für Rückmeldungen", "contact for feedback"],
  accessibility_enforcement: ["Durchsetzungsstelle mit Kontakt", "enforcement body and its contact"],
  easy_language: ["wo es Leichte Sprache und Gebärdensprache gibt", "where to find easy language and sign language"],
} as const satisfies Record<string, readonly [string, string]>;

export type FactName = keyof typeof FACTS;

/** One text for both languages, or one for each. Empty: not stated yet. `-`: does not apply. */
export type Fact = string | { readonly de: string; readonly en: string };

export type OperatorFacts = Readonly<Record<FactName, Fact>>;

/** Longest text of a fact, in UTF-16 units. */
export const LONGEST_FACT = 2000;

export const NO_FACTS = Object.fromEntries(Object.keys(FACTS).map((name) => [name, ""])) as OperatorFacts;

export class FactsError extends Error {}

/** Reads the content of `operator.json`. Throws `FactsError`, which names what is wrong. */
export function readFacts(json: unknown): OperatorFacts {
  if (!isRecord(json)) throw new FactsError("operator.json: an object is expected");
  for (const name of Object.keys(json)) if (!Object.hasOwn(FACTS, name)) throw new FactsError(`operator.json: "${name}" is not a fact that is asked for`);
  const facts = Object.keys(FACTS).map((name) => [name, readFact(name, json[name])]);
  return Object.fromEntries(facts) as OperatorFacts;
}

function readFact(name: string, value: unknown): Fact {
  const text = (found: unknown): found is string => typeof found === "string" && found.length <= LONGEST_FACT;
  if (text(value)) return value;
  if (isRecord(value) && text(value["de"]) && text(value["en"]) && Object.keys(value).length === 2) return { de: value["de"], en: value["en"] };
  throw new FactsError(`operator.json: "${name}" is missing, or neither a text nor {"de": …, "en": …}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
