// The clerks' common record: read, changed, and kept where all of them find it.
//
//   change ──▶ newest record ──apply──▶ written if nobody wrote meanwhile ──else──▶ read again, apply again
//
// Invariants: nothing is written over a colleague's change; an older record than one that was seen on this device is
// refused; the server sees sealed bytes only. Absent: the place (`place.ts`).

import { concat } from "../../core/codec/bytes.ts";
import type { VaultVersion } from "../../core/ids.ts";
import { type DeskRecord, EMPTY_RECORD, decodeRecord, encodeRecord } from "../../core/book/record.ts";
import type { Place } from "./place.ts";

/** How often a change is made again on a colleague's newer record. */
const MAX_TRIES = 8;
/** How old a record may be that was read "lately", in milliseconds. */
const LATELY = 20_000;
/** Longest record after unpacking, in bytes. */
const MAX_UNPACKED = 64 << 20;
/** Longest packed record: what a vault takes, sealed. */
const MAX_PACKED = (1 << 20) - (16 << 10);

/** `older`: less is shown than before. `busy`: colleagues wrote each time. `gone`: the keys were renewed. `full`. */
export class SharedError extends Error {
  override readonly name = "SharedError";

  constructor(readonly reason: "older" | "busy" | "gone" | "full") {
    super(`the common record: ${reason}`);
  }
}

/** Remembers on this device how far the record was seen. */
export interface Seen {
  read(): Promise<number>;
  write(revision: number): Promise<void>;
}

export class Shared {
  #record: DeskRecord = EMPTY_RECORD;
  #version: VaultVersion | undefined;
  #readAt = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly place: Place,
    private readonly seen: Seen,
  ) {}

  /** As last read or written. */
  get record(): DeskRecord {
    return this.#record;
  }

  /** Reads the newest record; `lately`: one that was just read will do. */
  refresh(when: "now" | "lately" = "now"): Promise<DeskRecord> {
    return this.#inTurn(async () => (when === "lately" && Date.now() - this.#readAt < LATELY ? this.#record : this.#read()));
  }

  /** Applies a change to the newest record; nothing is written where it changes nothing. */
  change(apply: (record: DeskRecord) => DeskRecord): Promise<DeskRecord> {
    return this.#inTurn(async () => {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const before = tries === 0 && this.#readAt > 0 ? this.#record : await this.#read();
        const applied = apply(before);
        if (applied === before) return before;
        const next = { ...applied, revision: before.revision + 1 };
        const packed = await pack(encodeRecord(next));
        if (packed.length > MAX_PACKED) throw new SharedError("full");
        const version = await this.place.write(packed, this.#version);
        if (version === undefined) {
          this.#readAt = 0;
          continue;
        }
        await this.#take(next, version);
        return next;
      }
      throw new SharedError("busy");
    });
  }

  async #read(): Promise<DeskRecord> {
    const found = await this.place.read();
    const seen = Math.max(this.#record.revision, await this.seen.read());
    if (found === undefined && seen > 0) throw new SharedError("gone");
    const read = found === undefined ? EMPTY_RECORD : decodeRecord(await unpack(found.bytes));
    if (read.revision < seen) throw new SharedError("older");
    await this.#take(read, found?.version);
    return read;
  }

  async #take(record: DeskRecord, version: VaultVersion | undefined): Promise<void> {
    const grew = record.revision > this.#record.revision;
    [this.#record, this.#version, this.#readAt] = [record, version, Date.now()];
    if (grew) await this.seen.write(record.revision);
  }

  /** One after the other, so that two changes of this page never meet. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(action, action);
    this.#turn = next.catch(() => undefined);
    return next;
  }
}

/** A record as it is put into a vault. */
export async function packRecord(record: DeskRecord): Promise<Uint8Array> {
  return pack(encodeRecord(record));
}

/** A record as it was found in a vault. */
export async function unpackRecord(bytes: Uint8Array): Promise<DeskRecord> {
  return decodeRecord(await unpack(bytes));
}

function pack(bytes: Uint8Array): Promise<Uint8Array> {
  return through(bytes, new CompressionStream("deflate-raw"), Number.MAX_SAFE_INTEGER);
}

function unpack(bytes: Uint8Array): Promise<Uint8Array> {
  return through(bytes, new DecompressionStream("deflate-raw"), MAX_UNPACKED);
}

async function through(bytes: Uint8Array, stream: GenericTransformStream, limit: number): Promise<Uint8Array> {
  const reader = new Blob([bytes as BlobPart]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>).getReader();
  const pieces: Uint8Array[] = [];
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return concat(...pieces);
    length += value.length;
    if (length > limit) throw new RangeError("too long");
    pieces.push(value);
  }
}
