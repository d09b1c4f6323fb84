// Address lists to and from spreadsheets: `reference;name;birth date;street;postcode;city`.
//
// Invariants: an import happens whole or not at all, and every line that is wrong is named with its cause; what a
// spreadsheet could run as a formula is refused; codes, addresses and salts never leave the book. The same rules as
// the command line's `book import`.

import type { Random } from "../age/file-key.ts";
import { newDay } from "../deadline/day.ts";
import type { Book } from "./book.ts";
import type { NewEntry, PostalAddress } from "./entry.ts";
import { type Column, MAX_CELL, MAX_LIST, type Row, decodeList, findColumns, isFormula, parseRows, writeRows } from "./rows.ts";

const COLUMNS = [
  { shown: "Kassenzeichen", accepted: ["kassenzeichen", "referenz", "aktenzeichen", "reference"] },
  { shown: "Name", accepted: ["name"] },
  { shown: "Geburtsdatum", accepted: ["geburtsdatum", "birth date", "birth_date", "date of birth"] },
  { shown: "Straße", accepted: ["straße", "strasse", "street"] },
  { shown: "PLZ", accepted: ["plz", "postleitzahl", "postcode"] },
  { shown: "Ort", accepted: ["ort", "city"] },
] as const satisfies readonly Column[];

/** Most mistakes that are named at once. */
const MAX_FAULTS = 50;

/** What is wrong with a row; `what` names the column or the reference. */
export interface Fault {
  readonly line: number;
  readonly cause: "cells" | "cell" | "formula" | "date" | "repeated" | "other-person";
  readonly what: string;
}

/** What an import would do, or did. */
export interface Imported {
  readonly book: Book;
  readonly added: number;
  readonly moved: number;
  readonly unchanged: number;
}

export type ImportResult =
  | { readonly result: "imported"; readonly imported: Imported }
  | { readonly result: "columns"; readonly missing: readonly string[] }
  | { readonly result: "size" }
  | { readonly result: "faults"; readonly faults: readonly Fault[] };

/** Adds the people of a list; known ones may have moved. All of it or nothing. Throws `BookError` where it is full. */
export function importPeople(book: Book, bytes: Uint8Array, random: Random): ImportResult {
  if (bytes.length === 0 || bytes.length > MAX_LIST) return { result: "size" };
  const [header, ...rows] = parseRows(decodeList(bytes));
  const { places, missing } = findColumns(header, COLUMNS);
  if (missing.length > 0) return { result: "columns", missing };
  const faults: Fault[] = [];
  const people: NewEntry[] = [];
  const seen = new Set<string>();
  const width = header?.cells.length ?? 0;
  for (const row of rows) {
    const read = readPerson(row, places, width);
    const fault = "cause" in read ? read : checkPerson(book, read, seen, row.line);
    if (fault !== undefined) faults.push(fault);
    else if (!("cause" in read)) people.push(read);
    if (faults.length >= MAX_FAULTS) break;
  }
  if (faults.length > 0) return { result: "faults", faults };
  const moved = new Map<string, PostalAddress>();
  for (const { reference, postal } of people) {
    const known = book.byReference(reference);
    if (known !== undefined && !samePlace(known.postal, postal)) moved.set(reference, postal);
  }
  const added = people.filter(({ reference }) => book.byReference(reference) === undefined);
  return {
    result: "imported",
    imported: {
      book: book.move(moved).add(added, random),
      added: added.length,
      moved: moved.size,
      unchanged: people.length - added.length - moved.size,
    },
  };
}

function samePlace(a: PostalAddress, b: PostalAddress): boolean {
  return a.street === b.street && a.postcode === b.postcode && a.city === b.city;
}

function checkPerson(book: Book, { reference, name, birthDate }: NewEntry, seen: Set<string>, line: number): Fault | undefined {
  if (seen.has(reference)) return { line, cause: "repeated", what: reference };
  seen.add(reference);
  const known = book.byReference(reference);
  const same = known === undefined || (known.name === name && known.birthDate === birthDate);
  return same ? undefined : { line, cause: "other-person", what: reference };
}

function readPerson({ line, cells }: Row, places: readonly number[], width: number): NewEntry | Fault {
  if (cells.length !== width) return { line, cause: "cells", what: `${cells.length}/${width}` };
  const values = places.map((place) => (cells[place] ?? "").trim());
  for (const [index, value] of values.entries()) {
    const fault = checkCell(value);
    if (fault !== undefined) return { line, cause: fault, what: COLUMNS[index]?.shown ?? "" };
  }
  const [reference = "", name = "", born = "", street = "", postcode = "", city = ""] = values;
  const birthDate = isoDate(born);
  if (birthDate === undefined) return { line, cause: "date", what: born };
  return { reference, name, birthDate, postal: { street, postcode, city } };
}

/** What is wrong with a cell or a field of a form that names something. */
export function checkCell(value: string): "cell" | "formula" | undefined {
  if (value === "" || value.length > MAX_CELL || /\p{Cc}/u.test(value)) return "cell";
  return isFormula(value) ? "formula" : undefined;
}

/** `YYYY-MM-DD` from that or from `DD.MM.YYYY`, where there was such a day. */
export function isoDate(text: string): string | undefined {
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const [year, month, day] = german === null ? [iso?.[1], iso?.[2], iso?.[3]] : [german[3], german[2], german[1]];
  if (year === undefined) return undefined;
  const plausible = Number(year) >= 1850 && Number(year) <= 2200;
  return plausible ? newDay(Number(year), Number(month), Number(day)) : undefined;
}

/** All people as a list. */
export function exportPeople(book: Book): string {
  const rows = book.entries.map(({ reference, name, birthDate, postal }) => [reference, name, birthDate, postal.street, postal.postcode, postal.city]);
  return writeRows([COLUMNS.map(({ shown }) => shown), ...rows]);
}
