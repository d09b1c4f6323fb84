// All checks in order. Each is a few lines here and one function beside.
//
// Proves offline what happened to an envelope, to somebody who trusts neither the sender, nor the recipient, nor the
// operator beyond its pinned root key, and who sees no content unless the file's owner opened part 0 in it. Invariant:
// nothing is taken from the file on trust; each check is named, and a check that cannot be made is not proven, never
// passed. Absent: how a legal date is computed (core/deadline), and all wording (core/words).
//
// Specification: docs/format/evidence.md; the same checks are crypto/src/evidence, and both are held to
// docs/format/vectors/evidence.json. Reading order: log.ts, timestamps.ts and moment.ts give order and time; parties.ts,
// relation.ts, delivery.ts, content.ts and heads.ts the facts; legal.ts the date; compare.ts holds two files against each
// other.

import { type StatementHash, type UnixMillis, type VerifyingKey, hashStatement } from "../ids.ts";
import { Operator } from "../operator.ts";
import type { Signed } from "../statement/signed.ts";
import type { Judgement, Policy as WitnessPolicy } from "../tlog/policy.ts";
import { withCause } from "./causes.ts";
import { checkHeaders, open } from "./content.ts";
import { Delivery } from "./delivery.ts";
import { type Evidence, bindingList } from "./file.ts";
import { Completeness } from "./heads.ts";
import { legalDate } from "./legal.ts";
import { Judge, type Positions, type Trees, positionsIn } from "./log.ts";
import { type Accepted, type Moment, Moments } from "./moment.ts";
import { Attempt, failed, needs, notProven, requires } from "./outcome.ts";
import { KeyHistory, verifyFor } from "./parties.ts";
import { Relations, certificate, issuerKeys } from "./relation.ts";
import { Report } from "./report.ts";
import { notShown } from "./reservations.ts";
import { type TokenReader, checkCovered, stampTrees, stampedIn } from "./timestamps.ts";

/** What a verifier knows beforehand. */
export interface Policy {
  /** Origin of the operator's log. */
  readonly origin: string;
  /** The operator's root key, from the letter or another source than the file. */
  readonly root: VerifyingKey;
  /**
   * The witnesses of the log, and how many are enough. Its logs are not looked at: the root key delegates the log's
   * keys. Must be loaded (`witnesses.load()`) before it is used.
   */
  readonly witnesses: WitnessPolicy;
  /** Reads time-stamp tokens under the certificates of pinned authorities, where some are. */
  readonly tokens?: TokenReader | undefined;
}

type Header = Signed<"envelope-header">;
type Receipt = Signed<"receipt">;

/**
 * Verifies an evidence file against what the verifier knows beforehand. The report lists only checks that apply to this
 * envelope. When the header's own signature does not hold, nothing further is checked.
 */
export function verifyEvidence(file: Evidence, policy: Policy): Report {
  const report = new Report();
  const operator = report.make("operator", () => {
    if (file.root !== policy.root) throw failed("foreign-root");
    if (file.origin !== policy.origin) throw failed("other-origin");
    return withCause(() => Operator.accept(policy.origin, policy.root, file.delegations));
  });
  const header = report.make("header-signature", () => {
    const bytes = file.entries[0] ?? new Uint8Array();
    return verifyFor("envelope-header", bytes, policy.origin);
  });
  if (header !== undefined) {
    report.header = header;
    new Verification(file, policy, header, operator, report).run();
  }
  return report;
}

/** What the log's proofs gave. */
interface Logged {
  readonly positions?: Positions | undefined;
  readonly trees?: Trees | undefined;
}

/** A verification whose header's signature holds. */
class Verification {
  constructor(
    private readonly file: Evidence,
    private readonly policy: Policy,
    private readonly header: Header,
    private readonly operator: Operator | undefined,
    private readonly report: Report,
  ) {}

