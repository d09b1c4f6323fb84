// Tiles of the public log (C2SP tlog-tiles): where a node of the tree stands, and how it is computed from there.
//
// A tile of level L holds up to 256 hashes of level 8 L. Invariant: nothing here authenticates a tile; what is
// computed from tiles is a proof, and the proof is verified against signed roots.
// Specification: docs/format/log.md, "Tiles".

import type { Node, TreeHash } from "../core/tlog/tree.ts";
import { nodeHash } from "../core/tlog/tree.ts";

/** Levels of the tree in one tile. */
const HEIGHT = 8;
const WIDTH = 1n << BigInt(HEIGHT);
const HASH_BYTES = 32;

/** Where a node stands: the tile's path below `/log/`, and the run of its hashes that the node covers. */
export interface TilePlace {
  readonly path: string;
  readonly first: number;
  readonly count: number;
  /** How many bytes the whole tile has. */
  readonly bytes: number;
}

/** The tile that holds a complete node of a tree of `size` leaves. */
export function placeOf(node: Node, size: bigint): TilePlace {
  const level = Math.floor(node.level / HEIGHT);
  const below = BigInt(node.level % HEIGHT);
  const first = node.index << below;
  const hashes = size >> BigInt(level * HEIGHT);
  const number = first / WIDTH;
  if (first + (1n << below) > hashes) throw new RangeError("the tree has no such complete node");
  const width = number < hashes / WIDTH ? WIDTH : hashes % WIDTH;
  const partial = width < WIDTH ? `.p/${width}` : "";
  return {
    path: `tile/${level}/${numberPath(number)}${partial}`,
    first: Number(first % WIDTH),
    count: Number(1n << below),
    bytes: Number(width) * HASH_BYTES,
  };
}

/** A tile's number in groups of three digits, all but the last with an `x`: `x001/x234/067`. */
function numberPath(number: bigint): string {
  const digits = number.toString();
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/.{3}/g) ?? [];
  return groups.map((group, index) => (index < groups.length - 1 ? `x${group}` : group)).join("/");
}

/** The node's hash, from the bytes of its tile. */
export function nodeIn(tile: Uint8Array, { first, count }: TilePlace): TreeHash {
  let row: TreeHash[] = Array.from({ length: count }, (_, index) =>
    tile.subarray((first + index) * HASH_BYTES, (first + index + 1) * HASH_BYTES),
  );
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, index) =>
      nodeHash(row[2 * index] as TreeHash, row[2 * index + 1] as TreeHash),
    );
  }
  return (row[0] as TreeHash).slice();
}
