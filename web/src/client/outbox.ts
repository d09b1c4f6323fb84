// The outbox: what was prepared is delivered as often as the network needs, and receipted once.
//
//   outbox/<envelope id> ─▶ uploads continue where they stand ─▶ envelope ─▶ receipt kept ─▶ gone
//
// Invariants: an interrupted delivery sends the same encrypted bytes again; the envelope id never changes, so nothing
// is sent twice; the entry goes only after the receipt is kept, or when the server has refused these bytes for good.
// Specification: docs/format/http.md, "Uploads", "Idempotence".

import { decode } from "../core/codec/canonical.ts";
import { encode } from "../core/codec/type.ts";
import { MAX_SUBMISSION, type PartSubmission, submission } from "../core/envelope/submission.ts";
import type { EnvelopeId, UploadId } from "../core/ids.ts";
import { type Signed, sign, verify } from "../core/statement/signed.ts";
import { RefusedError } from "./error.ts";
import { lastSent } from "./lists.ts";
import type { Receipted, Session } from "./session.ts";

/** How often a delivery is signed again because the server knows newer state. */
const MAX_SIGNINGS = 3;
/** How often a piece is sent again from where the server says that an upload stands. */
const MAX_OFFSETS = 3;
/** Refusals that a header with newer state answers. */
const SIGN_AGAIN = ["wrong-previous", "superseded-sender-keys", "clock-out-of-range", "other-log"];
/** Refusals of these very bytes for good: they must be encrypted anew or not be sent at all. */
const NEVER = [
  "superseded-recipient-keys",
  "binding-not-in-force",
  "no-consent",
  "mailbox-closed",
  "no-authority",
  "unknown-party",
  "content-mismatch",
  "payload-mismatch",
  "bad-statement",
  "bad-submission",
];
const OUTBOX = "outbox/";

/** A letter in the outbox, signed and encrypted. */
export interface Prepared {
  readonly header: Signed<"envelope-header">;
  readonly parts: readonly PartSubmission[];
}

export interface DeliverOptions {
  /** Is told how many bytes of large parts are uploaded, of how many. */
  readonly progress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Where the payload of a part lies until it is delivered. */
export function spoolName(id: EnvelopeId, part: number): string {
  return `outbox.${id}.${part}`;
}

function encoded({ header, parts }: Prepared): Uint8Array {
  return encode(submission, { header: header.bytes, parts });
}

export function saveToOutbox(session: Session, prepared: Prepared): Promise<void> {
  return session.ports.store.put(`${OUTBOX}${prepared.header.payload.envelopeId}`, encoded(prepared));
}

/** What lies in the outbox, from deliveries that were interrupted, oldest first. */
export async function outbox(session: Session): Promise<readonly Prepared[]> {
  const prepared: Prepared[] = [];
  for (const name of await session.ports.store.names(OUTBOX)) {
    const bytes = await session.ports.store.get(name);
    if (bytes === undefined) continue;
    const { header, parts } = decode(submission, bytes, MAX_SUBMISSION);
    prepared.push({ header: verify("envelope-header", header), parts });
  }
  return prepared.sort((a, b) => a.header.payload.context.time - b.header.payload.context.time);
}

/** Takes a letter that was not delivered out of the outbox. */
export async function discard(session: Session, { header, parts }: Prepared): Promise<void> {
  const { envelopeId } = header.payload;
  await session.ports.store.remove(`${OUTBOX}${envelopeId}`);
  for (const part of parts.keys()) await session.ports.spool.remove(spoolName(envelopeId, part));
}

/** Delivers a prepared letter: uploads continue where they stand, and the receipt is kept before the entry goes. */
export async function deliver(session: Session, prepared: Prepared, options: DeliverOptions = {}): Promise<Receipted> {
  await uploadParts(session, prepared, options);
  let current = prepared;
  for (let signings = 1; ; signings += 1) {
    try {
      const answer = await session.http.postEnvelope(encoded(current));
      await session.kept.keep(current.header);
      const { hash, payload } = current.header;
      const asked = payload.acceptanceUntil === undefined ? [] : (["NotificationForAcceptance"] as const);
      const events = ["SubmissionAcceptance", "ContentConsignment", ...asked] as const;
      const receipted = await session.accepted(current.header, { header: hash, events }, answer);
      await discard(session, current);
      return receipted;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (signings < MAX_SIGNINGS && newerHeaderHelps(session, current, error.code)) {
        current = await signAgain(session, current);
      } else {
        if (NEVER.includes(error.code)) await discard(session, current);
        throw error;
      }
    }
  }
}

/** Whether the server refused what has changed since the header was signed, keys included. */
function newerHeaderHelps(session: Session, { header }: Prepared, code: string): boolean {
  const rotated = header.payload.signer !== session.dailyKey.verifyingKey;
  return SIGN_AGAIN.includes(code) || (code === "not-allowed" && rotated);
}

/** The same parts under a header that fits what the server knows by now: it refused the header before. */
async function signAgain(session: Session, { header, parts }: Prepared): Promise<Prepared> {
  const { party } = await session.party(header.payload.sender);
  const next = {
    ...header.payload,
    context: session.context(),
    signer: session.dailyKey.verifyingKey,
    senderKeys: party.current.hash,
    senderHead: party.head,
    previous: await lastSent(session, header.payload.recipient),
  };
  const prepared = { header: sign("envelope-header", next, session.dailyKey), parts };
  await saveToOutbox(session, prepared);
  return prepared;
}

async function uploadParts(
  session: Session,
  { header, parts }: Prepared,
  { progress, signal }: DeliverOptions,
): Promise<void> {
  const { envelopeId, parts: references } = header.payload;
  const uploads = parts.flatMap(({ upload }, index) =>
    upload === undefined ? [] : [{ upload, index, length: references[index]?.[3] ?? 0 }],
  );
  const total = uploads.reduce((sum, { length }) => sum + length, 0);
  let before = 0;
  for (const { upload, index, length } of uploads) {
    await uploadPart(session, upload, spoolName(envelopeId, index), length, (bytes) => {
      signal?.throwIfAborted();
      progress?.(before + bytes, total);
    });
    before += length;
  }
}

async function uploadPart(
  session: Session,
  id: UploadId,
  name: string,
  length: number,
  onBytes: (done: number) => void,
): Promise<void> {
  const { uploadChunk, uploadAppend } = session.limits;
  const step = Math.max(1, Math.floor(uploadAppend / uploadChunk)) * uploadChunk;
  const file = await session.ports.spool.open(name);
  let { received, taken } = await session.http.createUpload(session.signer, id, length);
  let offsets = 0;
  while (!taken && received < length) {
    onBytes(received);
    const piece = await file.read(received, Math.min(step, length - received));
    try {
      ({ received, taken } = await session.http.appendUpload(session.signer, id, received, piece));
    } catch (error) {
      // An answer was lost, and the piece had arrived.
      const elsewhere = error instanceof RefusedError && error.code === "upload-offset" ? error.problem.received : undefined;
      offsets += 1;
      if (elsewhere === undefined || offsets > MAX_OFFSETS) throw error;
      received = elsewhere;
    }
  }
  onBytes(length);
}
