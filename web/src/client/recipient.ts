// Who a letter would go to: the person behind a reference, as this authority's own signed binding names them.
//
// Invariant: "verified" means that the binding in force carries this authority's signature, names the address's first
// keys, and commits to exactly this name, birthday and reference; nothing that the server says of a person counts.
// Specification: docs/format/enrolment.md, "Person".

import { type Entry, currentAddress, personOf } from "../core/book/entry.ts";
import { commitTo } from "../core/enrolment/person.ts";
import type { Address } from "../core/ids.ts";
import type { Session } from "./session.ts";
import { type Acquaintance, acquaintance } from "./trust.ts";

/**
 * `other-person`: the binding is about somebody else than the book says. `ended`: it is not in force any more. `closed`:
 * verified, but the person closed the mailbox and gets paper.
 */
export type Standing = "verified" | "not-enrolled" | "ended" | "closed" | "other-person";

export interface KnownRecipient {
  readonly standing: Standing;
  readonly address: Address | undefined;
  /** Consents in force towards this authority. */
  readonly notification: boolean;
  readonly service: boolean;
}

/** Verifies the person of an entry. Throws `DishonestError` for a binding that this authority did not sign. */
export async function verifyRecipient(session: Session, person: Entry, known: Acquaintance = acquaintance(session)): Promise<KnownRecipient> {
  const address = currentAddress(person)?.address;
  if (address === undefined) return { standing: "not-enrolled", address, notification: false, service: false };
  const { relation, general } = await known.relation(address, session.address);
  const { party } = await known.party(address);
  const binding = relation.bindingInForce(session.now);
  const standing = (): Standing => {
    if (binding === undefined || !relation.binds(binding.hash, session.address, party)) return "ended";
    if (binding.payload.person !== commitTo(personOf(person))) return "other-person";
    return general.closure === undefined ? "verified" : "closed";
  };
  const consents = (wanted: "notification" | "service"): boolean =>
    relation.consentOrGeneral(general, wanted, session.now) !== undefined;
  return { standing: standing(), address, notification: consents("notification"), service: consents("service") };
}
