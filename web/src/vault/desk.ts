// A clerk's desk in this browser: for which authority, with which rights, and the locked box with the keys.
//
// Invariants: read strictly; what has another form is refused, not repaired. Nothing secret is outside the box. Desks
// lie in a database of their own, so a citizen's mailbox in the same browser shares nothing with them.

import { parseAddress } from "../core/addresses/address.ts";
import { HybridIdentity } from "../core/age/hybrid.ts";
import { fromHex, fromUtf8, toHex, utf8 } from "../core/codec/bytes.ts";
import { type Address, keyBytes } from "../core/ids.ts";
import { SEED_BYTES, SigningKey } from "../core/keys/signing-key.ts";
import type { PrivateKeys, Profile } from "../client/session.ts";
import { type Lock, AccountError } from "./account.ts";
import { SecretsError } from "./secrets.ts";

/** The desks' database. */
export const DESKS = "mein-postfach-desk";
const VERSION = 1;

export interface DeskAccount {
  /** The authority's. */
  readonly address: Address;
  /** Its certified name when the desk was opened. */
  readonly authority: string;
  /** The clerk, as colleagues see it. */
  readonly clerk: string;
  readonly profile: Profile;
  readonly lock: Lock;
  readonly since: number;
}

export interface DeskSecrets {
  /** Without openers for whoever joined: the vault brings them. */
  readonly keys: PrivateKeys;
  /** What this desk's own vault is derived from. */
  readonly vault: Uint8Array;
  /** Opens what lies on this device only. */
  readonly device: Uint8Array;
}

/** A desk whose clerk waits to be admitted. */
export interface PendingDesk {
  readonly pending: true;
  readonly clerk: string;
  /** What an administrator is to copy. */
  readonly code: string;
  readonly lock: Lock;
  readonly since: number;
}

export function isPending(value: unknown): value is PendingDesk {
  const found = value as PendingDesk;
  const texts = [found?.clerk, found?.code].every((text) => typeof text === "string");
  return found?.pending === true && texts && found.lock?.box instanceof Uint8Array;
}

export function readDeskAccount(value: unknown): DeskAccount {
  const found = value as DeskAccount;
  const address = parseAddress(String(found?.address));
  const root = keyBytes.parse(String(found?.profile?.root));
  const texts = [found?.authority, found?.clerk].every((text) => typeof text === "string");
  if (address === undefined || root === undefined || !texts || !(found?.lock?.box instanceof Uint8Array)) {
    throw new AccountError("unknown form");
  }
  return { ...found, address, profile: { ...found.profile, root, address } };
}

export function writeDeskSecrets({ keys, vault, device }: DeskSecrets): Uint8Array {
  const seed = (key: SigningKey | undefined): string | undefined => key && toHex(key.seed());
  return utf8(JSON.stringify({
    version: VERSION,
    identity: seed(keys.identity),
    signer: seed(keys.signer),
    openers: keys.openers.map((opener) => opener.toSecretText()),
    vault: toHex(vault),
    device: toHex(device),
  }));
}

export function readDeskSecrets(bytes: Uint8Array): DeskSecrets {
  const form = JSON.parse(fromUtf8(bytes) ?? "null") as Record<string, unknown> | null;
  const seed = (name: string): Uint8Array | undefined => {
    const text = form?.[name];
    const found = typeof text === "string" ? fromHex(text) : undefined;
    return found?.length === SEED_BYTES ? found : undefined;
  };
  const [identity, signer, vault, device] = [seed("identity"), seed("signer"), seed("vault"), seed("device")];
  const openers = form?.["openers"];
  const whole = form?.["version"] === VERSION && vault !== undefined && device !== undefined && Array.isArray(openers);
  if (!whole || (identity === undefined && signer === undefined)) throw new SecretsError("not a desk's keys");
  return {
    keys: {
      identity: identity && SigningKey.fromSeed(identity),
      signer: signer && SigningKey.fromSeed(signer),
      openers: openers.map((opener) => HybridIdentity.parse(String(opener))),
    },
    vault,
    device,
  };
}
