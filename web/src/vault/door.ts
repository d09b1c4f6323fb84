// What unlocks on this device: a passkey or a passphrase leads to a secret, which opens the box with the keys and this
// device's vault at the server.
//
//   passkey     PRF output ───────────────────┬──▶ box (here)
//   passphrase ──scrypt──▶ random secret ─────┴──▶ vault (at the server)
//
// Invariant: new keys can be boxed again while the mailbox is open, without asking for the passphrase. Specification:
// docs/format/vault.md, "Keys".

import type { Random } from "../core/age/file-key.ts";
import { type VaultKeys, vaultKeys } from "../core/vaults/keys.ts";
import type { Lock } from "./account.ts";
import { openWithPasskey, openWithPassphrase, sealForPasskey, sealForPassphrase } from "./lock.ts";

const SECRET_BYTES = 32;

/** A lock that is open. */
export interface Door {
  /** The lock without its box. */
  readonly lock: { readonly kind: "passkey"; readonly credential: Uint8Array } | { readonly kind: "passphrase"; readonly secret: Uint8Array };
  /** What it leads to. */
  readonly secret: Uint8Array;
}

export function passkeyDoor(credential: Uint8Array, prf: Uint8Array): Door {
  return { lock: { kind: "passkey", credential }, secret: prf };
}

/** A new door behind a passphrase. */
export async function passphraseDoor(passphrase: string, random: Random, logN?: number): Promise<Door> {
  const secret = random(SECRET_BYTES);
  return { lock: { kind: "passphrase", secret: await sealForPassphrase(secret, passphrase, random, logN) }, secret };
}

/** The keys of this device's vault. */
export function ownVault({ lock, secret }: Door): VaultKeys {
  return vaultKeys({ kind: lock.kind === "passkey" ? "passkey" : "device", secret });
}

/** The lock with a new box around `content`. */
export function closeBox({ lock, secret }: Door, content: Uint8Array, random: Random): Lock {
  return { ...lock, box: sealForPasskey(content, secret, random) };
}

/** Opens a box by what its passkey yields. Throws as `openFile`. */
export function openByPasskey(lock: Lock & { kind: "passkey" }, prf: Uint8Array): { door: Door; content: Uint8Array } {
  return { door: passkeyDoor(lock.credential, prf), content: openWithPasskey(lock.box, prf) };
}

/** Opens a box by its passphrase. Throws as `openFile`. */
export async function openByPassphrase(lock: Lock & { kind: "passphrase" }, passphrase: string, random: Random): Promise<{ door: Door; content: Uint8Array }> {
  if (lock.secret === undefined) {
    // A box of before vaults, locked by the passphrase itself: from now on there is a secret between the two.
    return { content: await openWithPassphrase(lock.box, passphrase), door: await passphraseDoor(passphrase, random) };
  }
  const secret = await openWithPassphrase(lock.secret, passphrase);
  return { content: openWithPasskey(lock.box, secret), door: { lock: { kind: "passphrase", secret: lock.secret }, secret } };
}
