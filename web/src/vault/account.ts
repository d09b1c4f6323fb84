// An account in this browser: whose mailbox, at which service, and the locked box with its keys.
//
// Invariant: read strictly; what has another form is refused, not repaired. Nothing secret is outside the box.

import { parseAddress } from "../core/addresses/address.ts";
import { type Address, type VerifyingKey, keyBytes } from "../core/ids.ts";
import type { Profile } from "../client/session.ts";

export type Lock =
  | { readonly kind: "passkey"; readonly credential: Uint8Array; readonly box: Uint8Array }
  /** `secret` opens the box and is itself behind the passphrase; without it the box is. */
  | { readonly kind: "passphrase"; readonly secret?: Uint8Array; readonly box: Uint8Array };

/**
 * How far a mailbox is here: the sheet is to be printed, the claim is to be sent, the authority is to answer, done; or
 * new keys by the recovery sheet are to be sent once the new sheet is printed.
 */
export type Stage = "sheet" | "claim" | "answer" | "done" | "recovery";

export interface Account {
  readonly address: Address;
  readonly profile: Profile;
  /** The authority that wrote the letter. */
  readonly issuer: Address;
  readonly lock: Lock;
  readonly stage: Stage;
  /** The exact bytes of the key statement that the server has not taken yet: number 0, or a recovery. */
  readonly first: Uint8Array | undefined;
  /** When it was made, in Unix milliseconds. */
  readonly since: number;
}

/** What lies in the database is no account of ours. */
export class AccountError extends Error {
  override readonly name = "AccountError";
}

const STAGES: readonly string[] = ["sheet", "claim", "answer", "done", "recovery"] satisfies Stage[];

export function readAccount(value: unknown): Account {
  const found = value as Account;
  const address = parseAddress(String(found?.address));
  const issuer = parseAddress(String(found?.issuer));
  const root: VerifyingKey | undefined = keyBytes.parse(String(found?.profile?.root));
  const box = found?.lock?.box;
  const known = STAGES.includes(found?.stage) && box instanceof Uint8Array;
  if (address === undefined || issuer === undefined || root === undefined || !known) throw new AccountError("unknown form");
  return { ...found, address, issuer, profile: { ...found.profile, root, address } };
}
