// Sending: a letter becomes a signed header over encrypted parts, once, in the outbox.
//
//   letter ──seal──▶ parts ──sign──▶ outbox/<envelope id>: submission; payloads of parts in the spool
//
// Invariants: every part has a fresh file key, and each file key seals one payload; hashes of plaintext and ciphertext
// are taken while it is written; the header names the binding that this party itself signed and the consent in force,
// never what the server says of them. Absent: delivery (`outbox.ts`).
// Specification: docs/format/envelope.md, "Sealing"; docs/format/age.md.

import { newFile } from "../core/age/file.ts";
import type { HybridRecipient } from "../core/age/hybrid.ts";
import { type Attachment, type Manifest, encodeManifest } from "../core/envelope/manifest.ts";
import { MAX_SUBMISSION, type PartSubmission } from "../core/envelope/submission.ts";
import { DomainHasher } from "../core/hash.ts";
import {
  type Address,
  type EnvelopeId,
  type UnixMillis,
  blind,
  contentHash,
  contentHasher,
  envelopeId,
  hashAgeHeader,
  payloadHash,
  uploadId,
} from "../core/ids.ts";
import type { DeliveryClass, EnvelopeHeader, PartReference } from "../core/statement/header.ts";
import { sign } from "../core/statement/signed.ts";
import { DishonestError, NotFoundError } from "./error.ts";
import { lastSent } from "./lists.ts";
import { certifiedName } from "./mailbox.ts";
import { type Prepared, saveToOutbox, spoolName } from "./outbox.ts";
import type { KnownParty, Session } from "./session.ts";

/** A file to attach. */
export interface Enclosure {
  readonly name: string;
  readonly mediaType: string;
  /** Its length in bytes, for progress. */
  readonly size: number;
  /** Its content, read once: a `File` gives `file.stream()`. */
  readonly content: () => AsyncIterable<Uint8Array>;
}

/** What is to be sent. */
export interface Letter
  extends Pick<Manifest, "subject" | "text" | "inReplyTo" | "replies" | "act" | "set" | "copyOf"> {
  readonly recipient: Address;
  readonly class: DeliveryClass;
  /** The legal rule by which it is delivered. */
  readonly legalRule?: string | undefined;
  /** Until when the recipient is asked to acknowledge receipt, if at all. */
  readonly acceptanceUntil?: UnixMillis | undefined;
  readonly files: readonly Enclosure[];
}

