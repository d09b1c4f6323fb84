// The page's state: which account is open, and what this device has decrypted since.
//
// Invariant: decrypted content lives in memory, which ends with the page or with locking, and sealed on this device
// (`letters/`). A summary is kept only of what was verified.

import type { StatementHash } from "../core/ids.ts";
import type { Manifest } from "../core/envelope/manifest.ts";
import { systemEnvironment } from "../client/ports.ts";
import { type Envelope, fetchIncoming, peek } from "../client/mailbox.ts";
import { type Ports, Session } from "../client/session.ts";
import { type Acquaintance, acquaintance } from "../client/trust.ts";
import { type Account, readAccount } from "../vault/account.ts";
import { Database } from "../vault/database.ts";
import { SealedStore, deviceSeed } from "../vault/sealed.ts";
import type { Secrets } from "../vault/secrets.ts";
import { Drafts } from "./letters/draft.ts";
import { Folders } from "./letters/folders.ts";
import { type Entry, LetterIndex } from "./letters/index.ts";
import { OfflineLetters } from "./letters/offline.ts";
import { INBOX, type Selection } from "./letters/selection.ts";

/** A letter as the list shows it. */
export interface Summary {
  readonly envelope: Envelope;
  /** Absent for registered mail before its handover, and for what was deleted. */
  readonly manifest: Manifest | undefined;
  readonly unread: boolean;
}

/** An unlocked account. */
export interface Mailbox {
  readonly account: Account;
  readonly session: Session;
  readonly secrets: Secrets;
  readonly known: Acquaintance;
  readonly summaries: Map<StatementHash, Promise<Summary>>;
  /** What lies on this device only. */
  readonly sealed: SealedStore;
  readonly index: LetterIndex;
  readonly folders: Folders;
  readonly offline: OfflineLetters;
  /** What arrived, oldest first. */
  hashes: readonly StatementHash[];
  /** What the list shows. */
  selection: Selection;
}

let base: Promise<Database> | undefined;

export function database(): Promise<Database> {
  base ??= Database.open();
  return base;
}

/** The accounts here. Those that were begun and of which the server never heard are gone: they lead nowhere. */
export async function accounts(): Promise<readonly Account[]> {
  const found = (await (await database()).accounts()).map(readAccount);
  const dead = found.filter(({ stage, first }) => stage === "sheet" || (stage === "recovery" && first === undefined));
  for (const account of dead) await forgetAccount(account);
  return found.filter((account) => !dead.includes(account));
}

/** Removes all that this device has of an account. */
export async function forgetAccount({ address }: Account): Promise<void> {
  await (await database()).removeAccount(address);
}

export async function saveAccount(account: Account): Promise<void> {
  await (await database()).saveAccount(account.address, account);
}

export async function portsOf(account: string): Promise<Ports> {
  const found = await database();
  return { environment: systemEnvironment, store: found.store(account), spool: found.spool(account) };
}

/** What an unlocked account has on this device only. */
export async function ownStore(account: Account, secrets: Secrets): Promise<SealedStore> {
  return new SealedStore(await portsOf(account.address), "sealed/", deviceSeed(secrets.door));
}

/** Connects an unlocked account to its service. */
export async function openMailbox(account: Account, secrets: Secrets): Promise<Mailbox> {
  const ports = await portsOf(account.address);
  const session = await Session.open(account.profile, secrets.keys, ports);
  const sealed = await ownStore(account, secrets);
  const [index, folders] = await Promise.all([LetterIndex.load(sealed), Folders.load(sealed)]);
  return { account, session, secrets, known: acquaintance(session), summaries: new Map(), sealed, index, folders, offline: new OfflineLetters(sealed), hashes: [], selection: INBOX };
}

/** What the list shows of a letter; fetched and verified once. */
export function summary(mailbox: Mailbox, hash: StatementHash): Promise<Summary> {
  const found = mailbox.summaries.get(hash);
  if (found !== undefined) return found;
  const fetched = fetchSummary(mailbox, hash);
  mailbox.summaries.set(hash, fetched);
  fetched.catch(() => mailbox.summaries.delete(hash));
  return fetched;
}

async function fetchSummary({ session, known, index, offline, sealed }: Mailbox, hash: StatementHash): Promise<Summary> {
  const envelope = await fetchIncoming(session, hash, known);
  const manifest = await peek(session, envelope, known);
  const { accesses, deletion } = envelope.delivery;
  const found: Summary = { envelope, manifest, unread: accesses.length === 0 && deletion === undefined };
  index.note(entryOf(hash, found));
  if (deletion !== undefined) {
    // Nothing of it stays on this device, whichever device deleted it.
    void offline.forget(hash);
    void new Drafts(sealed).remove(hash);
  }
  return found;
}

/** What the device notes of a letter. */
export function entryOf(hash: StatementHash, { envelope, manifest, unread }: Summary): Entry {
  const { payload } = envelope.header;
  return {
    hash,
    time: payload.context.time,
    sender: envelope.sender.name,
    subject: manifest?.subject,
    text: manifest?.text ?? "",
    files: manifest?.attachments.map(({ name }) => name) ?? [],
    registered: payload.class === "registered",
    unread,
    deleted: envelope.delivery.deletion !== undefined,
    until: manifest?.act?.remedy?.until,
  };
}
