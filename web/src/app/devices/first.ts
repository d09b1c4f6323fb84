// A new mailbox's first steps at the server: keys, vaults for this device and the sheet, the claim.
//
// Invariant: safe to repeat after any interruption; the sheet's secret leaves this device's box once its vault is
// written.

import type { ActivationCode } from "../../core/enrolment/secret.ts";
import { verify } from "../../core/statement/signed.ts";
import { vaultKeys } from "../../core/vaults/keys.ts";
import { holderOf, writeVaults } from "../../client/devices.ts";
import { claim, register, renewFirst } from "../../client/enrol.ts";
import { RefusedError } from "../../client/error.ts";
import { systemEnvironment } from "../../client/ports.ts";
import type { Session } from "../../client/session.ts";
import type { Account } from "../../vault/account.ts";
import { closeBox, ownVault } from "../../vault/door.ts";
import { type Secrets, writeSecrets } from "../../vault/secrets.ts";
import { t } from "../language.ts";
import { openMailbox, saveAccount } from "../mailbox-state.ts";
import { ownName } from "./entering.ts";

export async function claimWith(account: Account, secrets: Secrets, code: ActivationCode): Promise<[Account, Secrets]> {
  const { session } = await openMailbox(account, secrets);
  await registerFirst(session, account, secrets);
  const own = ownVault(secrets.door);
  const holders = [holderOf(own, "device", ownName(), session.now)];
  if (secrets.sheet !== undefined) {
    const sheet = vaultKeys({ kind: "sheet", secret: secrets.sheet });
    holders.push(holderOf(sheet, "sheet", t("Wiederherstellungsblatt", "Recovery sheet"), session.now));
  }
  await writeVaults(session, own, { holders, issuer: account.issuer });
  const { service, root } = account.profile;
  await claim(session, { service, issuer: account.issuer, root, code });
  const left: Secrets = { ...secrets, sheet: undefined };
  const next: Account = { ...account, stage: "answer", lock: closeBox(secrets.door, writeSecrets(left), systemEnvironment.random) };
  await saveAccount(next);
  return [next, left];
}

/** Registers the first keys; printing may have taken longer than a statement may be old. */
async function registerFirst(session: Session, { first }: Account, { sheet, keys }: Secrets): Promise<void> {
  if (first === undefined) return;
  const statement = verify("key", first);
  try {
    await register(session, statement);
  } catch (error) {
    const late = error instanceof RefusedError && error.code === "clock-out-of-range";
    if (!late || sheet === undefined) throw error;
    await register(session, renewFirst(session, keys, sheet));
  }
}
