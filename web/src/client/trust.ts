// Who said what: every statement that the server shows is judged by its speaker's keys.
//
//   key statements ──receipts──▶ which of them was the newest when something was receipted
//   header      sender's key statement that it names, role send
//   relation    claims, consents, objections, closure: the citizen; bindings and what ends them: the issuer
//   envelope    handover, access, failure, acceptance, rejection, deletion: the recipient; withdrawal: the sender
//
// Invariant: keys that ended keep what they signed before and can say nothing after; what decides is the receipt that
// answers the statement, never the time that its signer claims. So a rotated key or a dismissed clerk invalidates no
// earlier binding, and the operator, who can sign receipts but nothing else, can write in nobody's name.
// Specification: docs/format/statements.md, "Who may say what".

import type { Relation } from "../core/enrolment/relation.ts";
import type { Delivery, SaidOfEnvelope } from "../core/envelope/delivery.ts";
import type { Address, StatementHash, UnixMillis, VerifyingKey } from "../core/ids.ts";
import { type Role, allows } from "../core/statement/key.ts";
import { type Kind, signedBy } from "../core/statement/kind.ts";
import { type AnySigned, type Signed, StatementError, verifyAny } from "../core/statement/signed.ts";
import { DishonestError } from "./error.ts";
import type { Logged } from "./resources.ts";
import { type KnownParty, type KnownRelation, type Session, convict } from "./session.ts";

/** A party's key statements with the times of their receipts. */
export class DatedKeys {
  constructor(private readonly statements: readonly { statement: Signed<"key">; since: UnixMillis }[]) {}

  /** The key statement with this hash. */
  named(hash: StatementHash): Signed<"key"> | undefined {
    return this.statements.find(({ statement }) => statement.hash === hash)?.statement;
  }

  /**
   * Whether `key` had `role` when the server receipted something at `time`. Of statements receipted in that very
   * millisecond either may have been the newest.
   */
  allowed(key: VerifyingKey, role: Role, time: UnixMillis): boolean {
    const newestBefore = this.statements.findLastIndex(({ since }) => since < time);
    const start = Math.max(newestBefore, 0);
    return this.statements
      .slice(start)
      .filter(({ since }, index) => index === 0 || since <= time)
      .some(({ statement }) => allows(statement.payload, key, role, time) === true);
  }
}

/** What one operation has learned already, so that the server is not asked twice. */
export interface Acquaintance {
  party(address: Address): Promise<KnownParty>;
  relation(citizen: Address, authority: Address): Promise<KnownRelation>;
  /** Whether anything was learned before; keys and bindings may be newer than that. */
  readonly stale: boolean;
}

/** An acquaintance with nobody yet. */
export function acquaintance(session: Session): Acquaintance {
  const parties = new Map<Address, Promise<KnownParty>>();
  const relations = new Map<string, Promise<KnownRelation>>();
  function remember<K, V>(map: Map<K, Promise<V>>, key: K, ask: () => Promise<V>): Promise<V> {
    const known = map.get(key);
    if (known !== undefined) return known;
    const asked = ask();
    map.set(key, asked);
    // What failed is asked again.
    asked.catch(() => map.delete(key));
    return asked;
  }
  const known: Acquaintance = {
    party: (address) => remember(parties, address, () => session.party(address)),
    relation: (citizen, authority) =>
      remember(relations, `${citizen}/${authority}`, () => session.relation(citizen, authority, known)),
    get stale() {
      return parties.size + relations.size > 0;
    },
  };
  return known;
}

/** Who speaks in a statement, and whether it belongs where it was shown. */
interface Speech {
  readonly said: AnySigned;
  readonly speaker: Address;
  readonly belongs: boolean;
}

/** A statement in the list of `citizen` and `authority`, or of `citizen` and everybody. */
function inRelation(
  bytes: Uint8Array,
  citizen: Address,
  authority: Address | undefined,
  relation: Relation,
): Speech {
  const said = verifyAny(bytes);
  const pair = (issuer: Address, address: Address): boolean => issuer === authority && address === citizen;
  switch (said.kind) {
    case "enrolment-claim":
      return { said, speaker: said.payload.address, belongs: pair(said.payload.issuer, said.payload.address) };
    case "enrolment-refusal":
    case "binding":
    case "binding-withdrawal":
      return { said, speaker: said.payload.issuer, belongs: pair(said.payload.issuer, said.payload.address) };
    case "succession": {
      const { issuer, old, new: next } = said.payload;
      return { said, speaker: issuer, belongs: issuer === authority && [old, next].includes(citizen) };
    }
    case "objection": {
      const { address, succession } = said.payload;
      const named = relation.successions.some(
        (known) => known.succession.hash === succession && known.succession.payload.old === address,
      );
      return { said, speaker: address, belongs: named };
    }
    case "consent":
    case "consent-revocation": {
      const { payload } = said;
      return { said, speaker: payload.citizen, belongs: payload.citizen === citizen && payload.authority === authority };
    }
    case "closure": {
      const { citizen: speaker } = said.payload;
      return { said, speaker, belongs: speaker === citizen && authority === undefined };
    }
    default:
      throw new StatementError("kind");
  }
}

