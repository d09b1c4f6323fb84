// Proofs that travel alone (C2SP tlog-proof): index, inclusion proof and signed checkpoint in one text, to be kept
// beside a receipt as `.tlog-proof`.
//
// Invariant: `verifyTlogProof` succeeds only for the entry that the caller computed from the statement itself; nothing
// in the file says which entry it is about. Throws TlogError.

import { fromUtf8, utf8 } from "../codec/bytes.ts";
import type { LeafHash } from "../ids.ts";
import { MAX_TREE_SIZE, parseCheckpoint } from "./checkpoint.ts";
import { TlogError } from "./error.ts";
import { MAX_NOTE, type Note, parseNote, writeNote } from "./note.ts";
import type { Judgement, Policy } from "./policy.ts";
import { MAX_PROOF_HASHES, verifyInclusion } from "./proof.ts";
import { parseBase64, parseDecimal, parseHash, toBase64 } from "./text.ts";
import { type TreeHash, leafHash } from "./tree.ts";
import type { VerifierKey } from "./vkey.ts";

/** The first line. */
const MAGIC = "c2sp.org/tlog-proof@v1";
/** Longest extra data in bytes. */
export const MAX_EXTRA = 64 * 1024;
/** Longest proof file in bytes. */
export const MAX_TLOG_PROOF = MAX_NOTE + MAX_EXTRA * 2 + (MAX_PROOF_HASHES + 3) * 64;

/** An entry's place in a log, with the checkpoint that covers it. */
export interface TlogProof {
  /** Data of the application, which nobody vouches for. */
  readonly extra: Uint8Array | undefined;
  /** Index of the entry, from 0. */
  readonly index: bigint;
  /** Inclusion proof, from the leaf's sibling up. */
  readonly hashes: readonly TreeHash[];
  readonly checkpoint: Note;
}

function refused(message: string): TlogError {
  return new TlogError("proof-file", message);
}

/** Takes lines off a text; a line ends in a newline. */
class Lines {
  rest: string;

  constructor(text: string) {
    this.rest = text;
  }

  next(missing: string): string {
    const end = this.rest.indexOf("\n");
    if (end === -1) throw refused(missing);
    const line = this.rest.slice(0, end);
    this.rest = this.rest.slice(end + 1);
    return line;
  }
}

/** Reads a proof file. */
export function parseTlogProof(bytes: Uint8Array): TlogProof {
  if (bytes.length > MAX_TLOG_PROOF) throw refused(`proof file is longer than ${MAX_TLOG_PROOF} bytes`);
  const text = fromUtf8(bytes);
  if (text === undefined || !text.startsWith(`${MAGIC}\n`)) {
    throw refused(`not a proof file: the first line is not ${MAGIC}`);
  }
  const lines = new Lines(text.slice(MAGIC.length + 1));
  const noIndex = "index line is not the word index and a decimal";
  let line = lines.next(noIndex);
  let extra: Uint8Array | undefined;
  if (line.startsWith("extra ")) {
    extra = parseBase64(line.slice("extra ".length));
    if (extra === undefined || extra.length === 0 || extra.length > MAX_EXTRA) {
      throw refused(`extra line is not base64 of 1 to ${MAX_EXTRA} bytes`);
    }
    line = lines.next(noIndex);
  }
  const index = line.startsWith("index ") ? parseDecimal(line.slice("index ".length)) : undefined;
  if (index === undefined || index >= MAX_TREE_SIZE) throw refused(noIndex);
  const hashes = readHashes(lines);
  const checkpoint = parseNote(utf8(lines.rest));
  parseCheckpoint(checkpoint.text);
  return { extra, index, hashes, checkpoint };
}

function readHashes(lines: Lines): TreeHash[] {
  const hashes: TreeHash[] = [];
  for (;;) {
    const line = lines.next("no empty line before the checkpoint");
    if (line === "") return hashes;
    if (hashes.length === MAX_PROOF_HASHES) throw refused(`more than ${MAX_PROOF_HASHES} proof lines`);
    const hash = parseHash(line);
    if (hash === undefined) throw refused(`proof line ${hashes.length + 1} is not a hash in base64`);
    hashes.push(hash);
  }
}

export function writeTlogProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  const lines = [MAGIC];
  if (extra !== undefined) lines.push(`extra ${toBase64(extra)}`);
  lines.push(`index ${index}`, ...hashes.map(toBase64), "");
  return lines.join("\n") + `\n${writeNote(checkpoint)}`;
}

/**
 * Checks that `entry` is in the log: the checkpoint against `logs` and the policy's quorum, then the inclusion proof
 * (tlog-proof, "Verifying a tlog proof").
 */
export function verifyTlogProof(
  proof: TlogProof,
  entry: LeafHash,
  logs: readonly VerifierKey[],
  policy: Policy,
): Judgement {
  const judgement = policy.judgeNote(proof.checkpoint, logs);
  if (!judgement.hasQuorum) {
    const message = "checkpoint is not cosigned by as many witnesses as the policy demands";
    throw new TlogError("no-quorum", message);
  }
  verifyInclusion(leafHash(entry), proof.index, judgement.checkpoint.head, proof.hashes);
  return judgement;
}
