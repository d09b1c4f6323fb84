// The kinds of statement: payload, rule and whose key must have signed, one line each.
//
// A new kind is a struct with its rule in a file beside this one and a line in `KINDS`; signing, verifying, hashing
// and transport are the same for all. Specification: docs/format/statements.md, "Kinds", "Who may say what".

import type { Infer, Type } from "../codec/type.ts";
import {
  binding,
  bindingWithdrawal,
  checkIssued,
  checkSuccession,
  enrolmentClaim,
  enrolmentRefusal,
  objection,
  succession,
} from "./binding.ts";
import { closure } from "./closure.ts";
import { type Context, type Extensions, checkContext, checkExtensions } from "./common.ts";
import { checkConsent, checkContact, consent, consentRevocation, contact } from "./consent.ts";
import {
  acceptance,
  access,
  checkHandoverRequest,
  checkReasons,
  deletion,
  failure,
  handoverRequest,
  rejection,
  withdrawal,
} from "./delivery.ts";
import { checkHead, head } from "./head.ts";
import { checkEnvelopeHeader, envelopeHeader } from "./header.ts";
import { type Role, checkKeyStatement, keyStatement } from "./key.ts";
import {
  type DelegationPurpose,
  bundle,
  certificate,
  certificateRevocation,
  checkBundle,
  checkCertificate,
  checkDelegation,
  checkGenesis,
  checkMandate,
  delegation,
  genesis,
  mandate,
} from "./operator.ts";
import { checkReceipt, receipt } from "./receipt.ts";

/** Whose key must have signed a statement. */
export type SignedBy =
  /** As the party's key history says (`keys/history.ts`). */
  | { readonly by: "key-history" }
  /** The identity key of the party that speaks, or a signer of it with this role. */
  | { readonly by: "role"; readonly role: Role }
  /** The operator's root key. */
  | { readonly by: "root" }
  /** A key that the root key delegated for this purpose. */
  | { readonly by: "delegate"; readonly purpose: DelegationPurpose };

interface KindRow<T> {
  readonly type: Type<T>;
  readonly signedBy: SignedBy;
  readonly check: (payload: T) => void;
}

function row<T>(type: Type<T>, signer: SignedBy, check: (payload: T) => void = () => {}): KindRow<T> {
  return { type, signedBy: signer, check };
}

const by = (role: Role): SignedBy => ({ by: "role", role });
const root: SignedBy = { by: "root" };
const certifier: SignedBy = { by: "delegate", purpose: "certification" };
const receipter: SignedBy = { by: "delegate", purpose: "receipt" };

const KINDS = {
  key: row(keyStatement, { by: "key-history" }, checkKeyStatement),
  "enrolment-claim": row(enrolmentClaim, by("administer"), checkIssued),
  "enrolment-refusal": row(enrolmentRefusal, by("register"), checkIssued),
  binding: row(binding, by("register"), checkIssued),
  "binding-withdrawal": row(bindingWithdrawal, by("register"), checkIssued),
  succession: row(succession, by("register"), checkSuccession),
  objection: row(objection, by("administer")),
  consent: row(consent, by("administer"), checkConsent),
  "consent-revocation": row(consentRevocation, by("administer")),
  contact: row(contact, by("administer"), checkContact),
  closure: row(closure, by("administer")),
  certificate: row(certificate, certifier, checkCertificate),
  "certificate-revocation": row(certificateRevocation, certifier),
  genesis: row(genesis, root, checkGenesis),
  delegation: row(delegation, root, checkDelegation),
  bundle: row(bundle, receipter, checkBundle),
  mandate: row(mandate, by("administer"), checkMandate),
  "envelope-header": row(envelopeHeader, by("send"), checkEnvelopeHeader),
  "handover-request": row(handoverRequest, by("read"), checkHandoverRequest),
  access: row(access, by("read")),
  failure: row(failure, by("read"), checkReasons),
  acceptance: row(acceptance, by("read")),
  rejection: row(rejection, by("read"), checkReasons),
  deletion: row(deletion, by("administer")),
  withdrawal: row(withdrawal, by("send"), checkReasons),
  receipt: row(receipt, receipter, checkReceipt),
  head: row(head, receipter, checkHead),
} as const;

/** The kinds, by the name that stands in media types. */
export type Kind = keyof typeof KINDS;
/** What a statement of a kind says. */
export type Payload<K extends Kind> = Infer<(typeof KINDS)[K]["type"]>;

/** Every kind, in the order of the specification. */
export const ALL_KINDS = Object.keys(KINDS) as readonly Kind[];

export function payloadType<K extends Kind>(kind: K): Type<Payload<K>> {
  return KINDS[kind].type as unknown as Type<Payload<K>>;
}

export function signedBy(kind: Kind): SignedBy {
  return KINDS[kind].signedBy;
}

/** The media type in the protected header (RFC 9596). */
export function mediaType(kind: Kind): string {
  return `application/vnd.postfach.${kind}+cose`;
}

/** The external AAD, which makes each kind a signature domain of its own. */
export function externalAad(kind: Kind): string {
  return `postfach/${kind}/v1`;
}

/** Throws `RuleError` if the payload breaks a rule that it must obey by itself, whoever signed it. */
export function checkPayload<K extends Kind>(kind: K, payload: Payload<K>): void {
  const { context, ext } = payload as { readonly context: Context; readonly ext?: Extensions };
  checkContext(context);
  checkExtensions(ext);
  (KINDS[kind].check as unknown as (payload: Payload<K>) => void)(payload);
}
