// The envelope's own list: receipts, what they answer, and in what order.

import { ENDS_UNREAD } from "../deadline/rules.ts";
import type { Address, AgeHeaderHash, ManifestHash, StatementHash, UnixMillis, VerifyingKey } from "../ids.ts";
import type { Operator } from "../operator.ts";
import type { Reason } from "../statement/common.ts";
import type { Role } from "../statement/key.ts";
import type { Kind } from "../statement/kind.ts";
import type { Event } from "../statement/receipt.ts";
import { type Signed, kindOf } from "../statement/signed.ts";
import { withCause } from "./causes.ts";
import { type Moment, type Moments } from "./moment.ts";
import type { Shortfall} from "./outcome.ts";
import { Attempt, failed, notProven } from "./outcome.ts";
import { type KeyHistory, verifyFor } from "./parties.ts";
import type { TimelineEntry } from "./report.ts";

type Header = Signed<"envelope-header">;
type Receipt = Signed<"receipt">;

/** A statement about the envelope, its signature verified. */
interface Said {
  readonly kind: Kind;
  readonly hash: StatementHash;
  readonly signer: VerifyingKey;
  readonly time: UnixMillis;
  readonly header: StatementHash;
  readonly party: Address;
  /** What a statement adds to naming envelope and party. */
  readonly ageHeaders?: readonly AgeHeaderHash[];
  readonly manifest?: ManifestHash;
  readonly reasons?: readonly Reason[];
}

/** One entry after the header. */
type Entry = { readonly receipt: Receipt } | { readonly said: Said };

/** The envelope's list as far as its signatures hold. */
export class Delivery {
  private readonly entries: Entry[] = [];
  private receiptFault: Shortfall | undefined;
  private statementFault: Shortfall | undefined;

  /** Verifies form and signature of every entry after the header. Without an operator, receipts are left out. */
  constructor(entries: readonly Uint8Array[], origin: string, operator: Operator | undefined) {
    for (const bytes of entries) {
      const kind = Attempt.of(() => withCause(() => kindOf(bytes)));
      if (kind.value === "receipt") {
        if (operator === undefined) continue;
        const receipt = Attempt.of(() => withCause(() => operator.accept("receipt", bytes)));
        if (receipt.value !== undefined) this.entries.push({ receipt: receipt.value });
        this.receiptFault ??= receipt.shortfall;
      } else {
        const said = Attempt.of(() => verifySaid(kind.get(), bytes, origin));
        if (said.value !== undefined) this.entries.push({ said: said.value });
        this.statementFault ??= said.shortfall;
      }
    }
  }

  /** Receipts in order. */
  get receipts(): readonly Receipt[] {
    return this.entries.flatMap((entry) => ("receipt" in entry ? [entry.receipt] : []));
  }

  private get statements(): readonly Said[] {
    return this.entries.flatMap((entry) => ("said" in entry ? [entry.said] : []));
  }

  /** When the server accepted a statement. */
  private answered(said: Said, moments: Moments): Moment | undefined {
    const receipt = this.receipts.find(({ payload }) => payload.answers === said.hash);
    return receipt && moments.of(receipt);
  }

  /** The statement that a receipt answers. */
  private answeredBy({ payload }: Receipt): Said | undefined {
    return this.statements.find(({ hash }) => hash === payload.answers);
  }

  checkReceipts(): void {
    if (this.receiptFault !== undefined) throw this.receiptFault;
  }

  /** Every statement is about this envelope, by the party whose turn it is, with one of its keys. */
  checkStatements(
    header: Header,
    sender: KeyHistory | undefined,
    recipient: KeyHistory | undefined,
    moments: Moments,
  ): void {
    if (this.statementFault !== undefined) throw this.statementFault;
    let gap: Shortfall | undefined;
    for (const said of this.statements) {
      if (said.header !== header.hash) throw failed("other-envelope");
      const bySender = said.kind === "withdrawal";
      if (said.party !== (bySender ? header.payload.sender : header.payload.recipient)) throw failed("other-party");
      const history = bySender ? sender : recipient;
      if (history === undefined) continue;
      const checked = Attempt.of(() =>
        history.checkSigner(said.signer, roleFor(said.kind), this.answered(said, moments), said.time),
      );
      if (checked.failed) checked.get();
      gap = checked.shortfall ?? gap;
    }
    if (gap !== undefined) throw gap;
  }

