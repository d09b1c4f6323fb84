// The log's proofs in an evidence file, verified: where statements stand, and between which cosigned times they were
// said.
//
// Invariants: every proof in the file is about something in the file and leads to the root of the last checkpoint; a
// time bounds a receipt only if enough witnesses of the verifier's policy stated it, or an authority that the verifier
// pinned (timestamps.ts). Absent: the order of statements without a log (moment.ts).
//
// Specification: docs/format/evidence.md, "Log"; docs/format/log.md.

import { toHex } from "../codec/bytes.ts";
import type { Bound } from "../deadline/events.ts";
import { type LeafHash, type StatementHash, type UnixMillis, hashLeaf, hashStatement } from "../ids.ts";
import type { Operator } from "../operator.ts";
import type { Signed } from "../statement/signed.ts";
import { epochOrigin } from "../tlog/checkpoint.ts";
import { TlogError } from "../tlog/error.ts";
import type { Judgement, Policy } from "../tlog/policy.ts";
import { verifyConsistency, verifyInclusion } from "../tlog/proof.ts";
import { type TreeHead, leafHash } from "../tlog/tree.ts";
import { type VerifierKey, ed25519Of, logKey } from "../tlog/vkey.ts";
import { ofCheckpoint, withProofCause } from "./causes.ts";
import { type Evidence, orderedLists } from "./file.ts";
import type { LogRecord } from "./log-record.ts";
import { failed, notProven } from "./outcome.ts";

/** How far the clocks of operator and witnesses may differ, in milliseconds. */
export const CLOCK_TOLERANCE = 5 * 60 * 1000;

/** Positions of the statements in the file, by their hash. */
export type Positions = ReadonlyMap<StatementHash, number>;

type Receipt = Signed<"receipt">;

/** Who may sign checkpoints, and whose cosignatures count. */
export class Judge {
  private readonly keys: readonly VerifierKey[];

  /** For the log of one epoch. */
  constructor(
    private readonly operator: Operator,
    epoch: number,
    private readonly policy: Policy,
  ) {
    this.keys = checkpointKeys(operator, epoch);
  }

  /** Judges a checkpoint; its key must have been delegated when enough witnesses saw it. */
  judge(note: Uint8Array): Judgement {
    let judgement: Judgement;
    try {
      judgement = this.policy.judge(note, this.keys);
    } catch (error) {
      throw error instanceof TlogError ? ofCheckpoint(error) : error;
    }
    const seen = timeOf(judgement);
    if (seen === undefined) return judgement;
    const signed = (key: VerifierKey): boolean =>
      judgement.note.signatures.some(({ id, name }) => id === key.id && name === key.name);
    // Cosignatures carry whole seconds, by clocks of others.
    const times = [seen, Math.max(0, seen - CLOCK_TOLERANCE), seen + CLOCK_TOLERANCE] as UnixMillis[];
    const delegated = (key: VerifierKey): boolean =>
      times.some((time) => this.operator.delegated(ed25519Of(key), "checkpoint", time));
    if (!this.keys.some((key) => signed(key) && delegated(key))) throw failed("not-delegated");
    return judgement;
  }

  /** The checkpoints outside receipts; the last is the largest. */
  checkpoints(record: LogRecord): readonly Judgement[] {
    const judged = record.checkpoints.map((note) => this.judge(note));
    const sizes = judged.map(sizeOf);
    const ascending = sizes.every((size, index) => index === 0 || (sizes[index - 1] as bigint) < size);
    if (judged.length === 0 || !ascending) throw failed("checkpoint-order");
    // Each time-stamp is about a checkpoint in the file.
    for (const { size } of record.timestamps ?? []) {
      if (!sizes.includes(BigInt(size))) throw failed("proof-of-nothing");
    }
    return judged;
  }

  /** Whether enough witnesses saw a checkpoint. */
  checkCosigned(newest: Judgement): void {
    if (this.policy.quorum === undefined) throw notProven("no-witnesses");
    if (!newest.hasQuorum) throw notProven("cosignature-pending");
  }

  /** The trees that the last checkpoint continues, with the times at which they were seen. */
  trees(record: LogRecord, judged: readonly Judgement[], receipts: readonly Receipt[]): Trees {
    const newest = judged.at(-1)?.checkpoint.head;
    if (newest === undefined) throw failed("checkpoint-order");
    const trees = new Trees();
    const needed = new Map<string, TreeHead>();
    const need = (head: TreeHead): unknown => needed.set(headKey(head), head);
    for (const judgement of judged) {
      trees.see(judgement);
      need(judgement.checkpoint.head);
    }
    for (const { payload } of receipts) {
      if (payload.checkpoint === undefined || trees.knows(payload.checkpoint)) continue;
      const judgement = this.judge(payload.checkpoint);
      trees.see(judgement);
      trees.learn(payload.checkpoint, timeOf(judgement));
      need(judgement.checkpoint.head);
    }
    needed.delete(headKey(newest));
    const sizes = new Set([...needed.values()].map(({ size }) => size));
    for (const head of needed.values()) checkContinues(record, head, newest);
    const used = (size: bigint): boolean => size !== newest.size && sizes.has(size);
    if (!record.consistencies.every(({ size }) => used(BigInt(size)))) throw failed("proof-of-nothing");
    return trees;
  }
}

