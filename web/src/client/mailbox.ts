// The mailbox: what arrived, who it is from, and what was said of each letter since.
//
// Invariant: an envelope is shown only with the whole list that the server's signed head speaks of, with every
// receipt about it that is kept here, and by whom it names; otherwise the server's lie is thrown. Absent: opening a
// letter (`read.ts`). Specification: docs/format/http.md.

import { Delivery } from "../core/envelope/delivery.ts";
import type { Manifest } from "../core/envelope/manifest.ts";
import { type Address, type StatementHash, hashStatement } from "../core/ids.ts";
import type { Signed } from "../core/statement/signed.ts";
import { DishonestError } from "./error.ts";
import { openPartZero } from "./content.ts";
import { type Logged, readEnvelope } from "./resources.ts";
import { type KnownParty, type Receipted, type Session, bytesOf, convict } from "./session.ts";
import { type Acquaintance, acquaintance, checkEnvelope } from "./trust.ts";

/** An envelope with all that was said of it, verified. */
export interface Envelope {
  readonly header: Signed<"envelope-header">;
  readonly delivery: Delivery;
  /** The statements of its list, as logged. */
  readonly entries: readonly Logged[];
  /** The signed head of that list. */
  readonly head: Uint8Array;
  /** The age headers, unless withheld until handover. */
  readonly ageHeaders: readonly Uint8Array[] | undefined;
  readonly sender: Correspondent;
  readonly recipient: Correspondent;
}

/** A party to a letter. */
export interface Correspondent {
  readonly address: Address;
  /** The certified name of an authority, if a certificate is in force. */
  readonly name: string | undefined;
}

/** The certified name of a party, if a certificate is in force. */
export function certifiedName({ certification }: KnownParty, now: Session["now"]): string | undefined {
  return certification.inForce(now)?.payload.name;
}

/** An envelope that this party sent or received. `known` saves questions when many are fetched. */
export async function fetchEnvelope(
  session: Session,
  hash: StatementHash,
  known: Acquaintance = acquaintance(session),
): Promise<Envelope> {
  const resource = await session.http.get(`/v1/envelopes/${hash}`, readEnvelope, session.signer);
  const delivery = convict(() => Delivery.fold(bytesOf(resource.entries)));
  const { header } = delivery;
  if (header.hash !== hash) throw new DishonestError({ lie: "foreign-head" });
  await session.checkList(resource, { kind: "envelope", header: hash });
  for (const { bytes } of delivery.receipts) {
    const receipt = convict(() => session.operator.accept("receipt", bytes));
    if (receipt.payload.header !== hash) throw new DishonestError({ lie: "foreign-receipt" });
    await session.kept.keepReceipt(receipt);
  }
  const shown = new Set(delivery.receipts.map((receipt) => receipt.hash));
  const kept = await session.kept.receiptsAbout(hash);
  if (kept.some((receipt) => !shown.has(receipt.hash))) {
    throw new DishonestError({ lie: "dropped-entry", head: kept.length, shown: shown.size });
  }
  await checkEnvelope(session, delivery, known);
  const correspondent = async (address: Address): Promise<Correspondent> => ({
    address,
    name: certifiedName(await known.party(address), session.now),
  });
  return {
    header,
    delivery,
    entries: resource.entries,
    head: resource.head,
    ageHeaders: resource.ageHeaders,
    sender: await correspondent(header.payload.sender),
    recipient: await correspondent(header.payload.recipient),
  };
}

/** An envelope in this party's mailbox. */
export async function fetchIncoming(session: Session, hash: StatementHash, known?: Acquaintance): Promise<Envelope> {
  const envelope = await fetchEnvelope(session, hash, known);
  const { recipient, sender } = envelope.header.payload;
  if (recipient !== session.address) throw new DishonestError({ lie: "forged-header", sender });
  return envelope;
}

/**
 * What a letter says, without telling anybody: nothing where its age headers are withheld until handover. Fetching
 * ahead records nothing. Throws `NotDecryptableError`, `ContentError`.
 */
export async function peek(session: Session, envelope: Envelope, known?: Acquaintance): Promise<Manifest | undefined> {
  if (envelope.ageHeaders === undefined) return undefined;
  return (await openPartZero(session, envelope.header, envelope.ageHeaders, known)).manifest;
}

/** What this party said of the envelope before, with the receipt that it got. */
export function saidBefore(envelope: Envelope, statement: StatementHash): Receipted | undefined {
  const receipt = envelope.delivery.receiptOf(statement);
  const entry = envelope.entries.find((logged) => hashStatement(logged.statement) === statement);
  if (receipt === undefined || entry === undefined) return undefined;
  return { statement, position: entry.position, receipt, repeated: true, ageHeaders: envelope.ageHeaders };
}
