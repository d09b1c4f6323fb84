// The Merkle tree of the log (RFC 6962 §2.1).
//
// A node is the root of a complete subtree of 2^level leaves; once complete it never changes. A tree of any size is its
// frontier: one complete node for each bit set in the size. Invariant: a frontier has as many nodes as its size has bits
// set. Absent: tiles, which no page reads; storage.

import { sha256 } from "@noble/hashes/sha2.js";
import { concat } from "../codec/bytes.ts";
import { type LeafHash, idBytes } from "../ids.ts";

/** 32 bytes: a leaf's hash in the tree, or an inner node's. */
export type TreeHash = Uint8Array;

/** What a log says of itself at one moment: how many entries, and the root over them. */
export interface TreeHead {
  readonly size: bigint;
  readonly root: TreeHash;
}

/** Prefixes of the hash inputs (RFC 6962 §2.1). */
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** The root of the tree without leaves: the hash of the empty string (RFC 6962 §2.1). */
export const EMPTY_ROOT: TreeHash = sha256(new Uint8Array());

/** The hash of an entry as a leaf: SHA-256(0x00 ‖ entry). */
export function leafHash(entry: LeafHash): TreeHash {
  return sha256(concat(LEAF_PREFIX, idBytes(entry)));
}

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: TreeHash, right: TreeHash): TreeHash {
  return sha256(concat(NODE_PREFIX, left, right));
}

/** A complete subtree of 2^`level` leaves, the `index`-th of its level from the left. */
export interface Node {
  readonly level: number;
  readonly index: bigint;
}

/** The largest level whose nodes are not larger than `count`, which is positive. */
function levelWithin(count: bigint): number {
  return count.toString(2).length - 1;
}

/** The largest power of two below `count`, which is at least 2 (RFC 6962 §2.1). */
export function split(count: bigint): bigint {
  return 1n << BigInt(levelWithin(count - 1n));
}

/**
 * The complete nodes whose leaves are `from..to`, left to right; `from` is a multiple of the largest power of two within
 * the run, as it is for every subtree that RFC 6962 splits off.
 */
export function cover(from: bigint, to: bigint): Node[] {
  const nodes: Node[] = [];
  for (let at = from; at < to; ) {
    const level = levelWithin(to - at);
    nodes.push({ level, index: at >> BigInt(level) });
    at += 1n << BigInt(level);
  }
  return nodes;
}

/** The root over a run of complete nodes, the leftmost being the largest. */
export function fold(nodes: readonly TreeHash[]): TreeHash {
  const last = nodes.at(-1);
  if (last === undefined) return EMPTY_ROOT;
  return nodes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

/** All that is needed to go on with a tree: its size, and its complete nodes, largest first. */
export class Frontier {
  static readonly EMPTY = new Frontier(0n, []);

  private constructor(
    readonly size: bigint,
    readonly nodes: readonly TreeHash[],
  ) {}

  /** The frontier of a stored tree; `read` is asked for each complete node, largest first. */
  static fromNodes(size: bigint, read: (node: Node) => TreeHash): Frontier {
    return new Frontier(size, cover(0n, size).map(read));
  }

  /** The tree with one leaf more (`leafHash` of the entry). `completed` is told of every node that this completes. */
  append(leaf: TreeHash, completed?: (node: Node, hash: TreeHash) => void): Frontier {
    const nodes = [...this.nodes];
    let [hash, level, index] = [leaf, 0, this.size];
    completed?.({ level, index }, hash);
    while ((index & 1n) === 1n) {
      hash = nodeHash(nodes.pop() as TreeHash, hash); // a bit set in the size has its node
      index >>= 1n;
      level += 1;
      completed?.({ level, index }, hash);
    }
    return new Frontier(this.size + 1n, [...nodes, hash]);
  }

  head(): TreeHead {
    return { size: this.size, root: fold(this.nodes) };
  }
}
