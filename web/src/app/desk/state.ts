// An unlocked desk: the authority's session, the clerk's rights, the common record, and what lies on this device.
//
// Invariant: rights are those of the newest verified key statement, asked for when the desk opens; the server enforces
// them in any case. Everything readable ends with locking or leaving the page.

import { HybridIdentity } from "../../core/age/hybrid.ts";
import type { VerifyingKey } from "../../core/ids.ts";
import { type Role, allows } from "../../core/statement/key.ts";
import { certifiedName } from "../../client/mailbox.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { type Ports, Session } from "../../client/session.ts";
import { type Acquaintance, acquaintance } from "../../client/trust.ts";
import { Database } from "../../vault/database.ts";
import { DESKS, type DeskAccount, type DeskSecrets, readDeskAccount } from "../../vault/desk.ts";
import { Device } from "./device.ts";
import { localPlace } from "./place.ts";
import { Shared } from "./shared.ts";

export interface Desk {
  readonly account: DeskAccount;
  readonly session: Session;
  readonly secrets: DeskSecrets;
  readonly known: Acquaintance;
  readonly shared: Shared;
  readonly device: Device;
  /** The clerk's own key. */
  readonly me: VerifyingKey;
  /** The authority's certified name; none without a certificate in force. */
  readonly certified: string | undefined;
  may(role: Role): boolean;
}

let base: Promise<Database> | undefined;

export function desks(): Promise<Database> {
  base ??= Database.open(DESKS);
  return base;
}

/** Names a desk in the database: authority and clerk. */
export function deskId(account: Pick<DeskAccount, "address">, me: VerifyingKey): string {
  return `${account.address}.${me.slice(0, 16)}`;
}

export async function deskAccounts(): Promise<readonly DeskAccount[]> {
  return (await (await desks()).accounts()).map(readDeskAccount);
}

export async function deskPorts(id: string): Promise<Ports> {
  const found = await desks();
  return { environment: systemEnvironment, store: found.store(id), spool: found.spool(id) };
}

/** Connects an unlocked desk. */
export async function openDesk(account: DeskAccount, secrets: DeskSecrets): Promise<Desk> {
  const { keys } = secrets;
  const me = (keys.signer ?? keys.identity)?.verifyingKey;
  if (me === undefined) throw new TypeError("a desk without a key");
  const ports = await deskPorts(deskId(account, me));
  const session = await Session.open(account.profile, keys, ports);
  const known = acquaintance(session);
  const own = await known.party(session.address);
  const shared = new Shared(localPlace(ports), HybridIdentity.fromSeed(secrets.shared), systemEnvironment.random);
  const desk: Desk = {
    account, session, secrets, known, shared, me,
    device: new Device(ports, secrets.device),
    certified: certifiedName(own, session.now),
    may: (role) => allows(own.party.current.payload, me, role, session.now) === true,
  };
  const record = await shared.refresh();
  if (!record.clerks.some(({ key }) => key === me)) {
    await shared.change((now) => ({ ...now, clerks: [...now.clerks, { key: me, name: account.clerk, since: session.now }] }));
  }
  return desk;
}
