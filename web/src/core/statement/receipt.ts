// The server's receipt: which events happened at one commit.
//
// It leaves the server only after the commit is durable. Events are those of ETSI EN 319 522-1 §6.
// Specification: docs/format/statements.md, "receipt", "Codes".

import { type Infer, array, bytes, codes, optional, struct, text } from "../codec/type.ts";
import { receiptId, statementHash } from "../ids.ts";
import {
  MAX_CHECKPOINT,
  MAX_REASONS,
  RuleError,
  checkAscending,
  checkCount,
  checkText,
  context,
  extensions,
  reason,
} from "./common.ts";

const MAX_LEGAL_RULE = 100;
/** Numbers from here on are extensions of ours. */
const FIRST_EXTENSION = 100;

export const event = codes({
  SubmissionAcceptance: 1,
  SubmissionRejection: 2,
  NotificationForAcceptance: 10,
  ConsignmentAcceptance: 12,
  ConsignmentRejection: 13,
  AcceptanceRejectionExpiry: 14,
  ContentConsignment: 20,
  ContentConsignmentFailure: 21,
  ConsignmentNotification: 22,
  ConsignmentNotificationFailure: 23,
  NotificationDelivered: 24,
  ContentAccessTracking: 25,
  ContentHandover: 30,
  ContentHandoverFailure: 31,
  StatementAcceptance: 100,
  EnvelopeWithdrawal: 101,
  EnvelopeDeletion: 102,
});
export type Event = Infer<typeof event>;

/** The event's URI in ETSI EN 319 522-3, or nothing for our extensions. */
export function eventUri(of: Event): string | undefined {
  return event.number(of) < FIRST_EXTENSION ? `http://uri.etsi.org/19522/Event/${of}` : undefined;
}

export const receipt = struct({
  context,
  /** The server's name for this receipt. */
  id: receiptId,
  /** What happened; ascending. */
  events: array(event),
  /** The envelope's header. */
  header: optional(statementHash),
  /** The statement that this receipt answers. */
  answers: optional(statementHash),
  /** The certificate that was in force and checked. */
  certificate: optional(statementHash),
  /** The binding that was in force and checked. */
  binding: optional(statementHash),
  /** The previous receipt of this envelope. */
  previous: optional(statementHash),
  /** Why, on negative events. */
  reasons: optional(array(reason)),
  /** The newest cosigned checkpoint, as a signed note. */
  checkpoint: optional(bytes),
  /** The legal rule that the sender named. */
  legalRule: optional(text),
  ext: optional(extensions),
});
export type Receipt = Infer<typeof receipt>;

export function checkReceipt(statement: Receipt): void {
  checkCount("events", statement.events.length, 1, event.names.length);
  checkAscending("events", statement.events, (a, b) => event.number(a) - event.number(b));
  if (statement.header === undefined && statement.answers === undefined) {
    throw new RuleError("contradiction", "a receipt and nothing that it is about");
  }
  if (statement.reasons !== undefined) checkCount("reasons", statement.reasons.length, 1, MAX_REASONS);
  if (statement.checkpoint !== undefined) checkCount("checkpoint", statement.checkpoint.length, 1, MAX_CHECKPOINT);
  if (statement.legalRule !== undefined) checkText("legal rule", statement.legalRule, MAX_LEGAL_RULE);
}
