// Which letters the list shows: those of a place, or those that were searched for in all places; of these all, the
// unread, or those whose period runs.

import type { StatementHash } from "../../core/ids.ts";
import type { Folders, Place } from "./folders.ts";
import type { Entry, LetterIndex } from "./index.ts";
import { matcher } from "./match.ts";

export type Filter = "all" | "unread" | "period";

export interface Selection {
  /** What is searched for; empty: nothing. */
  readonly query: string;
  readonly filter: Filter;
  readonly place: Place;
}

export const INBOX: Selection = { query: "", filter: "all", place: "inbox" };

/** Whether letters are wanted that only what was read of them can tell. */
export const asksContent = ({ query, filter }: Selection): boolean => query.trim() !== "" || filter !== "all";

/** The letters to show, in their order. What this device has not read yet is in no search. `today`: `YYYY-MM-DD`. */
export function selected(hashes: readonly StatementHash[], index: LetterIndex, folders: Folders, selection: Selection, today: string): readonly StatementHash[] {
  const { query, filter, place } = selection;
  const searched = query.trim() !== "";
  const matches = matcher(query);
  const wanted = (entry: Entry): boolean => filter === "all" || (filter === "unread" ? entry.unread : entry.until !== undefined && entry.until >= today);
  return hashes.filter((hash) => {
    if (!searched && folders.placeOf(hash) !== place) return false;
    if (!asksContent(selection)) return true;
    const [entry, haystack] = [index.get(hash), index.haystack(hash)];
    return entry !== undefined && haystack !== undefined && wanted(entry) && matches(haystack);
  });
}
