// The party's own lists, mailbox and sent, followed entry by entry.
//
//   lists/<list>/<n>     1,024 hashes each, in order, 32 bytes a hash
//
// Every hash seen is kept in order. The next page must continue exactly there and add up to the server's signed head;
// so a dropped, exchanged or reordered entry is noticed. Specification: docs/format/http.md, "Routes".

import { concat } from "../core/codec/bytes.ts";
import { type Address, type EnvelopeId, type StatementHash, type VerifyingKey, idBytes, statementHash } from "../core/ids.ts";
import { type ListHead, type Subject, EMPTY_LIST, headOfList, sameHead } from "../core/statement/head.ts";
import type { Signed } from "../core/statement/signed.ts";
import { AnswerError, DishonestError, NotFoundError } from "./error.ts";
import { readPage } from "./resources.ts";
import type { Session } from "./session.ts";

/** Which of the party's lists. */
export type OwnList = "mailbox" | "sent";

/** Entries asked for at once. */
const PAGE = 500;
/** Most entries that are held until a signed head proves them. */
const MAX_UNPROVEN = 1 << 20;
/** Headers verified between two pauses. */
const BREATH = 25;
const CHUNK = 1024;
const HASH_BYTES = 32;

export interface SyncOptions {
  /** Where nothing is new, wait this many seconds for it, 30 at most; then an unchanged list is a normal answer. */
  readonly wait?: number;
  readonly signal?: AbortSignal;
  /** Is told how many entries are known of how many. */
  readonly progress?: (known: number, total: number) => void;
}

/** A list as it was proven last, and the head that proves it. */
interface Known {
  readonly hashes: StatementHash[];
  head: ListHead;
}

const memory = new WeakMap<Session, Map<OwnList, Promise<Known>>>();

/** Follows a list to its end; all its headers' hashes, oldest first. Headers themselves are kept. */
export function sync(session: Session, list: OwnList, options: SyncOptions = {}): Promise<readonly StatementHash[]> {
  const lists = memory.get(session) ?? new Map<OwnList, Promise<Known>>();
  memory.set(session, lists);
  const before = lists.get(list) ?? load(session, list);
  // One after the other: two followers at once would note the same entries twice.
  const next = before.catch(() => load(session, list)).then((known) => advance(session, list, known, options));
  lists.set(list, next);
  return next.then(({ hashes }) => hashes.slice());
}

/** What is known of a list without asking the server: for reading offline. */
export async function knownEntries(session: Session, list: OwnList): Promise<readonly StatementHash[]> {
  return (await load(session, list)).hashes;
}

/** Tells of new letters until `signal` ends it: asks again and again, each time waiting for news. */
export async function follow(
  session: Session,
  list: OwnList,
  signal: AbortSignal,
  onChange: (hashes: readonly StatementHash[]) => void,
): Promise<void> {
  let count = -1;
  while (!signal.aborted) {
    const hashes = await sync(session, list, { wait: count < 0 ? 0 : 25, signal });
    if (hashes.length !== count && !signal.aborted) onChange(hashes);
    count = hashes.length;
  }
}

/** A header that was kept when its list was followed. Throws `NotFoundError`. */
export async function keptHeader(session: Session, hash: StatementHash): Promise<Signed<"envelope-header">> {
  const header = await session.kept.find("envelope-header", hash);
  if (header === undefined) throw new NotFoundError("this letter is not kept here");
  return header;
}

/** What this party sent. */
export interface SentIndex {
  /** By the ids that it chose. */
  readonly byId: ReadonlyMap<EnvelopeId, StatementHash>;
  /** The last header of a key to a recipient, by both. */
  readonly last: ReadonlyMap<string, StatementHash>;
}

interface GrowingIndex {
  looked: number;
  readonly byId: Map<EnvelopeId, StatementHash>;
  readonly last: Map<string, StatementHash>;
}

const indexes = new WeakMap<Session, Promise<GrowingIndex>>();
const lastKey = (signer: VerifyingKey, recipient: Address): string => `${signer} ${recipient}`;

