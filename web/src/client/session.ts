// A party at its server: every answer is verified before anything is done with it.
//
// Invariant: what a method returns was checked against the pinned root key, against the parties' own signatures and
// against what the server said before (`kept.ts`); otherwise it throws `DishonestError`, which names the lie.
// Nothing that the operator could forge is used. What a party does is in the files beside this one, as functions
// that take a session. Specification: docs/format/http.md.

import type { HybridIdentity } from "../core/age/hybrid.ts";
import { Certification } from "../core/certification.ts";
import { Relation } from "../core/enrolment/relation.ts";
import { type Address, type StatementHash, type UnixMillis, type VerifyingKey, blind, hashStatement, millis } from "../core/ids.ts";
import { HistoryError, Party } from "../core/keys/history.ts";
import type { SigningKey } from "../core/keys/signing-key.ts";
import { Operator, OperatorError } from "../core/operator.ts";
import type { Context } from "../core/statement/common.ts";
import { type Subject, headOfList, sameHead, subjectKey } from "../core/statement/head.ts";
import type { Kind } from "../core/statement/kind.ts";
import type { Event } from "../core/statement/receipt.ts";
import { type Signed, StatementError, leafOf, verify } from "../core/statement/signed.ts";
import { DishonestError, NotFoundError } from "./error.ts";
import type { Signer } from "./http-signature.ts";
import { Http } from "./http.ts";
import { Kept } from "./kept.ts";
import { Log } from "./log.ts";
import type { Environment, Spool, Store } from "./ports.ts";
import {
  type Accepted,
  type Limits,
  type ListResource,
  type Logged,
  type PartyResource,
  type RelationResource,
  readParty,
  readRelation,
} from "./resources.ts";
import { type Acquaintance, DatedKeys, acquaintance, checkRelation } from "./trust.ts";

/** Where a party is, and whom it trusts: from the letter, kept by the vault. */
export interface Profile {
  /** Base URL of the service, without a trailing slash. */
  readonly service: string;
  /** Origin of the log. */
  readonly origin: string;
  /** Epoch of the log as last seen. */
  readonly epoch: number;
  /** The operator's root key, pinned. */
  readonly root: VerifyingKey;
  /** Absent before enrolment. */
  readonly address?: Address | undefined;
}

/** A party's unlocked private keys. */
export interface PrivateKeys {
  /** May do everything; absent on devices that only have a signer key. */
  readonly identity?: SigningKey | undefined;
  /** Of this device or clerk; daily work is signed with it where it is there. */
  readonly signer?: SigningKey | undefined;
  /** Newest first; old ones open old mail. */
  readonly openers: readonly HybridIdentity[];
}

export interface Ports {
  readonly environment: Environment;
  readonly store: Store;
  readonly spool: Spool;
}

/** A party whose keys and certificates were verified. */
export interface KnownParty {
  readonly party: Party;
  readonly certification: Certification;
  /** Its key statements with the times of their receipts. */
  readonly keys: DatedKeys;
  /** The answer that this was verified from. */
  readonly resource: PartyResource;
}

/** What stands between a citizen and an authority, verified. */
export interface KnownRelation {
  readonly relation: Relation;
  /** Between the citizen and all authorities. */
  readonly general: Relation;
  /** The answer that this was verified from. */
  readonly resource: RelationResource;
}

/** A statement that the server receipted. */
export interface Receipted {
  readonly statement: StatementHash;
  /** Its position in the log. */
  readonly position: number;
  readonly receipt: Signed<"receipt">;
  /** Whether the server knew the statement before. */
  readonly repeated: boolean;
  /** After a handover: the age headers. */
  readonly ageHeaders: readonly Uint8Array[] | undefined;
}

/** What the receipt of a write must say besides what it answers. */
export interface Expected {
  /** The envelope that it is about. */
  readonly header?: StatementHash;
  /** What must have happened. */
  readonly events: readonly Event[];
}

export class Session {
  private constructor(
    /** As given, with the newest epoch: to be saved where it grew. */
    readonly profile: Profile,
    readonly keys: PrivateKeys,
    readonly http: Http,
    readonly operator: Operator,
    readonly limits: Limits,
    readonly kept: Kept,
    readonly log: Log,
    readonly ports: Ports,
  ) {}

