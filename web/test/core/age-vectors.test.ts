// C2SP CCTV age vectors: every file that the reference test kit accepts or refuses gets the same verdict here, whole
// and piece by piece. Armored files are no part of our format.
import { inflateSync } from "node:zlib";
import { sha256 } from "@noble/hashes/sha2.js";
import * as cctv from "cctv-age";
import { describe, expect, test } from "vitest";
import { AgeHeaderError, AgeOpenError, AgePayloadError } from "../../src/core/age/error.ts";
import { openFile, openFileWithPassphrase } from "../../src/core/age/file.ts";
import { Header, type Identity, parseIdentity } from "../../src/core/age/header.ts";
import { ChunkOpener, PayloadOpener, SEALED_CHUNK_BYTES } from "../../src/core/age/stream.ts";
import { concat, toHex } from "../../src/core/codec/bytes.ts";

/** Vectors of cctv-age 0.2.0 that are not armored. A newer package may have more, never fewer. */
const VECTORS = 110;
const REQUIRED = [
  "hybrid",
  "hybrid_identity",
  "hybrid_low_order",
  "hybrid_not_canonical_enc",
  "x25519_low_order",
  "scrypt_and_x25519",
  "scrypt_work_factor_23",
  "stream_last_chunk_empty",
  "stream_no_final_full",
  "stream_trailing_garbage_short",
  "stream_two_final_chunks",
  "stream_257_chunks_full",
];

interface Vector {
  name: string;
  expect: string;
  payload?: string;
  identities: Identity[];
  passphrases: string[];
  file: Uint8Array;
}

function parse(name: string, bytes: Uint8Array): Vector | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  const end = text.indexOf("\n\n");
  const vector: Vector = { name, expect: "", identities: [], passphrases: [], file: bytes.slice(end + 2) };
  for (const line of text.slice(0, end).split("\n")) {
    const [key, value] = [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)];
    if (key === "armored") return undefined;
    if (key === "expect") vector.expect = value;
    if (key === "payload") vector.payload = value;
    if (key === "identity") vector.identities.push(parseIdentity(value));
    if (key === "passphrase") vector.passphrases.push(value);
    if (key === "compressed") vector.file = new Uint8Array(inflateSync(vector.file));
  }
  return vector;
}

const all = cctv as unknown as Record<string, Uint8Array>;
const vectors = Object.entries(all).flatMap(([name, bytes]) => parse(name, bytes) ?? []);

async function fileKey(vector: Vector, header: Header): Promise<Uint8Array> {
  const [passphrase] = vector.passphrases;
  if (passphrase === undefined) return header.unwrap(vector.identities);
  for (const one of vector.passphrases) {
    try {
      return await header.unwrapWithPassphrase(one);
    } catch (error) {
      if (!(error instanceof AgeOpenError) || error.reason !== "refused") throw error;
    }
  }
  throw new AgeOpenError("refused");
}

/** The verdict in the test kit's words, and the text released before an error. */
async function stream(vector: Vector): Promise<[string, Uint8Array]> {
  const released: Uint8Array[] = [];
  const emit = (text: Uint8Array): void => void released.push(text);
  try {
    const header = Header.parse(vector.file);
    const opener = new PayloadOpener(await fileKey(vector, header));
    // Pieces that fit no boundary.
    for (let at = header.bytes.length; at < vector.file.length; at += 9_973) {
      opener.push(vector.file.subarray(at, at + 9_973), emit);
    }
    opener.finish(emit);
    return ["success", concat(...released)];
  } catch (error) {
    if (error instanceof AgePayloadError) {
      const text = concat(...released);
      // A payload without a whole nonce belongs to what the kit calls the header.
      const header = Header.parse(vector.file);
      return [vector.file.length < header.bytes.length + 16 ? "header failure" : "payload failure", text];
    }
    if (error instanceof AgeOpenError && error.reason === "refused") return ["no match", new Uint8Array(0)];
    if (error instanceof AgeOpenError || error instanceof AgeHeaderError) return ["header failure", new Uint8Array(0)];
    throw error;
  }
}

/** The text of all chunks up to a last one or a refusal, whatever follows: what the reference releases. */
async function releaseWithoutLookingAhead(vector: Vector): Promise<Uint8Array> {
  const header = Header.parse(vector.file);
  const payload = vector.file.subarray(header.bytes.length);
  const opener = new ChunkOpener(await fileKey(vector, header), payload.subarray(0, 16));
  const text: Uint8Array[] = [];
  const tryOpen = (index: number, position: "inner" | "last", chunk: Uint8Array): boolean => {
    try {
      text.push(opener.open(index, position, chunk));
      return true;
    } catch {
      return false;
    }
  };
  for (let index = 0; 16 + index * SEALED_CHUNK_BYTES < payload.length; index += 1) {
    const chunk = payload.subarray(16 + index * SEALED_CHUNK_BYTES).subarray(0, SEALED_CHUNK_BYTES);
    if (!tryOpen(index, "inner", chunk)) {
      tryOpen(index, "last", chunk);
      break;
    }
  }
  return concat(...text);
}

describe("CCTV", () => {
  test("all vectors are there, and those for the pitfalls that our format names", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(VECTORS);
    expect(vectors.map(({ name }) => name)).toEqual(expect.arrayContaining(REQUIRED));
  });

  test.each(vectors)("$name: $expect", async (vector) => {
    const expected = vector.expect === "HMAC failure" ? "no match" : vector.expect;
    const [verdict, released] = await stream(vector);
    expect(verdict).toBe(expected);
    if (vector.payload !== undefined && toHex(sha256(released)) !== vector.payload) {
      // Looking ahead, we refuse a chunk that is not followed as its flag says, where the reference releases it
      // first; then ours is the beginning of what it releases.
      const lenient = await releaseWithoutLookingAhead(vector);
      expect(toHex(sha256(lenient))).toBe(vector.payload);
      expect(lenient.subarray(0, released.length)).toEqual(released);
    }
    const [passphrase] = vector.passphrases;
    const whole =
      passphrase === undefined || vector.passphrases.length > 1
        ? new Promise((resolve) => resolve(openFile(vector.file, vector.identities)))
        : openFileWithPassphrase(vector.file, passphrase);
    if (vector.passphrases.length > 1) await whole.catch(() => undefined);
    else if (expected === "success") await expect(whole).resolves.toBeInstanceOf(Uint8Array);
    else await expect(whole).rejects.toThrow();
  });
});
