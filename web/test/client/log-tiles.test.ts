// Where nodes of the log's tree stand in tiles, and what is computed from them: the shared vectors of the log.
import { describe, expect, test } from "vitest";
import { nodeIn, placeOf } from "../../src/client/log-tiles.ts";
import { concat, fromHex, toHex } from "../../src/core/codec/bytes.ts";
import type { LeafHash } from "../../src/core/ids.ts";
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from "../../src/core/tlog/proof.ts";
import { type Node, type TreeHash, leafHash, nodeHash } from "../../src/core/tlog/tree.ts";
import { vectors } from "../vectors.ts";

const { roots, tiles } = vectors<{
  roots: { size: number; root: string }[];
  tiles: { path: string; length: number; content: string | null }[];
}>("log");

/** The vectors' entries are their numbers, big-endian, in 32 bytes. */
const entry = (index: number): LeafHash => index.toString(16).padStart(64, "0") as LeafHash;

function subtree(level: number, index: number): TreeHash {
  if (level === 0) return leafHash(entry(index));
  return nodeHash(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1));
}

/** A tile as a server has it. */
function tileAt(path: string): Uint8Array {
  const [, level = "", rest = ""] = /^tile\/(\d+)\/(.*)$/.exec(path) ?? [];
  const [number = "", width = "256"] = rest.split(".p/");
  const first = Number(number.replaceAll("x", "").replaceAll("/", "")) * 256;
  return concat(...Array.from({ length: Number(width) }, (_, index) => subtree(Number(level) * 8, first + index)));
}

const reader =
  (size: bigint) =>
  (node: Node): TreeHash => {
    const place = placeOf(node, size);
    const tile = tileAt(place.path);
    expect(tile.length).toBe(place.bytes);
    return nodeIn(tile, place);
  };

const head = ({ size, root }: { size: number; root: string }): { size: bigint; root: Uint8Array } => ({
  size: BigInt(size),
  root: fromHex(root) ?? new Uint8Array(),
});

describe("tiles", () => {
  test("nodes have the paths of the specification", () => {
    expect(placeOf({ level: 0, index: 0n }, 1n)).toMatchObject({ path: "tile/0/000.p/1", bytes: 32 });
    expect(placeOf({ level: 8, index: 1_234_067n * 256n }, 1_234_068n << 16n).path).toBe("tile/1/x001/x234/067");
    expect(placeOf({ level: 0, index: 599n }, 600n).path).toBe("tile/0/002.p/88");
    expect(placeOf({ level: 8, index: 1n }, 600n).path).toBe("tile/1/000.p/2");
    expect(placeOf({ level: 7, index: 3n }, 600n)).toMatchObject({ path: "tile/0/001", first: 128, count: 128 });
    expect(() => placeOf({ level: 8, index: 2n }, 600n)).toThrow(RangeError);
    expect(tiles.map(({ path }) => path)).toEqual(expect.arrayContaining(["tile/0/002.p/88", "tile/1/000.p/2"]));
  });

  test("a tile's content is that of the vectors", () => {
    const { path, length, content } = tiles.find((tile) => tile.path === "tile/1/000.p/2") ?? { path: "", length: 0, content: "" };
    expect(tileAt(path).length).toBe(length);
    expect(toHex(tileAt(path))).toBe(content);
  });

  test("what is computed from them proves every step between the vectors' trees", () => {
    for (const later of roots.filter(({ size }) => size > 0)) {
      const now = head(later);
      for (const earlier of roots.filter(({ size }) => size <= later.size)) {
        const proof = consistencyProof(BigInt(earlier.size), now.size, reader(now.size));
        expect(() => verifyConsistency(head(earlier), now, proof)).not.toThrow();
      }
      const last = now.size - 1n;
      const proof = inclusionProof(last, now.size, reader(now.size));
      expect(() => verifyInclusion(leafHash(entry(Number(last))), last, now, proof)).not.toThrow();
    }
  });
});
