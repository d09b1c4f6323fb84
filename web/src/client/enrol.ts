// Becoming a party: the service learned from the letter, first keys, the claim, consents.
//
// Invariant: the letter's code never travels; the root key is the one in the letter. Keys are saved by the caller
// before anything is submitted. Specification: docs/format/enrolment.md.

import { HybridIdentity } from "../core/age/hybrid.ts";
import { utf8 } from "../core/codec/bytes.ts";
import type { Invitation } from "../core/enrolment/invitation.ts";
import { RecoverySecret } from "../core/enrolment/secret.ts";
import type { ClaimAnswer } from "../core/enrolment/relation.ts";
import { type Address, type VerifyingKey, hashText } from "../core/ids.ts";
import { makeFirst } from "../core/keys/make.ts";
import { SEED_BYTES, SigningKey } from "../core/keys/signing-key.ts";
import { Operator } from "../core/operator.ts";
import type { ConsentClass, ContactLanguage } from "../core/statement/consent.ts";
import { type Signed, sign } from "../core/statement/signed.ts";
import { DishonestError, NotFoundError } from "./error.ts";
import { Http } from "./http.ts";
import type { Environment } from "./ports.ts";
import { type PrivateKeys, type Profile, type Receipted, type Session, convict, newContext } from "./session.ts";

/** New keys of a party, before the server has seen them. */
export interface NewParty {
  readonly address: Address;
  readonly keys: PrivateKeys & { readonly identity: SigningKey };
  /** The secret that goes on paper. */
  readonly sheet: RecoverySecret;
  /** Key statement number 0. */
  readonly statement: Signed<"key">;
}

/** What the server says of itself, accepted under the root key of a letter or profile. */
export async function learnService(
  { service, root }: { readonly service: string; readonly root: VerifyingKey },
  environment: Environment,
): Promise<Profile> {
  const info = await new Http(service, environment).info();
  if (info.root !== root) throw new DishonestError({ lie: "root-key" });
  convict(() => Operator.accept(info.origin, root, info.delegations));
  return { service, origin: info.origin, epoch: info.epoch, root };
}

/** How far a service's clock is ahead of this one, in milliseconds. */
export async function clockOffset(service: string, environment: Environment): Promise<number> {
  const http = new Http(service, environment);
  await http.info();
  return http.clockOffset;
}

/**
 * Draws identity key, age identity and recovery secret for a new party at this service. `ahead` is how far its clock
 * is ahead of this one.
 */
export function drawParty(profile: Profile, environment: Environment, ahead = 0): NewParty {
  const { random } = environment;
  const identity = SigningKey.fromSeed(random(SEED_BYTES));
  const opener = HybridIdentity.fromSeed(random(SEED_BYTES));
  const sheet = RecoverySecret.generate(random);
  const made = makeFirst(newContext(profile, environment, ahead), identity, sheet, [opener.recipient]);
  return { ...made, keys: { identity, openers: [opener] }, sheet };
}

/** Key statement 0 of the same party in a statement of now: its address depends on the keys alone. */
export function renewFirst(session: Session, { identity, openers }: NewParty["keys"], sheet: RecoverySecret): Signed<"key"> {
  return makeFirst(session.context(), identity, sheet, openers.map(({ recipient }) => recipient)).statement;
}

/** Registers the party's first keys. Safe to repeat with the same statement. */
export async function register(session: Session, statement: Signed<"key">): Promise<Receipted> {
  const receipted = await session.submit(statement);
  await session.kept.rememberHistory(statement.payload.address, [statement]);
  return receipted;
}

/** Claims a letter's code for this party's address. */
export async function claim(session: Session, { issuer, code }: Invitation): Promise<Receipted> {
  const me = await session.kept.party(session.address);
  if (me === undefined) throw new NotFoundError("this profile's keys are not registered");
  const said = {
    context: session.context(),
    issuer,
    address: me.address,
    keyStatement: me.first,
    codeId: code.id,
    mac: code.claimMac(me.first, session.operator.origin),
  };
  return session.submit(sign("enrolment-claim", said, session.identity));
}

/** How the newest claim towards an authority was answered; nothing where there is none. */
export async function claimAnswer(session: Session, issuer: Address): Promise<ClaimAnswer | undefined> {
  const { relation } = await session.relation(session.address, issuer);
  const answer = relation.claims.at(-1)?.answer;
  if (answer?.answer !== "bound") return answer;
  const { party } = await session.party(session.address);
  if (!relation.binds(answer.binding, issuer, party)) {
    throw new DishonestError({ lie: "forged-binding", address: session.address });
  }
  return answer;
}

/** Records the citizen's consent, with the hash of the text that was shown. */
export function giveConsent(
  session: Session,
  authority: Address | undefined,
  consentClass: ConsentClass,
  text: string,
): Promise<Receipted> {
  const context = session.context();
  const said = {
    context,
    citizen: session.address,
    authority,
    class: consentClass,
    text: hashText(utf8(text)),
    from: context.time,
  };
  return session.submit(sign("consent", said, administering(session)));
}

/** The consent of this class in force towards this authority, given to it or to all. */
export async function consentInForce(
  session: Session,
  authority: Address,
  consentClass: ConsentClass,
): Promise<Signed<"consent"> | undefined> {
  const { relation, general } = await session.relation(session.address, authority);
  return relation.consentOrGeneral(general, consentClass, session.now);
}

/** Revokes a consent. */
export function revokeConsent(session: Session, consent: Signed<"consent">): Promise<Receipted> {
  const { authority } = consent.payload;
  const said = { context: session.context(), citizen: session.address, authority, consent: consent.hash };
  return session.submit(sign("consent-revocation", said, administering(session)));
}

/** Says where this party wants to be told that a letter waits; without an address, nowhere. */
export function setContact(session: Session, email: string | undefined, language: ContactLanguage): Promise<Receipted> {
  const said = { context: session.context(), party: session.address, email, language };
  return session.submit(sign("contact", said, administering(session)));
}

/** The key that may speak for the whole party: the identity key, or an administrator's. */
export function administering(session: Session): SigningKey {
  return session.keys.identity ?? session.dailyKey;
}