/** A statement about an envelope that was sent, other than receipts. */
function ofEnvelope(said: SaidOfEnvelope, header: Signed<"envelope-header">): Speech {
  const [speaker, side] =
    "sender" in said.payload
      ? [said.payload.sender, header.payload.sender]
      : [said.payload.recipient, header.payload.recipient];
  return { said: said as AnySigned, speaker, belongs: said.payload.header === header.hash && speaker === side };
}

function forged({ said, speaker }: Speech): DishonestError {
  return new DishonestError({ lie: "forged-statement", address: speaker, kind: said.kind });
}

/** It is made for this log, belongs here, and its signer had the role for the speaker. */
function checkSpeech(speech: Speech, origin: string, keys: DatedKeys, time: UnixMillis): void {
  const rule = signedBy(speech.said.kind);
  if (speech.said.payload.context.origin !== origin) throw new DishonestError({ lie: "origin" });
  const allowed = rule.by === "role" && keys.allowed(speech.said.signer, rule.role, time);
  if (!allowed || !speech.belongs) throw forged(speech);
}

/** Every statement of a relation's list was signed by whom it names. Throws `DishonestError`. */
export async function checkRelation(
  session: Session,
  entries: readonly Logged[],
  citizen: Address,
  authority: Address | undefined,
  relation: Relation,
  known: Acquaintance,
): Promise<void> {
  for (const entry of entries) {
    const speech = convict(() => inRelation(entry.statement, citizen, authority, relation));
    const time = session.receiptedAt(entry);
    const party = speech.speaker === citizen || speech.speaker === authority;
    // The old address objected. Its keys are not the successor's to see; the receipt counts the objection, which can
    // only keep mail away from the new address.
    if (speech.belongs && !party && session.address !== authority) continue;
    if (!speech.belongs) throw forged(speech);
    const { keys } = await known.party(speech.speaker);
    try {
      checkSpeech(speech, session.operator.origin, keys, time);
    } catch (cause) {
      const own = cause instanceof DishonestError && cause.lie.lie === "forged-statement";
      if (own && speech.said.kind === "binding") throw new DishonestError({ lie: "forged-binding", address: citizen });
      throw cause;
    }
  }
}

/**
 * Header and statements of an envelope come from whom they name, and the sender knew the recipient. What was learned
 * before may be out of date; then it is learned anew. Throws `DishonestError`.
 */
export async function checkEnvelope(session: Session, delivery: Delivery, known: Acquaintance): Promise<void> {
  const { stale } = known;
  try {
    await checkEnvelopeAmong(session, delivery, known);
  } catch (error) {
    if (!(error instanceof DishonestError) || !stale) throw error;
    await checkEnvelopeAmong(session, delivery, acquaintance(session));
  }
}

async function checkEnvelopeAmong(session: Session, delivery: Delivery, known: Acquaintance): Promise<void> {
  const { header } = delivery;
  const { origin } = session.operator;
  const receiptOf = (hash: StatementHash): Signed<"receipt"> => {
    const receipt = delivery.receiptOf(hash);
    if (receipt === undefined) throw new DishonestError({ lie: "unreceipted" });
    return receipt;
  };
  const submission = receiptOf(header.hash).payload;
  if (!submission.events.includes("SubmissionAcceptance")) throw new DishonestError({ lie: "foreign-receipt" });
  const { sender, recipient, binding } = header.payload;
  checkHeader(header, (await known.party(sender)).keys, origin, submission.context.time);
  const { certification, party: person } = await known.party(recipient);
  if (binding !== undefined) {
    const { relation } = await known.relation(recipient, sender);
    if (!relation.binds(binding, sender, person)) {
      throw new DishonestError({ lie: "forged-binding", address: person.address });
    }
  } else if (certification.certificates.length === 0 && sender !== recipient) {
    // A letter to a citizen rests on a binding, whoever sends it.
    throw new DishonestError({ lie: "forged-header", sender });
  }
  for (const said of delivery.said) {
    const speech = ofEnvelope(said, header);
    const time = receiptOf(said.hash).payload.context.time;
    if (!speech.belongs) throw forged(speech);
    checkSpeech(speech, origin, (await known.party(speech.speaker)).keys, time);
  }
}

/** The sender's key statement that the header names lets its signer send. Throws `DishonestError`. */
export function checkHeader(
  header: Signed<"envelope-header">,
  sender: DatedKeys,
  origin: string,
  receipted: UnixMillis,
): void {
  const { payload, signer } = header;
  if (payload.context.origin !== origin) throw new DishonestError({ lie: "origin" });
  const keys = sender.named(payload.senderKeys);
  const allowed = keys !== undefined && allows(keys.payload, signer, "send", receipted) === true;
  if (!allowed || signer !== payload.signer) throw new DishonestError({ lie: "forged-header", sender: payload.sender });
}

/** The kinds of statements that are about envelopes. */
export type EnvelopeKind = Extract<
  Kind,
  "handover-request" | "access" | "failure" | "acceptance" | "rejection" | "deletion" | "withdrawal"
>;
