// Sendings: a checked draft on its way to each of its recipients.
//
//   draft ──ids noted for letter and archive copy──▶ letter, receipt noted ──▶ copy, noted ──▶ next recipient
//
// Invariants: ids are noted on this device before the first letter is made, so that whatever interrupts, each letter
// goes out once and has one receipt; one recipient whom the server refuses keeps no other from getting theirs.
// Absent: who may send (the server), words.

import { currentAddress } from "../../core/book/entry.ts";
import { dayOf, plusDays, startOf } from "../../core/deadline/day.ts";
import { type Address, type EnvelopeId, type StatementHash, type UnixMillis, envelopeId, millis } from "../../core/ids.ts";
import { sendOnce } from "../../client/dispatch.ts";
import { NotFoundError, RefusedError } from "../../client/error.ts";
import { systemEnvironment } from "../../client/ports.ts";
import type { Enclosure, Letter } from "../../client/send.ts";
import { verifyRecipient } from "../../client/recipient.ts";
import { acquaintance } from "../../client/trust.ts";
import { type Draft, actOf, fileContent, removeDraft, saveDraft } from "./draft.ts";
import { release } from "./release.ts";
import type { Desk } from "./state.ts";

const SENDING = "sending/";

export interface SendingItem {
  readonly reference: string;
  readonly address: Address;
  readonly envelope: EnvelopeId;
  readonly copy: EnvelopeId;
  /** The letter's header and when it was receipted. */
  readonly receipt: { readonly header: StatementHash; readonly receipt: StatementHash; readonly time: UnixMillis } | undefined;
  readonly copied: boolean;
  /** Why the server refused this one: the problem's words. */
  readonly refused: { readonly de: string; readonly en: string } | undefined;
}

export interface Sending {
  readonly draft: Draft;
  /** What a second clerk releases by sending it. */
  readonly release: EnvelopeId | undefined;
  readonly started: number;
  readonly items: readonly SendingItem[];
}

/** Somebody in the draft cannot be written to; nothing was sent. */
export class RecipientError extends Error {
  override readonly name = "RecipientError";

  constructor(readonly reference: string) {
    super("a recipient without a verified mailbox");
  }
}

export function isDone({ items }: Sending): boolean {
  return items.every(({ receipt, copied, refused }) => (receipt !== undefined && copied) || refused !== undefined);
}

export async function sendings(desk: Desk): Promise<readonly Sending[]> {
  const names = await desk.device.names(SENDING);
  const found = await Promise.all(names.map((name) => desk.device.get(name) as Promise<Sending | undefined>));
  return found.filter((sending) => sending !== undefined).sort((a, b) => b.started - a.started);
}

export async function loadSending(desk: Desk, id: string): Promise<Sending | undefined> {
  return (await desk.device.get(SENDING + id)) as Sending | undefined;
}

function save(desk: Desk, sending: Sending): Promise<void> {
  return desk.device.put(SENDING + sending.draft.id, sending);
}

/** Files a sending away; a draft is left for those whom the server refused, and for nobody else. */
export async function fileAway(desk: Desk, { draft, items }: Sending): Promise<void> {
  const refused = new Set(items.flatMap(({ receipt }, index) => (receipt === undefined ? [index] : [])));
  if (refused.size > 0 && refused.size < items.length) {
    await saveDraft(desk, { ...draft, recipients: draft.recipients.filter((_, index) => refused.has(index)) });
  }
  await forget(desk, draft.id);
}

export function forget(desk: Desk, id: string): Promise<void> {
  return desk.device.remove(SENDING + id);
}

const newId = (): EnvelopeId => envelopeId.of(systemEnvironment.random(envelopeId.length));

/**
 * Begins: every recipient is verified before the first letter goes out. A draft that is being sent already goes on as
 * it began. Throws `RecipientError`.
 */
export async function begin(desk: Desk, draft: Draft, releasing?: EnvelopeId): Promise<Sending> {
  const under = await loadSending(desk, draft.id);
  if (under !== undefined) return under;
  const items: SendingItem[] = [];
  const known = acquaintance(desk.session);
  for (const { reference } of draft.recipients) {
    const person = desk.shared.record.book.byReference(reference);
    const address = person && currentAddress(person)?.address;
    if (person === undefined || address === undefined) throw new RecipientError(reference);
    const { standing } = await verifyRecipient(desk.session, person, known);
    if (standing !== "verified") throw new RecipientError(reference);
    items.push({ reference, address, envelope: newId(), copy: newId(), receipt: undefined, copied: false, refused: undefined });
  }
  const sending = { draft, release: releasing, started: Date.now(), items };
  await save(desk, sending);
  return sending;
}

