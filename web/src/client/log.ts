// The log as its clients see it: believed only under the log's signature.
//
//   kept/log/followed     the largest signed tree that was followed
//   kept/log/answered     the largest that came with an answer since; followed at the next start
//
// Invariant: of two signed trees one must continue the other, and where the server cannot show that, both stay kept
// as evidence. So a server that forks or shortens its log is noticed by everybody who comes back. Absent: walking the
// whole log (`postfach audit`), and cosignatures, which evidence needs and a mailbox does not.
// Specification: C2SP tlog-tiles; docs/format/log.md.

import { equal, utf8 } from "../core/codec/bytes.ts";
import { type LeafHash, hashStatement } from "../core/ids.ts";
import type { Operator } from "../core/operator.ts";
import { epochOrigin } from "../core/tlog/checkpoint.ts";
import { TlogError } from "../core/tlog/error.ts";
import { parseNote } from "../core/tlog/note.ts";
import { verifySigned } from "../core/tlog/policy.ts";
import { consistencyProof, verifyConsistency, verifyInclusion } from "../core/tlog/proof.ts";
import { type Node, type TreeHash, type TreeHead, leafHash } from "../core/tlog/tree.ts";
import { type VerifierKey, logKey } from "../core/tlog/vkey.ts";
import { DishonestError } from "./error.ts";
import type { Http } from "./http.ts";
import type { Kept } from "./kept.ts";
import { type TilePlace, nodeIn, placeOf } from "./log-tiles.ts";
import type { Store } from "./ports.ts";
import type { LogProof } from "./resources.ts";

const FOLLOWED = "kept/log/followed";
const ANSWERED = "kept/log/answered";
const HASH_BYTES = 32;

/** A checkpoint with the note that signs it. */
export interface SignedTree {
  /** The whole note, with all its signatures. */
  readonly bytes: Uint8Array;
  /** What is signed. */
  readonly text: string;
  readonly head: TreeHead;
}

/** A statement's entry and where it is said to stand. */
export interface Entry {
  readonly leaf: LeafHash;
  readonly position: number;
}

/** Computes proofs from complete nodes of a tree; always asks for the same ones. */
export type Plan<T> = (read: (node: Node) => TreeHash) => T;

export class Log {
  /** The keys that may sign this log's checkpoints. */
  readonly #keys: readonly VerifierKey[];

  constructor(
    private readonly http: Http,
    private readonly store: Store,
    operator: Operator,
    epoch: number,
    private readonly kept: Kept,
  ) {
    const name = epochOrigin(operator.origin, epoch);
    this.#keys = operator.checkpointKeys.map((key) => logKey(name, key));
  }

  /**
   * Reads the published checkpoint: it and those seen before must be of one log. Throws `DishonestError`, after both
   * sides were kept.
   */
  async follow(): Promise<SignedTree> {
    const bytes = await this.http.logFile("checkpoint");
    if (bytes === undefined) throw new DishonestError({ lie: "log-shrunk", size: 0 });
    const published = this.accept(bytes);
    let largest = published;
    for (const known of await this.seen()) {
      await this.checkContinued(known, published);
      if (known.head.size > largest.head.size) largest = known;
    }
    await this.store.put(FOLLOWED, largest.bytes);
    return published;
  }

