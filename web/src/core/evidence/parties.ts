// Key histories in an evidence file, and which of their statements was current at a receipt.
//
// A key statement counts as current at a receipt when its own receipt came before and its successor's after. Where
// receipts are missing, every statement that may have been current must give the same answer.

import { type Address, type StatementHash, type UnixMillis, type VerifyingKey, hashStatement } from "../ids.ts";
import { HistoryError, Party } from "../keys/history.ts";
import { EMPTY_LIST, type ListHead, appendToList, sameHead } from "../statement/head.ts";
import { type NotAllowed, type Role, allows } from "../statement/key.ts";
import type { Kind } from "../statement/kind.ts";
import { type Signed, verify } from "../statement/signed.ts";
import { ofHistory, ofNotAllowed, withCause } from "./causes.ts";
import { type Accepted, type Moment, cameBefore } from "./moment.ts";
import { failed, notProven } from "./outcome.ts";

/** A statement of one kind, for this log: statements count for one log only. */
export function verifyFor<K extends Kind>(kind: K, bytes: Uint8Array, origin: string): Signed<K> {
  const signed = withCause(() => verify(kind, bytes));
  checkOrigin(signed.payload, origin);
  return signed;
}

export function checkOrigin({ context }: { readonly context: { readonly origin: string } }, origin: string): void {
  if (context.origin !== origin) throw failed("other-origin");
}

/** A verified key history with the acceptance times that are known. */
export class KeyHistory {
  private constructor(
    private readonly statements: readonly Signed<"key">[],
    private readonly accepted: readonly (Moment | undefined)[],
  ) {}

  /** Verifies all key statements of `address`. */
  static verify(address: Address, list: readonly Uint8Array[], origin: string, accepted: Accepted): KeyHistory {
    const statements = list.map((bytes) => verifyFor("key", bytes, origin));
    try {
      Party.fromHistory(address, statements);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      const broken = statements.findIndex(({ payload }, index) => payload.number !== index);
      throw ofHistory(error, broken - 1);
    }
    return new KeyHistory(
      statements,
      statements.map(({ hash }) => accepted.get(hash)),
    );
  }

  /** Number 0, which bindings name. */
  get first(): StatementHash {
    return this.at(0).hash;
  }

  /** Where a key statement stands in the history. */
  position(hash: StatementHash): number {
    const position = this.statements.findIndex((statement) => statement.hash === hash);
    if (position === -1) throw failed("key-statement-unknown");
    return position;
  }

  /** The key statement at a position. */
  at(position: number): Signed<"key"> {
    return this.statements[position] as Signed<"key">;
  }

  /** Whether the statement at `position` was the newest at a moment. */
  checkCurrent(position: number, at: Moment): void {
    const [start, end] = this.currentAt(at);
    if (position < start || end <= position) throw failed("keys-not-current");
    if (end - start > 1) throw notProven("order-unknown");
  }

  /** Whether `key` may do this by the statement at `position`. */
  checkRole(position: number, key: VerifyingKey, role: Role, time: UnixMillis): void {
    const allowed = allows(this.at(position).payload, key, role, time);
    if (allowed !== true) throw ofNotAllowed(allowed, role);
  }

  /**
   * Whether `key` was allowed to say what needs `role`, accepted at `accepted` or, where that is not known, at some time
   * before the file was made.
   */
  checkSigner(key: VerifyingKey, role: Role, accepted: Moment | undefined, claimed: UnixMillis): void {
    const [start, end] = accepted === undefined ? [0, this.statements.length] : this.currentAt(accepted);
    const time = accepted?.time ?? claimed;
    let refusal: NotAllowed | undefined;
    let [allowed, timeless] = [false, true];
    for (const { payload } of this.statements.slice(start, end)) {
      const answer = allows(payload, key, role, time);
      if (answer === true) allowed = true;
      else refusal = answer;
      timeless &&= payload.identity === key;
    }
    if (!allowed) throw ofNotAllowed(refusal ?? "unknown-key", role);
    if (refusal !== undefined || (accepted === undefined && !timeless)) throw notProven("order-unknown");
  }

  /** Whether `seen` is the head of some beginning of this history that includes `position`. */
  checkSeen(position: number, seen: ListHead): void {
    const heads = headsOf(this.statements.map(({ hash }) => hash)).slice(position + 1);
    if (!heads.some((head) => sameHead(head, seen))) throw failed("sender-saw-other-history");
  }

  /** Positions of the statements that may have been the newest at a moment: from the first to before the second. */
  private currentAt(at: Moment): readonly [number, number] {
    const before = this.accepted.findLastIndex((accepted) => accepted !== undefined && cameBefore(accepted, at) === true);
    const start = Math.max(0, before);
    const after = this.accepted.findIndex(
      (accepted, index) => index > start && accepted !== undefined && cameBefore(at, accepted) === true,
    );
    return [start, after === -1 ? this.statements.length : after];
  }
}

/** The heads of every beginning of a list, the empty one first. */
function headsOf(entries: readonly StatementHash[]): readonly ListHead[] {
  const heads = [EMPTY_LIST];
  for (const entry of entries) heads.push(appendToList(heads.at(-1) as ListHead, entry));
  return heads;
}

/** The heads that every beginning of a list of statements must have. */
export function headsOfList(list: readonly Uint8Array[]): readonly ListHead[] {
  return headsOf(list.map(hashStatement));
}