/** The keys that may sign checkpoints of an epoch. */
export function checkpointKeys(operator: Operator, epoch: number): readonly VerifierKey[] {
  try {
    const name = epochOrigin(operator.origin, epoch);
    return operator.checkpointKeys.map((key) => logKey(name, key));
  } catch (error) {
    throw error instanceof TlogError ? failed("checkpoint-form") : error;
  }
}

function headKey({ size, root }: TreeHead): string {
  return `${size}/${toHex(root)}`;
}

function checkContinues(record: LogRecord, earlier: TreeHead, newest: TreeHead): void {
  if (earlier.size > newest.size) throw notProven("consistency-missing");
  const proof = record.consistencies.find(({ size }) => BigInt(size) === earlier.size);
  const same = earlier.size === newest.size;
  if (!same && proof === undefined) throw notProven("consistency-missing");
  const hashes = same || proof === undefined ? [] : proof.hashes;
  withProofCause("log-not-continued", () => verifyConsistency(earlier, newest, hashes));
}

/**
 * Trees that are beginnings of one log, and when enough witnesses, or a pinned time-stamping authority, had seen them.
 */
export class Trees {
  private readonly seen: { readonly size: bigint; readonly time: UnixMillis }[] = [];
  /** The times of the notes in receipts. */
  private readonly notes = new Map<string, UnixMillis | undefined>();

  see(judgement: Judgement): void {
    const time = timeOf(judgement);
    if (time !== undefined) this.seen.push({ size: sizeOf(judgement), time });
  }

  knows(note: Uint8Array): boolean {
    return this.notes.has(toHex(note));
  }

  learn(note: Uint8Array, time: UnixMillis | undefined): void {
    this.notes.set(toHex(note), time);
  }

  /** A pinned authority says that this tree existed before this time. */
  stamp(size: number, latest: UnixMillis): void {
    this.seen.push({ size: BigInt(size), time: latest });
  }

  /** Between which times a receipt was signed and logged. */
  interval({ payload }: Receipt, position: number): Interval {
    const after = this.seen.filter(({ size }) => BigInt(position) < size).map(({ time }) => time);
    return {
      notBefore: payload.checkpoint === undefined ? undefined : this.notes.get(toHex(payload.checkpoint)),
      notAfter: after.length === 0 ? undefined : (Math.min(...after) as UnixMillis),
    };
  }
}

/** Cosigned times around a receipt; the later one may be a time-stamp's. */
export interface Interval {
  readonly notBefore?: UnixMillis | undefined;
  readonly notAfter?: UnixMillis | undefined;
}

/** Whether a receipt's time lies outside by more than clocks may differ. */
export function contradicts({ notBefore, notAfter }: Interval, time: UnixMillis): boolean {
  return (
    (notBefore !== undefined && time + CLOCK_TOLERANCE < notBefore) ||
    (notAfter !== undefined && notAfter + CLOCK_TOLERANCE < time)
  );
}

/** As the rules of legal dates take it: what clocks may differ contradicts nothing. */
export function boundOf(interval: Interval, time: UnixMillis): Bound {
  let { notBefore, notAfter } = interval;
  if (!contradicts(interval, time)) {
    notBefore = notBefore && (Math.min(notBefore, time) as UnixMillis);
    notAfter = notAfter && (Math.max(notAfter, time) as UnixMillis);
  }
  return notAfter === undefined
    ? { kind: "pending", notBefore }
    : { kind: "between", notBefore: notBefore ?? 0, notAfter };
}

/**
 * Every proof is about a statement in the file and holds; every statement has one; lists stand in the log's order.
 */
export function positionsIn(file: Evidence, record: LogRecord, head: TreeHead): Positions {
  const places = new Map<LeafHash, number>();
  for (const { entry, position, hashes } of record.inclusions) {
    withProofCause("not-in-log", () => verifyInclusion(leafHash(entry), BigInt(position), head, hashes));
    places.set(entry, position);
  }
  const positions = new Map<StatementHash, number>();
  const proved = new Set<LeafHash>();
  let missing = false;
  const place = (bytes: Uint8Array): number | undefined => {
    const entry = hashLeaf(bytes);
    const position = places.get(entry);
    if (position === undefined) {
      missing = true;
    } else {
      proved.add(entry);
      positions.set(hashStatement(bytes), position);
    }
    return position;
  };
  for (const list of orderedLists(file)) {
    let last = -1;
    for (const bytes of list) {
      const position = place(bytes);
      if (position === undefined) continue;
      if (position <= last) throw failed("other-order");
      last = position;
    }
  }
  for (const bytes of file.receipts) place(bytes);
  if (proved.size < record.inclusions.length) throw failed("proof-of-nothing");
  if (missing) throw notProven("inclusion-missing");
  return positions;
}

function sizeOf(judgement: Judgement): bigint {
  return judgement.checkpoint.head.size;
}

/** When enough witnesses had seen a checkpoint. */
function timeOf({ quorumTime }: Judgement): UnixMillis | undefined {
  if (quorumTime === undefined) return undefined;
  // A time beyond what numbers hold exactly is beyond every calendar.
  return Math.min(Number(quorumTime) * 1000, Number.MAX_SAFE_INTEGER) as UnixMillis;
}
