// Time-stamps of the file's checkpoints by an authority outside (RFC 3161).
//
// What a token proves: the text of a checkpoint existed at a time, says an authority that the verifier pinned. So a
// token is an upper bound for receipts, whatever operator and witnesses say, and never a lower one. Invariant: a token
// that fails bounds nothing, and fails the check whatever others say. Absent: CMS and certificates; whoever pins an
// authority hands in a TokenReader.
//
// Specification: docs/format/evidence.md, "Time-stamps".

import { type UnixMillis, hashStatement } from "../ids.ts";
import type { Signed } from "../statement/signed.ts";
import type { Judgement } from "../tlog/policy.ts";
import type { Evidence } from "./file.ts";
import { CLOCK_TOLERANCE, type Positions, type Trees } from "./log.ts";
import type { LogRecord } from "./log-record.ts";
import { failed, notProven } from "./outcome.ts";

/** What a token proves: its text existed at that time, says this authority. */
export interface StampedAt {
  /** Common name in the authority's certificate. */
  readonly authority: string;
  /** `genTime`. */
  readonly at: UnixMillis;
  /** How far the time may be off, in microseconds, as the authority claims; 0 where it does not say. */
  readonly accuracyMicros: number;
  /** The token's serial number at the authority, in hexadecimal. */
  readonly serial: string;
}

/** Why a token proves nothing: the causes `token-form`, `token-algorithm`, …; `of-other`: it stamps something else. */
export type TokenFault = "form" | "algorithm" | "signature" | "of-other" | "validity";

/**
 * Reads a token over the text of a checkpoint note, under the certificates that the verifier pinned; none where the
 * token is under another one, which is nothing wrong.
 */
export type TokenReader = (text: string, token: Uint8Array) => StampedAt | { readonly fault: TokenFault } | undefined;

/** A token that holds, and how much it covers. */
export interface Timestamped {
  /** Size of the checkpoint's tree: statements at smaller positions existed before. */
  readonly size: number;
  /** How many entries of the envelope's list, from its first, stand in that tree. */
  readonly entries: number;
  /** When, and by whom. */
  readonly stamped: StampedAt;
}

/** The text existed before this: `genTime`, cut to milliseconds when read, with its accuracy. */
export function latest({ at, accuracyMicros }: StampedAt): UnixMillis {
  return (at + Math.ceil(accuracyMicros / 1000) + 1) as UnixMillis;
}

/** The log's proofs that passed. */
export interface Proven {
  readonly file: Evidence;
  readonly record: LogRecord;
  readonly judged: readonly Judgement[];
  readonly positions: Positions;
  readonly receipts: readonly Signed<"receipt">[];
}

/** The tokens that hold; at least one. */
export function stampedIn(proven: Proven, read: TokenReader): readonly Timestamped[] {
  const { record, judged, positions, receipts, file } = proven;
  const tokens = record.timestamps ?? [];
  const stamped: Timestamped[] = [];
  for (const { size, token } of tokens) {
    const judgement = judged.find(({ checkpoint }) => checkpoint.head.size === BigInt(size));
    if (judgement === undefined) throw failed("proof-of-nothing");
    const found = read(judgement.note.text, token);
    if (found === undefined) continue;
    if ("fault" in found) throw failed(`token-${found.fault}`);
    stamped.push({ size, entries: covered(file, size, positions), stamped: found });
  }
  // A receipt that calls itself younger than a token over it was dated ahead.
  for (const { hash, payload } of receipts) {
    const position = positions.get(hash);
    const younger = ({ size, stamped: stamp }: Timestamped): boolean =>
      position !== undefined && position < size && latest(stamp) + CLOCK_TOLERANCE < payload.context.time;
    if (stamped.some(younger)) throw failed("time-out-of-bounds");
  }
  if (tokens.length === 0) throw notProven("time-stamp-missing");
  if (stamped.length === 0) throw notProven("time-stamp-authority");
  return stamped;
}

/** How many entries, from the first, stand in the tree; entries ascend in the log. */
function covered(file: Evidence, size: number, positions: Positions): number {
  const beyond = file.entries.findIndex((bytes) => {
    const position = positions.get(hashStatement(bytes));
    return position === undefined || size <= position;
  });
  return beyond === -1 ? file.entries.length : beyond;
}

/** The tokens bound the trees over which they stand. */
export function stampTrees(trees: Trees, stamped: readonly Timestamped[]): void {
  for (const { size, stamped: stamp } of stamped) trees.stamp(size, latest(stamp));
}

/** All of the envelope's list existed before the time of one token. */
export function checkCovered(stamped: readonly Timestamped[], file: Evidence): void {
  if (!stamped.some(({ entries }) => entries === file.entries.length)) throw notProven("time-stamp-pending");
}
