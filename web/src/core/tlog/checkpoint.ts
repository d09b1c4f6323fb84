// Checkpoints (C2SP tlog-checkpoint): a tree head as the text of a signed note.
//
// The origin line of epoch n of the log of an operator with origin O is `O/n`, and that is also the name of every key
// that signs it. Extension lines are kept, and mean nothing. Specification: docs/format/log.md, "Checkpoint".
// Throws TlogError.

import { utf8 } from "../codec/bytes.ts";
import { TlogError } from "./error.ts";
import { parseDecimal, parseHash } from "./text.ts";
import type { TreeHead } from "./tree.ts";

/** Largest tree that a checkpoint may state: its proofs stay within 63 hashes. */
export const MAX_TREE_SIZE = 2n ** 63n - 1n;
/** Longest origin line in bytes (tlog-cosignature, "ML-DSA-44 signed message"). */
export const MAX_ORIGIN_LINE = 255;

/** What a log says of itself. */
export interface Checkpoint {
  readonly origin: string;
  readonly head: TreeHead;
  /** Lines after the third. Nobody vouches for them. */
  readonly extensions: readonly string[];
}

/** The origin line, and key name, of one epoch of an operator's log. */
export function epochOrigin(origin: string, epoch: number | bigint): string {
  return `${origin}/${epoch}`;
}

function refused(message: string): TlogError {
  return new TlogError("checkpoint", message);
}

/** Reads a note's text, which ends in a newline. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : [];
  const [origin, sizeLine, rootLine, ...extensions] = lines;
  if (origin === undefined || sizeLine === undefined || rootLine === undefined) {
    throw refused("checkpoint needs an origin, a size and a root, each on its line");
  }
  if (origin === "" || utf8(origin).length > MAX_ORIGIN_LINE) {
    throw refused(`origin of the checkpoint is empty or longer than ${MAX_ORIGIN_LINE} bytes`);
  }
  const size = parseDecimal(sizeLine);
  if (size === undefined || size > MAX_TREE_SIZE) {
    const rule = `is not a decimal up to ${MAX_TREE_SIZE} without leading zeros`;
    throw refused(`size of the checkpoint ${rule}`);
  }
  const root = parseHash(rootLine);
  if (root === undefined) throw refused("root of the checkpoint is not a hash in base64");
  if (extensions.includes("")) throw refused("checkpoint has an empty line");
  return { origin, head: { size, root }, extensions };
}
