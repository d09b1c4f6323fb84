// The log's part of an evidence file: checkpoints, and proofs for all that the file holds.
//
// Invariants: every proof was verified here before it is handed on; the published checkpoint, with its cosignatures, is
// used wherever it covers the file, and otherwise joins a larger one that the log has signed; those under which
// witnesses first saw each statement stand before it. Absent: whether cosignatures and time-stamps are enough, which
// the verifier's policy decides. Specification: docs/format/evidence.md, "Log".

import { utf8 } from "../core/codec/bytes.ts";
import { type Evidence, orderedLists } from "../core/evidence/file.ts";
import { type LogRecord, MAX_CHECKPOINTS, type Timestamp } from "../core/evidence/log-record.ts";
import { type LeafHash, hashLeaf } from "../core/ids.ts";
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from "../core/tlog/proof.ts";
import { kindOf } from "../core/statement/signed.ts";
import { leafHash } from "../core/tlog/tree.ts";
import { RefusedError } from "./error.ts";
import { type SignedTree, tell } from "./log.ts";
import { readTimestamp } from "./resources.ts";
import type { Session } from "./session.ts";

/** Most earlier checkpoints that are fetched for one file; others join them. */
const MAX_FIRST_SEEN = MAX_CHECKPOINTS - 16;

/** Positions in the log by entry, as the server states them. */
export type Places = ReadonlyMap<LeafHash, number>;

/** Proves everything in `file` under the newest checkpoint. */
export async function makeLogRecord(session: Session, file: Evidence, places: Places): Promise<LogRecord> {
  const published = await session.log.follow();
  const covering = await coveringTrees(session, file, places, published);
  const { trees: checkpoints, timestamps } = await withTimestamp(session, file, places, covering);
  const newest = checkpoints.at(-1) ?? published;
  const { size } = newest.head;

  // What the checkpoint does not cover yet stays without proof: a gap, not an error.
  const entries = [...new Set(logged(file).map(hashLeaf))]
    .map((entry) => ({ entry, position: places.get(entry) ?? Number.POSITIVE_INFINITY }))
    .filter(({ position }) => position < size)
    .sort((a, b) => a.position - b.position);
  const earlier = [...checkpoints, ...treesInReceipts(session, file)].filter((tree) => tree.head.size < size);
  const bySize = new Map(earlier.map((tree) => [tree.head.size, tree]));
  const continued = [...bySize.values()].sort((a, b) => Number(a.head.size - b.head.size));

  const proofs = await session.log.compute(size, (read) => ({
    inclusions: entries.map(({ position }) => inclusionProof(BigInt(position), size, read)),
    consistencies: continued.map(({ head }) => consistencyProof(head.size, size, read)),
  }));
  const inclusions = entries.map(({ entry, position }, index) => {
    const hashes = proofs.inclusions[index] ?? [];
    tell(() => verifyInclusion(leafHash(entry), BigInt(position), newest.head, hashes));
    return { position, entry, hashes };
  });
  const consistencies = continued.map(({ head }, index) => {
    const hashes = proofs.consistencies[index] ?? [];
    tell(() => verifyConsistency(head, newest.head, hashes));
    return { size: Number(head.size), hashes };
  });
  return { checkpoints: checkpoints.map(({ bytes }) => bytes), inclusions, consistencies, timestamps };
}

/** The statements that the log proves: all but delegations and heads. */
function logged(file: Evidence): readonly Uint8Array[] {
  return [...orderedLists(file).flat(), ...file.receipts];
}

/**
 * The checkpoints under which enough witnesses first saw what is in the file, the published one, and a larger signed
 * one where that does not cover the file. Ascending by size, one or more.
 */
async function coveringTrees(
  session: Session,
  file: Evidence,
  places: Places,
  published: SignedTree,
): Promise<readonly SignedTree[]> {
  // The envelope's own events come first: legal dates hang on them.
  const positions = [...file.entries, ...logged(file)].flatMap((bytes) => places.get(hashLeaf(bytes)) ?? []);
  const trees = await firstSeen(session, positions, published);
  if (trees.at(-1)?.head.size !== published.head.size) trees.push(published);
  const last = Math.max(...positions, 0);
  for (const known of await session.log.seen()) {
    const { size } = (trees.at(-1) ?? published).head;
    if (last >= size && known.head.size > size) trees.push(known);
  }
  return trees;
}

/** For each position the first cosigned checkpoint that the server has kept; nothing where it has none yet. */
async function firstSeen(session: Session, positions: readonly number[], published: SignedTree): Promise<SignedTree[]> {
  const asked = new Set<number>();
  const bySize = new Map<bigint, SignedTree>();
  for (const position of positions) {
    if (position >= published.head.size || asked.has(position) || bySize.size === MAX_FIRST_SEEN) continue;
    // The first that covers an earlier position and this one is this one's first, too.
    const before = Math.max(-1, ...[...asked].filter((earlier) => earlier < position));
    const [first] = [...bySize.keys()].filter((size) => size > before).sort((a, b) => Number(a - b));
    if (before >= 0 && first !== undefined && first > position) continue;
    asked.add(position);
    const note = await session.http.logFile(`checkpoint/${position}`);
    if (note === undefined) continue;
    const tree = session.log.accept(note);
    if (tree.head.size > position && tree.head.size <= published.head.size) bySize.set(tree.head.size, tree);
  }
  return [...bySize.values()].sort((a, b) => Number(a.head.size - b.head.size));
}

/** Trees that the receipts in the file name. */
function treesInReceipts(session: Session, file: Evidence): readonly SignedTree[] {
  return [...file.entries, ...file.receipts].flatMap((bytes) => {
    if (kindOf(bytes) !== "receipt") return [];
    const { checkpoint } = session.operator.accept("receipt", bytes).payload;
    return (checkpoint && session.log.recognise(checkpoint)) ?? [];
  });
}

/** The trees, and a time-stamp of one that covers the envelope's last event, where the server has one. */
async function withTimestamp(
  session: Session,
  file: Evidence,
  places: Places,
  trees: readonly SignedTree[],
): Promise<{ trees: readonly SignedTree[]; timestamps?: readonly Timestamp[] }> {
  const newest = trees.at(-1);
  const lastEntry = file.entries.at(-1);
  const position = lastEntry && places.get(hashLeaf(lastEntry));
  if (newest === undefined || position === undefined) return { trees };
  let stamp: { tree: SignedTree; token: Uint8Array };
  try {
    const found = await session.http.get(`/log/timestamp/${position}`, readTimestamp);
    stamp = { tree: session.log.accept(utf8(found.checkpoint)), token: found.token };
  } catch (error) {
    if (error instanceof RefusedError && [404, 410].includes(error.problem.status)) return { trees };
    throw error;
  }
  const { head, text } = stamp.tree;
  // Stamped since the newest was read, or of an earlier tree than asked for: of no use here.
  if (head.size > newest.head.size || head.size <= position) return { trees };
  await session.log.checkContinued(stamp.tree, newest);
  const same = trees.find((tree) => tree.head.size === head.size);
  // A token is over the text alone; lines beyond the three would make it another one.
  if (same !== undefined && same.text !== text) return { trees };
  const joined = same === undefined ? [...trees, stamp.tree].sort((a, b) => Number(a.head.size - b.head.size)) : trees;
  return { trees: joined, timestamps: [{ size: Number(head.size), token: stamp.token }] };
}
