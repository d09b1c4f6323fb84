// Answering claims from the address book: who is bound, who is refused and why.
//
// Invariants: a claim is judged by this authority's own book, never by the server; a binding that was accepted but not
// noted is found again on the next look, because the server answers the same claim the same way. Absent: the book's
// storage. Specification: docs/format/enrolment.md, "Claim".

import type { Book } from "../core/book/book.ts";
import { type BoundAddress, type Entry, personOf } from "../core/book/entry.ts";
import { commitTo } from "../core/enrolment/person.ts";
import type { UnixMillis } from "../core/ids.ts";
import type { RefusalReason } from "../core/statement/binding.ts";
import { type WaitingClaim, bind, refuseClaim } from "./authority.ts";
import type { Receipted, Session } from "./session.ts";

/** What is to be done with a claim. */
export type Judgement =
  | { readonly judgement: "bind"; readonly waiting: WaitingClaim; readonly person: Entry }
  | { readonly judgement: "refuse"; readonly waiting: WaitingClaim; readonly reason: RefusalReason }
  /** Bound before; only the book did not learn of it. */
  | { readonly judgement: "note"; readonly person: Entry; readonly bound: BoundAddress };

/** What is to be done with claims, in their order; those that are answered are left out. */
export function judgeClaims(book: Book, claims: readonly WaitingClaim[], now: UnixMillis): readonly Judgement[] {
  return claims.flatMap((waiting): Judgement[] => {
    const { claim, relation, open } = waiting;
    const found = book.checkClaim(claim, now);
    if (typeof found === "string") return open ? [{ judgement: "refuse", waiting, reason: found }] : [];
    const known = relation.bindings.find(({ binding }) => binding.payload.claim === claim.hash)?.binding;
    if (known !== undefined) {
      const bound = { address: claim.payload.address, binding: known.hash, since: known.payload.context.time };
      return book.byBinding(known.hash) === undefined ? [{ judgement: "note", person: found, bound }] : [];
    }
    if (!open) return [];
    // Claimed twice before the first was answered; that one is bound.
    if (relation.bindingInForce(now) !== undefined) return [{ judgement: "refuse", waiting, reason: "already-used" }];
    return [{ judgement: "bind", waiting, person: found }];
  });
}

/** Binds the person of a judged claim; what the book is to note of it. */
export async function bindPerson(
  session: Session,
  { waiting, person }: Extract<Judgement, { judgement: "bind" }>,
): Promise<{ receipted: Receipted; bound: BoundAddress }> {
  const receipted = await bind(session, waiting, commitTo(personOf(person)));
  return { receipted, bound: { address: waiting.claim.payload.address, binding: receipted.statement, since: session.now } };
}

export function refusePerson(session: Session, { waiting, reason }: Extract<Judgement, { judgement: "refuse" }>): Promise<Receipted> {
  return refuseClaim(session, waiting, reason);
}
