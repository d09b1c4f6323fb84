// The payload: a nonce, then STREAM chunks of 64 KiB; sealed and opened piece by piece, in constant memory.
//
// Invariants: a chunk number is used once; only the payload's last chunk may be short, and it is empty only when the
// text is; opened text counts as unverified until `finish` returned. A chunk is opened as an inner one only once
// something follows it, so nothing that comes after a last chunk passes.
// Specification: C2SP age, "Payload"; docs/format/age.md, rules 1 and 9, "Lengths".

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { AgePayloadError } from "./error.ts";
import { NONCE_BYTES, payloadKey } from "./file-key.ts";

/** Text in a full chunk, in bytes. */
export const CHUNK_BYTES = 64 * 1024;
export const TAG_BYTES = 16;
/** A full chunk with its tag, in bytes. */
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

/** Whether a chunk ends the payload. */
export type Position = "inner" | "last";

/** Length of the payload (nonce, chunks, tags) for a text of this length. */
export function payloadLength(text: number): number {
  return NONCE_BYTES + text + TAG_BYTES * Math.max(1, Math.ceil(text / CHUNK_BYTES));
}

/** Length of the text in a payload of this length. Throws `AgePayloadError` when no text has it. */
export function textLength(length: number): number {
  const sealed = length - NONCE_BYTES;
  const text = sealed - TAG_BYTES * Math.ceil(sealed / SEALED_CHUNK_BYTES);
  if (text < 0 || payloadLength(text) !== length) throw new AgePayloadError();
  return text;
}

/** `11-byte big-endian counter ‖ 0x01 for the last chunk, else 0x00`. */
function chunkNonce(index: number, position: Position): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(3, BigInt(index));
  nonce[11] = position === "last" ? 1 : 0;
  return nonce;
}

/** Collects pieces of any length into chunks of one length; a full chunk waits until something follows it. */
class Chunker {
  readonly #buffer: Uint8Array;
  #used = 0;

  constructor(length: number) {
    this.#buffer = new Uint8Array(length);
  }

  push(piece: Uint8Array, onFull: (chunk: Uint8Array) => void): void {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#used === this.#buffer.length) {
        onFull(this.#buffer);
        this.#used = 0;
      }
      const taken = rest.subarray(0, this.#buffer.length - this.#used);
      this.#buffer.set(taken, this.#used);
      this.#used += taken.length;
      rest = rest.subarray(taken.length);
    }
  }

  /** What is left, which is the last chunk. */
  rest(): Uint8Array {
    return this.#buffer.subarray(0, this.#used);
  }
}

/** Seals one payload, once. Made with its header by `newFile`. */
export class PayloadSealer {
  readonly #key: Uint8Array;
  readonly #chunks = new Chunker(CHUNK_BYTES);
  #next = 0;
  #state: "open" | "finished" = "open";

  constructor(
    fileKey: Uint8Array,
    /** The first bytes of the payload. */
    readonly nonce: Uint8Array,
  ) {
    this.#key = payloadKey(fileKey, nonce);
  }

  /** Takes text; `emit` gets each sealed chunk that is complete. */
  push(text: Uint8Array, emit: (sealed: Uint8Array) => void): void {
    this.#checkOpen();
    this.#chunks.push(text, (chunk) => emit(this.#seal(chunk, "inner")));
  }

  /** Seals what is left as the last chunk. */
  finish(emit: (sealed: Uint8Array) => void): void {
    this.#checkOpen();
    emit(this.#seal(this.#chunks.rest(), "last"));
    this.#state = "finished";
    this.#key.fill(0);
  }

  #checkOpen(): void {
    if (this.#state === "finished") throw new Error("a payload is sealed once");
  }

  #seal(chunk: Uint8Array, position: Position): Uint8Array {
    const sealed = chacha20poly1305(this.#key, chunkNonce(this.#next, position)).encrypt(chunk);
    this.#next += 1;
    return sealed;
  }
}

/** Opens chunks in any order. */
export class ChunkOpener {
  readonly #key: Uint8Array;

  constructor(fileKey: Uint8Array, nonce: Uint8Array) {
    this.#key = payloadKey(fileKey, nonce);
  }

  /** The text of chunk `index`. Throws `AgePayloadError`. */
  open(index: number, position: Position, sealed: Uint8Array): Uint8Array {
    const full = sealed.length === SEALED_CHUNK_BYTES;
    const short = sealed.length > TAG_BYTES || (sealed.length === TAG_BYTES && index === 0);
    if (!full && (position === "inner" || !short || sealed.length > SEALED_CHUNK_BYTES)) throw new AgePayloadError();
    try {
      return chacha20poly1305(this.#key, chunkNonce(index, position)).decrypt(sealed);
    } catch {
      throw new AgePayloadError();
    }
  }
}

/** Opens a payload, nonce included, as its pieces arrive. */
export class PayloadOpener {
  readonly #fileKey: Uint8Array;
  readonly #nonce = new Uint8Array(NONCE_BYTES);
  readonly #chunks = new Chunker(SEALED_CHUNK_BYTES);
  #nonceUsed = 0;
  #opener: ChunkOpener | undefined;
  #next = 0;

  constructor(fileKey: Uint8Array) {
    this.#fileKey = fileKey;
  }

  /** Takes ciphertext; `emit` gets text, unverified until `finish` returned. Throws `AgePayloadError`. */
  push(piece: Uint8Array, emit: (text: Uint8Array) => void): void {
    const head = piece.subarray(0, NONCE_BYTES - this.#nonceUsed);
    this.#nonce.set(head, this.#nonceUsed);
    this.#nonceUsed += head.length;
    if (this.#nonceUsed < NONCE_BYTES) return;
    const opener = (this.#opener ??= new ChunkOpener(this.#fileKey, this.#nonce));
    this.#chunks.push(piece.subarray(head.length), (chunk) => {
      emit(opener.open(this.#next, "inner", chunk));
      this.#next += 1;
    });
  }

  /** Opens what is left as the last chunk. Throws `AgePayloadError`: then all text emitted is to be discarded. */
  finish(emit: (text: Uint8Array) => void): void {
    if (this.#opener === undefined) throw new AgePayloadError();
    emit(this.#opener.open(this.#next, "last", this.#chunks.rest()));
  }
}