export interface SendingOptions {
  /** Is told after each step, and how much of the current letter is uploaded. */
  readonly progress?: (sending: Sending, part: number) => void;
  readonly signal?: AbortSignal;
}

/** Sends what is left of a sending; may be called as often as the line breaks. */
export async function resume(desk: Desk, begun: Sending, { progress, signal }: SendingOptions = {}): Promise<Sending> {
  let sending = begun;
  const { session } = desk;
  if (begun.release !== undefined) await release(desk, begun.release);
  const note = async (index: number, change: Partial<SendingItem>): Promise<void> => {
    sending = { ...sending, items: sending.items.map((item, at) => (at === index ? { ...item, ...change } : item)) };
    await save(desk, sending);
    progress?.(sending, 0);
  };
  for (const [index, found] of begun.items.entries()) {
    signal?.throwIfAborted();
    if (found.refused !== undefined || (found.receipt !== undefined && found.copied)) continue;
    const onBytes = (done: number, total: number): void => progress?.(sending, total === 0 ? 1 : done / total);
    try {
      let header = found.receipt?.header;
      if (header === undefined) {
        const receipted = await sendOnce(session, found.envelope, () => letterTo(desk, sending.draft, index, found.address), { progress: onBytes });
        header = receipted.statement;
        await note(index, { receipt: { header, receipt: receipted.receipt.hash, time: receipted.receipt.payload.context.time } });
      }
      const copyOf = header;
      await sendOnce(session, found.copy, async () => archiveCopy(await letterTo(desk, sending.draft, index, found.address), session.address, copyOf));
      await note(index, { copied: true });
    } catch (error) {
      if (!concernsThisOneOnly(error)) throw error;
      await note(index, { refused: { de: `${error.problem.titleDe} ${error.problem.detailDe}`, en: `${error.problem.title} ${error.problem.detail}` } });
    }
  }
  if (sending.items.every(({ receipt, copied }) => receipt !== undefined && copied)) await removeDraft(desk, sending.draft.id);
  return sending;
}

/** Those whom the server refused, once more: as new letters, since it did not take the old ones. */
export async function retryRefused(desk: Desk, { items, ...rest }: Sending): Promise<Sending> {
  const again = items.map((item): SendingItem => (item.refused === undefined ? item : { ...item, refused: undefined, ...(item.receipt === undefined ? { envelope: newId() } : {}), copy: newId() }));
  const sending = { ...rest, items: again };
  await save(desk, sending);
  return sending;
}

/** Whether others may fare better: the server refused what was said, not that anything is said. */
function concernsThisOneOnly(error: unknown): error is RefusedError {
  return error instanceof RefusedError && [403, 404, 409, 422].includes(error.problem.status);
}

function archiveCopy(letter: Letter, address: Address, copyOf: StatementHash): Letter {
  return { ...letter, recipient: address, class: "ordinary", legalRule: undefined, acceptanceUntil: undefined, inReplyTo: undefined, copyOf };
}

/** The letter of a draft to one of its recipients. */
async function letterTo(desk: Desk, draft: Draft, index: number, recipient: Address): Promise<Letter> {
  const row = draft.recipients[index];
  if (row === undefined) throw new NotFoundError("no such recipient");
  // Files that some row names for itself go to nobody else.
  const special = new Set(draft.recipients.flatMap(({ files }) => files));
  const wanted = draft.files.filter(({ name }) => !special.has(name) || row.files.includes(name));
  const files: Enclosure[] = [];
  for (const { id, name, mediaType, size } of wanted) {
    const content = await fileContent(desk, draft.id, id);
    if (content === undefined) throw new NotFoundError("a file of the draft");
    files.push({ name, mediaType, size, content: async function* () { yield content; } });
  }
  const days = Number(draft.acknowledgeWithin);
  const acceptanceUntil = draft.acknowledgeWithin === "" ? undefined : millis(startOf(plusDays(dayOf(desk.session.now), days + 1)) - 1);
  return {
    recipient,
    class: draft.class,
    legalRule: draft.legalRule === "" ? undefined : draft.legalRule,
    acceptanceUntil,
    subject: row.subject ?? draft.subject.trim(),
    text: row.text ?? draft.text,
    inReplyTo: draft.inReplyTo,
    replies: draft.unmonitored ? "unmonitored" : undefined,
    act: actOf(draft),
    set: undefined,
    copyOf: undefined,
    files,
  };
}
