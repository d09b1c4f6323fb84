// What the client needs from around it: time, randomness, connection, and places to keep things.
//
// Invariant: everything kept was verified before and is verified again when read; a store may lose or change what it
// holds, and the client says so. Implementations for the browser are in `src/vault/`; the ones here hold everything in
// memory, for tests and for a session that leaves no trace.

import { concat } from "../core/codec/bytes.ts";
import type { Random } from "../core/age/file-key.ts";
import type { UnixMillis } from "../core/ids.ts";

export interface Environment {
  now(): UnixMillis;
  readonly random: Random;
  readonly fetch: typeof globalThis.fetch;
  /** Gives the page time to breathe within long work; absent outside pages. */
  readonly pause?: () => Promise<void>;
}

/** Small things by name: statements, heads, lists. Names hold letters, digits, `/`, `-` and `.`. */
export interface Store {
  get(name: string): Promise<Uint8Array | undefined>;
  /** Durable when it resolves. */
  put(name: string, value: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** All names that begin with `prefix`, in any order. */
  names(prefix: string): Promise<readonly string[]>;
}

/** Large ciphertext, appended to and read in pieces. */
export interface SpoolFile {
  size(): Promise<number>;
  append(piece: Uint8Array): Promise<void>;
  /** Durable when it resolves: all that was appended. */
  flush(): Promise<void>;
  /** Up to `length` bytes from `offset` on. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Makes it empty. */
  clear(): Promise<void>;
}

export interface Spool {
  /** The file of this name, empty where there was none. */
  open(name: string): Promise<SpoolFile>;
  remove(name: string): Promise<void>;
}

/** The real time, randomness and connection. */
export const systemEnvironment: Environment = {
  now: () => Date.now() as UnixMillis,
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fetch: (...request) => globalThis.fetch(...request),
  pause: () => new Promise((resolve) => setTimeout(resolve)),
};

/** A store that ends with the page. */
export class MemoryStore implements Store {
  readonly #values = new Map<string, Uint8Array>();

  async get(name: string): Promise<Uint8Array | undefined> {
    return this.#values.get(name)?.slice();
  }

  async put(name: string, value: Uint8Array): Promise<void> {
    this.#values.set(name, value.slice());
  }

  async remove(name: string): Promise<void> {
    this.#values.delete(name);
  }

  async names(prefix: string): Promise<readonly string[]> {
    return [...this.#values.keys()].filter((name) => name.startsWith(prefix));
  }
}

/** A spool that ends with the page; for small files only. */
export class MemorySpool implements Spool {
  readonly #files = new Map<string, Uint8Array[]>();

  async open(name: string): Promise<SpoolFile> {
    const pieces = this.#files.get(name) ?? [];
    this.#files.set(name, pieces);
    return {
      size: async () => pieces.reduce((sum, piece) => sum + piece.length, 0),
      append: async (piece) => void pieces.push(piece.slice()),
      flush: async () => undefined,
      read: async (offset, length) => concat(...pieces).subarray(offset, offset + length),
      clear: async () => void pieces.splice(0),
    };
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
  }
}
