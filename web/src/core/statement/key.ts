// Key statements: which keys speak and read for an address.
//
// Number 0 is signed by the identity key that the address commits to. The rules across statements are in
// `keys/history.ts`. Specification: docs/format/statements.md, "key".

import { addressFromKeys, address } from "../addresses/address.ts";
import { type Infer, array, bytes, codes, encode, optional, struct, text, tuple, uint } from "../codec/type.ts";
import { type UnixMillis, type VerifyingKey, recoveryKeyHash, signature, statementHash, unixMillis } from "../ids.ts";
import { type SigningKey, holdsInDomain } from "../keys/signing-key.ts";
import { isStrong, verifyingKey } from "../keys/verifying-key.ts";
import { MAX_ORIGIN, RuleError, checkAscending, checkCount, checkText, compareText, context, extensions } from "./common.ts";

/** Most age recipients of one party; mail is encrypted to each. */
export const MAX_RECIPIENTS = 8;
const MAX_SIGNERS = 256;
/** HPKE KEM number of X-Wing, the KEM of age's `mlkem768x25519` stanza. */
export const X_WING = 0x647a;
const X_WING_KEY_BYTES = 1216;

export const role = codes({ send: 1, register: 2, read: 3, administer: 4 });
/** What a signer may do in a party's name. */
export type Role = Infer<typeof role>;

const signerGrant = struct({
  key: verifyingKey,
  /** What it may do; ascending. */
  roles: array(role),
  from: unixMillis,
  until: optional(unixMillis),
});
/** A signer of a party: a clerk, a device or a machine. */
export type SignerGrant = Infer<typeof signerGrant>;

/** `[KEM number, key]`. */
const recipientKey = tuple(uint, bytes);
export type RecipientKey = Infer<typeof recipientKey>;

export const keyStatement = struct({
  context,
  address,
  /** 0 for the first, then ascending without gaps. */
  number: uint,
  previous: optional(statementHash),
  /** The identity key, which may do everything. */
  identity: verifyingKey,
  /** Commitment to the key that can replace all others. */
  recovery: recoveryKeyHash,
  /** Age recipients, in the order in which senders write their stanzas. */
  recipients: array(recipientKey),
  /** Keys that act in the party's name; ascending by key. */
  signers: array(signerGrant),
  /** Signature of a new identity key over this payload without this field. */
  possession: optional(signature),
  /** The recovery key, revealed when it signs. */
  recoveredWith: optional(verifyingKey),
  home: optional(text),
  ext: optional(extensions),
});
/** The keys of a party from one point of the log on. */
export type KeyStatement = Infer<typeof keyStatement>;

function withoutPossession(statement: KeyStatement): Uint8Array {
  return encode(keyStatement, { ...statement, possession: undefined });
}

/** The statement with the proof that the holder of `identity` agrees to be the new identity key. */
export function withPossession(statement: KeyStatement, identity: SigningKey): KeyStatement {
  return { ...statement, possession: identity.sign("key-possession", withoutPossession(statement)) };
}

/** Whether that proof is there and holds. */
export function provesPossession(statement: KeyStatement): boolean {
  const { possession, identity } = statement;
  return (
    possession !== undefined &&
    holdsInDomain(identity, "key-possession", withoutPossession(statement), possession)
  );
}

/** Why a key may not do something for a party. */
export type NotAllowed = "unknown-key" | "role";

/** Whether `key` may do this at `time`, by this statement alone; otherwise why not. */
export function allows(
  statement: KeyStatement,
  key: VerifyingKey,
  wanted: Role,
  time: UnixMillis,
): true | NotAllowed {
  if (key === statement.identity) return true;
  const grant = statement.signers.find((signer) => signer.key === key);
  if (grant === undefined) return "unknown-key";
  const inPeriod = grant.from <= time && (grant.until === undefined || time < grant.until);
  return inPeriod && grant.roles.includes(wanted) ? true : "role";
}

export function checkKeyStatement(statement: KeyStatement): void {
  if (!isStrong(statement.identity)) throw new RuleError("key", "identity key");
  checkCount("recipients", statement.recipients.length, 1, MAX_RECIPIENTS);
  for (const [kem, key] of statement.recipients) {
    if (kem !== X_WING || key.length !== X_WING_KEY_BYTES) throw new RuleError("key", "age recipient");
  }
  checkCount("signers", statement.signers.length, 0, MAX_SIGNERS);
  checkAscending("signers", statement.signers, (a, b) => compareText(a.key, b.key));
  for (const grant of statement.signers) checkGrant(grant);
  if (statement.recoveredWith !== undefined && !isStrong(statement.recoveredWith)) {
    throw new RuleError("key", "recovery key");
  }
  if (statement.home !== undefined) checkText("home", statement.home, MAX_ORIGIN);
  if (statement.number === 0) checkFirst(statement);
  else if (statement.previous === undefined) {
    throw new RuleError("contradiction", "a later number and no statement before it");
  }
}

function checkGrant(grant: SignerGrant): void {
  if (!isStrong(grant.key)) throw new RuleError("key", "signer key");
  checkCount("roles", grant.roles.length, 1, role.names.length);
  checkAscending("roles", grant.roles, (a, b) => role.number(a) - role.number(b));
  if (grant.until !== undefined && grant.until <= grant.from) throw new RuleError("range", "until");
}

function checkFirst(statement: KeyStatement): void {
  const { previous, possession, recoveredWith, identity, recovery } = statement;
  if (previous !== undefined || possession !== undefined || recoveredWith !== undefined) {
    throw new RuleError("contradiction", "number 0 and a predecessor, proof of possession or recovery key");
  }
  if (statement.address !== addressFromKeys(identity, recovery)) {
    throw new RuleError("contradiction", "the address and its first keys");
  }
}
