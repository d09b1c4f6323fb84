// What was sent and what came back, as the desk's lists show it.
//
// Invariants: a row shows what was verified; what is said of subjects comes from the authority's own archive copies,
// since it cannot open what it sealed for others. Looking signs nothing. Notes of what is final, and of which copy is
// whose, lie sealed on this device. Absent: opening a reply (`views/reply.ts`).

import type { Entry } from "../../core/book/entry.ts";
import type { Delivery } from "../../core/envelope/delivery.ts";
import type { Manifest } from "../../core/envelope/manifest.ts";
import type { Address, StatementHash, UnixMillis } from "../../core/ids.ts";
import { type OwnList, keptHeader, sync } from "../../client/lists.ts";
import { type Envelope, fetchEnvelope, peek } from "../../client/mailbox.ts";
import { acquaintance } from "../../client/trust.ts";
import type { Desk } from "./state.ts";

/** How far a letter is. */
export type LetterState = "provided" | "notified" | "not-notified" | "retrieved" | "opened" | "failed" | "accepted" | "refused" | "withdrawn";

export interface SentLetter {
  readonly hash: StatementHash;
  readonly envelope: Envelope;
  /** Whoever of the address book has this address. */
  readonly person: Entry | undefined;
  readonly state: LetterState;
  readonly copy: Copy | undefined;
}

/** What an archive copy says of the letter that it is a copy of. */
export interface Copy {
  readonly subject: string;
  readonly fileNumber: string | undefined;
}

export interface Incoming {
  readonly hash: StatementHash;
  readonly envelope: Envelope;
  readonly person: Entry | undefined;
  /** Absent for registered mail before its handover, and for what cannot be opened. */
  readonly manifest: Manifest | undefined;
  readonly read: boolean;
}

export function stateOf(delivery: Delivery): LetterState {
  if (delivery.withdrawal !== undefined) return "withdrawn";
  if (delivery.has("ContentHandoverFailure") || delivery.has("ContentConsignmentFailure")) return "failed";
  if (delivery.rejection !== undefined) return "refused";
  if (delivery.acceptance !== undefined) return "accepted";
  if (delivery.has("ContentAccessTracking")) return "opened";
  if (delivery.has("ContentHandover")) return "retrieved";
  const { notification } = delivery;
  if (notification === "failed") return "not-notified";
  return notification === undefined ? "provided" : "notified";
}

/** Whether the letter lies in the mailbox, unretrieved. */
export function isUnread(state: LetterState): boolean {
  return state === "provided" || state === "notified" || state === "not-notified";
}

/** The hashes of a list, newest first, whose other party is not the authority itself; `take` at most. */
async function others(desk: Desk, list: OwnList, take: number, before: number): Promise<{ hashes: StatementHash[]; next: number }> {
  const all = await sync(desk.session, list);
  const hashes: StatementHash[] = [];
  let at = Math.min(before, all.length);
  for (; at > 0 && hashes.length < take; at -= 1) {
    const hash = all[at - 1] as StatementHash;
    const { payload } = await keptHeader(desk.session, hash);
    if (payload.sender !== payload.recipient) hashes.push(hash);
    if (at % 25 === 0) await desk.session.ports.environment.pause?.();
  }
  return { hashes, next: at };
}

/** A page of what was sent; `next` is where the next one begins, 0 at the end. */
export async function sentLetters(desk: Desk, take: number, before = Number.MAX_SAFE_INTEGER): Promise<{ letters: readonly SentLetter[]; next: number }> {
  const { hashes, next } = await others(desk, "sent", take, before);
  const known = acquaintance(desk.session);
  const letters: SentLetter[] = [];
  for (const hash of hashes) letters.push(await sentLetter(desk, await fetchEnvelope(desk.session, hash, known)));
  return { letters, next };
}

