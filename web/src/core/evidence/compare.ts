// Two files about one delivery, the sender's and the recipient's, held against each other.
//
// Names where the stories part. Invariant: only what is signed counts, so each contradiction convicts somebody; that one
// file ends earlier is none. Absent: whether each file holds by itself (verify.ts), and whether checkpoints continue each
// other where the files do not show it (`postfach audit`). Specification: docs/format/evidence.md, "Comparison".

import { equal } from "../codec/bytes.ts";
import { type LeafHash, type StatementHash, hashStatement } from "../ids.ts";
import { Operator, OperatorError } from "../operator.ts";
import { type Subject, sameHead, subjectKey } from "../statement/head.ts";
import type { Kind } from "../statement/kind.ts";
import { type Signed, StatementError, kindOf, verify } from "../statement/signed.ts";
import { TlogError } from "../tlog/error.ts";
import { parseNote } from "../tlog/note.ts";
import { verifySigned } from "../tlog/policy.ts";
import type { TreeHead } from "../tlog/tree.ts";
import type { Evidence } from "./file.ts";
import { checkpointKeys } from "./log.ts";
import { Shortfall } from "./outcome.ts";
import { headsOfList } from "./parties.ts";
import type { Policy } from "./verify.ts";

/** Most differences that are named. */
export const MAX_DIFFERENCES = 256;

/** A list that both files hold. */
export const FILE_LISTS = {
  entries: "entries",
  sender: "sender",
  recipient: "recipient",
  relation: "relation",
  "relation-all": "relationAll",
  certificates: "certificates",
} as const satisfies Record<string, keyof Evidence>;

export type FileList = keyof typeof FILE_LISTS;
export type Side = "first" | "second";

/** Where two files differ. */
export type Difference =
  /** They are about two envelopes, or of two operators or logs; nothing else is compared. */
  | { readonly name: "other-envelope" | "other-operator" }
  /** One file's list goes on where the other's ends. */
  | {
      readonly name: "only-in";
      readonly list: FileList;
      readonly side: Side;
      readonly place: number;
      /** What stands there, where it is a statement. */
      readonly kind: Kind | undefined;
      readonly hash: StatementHash;
    }
  /** From a place on the lists hold different entries. */
  | {
      readonly name: "parts-at";
      readonly list: FileList;
      readonly place: number;
      readonly entries: readonly [StatementHash, StatementHash];
    }
  /** The server's heads say two things of one list. */
  | { readonly name: "heads-contradict"; readonly subject: Subject; readonly count: number }
  /** The log showed two trees of one size: it was forked. */
  | { readonly name: "log-forked"; readonly size: bigint }
  /** The log showed two statements in one place, or one statement in two; the place in the first file. */
  | { readonly name: "places-contradict"; readonly position: number };

/** How two files stand to each other, the worst last. */
export const AGREEMENTS = ["same", "one-goes-on", "not-comparable", "contradict"] as const;

export type Agreement = (typeof AGREEMENTS)[number];

/** The comparison in one word. */
export function agreement(differences: readonly Difference[]): Agreement {
  const ranks = differences.map(({ name }) => {
    if (name === "only-in") return AGREEMENTS.indexOf("one-goes-on");
    const comparable = name !== "other-envelope" && name !== "other-operator";
    return AGREEMENTS.indexOf(comparable ? "contradict" : "not-comparable");
  });
  return AGREEMENTS[Math.max(0, ...ranks)] ?? "same";
}

/**
 * Compares two files about one delivery. Statements whose own signature does not hold are left out: that is
 * `verifyEvidence`'s to name.
 */
export function compareEvidence(first: Evidence, second: Evidence, policy: Policy): readonly Difference[] {
  if (first.origin !== second.origin || first.root !== second.root) return [{ name: "other-operator" }];
  const [one, other] = [first.entries[0], second.entries[0]];
  if (one === undefined || other === undefined || !equal(one, other)) return [{ name: "other-envelope" }];
  return differences(first, second, policy).slice(0, MAX_DIFFERENCES);
}

function differences(first: Evidence, second: Evidence, policy: Policy): Difference[] {
  const found: Difference[] = [];
  for (const [list, field] of Object.entries(FILE_LISTS) as [FileList, (typeof FILE_LISTS)[FileList]][]) {
    found.push(...inLists(list, first[field], second[field]));
  }
  const [one, other] = [operatorsWord(first, policy), operatorsWord(second, policy)];
  const named = new Set<string>();
  const contradictions = [
    ...one.heads.filter((head) => contradicts(head, second, other.heads)),
    ...other.heads.filter((head) => contradicts(head, first, one.heads)),
  ];
  for (const { payload } of contradictions) {
    const key = `${subjectKey(payload.subject)}/${payload.head.count}`;
    if (!named.has(key)) found.push({ name: "heads-contradict", subject: payload.subject, count: payload.head.count });
    named.add(key);
  }
  const forks = one.trees.filter((tree) =>
    other.trees.some(({ size, root }) => size === tree.size && !equal(root, tree.root)),
  );
  for (const size of new Set(forks.map((tree) => tree.size))) found.push({ name: "log-forked", size });
  found.push(...places(first, second));
  return found;
}

