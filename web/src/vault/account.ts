// An account in this browser: whose mailbox, at which service, and the locked box with its keys.
//
// Invariant: read strictly; what has another form is refused, not repaired. Nothing secret is outside the box.

import { parseAddress } from "../core/addresses/address.ts";
import { type Address, type VerifyingKey, keyBytes } from "../core/ids.ts";
import type { Profile } from "../client/session.ts";

export type Lock =
  | { readonly kind: "passkey"; readonly credential: Uint8Array; readonly box: Uint8Array }
  | { readonly kind: "passphrase"; readonly box: Uint8Array };

/** How far enrolment is: the sheet is to be printed, the claim is to be sent, the authority is to answer, done. */
export type Stage = "sheet" | "claim" | "answer" | "done";

export interface Account {
  readonly address: Address;
  readonly profile: Profile;
  /** The authority that wrote the letter. */
  readonly issuer: Address;
  readonly lock: Lock;
  readonly stage: Stage;
  /** The exact bytes of key statement 0, until they are registered. */
  readonly first: Uint8Array | undefined;
  /** When it was made, in Unix milliseconds. */
  readonly since: number;
}

/** What lies in the database is no account of ours. */
export class AccountError extends Error {
  override readonly name = "AccountError";
}

const STAGES: readonly string[] = ["sheet", "claim", "answer", "done"] satisfies Stage[];

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