  /**
   * Each receipt names this envelope and the receipt before it, and answers what stands before it and was not answered;
   * each event fits the statement; nothing is left unanswered.
   */
  checkChain(header: Header): void {
    let previous: StatementHash | undefined;
    const open: { readonly hash: StatementHash; readonly kind: Kind }[] = [
      { hash: header.hash, kind: "envelope-header" },
    ];
    const course = new Course(header.payload.class === "registered");
    for (const entry of this.entries) {
      if ("said" in entry) {
        open.push(entry.said);
        continue;
      }
      const { payload, hash } = entry.receipt;
      if (payload.header !== header.hash) throw failed("other-envelope");
      if (payload.previous !== previous) throw failed("chain-broken");
      // The first receipt may leave its answer to `header`.
      const answers = payload.answers ?? (previous === undefined ? header.hash : undefined);
      let answered: Kind | undefined;
      if (answers !== undefined) {
        const place = open.findIndex((statement) => statement.hash === answers);
        if (place === -1) throw failed("answers-nothing");
        answered = open.splice(place, 1)[0]?.kind;
      }
      course.follow(payload.events, answered, (event) => isAskedFor(event, header, entry.receipt));
      const asked = payload.events.includes("NotificationForAcceptance");
      const accepted = payload.events.includes("SubmissionAcceptance");
      if (accepted && asked !== (header.payload.acceptanceUntil !== undefined)) throw failed("event-does-not-fit");
      course.checkWithdrawal();
      previous = hash;
    }
    if (previous !== undefined && open.length > 0) throw failed("statement-without-receipt");
  }

  /** The receipt by which the server accepted the envelope. */
  submission({ payload: header }: Header): Receipt {
    const [first] = this.receipts;
    if (first === undefined) throw notProven("submission-receipt-missing");
    const reserved = [header.actingUnder, header.onBehalfOf, header.tenant, header.providers];
    if (reserved.some((field) => field !== undefined)) throw failed("reserved-field");
    const { events, binding, legalRule } = first.payload;
    if (events.includes("SubmissionRejection")) throw failed("submission-rejected");
    if (!events.includes("SubmissionAcceptance")) throw notProven("submission-receipt-missing");
    const otherBinding = binding !== undefined && binding !== header.binding;
    const otherRule = legalRule !== undefined && legalRule !== header.legalRule;
    if (otherBinding || otherRule) throw failed("receipt-contradicts-header");
    return first;
  }

  /** Whether some receipt records the event. */
  happened(event: Event): boolean {
    return this.receipts.some(({ payload }) => payload.events.includes(event));
  }

  /**
   * Every handover answers a request for exactly the age headers that the header names. Ordinary mail may also be handed
   * over on the recipient's word that it was opened.
   */
  checkHandover({ payload: header }: Header): void {
    const named = header.parts.map(([hash]) => hash).join();
    for (const receipt of this.receipts) {
      if (!receipt.payload.events.includes("ContentHandover")) continue;
      const answered = this.answeredBy(receipt);
      const asked = answered?.ageHeaders?.join() === named;
      const opened = answered?.manifest !== undefined && header.class === "ordinary";
      if (!asked && !opened) throw failed("handover-without-request");
    }
  }

  /** Whether the recipient confirmed access. */
  get accessed(): boolean {
    return this.statements.some(({ manifest }) => manifest !== undefined);
  }

  /** The recipient confirmed access to the manifest that the header names. */
  checkAccess({ payload: header }: Header): void {
    const other = this.statements.some(({ manifest }) => manifest !== undefined && manifest !== header.manifest);
    if (other) throw failed("other-manifest");
  }

  /** The reasons of a receipt's events; of a failure, those that the recipient gives. */
  reasons(receipt: Receipt): readonly Reason[] {
    return this.answeredBy(receipt)?.reasons ?? receipt.payload.reasons ?? [];
  }

  /** Why the recipient says that the content could not be opened. */
  disputed(): readonly Reason[] {
    return this.statements.filter(({ kind }) => kind === "failure").flatMap(({ reasons }) => reasons ?? []);
  }

  /** What happened, in order. */
  timeline(header: StatementHash): readonly TimelineEntry[] {
    const kinds = new Map<StatementHash, Kind>([[header, "envelope-header"]]);
    for (const { hash, kind } of this.statements) if (!kinds.has(hash)) kinds.set(hash, kind);
    return this.receipts.flatMap(({ payload, hash }) => {
      // The first receipt may leave its answer to `header`.
      const answers = payload.answers ?? (payload.previous === undefined ? payload.header : undefined);
      return payload.events.map((event) => ({
        event,
        time: payload.context.time,
        receipt: hash,
        answers: answers && kinds.get(answers),
        reasons: payload.reasons ?? [],
      }));
    });
  }
}

/** What may follow what in a delivery. */
class Course {
  private handedOver = false;
  private rejected = false;
  private withdrawn = false;
  private expired = false;
  private deleted = false;

