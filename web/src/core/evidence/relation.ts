// What ties persons and authorities to addresses: binding, consent, certificate.

import { type StatementHash, hashStatement } from "../ids.ts";
import type { Operator } from "../operator.ts";
import type { Role } from "../statement/key.ts";
import type { Kind } from "../statement/kind.ts";
import { type Signed, StatementError, kindOf } from "../statement/signed.ts";
import { withCause } from "./causes.ts";
import { type Evidence } from "./file.ts";
import { type Accepted, type Moment, cameBefore } from "./moment.ts";
import { Attempt, failed, notProven } from "./outcome.ts";
import { KeyHistory, verifyFor } from "./parties.ts";

type List = readonly Uint8Array[];

/** Whether the statement says that it is of this kind. */
export function isOf(kind: Kind, bytes: Uint8Array): boolean {
  try {
    return kindOf(bytes) === kind;
  } catch (error) {
    if (error instanceof StatementError) return false;
    throw error;
  }
}

function named(hash: StatementHash, lists: readonly List[], missing: string): Uint8Array {
  const found = lists.flat().find((bytes) => hashStatement(bytes) === hash);
  if (found === undefined) throw notProven(missing);
  return found;
}

/** Whether one statement of a list stands before another. */
export function standsBefore(list: List, one: StatementHash, other: StatementHash): boolean {
  const hashes = list.map(hashStatement);
  return hashes.indexOf(one) < hashes.indexOf(other);
}

/** What the checks of this file share. */
export class Relations {
  constructor(
    readonly header: Signed<"envelope-header">,
    readonly origin: string,
    readonly accepted: Accepted,
    readonly recipient: KeyHistory,
  ) {}

  /** The binding that the header names, signed by a registering key of its issuer. */
  binding(
    hash: StatementHash,
    list: List,
    issuer: (binding: Signed<"binding">) => KeyHistory,
  ): Signed<"binding"> {
    const binding = verifyFor("binding", named(hash, [list], "binding-missing"), this.origin);
    const { address, keyStatement, context } = binding.payload;
    const ofRecipient = address === this.header.payload.recipient && keyStatement === this.recipient.first;
    if (!ofRecipient) throw failed("binding-of-other");
    issuer(binding).checkSigner(binding.signer, "register", this.accepted.get(hash), context.time);
    return binding;
  }

  /** The binding had not ended when the server accepted the envelope. */
  checkBindingInForce(binding: Signed<"binding">, list: List, issuer: KeyHistory, submitted: Moment): void {
    const { until } = binding.payload;
    if (until !== undefined && until <= submitted.time) throw failed("binding-ended");
    for (const withdrawal of this.allOf("binding-withdrawal", list)) {
      const ends = withdrawal.payload.binding === binding.hash && this.counts(withdrawal, "register", issuer);
      if (ends) this.checkLater(withdrawal.hash, submitted, "binding-ended");
    }
    this.checkSuccessions(binding, list, issuer, submitted);
  }

  /**
   * No succession had moved the recipient's address away, and the binding does not come from one that the old keys
   * disputed.
   */
  private checkSuccessions(binding: Signed<"binding">, list: List, issuer: KeyHistory, submitted: Moment): void {
    const objections = this.allOf("objection", list);
    for (const succession of this.allOf("succession", list)) {
      if (!this.counts(succession, "register", issuer)) continue;
      // The old keys' own signature is theirs to prove; the server's receipt counts it.
      const objected = objections.find(({ payload }) => payload.succession === succession.hash);
      const { old, binding: successor } = succession.payload;
      const movedAway =
        old === binding.payload.address &&
        objected === undefined &&
        standsBefore(list, binding.hash, succession.hash);
      if (movedAway) this.checkLater(succession.hash, submitted, "binding-ended");
      if (successor === binding.hash && objected !== undefined) {
        this.checkLater(objected.hash, submitted, "binding-ended");
      }
    }
  }

