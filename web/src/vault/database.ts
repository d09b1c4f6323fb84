// What this browser keeps, in IndexedDB: accounts, what a client keeps to convict a lying server, ciphertext under way.
//
// Invariant: secrets lie here only inside a sealed box (`lock.ts`); two accounts share nothing but the database.
// Absent: plaintext of letters; cookies and localStorage, which the pages never use.

import { concat } from "../core/codec/bytes.ts";
import type { Spool, SpoolFile, Store } from "../client/ports.ts";

const NAME = "mein-postfach";
const VERSION = 1;
const ACCOUNTS = "accounts";
const THINGS = "things";
const SPOOL = "spool";

/** Digits of a piece's number, so that pieces lie in their order. */
const DIGITS = 8;

function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("the browser's storage failed"));
  });
}

export class Database {
  private constructor(private readonly base: IDBDatabase) {}

  static async open(name = NAME): Promise<Database> {
    const opening = indexedDB.open(name, VERSION);
    opening.onupgradeneeded = () => {
      for (const store of [ACCOUNTS, THINGS, SPOOL]) opening.result.createObjectStore(store);
    };
    return new Database(await request(opening));
  }

  async #write(store: string, action: (into: IDBObjectStore) => void): Promise<void> {
    const transaction = this.base.transaction(store, "readwrite", { durability: "strict" });
    action(transaction.objectStore(store));
    await new Promise<void>((resolve, reject) => {
      const failed = (): void => reject(transaction.error ?? new Error("the browser's storage failed"));
      transaction.oncomplete = () => resolve();
      transaction.onerror = failed;
      transaction.onabort = failed;
    });
  }

  #read<T>(store: string, action: (from: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return request(action(this.base.transaction(store).objectStore(store)));
  }

  async accounts(): Promise<readonly unknown[]> {
    return this.#read(ACCOUNTS, (from) => from.getAll());
  }

  async saveAccount(id: string, account: unknown): Promise<void> {
    await this.#write(ACCOUNTS, (into) => into.put(account, id));
  }

  /** Removes an account with all that was kept for it. */
  async removeAccount(id: string): Promise<void> {
    for (const store of [THINGS, SPOOL]) await this.#write(store, (into) => into.delete(under(`${id}|`)));
    await this.#write(ACCOUNTS, (into) => into.delete(id));
  }

  /** Small things of an account. */
  store(account: string): Store {
    const key = (name: string): string => `${account}|${name}`;
    return {
      get: async (name) => this.#read<Uint8Array | undefined>(THINGS, (from) => from.get(key(name))),
      put: (name, value) => this.#write(THINGS, (into) => into.put(value.slice(), key(name))),
      remove: (name) => this.#write(THINGS, (into) => into.delete(key(name))),
      names: async (prefix) => {
        const keys = await this.#read(THINGS, (from) => from.getAllKeys(under(key(prefix))));
        return keys.map((found) => String(found).slice(account.length + 1));
      },
    };
  }

  /** Ciphertext of an account, piece by piece. */
  spool(account: string): Spool {
    const base = (name: string): string => `${account}|${name}|`;
    const pieces = (name: string): Promise<Uint8Array[]> =>
      this.#read<Uint8Array[]>(SPOOL, (from) => from.getAll(under(base(name))));
    const clear = (name: string): Promise<void> => this.#write(SPOOL, (into) => into.delete(under(base(name))));
    return {
      remove: clear,
      open: async (name) => {
        let count = (await pieces(name)).length;
        const file: SpoolFile = {
          size: async () => (await pieces(name)).reduce((sum, piece) => sum + piece.length, 0),
          append: async (piece) => {
            const number = String(count).padStart(DIGITS, "0");
            count += 1;
            await this.#write(SPOOL, (into) => into.put(piece.slice(), `${base(name)}${number}`));
          },
          read: async (offset, length) => concat(...(await pieces(name))).subarray(offset, offset + length),
          clear: async () => {
            count = 0;
            await clear(name);
          },
        };
        return file;
      },
    };
  }
}

/** All keys that begin with `prefix`. */
function under(prefix: string): IDBKeyRange {
  return IDBKeyRange.bound(prefix, `${prefix}\uffff`);
}
