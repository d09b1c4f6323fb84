// Ciphertext under way, in blocks of one length in IndexedDB: a file of any size, with one block in memory.
//
// Invariants: every stored block but the last is full, so a place in the file names its block; what `flush` returned
// for is durable. The origin's private file system (OPFS) would serve as well where it exists, but Safari writes it
// from workers only (before 26), and private windows of Firefox have none; IndexedDB is everywhere.

import type { Spool, SpoolFile } from "../client/ports.ts";

/** Bytes in a block. */
export const BLOCK = 1 << 20;
/** Digits of a block's number, so that blocks lie in their order. */
const DIGITS = 8;

/** Where blocks lie, by keys in ascending order. */
export interface Blocks {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, block: Uint8Array): Promise<void>;
  /** The last key that begins with `prefix`. */
  last(prefix: string): Promise<string | undefined>;
  /** Removes all keys that begin with `prefix`. */
  clear(prefix: string): Promise<void>;
}

/** The spool of an account. */
export function blockSpool(blocks: Blocks, account: string): Spool {
  const prefix = (name: string): string => `${account}|${name}|`;
  return {
    open: (name) => BlockFile.open(blocks, prefix(name)),
    remove: (name) => blocks.clear(prefix(name)),
  };
}

class BlockFile implements SpoolFile {
  /** What follows the full blocks; its first `#kept` bytes are stored. */
  readonly #rest = new Uint8Array(BLOCK);
  #full = 0;
  #used = 0;
  #kept = 0;

  private constructor(
    private readonly blocks: Blocks,
    private readonly prefix: string,
  ) {}

  static async open(blocks: Blocks, prefix: string): Promise<BlockFile> {
    const file = new BlockFile(blocks, prefix);
    const last = await blocks.last(prefix);
    if (last === undefined) return file;
    const block = (await blocks.get(last)) ?? new Uint8Array(0);
    const number = Number(last.slice(prefix.length));
    if (block.length === BLOCK) {
      file.#full = number + 1;
    } else {
      file.#full = number;
      file.#rest.set(block);
      file.#used = block.length;
      file.#kept = block.length;
    }
    return file;
  }

  async size(): Promise<number> {
    return this.#full * BLOCK + this.#used;
  }

  async append(piece: Uint8Array): Promise<void> {
    let left = piece;
    while (left.length > 0) {
      const taken = left.subarray(0, BLOCK - this.#used);
      this.#rest.set(taken, this.#used);
      this.#used += taken.length;
      left = left.subarray(taken.length);
      if (this.#used < BLOCK) continue;
      await this.flush();
      this.#full += 1;
      this.#used = 0;
      this.#kept = 0;
    }
  }

  async flush(): Promise<void> {
    if (this.#kept === this.#used) return;
    await this.blocks.put(this.#key(this.#full), this.#rest.slice(0, this.#used));
    this.#kept = this.#used;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(offset + length, await this.size());
    const out = new Uint8Array(Math.max(0, end - offset));
    for (let at = offset; at < end; ) {
      const number = Math.floor(at / BLOCK);
      const begin = at - number * BLOCK;
      const block = number === this.#full ? this.#rest.subarray(0, this.#used) : await this.blocks.get(this.#key(number));
      const piece = block?.subarray(begin, begin + end - at) ?? new Uint8Array(0);
      if (piece.length === 0) throw new Error("the browser's storage lost a block");
      out.set(piece, at - offset);
      at += piece.length;
    }
    return out;
  }

  async clear(): Promise<void> {
    await this.blocks.clear(this.prefix);
    this.#full = 0;
    this.#used = 0;
    this.#kept = 0;
  }

  #key(number: number): string {
    return `${this.prefix}${String(number).padStart(DIGITS, "0")}`;
  }
}
