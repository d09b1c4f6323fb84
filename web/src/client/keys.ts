// Changing keys: rotation, signers and devices; and recovery by the sheet, when every device is lost.
//
//   prepare ──▶ new keys and statement ──▶ the caller saves the keys ──▶ submitKeys, as often as the line breaks
//
// Invariant: nothing here tells the server of keys that the caller could not have saved: making and submitting are two
// steps. A statement that was made is kept, so an interrupted change is completed by `unfinishedKeys`.
// Specification: docs/format/statements.md, "Key history"; docs/format/http.md, "Signature".

import { HybridIdentity } from "../core/age/hybrid.ts";
import { RecoverySecret } from "../core/enrolment/secret.ts";
import type { Address } from "../core/ids.ts";
import { Party } from "../core/keys/history.ts";
import { type KeyChange, makeChange, makeRecovery, makeRotation } from "../core/keys/make.ts";
import { SEED_BYTES, SigningKey } from "../core/keys/signing-key.ts";
import { Operator } from "../core/operator.ts";
import { sameHead } from "../core/statement/head.ts";
import { type Signed, verify } from "../core/statement/signed.ts";
import { DishonestError, ForeignSheetError, RefusedError } from "./error.ts";
import { Http } from "./http.ts";
import { Kept } from "./kept.ts";
import { readParty } from "./resources.ts";
import {
  type Ports,
  type PrivateKeys,
  type Profile,
  type Receipted,
  Session,
  convict,
  convictKeys,
  newContext,
} from "./session.ts";

/** New keys with the statement that introduces them. */
export interface NewKeys {
  readonly keys: PrivateKeys;
  readonly statement: Signed<"key">;
}

/** New identity key and age recipient; old openers stay to read old mail. */
export async function prepareRotation(session: Session): Promise<NewKeys> {
  const { random } = session.ports.environment;
  const { party } = await session.party(session.address);
  const identity = SigningKey.fromSeed(random(SEED_BYTES));
  const opener = HybridIdentity.fromSeed(random(SEED_BYTES));
  const statement = makeRotation(party, session.context(), session.identity, identity, [opener.recipient]);
  await session.kept.keep(statement);
  return { keys: { ...session.keys, identity, openers: [opener, ...session.keys.openers] }, statement };
}

/** Other signers or age recipients, for instance of another device, under the same identity key. */
export async function prepareChange(
  session: Session,
  change: (current: Signed<"key">["payload"]) => KeyChange,
): Promise<Signed<"key">> {
  const { party } = await session.party(session.address);
  const key = session.keys.identity ?? session.dailyKey;
  const statement = makeChange(party, session.context(), key, change(party.current.payload));
  await session.kept.keep(statement);
  return statement;
}

/** Submits a key statement and takes the history over as the server now shows it. Safe to repeat. */
export async function submitKeys(session: Session, statement: Signed<"key">): Promise<Receipted> {
  const receipted = await session.submit(statement);
  await session.party(statement.payload.address);
  return receipted;
}

/**
 * The kept statement that introduces the identity key at hand and that the server does not know yet: a change that was
 * interrupted after the keys were saved. Submit it again.
 */
export async function unfinishedKeys(session: Session): Promise<Signed<"key"> | undefined> {
  const identity = session.keys.identity?.verifyingKey;
  const me = await session.kept.party(session.address);
  if (identity === undefined || me === undefined || me.current.payload.identity === identity) return undefined;
  const statements = await session.kept.all("key");
  return statements
    .filter(({ payload }) => payload.identity === identity && payload.previous === me.current.hash)
    .sort((a, b) => b.payload.context.time - a.payload.context.time)[0];
}

/** New keys for an address that a recovery sheet opens, and the secret for the new sheet. */
export interface Recovery extends NewKeys {
  readonly keys: PrivateKeys & { readonly identity: SigningKey };
  readonly sheet: RecoverySecret;
  /** Whether the party is or was certified, so an authority. */
  readonly certified: boolean;
}

