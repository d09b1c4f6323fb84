// Sending once, however often one has to begin again.
//
//   id noted ──▶ receipted before? the same receipt ──▶ in the outbox? delivered from there ──▶ else sealed anew
//
// Invariant: the envelope's id is noted by the caller before the letter is made, and never changes; so an interrupted
// sending is completed and nothing is sent twice. Absent: where ids are noted (`app/desk/sending.ts`).
// Specification: docs/format/http.md, "Idempotence".

import type { EnvelopeId, StatementHash } from "../core/ids.ts";
import { keptHeader, sync } from "./lists.ts";
import { fetchEnvelope, saidBefore } from "./mailbox.ts";
import { type DeliverOptions, deliver, outbox } from "./outbox.ts";
import { type Letter, prepare } from "./send.ts";
import type { Receipted, Session } from "./session.ts";

/** Headers read between two pauses. */
const BREATH = 25;

/** What this party sent, by the ids that it chose. */
export async function sentById(session: Session): Promise<ReadonlyMap<EnvelopeId, StatementHash>> {
  const found = new Map<EnvelopeId, StatementHash>();
  for (const [index, hash] of (await sync(session, "sent")).entries()) {
    found.set((await keptHeader(session, hash)).payload.envelopeId, hash);
    if (index % BREATH === BREATH - 1) await session.ports.environment.pause?.();
  }
  return found;
}

/** The receipt of an earlier sending under this id, as the server still shows it. */
export async function receiptOf(session: Session, header: StatementHash): Promise<Receipted | undefined> {
  return saidBefore(await fetchEnvelope(session, header), header);
}

/** Sends a letter under an id that was noted before. `sent` is what an earlier attempt may have sent already. */
export async function sendOnce(
  session: Session,
  id: EnvelopeId,
  letter: () => Promise<Letter>,
  sent: ReadonlyMap<EnvelopeId, StatementHash>,
  options: DeliverOptions = {},
): Promise<Receipted> {
  const before = sent.get(id);
  const receipted = before && (await receiptOf(session, before));
  if (receipted !== undefined) return receipted;
  const waiting = (await outbox(session)).find(({ header }) => header.payload.envelopeId === id);
  return deliver(session, waiting ?? (await prepare(session, await letter(), options, id)), options);
}