  run(): void {
    const { file, header, report } = this;
    const { origin } = this.policy;
    const delivery = new Delivery(file.entries.slice(1), origin, this.operator);
    const others = this.receipts();
    const receipts = others.value ?? [];
    const all = [...delivery.receipts, ...receipts];
    const signed = Attempt.of(() => {
      others.get();
      delivery.checkReceipts();
    });
    const logged = this.log(all, signed);
    const moments = new Moments(all, logged.positions, logged.trees);
    const accepted = moments.accepted(receipts);

    const { sender: from, recipient: to } = header.payload;
    const sender = report.make("sender-key-history", () => KeyHistory.verify(from, file.sender, origin, accepted));
    const recipient = report.make("recipient-key-history", () =>
      KeyHistory.verify(to, file.recipient, origin, accepted),
    );

    const receiptsSigned = Attempt.of(() => {
      needs(this.operator, "operator");
      signed.get();
    });
    report.record("receipt-signature", receiptsSigned);
    const said = Attempt.of(() => delivery.checkStatements(header, sender, recipient, moments));
    report.record("answered-statements", said);
    const readable = Attempt.of(() => {
      requires(receiptsSigned, "receipt-signature");
      if (said.failed) throw notProven("needs", "answered-statements");
    });
    const chain = Attempt.of(() => {
      readable.get();
      delivery.checkChain(header);
    });
    report.record("receipt-chain", chain);
    const chained = (): void => requires(chain, "receipt-chain");
    report.make("receipt-times", () => {
      chained();
      moments.checkTimes(delivery.receipts);
    });
    this.timesBounded(chained, logged, moments, delivery);
    const submission = report.make("submission", () => {
      chained();
      return delivery.submission(header);
    });
    const submitted = submission && moments.of(submission);

    this.keys(sender, recipient, submitted);
    this.binding(sender, recipient, accepted, submission, submitted);
    this.certificate(submission, accepted, submitted);
    this.receipted(receipts, receiptsSigned, accepted);
    this.delivered(delivery, recipient, chained);
    const knownUntil = this.heads(readable, submitted?.time);
    this.opened();

    report.timeline = delivery.timeline(header.hash);
    report.disputed = delivery.disputed();
    report.notShown = notShown(report, header.payload, delivery, file, this.policy.tokens !== undefined);
    if (recipient !== undefined && submitted !== undefined && report.verdict !== "failed") {
      const relations = new Relations(header, origin, accepted, recipient);
      const known = knownUntil ?? submitted.time;
      report.legalDate = legalDate({ delivery, moments, relations, issuer: sender, file, knownUntil: known }, report);
    }
  }

  /** The receipts outside the envelope's list, if all of them hold; none without an operator. */
  private receipts(): Attempt<readonly Receipt[]> {
    const { operator } = this;
    if (operator === undefined) return Attempt.of(() => []);
    return Attempt.of(() => this.file.receipts.map((bytes) => withCause(() => operator.accept("receipt", bytes))));
  }

  /** The log: its newest checkpoint, what stands in it, what it continues, who has seen it. */
  private log(receipts: readonly Receipt[], signed: Attempt<void>): Logged {
    const { file, report } = this;
    const record = file.log;
    const judge = Attempt.of(() => {
      const operator = needs(this.operator, "operator");
      return new Judge(operator, this.header.payload.context.epoch, this.policy.witnesses);
    });
    const judged = report.make("log-checkpoint", () => {
      const found = judge.get();
      if (record === undefined) throw notProven("log-missing");
      return found.checkpoints(record);
    });
    const newest = judged?.at(-1);
    if (judge.value === undefined || record === undefined || judged === undefined || newest === undefined) {
      const rest = ["log-inclusion", "log-cosigned"] as const;
      for (const name of this.policy.tokens === undefined ? rest : [...rest, "time-stamped" as const]) {
        report.make(name, () => needs(undefined, "log-checkpoint"));
      }
      return {};
    }
    const found = judge.value;
    const positions = report.make("log-inclusion", () => positionsIn(file, record, newest.checkpoint.head));
    const trees = report.make("log-consistency", () => {
      requires(signed, "receipt-signature");
      return found.trees(record, judged, receipts);
    });
    report.make("log-cosigned", () => found.checkCosigned(newest));
    this.timestamps(judged, { positions, trees }, receipts);
    return { positions, trees };
  }

