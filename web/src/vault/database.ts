// What this browser keeps, in IndexedDB: accounts, what a client keeps to convict a lying server, ciphertext under way.
//
// Invariant: secrets lie here only inside a sealed box (`lock.ts`); two accounts share nothing but the database.
// Absent: plaintext of letters; cookies and localStorage, which the pages never use.

import type { Spool, Store } from "../client/ports.ts";
import { blockSpool } from "./spool.ts";

const NAME = "mein-postfach";
const VERSION = 1;
const ACCOUNTS = "accounts";
const THINGS = "things";
const SPOOL = "spool";

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

  /** Ciphertext of an account under way. */
  spool(account: string): Spool {
    const lastKey = (prefix: string): Promise<IDBCursor | null> => this.#read(SPOOL, (from) => from.openKeyCursor(under(prefix), "prev"));
    return blockSpool(
      {
        get: (key) => this.#read<Uint8Array | undefined>(SPOOL, (from) => from.get(key)),
        put: (key, block) => this.#write(SPOOL, (into) => into.put(block, key)),
        last: async (prefix) => (await lastKey(prefix))?.key.toString(),
        clear: (prefix) => this.#write(SPOOL, (into) => into.delete(under(prefix))),
      },
      account,
    );
  }
}

/** All keys that begin with `prefix`. */
function under(prefix: string): IDBKeyRange {
  return IDBKeyRange.bound(prefix, `${prefix}\uffff`);
}