function inLists(list: FileList, one: readonly Uint8Array[], other: readonly Uint8Array[]): readonly Difference[] {
  const common = Math.min(one.length, other.length);
  for (let place = 0; place < common; place += 1) {
    const [left, right] = [one[place] as Uint8Array, other[place] as Uint8Array];
    if (!equal(left, right)) {
      return [{ name: "parts-at", list, place, entries: [hashStatement(left), hashStatement(right)] }];
    }
  }
  const [side, longer]: [Side, readonly Uint8Array[]] = one.length < other.length ? ["second", other] : ["first", one];
  return longer.slice(common, common + MAX_DIFFERENCES).map((bytes, index) => ({
    name: "only-in",
    list,
    side,
    place: common + index,
    kind: orNone(() => kindOf(bytes)),
    hash: hashStatement(bytes),
  }));
}

/** What does not hold is left out. */
function orNone<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    const known = [StatementError, OperatorError, TlogError, Shortfall].some((type) => error instanceof type);
    if (known) return undefined;
    throw error;
  }
}

function held<T>(list: readonly Uint8Array[], read: (bytes: Uint8Array) => T): T[] {
  return list.flatMap((bytes) => {
    const found = orNone(() => read(bytes));
    return found === undefined ? [] : [found];
  });
}

/** What the operator signed in a file. */
interface OperatorsWord {
  readonly heads: readonly Signed<"head">[];
  readonly trees: readonly TreeHead[];
}

function headerOf(file: Evidence): Signed<"envelope-header"> | undefined {
  const [bytes] = file.entries;
  return bytes && orNone(() => verify("envelope-header", bytes));
}

function operatorsWord(file: Evidence, policy: Policy): OperatorsWord {
  const operator = orNone(() => Operator.accept(policy.origin, policy.root, file.delegations));
  const epoch = headerOf(file)?.payload.context.epoch;
  if (operator === undefined || epoch === undefined) return { heads: [], trees: [] };
  const keys = orNone(() => checkpointKeys(operator, epoch)) ?? [];
  const receipts = held([...file.entries, ...file.receipts], (bytes) => operator.accept("receipt", bytes));
  const inReceipts = receipts.flatMap(({ payload }) => (payload.checkpoint === undefined ? [] : [payload.checkpoint]));
  const notes = [...(file.log?.checkpoints ?? []), ...inReceipts];
  return {
    heads: held(file.heads, (bytes) => operator.accept("head", bytes)),
    trees: held(notes, (note) => verifySigned(parseNote(note), keys).head),
  };
}

/** Whether a head says something else than the other file's heads or its list. */
function contradicts({ payload }: Signed<"head">, file: Evidence, heads: readonly Signed<"head">[]): boolean {
  const key = subjectKey(payload.subject);
  const differs = heads.some(
    ({ payload: other }) =>
      subjectKey(other.subject) === key &&
      other.head.count === payload.head.count &&
      other.head.last !== payload.head.last,
  );
  const list = listOf(payload.subject, file);
  const known = list && headsOfList(list)[payload.head.count];
  return differs || (known !== undefined && !sameHead(known, payload.head));
}

/** The list that a head is about, where the file holds it. */
function listOf(subject: Subject, file: Evidence): readonly Uint8Array[] | undefined {
  const header = headerOf(file);
  if (header === undefined) return undefined;
  const { sender, recipient } = header.payload;
  const lists: readonly (readonly [Subject, readonly Uint8Array[]])[] = [
    [{ kind: "envelope", header: header.hash }, file.entries],
    [{ kind: "party", address: sender }, file.sender],
    [{ kind: "party", address: recipient }, file.recipient],
    [{ kind: "relation", citizen: recipient, authority: sender }, file.relation],
    [{ kind: "relation", citizen: recipient }, file.relationAll],
  ];
  return lists.find(([of]) => subjectKey(of) === subjectKey(subject))?.[1];
}

/** One statement in two places, or two in one. */
function places(first: Evidence, second: Evidence): readonly Difference[] {
  const other = new Map<number, LeafHash>();
  const positions = new Map<LeafHash, number>();
  for (const { position, entry } of second.log?.inclusions ?? []) {
    other.set(position, entry);
    positions.set(entry, position);
  }
  const differing = (first.log?.inclusions ?? []).filter(({ position, entry }) => {
    const [there, elsewhere] = [other.get(position), positions.get(entry)];
    return (there !== undefined && there !== entry) || (elsewhere !== undefined && elsewhere !== position);
  });
  return differing.map(({ position }) => ({ name: "places-contradict", position }));
}