  /** What the tokens in the file prove, where the verifier pinned an authority. */
  private timestamps(judged: readonly Judgement[], logged: Logged, receipts: readonly Receipt[]): void {
    const { file, report } = this;
    const { tokens } = this.policy;
    const record = file.log;
    if (tokens === undefined || record === undefined) return;
    report.make("time-stamped", () => {
      const positions = needs(logged.positions, "log-inclusion");
      const trees = needs(logged.trees, "log-consistency");
      const stamped = stampedIn({ file, record, judged, positions, receipts }, tokens);
      stampTrees(trees, stamped);
      report.timestamps = stamped;
      checkCovered(stamped, file);
    });
  }

  /** Between which cosigned times the envelope's receipts were made. */
  private timesBounded(chained: () => void, logged: Logged, moments: Moments, delivery: Delivery): void {
    this.report.make("times-bounded", () => {
      const cosigned = this.report.outcome("log-cosigned");
      if (cosigned?.kind === "not-proven" && cosigned.gap.name === "no-witnesses") {
        throw notProven("needs", "log-cosigned");
      }
      needs(logged.positions, "log-inclusion");
      needs(logged.trees, "log-consistency");
      chained();
      moments.checkBounds(delivery.receipts);
    });
  }

  /** Who signed, with keys of when. */
  private keys(sender: KeyHistory | undefined, recipient: KeyHistory | undefined, submitted: Moment | undefined): void {
    const { payload, signer } = this.header;
    const current = (history: KeyHistory, named: StatementHash): void => {
      const position = history.position(named);
      history.checkCurrent(position, needs(submitted, "submission"));
    };
    this.report.make("sender-keys", () => current(needs(sender, "sender-key-history"), payload.senderKeys));
    this.report.make("recipient-keys", () => current(needs(recipient, "recipient-key-history"), payload.recipientKeys));
    this.report.make("signer-role", () => {
      const history = needs(sender, "sender-key-history");
      if (payload.signer !== signer) throw failed("other-signer");
      const position = history.position(payload.senderKeys);
      history.checkRole(position, payload.signer, "send", needs(submitted, "submission").time);
    });
    this.report.make("sender-head", () => {
      const history = needs(sender, "sender-key-history");
      history.checkSeen(history.position(payload.senderKeys), payload.senderHead);
    });
  }

  /** Binding and consent, where the header names them. */
  private binding(
    sender: KeyHistory | undefined,
    recipient: KeyHistory | undefined,
    accepted: Accepted,
    submission: Receipt | undefined,
    submitted: Moment | undefined,
  ): void {
    const { file, header, report } = this;
    const { origin } = this.policy;
    const named = header.payload;
    const relations = (): Relations =>
      new Relations(header, origin, accepted, needs(recipient, "recipient-key-history"));
    if (named.binding !== undefined) {
      const hash = named.binding;
      const list = bindingList(file);
      const issuer = (binding: Signed<"binding">): KeyHistory => issuerKeys(file, header, binding, origin, accepted);
      const found = report.make("binding", () => {
        needs(sender, "sender-key-history");
        const binding = relations().binding(hash, list, issuer);
        if (binding.payload.issuer === named.sender) return binding;
        throw notProven("certificate-missing"); // the file has room for the parties' alone
      });
      report.make("binding-in-force", () => {
        const binding = needs(found, "binding");
        const keys = issuer(binding);
        relations().checkBindingInForce(binding, list, keys, needs(submitted, "submission"));
        // The submission check compared it.
        if (submission?.payload.binding === undefined) throw notProven("binding-not-checked");
      });
      report.binding = found;
    }
    const byRule = named.class === "registered" || named.legalRule !== undefined;
    if (named.binding !== undefined && byRule && named.consent === undefined) {
      report.make("consent", () => {
        throw notProven("consent-not-named");
      });
    }
    if (named.consent !== undefined) {
      const hash = named.consent;
      report.make("consent", () => {
        const lists = [file.relation, file.relationAll];
        relations().checkConsent(hash, lists, needs(submitted, "submission"));
      });
    }
  }

