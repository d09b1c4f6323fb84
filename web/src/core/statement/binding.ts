// Bindings: the authority that sent the letter says whose address this is.
//
// Nobody else can, the operator included, so nobody can slip in another key.
// Specification: docs/format/statements.md, "enrolment-claim" to "objection".

import { address } from "../addresses/address.ts";
import { type Infer, codes, optional, struct } from "../codec/type.ts";
import { claimMac, codeId, personCommitment, statementHash, unixMillis } from "../ids.ts";
import { RuleError, checkDistinct, context, extensions, reason } from "./common.ts";

/** Shortest time in which the old keys may object to a succession, in milliseconds: 14 days. */
export const MIN_OBJECTION = 14 * 24 * 60 * 60 * 1000;

export const bindingMethod = codes({ letter: 1, oidc: 2, eid: 3, counter: 4 });
/** How the issuer identified the person. */
export type BindingMethod = Infer<typeof bindingMethod>;
export const assuranceLevel = codes({ low: 1, substantial: 2, high: 3 });
/** How sure the issuer is (eIDAS Art. 8(2)). */
export type AssuranceLevel = Infer<typeof assuranceLevel>;
export const refusalReason = codes({ "unknown-code": 1, "wrong-proof": 2, expired: 3, "already-used": 4 });
/** Why an issuer does not bind a claimant. */
export type RefusalReason = Infer<typeof refusalReason>;

export const enrolmentClaim = struct({
  context,
  /** The authority that sent the letter. */
  issuer: address,
  /** The claimant. */
  address,
  /** The claimant's key statement number 0. */
  keyStatement: statementHash,
  codeId,
  /** HMAC with the code's key over key statement 0 and origin (`enrolment/activation-code.ts`). */
  mac: claimMac,
  ext: optional(extensions),
});
export type EnrolmentClaim = Infer<typeof enrolmentClaim>;

export const enrolmentRefusal = struct({
  context,
  issuer: address,
  address,
  claim: statementHash,
  reason: refusalReason,
  ext: optional(extensions),
});
export type EnrolmentRefusal = Infer<typeof enrolmentRefusal>;

export const binding = struct({
  context,
  issuer: address,
  address,
  /** The person's key statement number 0. */
  keyStatement: statementHash,
  /** The claim that this binding answers, where there was one. */
  claim: optional(statementHash),
  person: personCommitment,
  method: bindingMethod,
  assurance: assuranceLevel,
  until: optional(unixMillis),
  ext: optional(extensions),
});
export type Binding = Infer<typeof binding>;

export const bindingWithdrawal = struct({
  context,
  issuer: address,
  address,
  binding: statementHash,
  reason,
  ext: optional(extensions),
});
export type BindingWithdrawal = Infer<typeof bindingWithdrawal>;

export const succession = struct({
  context,
  issuer: address,
  /** The lost address. */
  old: address,
  new: address,
  /** The binding of the new address. */
  binding: statementHash,
  /** Until when the old keys may object. */
  objectionUntil: unixMillis,
  ext: optional(extensions),
});
export type Succession = Infer<typeof succession>;

export const objection = struct({
  context,
  /** The old address. */
  address,
  succession: statementHash,
  ext: optional(extensions),
});
export type Objection = Infer<typeof objection>;

export function checkIssued(statement: { readonly issuer: string; readonly address: string }): void {
  checkDistinct(statement.issuer, statement.address);
}

export function checkSuccession(statement: Succession): void {
  checkDistinct(statement.issuer, statement.old);
  checkDistinct(statement.issuer, statement.new);
  checkDistinct(statement.old, statement.new);
  if (statement.objectionUntil < statement.context.time + MIN_OBJECTION) {
    throw new RuleError("range", "objection_until");
  }
}
