// Comparing what a server says now with what it signed before: two words that do not fit together convict it.
//
// Specification: docs/format/statements.md, "head".

import type { ListHead } from "./head.ts";
import { headOfList, sameHead } from "./head.ts";
import type { StatementHash } from "../ids.ts";
import type { Signed } from "./signed.ts";

/** How a head contradicts one that is kept. Each convicts the server, but for `older-head`. */
export type Contradiction =
  /** Entries disappeared. */
  | "count-went-backwards"
  /** As many entries, but others. */
  | "other-content"
  /** The entries shown do not lead from the kept head to the new one. */
  | "not-an-extension"
  /** Signed earlier than the kept one, and shorter: two answers may have overtaken each other. */
  | "older-head"
  /** Of another log, or of an earlier epoch. */
  | "other-log";

/** How `now` contradicts `kept`, two verified heads of one subject. */
export function compareHeads(kept: Signed<"head">, now: Signed<"head">): Contradiction | undefined {
  const [before, after] = [kept.payload, now.payload];
  if (before.context.origin !== after.context.origin || after.context.epoch < before.context.epoch) return "other-log";
  if (after.head.count < before.head.count && after.context.time < before.context.time) return "older-head";
  return compareGrowth(before.head, after.head);
}

/** How `appended` fails to lead from the kept head of a list to the new one. */
export function compareExtension(
  kept: ListHead,
  appended: Iterable<StatementHash>,
  now: ListHead,
): Contradiction | undefined {
  const contradiction = compareGrowth(kept, now);
  if (contradiction !== undefined) return contradiction;
  return sameHead(headOfList(appended, kept), now) ? undefined : "not-an-extension";
}

function compareGrowth(kept: ListHead, now: ListHead): Contradiction | undefined {
  if (now.count < kept.count) return "count-went-backwards";
  return now.count === kept.count && now.last !== kept.last ? "other-content" : undefined;
}
