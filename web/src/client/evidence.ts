// Evidence: everything about one delivery, gathered into a file that a stranger can verify.
//
// What it holds was verified on the way in; the file is verified by `core/evidence` and `postfach verify`, which trust
// none of it. Specification: docs/format/evidence.md, "File".

import { MAX_MANIFEST } from "../core/envelope/manifest.ts";
import { type Evidence, EVIDENCE_VERSION, type OpenedPart, encodeEvidence } from "../core/evidence/file.ts";
import { type LeafHash, type StatementHash, hashLeaf, hashStatement } from "../core/ids.ts";
import { compareText } from "../core/statement/common.ts";
import { openPartZero, smallPayload } from "./content.ts";
import { NotFoundError } from "./error.ts";
import { type Places, makeLogRecord } from "./log-record.ts";
import { type Envelope, fetchEnvelope } from "./mailbox.ts";
import type { Logged } from "./resources.ts";
import { type KnownParty, type Session, bytesOf } from "./session.ts";
import { type Acquaintance, acquaintance } from "./trust.ts";

/** `sealed`: hashes only. `opened`: part 0 with its file key, so subject, text and the attachments' hashes. */
export type ShownContent = "sealed" | "opened";

/** The evidence about a letter that this party sent or received, as the bytes of a `.pfe` file. */
export async function gatherEvidence(session: Session, hash: StatementHash, content: ShownContent): Promise<Uint8Array> {
  const known = acquaintance(session);
  const envelope = await fetchEnvelope(session, hash, known);
  const { payload: header } = envelope.header;
  const sender = await known.party(header.sender);
  const recipient = await known.party(header.recipient);
  const certified = certifiedParty(envelope, sender, recipient);
  const relation =
    header.binding === undefined ? undefined : (await known.relation(header.recipient, header.sender)).resource;
  const lists = {
    entries: envelope.entries,
    sender: sender.resource.keys.entries,
    recipient: recipient.resource.keys.entries,
    relation: relation?.between.entries ?? [],
    relationAll: relation?.general.entries ?? [],
    certificates: certified.resource.certificates.entries,
  };
  const { entries: _own, ...receipted } = lists;
  const heads = [
    envelope.head,
    sender.resource.keys.head,
    recipient.resource.keys.head,
    certified.resource.certificates.head,
    ...(relation === undefined ? [] : [relation.between.head, relation.general.head]),
  ];
  const receipts = Object.values(receipted).flatMap((list) => list.flatMap(({ receipt }) => receipt ?? []));
  const file: Evidence = {
    version: EVIDENCE_VERSION,
    origin: session.operator.origin,
    root: session.operator.root,
    delegations: asSet(session.operator.delegations.map(({ bytes }) => bytes)),
    entries: bytesOf(lists.entries),
    sender: bytesOf(lists.sender),
    recipient: bytesOf(lists.recipient),
    relation: bytesOf(lists.relation),
    relationAll: bytesOf(lists.relationAll),
    certificates: bytesOf(lists.certificates),
    receipts: asSet(receipts),
    heads: asSet(heads),
    ageHeaders: envelope.ageHeaders ?? [],
    opened: content === "opened" ? await openPart(session, envelope, known) : undefined,
  };
  const log = await makeLogRecord(session, file, placesOf(Object.values(lists).flat()));
  return encodeEvidence({ ...file, log });
}

/** The authority is the one whose certificate the server checked, whatever is in force now. */
function certifiedParty({ delivery, header }: Envelope, sender: KnownParty, recipient: KnownParty): KnownParty {
  const checked = delivery.receiptOf(header.hash)?.payload.certificate;
  const has = ({ certification }: KnownParty): boolean =>
    certification.certificates.some(({ certificate }) => certificate.hash === checked);
  return has(recipient) && !has(sender) ? recipient : sender;
}

/** The file key and payload of part 0, which show what the letter says and nothing else. */
async function openPart(session: Session, { header, ageHeaders }: Envelope, known: Acquaintance): Promise<OpenedPart> {
  if (ageHeaders === undefined) throw new NotFoundError("the letter was not handed over yet; read it first");
  const { fileKeys } = await openPartZero(session, header, ageHeaders, known);
  return {
    fileKey: fileKeys[0] as Uint8Array,
    payload: await smallPayload(session, header, 0, 2 * MAX_MANIFEST),
  };
}

/** Ascending by hash, without duplicates. */
function asSet(statements: readonly Uint8Array[]): readonly Uint8Array[] {
  const byHash = new Map(statements.map((bytes) => [hashStatement(bytes), bytes]));
  return [...byHash].sort(([a], [b]) => compareText(a, b)).map(([, bytes]) => bytes);
}

/** Where statements and their receipts stand in the log; a receipt follows what it answers. */
function placesOf(logged: readonly Logged[]): Places {
  const places = new Map<LeafHash, number>();
  for (const { statement, position, receipt } of logged) {
    places.set(hashLeaf(statement), position);
    if (receipt !== undefined) places.set(hashLeaf(receipt), position + 1);
  }
  return places;
}
