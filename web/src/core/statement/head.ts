// Heads: the server's signed word on how long a list is and what it holds.
//
// Clients keep them; two heads of one subject that do not fit together convict the server (`keys` of the check:
// `list-heads.ts`). Specification: docs/format/statements.md, "head".

import { address } from "../addresses/address.ts";
import { DecodeError } from "../codec/error.ts";
import { Major } from "../codec/head.ts";
import { type Infer, type Reader, type Type, array, bytes, codes, optional, struct, uint } from "../codec/type.ts";
import { type Address, EMPTY_CHAIN, type StatementHash, appendToChain, chainHash, statementHash } from "../ids.ts";
import { MAX_CHECKPOINT, RuleError, checkCount, context, extensions } from "./common.ts";

export const subjectKind = codes({
  party: 1,
  mailbox: 2,
  sent: 3,
  record: 4,
  envelope: 5,
  relation: 6,
  certificates: 7,
  certified: 8,
  contact: 9,
});
export type SubjectKind = Infer<typeof subjectKind>;

/** The list that a head is about. */
export type Subject =
  | { readonly kind: "party" | "mailbox" | "sent" | "record" | "certified" | "contact"; readonly address: Address }
  | { readonly kind: "envelope"; readonly header: StatementHash }
  /** Between a citizen and an authority, or with all authorities. */
  | { readonly kind: "relation"; readonly citizen: Address; readonly authority?: Address | undefined }
  | { readonly kind: "certificates" };

/** One text for one subject, to keep heads by. */
export function subjectKey(of: Subject): string {
  switch (of.kind) {
    case "envelope":
      return `envelope/${of.header}`;
    case "relation":
      return `relation/${of.citizen}/${of.authority ?? "*"}`;
    case "certificates":
      return "certificates";
    default:
      return `${of.kind}/${of.address}`;
  }
}

function arrayHead(reader: Reader): number {
  const { major, argument } = reader.head();
  if (major !== Major.array) throw new DecodeError("shape");
  return argument;
}

function takeCount(found: number, min: number, max = min): void {
  if (found < min || found > max) throw new DecodeError("shape");
}

/** The form on the wire: `[kind, [ids …]]`. */
const subject: Type<Subject> = {
  read(reader) {
    takeCount(arrayHead(reader), 2);
    const kind = subjectKind.read(reader);
    const ids = arrayHead(reader);
    switch (kind) {
      case "certificates":
        takeCount(ids, 0);
        return { kind };
      case "envelope":
        takeCount(ids, 1);
        return { kind, header: statementHash.read(reader) };
      case "relation": {
        takeCount(ids, 1, 2);
        const citizen = address.read(reader);
        return ids === 1 ? { kind, citizen } : { kind, citizen, authority: address.read(reader) };
      }
      default:
        takeCount(ids, 1);
        return { kind, address: address.read(reader) };
    }
  },
  write(value, out) {
    out.push(Uint8Array.of((Major.array << 5) | 2));
    subjectKind.write(value.kind, out);
    switch (value.kind) {
      case "certificates":
        return array(address).write([], out);
      case "envelope":
        return array(statementHash).write([value.header], out);
      case "relation":
        return array(address).write(
          value.authority === undefined ? [value.citizen] : [value.citizen, value.authority],
          out,
        );
      default:
        return array(address).write([value.address], out);
    }
  },
};

export const listHead = struct({ count: uint, last: chainHash });
/** Length and running hash of a list. */
export type ListHead = Infer<typeof listHead>;

/** The head of an empty list. */
export const EMPTY_LIST: ListHead = { count: 0, last: EMPTY_CHAIN };

/** The head after `entry` is appended. */
export function appendToList(head: ListHead, entry: StatementHash): ListHead {
  return { count: head.count + 1, last: appendToChain(head.last, entry) };
}

/** The head of a list that begins with `start` and goes on with `entries`. */
export function headOfList(entries: Iterable<StatementHash>, start = EMPTY_LIST): ListHead {
  let head = start;
  for (const entry of entries) head = appendToList(head, entry);
  return head;
}

export function sameHead(a: ListHead, b: ListHead): boolean {
  return a.count === b.count && a.last === b.last;
}

export const head = struct({
  context,
  /** Which list. */
  subject,
  /** How long it is and what it holds. */
  head: listHead,
  /** The newest checkpoint, as a signed note. */
  checkpoint: optional(bytes),
  ext: optional(extensions),
});
/** The server's word on a list. */
export type Head = Infer<typeof head>;

export function checkHead(statement: Head): void {
  if (statement.checkpoint !== undefined) checkCount("checkpoint", statement.checkpoint.length, 1, MAX_CHECKPOINT);
  if ((statement.head.count === 0) !== (statement.head.last === EMPTY_CHAIN)) {
    throw new RuleError("contradiction", "the number of entries and the running hash");
  }
}
