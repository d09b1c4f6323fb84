// What the clerks of an authority share: the address book, the letterhead, who is who, who answers which reply, and
// what waits for a second pair of eyes.
//
// Invariants: a record never changes, each change makes a new one, so a change that meets a colleague's newer record
// is simply made again on that (`app/desk/shared.ts`). Rights come from key statements, never from here: this names
// people and divides their work. Absent: letters and files. Encoding: canonical CBOR, fields only appended.

import { decode } from "../codec/canonical.ts";
import { type Infer, array, bool, encode, optional, struct, text, uint } from "../codec/type.ts";
import { envelopeId, statementHash, unixMillis } from "../ids.ts";
import { verifyingKey } from "../keys/verifying-key.ts";
import { Book } from "./book.ts";
import { clerkVault } from "./clerk-code.ts";
import { entry } from "./entry.ts";

const FORMAT = 1;
/** Longest record read, in bytes. */
const MAX_RECORD = 64 << 20;

const letterhead = struct({
  /** Department, such as Kämmerei. */
  office: text,
  /** Address and telephone. */
  lines: array(text),
  /** The sender's address on one line, for the window. */
  returnLine: text,
});
/** What stands at the top of letters. */
export type Letterhead = Infer<typeof letterhead>;

const clerk = struct({
  /** The signer key, or the identity key of whoever keeps it. */
  key: verifyingKey,
  /** As colleagues see it. */
  name: text,
  since: unixMillis,
  /** Who answers while this clerk is away. */
  deputy: optional(verifyingKey),
  away: optional(bool),
  /** The vault that brings the authority's opening keys; whoever has a key file may be without. */
  vault: optional(clerkVault),
});
/** Somebody who works at the desk. */
export type Clerk = Infer<typeof clerk>;

const assignment = struct({
  /** The incoming letter. */
  header: statementHash,
  clerk: verifyingKey,
  by: verifyingKey,
  at: unixMillis,
  done: optional(unixMillis),
});
/** Who answers an incoming letter. */
export type Assignment = Infer<typeof assignment>;

const release = struct({
  id: envelopeId,
  /** The letter in the authority's own archive that holds what is to be sent. */
  draft: statementHash,
  subject: text,
  by: verifyingKey,
  at: unixMillis,
  released: optional(struct({ by: verifyingKey, at: unixMillis })),
});
/** A letter that waits for a second clerk. */
export type Release = Infer<typeof release>;

const record = struct({
  format: uint,
  /** Grows with each change. */
  revision: uint,
  entries: array(entry),
  letterhead: optional(letterhead),
  clerks: array(clerk),
  assignments: array(assignment),
  releases: array(release),
  /** Whether letters with an act go out only after a second clerk released them. */
  fourEyes: optional(bool),
});

type Stored = Infer<typeof record>;

/** The clerks' common record. */
export interface DeskRecord extends Omit<Stored, "format" | "entries"> {
  readonly book: Book;
}

export const EMPTY_RECORD: DeskRecord = {
  revision: 0,
  book: new Book([]),
  letterhead: undefined,
  clerks: [],
  assignments: [],
  releases: [],
  fourEyes: undefined,
};

export function encodeRecord({ book, ...rest }: DeskRecord): Uint8Array {
  return encode(record, { ...rest, format: FORMAT, entries: book.entries });
}

/** Throws `DecodeError`, `BookError`, or `RangeError` for a format of a newer version. */
export function decodeRecord(bytes: Uint8Array): DeskRecord {
  const { format, entries, ...rest } = decode(record, bytes, MAX_RECORD);
  if (format !== FORMAT) throw new RangeError("the desk's record is of a newer version");
  return { ...rest, book: new Book(entries) };
}

export function nameOf({ clerks }: DeskRecord, key: Clerk["key"]): string | undefined {
  return clerks.find((one) => one.key === key)?.name;
}

/** Who answers an incoming letter now: the clerk, or the deputy while the clerk is away. */
export function answers({ clerks }: DeskRecord, { clerk: assigned }: Assignment): Clerk["key"] {
  const found = clerks.find(({ key }) => key === assigned);
  return found?.away === true && found.deputy !== undefined ? found.deputy : assigned;
}
