// Letters that were opened on this device, kept for reading without a connection: what was shown, and files that were
// looked at or saved.
//
// Invariants: only what verified and was opened by the person is kept, so registered mail is never here before its
// handover; all of it lies sealed on this device, under named limits, the oldest making room. Absent: keys, receipts
// and everything that proves; evidence needs a connection.

import { utf8 } from "../../core/codec/bytes.ts";
import type { Act } from "../../core/envelope/manifest.ts";
import type { StatementHash } from "../../core/ids.ts";
import type { SealedStore } from "../../vault/sealed.ts";

/** Most letters that are kept. */
export const MAX_LETTERS = 200;
/** Most bytes that are kept, files included. */
export const MAX_BYTES = 64_000_000;
/** Largest file that is kept, in bytes. */
export const MAX_FILE = 16_000_000;
const LIST = "offline/list";
const LETTER = "offline/letter/";
const FILE = "offline/file/";

/** A letter as it was shown. */
export interface OfflineLetter {
  readonly hash: StatementHash;
  readonly sender: string;
  /** When it was sent, in Unix milliseconds. */
  readonly time: number;
  readonly registered: boolean;
  readonly subject: string;
  readonly text: string;
  readonly act: Act | undefined;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  /** When it was fetched and verified last, in Unix milliseconds. */
  readonly checked: number;
}

/** How much of a letter is kept, in the order of keeping. */
interface Kept {
  readonly hash: StatementHash;
  readonly bytes: number;
  readonly files: readonly number[];
}

export class OfflineLetters {
  /** Changes, one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(private readonly store: SealedStore) {}

  async #list(): Promise<readonly Kept[]> {
    return ((await this.store.get(LIST)) as readonly Kept[] | undefined) ?? [];
  }

  /** All that are kept, newest first. */
  async all(): Promise<readonly OfflineLetter[]> {
    const letters = await Promise.all((await this.#list()).map(({ hash }) => this.get(hash)));
    return letters.filter((letter) => letter !== undefined).sort((one, other) => other.time - one.time);
  }

  async get(hash: StatementHash): Promise<OfflineLetter | undefined> {
    return (await this.store.get(LETTER + hash)) as OfflineLetter | undefined;
  }

  /** A file that is kept. */
  file(hash: StatementHash, index: number): Promise<Uint8Array | undefined> {
    return this.store.bytes(`${FILE}${hash}/${index}`);
  }

  /** Keeps a letter, or what it is now. */
  keep(letter: OfflineLetter): Promise<void> {
    return this.#next(async () => {
      const list = await this.#list();
      const before = list.find(({ hash }) => hash === letter.hash);
      const files = before?.files ?? [];
      const bytes = files.reduce((sum, index) => sum + (letter.files[index]?.size ?? 0), utf8(JSON.stringify(letter)).length);
      // The list first: what is in it and is not there is nothing, what is there and in no list would stay for ever.
      await this.#write(list, { hash: letter.hash, bytes, files });
      await this.store.put(LETTER + letter.hash, letter);
    });
  }

  /** Keeps a file of a letter that is kept. */
  keepFile(hash: StatementHash, index: number, content: Uint8Array): Promise<void> {
    return this.#next(async () => {
      const list = await this.#list();
      const before = list.find((kept) => kept.hash === hash);
      const name = `${FILE}${hash}/${index}`;
      const isKept = (await this.store.names(name)).includes(name);
      if (before === undefined || isKept || content.length > MAX_FILE) return;
      const files = [...before.files.filter((other) => other !== index), index];
      await this.#write(list, { hash, bytes: before.bytes + content.length, files });
      await this.store.putBytes(name, content);
    });
  }

  /** Forgets a letter with its files. */
  forget(hash: StatementHash): Promise<void> {
    return this.#next(async () => {
      const list = await this.#list();
      for (const kept of list.filter((one) => one.hash === hash)) await this.#remove(kept);
      await this.store.put(LIST, list.filter((kept) => kept.hash !== hash));
    });
  }

  /** Puts what was just kept last, and makes room from the front. */
  async #write(list: readonly Kept[], now: Kept): Promise<void> {
    const next = [...list.filter(({ hash }) => hash !== now.hash), now];
    const bytes = (): number => next.reduce((sum, kept) => sum + kept.bytes, 0);
    while (next.length > 1 && (next.length > MAX_LETTERS || bytes() > MAX_BYTES)) await this.#remove(next.shift() as Kept);
    await this.store.put(LIST, next);
  }

  async #remove({ hash, files }: Kept): Promise<void> {
    await this.store.remove(LETTER + hash);
    for (const index of files) await this.store.remove(`${FILE}${hash}/${index}`);
  }

  #next(action: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(action);
    return this.#turn;
  }
}
