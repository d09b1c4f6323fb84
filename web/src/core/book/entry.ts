// One person in an authority's address book: known, written to, bound.
//
// Invariant: how far a person has come follows from letter and bindings (`statusOf`) and is stored nowhere else. The
// encoding is that of the command line's `book.age`. Specification: docs/format/enrolment.md, "Person".

import { address } from "../addresses/address.ts";
import { type Infer, type Type, array, optional, struct, text } from "../codec/type.ts";
import { ActivationCode } from "../enrolment/secret.ts";
import type { Person } from "../enrolment/person.ts";
import { type UnixMillis, blind, statementHash, unixMillis } from "../ids.ts";

/** Where a person's letters go. */
export const postalAddress = struct({
  /** Street and number. */
  street: text,
  postcode: text,
  city: text,
});
export type PostalAddress = Infer<typeof postalAddress>;

/** Codes in the form in which they are printed. */
const codeText: Type<ActivationCode> = {
  read: (reader) => ActivationCode.parse(text.read(reader)),
  write: (code, out) => text.write(code.toPaper(), out),
};

/** A letter with an activation code. */
export const issuedLetter = struct({
  /** A secret until it is used. */
  code: codeText,
  issued: unixMillis,
  /** From when on it no longer counts. */
  expires: unixMillis,
});
export type IssuedLetter = Infer<typeof issuedLetter>;

/** An address that the authority bound to the person. */
export const boundAddress = struct({
  address,
  /** The binding statement. */
  binding: statementHash,
  since: unixMillis,
  withdrawn: optional(unixMillis),
});
export type BoundAddress = Infer<typeof boundAddress>;

export const entry = struct({
  /** The authority's own reference (Kassenzeichen). */
  reference: text,
  name: text,
  /** `YYYY-MM-DD`. */
  birthDate: text,
  postal: postalAddress,
  /** Randomness that hides the person in bindings; stays the same for all of them. */
  salt: blind,
  /** The newest letter; an older one's code counts no more. */
  letter: optional(issuedLetter),
  /** Addresses bound to the person, the newest last. */
  bindings: array(boundAddress),
});
/** One person under one reference. */
export type Entry = Infer<typeof entry>;

/** Somebody whom the authority knows, as its own register says. */
export type NewEntry = Pick<Entry, "reference" | "name" | "birthDate" | "postal">;

/** Known; letter on its way; its period over; has an address; the address was withdrawn and no letter written since. */
export type Status = "listed" | "issued" | "expired" | "bound" | "withdrawn";

export function statusOf(person: Entry, now: UnixMillis): Status {
  if (currentAddress(person) !== undefined) return "bound";
  if (person.letter !== undefined && now < person.letter.expires) return "issued";
  if (person.bindings.length > 0) return "withdrawn";
  return person.letter === undefined ? "listed" : "expired";
}

/** The address in force. */
export function currentAddress({ bindings }: Entry): BoundAddress | undefined {
  const last = bindings.at(-1);
  return last?.withdrawn === undefined ? last : undefined;
}

/** What a binding of this person commits to. */
export function personOf({ salt, name, birthDate, reference }: Entry): Person {
  return { salt, name, birthDate, reference };
}

/** The lines of an envelope's window. */
export function postalLines({ name, postal: { street, postcode, city } }: Entry): readonly string[] {
  return [name, street, `${postcode} ${city}`];
}
