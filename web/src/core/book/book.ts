// An authority's address book: its own references, the letters it wrote, and whose address is whose.
//
// Invariants: a reference, a code and a binding each name one entry; a book never changes, each change makes a new
// one. The server never sees any of it. The encoding is that of the command line's `book.age`, so either opens the
// other's. Absent: where it lies (`app/desk`), spreadsheets (`spreadsheet.ts`).

import { decode } from "../codec/canonical.ts";
import { array, encode, struct, uint } from "../codec/type.ts";
import { type Address, type CodeId, type StatementHash, type UnixMillis, blind } from "../ids.ts";
import type { Random } from "../age/file-key.ts";
import type { RefusalReason } from "../statement/binding.ts";
import type { Signed } from "../statement/signed.ts";
import { type BoundAddress, type Entry, type IssuedLetter, type NewEntry, type PostalAddress, entry } from "./entry.ts";

/** Most entries of one book. */
export const MAX_ENTRIES = 100_000;
/** Most addresses that one person may have had. */
const MAX_BINDINGS = 64;
const FORMAT = 1;
/** Longest book read, in bytes. */
const MAX_BOOK = 64 << 20;

const bookFile = struct({ format: uint, entries: array(entry) });

export type BookReason =
  | "duplicate-reference"
  | "duplicate-binding"
  | "unknown-reference"
  | "unknown-binding"
  | "full"
  | "too-many-bindings"
  | "format";

/** Why the book refuses; the book stays as it was. */
export class BookError extends Error {
  override readonly name = "BookError";

  constructor(
    readonly reason: BookReason,
    readonly reference = "",
  ) {
    super(`address book: ${reason} ${reference}`.trimEnd());
  }
}

export class Book {
  readonly #byReference = new Map<string, Entry>();
  #byCode: Map<CodeId, Entry> | undefined;
  readonly #byAddress = new Map<Address, Entry[]>();
  readonly #byBinding = new Map<StatementHash, Entry>();

  constructor(
    /** In the order in which they came. */
    readonly entries: readonly Entry[],
  ) {
    if (entries.length > MAX_ENTRIES) throw new BookError("full");
    for (const person of entries) {
      if (this.#byReference.has(person.reference)) throw new BookError("duplicate-reference", person.reference);
      this.#byReference.set(person.reference, person);
      if (person.bindings.length > MAX_BINDINGS) throw new BookError("too-many-bindings", person.reference);
      for (const { address, binding } of person.bindings) {
        if (this.#byBinding.has(binding)) throw new BookError("duplicate-binding", person.reference);
        this.#byBinding.set(binding, person);
        const others = this.#byAddress.get(address) ?? [];
        if (others.at(-1) !== person) this.#byAddress.set(address, [...others, person]);
      }
    }
  }

  /** Reads the content of a book file. Throws `DecodeError`, `BookError`. */
  static decode(bytes: Uint8Array): Book {
    const { format, entries } = decode(bookFile, bytes, MAX_BOOK);
    if (format !== FORMAT) throw new BookError("format");
    return new Book(entries);
  }

  encode(): Uint8Array {
    return encode(bookFile, { format: FORMAT, entries: this.entries });
  }

  byReference(reference: string): Entry | undefined {
    return this.#byReference.get(reference);
  }

  /** The entry whose newest letter has this code. */
  byCode(code: CodeId): Entry | undefined {
    this.#byCode ??= new Map(this.entries.flatMap((person) => (person.letter === undefined ? [] : [[person.letter.code.id, person]])));
    return this.#byCode.get(code);
  }

  /** The entries bound to this address, now or before: one person may have several references. */
  byAddress(address: Address): readonly Entry[] {
    return this.#byAddress.get(address) ?? [];
  }

  byBinding(binding: StatementHash): Entry | undefined {
    return this.#byBinding.get(binding);
  }

  /** The book with these people added. */
  add(people: readonly NewEntry[], random: Random): Book {
    const added = people.map((person): Entry => ({ ...person, salt: blind.of(random(blind.length)), bindings: [] }));
    return new Book([...this.entries, ...added]);
  }

  /** The book after people moved: postal addresses by reference. */
  move(moved: ReadonlyMap<string, PostalAddress>): Book {
    for (const reference of moved.keys()) this.#known(reference);
    return new Book(this.entries.map((person) => {
      const postal = moved.get(person.reference);
      return postal === undefined ? person : { ...person, postal };
    }));
  }

  /** Notes letters by reference; the code of an older one counts no more. */
  issueLetters(letters: ReadonlyMap<string, IssuedLetter>): Book {
    for (const reference of letters.keys()) this.#known(reference);
    return new Book(this.entries.map((person) => {
      const letter = letters.get(person.reference);
      return letter === undefined ? person : { ...person, letter };
    }));
  }

  /** Notes a binding that the authority signed; the same again is no error. */
  bind(reference: string, bound: BoundAddress): Book {
    const person = this.#known(reference);
    const known = this.byBinding(bound.binding);
    if (known === person) return this;
    return this.#replace({ ...person, bindings: [...person.bindings, bound] });
  }

  /** Notes that a binding was withdrawn. */
  withdraw(binding: StatementHash, at: UnixMillis): Book {
    const person = this.byBinding(binding);
    if (person === undefined) throw new BookError("unknown-binding");
    const bindings = person.bindings.map((bound) => (bound.binding === binding ? { ...bound, withdrawn: bound.withdrawn ?? at } : bound));
    return this.#replace({ ...person, bindings });
  }

  /** The book without a person, as when a register's period is over. */
  remove(reference: string): Book {
    const gone = this.#known(reference);
    return new Book(this.entries.filter((person) => person !== gone));
  }

  /**
   * Checks a claim: which person it is about, or the reason that goes into the refusal. The same address again gets
   * the same answer, so a claim may be repeated.
   */
  checkClaim({ payload: claim }: Signed<"enrolment-claim">, now: UnixMillis): Entry | RefusalReason {
    const person = this.byCode(claim.codeId);
    const letter = person?.letter;
    if (person === undefined || letter === undefined) return "unknown-code";
    if (!letter.code.verifiesClaim(claim.keyStatement, claim.context.origin, claim.mac)) return "wrong-proof";
    // What was bound since the letter was written was bound with this letter's code.
    const used = person.bindings.findLast(({ since }) => since >= letter.issued);
    if (used !== undefined) {
      return used.address === claim.address && used.withdrawn === undefined ? person : "already-used";
    }
    return now >= letter.expires ? "expired" : person;
  }

  #known(reference: string): Entry {
    const person = this.byReference(reference);
    if (person === undefined) throw new BookError("unknown-reference", reference);
    return person;
  }

  #replace(changed: Entry): Book {
    return new Book(this.entries.map((person) => (person.reference === changed.reference ? changed : person)));
  }
}
