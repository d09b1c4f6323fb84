// What an authority's clients do besides sending: answering claims, ending bindings.
//
// Invariant: the authority, not the server, compares what a citizen sent with its own address book and signs the
// binding. Absent: the address book itself. Specification: docs/format/enrolment.md, "Claim".

import type { Relation } from "../core/enrolment/relation.ts";
import type { PersonCommitment } from "../core/ids.ts";
import { Party } from "../core/keys/history.ts";
import type { AssuranceLevel, BindingMethod, RefusalReason } from "../core/statement/binding.ts";
import type { Reason } from "../core/statement/common.ts";
import { type Signed, sign, verify } from "../core/statement/signed.ts";
import { DishonestError } from "./error.ts";
import { readClaims } from "./resources.ts";
import { type Receipted, type Session, convict, convictKeys } from "./session.ts";

/** A claim that waits, with the claimant's verified keys. */
export interface WaitingClaim {
  readonly claim: Signed<"enrolment-claim">;
  readonly claimant: Party;
  readonly relation: Relation;
  /** Whether it is still to be answered. */
  readonly open: boolean;
}

/** Most pages of claims that are read at once. */
const MAX_PAGES = 1000;

/** The claims towards this authority, from number `after` on; `next` is where to go on later. */
export async function waitingClaims(
  session: Session,
  after = 0,
): Promise<{ claims: readonly WaitingClaim[]; next: number }> {
  const issuer = session.address;
  const claims: WaitingClaim[] = [];
  let next = after;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await session.http.get(`/v1/parties/${issuer}/claims?after=${next}`, readClaims, session.signer);
    if (page.claims.length === 0) break;
    next = page.next;
    for (const waiting of page.claims) {
      const claim = convict(() => verify("enrolment-claim", waiting.claim.statement));
      const { address } = claim.payload;
      const history = session.statements("key", waiting.keys);
      const claimant = convictKeys(address, () => Party.fromHistory(address, history));
      if (claim.payload.issuer !== issuer || claim.payload.keyStatement !== claimant.first) {
        throw new DishonestError({ lie: "forged-binding", address });
      }
      const { relation } = await session.relation(address, issuer);
      await session.kept.rememberHistory(address, history);
      const known = relation.claims.find((one) => one.claim.hash === claim.hash);
      claims.push({ claim, claimant, relation, open: known?.answer.answer === "open" });
    }
  }
  return { claims, next };
}

/** Binds the claimant: the caller has compared code and person with its address book. */
export function bind(
  session: Session,
  { claim }: Pick<WaitingClaim, "claim">,
  person: PersonCommitment,
  method: BindingMethod = "letter",
  assurance: AssuranceLevel = "substantial",
): Promise<Receipted> {
  const { issuer, address, keyStatement } = claim.payload;
  const said = { context: session.context(), issuer, address, keyStatement, claim: claim.hash, person, method, assurance };
  return session.submit(sign("binding", said, session.dailyKey));
}

/** Answers a claim with no. */
export function refuseClaim(
  session: Session,
  { claim }: Pick<WaitingClaim, "claim">,
  reason: RefusalReason,
): Promise<Receipted> {
  const { issuer, address } = claim.payload;
  const said = { context: session.context(), issuer, address, claim: claim.hash, reason };
  return session.submit(sign("enrolment-refusal", said, session.dailyKey));
}

/** Ends a binding of this authority. */
export function withdrawBinding(session: Session, binding: Signed<"binding">, reason: Reason): Promise<Receipted> {
  const { issuer, address } = binding.payload;
  const said = { context: session.context(), issuer, address, binding: binding.hash, reason };
  return session.submit(sign("binding-withdrawal", said, session.dailyKey));
}
