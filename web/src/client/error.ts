// Why a client operation did not succeed. An unreachable server, a refusal, and a server that contradicts itself are
// different things; each is a class of its own. Words for people are in `src/app/`.

import type { Address } from "../core/ids.ts";
import type { HistoryReason } from "../core/keys/history.ts";
import type { OperatorReason } from "../core/operator.ts";
import type { Contradiction } from "../core/statement/compare.ts";
import type { Kind } from "../core/statement/kind.ts";
import type { StatementReason } from "../core/statement/signed.ts";
import type { Problem } from "./problem.ts";

/** The server cannot be reached, or the connection broke. Trying again may help. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** The server answered with something that is not our protocol. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
}

/** The server refused; the problem has words in both languages. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";

  constructor(readonly problem: Problem) {
    super(problem.title);
  }

  get code(): string {
    return this.problem.code;
  }
}

/** The content cannot be decrypted with the keys at hand. */
export class NotDecryptableError extends Error {
  override readonly name = "NotDecryptableError";
}

/** What was asked for is not there: a letter, a binding, a consent, a kept history. */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}

/** The recovery secret is of another address, or was replaced. */
export class ForeignSheetError extends Error {
  override readonly name = "ForeignSheetError";
}

/** A recovery was interrupted for so long that its statement no longer counts. The old sheet begins it anew. */
export class LapsedRecoveryError extends Error {
  override readonly name = "LapsedRecoveryError";
}

/** A server that contradicts signatures, itself, or what it said before. */
export type Lie =
  /** Another root key than the pinned one. */
  | { readonly lie: "root-key" }
  /** Another log origin, or an earlier epoch. */
  | { readonly lie: "origin" }
  /** The operator's own statements do not hold. */
  | { readonly lie: "operator"; readonly reason: OperatorReason }
  /** Key statements that the party did not sign. */
  | { readonly lie: "slipped-in-key"; readonly address: Address; readonly reason: HistoryReason }
  /** A key history that was shown before is shown otherwise, or shorter. */
  | { readonly lie: "rewritten-history"; readonly address: Address; readonly number: number }
  /** A binding that is not the issuer's or names another key. */
  | { readonly lie: "forged-binding"; readonly address: Address }
  /** A letter that the sender it names did not sign. */
  | { readonly lie: "forged-header"; readonly sender: Address }
  /** A statement that the party it names did not sign, or that belongs to others. */
  | { readonly lie: "forged-statement"; readonly address: Address; readonly kind: Kind }
  /** A statement without the receipt that the server must have given for it. */
  | { readonly lie: "unreceipted" }
  /** A receipt that answers something else. */
  | { readonly lie: "foreign-receipt" }
  /** A head about another list than asked for. */
  | { readonly lie: "foreign-head" }
  /** Entries do not add up to the signed head: one was dropped, added or changed. */
  | { readonly lie: "dropped-entry"; readonly head: number; readonly shown: number }
  /** A head that does not fit the one that was kept. */
  | { readonly lie: "contradiction"; readonly how: Contradiction; readonly kept: number; readonly now: number }
  /** A checkpoint that the log's key did not sign, or a proof that does not lead to it. */
  | { readonly lie: "not-logged"; readonly why: string }
  /** Two signed trees of which neither continues the other. */
  | { readonly lie: "log-forked"; readonly size: number }
  /** The log is shorter than a tree that was signed. */
  | { readonly lie: "log-shrunk"; readonly size: number }
  /** A statement in a list does not verify. */
  | { readonly lie: "statement"; readonly reason: StatementReason };

/** What the server showed cannot be true. Nothing of it was used. */
export class DishonestError extends Error {
  override readonly name = "DishonestError";

  constructor(
    readonly lie: Lie,
    options?: ErrorOptions,
  ) {
    super(`the server showed something that cannot be true: ${lie.lie}`, options);
  }
}
