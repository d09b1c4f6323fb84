// Sending once, however often one has to begin again.
//
//   id noted ──▶ receipted before? the same receipt ──▶ in the outbox? delivered from there ──▶ else sealed anew
//
// Invariant: the envelope's id is noted by the caller before the letter is made, and never changes; so an interrupted
// sending is completed and nothing is sent twice. Absent: where ids are noted (`app/desk/sending.ts`).
// Specification: docs/format/http.md, "Idempotence".

import type { EnvelopeId, StatementHash } from "../core/ids.ts";
import { sentIndex } from "./lists.ts";
import { fetchEnvelope, saidBefore } from "./mailbox.ts";
import { type DeliverOptions, deliver, outbox } from "./outbox.ts";
import { type Letter, prepare } from "./send.ts";
import type { Receipted, Session } from "./session.ts";

/** The receipt of an earlier sending under this id, as the server still shows it. */
export async function receiptOf(session: Session, header: StatementHash): Promise<Receipted | undefined> {
  return saidBefore(await fetchEnvelope(session, header), header);
}

/** Sends a letter under an id that was noted before. */
export async function sendOnce(
  session: Session,
  id: EnvelopeId,
  letter: () => Promise<Letter>,
  options: DeliverOptions = {},
): Promise<Receipted> {
  const before = (await sentIndex(session)).byId.get(id);
  const receipted = before && (await receiptOf(session, before));
  if (receipted !== undefined) return receipted;
  const waiting = (await outbox(session)).find(({ header }) => header.payload.envelopeId === id);
  return deliver(session, waiting ?? (await prepare(session, await letter(), options, id)), options);
}