  constructor(private readonly registered: boolean) {}

  follow(events: readonly Event[], answered: Kind | undefined, isAsked: (event: Event) => boolean): void {
    for (const event of events) {
      if (!fits(event, answered) || !isAsked(event)) throw failed("event-does-not-fit");
      const opens = event === "ContentAccessTracking";
      if (event === "ContentHandover" || (opens && events.includes("ContentHandover"))) this.handedOver = true;
      if (event === "ConsignmentRejection") this.rejected = true;
      if (event === "AcceptanceRejectionExpiry") this.expired = true;
      if (event === "EnvelopeWithdrawal") this.withdrawn = true;
      if (this.tooEarlyOrLate(event) || (this.rejected && this.handedOver)) throw failed("out-of-order");
      if (event === "EnvelopeDeletion") this.deleted = true;
    }
  }

  private tooEarlyOrLate(event: Event): boolean {
    switch (event) {
      case "ContentHandover":
        return this.deleted;
      case "EnvelopeDeletion":
        return this.registered && !(this.handedOver || this.rejected || this.expired || this.withdrawn);
      case "ContentAccessTracking":
      case "ContentHandoverFailure":
        return !this.handedOver;
      default:
        return false;
    }
  }

  checkWithdrawal(): void {
    if (this.handedOver && this.withdrawn) throw failed("withdrawal-too-late");
  }
}

function roleFor(kind: Kind): Role {
  if (kind === "withdrawal") return "send";
  return kind === "deletion" ? "administer" : "read";
}

function verifySaid(kind: Kind, bytes: Uint8Array, origin: string): Said {
  switch (kind) {
    case "handover-request": {
      const signed = verifyFor(kind, bytes, origin);
      return { ...base(signed, signed.payload.recipient), ageHeaders: signed.payload.ageHeaders };
    }
    case "access": {
      const signed = verifyFor(kind, bytes, origin);
      return { ...base(signed, signed.payload.recipient), manifest: signed.payload.manifest };
    }
    case "failure":
    case "rejection": {
      const signed = verifyFor<"failure" | "rejection">(kind, bytes, origin);
      return { ...base(signed, signed.payload.recipient), reasons: signed.payload.reasons };
    }
    case "acceptance":
    case "deletion": {
      const signed = verifyFor<"acceptance" | "deletion">(kind, bytes, origin);
      return base(signed, signed.payload.recipient);
    }
    case "withdrawal": {
      const signed = verifyFor(kind, bytes, origin);
      return { ...base(signed, signed.payload.sender), reasons: signed.payload.reasons };
    }
    default:
      throw failed("unexpected-kind");
  }
}

type SaidKind = "handover-request" | "access" | "failure" | "acceptance" | "rejection" | "deletion" | "withdrawal";

function base<K extends SaidKind>({ kind, hash, signer, payload }: Signed<K>, party: Address): Said {
  const { context, header } = payload as Signed<SaidKind>["payload"];
  return { kind, hash, signer, time: context.time, header, party };
}

/**
 * Whether the header lets the server say this: that acceptance is asked, and, no earlier than the header's time for it,
 * that none came; unread letters of one rule end by that rule's own period.
 */
function isAskedFor(event: Event, { payload: header }: Header, { payload: receipt }: Receipt): boolean {
  const until = header.acceptanceUntil;
  if (event === "NotificationForAcceptance") return until !== undefined;
  if (event !== "AcceptanceRejectionExpiry") return true;
  return header.legalRule === ENDS_UNREAD || (until !== undefined && until <= receipt.context.time);
}

/** Whether a statement of this kind, or the server alone, can cause the event. */
function fits(event: Event, answered: Kind | undefined): boolean {
  switch (event) {
    case "SubmissionAcceptance":
    case "SubmissionRejection":
    case "NotificationForAcceptance":
      return answered === "envelope-header";
    case "ContentConsignment":
    case "ContentConsignmentFailure":
    case "ConsignmentNotification":
    case "ConsignmentNotificationFailure":
      return answered === undefined || answered === "envelope-header";
    case "NotificationDelivered":
    case "AcceptanceRejectionExpiry":
      return answered === undefined;
    case "ContentHandover":
      return answered === "handover-request" || answered === "access";
    case "ContentAccessTracking":
      return answered === "access";
    case "ContentHandoverFailure":
      return answered === "failure";
    case "ConsignmentAcceptance":
      return answered === "acceptance";
    case "ConsignmentRejection":
      return answered === "rejection";
    case "EnvelopeWithdrawal":
      return answered === "withdrawal";
    case "EnvelopeDeletion":
      return answered === "deletion";
    case "StatementAcceptance":
      return false;
  }
}
