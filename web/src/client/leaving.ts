// Leaving: a letter deleted for every device, the mailbox closed for good.
//
// Invariants: what a server says of a closure is checked like every list, so no mailbox is shown as closed whose owner
// did not close it; both are safe to repeat, and go on where they were interrupted. Absent: what lies on this device.
// Specification: docs/format/statements.md, "Leaving".

import { type UnixMillis, hashStatement } from "../core/ids.ts";
import { readableUntil } from "../core/statement/closure.ts";
import { type Signed, sign } from "../core/statement/signed.ts";
import { removeSpooled } from "./content.ts";
import { administering } from "./enrol.ts";
import { AnswerError, RefusedError } from "./error.ts";
import type { Session } from "./session.ts";
import { deleteVault, listVaults } from "./vaults.ts";

/** A mailbox that was closed. */
export interface Closed {
  readonly at: UnixMillis;
  /** Until when what had arrived can be read. */
  readonly until: UnixMillis;
}

/** Deletes a letter for every device of this party; once is enough. */
export async function deleteLetter(session: Session, header: Signed<"envelope-header">): Promise<void> {
  const said = { context: session.context(), header: header.hash, recipient: session.address };
  try {
    const deletion = sign("deletion", said, administering(session));
    await session.submitFor(deletion, { header: header.hash, events: ["EnvelopeDeletion"] });
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== "deleted") throw error;
  }
  await removeSpooled(session, header);
}

/** Closes the mailbox for good, and deletes the vaults by which others come in. */
export async function closeMailbox(session: Session): Promise<Closed> {
  const closed = (await closing(session)) ?? (await sayClosed(session));
  for (const [id, version] of await listVaults(session)) await deleteVault(session, id, version);
  return closed;
}

/** Whether this mailbox was closed, and when. */
export async function closing(session: Session): Promise<Closed | undefined> {
  const { general, resource } = await session.relation(session.address, session.address);
  const { closure } = general;
  if (closure === undefined) return undefined;
  const entry = resource.general.entries.find(({ statement }) => hashStatement(statement) === closure.hash);
  if (entry === undefined) throw new AnswerError("the closure is not in its list");
  const at = session.receiptedAt(entry);
  return { at, until: readableUntil(at) };
}

async function sayClosed(session: Session): Promise<Closed> {
  const said = { context: session.context(), citizen: session.address };
  const { receipt } = await session.submit(sign("closure", said, administering(session)));
  const at = receipt.payload.context.time;
  return { at, until: readableUntil(at) };
}
