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
import { hashStatement } from "../core/ids.ts";
import type { Operator } from "../core/operator.ts";
import { type Checkpoint, epochOrigin } from "../core/tlog/checkpoint.ts";
import { TlogError } from "../core/tlog/error.ts";
import { parseNote } from "../core/tlog/note.ts";
import { verifySigned } from "../core/tlog/policy.ts";
import { consistencyProof, verifyConsistency, verifyInclusion } from "../core/tlog/proof.ts";
import { type Node, type TreeHash, type TreeHead, leafHash } from "../core/tlog/tree.ts";
import { type VerifierKey, logKey } from "../core/tlog/vkey.ts";
import { DishonestError } from "./error.ts";
import type { Http } from "./http.ts";
import type { Kept } from "./kept.ts";
import type { Entry, LogCheck } from "./log-check.ts";
import { type TilePlace, nodeIn, placeOf } from "./log-tiles.ts";
import type { Store } from "./ports.ts";
import type { LogProof } from "./resources.ts";

const FOLLOWED = "kept/log/followed";
const ANSWERED = "kept/log/answered";
const HASH_BYTES = 32;

/** A checkpoint with the note that signs it. */
interface SignedTree {
  readonly bytes: Uint8Array;
  readonly head: TreeHead;
}

export class Log implements LogCheck {
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

  async follow(): Promise<void> {
    const bytes = await this.http.logFile("checkpoint");
    if (bytes === undefined) throw new DishonestError({ lie: "log-shrunk", size: 0 });
    const published = this.#signed(bytes);
    let largest = published;
    for (const name of [FOLLOWED, ANSWERED]) {
      const known = await this.#read(name);
      if (known === undefined) continue;
      try {
        await this.#checkConsistent(known.head, published.head);
      } catch (error) {
        if (error instanceof DishonestError) await this.#keepBoth(known, published);
        throw error;
      }
      if (known.head.size > largest.head.size) largest = known;
    }
    await this.store.put(FOLLOWED, largest.bytes);
  }

  async checkLogged(proof: LogProof, statement: Entry, receipt: Entry): Promise<void> {
    const signed = this.#signed(utf8(proof.checkpoint));
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
    for (const name of [FOLLOWED, ANSWERED]) {
      const known = await this.#read(name);
      if (known === undefined || known.head.size < signed.head.size) continue;
      if (known.head.size === signed.head.size && !equal(known.head.root, signed.head.root)) {
        await this.#keepBoth(known, signed);
        throw new DishonestError({ lie: "log-forked", size: Number(signed.head.size) });
      }
      return;
    }
    await this.store.put(ANSWERED, signed.bytes);
  }

  #signed(bytes: Uint8Array): SignedTree {
    const checkpoint: Checkpoint = tell(() => verifySigned(parseNote(bytes), this.#keys));
    return { bytes, head: checkpoint.head };
  }

  /** One that is kept; a checkpoint of an epoch before is followed no more. */
  async #read(name: string): Promise<SignedTree | undefined> {
    const bytes = await this.store.get(name);
    if (bytes === undefined) return undefined;
    const [origin] = new TextDecoder().decode(bytes).split("\n", 1);
    return this.#keys.some((key) => key.name === origin) ? this.#signed(bytes) : undefined;
  }

  #keepBoth(...sides: readonly SignedTree[]): Promise<void> {
    return this.kept.keepContradiction(...sides.map(({ bytes }) => ({ hash: hashStatement(bytes), bytes })));
  }

  /** Checks that the larger of two signed trees continues the smaller, by tiles of the larger. */
  async #checkConsistent(one: TreeHead, other: TreeHead): Promise<void> {
    const [old, now] = one.size <= other.size ? [one, other] : [other, one];
    const proof = await this.#consistencyProof(old, now);
    try {
      verifyConsistency(old, now, proof);
    } catch (cause) {
      if (!(cause instanceof TlogError)) throw cause;
      throw new DishonestError({ lie: "log-forked", size: Number(old.size) }, { cause });
    }
  }

  async #consistencyProof(old: TreeHead, now: TreeHead): Promise<readonly TreeHash[]> {
    const places = new Map<string, TilePlace>();
    const key = ({ level, index }: Node): string => `${level}/${index}`;
    const nothing = new Uint8Array(HASH_BYTES);
    consistencyProof(old.size, now.size, (node) => {
      places.set(key(node), placeOf(node, now.size));
      return nothing;
    });
    const tiles = new Map<string, Uint8Array>();
    for (const place of places.values()) {
      if (tiles.has(place.path)) continue;
      const tile = await this.http.logFile(place.path);
      // The server no longer has what it signed.
      if (tile?.length !== place.bytes) throw new DishonestError({ lie: "log-shrunk", size: Number(now.size) });
      tiles.set(place.path, tile);
    }
    return consistencyProof(old.size, now.size, (node) => {
      const place = places.get(key(node)) as TilePlace;
      return nodeIn(tiles.get(place.path) as Uint8Array, place);
    });
  }
}

/** Runs a check of the log's word; what does not hold is the server's lie. */
function tell<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw new DishonestError({ lie: "not-logged", why: cause.reason }, { cause });
  }
}
