// An envelope with all that was said of it: a fold over its list, the header first, then the rest in log order.
//
// Absent: who may have said it (`client/trust.ts`), and legal consequences (`deadline/`).
// Specification: docs/format/statements.md, "The envelope's list".

import type { StatementHash } from "../ids.ts";
import type { Event } from "../statement/receipt.ts";
import { type Signed, StatementError, verify, verifyAny } from "../statement/signed.ts";

/** How far the notification of a recipient got: `sent` is all that a mail system confirms by itself. */
export type Notification = "sent" | "delivered" | "failed";

/** A statement of recipient or sender about an envelope. */
export type SaidOfEnvelope = Signed<
  "handover-request" | "access" | "failure" | "acceptance" | "rejection" | "deletion" | "withdrawal"
>;

export class Delivery {
  readonly receipts: Signed<"receipt">[] = [];
  readonly handoverRequests: Signed<"handover-request">[] = [];
  readonly accesses: Signed<"access">[] = [];
  readonly failures: Signed<"failure">[] = [];
  acceptance: Signed<"acceptance"> | undefined;
  rejection: Signed<"rejection"> | undefined;
  deletion: Signed<"deletion"> | undefined;
  withdrawal: Signed<"withdrawal"> | undefined;
  /** What recipient and sender said of it, in log order. */
  readonly said: SaidOfEnvelope[] = [];

  private constructor(readonly header: Signed<"envelope-header">) {}

  /** Throws `StatementError`. */
  static fold(statements: readonly Uint8Array[]): Delivery {
    const [first, ...rest] = statements;
    if (first === undefined) throw new StatementError("kind");
    const delivery = new Delivery(verify("envelope-header", first));
    for (const bytes of rest) delivery.#apply(bytes);
    return delivery;
  }

  #apply(bytes: Uint8Array): void {
    const said = verifyAny(bytes);
    switch (said.kind) {
      case "receipt":
        this.receipts.push(said);
        return;
      case "handover-request":
        this.handoverRequests.push(said);
        break;
      case "access":
        this.accesses.push(said);
        break;
      case "failure":
        this.failures.push(said);
        break;
      case "acceptance":
        this.acceptance = said;
        break;
      case "rejection":
        this.rejection = said;
        break;
      case "deletion":
        this.deletion = said;
        break;
      case "withdrawal":
        this.withdrawal = said;
        break;
      default:
        throw new StatementError("kind");
    }
    this.said.push(said);
  }

  /** The receipt that answers a statement of this list. */
  receiptOf(statement: StatementHash): Signed<"receipt"> | undefined {
    return this.receipts.find(({ payload }) => payload.answers === statement);
  }

  /** Whether a receipt says that this happened. */
  has(event: Event): boolean {
    return this.receipts.some(({ payload }) => payload.events.includes(event));
  }

  /** Whether it is settled what becomes of the letter: handed over, refused, withdrawn or expired. */
  get decided(): boolean {
    const said = this.rejection ?? this.withdrawal;
    return said !== undefined || this.has("ContentHandover") || this.has("AcceptanceRejectionExpiry");
  }

  /** How far the notification of the recipient got, where there was one. */
  get notification(): Notification | undefined {
    if (this.has("ConsignmentNotificationFailure")) return "failed";
    if (this.has("NotificationDelivered")) return "delivered";
    return this.has("ConsignmentNotification") ? "sent" : undefined;
  }
}