  /** Connects: the server must show the pinned root key and origin, and a log that continues the one seen before. */
  static async open(profile: Profile, keys: PrivateKeys, ports: Ports): Promise<Session> {
    const http = new Http(profile.service, ports.environment);
    const info = await http.info();
    if (info.root !== profile.root) throw new DishonestError({ lie: "root-key" });
    if (info.origin !== profile.origin || info.epoch < profile.epoch) throw new DishonestError({ lie: "origin" });
    const operator = convict(() => Operator.accept(profile.origin, profile.root, info.delegations));
    const current = { ...profile, epoch: info.epoch };
    const kept = new Kept(ports.store);
    const log = new Log(http, ports.store, operator, info.epoch, kept);
    await log.follow();
    return new Session(current, keys, http, operator, info.limits, kept, log, ports);
  }

  get now(): UnixMillis {
    return this.ports.environment.now();
  }

  /** This party's address. Throws `NotFoundError` before enrolment. */
  get address(): Address {
    if (this.profile.address === undefined) throw new NotFoundError("this profile has no address yet");
    return this.profile.address;
  }

  /** The identity key. Throws `NotFoundError` where this device has none. */
  get identity(): SigningKey {
    if (this.keys.identity === undefined) throw new NotFoundError("this device has no identity key");
    return this.keys.identity;
  }

  /** The key that daily work is signed with: a signer key where there is one. */
  get dailyKey(): SigningKey {
    return this.keys.signer ?? this.identity;
  }

  get signer(): Signer {
    return { address: this.address, key: this.dailyKey };
  }

  /** The context of a new statement, by the server's clock where this one is wrong. */
  context(): Context {
    return newContext(this.profile, this.ports.environment, this.http.clockOffset);
  }

  /** Submits a statement that is not mail; its verified receipt is kept. */
  submit<K extends Kind>(statement: Signed<K>): Promise<Receipted> {
    return this.submitFor(statement, { events: ["StatementAcceptance"] });
  }

  /** Submits a statement whose receipt must say what is expected. */
  async submitFor<K extends Kind>(statement: Signed<K>, expected: Expected): Promise<Receipted> {
    await this.kept.keep(statement);
    return this.accepted(statement, expected, await this.http.postStatement(statement.bytes));
  }

  /** Verifies and keeps the answer to a write. */
  async accepted<K extends Kind>(statement: Signed<K>, expected: Expected, answer: Accepted): Promise<Receipted> {
    const receipt = convict(() => this.operator.accept("receipt", answer.receipt.statement));
    const { payload } = receipt;
    const happened = expected.events.every((event) => payload.events.includes(event));
    if (!happened || payload.answers !== statement.hash || payload.header !== expected.header) {
      throw new DishonestError({ lie: "foreign-receipt" });
    }
    await this.kept.keepReceipt(receipt);
    await this.log.checkLogged(
      answer.proof,
      { leaf: leafOf(statement), position: answer.position },
      { leaf: leafOf(receipt), position: answer.receipt.position },
    );
    const { head } = answer;
    if (head !== undefined) await this.kept.rememberHead(convict(() => this.operator.accept("head", head)));
    return {
      statement: statement.hash,
      position: answer.position,
      receipt,
      repeated: answer.repeated,
      ageHeaders: answer.ageHeaders,
    };
  }

  /** A party's keys, from the server, verified up to its address and against what is kept. */
  async party(address: Address): Promise<KnownParty> {
    const signer = this.profile.address === undefined ? undefined : this.signer;
    const resource = await this.http.get(`/v1/parties/${address}`, readParty, signer);
    const { keys, certificates } = resource;
    const history = this.statements("key", keys.entries);
    const party = convictKeys(address, () => Party.fromHistory(address, history));
    await this.checkList(keys, { kind: "party", address });
    await this.kept.rememberHistory(address, history);
    const certification = convict(() => Certification.fold(this.operator, address, bytesOf(certificates.entries)));
    await this.checkList(certificates, { kind: "certified", address });
    const dated = keys.entries.map((entry, index) => ({
      statement: history[index] as Signed<"key">,
      since: this.receiptedAt(entry),
    }));
    return { party, certification, keys: new DatedKeys(dated), resource };
  }

