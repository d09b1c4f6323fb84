// What this device has read of letters: sender, subject, text, names of files, marks. It makes the search, and shows the
// list before, or without, a connection.
//
// Invariants: entries come from what was verified, and lie sealed on this device only; what a crash loses is read
// again. Registered mail is in it by sender and date until it was handed over. Kept in chunks, so that ten thousand
// letters are some forty things to open and one to write.

import type { StatementHash } from "../../core/ids.ts";
import type { SealedStore } from "../../vault/sealed.ts";
import { type Haystack, haystack } from "./match.ts";

/** Entries in a chunk. */
const CHUNK = 250;
/** Characters of a letter's text that are searched. */
const MAX_TEXT = 4000;
/** How long changes are gathered before they are written, in milliseconds. */
const GATHERED = 400;
const NAME = "letters/";

/** A letter as it was last seen here. */
export interface Entry {
  readonly hash: StatementHash;
  /** When it was sent, in Unix milliseconds. */
  readonly time: number;
  /** The certified name; absent without a certificate. */
  readonly sender: string | undefined;
  /** Absent before the handover of registered mail and once it was deleted, as are text and files. */
  readonly subject: string | undefined;
  readonly text: string;
  readonly files: readonly string[];
  readonly registered: boolean;
  readonly unread: boolean;
  /** Absent in entries that were written before letters could be deleted. */
  readonly deleted?: boolean;
  /** Last day of the period, `YYYY-MM-DD`, as the authority states it. */
  readonly until: string | undefined;
}

export class LetterIndex {
  readonly #entries = new Map<StatementHash, { entry: Entry; chunk: number }>();
  readonly #haystacks = new Map<StatementHash, Haystack>();
  readonly #changed = new Set<number>();
  readonly #chunks: StatementHash[][] = [];
  #writing: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(private readonly store: SealedStore) {}

  static async load(store: SealedStore): Promise<LetterIndex> {
    const index = new LetterIndex(store);
    for (let chunk = 0; ; chunk += 1) {
      const entries = await store.get(NAME + chunk);
      if (!Array.isArray(entries)) return index;
      // Two tabs may have noted the same letter.
      const fresh = (entries as Entry[]).filter(({ hash }) => !index.#entries.has(hash));
      index.#chunks.push(fresh.map(({ hash }) => hash));
      for (const entry of fresh) index.#entries.set(entry.hash, { entry, chunk });
    }
  }

  get(hash: StatementHash): Entry | undefined {
    return this.#entries.get(hash)?.entry;
  }

  /** What is searched in for a letter. */
  haystack(hash: StatementHash): Haystack | undefined {
    const found = this.#haystacks.get(hash);
    const entry = this.get(hash);
    if (found !== undefined || entry === undefined) return found;
    const made = haystack(entry.sender ?? "", entry.subject ?? "", entry.text, ...entry.files);
    this.#haystacks.set(hash, made);
    return made;
  }

  /** Notes a letter as it is now. */
  note(entry: Entry): void {
    const cut = { ...entry, text: entry.text.slice(0, MAX_TEXT) };
    const before = this.#entries.get(entry.hash);
    if (before !== undefined && JSON.stringify(before.entry) === JSON.stringify(cut)) return;
    const chunk = before?.chunk ?? this.#room();
    if (before === undefined) this.#chunks[chunk]?.push(entry.hash);
    this.#entries.set(entry.hash, { entry: cut, chunk });
    this.#haystacks.delete(entry.hash);
    this.#changed.add(chunk);
    this.#timer ??= setTimeout(() => void this.flush(), GATHERED);
  }

  /** The chunk that takes the next letter. */
  #room(): number {
    if ((this.#chunks.at(-1)?.length ?? CHUNK) >= CHUNK) this.#chunks.push([]);
    return this.#chunks.length - 1;
  }

  /** Writes what was noted. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.catch(() => undefined).then(async () => {
      for (const chunk of [...this.#changed]) {
        this.#changed.delete(chunk);
        await this.store.put(NAME + chunk, (this.#chunks[chunk] ?? []).map((hash) => this.get(hash)));
      }
    });
    return this.#writing;
  }
}
