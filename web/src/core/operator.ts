// What a verifier knows of an operator: its root key, and the working keys it delegated.
//
// Invariant: every key in an `Operator` was delegated by the pinned root key for that purpose. Nothing else about
// the operator is trusted. Specification: docs/format/statements.md, "delegation", "certificate".

import type { UnixMillis, VerifyingKey } from "./ids.ts";
import type { Kind } from "./statement/kind.ts";
import { signedBy } from "./statement/kind.ts";
import type { DelegationPurpose } from "./statement/operator.ts";
import { type Signed, verify } from "./statement/signed.ts";

/** Most delegations that are read. */
export const MAX_DELEGATIONS = 1024;

/** Why the operator's word does not count. */
export type OperatorReason = "foreign-root" | "too-many" | "other-origin" | "not-delegated";

export class OperatorError extends Error {
  override readonly name = "OperatorError";

  constructor(readonly reason: OperatorReason) {
    super(`the operator's word does not count: ${reason}`);
  }
}

/** The kinds that working keys of the operator sign. */
export type OperatorKind = Extract<Kind, "receipt" | "head" | "certificate" | "certificate-revocation">;

/** An operator as its root key introduces it. */
export class Operator {
  private constructor(
    /** The log's origin. */
    readonly origin: string,
    readonly root: VerifyingKey,
    /** The delegations, as signed. */
    readonly delegations: readonly Signed<"delegation">[],
  ) {}

  /** Accepts delegations that the pinned root key signed for `origin`. Throws `OperatorError`, `StatementError`. */
  static accept(origin: string, root: VerifyingKey, delegations: readonly Uint8Array[]): Operator {
    if (delegations.length > MAX_DELEGATIONS) throw new OperatorError("too-many");
    const accepted = delegations.map((bytes) => {
      const delegation = verify("delegation", bytes);
      if (delegation.signer !== root) throw new OperatorError("foreign-root");
      if (delegation.payload.context.origin !== origin) throw new OperatorError("other-origin");
      return delegation;
    });
    return new Operator(origin, root, accepted);
  }

  /** Whether `key` was delegated for `purpose` at `time`. */
  delegated(key: VerifyingKey, purpose: DelegationPurpose, time: UnixMillis): boolean {
    return this.delegations.some(
      ({ payload }) =>
        payload.key === key && payload.purpose === purpose && payload.from <= time && time < payload.until,
    );
  }

  /** Every key that was ever delegated to sign checkpoints. */
  get checkpointKeys(): readonly VerifyingKey[] {
    return this.delegations
      .filter(({ payload }) => payload.purpose === "checkpoint")
      .map(({ payload }) => payload.key);
  }

  /**
   * Accepts a receipt, head, certificate or revocation of this operator, whether or not it is still in force.
   * Throws `OperatorError`, `StatementError`.
   */
  accept<K extends OperatorKind>(kind: K, bytes: Uint8Array): Signed<K> {
    const statement = verify(kind, bytes);
    const { context } = statement.payload as Signed<OperatorKind>["payload"];
    if (context.origin !== this.origin) throw new OperatorError("other-origin");
    const rule = signedBy(kind);
    if (rule.by !== "delegate" || !this.delegated(statement.signer, rule.purpose, context.time)) {
      throw new OperatorError("not-delegated");
    }
    return statement;
  }
}