export interface SealOptions {
  /** Is told how many bytes are encrypted, of how many. */
  readonly progress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Pieces are encrypted this long before the page may breathe, in bytes. */
const BREATH = 4 << 20;

interface SealedPart {
  readonly reference: PartReference;
  readonly ageHeader: Uint8Array;
}

/**
 * Encrypts and signs a letter into the outbox; it is delivered by `deliver`. The id may be noted before, so that the
 * caller knows its own letter again whenever the page ends.
 */
export async function prepare(
  session: Session,
  letter: Letter,
  { progress, signal }: SealOptions = {},
  id: EnvelopeId = envelopeId.of(session.ports.environment.random(envelopeId.length)),
): Promise<Prepared> {
  const recipient = await session.party(letter.recipient);
  const { recipients } = recipient.party;
  const total = letter.files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const attachments: Attachment[] = [];
  const sealed: SealedPart[] = [];
  const removeAll = async (): Promise<void> => {
    for (let part = 0; part <= letter.files.length; part += 1) await session.ports.spool.remove(spoolName(id, part));
  };
  try {
    for (const [index, file] of letter.files.entries()) {
      const onBytes = (bytes: number): void => {
        signal?.throwIfAborted();
        progress?.(done + bytes, total);
      };
      const { attachment, part } = await sealFile(session, recipients, file, spoolName(id, index + 1), onBytes);
      done += attachment.size;
      attachments.push(attachment);
      sealed.push(part);
    }
    const { recipient: to, subject, text, inReplyTo, replies, act, set, copyOf } = letter;
    const manifest = encodeManifest({
      blind: blind.of(session.ports.environment.random(blind.length)),
      envelopeId: id,
      sender: session.address,
      recipient: to,
      subject,
      text,
      attachments,
      inReplyTo,
      replies,
      act,
      set,
      copyOf,
    });
    sealed.unshift(await sealPart(session, recipients, [manifest.bytes], spoolName(id, 0), () => {}));
    const references = sealed.map(({ reference }) => reference);
    const header = await makeHeader(session, letter, recipient, { id, parts: references, manifest: manifest.hash });
    const prepared: Prepared = {
      header: sign("envelope-header", header, session.dailyKey),
      parts: await chooseUploads(session, id, sealed),
    };
    await saveToOutbox(session, prepared);
    return prepared;
  } catch (error) {
    await removeAll(); // nothing of it was sent
    throw error;
  }
}

async function sealFile(
  session: Session,
  recipients: readonly HybridRecipient[],
  file: Enclosure,
  name: string,
  onBytes: (done: number) => void,
): Promise<{ attachment: Attachment; part: SealedPart }> {
  const under = blind.of(session.ports.environment.random(blind.length));
  const content = contentHasher(under);
  let size = 0;
  async function* hashed(): AsyncGenerator<Uint8Array, void> {
    for await (const piece of file.content()) {
      content.update(piece);
      size += piece.length;
      onBytes(size);
      yield piece;
    }
  }
  const part = await sealPart(session, recipients, hashed(), name, () => session.ports.environment.pause?.());
  const attachment: Attachment = {
    name: file.name,
    mediaType: file.mediaType,
    content: contentHash.of(content.finish()),
    blind: under,
    size,
  };
  return { attachment, part };
}

/** Encrypts one part into the spool. */
async function sealPart(
  session: Session,
  recipients: readonly HybridRecipient[],
  text: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  name: string,
  breathe: () => void | Promise<void>,
): Promise<SealedPart> {
  const { header, payload } = newFile(recipients, session.ports.environment.random);
  const file = await session.ports.spool.open(name);
  await file.clear();
  const hash = new DomainHasher("payload");
  let [length, sinceBreath] = [0, 0];
  let sealed: Uint8Array[] = [payload.nonce];
  const drain = async (): Promise<void> => {
    for (const piece of sealed) {
      hash.update(piece);
      length += piece.length;
      sinceBreath += piece.length;
      await file.append(piece);
    }
    sealed = [];
    if (sinceBreath > BREATH) {
      sinceBreath = 0;
      await breathe();
    }
  };
  for await (const piece of text) {
    payload.push(piece, (chunk) => sealed.push(chunk));
    await drain();
  }
  payload.finish((chunk) => sealed.push(chunk));
  await drain();
  await file.flush();
  const ageHeader = header.bytes;
  return {
    ageHeader,
    reference: [hashAgeHeader(ageHeader), ageHeader.length, payloadHash.of(hash.finish()), length],
  };
}

/** Small payloads travel inside the submission, as long as they fill no more than half of it; others are uploaded. */
async function chooseUploads(
  session: Session,
  id: EnvelopeId,
  sealed: readonly SealedPart[],
): Promise<readonly PartSubmission[]> {
  let room = Math.min(session.limits.submission, MAX_SUBMISSION) / 2;
  const parts: PartSubmission[] = [];
  for (const [index, { ageHeader, reference }] of sealed.entries()) {
    const [, , , length] = reference;
    if (length <= Math.min(room, session.limits.inlinePayload)) {
      room -= length;
      const file = await session.ports.spool.open(spoolName(id, index));
      parts.push({ ageHeader, payload: await file.read(0, length) });
      await session.ports.spool.remove(spoolName(id, index));
    } else {
      parts.push({ ageHeader, upload: uploadId.of(session.ports.environment.random(uploadId.length)) });
    }
  }
  return parts;
}

async function makeHeader(
  session: Session,
  letter: Letter,
  recipient: KnownParty,
  sealed: { id: EnvelopeId; parts: readonly PartReference[]; manifest: EnvelopeHeader["manifest"] },
): Promise<EnvelopeHeader> {
  const me = await session.party(session.address);
  const toMyself = recipient.party.address === me.party.address;
  const toCitizen = certifiedName(recipient, session.now) === undefined && !toMyself;
  return {
    context: session.context(),
    envelopeId: sealed.id,
    sender: me.party.address,
    signer: session.dailyKey.verifyingKey,
    senderKeys: me.party.current.hash,
    recipient: letter.recipient,
    recipientKeys: recipient.party.current.hash,
    ...(toCitizen ? await basis(session, letter, me, recipient) : {}),
    parts: sealed.parts,
    manifest: sealed.manifest,
    class: letter.class,
    legalRule: letter.legalRule,
    previous: await lastSent(session, letter.recipient),
    senderHead: me.party.head,
    acceptanceUntil: letter.acceptanceUntil,
  };
}

/** The binding, which must be our own signature over the recipient's first keys, and the consent in force. */
async function basis(
  session: Session,
  letter: Letter,
  me: KnownParty,
  recipient: KnownParty,
): Promise<Pick<EnvelopeHeader, "binding" | "consent">> {
  const { relation, general } = await session.relation(letter.recipient, me.party.address);
  const binding = relation.bindingInForce(session.now);
  if (binding === undefined) throw new NotFoundError("the person's binding to this authority is not in force");
  if (!relation.binds(binding.hash, me.party.address, recipient.party)) {
    throw new DishonestError({ lie: "forged-binding", address: letter.recipient });
  }
  const wanted = letter.class === "registered" ? "service" : "notification";
  const consent = relation.consentOrGeneral(general, wanted, session.now);
  return { binding: binding.hash, consent: consent?.hash };
}
