// The devices that share a mailbox: who holds its keys, adding and removing one, and what each vault gets.
//
// Invariants: keys are saved by the caller before the server learns of them; whoever is removed gets no later keys,
// because the keys are renewed; to whom new keys go is what this device keeps or what a vault with keys in force says,
// never an older vault, which a server could show again to let a removed device back in.
// Absent: clerks' vaults of an authority, whose content the desk decides. Specification: docs/format/vault.md.

import { decode } from "../core/codec/canonical.ts";
import { array, encode } from "../core/codec/type.ts";
import type { JoiningCode } from "../core/enrolment/secret.ts";
import { type Address, type UnixMillis, type VaultId, type VerifyingKey, hashVaultKey } from "../core/ids.ts";
import { SigningKey } from "../core/keys/signing-key.ts";
import { X_WING } from "../core/statement/key.ts";
import { type HolderKind, type VaultContent, type VaultHolder, VaultError, encodeContent, recipientOf, vaultHolder } from "../core/vaults/content.ts";
import { type VaultKeys, vaultKeys } from "../core/vaults/keys.ts";
import { prepareRotation, submitKeys } from "./keys.ts";
import { type PrivateKeys, Session } from "./session.ts";
import { NoVaultError, VaultChangedError, deleteVault, fetchCurrent, listVaults, putVault } from "./vaults.ts";

/** How often a change is tried when another device writes meanwhile. */
const MAX_ATTEMPTS = 4;

/** Who is to get keys that were renewed here, until their vaults are written. */
const PENDING = "devices.pending";
const pendingHolders = array(vaultHolder);
/** Bytes of it. */
const MAX_PENDING = 256 * 1024;

/** Who shares the mailbox, as written in the vaults. */
export interface Sharing {
  readonly holders: readonly VaultHolder[];
  /** The authority whose letter opened the mailbox. */
  readonly issuer: Address | undefined;
}

/** A holder of a vault with these keys. */
export function holderOf(keys: VaultKeys, kind: HolderKind, name: string, added: UnixMillis): VaultHolder {
  return { kind, name, key: keys.key.verifyingKey, recipient: [X_WING, keys.identity.recipient.bytes], added, signer: undefined };
}

/** What the keys of this session's vaults are, with whom. */
function contentOf({ profile, keys, address, identity }: Session, { holders, issuer }: Sharing): Omit<VaultContent, "version"> {
  const { service, origin, root } = profile;
  return { address, service, origin, root, openers: [...keys.openers], holders: [...holders], identity: identity.seed(), issuer };
}

function sharingIn({ holders, issuer }: VaultContent): Sharing {
  return { holders, issuer };
}

/** The private keys in a content. */
export function keysIn({ openers, identity }: VaultContent): PrivateKeys & { readonly identity: SigningKey } {
  if (identity === undefined) throw new VaultError("foreign");
  return { identity: SigningKey.fromSeed(identity), openers };
}

/**
 * Writes the vault of every holder with the keys at hand, the own one last, and deletes those of nobody. Throws
 * `VaultChangedError` where another device writes at the same time.
 */
export async function writeVaults(session: Session, own: VaultKeys, sharing: Sharing): Promise<void> {
  const content = contentOf(session, sharing);
  const plaintext = encodeContent(content);
  const { identity: _, ...withoutIdentity } = content;
  const forClerks = (): Uint8Array => encodeContent(withoutIdentity as typeof content);
  const before = await listVaults(session);
  const holders = sharing.holders.map((holder) => ({ holder, id: hashVaultKey(holder.key) }));
  const inOrder = holders.sort((a, b) => order(a.id, own.id) - order(b.id, own.id) || (a.id < b.id ? -1 : 1));
  const kept = new Set(inOrder.map(({ id }) => id));
  for (const [id, version] of before) if (!kept.has(id)) await deleteVault(session, id, version);
  for (const { holder, id } of inOrder) {
    const text = holder.kind === "clerk" ? forClerks() : plaintext;
    await putVault(session, { id, recipient: recipientOf(holder) }, text, before.get(id));
  }
}

/** The own vault comes last. */
function order(id: VaultId, own: VaultId): number {
  return id === own ? 1 : 0;
}

