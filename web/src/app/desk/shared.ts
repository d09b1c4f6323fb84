// The clerks' common record: read, changed, and kept where all of them find it.
//
//   change ──▶ newest record ──apply──▶ written if nobody wrote meanwhile ──else──▶ read again, apply again
//
// Invariants: nothing is written over a colleague's change; an older record than one that was seen is refused; the
// place sees sealed bytes only. Absent: the place (`place.ts`).

import { openFile, sealFile } from "../../core/age/file.ts";
import type { Random } from "../../core/age/file-key.ts";
import type { HybridIdentity } from "../../core/age/hybrid.ts";
import { concat } from "../../core/codec/bytes.ts";
import { type DeskRecord, EMPTY_RECORD, decodeRecord, encodeRecord } from "../../core/book/record.ts";

/** How often a change is made again on a colleague's newer record. */
const MAX_TRIES = 8;

/** Where the sealed record lies. */
export interface Place {
  /** The newest bytes and what names that state, or nothing yet. */
  read(): Promise<{ bytes: Uint8Array; version: number } | undefined>;
  /** Writes after `version`, or the first; nothing if somebody wrote meanwhile. */
  write(bytes: Uint8Array, version: number | undefined): Promise<number | undefined>;
}

/** `older`: the place shows less than it did before. `busy`: colleagues wrote each time. */
export class SharedError extends Error {
  override readonly name = "SharedError";

  constructor(readonly reason: "older" | "busy") {
    super(`the common record: ${reason}`);
  }
}

export class Shared {
  #record: DeskRecord = EMPTY_RECORD;
  #version: number | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly place: Place,
    private readonly opener: HybridIdentity,
    private readonly random: Random,
  ) {}

  /** As last read or written. */
  get record(): DeskRecord {
    return this.#record;
  }

  /** Reads the newest record. */
  refresh(): Promise<DeskRecord> {
    return this.#inTurn(() => this.#read());
  }

  /** Applies a change to the newest record; nothing is written where it changes nothing. */
  change(apply: (record: DeskRecord) => DeskRecord): Promise<DeskRecord> {
    return this.#inTurn(async () => {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const before = tries === 0 ? this.#record : await this.#read();
        const applied = apply(before);
        if (applied === before) return before;
        const next = { ...applied, revision: before.revision + 1 };
        const sealed = sealFile([this.opener.recipient], await pack(encodeRecord(next)), this.random);
        const version = await this.place.write(sealed, this.#version);
        if (version === undefined) continue;
        [this.#record, this.#version] = [next, version];
        return next;
      }
      throw new SharedError("busy");
    });
  }

  async #read(): Promise<DeskRecord> {
    const found = await this.place.read();
    const read = found === undefined ? EMPTY_RECORD : decodeRecord(await unpack(openFile(found.bytes, [this.opener])));
    if (read.revision < this.#record.revision) throw new SharedError("older");
    [this.#record, this.#version] = [read, found?.version];
    return read;
  }

  /** One after the other, so that two changes of this page never meet. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(action, action);
    this.#turn = next.catch(() => undefined);
    return next;
  }
}

function pack(bytes: Uint8Array): Promise<Uint8Array> {
  return through(bytes, new CompressionStream("deflate-raw"), Number.MAX_SAFE_INTEGER);
}

function unpack(bytes: Uint8Array): Promise<Uint8Array> {
  return through(bytes, new DecompressionStream("deflate-raw"), MAX_UNPACKED);
}

/** Longest record after unpacking, in bytes. */
const MAX_UNPACKED = 64 << 20;

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
