// Vaults at the server: fetched with their own key, written and deleted by their owner.
//
// Invariants: what a vault holds counts only after it was checked against the party's verified key history; a write
// names the version that it replaces, so nobody overwrites what they have not seen. Everything that was not found, not
// opened or overtaken is an error of its own. Specification: docs/format/vault.md; docs/format/http.md, "Vaults".

import type { HybridRecipient } from "../core/age/hybrid.ts";
import { type VaultId, type VaultVersion, hashVault, vaultId, vaultVersion } from "../core/ids.ts";
import type { Party } from "../core/keys/history.ts";
import { type VaultContent, checkCurrent, decodeContent } from "../core/vaults/content.ts";
import { type VaultKeys, openVault, sealVault } from "../core/vaults/keys.ts";
import { AnswerError, RefusedError } from "./error.ts";
import type { Http } from "./http.ts";
import type { Json } from "./resources.ts";
import type { Session } from "./session.ts";

/** Most vaults of a party. */
const MAX_VAULTS = 64;

/** There is no vault for this secret: it was removed, or never was. */
export class NoVaultError extends Error {
  override readonly name = "NoVaultError";
}

/** Another device wrote the vault meanwhile. Read it again and repeat the change. */
export class VaultChangedError extends Error {
  override readonly name = "VaultChangedError";
}

/** What the server holds for a vault does not open to its keys. */
export class DamagedVaultError extends Error {
  override readonly name = "DamagedVaultError";
}

/** What a vault holds, opened and not yet checked against anything. */
export interface FoundVault {
  readonly plaintext: Uint8Array;
  readonly version: VaultVersion;
}

/** Fetches and opens a vault. Throws `NoVaultError` and `DamagedVaultError`. */
export async function fetchVault(http: Http, keys: VaultKeys): Promise<FoundVault> {
  let found: Awaited<ReturnType<Http["vault"]>>;
  try {
    found = await http.vault(keys.id, keys.key);
  } catch (cause) {
    throw cause instanceof RefusedError && cause.code === "unknown-vault" ? new NoVaultError("no such vault", { cause }) : cause;
  }
  const version = hashVault(found.sealed);
  if (found.version !== `"${version}"`) throw new AnswerError("the vault's version is not that of its bytes");
  try {
    return { plaintext: openVault(keys, found.sealed), version };
  } catch (cause) {
    throw new DamagedVaultError("the vault does not open to its keys", { cause });
  }
}

/** The mailbox's keys in a vault, not yet checked against the key history. Throws also `VaultError`. */
export async function fetchContent(http: Http, keys: VaultKeys): Promise<{ content: VaultContent; version: VaultVersion }> {
  const { plaintext, version } = await fetchVault(http, keys);
  return { content: decodeContent(plaintext), version };
}

/** The mailbox's keys in a vault, where they are those in force. Throws also `VaultError` with "stale" or "foreign". */
export async function fetchCurrent(http: Http, keys: VaultKeys, party: Party): Promise<{ content: VaultContent; version: VaultVersion }> {
  const found = await fetchContent(http, keys);
  checkCurrent(found.content, party);
  return found;
}

/** Seals bytes for a vault and writes them over `before`; answers the new version. Throws `VaultChangedError`. */
export async function putVault(
  session: Session,
  { id, recipient }: { readonly id: VaultId; readonly recipient: HybridRecipient },
  plaintext: Uint8Array,
  before: VaultVersion | undefined,
): Promise<VaultVersion> {
  const sealed = sealVault(recipient, plaintext, session.ports.environment.random);
  await changed(session.http.putVault(session.signer, id, sealed, before));
  return hashVault(sealed);
}

/** Deletes this version of a vault; one that is gone already is no error. Throws `VaultChangedError`. */
export async function deleteVault(session: Session, id: VaultId, before: VaultVersion): Promise<void> {
  try {
    await changed(session.http.deleteVault(session.signer, id, before));
  } catch (cause) {
    if (!(cause instanceof RefusedError) || cause.code !== "unknown-vault") throw cause;
  }
}

/** The party's vaults with their versions; for the identity key and administrators. */
export async function listVaults(session: Session): Promise<ReadonlyMap<VaultId, VaultVersion>> {
  return new Map(await session.http.get("/v1/vaults", readVaults, session.signer));
}

function readVaults(json: Json): readonly (readonly [VaultId, VaultVersion])[] {
  const vaults = json.field("vaults").list((entry): [VaultId, VaultVersion] => {
    const id = vaultId.parse(entry.field("id").text());
    const version = vaultVersion.parse(entry.field("version").text());
    if (id === undefined || version === undefined) throw new AnswerError("not a vault's id and version");
    return [id, version];
  });
  if (vaults.length > MAX_VAULTS) throw new AnswerError("more vaults than a party may have");
  return vaults;
}

async function changed<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (cause) {
    throw cause instanceof RefusedError && cause.code === "vault-changed" ? new VaultChangedError("the vault was changed meanwhile", { cause }) : cause;
  }
}
