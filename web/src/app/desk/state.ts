// An unlocked desk: the authority's session, the clerk's rights, the common record, and what lies on this device.
//
//   box ──▶ signer or identity key, key of the own vault ──vault──▶ opening keys ──the registered one first──▶ session
//
// Invariants: rights are those of the newest verified key statement, asked for when the desk opens; the server enforces
// them in any case. Opening keys count only if one of them is registered. Everything readable ends with locking or
// leaving the page.

import type { HybridIdentity } from "../../core/age/hybrid.ts";
import type { VerifyingKey } from "../../core/ids.ts";
import { type Role, allows } from "../../core/statement/key.ts";
import { type VaultKeys, vaultKeys } from "../../core/vaults/keys.ts";
import { type KnownClerk, inOrder, ownVault, settle } from "../../client/clerks.ts";
import { Http } from "../../client/http.ts";
import { certifiedName } from "../../client/mailbox.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { type Ports, Session } from "../../client/session.ts";
import { NoVaultError, fetchContent, fetchVault, listVaults } from "../../client/vaults.ts";
import { Database } from "../../vault/database.ts";
import { DESKS, type DeskAccount, type DeskSecrets, type PendingDesk, isPending, readDeskAccount } from "../../vault/desk.ts";
import { SealedStore } from "../../vault/sealed.ts";
import { vaultPlace } from "./place.ts";
import { Shared, packRecord, unpackRecord } from "./shared.ts";

export interface Desk {
  readonly account: DeskAccount;
  readonly session: Session;
  readonly secrets: DeskSecrets;
  readonly shared: Shared;
  readonly device: SealedStore;
  /** The keys of this desk's own vault. */
  readonly vault: VaultKeys;
  /** The clerk's own key. */
  readonly me: VerifyingKey;
  /** The authority's certified name; none without a certificate in force. */
  readonly certified: string | undefined;
  may(role: Role): boolean;
}

/** `rights`: this desk's have ended. `keys`: the authority reads with a newer key, which this desk has not got yet. */
export class DeskEndedError extends Error {
  override readonly name = "DeskEndedError";

  constructor(
    readonly reason: "rights" | "keys",
    options?: ErrorOptions,
  ) {
    super(`this desk does not open: ${reason}`, options);
  }
}

let base: Promise<Database> | undefined;

export function desks(): Promise<Database> {
  base ??= Database.open(DESKS);
  return base;
}

/** Names a desk in the database: authority and clerk. */
export function deskId(account: Pick<DeskAccount, "address">, me: VerifyingKey): string {
  return `${account.address}.${me.slice(0, 16)}`;
}

export async function deskAccounts(): Promise<readonly DeskAccount[]> {
  return (await (await desks()).accounts()).filter((found) => !isPending(found)).map(readDeskAccount);
}

export async function pendingDesks(): Promise<readonly PendingDesk[]> {
  return (await (await desks()).accounts()).filter(isPending);
}

export async function deskPorts(id: string): Promise<Ports> {
  const found = await desks();
  return { environment: systemEnvironment, store: found.store(id), spool: found.spool(id) };
}

/** What the own vault brings; nothing where there is none. */
async function vaultOpeners({ profile, address }: DeskAccount, keys: VaultKeys): Promise<readonly HybridIdentity[]> {
  try {
    const { content } = await fetchContent(new Http(profile.service, systemEnvironment), keys);
    return content.address === address && content.root === profile.root ? content.openers : [];
  } catch (error) {
    if (error instanceof NoVaultError) return [];
    throw error;
  }
}

/** Connects an unlocked desk. Throws `DeskEndedError`. */
export async function openDesk(account: DeskAccount, secrets: DeskSecrets): Promise<Desk> {
  const me = (secrets.keys.signer ?? secrets.keys.identity)?.verifyingKey;
  if (me === undefined) throw new TypeError("a desk without a key");
  const vault = vaultKeys({ kind: "device", secret: secrets.vault });
  const brought = await vaultOpeners(account, vault);
  const ports = await deskPorts(deskId(account, me));
  const found = [...brought, ...secrets.keys.openers];
  const first = await Session.open(account.profile, { ...secrets.keys, openers: found }, ports);
  let own: Awaited<ReturnType<Session["party"]>>;
  try {
    own = await first.party(first.address);
  } catch (cause) {
    throw endedBy(cause) ? new DeskEndedError("rights", { cause }) : cause;
  }
  const { payload } = own.party.current;
  const openers = inOrder(found, own.party.recipients);
  const named = payload.identity === me || payload.signers.some(({ key }) => key === me);
  if (!named) throw new DeskEndedError("rights");
  if (openers === undefined) throw new DeskEndedError(found.length === 0 ? "rights" : "keys");
  const session = await Session.open(account.profile, { ...secrets.keys, openers }, ports);
  const device = new SealedStore(ports, "desk/", secrets.device);
  const shared = new Shared(vaultPlace(session, openers[0] as HybridIdentity), {
    read: async () => Number((await device.get(SEEN)) ?? 0),
    write: (revision) => device.put(SEEN, revision),
  });
  const desk: Desk = {
    account, session, secrets, shared, me, device, vault,
    certified: certifiedName(own, session.now),
    may: (role) => allows(payload, me, role, session.now) === true,
  };
  if (secrets.keys.identity !== undefined) await finishRenewal(session, payload.signers.map(({ key }) => key).concat(me));
  const record = await shared.refresh();
  if (!record.clerks.some(({ key }) => key === me)) await shared.change((now) => ({ ...now, clerks: [...now.clerks, self(desk)] }));
  return desk;
}

/** A renewal of keys that was interrupted, or made with the command line: record and vaults follow. */
async function finishRenewal(session: Session, granted: readonly VerifyingKey[]): Promise<void> {
  const [newest, ...older] = session.keys.openers.map((secret) => vaultKeys({ kind: "desk", secret }));
  if (newest === undefined || older.length === 0) return;
  const versions = await listVaults(session);
  const before = older.find(({ id }) => versions.has(id));
  if (before === undefined) return;
  const record = await unpackRecord((await fetchVault(session.http, before)).plaintext);
  const clerks = record.clerks.filter(({ key }) => granted.includes(key));
  const gone = record.clerks.filter(({ key }) => !granted.includes(key)).flatMap(({ vault }) => (vault === undefined ? [] : [vault.key]));
  await settle(session, { openers: session.keys.openers, clerks, gone, record: () => packRecord({ ...record, revision: record.revision + 1, clerks }) });
}

const SEEN = "seen-revision";

function endedBy(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === "not-allowed" || code === "unknown-key" || code === "bad-signature";
}

/** This clerk, as the common record knows them. */
export function self({ me, account, session, vault }: Desk): KnownClerk {
  return { key: me, name: account.clerk, since: session.now, vault: ownVault(session, vault) };
}
