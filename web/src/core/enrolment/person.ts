// What a binding commits to about a person: opened by the issuer before a court, never on the wire.
//
// Specification: docs/format/enrolment.md, "Person".

import { type Infer, encode, struct, text } from "../codec/type.ts";
import { type PersonCommitment, blind, personCommitment } from "../ids.ts";
import { domainHash } from "../hash.ts";

export const person = struct({
  /** Randomness that hides the rest. */
  salt: blind,
  name: text,
  /** `YYYY-MM-DD`. */
  birthDate: text,
  /** The issuer's reference. */
  reference: text,
});
export type Person = Infer<typeof person>;

/** The commitment that stands in the binding. */
export function commitTo(record: Person): PersonCommitment {
  return personCommitment.of(domainHash("person", encode(person, record)));
}
