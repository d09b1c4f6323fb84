// Rows of a spreadsheet's text file: semicolon, comma or tab; UTF-8 or Windows-1252; with or without a byte-order mark.
//
// Invariant: each row knows the line it begins on, as an editor counts them; quoted cells may hold delimiters and line
// breaks. Absent: what the cells mean (`spreadsheet.ts`, `mailing.ts`). RFC 4180.

import { fromUtf8 } from "../codec/bytes.ts";

/** Longest list read, in bytes: a hundred thousand people. */
export const MAX_LIST = 32 << 20;
/** Longest cell that names something, in characters. */
export const MAX_CELL = 200;
const BYTE_ORDER_MARK = "\u{feff}";

/** A row, and the line of the file that it begins on, from 1. */
export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A column: how it is written, and the names that are read, in lower case. */
export interface Column {
  readonly shown: string;
  readonly accepted: readonly string[];
}

/** UTF-8, or what older spreadsheets write. */
export function decodeList(bytes: Uint8Array): string {
  const text = fromUtf8(bytes) ?? new TextDecoder("windows-1252").decode(bytes);
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** The delimiter that is most frequent in the first line. */
function delimiterOf(text: string): string {
  const [first = ""] = text.split(/\r?\n/, 1);
  const count = (delimiter: string): number => first.split(delimiter).length - 1;
  return [";", "\t", ","].reduce((best, other) => (count(other) > count(best) ? other : best));
}

/** All rows that are not empty. */
export function parseRows(text: string): readonly Row[] {
  const delimiter = delimiterOf(text);
  const rows: Row[] = [];
  let [cells, cell, line, start, quoted]: [string[], string, number, number, boolean] = [[], "", 1, 1, false];
  const endRow = (): void => {
    cells.push(cell);
    if (cells.some((one) => one.trim() !== "")) rows.push({ line: start, cells });
    [cells, cell, start] = [[], "", line];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] as string;
    if (letter === "\n") line += 1;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') [cell, at] = [`${cell}"`, at + 1];
      else quoted = false;
    } else if (letter === '"' && cell === "") {
      quoted = true;
    } else if (letter === delimiter) {
      cells.push(cell);
      cell = "";
    } else if (letter === "\n") {
      endRow();
    } else if (letter !== "\r") {
      cell += letter;
    }
  }
  endRow();
  return rows;
}

/** Which cell holds which column, by the first row's names; the columns that are missing. */
export function findColumns(header: Row | undefined, columns: readonly Column[]): { places: readonly number[]; missing: readonly string[] } {
  const names = (header?.cells ?? []).map((name) => name.trim().toLowerCase());
  const places = columns.map(({ accepted }) => names.findIndex((name) => accepted.includes(name)));
  return { places, missing: columns.filter((_, index) => (places[index] ?? -1) < 0).map(({ shown }) => shown) };
}

/** Whether a spreadsheet would run the cell as a formula. */
export function isFormula(cell: string): boolean {
  return /^[=+\-@]/.test(cell);
}

/** A list as spreadsheets read it back: semicolons, UTF-8 with a byte-order mark, formulas disarmed. */
export function writeRows(rows: readonly (readonly string[])[]): string {
  const write = (cell: string): string => {
    const safe = isFormula(cell) ? `'${cell}` : cell;
    return /[;"\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return BYTE_ORDER_MARK + rows.map((cells) => `${cells.map(write).join(";")}\r\n`).join("");
}