/** Everything sent, in order: each header is read once a session, however many letters go out. */
export function sentIndex(session: Session): Promise<SentIndex> {
  const fresh = (): GrowingIndex => ({ looked: 0, byId: new Map(), last: new Map() });
  const before = indexes.get(session) ?? Promise.resolve(fresh());
  const next = before.catch(fresh).then(async (index) => {
    const sent = await sync(session, "sent");
    for (; index.looked < sent.length; index.looked += 1) {
      const hash = sent[index.looked] as StatementHash;
      const { envelopeId, signer, recipient } = (await keptHeader(session, hash)).payload;
      index.byId.set(envelopeId, hash);
      index.last.set(lastKey(signer, recipient), hash);
      if (index.looked % BREATH === BREATH - 1) await session.ports.environment.pause?.();
    }
    return index;
  });
  indexes.set(session, next);
  return next;
}

/** The last header that the server receipted of this party's key to this recipient. */
export async function lastSent(session: Session, recipient: Address): Promise<StatementHash | undefined> {
  return (await sentIndex(session)).last.get(lastKey(session.dailyKey.verifyingKey, recipient));
}

async function advance(session: Session, list: OwnList, known: Known, options: SyncOptions): Promise<Known> {
  const { address } = session;
  const route = list === "mailbox" ? "envelopes" : "sent";
  const subject: Subject = { kind: list, address };
  const [proven, hashes] = [known.hashes.length, [...known.hashes]];
  let shownHead = known.head;
  let { wait = 0 } = options;
  for (;;) {
    const query = `after=${hashes.length}&limit=${PAGE}${wait > 0 ? `&wait=${wait}` : ""}`;
    const path = `/v1/mailboxes/${address}/${route}?${query}`;
    const page = await session.http.get(path, readPage, session.signer, options.signal);
    wait = 0;
    const { head } = session.headOf(page.head, subject).payload;
    for (const [index, entry] of page.entries.entries()) {
      const [header] = session.statements("envelope-header", [entry]) as [Signed<"envelope-header">];
      checkOwn(list, address, header);
      await session.kept.keep(header); // under its own hash; only the order is to be proven
      hashes.push(header.hash);
      if (index % BREATH === BREATH - 1) await session.ports.environment.pause?.();
    }
    shownHead = headOfList(hashes.slice(hashes.length - page.entries.length), shownHead);
    options.progress?.(hashes.length, head.count);
    const stuck = page.entries.length === 0 && hashes.length < head.count;
    if (hashes.length > head.count || stuck || (hashes.length === head.count && !sameHead(shownHead, head))) {
      await session.kept.rememberHead(session.headOf(page.head, subject)); // names a contradiction where there is one
      throw new DishonestError({ lie: "dropped-entry", head: head.count, shown: hashes.length });
    }
    if (hashes.length - proven > MAX_UNPROVEN) throw new AnswerError("list too long");
    if (hashes.length === head.count) {
      await session.kept.rememberHead(session.headOf(page.head, subject));
      await save(session, list, hashes, proven);
      return { hashes, head };
    }
  }
}

/** An own list holds what this party sent or received, signed by the key that it names. */
function checkOwn(list: OwnList, address: Address, { payload, signer }: Signed<"envelope-header">): void {
  const own = list === "mailbox" ? payload.recipient : payload.sender;
  if (own !== address || payload.signer !== signer) {
    throw new DishonestError({ lie: "forged-header", sender: payload.sender });
  }
}

function chunkName(session: Session, list: OwnList, chunk: number): string {
  return `lists/${session.address}/${list}/${chunk}`;
}

async function load(session: Session, list: OwnList): Promise<Known> {
  const hashes: StatementHash[] = [];
  for (let chunk = 0; hashes.length === chunk * CHUNK; chunk += 1) {
    const bytes = await session.ports.store.get(chunkName(session, list, chunk));
    if (bytes === undefined) break;
    // What a crash cut short is asked for again.
    for (let at = 0; at + HASH_BYTES <= bytes.length; at += HASH_BYTES) {
      hashes.push(statementHash.of(bytes.subarray(at, at + HASH_BYTES)));
    }
  }
  return { hashes, head: headOfList(hashes, EMPTY_LIST) };
}

/** Writes the chunks from the one on that holds entry `from`. */
async function save(session: Session, list: OwnList, hashes: readonly StatementHash[], from: number): Promise<void> {
  if (from === hashes.length) return;
  for (let chunk = Math.floor(from / CHUNK); chunk * CHUNK < hashes.length; chunk += 1) {
    const part = hashes.slice(chunk * CHUNK, (chunk + 1) * CHUNK).map(idBytes);
    await session.ports.store.put(chunkName(session, list, chunk), concat(...part));
  }
}
