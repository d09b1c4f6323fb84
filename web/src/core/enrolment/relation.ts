// What stands between a citizen and an authority, or all authorities: a fold over their list.
//
// Server and clients use the same fold, so they cannot disagree on what a list means. Absent: who may have said it
// (`client/trust.ts`). Specification: docs/format/statements.md, "enrolment-claim" to "consent-revocation".

import type { Address, StatementHash, UnixMillis } from "../ids.ts";
import type { Party } from "../keys/history.ts";
import type { ConsentClass } from "../statement/consent.ts";
import type { RefusalReason } from "../statement/binding.ts";
import { type Signed, StatementError, verifyAny } from "../statement/signed.ts";

/** How a claim was answered. */
export type ClaimAnswer =
  | { readonly answer: "open" }
  | { readonly answer: "bound"; readonly binding: StatementHash }
  | { readonly answer: "refused"; readonly reason: RefusalReason };

/** How a binding ended. */
export type BindingEnd =
  | { readonly end: "withdrawn"; readonly by: StatementHash }
  | { readonly end: "succeeded"; readonly address: Address };

interface KnownBinding {
  readonly binding: Signed<"binding">;
  withdrawn: StatementHash | undefined;
}

interface KnownSuccession {
  readonly succession: Signed<"succession">;
  objected: boolean;
  /** How many bindings stood before it: it ends none that came later. */
  readonly boundBefore: number;
}

/** A fold over the statements of a relation list, in log order. */
export class Relation {
  /** Claims, with how they were answered. */
  readonly claims: { readonly claim: Signed<"enrolment-claim">; answer: ClaimAnswer }[] = [];
  readonly bindings: KnownBinding[] = [];
  /** Consents, with the hash of their revocation, if any. */
  readonly consents: { readonly consent: Signed<"consent">; revoked: StatementHash | undefined }[] = [];
  readonly successions: KnownSuccession[] = [];
  /** The citizen's closing of the mailbox; stands only where no authority is meant. */
  closure: Signed<"closure"> | undefined;

  /** Throws `StatementError`. */
  static fold(statements: readonly Uint8Array[]): Relation {
    const relation = new Relation();
    for (const bytes of statements) relation.#apply(bytes);
    return relation;
  }

  #apply(bytes: Uint8Array): void {
    const said = verifyAny(bytes);
    switch (said.kind) {
      case "enrolment-claim":
        this.claims.push({ claim: said, answer: { answer: "open" } });
        break;
      case "enrolment-refusal":
        this.#answer(said.payload.claim, { answer: "refused", reason: said.payload.reason });
        break;
      case "binding":
        this.#answer(said.payload.claim, { answer: "bound", binding: said.hash });
        this.bindings.push({ binding: said, withdrawn: undefined });
        break;
      case "binding-withdrawal":
        for (const known of this.bindings) {
          if (known.binding.hash === said.payload.binding) known.withdrawn = said.hash;
        }
        break;
      case "succession":
        this.successions.push({ succession: said, objected: false, boundBefore: this.bindings.length });
        break;
      case "objection":
        for (const known of this.successions) {
          if (known.succession.hash === said.payload.succession) known.objected = true;
        }
        break;
      case "consent":
        this.consents.push({ consent: said, revoked: undefined });
        break;
      case "consent-revocation":
        for (const known of this.consents) {
          if (known.consent.hash === said.payload.consent) known.revoked = said.hash;
        }
        break;
      case "closure":
        this.closure = said;
        break;
      default:
        throw new StatementError("kind");
    }
  }

  #answer(claim: StatementHash | undefined, answer: ClaimAnswer): void {
    for (const known of this.claims) if (known.claim.hash === claim) known.answer = answer;
  }

  /** How the binding with this hash ended, by withdrawal or by a succession that nobody objected to. */
  endOf(hash: StatementHash): BindingEnd | undefined {
    const position = this.bindings.findIndex(({ binding }) => binding.hash === hash);
    const known = this.bindings[position];
    if (known === undefined) return undefined;
    if (known.withdrawn !== undefined) return { end: "withdrawn", by: known.withdrawn };
    const successor = this.successions.find(
      ({ succession, objected, boundBefore }) =>
        position < boundBefore && succession.payload.old === known.binding.payload.address && !objected,
    );
    return successor && { end: "succeeded", address: successor.succession.payload.new };
  }

  /** The binding in force, if any. One that a disputed succession introduced is not. */
  bindingInForce(now: UnixMillis): Signed<"binding"> | undefined {
    return this.bindings.findLast(({ binding }) => {
      const { until } = binding.payload;
      const expired = until !== undefined && until <= now;
      const disputed = this.successions.some(
        ({ succession, objected }) => objected && succession.payload.binding === binding.hash,
      );
      return !expired && !disputed && this.endOf(binding.hash) === undefined;
    })?.binding;
  }

  /**
   * The consent of this class in force: towards the authority of this relation, or in `general` towards every one. Who
   * closes the mailbox revokes them all.
   */
  consentOrGeneral(general: Relation, wanted: ConsentClass, now: UnixMillis): Signed<"consent"> | undefined {
    if (general.closure !== undefined) return undefined;
    return this.consentInForce(wanted, now) ?? general.consentInForce(wanted, now);
  }

  /** The consent of this class in force in this list alone, if any. */
  consentInForce(wanted: ConsentClass, now: UnixMillis): Signed<"consent"> | undefined {
    return this.consents.findLast(
      ({ consent, revoked }) =>
        revoked === undefined && consent.payload.class === wanted && consent.payload.from <= now,
    )?.consent;
  }

  /** Whether a binding of this list counts for the issuer that signed it and the person's first keys. */
  binds(binding: StatementHash, issuer: Address, person: Party): boolean {
    return this.bindings.some(
      ({ binding: { hash, payload } }) =>
        hash === binding &&
        payload.issuer === issuer &&
        payload.address === person.address &&
        payload.keyStatement === person.first,
    );
  }
}
