// Making key statements: a party's first one, and the ones that follow.
//
// Invariant: the caller saves new keys before a server learns of the statement: a lost answer must not lose them.
// Specification: docs/format/statements.md, "Key history"; docs/format/enrolment.md.

import type { HybridRecipient } from "../age/hybrid.ts";
import { addressFromKeys } from "../addresses/address.ts";
import type { RecoverySecret } from "../enrolment/secret.ts";
import type { Address } from "../ids.ts";
import { type Context, compareText } from "../statement/common.ts";
import { type KeyStatement, type RecipientKey, type SignerGrant, X_WING, withPossession } from "../statement/key.ts";
import { type Signed, sign } from "../statement/signed.ts";
import type { Party } from "./history.ts";
import type { SigningKey } from "./signing-key.ts";
import { recoveryHash } from "./verifying-key.ts";

function recipientKeys(recipients: readonly HybridRecipient[]): readonly RecipientKey[] {
  return recipients.map(({ bytes }) => [X_WING, bytes]);
}

/** Key statement number 0 and the address that it makes. */
export function makeFirst(
  context: Context,
  identity: SigningKey,
  recovery: RecoverySecret,
  recipients: readonly HybridRecipient[],
): { address: Address; statement: Signed<"key"> } {
  const commitment = recoveryHash(recovery.recoveryKey().verifyingKey);
  const address = addressFromKeys(identity.verifyingKey, commitment);
  const payload: KeyStatement = {
    context,
    address,
    number: 0,
    identity: identity.verifyingKey,
    recovery: commitment,
    recipients: recipientKeys(recipients),
    signers: [],
  };
  return { address, statement: sign("key", payload, identity) };
}

function following(party: Party, context: Context): KeyStatement {
  const { payload, hash } = party.current;
  return {
    ...payload,
    context,
    number: payload.number + 1,
    previous: hash,
    possession: undefined,
    recoveredWith: undefined,
  };
}

/** The statement that replaces identity key and age recipients, signed by the identity key before. */
export function makeRotation(
  party: Party,
  context: Context,
  before: SigningKey,
  identity: SigningKey,
  recipients: readonly HybridRecipient[],
): Signed<"key"> {
  const next: KeyStatement = {
    ...following(party, context),
    identity: identity.verifyingKey,
    recipients: recipientKeys(recipients),
  };
  return sign("key", withPossession(next, identity), before);
}

/** What the next statement says of devices and people: signers, recipients. */
export interface KeyChange {
  readonly signers?: readonly SignerGrant[];
  /** In the order in which senders write their stanzas. An administrator cannot change them. */
  readonly recipients?: readonly HybridRecipient[];
}

/** The statement that changes signers or age recipients under the same identity key. */
export function makeChange(party: Party, context: Context, key: SigningKey, change: KeyChange): Signed<"key"> {
  const next = following(party, context);
  const signers = change.signers ?? next.signers;
  return sign(
    "key",
    {
      ...next,
      signers: [...signers].sort((a, b) => compareText(a.key, b.key)),
      recipients: change.recipients === undefined ? next.recipients : recipientKeys(change.recipients),
    },
    key,
  );
}

/** The statement by which a recovery sheet takes an address over: new keys, a new sheet, no signers. */
export function makeRecovery(
  party: Party,
  context: Context,
  sheet: RecoverySecret,
  identity: SigningKey,
  newSheet: RecoverySecret,
  recipients: readonly HybridRecipient[],
): Signed<"key"> {
  const recoveryKey = sheet.recoveryKey();
  const next: KeyStatement = {
    ...following(party, context),
    identity: identity.verifyingKey,
    recovery: recoveryHash(newSheet.recoveryKey().verifyingKey),
    recipients: recipientKeys(recipients),
    signers: [],
    recoveredWith: recoveryKey.verifyingKey,
  };
  return sign("key", withPossession(next, identity), recoveryKey);
}
