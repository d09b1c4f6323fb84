// Content: payloads fetched, their hashes checked, then decrypted.
//
//   server ──resumed──▶ spool ──hash as signed──▶ every chunk, plaintext hash ──▶ the caller's sink
//
// Invariants: nothing is decrypted whose ciphertext hash the header does not name; text counts only after the function
// returned, so a sink gives its file no final name before. Specification: docs/format/envelope.md, "Opening".

import { AgeOpenError, AgePayloadError } from "../core/age/error.ts";
import { openPayload } from "../core/age/file.ts";
import { PayloadOpener } from "../core/age/stream.ts";
import { concat } from "../core/codec/bytes.ts";
import { ContentError, checkAgeHeaders, checkAttachment, checkPayload, openManifest } from "../core/envelope/content.ts";
import { MAX_MANIFEST, type Manifest } from "../core/envelope/manifest.ts";
import { DomainHasher } from "../core/hash.ts";
import { contentHash, contentHasher, hashPayload, payloadHash } from "../core/ids.ts";
import type { Signed } from "../core/statement/signed.ts";
import { AnswerError, DishonestError, NotDecryptableError, UnreachableError } from "./error.ts";
import type { SpoolFile } from "./ports.ts";
import type { Session } from "./session.ts";
import { type Acquaintance, acquaintance } from "./trust.ts";

type Header = Signed<"envelope-header">;

/** Pieces in which a spool is read. */
const PIECE = 1 << 20;
/** Chunks decrypted between two pauses, in pieces. */
const BREATH = 4;

/** The manifest of a letter, and the file keys of its parts. */
export interface PartZero {
  readonly manifest: Manifest;
  readonly fileKeys: readonly Uint8Array[];
}

/** Takes text in order; may be slow. */
export type Sink = (text: Uint8Array) => void | Promise<void>;

/** What is done with ciphertext, in this order. */
export type Stage = "fetch" | "check" | "decrypt";

