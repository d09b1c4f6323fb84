// Inclusion and consistency proofs (RFC 6962 §2.1.1 and §2.1.2; verified as RFC 9162 §2.1.3.2 and §2.1.4.2 write it
// out).
//
// A proof is a list of subtree roots. Invariant: a proof is accepted in exactly one length for its sizes; every hash of
// it is used. Everything here throws TlogError.

import { equal } from "../codec/bytes.ts";
import { TlogError } from "./error.ts";
import { EMPTY_ROOT, type Node, type TreeHash, type TreeHead, cover, fold, nodeHash, split } from "./tree.ts";

/** Most hashes of a proof (tlog-witness, "add-checkpoint"; enough for 2^63 entries). */
export const MAX_PROOF_HASHES = 63;

function tooLong(what: string): TlogError {
  return new TlogError("too-long", `${what} proof has more than ${MAX_PROOF_HASHES} hashes`);
}

function tooFew(what: string): TlogError {
  return new TlogError("too-few-hashes", `${what} proof has too few hashes`);
}

function tooMany(what: string): TlogError {
  return new TlogError("too-many-hashes", `${what} proof has too many hashes`);
}

/**
 * The way from a node up to the root: `left` and `right` are told each hash and on which side of the node it stands.
 * Throws unless the hashes are exactly as many as the place needs.
 */
function climb(
  what: string,
  place: { at: bigint; last: bigint },
  hashes: readonly TreeHash[],
  beside: { left: (hash: TreeHash) => void; right: (hash: TreeHash) => void },
): void {
  let { at, last } = place;
  for (const hash of hashes) {
    if (last === 0n) throw tooMany(what);
    if ((at & 1n) === 1n || at === last) {
      beside.left(hash);
      while ((at & 1n) === 0n && at !== 0n) {
        at >>= 1n; // the node has no sibling on this level
        last >>= 1n;
      }
    } else {
      beside.right(hash);
    }
    at >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw tooFew(what);
}

/** Checks that `leaf` is the `index`-th leaf of the tree of `head` (RFC 9162 §2.1.3.2). */
export function verifyInclusion(leaf: TreeHash, index: bigint, head: TreeHead, proof: readonly TreeHash[]): void {
  if (index >= head.size) {
    const message = `entry ${index} is not within a log of ${head.size} entries`;
    throw new TlogError("index-beyond-size", message);
  }
  if (proof.length > MAX_PROOF_HASHES) throw tooLong("inclusion");
  let root = leaf;
  climb("inclusion", { at: index, last: head.size - 1n }, proof, {
    left: (hash) => (root = nodeHash(hash, root)),
    right: (hash) => (root = nodeHash(root, hash)),
  });
  if (!equal(root, head.root)) {
    const message = "inclusion proof leads to another root: the entry is not in this log at this index";
    throw new TlogError("other-root", message);
  }
}

/**
 * Checks that the tree of `later` begins with the whole tree of `earlier` (RFC 9162 §2.1.4.2). From an empty tree the
 * proof is empty (tlog-witness, "add-checkpoint"): it begins every tree.
 */
export function verifyConsistency(earlier: TreeHead, later: TreeHead, proof: readonly TreeHash[]): void {
  if (earlier.size > later.size) {
    throw new TlogError("shrunk", `log of ${later.size} entries cannot continue one of ${earlier.size}`);
  }
  if ([earlier, later].some(({ size, root }) => size === 0n && !equal(root, EMPTY_ROOT))) {
    throw new TlogError("empty-root", "a log without entries has another root than the empty one");
  }
  if (earlier.size === later.size && !equal(earlier.root, later.root)) {
    const message = "two logs of the same size have different roots: the log was forked";
    throw new TlogError("same-size-other-root", message);
  }
  if (proof.length > MAX_PROOF_HASHES) throw tooLong("consistency");
  if (earlier.size === 0n || earlier.size === later.size) {
    if (proof.length === 0) return;
    const message = "consistency proof must be empty for equal sizes and from an empty log";
    throw new TlogError("not-empty", message);
  }
  verifyGrowth(earlier, later, proof);
}

/** The same for 0 < earlier.size < later.size. */
function verifyGrowth(earlier: TreeHead, later: TreeHead, proof: readonly TreeHash[]): void {
  // A complete earlier tree is itself the first node; otherwise the proof begins with that node.
  const complete = (earlier.size & (earlier.size - 1n)) === 0n;
  const [start, ...hashes] = complete ? [earlier.root, ...proof] : proof;
  if (start === undefined) throw tooFew("consistency");
  let [at, last] = [earlier.size - 1n, later.size - 1n];
  while ((at & 1n) === 1n) {
    at >>= 1n;
    last >>= 1n;
  }
  let [earlierRoot, laterRoot] = [start, start];
  climb("consistency", { at, last }, hashes, {
    left: (hash) => {
      earlierRoot = nodeHash(hash, earlierRoot);
      laterRoot = nodeHash(hash, laterRoot);
    },
    right: (hash) => (laterRoot = nodeHash(laterRoot, hash)),
  });
  if (!equal(earlierRoot, earlier.root)) {
    throw new TlogError("other-old-root", "consistency proof does not lead to the old root");
  }
  if (!equal(laterRoot, later.root)) {
    const message = "consistency proof does not lead to the new root: the log does not continue the old";
    throw new TlogError("other-new-root", message);
  }
}

/** Runs of leaves whose roots make a proof, in its order. */
type Ranges = readonly (readonly [bigint, bigint])[];

function compute(ranges: Ranges, read: (node: Node) => TreeHash): TreeHash[] {
  return ranges.map(([from, to]) => fold(cover(from, to).map(read)));
}

/** The inclusion proof (RFC 6962 §2.1.1); `read` gives complete nodes of the tree. */
export function inclusionProof(index: bigint, size: bigint, read: (node: Node) => TreeHash): TreeHash[] {
  if (index >= size) throw new RangeError("an entry beyond the tree");
  const ranges: [bigint, bigint][] = [];
  for (let [from, to] = [0n, size]; to - from > 1n; ) {
    const middle = from + split(to - from);
    if (index < middle) {
      ranges.push([middle, to]);
      to = middle;
    } else {
      ranges.push([from, middle]);
      from = middle;
    }
  }
  return compute(ranges.reverse(), read);
}

/** The consistency proof (RFC 6962 §2.1.2); empty from 0 and for equal sizes. */
export function consistencyProof(earlier: bigint, later: bigint, read: (node: Node) => TreeHash): TreeHash[] {
  if (earlier > later) throw new RangeError("an earlier tree that is larger");
  const ranges: [bigint, bigint][] = [];
  if (earlier > 0n) {
    let [from, to] = [0n, later];
    while (to !== earlier) {
      const middle = from + split(to - from);
      if (earlier <= middle) {
        ranges.push([middle, to]);
        to = middle;
      } else {
        ranges.push([from, middle]);
        from = middle;
      }
    }
    if (from > 0n) ranges.push([from, to]); // not the earlier tree itself, whose root the verifier has
  }
  return compute(ranges.reverse(), read);
}
