// Opening a letter: handover asked for, content decrypted and compared, outcome signed.
//
//   header ──verified sender, binding──▶ handover request (signed) ──▶ age headers
//   age headers ──hash as signed──▶ file key ──▶ part 0 ──▶ manifest, bound to the header
//   all well ──▶ access, signed          anything wrong ──▶ failure, signed, and nothing shown
//   attachments, when wanted ──ciphertext hash, chunks, content hash──▶ the caller; wrong ──▶ failure, signed
//
// What was said before is not said again, so a letter may be read as often as one likes. A person who opens
// registered mail must be asked before `openLetter` is called: it signs the handover.
// Specification: docs/format/envelope.md, "Opening", "Registered delivery".

import { ContentError } from "../core/envelope/content.ts";
import type { Delivery } from "../core/envelope/delivery.ts";
import type { Manifest } from "../core/envelope/manifest.ts";
import type { StatementHash } from "../core/ids.ts";
import type { Reason } from "../core/statement/common.ts";
import { EMPTY_LIST } from "../core/statement/head.ts";
import { type Signed, sign } from "../core/statement/signed.ts";
import { type ContentOptions, type PartZero, type Sink, openAttachment, openPartZero } from "./content.ts";
import { AnswerError, NotDecryptableError } from "./error.ts";
import { sync } from "./lists.ts";
import { type Envelope, fetchIncoming, saidBefore } from "./mailbox.ts";
import type { Receipted, Session } from "./session.ts";
import { type Acquaintance, acquaintance } from "./trust.ts";

/** An opened letter. */
export interface OpenedLetter {
  readonly envelope: Envelope;
  readonly manifest: Manifest;
  /** The receipt of the handover. */
  readonly handover: Receipted;
  /** The receipt of the access. */
  readonly access: Receipted;
  /** Decrypts attachment `index` into `sink`; its text is void unless the promise resolves. */
  readonly attachment: (index: number, sink: Sink, options?: ContentOptions) => Promise<void>;
}

/** Opens a letter of the mailbox and tells the server, by signed statements, that and how it went. */
export async function openLetter(session: Session, hash: StatementHash): Promise<OpenedLetter> {
  const known = acquaintance(session);
  const envelope = await fetchIncoming(session, hash, known);
  const { header, delivery } = envelope;
  const request = delivery.handoverRequests.at(-1);
  const before = request && saidBefore(envelope, request.hash);
  const handover = before?.ageHeaders === undefined ? await requestHandover(session, header) : before;
  const partZero = await reportingFailure(session, delivery, () => readPartZero(session, header, handover, known));
  const opened = delivery.accesses.at(-1);
  const access = (opened && saidBefore(envelope, opened.hash)) ?? (await confirmAccess(session, header));
  const attachment: OpenedLetter["attachment"] = (index, sink, options) =>
    reportingFailure(session, delivery, () => openAttachment(session, header, partZero, index, sink, options));
  return {
    envelope,
    manifest: partZero.manifest,
    handover,
    access,
    attachment,
  };
}

async function readPartZero(
  session: Session,
  header: Signed<"envelope-header">,
  { ageHeaders }: Receipted,
  known: Acquaintance,
): Promise<PartZero> {
  if (ageHeaders === undefined) throw new AnswerError("no age headers came with the handover");
  return openPartZero(session, header, ageHeaders, known);
}

async function requestHandover(session: Session, header: Signed<"envelope-header">): Promise<Receipted> {
  const address = session.address;
  let seen = await session.kept.head({ kind: "mailbox", address });
  if (seen === undefined) {
    await sync(session, "mailbox");
    seen = await session.kept.head({ kind: "mailbox", address });
  }
  const request = sign(
    "handover-request",
    {
      context: session.context(),
      header: header.hash,
      recipient: address,
      ageHeaders: header.payload.parts.map(([ageHeader]) => ageHeader),
      seen: seen?.payload.head ?? EMPTY_LIST,
    },
    session.dailyKey,
  );
  return session.submitFor(request, { header: header.hash, events: ["ContentHandover"] });
}

function confirmAccess(session: Session, header: Signed<"envelope-header">): Promise<Receipted> {
  const { hash, payload } = header;
  const said = { context: session.context(), header: hash, recipient: session.address, manifest: payload.manifest };
  const access = sign("access", said, session.dailyKey);
  return session.submitFor(access, { header: hash, events: ["ContentAccessTracking"] });
}

/** Runs what reads content; where the content is at fault, the sender is told once by a signed failure. */
async function reportingFailure<T>(session: Session, delivery: Delivery, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const reason = failureReason(error);
    const told = delivery.failures.some(({ payload }) => reason !== undefined && payload.reasons.includes(reason));
    // What is wrong with the content matters more than that nobody could be told; the next attempt tells.
    if (reason !== undefined && !told) await reportFailure(session, delivery.header.hash, reason).catch(() => undefined);
    throw error;
  }
}

function reportFailure(session: Session, header: StatementHash, reason: Reason): Promise<Receipted> {
  const said = { context: session.context(), header, recipient: session.address, reasons: [reason] };
  const failure = sign("failure", said, session.dailyKey);
  return session.submitFor(failure, { header, events: ["ContentHandoverFailure"] });
}

/** The signed reason for what went wrong with content, if it was the content. */
function failureReason(error: unknown): Reason | undefined {
  if (error instanceof NotDecryptableError) return "not-decryptable";
  if (!(error instanceof ContentError)) return undefined;
  return error.reason === "part-count" ? "incomplete" : "content-mismatch";
}

/** Accepts a delivery (Empfangsbekenntnis). */
export function acceptDelivery(session: Session, header: StatementHash): Promise<Receipted> {
  const said = { context: session.context(), header, recipient: session.address };
  const acceptance = sign("acceptance", said, session.dailyKey);
  return session.submitFor(acceptance, { header, events: ["ConsignmentAcceptance"] });
}

/** Refuses a delivery that was not handed over. */
export function rejectDelivery(session: Session, header: StatementHash, reason: Reason): Promise<Receipted> {
  const said = { context: session.context(), header, recipient: session.address, reasons: [reason] };
  const rejection = sign("rejection", said, session.dailyKey);
  return session.submitFor(rejection, { header, events: ["ConsignmentRejection"] });
}

/** Takes back a letter that this party sent and nobody retrieved. */
export function withdrawLetter(session: Session, header: StatementHash, reason: Reason): Promise<Receipted> {
  const said = { context: session.context(), header, sender: session.address, reasons: [reason] };
  const withdrawal = sign("withdrawal", said, session.dailyKey);
  return session.submitFor(withdrawal, { header, events: ["EnvelopeWithdrawal"] });
}
