// Mailings: one letter a row, `reference;subject;text;files`, as the command line's `send --batch` reads them.
//
// Invariant: every row is resolved before the first letter goes out; a file that a row names must be among those that
// were chosen. Absent: sending (`client/dispatch.ts`).

import type { Book } from "./book.ts";
import { currentAddress } from "./entry.ts";
import { MAX_LIST, decodeList, findColumns, parseRows } from "./rows.ts";

const COLUMNS = [
  { shown: "reference", accepted: ["reference", "referenz", "kassenzeichen", "aktenzeichen"] },
  { shown: "subject", accepted: ["subject", "betreff"] },
  { shown: "text", accepted: ["text"] },
  { shown: "files", accepted: ["files", "dateien", "anlagen"] },
] as const;
/** Columns that may be missing: then the letter's own are used. */
const REQUIRED = 1;
/** Most letters of a mailing. */
export const MAX_MAILING = 5000;

/** What is special about one recipient's letter. */
export interface MailingRow {
  readonly line: number;
  readonly reference: string;
  /** Nothing: as in the letter that is composed. */
  readonly subject: string | undefined;
  readonly text: string | undefined;
  /** Names of files that go to this recipient only. */
  readonly files: readonly string[];
}

export interface MailingFault {
  readonly line: number;
  readonly cause: "unknown-reference" | "not-enrolled" | "file" | "repeated";
  readonly what: string;
}

export type MailingResult =
  | { readonly result: "rows"; readonly rows: readonly MailingRow[] }
  | { readonly result: "columns"; readonly missing: readonly string[] }
  | { readonly result: "size" }
  | { readonly result: "faults"; readonly faults: readonly MailingFault[] };

/** Reads a mailing for these people with these files at hand. */
export function readMailing(book: Book, bytes: Uint8Array, fileNames: ReadonlySet<string>): MailingResult {
  if (bytes.length === 0 || bytes.length > MAX_LIST) return { result: "size" };
  const [header, ...found] = parseRows(decodeList(bytes));
  if (found.length > MAX_MAILING) return { result: "size" };
  const { places } = findColumns(header, COLUMNS);
  const missing = COLUMNS.slice(0, REQUIRED).filter((_, index) => (places[index] ?? -1) < 0).map(({ shown }) => shown);
  if (missing.length > 0 || found.length === 0) return { result: "columns", missing: missing.length > 0 ? missing : ["reference"] };
  const faults: MailingFault[] = [];
  const seen = new Set<string>();
  const rows = found.map(({ line, cells }): MailingRow => {
    const cell = (column: number): string => (cells[places[column] ?? -1] ?? "").trim();
    const reference = cell(0);
    const person = book.byReference(reference);
    const files = cell(3).split("|").map((name) => name.trim()).filter((name) => name !== "");
    const absent = files.find((name) => !fileNames.has(name));
    if (person === undefined) faults.push({ line, cause: "unknown-reference", what: reference });
    else if (currentAddress(person) === undefined) faults.push({ line, cause: "not-enrolled", what: reference });
    else if (absent !== undefined) faults.push({ line, cause: "file", what: absent });
    else if (seen.has(reference) && cell(1) === "" && cell(2) === "") faults.push({ line, cause: "repeated", what: reference });
    seen.add(reference);
    return { line, reference, subject: cell(1) || undefined, text: cell(2) || undefined, files };
  });
  return faults.length > 0 ? { result: "faults", faults } : { result: "rows", rows };
}
