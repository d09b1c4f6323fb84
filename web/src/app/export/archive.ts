// An archive that grows file by file: a ZIP file, plain or inside an age file, written as it is made.
//
// Invariants: names in it are relative, unique and without `..`; nothing of its text is held twice, and what is made
// is handed to the browser in blobs, which need not stay in memory. Limits: `MAX_BYTES`, `MAX_FILES` (ZIP without
// its 64-bit extension). Absent: compression, since PDFs and pictures are compressed already.

import { Zip, ZipPassThrough } from "fflate";
import type { NewFile } from "../../core/age/file.ts";
import { utf8 } from "../../core/codec/bytes.ts";

/** Most bytes of an archive. */
export const MAX_BYTES = 4_000_000_000;
/** Most files of an archive. */
export const MAX_FILES = 65_000;
/** Bytes that are collected before they become a blob. */
const BLOB = 8 << 20;

export class ArchiveTooLargeError extends Error {
  override readonly name = "ArchiveTooLargeError";
}

export class Archive {
  readonly #zip = new Zip((error, piece, last) => {
    if (error !== null) throw error;
    this.#sealed(piece, last);
  });
  readonly #names = new Set<string>();
  readonly #blobs: Blob[] = [];
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  #bytes = 0;

  /** Sealed under `age`, or plain. `time` is when its files were made. */
  constructor(private readonly age: NewFile | undefined, private readonly time: number) {
    if (age !== undefined) this.#keep(age.header.bytes, age.payload.nonce);
  }

  /** Begins a file; its content is pushed, the last piece with `true`. */
  file(name: string): (piece: Uint8Array, last: boolean) => void {
    if (this.#names.size >= MAX_FILES) throw new ArchiveTooLargeError();
    const unique = this.#unique(name);
    const entry = new ZipPassThrough(unique);
    entry.mtime = this.time;
    this.#zip.add(entry);
    return (piece, last) => void entry.push(piece, last);
  }

  whole(name: string, content: Uint8Array | string): void {
    this.file(name)(typeof content === "string" ? utf8(content) : content, true);
  }

  /** The whole archive. */
  finish(): Blob {
    this.#zip.end();
    this.#flush();
    return new Blob(this.#blobs, { type: "application/octet-stream" });
  }

  #unique(name: string): string {
    const [, stem = name, ending = ""] = /^(.*?)(\.[^./]*)?$/.exec(name) ?? [];
    let unique = name;
    for (let number = 2; this.#names.has(unique.toLowerCase()); number += 1) unique = `${stem} (${number})${ending}`;
    this.#names.add(unique.toLowerCase());
    return unique;
  }

  #sealed(piece: Uint8Array, last: boolean): void {
    const { age } = this;
    if (age === undefined) return this.#keep(piece);
    age.payload.push(piece, (chunk) => this.#keep(chunk));
    if (last) age.payload.finish((chunk) => this.#keep(chunk));
  }

  #keep(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#pieces.push(piece.slice());
      this.#waiting += piece.length;
      this.#bytes += piece.length;
    }
    if (this.#bytes > MAX_BYTES) throw new ArchiveTooLargeError();
    if (this.#waiting >= BLOB) this.#flush();
  }

  #flush(): void {
    this.#blobs.push(new Blob(this.#pieces as BlobPart[]));
    this.#pieces = [];
    this.#waiting = 0;
  }
}