/**
 * Draws new keys and a new sheet for `address`. Nothing changes at the server before the statement is submitted in a
 * session with these keys. `openers` are the age identities that are not lost, newest first; mail that was sealed to
 * lost ones stays closed, to everybody. Throws `ForeignSheetError`.
 */
export async function prepareRecovery(
  profile: Profile,
  address: Address,
  old: RecoverySecret,
  ports: Ports,
  openers: readonly HybridIdentity[] = [],
): Promise<Recovery> {
  const { environment } = ports;
  const kept = new Kept(ports.store);
  const { party, certified, clockOffset } = await readWithSheet(profile, address, old, ports, kept);
  const identity = SigningKey.fromSeed(environment.random(SEED_BYTES));
  const opener = HybridIdentity.fromSeed(environment.random(SEED_BYTES));
  const sheet = RecoverySecret.generate(environment.random);
  const context = newContext(profile, environment, clockOffset);
  const statement = makeRecovery(party, context, old, identity, sheet, [opener.recipient]);
  await kept.keep(statement);
  return { keys: { identity, openers: [opener, ...openers] }, sheet, statement, certified };
}

/** The same recovery in a statement of now, which fits what the server knows now. Throws `ForeignSheetError`. */
export async function renewRecovery(profile: Profile, address: Address, old: RecoverySecret, ports: Ports, drawn: Recovery): Promise<Recovery> {
  const kept = new Kept(ports.store);
  const { party, clockOffset } = await readWithSheet(profile, address, old, ports, kept);
  const { identity, openers } = drawn.keys;
  const context = newContext(profile, ports.environment, clockOffset);
  const statement = makeRecovery(party, context, old, identity, drawn.sheet, openers.slice(0, 1).map(({ recipient }) => recipient));
  await kept.keep(statement);
  return { ...drawn, statement };
}

/** A party's keys as the server shows them to the holder of its recovery key, verified. */
async function readWithSheet(
  profile: Profile,
  address: Address,
  sheet: RecoverySecret,
  { environment }: Ports,
  kept: Kept,
): Promise<{ party: Party; certified: boolean; clockOffset: number }> {
  const http = new Http(profile.service, environment);
  const info = await http.info();
  if (info.root !== profile.root) throw new DishonestError({ lie: "root-key" });
  if (info.origin !== profile.origin) throw new DishonestError({ lie: "origin" });
  const operator = convict(() => Operator.accept(profile.origin, profile.root, info.delegations));
  const key = sheet.recoveryKey();
  let resource: ReturnType<typeof readParty>;
  try {
    resource = await http.get(`/v1/parties/${address}`, readParty, { address, key });
  } catch (cause) {
    const foreign = cause instanceof RefusedError && cause.code === "not-allowed";
    throw foreign ? new ForeignSheetError("the sheet is not, or no longer, the one of this address") : cause;
  }
  const history = resource.keys.entries.map(({ statement }) => convict(() => verify("key", statement)));
  const party = convictKeys(address, () => Party.fromHistory(address, history));
  const head = convict(() => operator.accept("head", resource.keys.head));
  const { subject } = head.payload;
  if (subject.kind !== "party" || subject.address !== address) throw new DishonestError({ lie: "foreign-head" });
  if (!sameHead(head.payload.head, party.head)) {
    throw new DishonestError({ lie: "dropped-entry", head: head.payload.head.count, shown: party.head.count });
  }
  if (!party.recovers(key.verifyingKey)) {
    throw new ForeignSheetError("the sheet is not, or no longer, the one of this address");
  }
  await kept.rememberHistory(address, history);
  await kept.rememberHead(head);
  return { party, certified: resource.certificates.entries.length > 0, clockOffset: http.clockOffset };
}

/** Opens a session with recovered keys and submits their statement. */
export async function completeRecovery(profile: Profile, recovery: NewKeys, ports: Ports): Promise<Session> {
  const { address } = recovery.statement.payload;
  const session = await Session.open({ ...profile, address }, recovery.keys, ports);
  await submitKeys(session, recovery.statement);
  return session;
}