  /** The consent that the header names, in force when the server accepted the envelope. */
  checkConsent(hash: StatementHash, lists: readonly List[], submitted: Moment): void {
    const consent = verifyFor("consent", named(hash, lists, "consent-missing"), this.origin);
    const { citizen, authority, context, from } = consent.payload;
    const { sender, recipient, class: deliveryClass } = this.header.payload;
    if (citizen !== recipient || (authority !== undefined && authority !== sender)) throw failed("consent-of-other");
    if (deliveryClass === "registered" && consent.payload.class !== "service") throw failed("consent-class");
    const accepted = this.accepted.get(hash);
    this.recipient.checkSigner(consent.signer, "administer", accepted, context.time);
    const acceptedLater = accepted !== undefined && cameBefore(submitted, accepted) === true;
    if (from > submitted.time || acceptedLater) throw failed("consent-not-in-force");
    for (const list of lists) {
      for (const revocation of this.allOf("consent-revocation", list)) {
        const ends = revocation.payload.consent === hash && this.counts(revocation, "administer", this.recipient);
        if (ends) this.checkLater(revocation.hash, submitted, "consent-not-in-force");
      }
      for (const closure of this.allOf("closure", list)) {
        const ends = closure.payload.citizen === citizen && this.counts(closure, "administer", this.recipient);
        if (ends) this.checkLater(closure.hash, submitted, "consent-not-in-force");
      }
    }
  }

  /** Whether a statement that ends another one counts: its signer may have been allowed to. */
  counts<K extends Kind>(ending: Signed<K>, role: Role, party: KeyHistory): boolean {
    const { context } = ending.payload as Signed<Kind>["payload"];
    const accepted = this.accepted.get(ending.hash);
    return !Attempt.of(() => party.checkSigner(ending.signer, role, accepted, context.time)).failed;
  }

  /** A statement that ends another one was accepted only after the envelope. */
  private checkLater(hash: StatementHash, submitted: Moment, tooEarly: string): void {
    const accepted = this.accepted.get(hash);
    const later = accepted && cameBefore(submitted, accepted);
    if (later === undefined) throw notProven("order-unknown");
    if (!later) throw failed(tooEarly);
  }

  /** All statements of one kind in a list, verified. */
  allOf<K extends Kind>(kind: K, list: List): readonly Signed<K>[] {
    return list.filter((bytes) => isOf(kind, bytes)).map((bytes) => verifyFor(kind, bytes, this.origin));
  }
}

/** The certificate that the server checked, in force when it accepted the envelope. */
export function certificate(
  hash: StatementHash,
  list: List,
  { payload: header }: Signed<"envelope-header">,
  operator: Operator,
  accepted: Accepted,
  submitted: Moment,
): Signed<"certificate"> {
  const bytes = named(hash, [list], "certificate-missing");
  const found = withCause(() => operator.accept("certificate", bytes));
  const { subject, from, until } = found.payload;
  if (subject !== header.sender && subject !== header.recipient) throw failed("certificate-of-other");
  if (submitted.time < from || until <= submitted.time) throw failed("certificate-not-in-force");
  for (const other of list.filter((each) => isOf("certificate-revocation", each))) {
    const revocation = withCause(() => operator.accept("certificate-revocation", other));
    // Revocations are the operator's own statements: its clock places one without a receipt.
    const at = accepted.get(revocation.hash);
    const earlier = (at && cameBefore(at, submitted)) ?? revocation.payload.context.time <= submitted.time;
    if (revocation.payload.certificate === hash && earlier) throw failed("certificate-not-in-force");
  }
  return found;
}

/** The keys of the binding's issuer. */
export function issuerKeys(
  file: Evidence,
  { payload: header }: Signed<"envelope-header">,
  { payload: binding }: Signed<"binding">,
  origin: string,
  accepted: Accepted,
): KeyHistory {
  const own = binding.issuer === header.sender ? file.sender : undefined;
  const keys = file.issuer?.keys ?? own;
  if (keys === undefined) throw notProven("issuer-keys-missing");
  return KeyHistory.verify(binding.issuer, keys, origin, accepted);
}