export interface ContentOptions {
  /** Is told how many bytes of ciphertext a stage has done, of how many. */
  readonly progress?: (stage: Stage, done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Checks the age headers, opens all file keys and part 0. Throws `NotDecryptableError`, `ContentError`. */
export async function openPartZero(
  session: Session,
  header: Header,
  ageHeaders: readonly Uint8Array[],
  known: Acquaintance = acquaintance(session),
): Promise<PartZero> {
  const headers = checkAgeHeaders(header.payload, ageHeaders, await stanzaCount(header, known));
  const fileKeys = headers.map((one) => decrypt(() => one.unwrap(session.keys.openers)));
  const payload = await smallPayload(session, header, 0, 2 * MAX_MANIFEST);
  const plaintext = decrypt(() => openPayload(fileKeys[0] as Uint8Array, payload));
  return { manifest: openManifest(header.payload, plaintext), fileKeys };
}

/** How many age recipients the key statement has that the header names. */
async function stanzaCount({ payload }: Header, known: Acquaintance): Promise<number> {
  const { keys } = await known.party(payload.recipient);
  const statement = keys.named(payload.recipientKeys);
  if (statement === undefined) throw new DishonestError({ lie: "forged-binding", address: payload.recipient });
  return statement.payload.recipients.length;
}

/** Fetches a payload that fits in memory and checks it against the header. */
export async function smallPayload(
  session: Session,
  header: Header,
  index: number,
  limit: number,
  { progress, signal }: ContentOptions = {},
): Promise<Uint8Array> {
  const length = header.payload.parts[index]?.[3] ?? 0;
  if (length > limit) throw new ContentError("payload", index);
  const pieces: Uint8Array[] = [];
  let done = 0;
  for await (const piece of session.http.payload(session.signer, header.hash, index, 0, signal)) {
    done += piece.length;
    if (done > length) break;
    pieces.push(piece);
    progress?.("fetch", done, length);
  }
  const payload = concat(...pieces);
  checkPayload(header.payload, index, hashPayload(payload), payload.length);
  return payload;
}

/** Decrypts attachment `index` into `sink`. Throws `NotDecryptableError`, `ContentError`: then its text is void. */
export async function openAttachment(
  session: Session,
  header: Header,
  { manifest, fileKeys }: PartZero,
  index: number,
  sink: Sink,
  options: ContentOptions = {},
): Promise<void> {
  const attachment = manifest.attachments[index];
  if (attachment === undefined) throw new ContentError("attachment", index);
  const part = index + 1;
  const name = spoolName(header, part);
  const spooled = await genuinePayload(session, header, part, name, options);
  const content = contentHasher(attachment.blind);
  let size = 0;
  const opener = new PayloadOpener(fileKeys[part] as Uint8Array);
  let texts: Uint8Array[] = [];
  const emit = (text: Uint8Array): void => void texts.push(text);
  const drain = async (): Promise<void> => {
    for (const text of texts) {
      content.update(text);
      size += text.length;
      await sink(text);
    }
    texts = [];
  };
  await eachPiece(session, spooled, "decrypt", options, async (piece) => {
    decrypt(() => opener.push(piece, emit));
    await drain();
  });
  decrypt(() => opener.finish(emit));
  await drain();
  checkAttachment(manifest, index, contentHash.of(content.finish()), size);
  await session.ports.spool.remove(name);
}

/** Removes what was fetched of a letter and not yet saved. */
export async function removeSpooled(session: Session, header: Header): Promise<void> {
  for (let part = 0; part < header.payload.parts.length; part += 1) await session.ports.spool.remove(spoolName(header, part));
}

function spoolName(header: Header, part: number): string {
  return `${header.hash}.${part}`;
}

/**
 * A payload in the spool whose hash the header names. What was spooled wrongly, here or on the way, is fetched once
 * more before the sender is told that it is not genuine.
 */
async function genuinePayload(
  session: Session,
  header: Header,
  part: number,
  name: string,
  options: ContentOptions,
): Promise<SpoolFile> {
  const file = await session.ports.spool.open(name);
  for (let again = true; ; again = false) {
    await fetchPayload(session, header, part, file, options);
    const hash = new DomainHasher("payload");
    await eachPiece(session, file, "check", options, (piece) => void hash.update(piece));
    try {
      checkPayload(header.payload, part, payloadHash.of(hash.finish()), await file.size());
      return file;
    } catch (error) {
      await file.clear();
      if (!again) throw error;
    }
  }
}

/** Fetches ciphertext into the spool, continuing after interruptions. */
async function fetchPayload(
  session: Session,
  header: Header,
  part: number,
  file: SpoolFile,
  { progress, signal }: ContentOptions,
): Promise<void> {
  const length = header.payload.parts[part]?.[3] ?? 0;
  let offset = await file.size();
  if (offset > length) {
    await file.clear();
    offset = 0;
  }
  progress?.("fetch", offset, length);
  if (offset === length) return;
  try {
    for await (const piece of session.http.payload(session.signer, header.hash, part, offset, signal)) {
      offset += piece.length;
      if (offset > length) throw new AnswerError("the part is longer than signed");
      await file.append(piece);
      progress?.("fetch", offset, length);
    }
  } finally {
    await file.flush(); // the next attempt continues here
  }
  if (offset < length) throw new UnreachableError("the part ended early");
}

async function eachPiece(
  session: Session,
  file: SpoolFile,
  stage: Stage,
  { progress, signal }: ContentOptions,
  action: (piece: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const size = await file.size();
  for (let offset = 0; offset < size; offset += PIECE) {
    signal?.throwIfAborted();
    const piece = await file.read(offset, Math.min(PIECE, size - offset));
    await action(piece);
    progress?.(stage, offset + piece.length, size);
    if ((offset / PIECE) % BREATH === BREATH - 1) await session.ports.environment.pause?.();
  }
}

/** Decryption fails one way. */
function decrypt<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof AgeOpenError || cause instanceof AgePayloadError) {
      throw new NotDecryptableError("the content cannot be decrypted with the keys at hand", { cause });
    }
    throw cause;
  }
}
