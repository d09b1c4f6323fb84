// Clerks: each with a signer key and rights of their own, and a vault that brings the authority's opening keys.
//
//   admit   rights granted (key statement) ──▶ the clerk's vault written
//   remove  new age identity saved in one's own vault ──▶ one statement: rights ended, new recipient
//           ──▶ settle: common record under the new key, colleagues' vaults rewritten, old ones deleted
//
// Invariants: the authority's address never changes; whatever interrupts, `settle` may be called again; renewed keys go
// only into vaults that the clerks themselves named, whatever the common record says; who lacks the identity key can
// end rights but not renew the opening keys. Specification: docs/format/vault.md; docs/format/
// statements.md, "Key history".

import { HybridIdentity, type HybridRecipient } from "../core/age/hybrid.ts";
import { type ClerkCode, type ClerkVault, provenRecipient, signVault } from "../core/book/clerk-code.ts";
import { equal } from "../core/codec/bytes.ts";
import { type UnixMillis, type VaultId, type VaultVersion, type VerifyingKey, hashVaultKey } from "../core/ids.ts";
import { SEED_BYTES } from "../core/keys/signing-key.ts";
import { type Role, X_WING, role } from "../core/statement/key.ts";
import { type VaultHolder, encodeContent } from "../core/vaults/content.ts";
import { type VaultKeys, vaultKeys } from "../core/vaults/keys.ts";
import { prepareChange, submitKeys } from "./keys.ts";
import type { Receipted, Session } from "./session.ts";
import { deleteVault, fetchVault, listVaults, putVault } from "./vaults.ts";

/** A clerk as the others' device knows them. */
export interface KnownClerk {
  readonly key: VerifyingKey;
  readonly name: string;
  readonly since: UnixMillis;
  readonly vault?: ClerkVault | undefined;
}

/** Grants rights to the key of a clerk's code; again replaces them. */
export async function grant(session: Session, signer: VerifyingKey, roles: readonly Role[], until: UnixMillis): Promise<Receipted> {
  const ascending = [...new Set(roles)].sort((a, b) => role.number(a) - role.number(b));
  const made = { key: signer, roles: ascending, from: session.context().time, until };
  const statement = await prepareChange(session, ({ signers }) => ({ signers: [...signers.filter(({ key }) => key !== signer), made] }));
  return submitKeys(session, statement);
}

function holderOf({ key, name, since, vault }: KnownClerk): readonly VaultHolder[] {
  return vault === undefined || provenRecipient(key, vault) === undefined ? [] : [{ kind: "clerk", name, key: vault.key, recipient: [X_WING, vault.recipient], added: since, signer: key }];
}

/** Writes the vault of a clerk: the authority's opening keys, newest first. */
async function writeClerkVault(session: Session, clerk: KnownClerk, clerks: readonly KnownClerk[], openers: readonly HybridIdentity[], before: ReadonlyMap<VaultId, VaultVersion>): Promise<void> {
  const { vault } = clerk;
  const recipient = vault && provenRecipient(clerk.key, vault);
  // A vault that the clerk did not name is nobody's: whoever wrote it there gets nothing.
  if (vault === undefined || recipient === undefined) return;
  const { service, origin, root } = session.profile;
  const content = encodeContent({ address: session.address, service, origin, root, openers: [...openers], holders: clerks.flatMap(holderOf) });
  const id = hashVaultKey(vault.key);
  await putVault(session, { id, recipient }, content, before.get(id));
}

/** Admits whoever showed this code: rights, then the vault that the new device waits for. `clerks` hold it already. */
export async function admit(session: Session, code: ClerkCode, clerks: readonly KnownClerk[], roles: readonly Role[], until: UnixMillis): Promise<Receipted> {
  const receipted = await grant(session, code.signer, roles, until);
  const clerk = clerks.find(({ key }) => key === code.signer);
  if (clerk === undefined) throw new TypeError("the clerk is noted before being admitted");
  await writeClerkVault(session, clerk, clerks, session.keys.openers, await listVaults(session));
  return receipted;
}

/** Whether this device can renew the opening keys when somebody leaves. */
export function canRenew(session: Session): boolean {
  return session.keys.identity !== undefined;
}

/** Ends a clerk's rights; where the identity key is here, with a new opening key, saved in `own` vault before. */
export async function dismiss(session: Session, leaver: VerifyingKey, own: VaultKeys, me: KnownClerk): Promise<readonly HybridIdentity[]> {
  if (!canRenew(session)) {
    await submitKeys(session, await prepareChange(session, ({ signers }) => ({ signers: signers.filter(({ key }) => key !== leaver) })));
    return session.keys.openers;
  }
  const opener = HybridIdentity.fromSeed(session.ports.environment.random(SEED_BYTES));
  const openers = [opener, ...session.keys.openers];
  const mine = { ...me, vault: ownVault(session, own) };
  await writeClerkVault(session, mine, [mine], openers, await listVaults(session));
  await submitKeys(session, await prepareChange(session, ({ signers }) => ({ signers: signers.filter(({ key }) => key !== leaver), recipients: [opener.recipient] })));
  return openers;
}

/** Which vault is this session's own, said with its key. */
export function ownVault(session: Session, { key, identity }: VaultKeys): ClerkVault {
  return signVault(session.dailyKey, key.verifyingKey, identity.recipient);
}

/** What remains to be done after keys were renewed. */
export interface Settlement {
  /** The opening keys, the registered one first. */
  readonly openers: readonly HybridIdentity[];
  /** Who stays. */
  readonly clerks: readonly KnownClerk[];
  /** Vaults to delete: of those who left. */
  readonly gone: readonly VerifyingKey[];
  /** Makes the common record under the new key from the bytes under the old one. */
  readonly record: (before: Uint8Array) => Promise<Uint8Array>;
}

/** Brings record and vaults under the newest opening key; what was done before is done again without harm. */
export async function settle(session: Session, { openers, clerks, gone, record }: Settlement): Promise<void> {
  const [newest, ...older] = openers;
  if (newest === undefined) throw new TypeError("no opening key");
  const versions = await listVaults(session);
  const now = vaultKeys({ kind: "desk", secret: newest });
  const before = older.map((secret) => vaultKeys({ kind: "desk", secret })).find(({ id }) => versions.has(id));
  if (!versions.has(now.id) && before !== undefined) {
    const { plaintext } = await fetchVault(session.http, before);
    await putVault(session, { id: now.id, recipient: now.identity.recipient }, await record(plaintext), undefined);
  }
  for (const clerk of clerks) await writeClerkVault(session, clerk, clerks, openers, versions);
  for (const key of gone) await remove(session, hashVaultKey(key), versions);
  if (before !== undefined) await remove(session, before.id, versions);
}

async function remove(session: Session, id: VaultId, versions: ReadonlyMap<VaultId, VaultVersion>): Promise<void> {
  const version = versions.get(id);
  if (version !== undefined) await deleteVault(session, id, version);
}

/** The opening keys with one that is registered now in front; nothing where none of them is. */
export function inOrder(openers: readonly HybridIdentity[], registered: readonly HybridRecipient[]): readonly HybridIdentity[] | undefined {
  const seen = new Map(openers.map((opener) => [opener.recipient.toString(), opener]));
  const all = [...seen.values()];
  const newest = all.find(({ recipient }) => registered.some(({ bytes }) => equal(bytes, recipient.bytes)));
  return newest && [newest, ...all.filter((opener) => opener !== newest)];
}