  /** What stands between a citizen and an authority, every statement by whom it names. */
  async relation(citizen: Address, authority: Address, known: Acquaintance = acquaintance(this)): Promise<KnownRelation> {
    const path = `/v1/relations/${citizen}/${authority}`;
    const resource = await this.http.get(path, readRelation, this.signer);
    const { between, general } = resource;
    const relation = convict(() => Relation.fold(bytesOf(between.entries)));
    const toAll = convict(() => Relation.fold(bytesOf(general.entries)));
    await this.checkList(between, { kind: "relation", citizen, authority });
    await this.checkList(general, { kind: "relation", citizen });
    await checkRelation(this, between.entries, citizen, authority, relation, known);
    await checkRelation(this, general.entries, citizen, undefined, toAll, known);
    return { relation, general: toAll, resource };
  }

  /** Checks that entries are the whole list that the signed head speaks of, and keeps the head. */
  async checkList(list: ListResource, subject: Subject): Promise<Signed<"head">> {
    const head = this.headOf(list.head, subject);
    const shown = list.entries.map(({ statement }) => hashStatement(statement));
    if (!sameHead(headOfList(shown), head.payload.head)) {
      throw new DishonestError({ lie: "dropped-entry", head: head.payload.head.count, shown: shown.length });
    }
    await this.kept.rememberHead(head);
    return head;
  }

  /** The operator's head of this list. */
  headOf(bytes: Uint8Array, subject: Subject): Signed<"head"> {
    const head = convict(() => this.operator.accept("head", bytes));
    if (subjectKey(head.payload.subject) !== subjectKey(subject)) throw new DishonestError({ lie: "foreign-head" });
    return head;
  }

  /** Listed statements of one kind, each made for this log. */
  statements<K extends Kind>(kind: K, entries: readonly Logged[]): readonly Signed<K>[] {
    return entries.map(({ statement }) => {
      const signed = convict(() => verify(kind, statement));
      const { context } = signed.payload as { readonly context: Context };
      if (context.origin !== this.operator.origin) throw new DishonestError({ lie: "origin" });
      return signed;
    });
  }

  /** When the server receipted a listed statement, by the receipt beside it. */
  receiptedAt({ statement, receipt }: Logged): UnixMillis {
    if (receipt === undefined) throw new DishonestError({ lie: "unreceipted" });
    const { payload } = convict(() => this.operator.accept("receipt", receipt));
    if (payload.answers !== hashStatement(statement)) throw new DishonestError({ lie: "foreign-receipt" });
    return payload.context.time;
  }
}

/** A clock that is wrong by more than this, in milliseconds, is corrected in statements: their times decide nothing. */
const TOLERATED_CLOCK = 60_000;

/**
 * The context of a new statement for the log that a profile names. `clockOffset` is how far the server's clock is
 * ahead of this one.
 */
export function newContext(profile: Profile, environment: Environment, clockOffset: number): Context {
  const correction = Math.abs(clockOffset) > TOLERATED_CLOCK ? clockOffset : 0;
  return {
    origin: profile.origin,
    epoch: profile.epoch,
    time: millis(environment.now() + correction),
    blind: blind.of(environment.random(blind.length)),
  };
}

/** The exact bytes of listed statements. */
export function bytesOf(entries: readonly Logged[]): readonly Uint8Array[] {
  return entries.map(({ statement }) => statement);
}

/** Runs a check of what the server showed; what does not hold is its lie. */
export function convict<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (cause instanceof StatementError) throw new DishonestError({ lie: "statement", reason: cause.reason }, { cause });
    if (cause instanceof OperatorError) throw new DishonestError({ lie: "operator", reason: cause.reason }, { cause });
    throw cause;
  }
}

/** As `convict`, for keys that must be those of `address`. */
export function convictKeys<T>(address: Address, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof HistoryError)) throw cause;
    throw new DishonestError({ lie: "slipped-in-key", address, reason: cause.reason }, { cause });
  }
}
