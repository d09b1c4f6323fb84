// What an evidence file holds of the public log: checkpoints, proofs, time-stamps.
//
// Invariant: entries ascend by position, consistency proofs by size, so one set of proofs has one form. Absent: whether
// they hold (log.ts). Specification: docs/format/evidence.md, "Log".

import { toHex } from "../codec/bytes.ts";
import { type Infer, array, bytes, fixedBytes, optional, struct, uint } from "../codec/type.ts";
import { leafHash } from "../ids.ts";
import { checkAscending, checkCount, compareText } from "../statement/common.ts";
import { MAX_NOTE } from "../tlog/note.ts";
import { MAX_PROOF_HASHES } from "../tlog/proof.ts";
import { MAX_ENTRIES, MAX_RELATED } from "./limits.ts";

/** Most checkpoints outside receipts. */
export const MAX_CHECKPOINTS = 64;
/** Most statements that are proved: all lists full. */
export const MAX_INCLUSIONS = MAX_ENTRIES + 8 * MAX_RELATED;
/** Most earlier trees that are proved: one in each receipt, and those outside. */
export const MAX_CONSISTENCIES = MAX_ENTRIES + MAX_RELATED + MAX_CHECKPOINTS;
/** Most time-stamps. */
export const MAX_TIMESTAMPS = 16;
/** Longest time-stamp token, in bytes; real ones have 1 to 6 KiB. */
export const MAX_TOKEN = 64 * 1024;

const treeHash = fixedBytes(
  32,
  (hash) => hash,
  (hash) => hash,
);

const inclusion = struct({
  /** Position in the log, from 0. */
  position: uint,
  /** The statement's entry. */
  entry: leafHash,
  /** The inclusion proof under the last checkpoint (RFC 6962 §2.1.1). */
  hashes: array(treeHash),
});

const consistency = struct({
  /** Size of the smaller tree. */
  size: uint,
  /** That the last checkpoint's tree begins with it (RFC 6962 §2.1.2). */
  hashes: array(treeHash),
});

const timestamp = struct({
  /** Size of the checkpoint, which is one of those in the record. */
  size: uint,
  /** The time-stamp token over the checkpoint's text (RFC 3161). */
  token: bytes,
});
/** That the text of a checkpoint note existed at a time. */
export type Timestamp = Infer<typeof timestamp>;

export const logRecord = struct({
  /** Signed notes with their cosignatures, ascending by size; all is proved under the last. */
  checkpoints: array(bytes),
  /** Where each statement stands in the log. */
  inclusions: array(inclusion),
  /** That the last checkpoint continues the earlier ones, those in receipts included. */
  consistencies: array(consistency),
  /** Time-stamps of the checkpoints, ascending by size and token; absent where there are none. */
  timestamps: optional(array(timestamp)),
});
/** The part of the log that concerns one file. */
export type LogRecord = Infer<typeof logRecord>;

export function checkLogRecord(record: LogRecord): void {
  const { checkpoints, inclusions, consistencies, timestamps } = record;
  checkCount("checkpoints", checkpoints.length, 1, MAX_CHECKPOINTS);
  for (const note of checkpoints) checkCount("checkpoint", note.length, 1, MAX_NOTE);
  checkCount("inclusions", inclusions.length, 0, MAX_INCLUSIONS);
  checkCount("consistencies", consistencies.length, 0, MAX_CONSISTENCIES);
  for (const { hashes } of [...inclusions, ...consistencies]) checkCount("proof", hashes.length, 0, MAX_PROOF_HASHES);
  const ascend = (a: number, b: number): number => a - b;
  checkAscending(
    "inclusions",
    inclusions.map(({ position }) => position),
    ascend,
  );
  checkAscending(
    "consistencies",
    consistencies.map(({ size }) => size),
    ascend,
  );
  if (timestamps === undefined) return;
  checkCount("timestamps", timestamps.length, 1, MAX_TIMESTAMPS);
  for (const { token } of timestamps) checkCount("token", token.length, 1, MAX_TOKEN);
  checkAscending("timestamps", timestamps, (a, b) => a.size - b.size || compareText(toHex(a.token), toHex(b.token)));
}
