// Whether the keys on this device are still those of the mailbox, whenever it is opened.
//
//   own key in force ─────────▶ open; an interrupted change is completed in passing
//   not, own vault has newer ─▶ they are taken over: "renewed on another device"
//   not, no vault for us ─────▶ "this device was removed"
//
// Invariant: keys are taken over only after they were checked against the verified key history.

import type { UnixMillis } from "../../core/ids.ts";
import { VaultError, checkCurrent } from "../../core/vaults/content.ts";
import { holderOf, keysIn, repair } from "../../client/devices.ts";
import { RefusedError, UnreachableError } from "../../client/error.ts";
import { submitKeys, unfinishedKeys } from "../../client/keys.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { type PrivateKeys, Session } from "../../client/session.ts";
import { DamagedVaultError, NoVaultError, fetchContent } from "../../client/vaults.ts";
import type { Account } from "../../vault/account.ts";
import { closeBox, ownVault } from "../../vault/door.ts";
import { type Secrets, writeSecrets } from "../../vault/secrets.ts";
import { t } from "../language.ts";
import { type Mailbox, openMailbox, saveAccount } from "../mailbox-state.ts";

/** What unlocking led to. */
export type Entered =
  | { readonly state: "open"; readonly mailbox: Mailbox }
  | { readonly state: "renewed"; readonly mailbox: Mailbox }
  | { readonly state: "removed" };

/** Boxes keys anew on this device; the lock stays the same. */
export async function saveKeys(account: Account, secrets: Secrets, keys: PrivateKeys): Promise<{ account: Account; secrets: Secrets }> {
  const { identity } = keys;
  if (identity === undefined) throw new TypeError("a citizen's device has the identity key");
  const renewed: Secrets = { ...secrets, keys: { ...keys, identity } };
  const saved: Account = { ...account, lock: closeBox(secrets.door, writeSecrets(renewed), systemEnvironment.random) };
  await saveAccount(saved);
  return { account: saved, secrets: renewed };
}

/** The name of this device until its owner gives it another. */
export function ownName(): string {
  return matchMedia("(pointer: coarse)").matches ? t("Telefon oder Tablet", "Phone or tablet") : t("Computer", "Computer");
}

export async function enter(account: Account, secrets: Secrets): Promise<Entered> {
  const mailbox = await openMailbox(account, secrets);
  const { session } = mailbox;
  try {
    const pending = await unfinishedKeys(session);
    if (pending !== undefined) await submitKeys(session, pending).catch(ignoreRefusal);
    await session.party(session.address);
  } catch (error) {
    if (error instanceof UnreachableError) return { state: "open", mailbox }; // what was kept can be read
    if (!(error instanceof RefusedError) || error.code !== "not-allowed") throw error;
    return takeOver(mailbox);
  }
  const own = ownVault(secrets.door);
  const made = (): ReturnType<typeof holderOf> => holderOf(own, "device", ownName(), account.since as UnixMillis);
  // What is not completed now is completed the next time, or when the devices are looked at.
  repair(session, own, made, account.issuer).catch(() => undefined);
  return { state: "open", mailbox };
}

async function takeOver({ account, secrets, session }: Mailbox): Promise<Entered> {
  try {
    const { content } = await fetchContent(session.http, ownVault(secrets.door));
    const keys = keysIn(content);
    const renewed = await Session.open(session.profile, keys, session.ports);
    const { party } = await renewed.party(session.address);
    checkCurrent(content, party);
    const saved = await saveKeys(account, secrets, keys);
    return { state: "renewed", mailbox: await openMailbox(saved.account, saved.secrets) };
  } catch (error) {
    const gone = error instanceof NoVaultError || error instanceof DamagedVaultError || error instanceof VaultError;
    if (gone || (error instanceof RefusedError && error.code === "not-allowed")) return { state: "removed" };
    throw error;
  }
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof RefusedError)) throw error;
}
