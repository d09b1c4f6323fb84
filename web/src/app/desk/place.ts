// Where the common record lies: the vault that is derived from the authority's newest age identity, which all clerks
// have. Specification: docs/format/vault.md, label `desk`.

import type { HybridIdentity } from "../../core/age/hybrid.ts";
import type { VaultVersion } from "../../core/ids.ts";
import { vaultKeys } from "../../core/vaults/keys.ts";
import type { Session } from "../../client/session.ts";
import { NoVaultError, VaultChangedError, fetchVault, putVault } from "../../client/vaults.ts";

/** A place for bytes that names each state. */
export interface Place {
  /** The newest bytes, or nothing yet. */
  read(): Promise<{ bytes: Uint8Array; version: VaultVersion } | undefined>;
  /** Writes after `version`, or the first; nothing if somebody wrote meanwhile. */
  write(bytes: Uint8Array, version: VaultVersion | undefined): Promise<VaultVersion | undefined>;
}

export function vaultPlace(session: Session, opener: HybridIdentity): Place {
  const keys = vaultKeys({ kind: "desk", secret: opener });
  const otherwise = <T extends Error>(kind: new (...args: never[]) => T) => (error: unknown): undefined => {
    if (error instanceof kind) return undefined;
    throw error;
  };
  return {
    read: async () => {
      const found = await fetchVault(session.http, keys).catch(otherwise(NoVaultError));
      return found && { bytes: found.plaintext, version: found.version };
    },
    write: (bytes, version) => putVault(session, { id: keys.id, recipient: keys.identity.recipient }, bytes, version).catch(otherwise(VaultChangedError)),
  };
}
