// What a client keeps to convict a server that lies: receipts, heads, key histories, statements.
//
//   kept/receipts/SUBJECT.RECEIPT     by what they are about, so that look-up reads names only
//   kept/heads/SUBJECT                the newest head of each list
//   kept/parties/ADDRESS/NUMBER       key histories, as first seen
//   kept/KIND/HASH                    other statements: headers, bindings, certificates …
//   kept/contradictions/HASH          both sides of every contradiction found
//
// Invariants: everything here was verified before it was kept and is verified again when read; nothing is ever
// replaced by something that contradicts it; a contradiction keeps both signed sides. Callers verify first *who*
// signed. Absent: content of mail, secrets. Specification: docs/format/statements.md, "head".

import type { Address, StatementHash } from "../core/ids.ts";
import { Party } from "../core/keys/history.ts";
import { compareHeads } from "../core/statement/compare.ts";
import { type Subject, sameHead, subjectKey } from "../core/statement/head.ts";
import type { Kind } from "../core/statement/kind.ts";
import { type Signed, verify } from "../core/statement/signed.ts";
import { DishonestError } from "./error.ts";
import type { Store } from "./ports.ts";

export class Kept {
  /** Comparing and replacing is one step, also between operations that run at the same time. */
  #step: Promise<unknown> = Promise.resolve();

  constructor(private readonly store: Store) {}

  /** Keeps a receipt durably; again is no error. */
  async keepReceipt(receipt: Signed<"receipt">): Promise<void> {
    const subject = receipt.payload.header ?? receipt.payload.answers;
    await this.store.put(`kept/receipts/${subject}.${receipt.hash}`, receipt.bytes);
  }

  /** The receipts about an envelope's header or a statement, in no particular order. */
  receiptsAbout(subject: StatementHash): Promise<readonly Signed<"receipt">[]> {
    return this.#readAll("receipt", `kept/receipts/${subject}.`);
  }

  /** Keeps any other statement durably; again is no error. */
  async keep<K extends Kind>(statement: Signed<K>): Promise<void> {
    await this.store.put(`kept/${statement.kind}/${statement.hash}`, statement.bytes);
  }

  find<K extends Kind>(kind: K, hash: StatementHash): Promise<Signed<K> | undefined> {
    return this.#read(kind, `kept/${kind}/${hash}`);
  }

  /** All statements of a kind kept by `keep`, in no particular order. */
  all<K extends Kind>(kind: K): Promise<readonly Signed<K>[]> {
    return this.#readAll(kind, `kept/${kind}/`);
  }

  /** The newest head kept of a list. */
  head(subject: Subject): Promise<Signed<"head"> | undefined> {
    return this.#read("head", `kept/heads/${subjectKey(subject)}`);
  }

  /**
   * Compares a verified head with the kept one and keeps the newer. Throws `DishonestError`; both heads are then kept
   * as evidence, and the older remains.
   */
  rememberHead(now: Signed<"head">): Promise<void> {
    return this.#inStep(async () => {
      const kept = await this.head(now.payload.subject);
      if (kept !== undefined) {
        const how = compareHeads(kept, now);
        if (how !== undefined) {
          await this.keepContradiction(kept, now);
          const counts = { kept: kept.payload.head.count, now: now.payload.head.count };
          throw new DishonestError(how === "other-log" ? { lie: "origin" } : { lie: "contradiction", how, ...counts });
        }
        const same = sameHead(kept.payload.head, now.payload.head);
        if (same && kept.payload.context.epoch === now.payload.context.epoch) return; // says nothing new
      }
      await this.store.put(`kept/heads/${subjectKey(now.payload.subject)}`, now.bytes);
    });
  }

  /**
   * Compares a party's whole key history with the kept one and keeps what is new. Throws `DishonestError`; both sides
   * are then kept as evidence.
   */
  rememberHistory(address: Address, history: readonly Signed<"key">[]): Promise<void> {
    return this.#inStep(async () => {
      const known = await this.#keyStatements(address);
      for (const [number, kept] of known.entries()) {
        const now = history[number];
        if (now?.hash !== kept.hash) {
          await this.keepContradiction(...[kept, now].filter((side) => side !== undefined));
          throw new DishonestError({ lie: "rewritten-history", address, number });
        }
      }
      for (const [number, statement] of history.entries()) {
        if (number >= known.length) await this.store.put(`kept/parties/${address}/${number}`, statement.bytes);
      }
    });
  }

  /** A party as far as it is known here. */
  async party(address: Address): Promise<Party | undefined> {
    const history = await this.#keyStatements(address);
    return history.length === 0 ? undefined : Party.fromHistory(address, history);
  }

  /** Keeps the sides of a contradiction: each is evidence by its signature. */
  async keepContradiction(...sides: readonly { readonly hash: string; readonly bytes: Uint8Array }[]): Promise<void> {
    for (const { hash, bytes } of sides) await this.store.put(`kept/contradictions/${hash}`, bytes);
  }

  /** How many sides of contradictions are kept. */
  async contradictions(): Promise<number> {
    return (await this.store.names("kept/contradictions/")).length;
  }

  async #keyStatements(address: Address): Promise<readonly Signed<"key">[]> {
    const history: Signed<"key">[] = [];
    for (;;) {
      const next = await this.#read("key", `kept/parties/${address}/${history.length}`);
      if (next === undefined) return history;
      history.push(next);
    }
  }

  async #read<K extends Kind>(kind: K, name: string): Promise<Signed<K> | undefined> {
    const bytes = await this.store.get(name);
    return bytes && verify(kind, bytes);
  }

  async #readAll<K extends Kind>(kind: K, prefix: string): Promise<readonly Signed<K>[]> {
    const found: Signed<K>[] = [];
    for (const name of await this.store.names(prefix)) {
      const statement = await this.#read(kind, name);
      if (statement !== undefined) found.push(statement);
    }
    return found;
  }

  #inStep<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#step.then(action, action);
    this.#step = next.catch(() => undefined);
    return next;
  }
}