  /** The largest signed trees seen before. */
  async seen(): Promise<readonly SignedTree[]> {
    const known = await Promise.all([FOLLOWED, ANSWERED].map((name) => this.#read(name)));
    return known.filter((tree) => tree !== undefined);
  }

  /** That both entries are in the log that the proof's checkpoint signs. Throws `DishonestError`. */
  async checkLogged(proof: LogProof, statement: Entry, receipt: Entry): Promise<void> {
    const signed = this.accept(utf8(proof.checkpoint));
    for (const [{ leaf, position }, hashes] of [
      [statement, proof.statement],
      [receipt, proof.receipt],
    ] as const) {
      if (hashes.some(({ length }) => length !== HASH_BYTES)) {
        throw new DishonestError({ lie: "not-logged", why: "a hash of another length" });
      }
      tell(() => verifyInclusion(leafHash(leaf), BigInt(position), signed.head, hashes));
    }
    await this.#answered(signed);
  }

  /** Keeps a checkpoint that came with an answer, if it is larger than those before. */
  async #answered(signed: SignedTree): Promise<void> {
    for (const known of await this.seen()) {
      if (known.head.size < signed.head.size) continue;
      if (known.head.size === signed.head.size && !equal(known.head.root, signed.head.root)) {
        await this.#keepBoth(known, signed);
        throw new DishonestError({ lie: "log-forked", size: Number(signed.head.size) });
      }
      return;
    }
    await this.store.put(ANSWERED, signed.bytes);
  }

  /** A checkpoint under the log's own signature. Throws `DishonestError`. */
  accept(bytes: Uint8Array): SignedTree {
    return tell(() => {
      const note = parseNote(bytes);
      return { bytes, text: note.text, head: verifySigned(note, this.#keys).head };
    });
  }

  /** A checkpoint under the log's own signature, or nothing. */
  recognise(bytes: Uint8Array): SignedTree | undefined {
    try {
      return this.accept(bytes);
    } catch (error) {
      if (error instanceof DishonestError) return undefined;
      throw error;
    }
  }

  /** One that is kept; a checkpoint of an epoch before is followed no more. */
  async #read(name: string): Promise<SignedTree | undefined> {
    const bytes = await this.store.get(name);
    if (bytes === undefined) return undefined;
    const [origin] = new TextDecoder().decode(bytes).split("\n", 1);
    return this.#keys.some((key) => key.name === origin) ? this.accept(bytes) : undefined;
  }

  #keepBoth(...sides: readonly SignedTree[]): Promise<void> {
    return this.kept.keepContradiction(...sides.map(({ bytes }) => ({ hash: hashStatement(bytes), bytes })));
  }

  /** Checks that the larger of two signed trees continues the smaller. Throws `DishonestError`, after both were kept. */
  async checkContinued(one: SignedTree, other: SignedTree): Promise<void> {
    const [old, now] = one.head.size <= other.head.size ? [one.head, other.head] : [other.head, one.head];
    try {
      const proof = await this.compute(now.size, (read) => consistencyProof(old.size, now.size, read));
      try {
        verifyConsistency(old, now, proof);
      } catch (cause) {
        if (!(cause instanceof TlogError)) throw cause;
        throw new DishonestError({ lie: "log-forked", size: Number(old.size) }, { cause });
      }
    } catch (error) {
      if (error instanceof DishonestError) await this.#keepBoth(one, other);
      throw error;
    }
  }

  /**
   * Computes proofs from the tiles of a tree of this size, each tile fetched once. Nothing of it is true before it is
   * verified against a signed root.
   */
  async compute<T>(size: bigint, plan: Plan<T>): Promise<T> {
    const places = new Map<string, TilePlace>();
    const key = ({ level, index }: Node): string => `${level}/${index}`;
    const nothing = new Uint8Array(HASH_BYTES);
    plan((node) => {
      places.set(key(node), placeOf(node, size));
      return nothing;
    });
    const tiles = new Map<string, Uint8Array>();
    for (const place of places.values()) {
      if (tiles.has(place.path)) continue;
      const tile = await this.http.logFile(place.path);
      // The server no longer has what it signed.
      if (tile?.length !== place.bytes) throw new DishonestError({ lie: "log-shrunk", size: Number(size) });
      tiles.set(place.path, tile);
    }
    return plan((node) => {
      const place = places.get(key(node)) as TilePlace;
      return nodeIn(tiles.get(place.path) as Uint8Array, place);
    });
  }
}

/** Runs a check of the log's word; what does not hold is the server's lie. */
export function tell<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw new DishonestError({ lie: "not-logged", why: cause.reason }, { cause });
  }
}