  private certificate(submission: Receipt | undefined, accepted: Accepted, submitted: Moment | undefined): void {
    const hash = submission?.payload.certificate;
    if (hash === undefined || submitted === undefined) return;
    this.report.certificate = this.report.make("certificate", () => {
      const operator = needs(this.operator, "operator");
      return certificate(hash, this.file.certificates, this.header, operator, accepted, submitted);
    });
  }

  /**
   * Every statement beside the envelope's own has its receipt in the file, and every receipt outside the envelope's list
   * its statement.
   */
  private receipted(receipts: readonly Receipt[], signed: Attempt<void>, accepted: Accepted): void {
    const { sender, recipient, relation, relationAll, certificates, issuer } = this.file;
    const lists = [sender, recipient, relation, relationAll, certificates, issuer?.keys ?? [], issuer?.relation ?? []];
    this.report.make("statements-receipted", () => {
      requires(signed, "receipt-signature");
      const related = new Set(lists.flat().map(hashStatement));
      const answers = ({ payload }: Receipt): boolean => payload.answers !== undefined && related.has(payload.answers);
      if (!receipts.every(answers)) throw failed("answers-nothing");
      if (![...related].every((hash) => accepted.has(hash))) throw notProven("receipt-missing");
    });
  }

  /** Handover and access, where they happened; age headers, where there are or must be some. */
  private delivered(delivery: Delivery, recipient: KeyHistory | undefined, chained: () => void): void {
    const { header, report, file } = this;
    const handedOver = delivery.happened("ContentHandover");
    if (handedOver) {
      report.make("handover-answers-request", () => {
        chained();
        delivery.checkHandover(header);
      });
    }
    const must = handedOver && header.payload.class === "registered";
    if (must || file.ageHeaders.length > 0) {
      report.make("age-headers", () => {
        const keys = needs(recipient, "recipient-key-history");
        if (file.ageHeaders.length === 0) throw notProven("age-headers-missing");
        checkHeaders(header.payload, file.ageHeaders, keys);
      });
    }
    if (delivery.accessed) report.make("access", () => delivery.checkAccess(header));
  }

  /**
   * Each list is as long as the server's newest head of it says. Answers until when the envelope's list is known.
   */
  private heads(readable: Attempt<void>, submitted: UnixMillis | undefined): UnixMillis | undefined {
    const { file, report } = this;
    const { hash, payload } = this.header;
    const found = report.make("head-signature", () => {
      const operator = needs(this.operator, "operator");
      const heads = file.heads.map((bytes) => withCause(() => operator.accept("head", bytes)));
      return new Completeness(heads, submitted);
    });
    const heads = (): Completeness => needs(found, "head-signature");
    const knownUntil = report.make("envelope-complete", () => {
      readable.get();
      return heads().check({ kind: "envelope", header: hash }, file.entries);
    });
    const ofParty = (address: Header["payload"]["sender"], list: readonly Uint8Array[]): UnixMillis =>
      heads().check({ kind: "party", address }, list);
    report.make("sender-keys-complete", () => ofParty(payload.sender, file.sender));
    report.make("recipient-keys-complete", () => ofParty(payload.recipient, file.recipient));
    if (payload.binding !== undefined || payload.consent !== undefined) {
      report.make("relation-complete", () => heads().checkRelations(payload, file));
    }
    const certified = report.certificate?.payload.subject;
    if (certified !== undefined) {
      report.make("certificates-complete", () =>
        heads().check({ kind: "certified", address: certified }, file.certificates),
      );
    }
    return knownUntil;
  }

  private opened(): void {
    const { opened, ageHeaders } = this.file;
    if (opened === undefined) return;
    this.report.manifest = this.report.make("opened-content", () => open(this.header.payload, ageHeaders, opened));
  }
}