/** Who shares the mailbox, from the own vault. Throws `NoVaultError`, and `VaultError` where keys were renewed since. */
export async function sharing(session: Session, own: VaultKeys): Promise<Sharing> {
  const { party } = await session.party(session.address);
  const { content } = await fetchCurrent(session.http, own, party);
  return sharingIn(content);
}

/** Changes who shares the mailbox, without new keys. */
export async function changeHolders(
  session: Session,
  own: VaultKeys,
  change: (holders: readonly VaultHolder[]) => readonly VaultHolder[],
): Promise<Sharing> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await sharing(session, own);
    const after: Sharing = { ...before, holders: change(before.holders) };
    try {
      await writeVaults(session, own, after);
      return after;
    } catch (error) {
      if (!(error instanceof VaultChangedError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Gives a holder another name. */
export function renameHolder(session: Session, own: VaultKeys, key: VerifyingKey, name: string): Promise<Sharing> {
  return changeHolders(session, own, (holders) => holders.map((holder) => (holder.key === key ? { ...holder, name } : holder)));
}

/** Lets the device that shows this code in. */
export function admit(session: Session, own: VaultKeys, code: JoiningCode, name: string): Promise<Sharing> {
  const joining = holderOf(vaultKeys({ kind: "joining", secret: code }), "device", name, session.now);
  return changeHolders(session, own, (holders) => [...holders.filter(({ key }) => key !== joining.key), joining]);
}

/** This device leaves, and forgets its keys; everybody else keeps theirs. */
export async function leaveHolders(session: Session, own: VaultKeys): Promise<void> {
  await changeHolders(session, own, (holders) => holders.filter(({ key }) => key !== own.key.verifyingKey));
}

/** Puts this device with its own vault in the place of the code that it joined by. */
export async function settleIn(session: Session, code: JoiningCode, own: VaultKeys, name: string): Promise<Sharing> {
  const joined = vaultKeys({ kind: "joining", secret: code });
  const { party } = await session.party(session.address);
  const { content } = await fetchCurrent(session.http, joined, party);
  const others = content.holders.filter(({ key }) => key !== joined.key.verifyingKey && key !== own.key.verifyingKey);
  const after: Sharing = { issuer: content.issuer, holders: [...others, holderOf(own, "device", name, session.now)] };
  await writeVaults(session, own, after);
  return after;
}

/**
 * Removes a holder: new keys, saved by `save` before anything else, which everybody else gets. Answers the session with
 * the new keys. Safe to repeat.
 */
export async function removeHolder(
  session: Session,
  own: VaultKeys,
  key: VerifyingKey,
  save: (keys: PrivateKeys) => Promise<void>,
): Promise<{ session: Session; sharing: Sharing }> {
  const before = await sharing(session, own);
  const after: Sharing = { ...before, holders: before.holders.filter((holder) => holder.key !== key) };
  const { keys, statement } = await prepareRotation(session);
  await session.ports.store.put(PENDING, encode(pendingHolders, after.holders));
  await save(keys);
  // From the statement on only the new keys may read.
  const renewed = await Session.open(session.profile, keys, session.ports);
  await submitKeys(renewed, statement);
  await writeVaults(renewed, own, after);
  await session.ports.store.remove(PENDING);
  return { session: renewed, sharing: after };
}

/**
 * Completes what was interrupted: writes the vaults of those who are to get renewed keys, and the own one where there is
 * none yet. Throws `VaultError` with "stale" where the server shows an older vault than the one that was written.
 */
export async function repair(session: Session, own: VaultKeys, made: () => VaultHolder, issuer: Address | undefined): Promise<Sharing> {
  const { store } = session.ports;
  const kept = await store.get(PENDING);
  try {
    const found = await sharing(session, own);
    await store.remove(PENDING);
    return found;
  } catch (error) {
    if (error instanceof VaultError && error.reason === "stale" && kept !== undefined) {
      const pending: Sharing = { holders: decode(pendingHolders, kept, MAX_PENDING), issuer };
      await writeVaults(session, own, pending);
      await store.remove(PENDING);
      return pending;
    }
    if (!(error instanceof NoVaultError)) throw error;
    const alone: Sharing = { holders: [made()], issuer };
    await putVault(session, { id: own.id, recipient: own.identity.recipient }, encodeContent(contentOf(session, alone)), undefined);
    return alone;
  }
}