export async function sentLetter(desk: Desk, envelope: Envelope): Promise<SentLetter> {
  const { header, delivery } = envelope;
  return {
    hash: header.hash,
    envelope,
    person: personAt(desk, header.payload.recipient),
    state: stateOf(delivery),
    copy: (await archive(desk)).get(header.hash),
  };
}

function personAt(desk: Desk, address: Address): Entry | undefined {
  return desk.shared.record.book.byAddress(address)[0];
}

const RETRIEVED = "retrieved";

/** All letters that lie unretrieved, sent before `until`, oldest first. */
export async function unreadLetters(desk: Desk, until: UnixMillis, progress: (done: number, total: number) => void): Promise<readonly SentLetter[]> {
  const noted = await desk.device.get(RETRIEVED);
  const retrieved = new Set<string>(Array.isArray(noted) ? noted.map(String) : []);
  const { hashes } = await others(desk, "sent", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const known = acquaintance(desk.session);
  const found: SentLetter[] = [];
  for (const [index, hash] of hashes.entries()) {
    progress(index, hashes.length);
    if (retrieved.has(hash)) continue;
    const letter = await sentLetter(desk, await fetchEnvelope(desk.session, hash, known));
    if (!isUnread(letter.state)) retrieved.add(hash); // final: it is not unread again
    else if (letter.envelope.header.payload.context.time < until) found.push(letter);
  }
  await desk.device.put(RETRIEVED, [...retrieved]);
  return found.reverse();
}

const COPIES = "copies";
const archives = new WeakMap<Desk, Promise<Map<StatementHash, Copy>>>();

/** What the archive copies say, by the letter that each is a copy of; nothing without the right to read. */
async function archive(desk: Desk): Promise<ReadonlyMap<StatementHash, Copy>> {
  const before = archives.get(desk) ?? Promise.resolve(new Map<StatementHash, Copy>());
  const next = before.catch(() => new Map<StatementHash, Copy>()).then((known) => advance(desk, known));
  archives.set(desk, next);
  return next;
}

interface NotedCopies {
  /** How many entries of the mailbox were looked at. */
  readonly looked: number;
  readonly copies: readonly (readonly [StatementHash, Copy])[];
}

async function advance(desk: Desk, known: Map<StatementHash, Copy>): Promise<Map<StatementHash, Copy>> {
  if (!desk.may("read")) return known;
  const noted = ((await desk.device.get(COPIES)) as NotedCopies | undefined) ?? { looked: 0, copies: [] };
  const copies = new Map(noted.copies);
  const all = await sync(desk.session, "mailbox");
  if (all.length > noted.looked) {
    const keys = acquaintance(desk.session);
    for (const hash of all.slice(noted.looked)) {
      const { payload } = await keptHeader(desk.session, hash);
      if (payload.sender !== payload.recipient) continue;
      const manifest = await peek(desk.session, await fetchEnvelope(desk.session, hash, keys), keys).catch(() => undefined);
      if (manifest?.copyOf !== undefined) copies.set(manifest.copyOf, { subject: manifest.subject, fileNumber: manifest.act?.fileNumber });
    }
    await desk.device.put(COPIES, { looked: all.length, copies: [...copies] } satisfies NotedCopies);
  }
  for (const [hash, copy] of copies) known.set(hash, copy);
  return known;
}

/** A page of what came in; `next` is where the next one begins, 0 at the end. */
export async function incomingLetters(desk: Desk, take: number, before = Number.MAX_SAFE_INTEGER): Promise<{ letters: readonly Incoming[]; next: number }> {
  const { hashes, next } = await others(desk, "mailbox", take, before);
  const known = acquaintance(desk.session);
  const letters: Incoming[] = [];
  for (const hash of hashes) {
    const envelope = await fetchEnvelope(desk.session, hash, known);
    const manifest = await peek(desk.session, envelope, known).catch(() => undefined);
    letters.push({ hash, envelope, person: personAt(desk, envelope.header.payload.sender), manifest, read: envelope.delivery.accesses.length > 0 });
  }
  return { letters, next };
}
