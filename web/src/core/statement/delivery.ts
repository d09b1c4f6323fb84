// What recipients and senders say about an envelope after it was sent.
//
// Each names the header it is about. Clients sign these; only the server turns them into events, by its receipts.
// Specification: docs/format/statements.md, "handover-request" to "withdrawal".

import { address } from "../addresses/address.ts";
import { type Infer, array, optional, struct } from "../codec/type.ts";
import { ageHeaderHash, manifestHash, statementHash } from "../ids.ts";
import { MAX_REASONS, type Reason, checkCount, context, extensions, reason } from "./common.ts";
import { listHead } from "./head.ts";
import { MAX_PARTS } from "./header.ts";

export const handoverRequest = struct({
  context,
  /** The envelope's header. */
  header: statementHash,
  recipient: address,
  /** The age headers asked for, all of them, in order. */
  ageHeaders: array(ageHeaderHash),
  /** Head of the recipient's mailbox as last seen. */
  seen: listHead,
  ext: optional(extensions),
});
/** A recipient asks for an envelope: the handover of registered mail, the opening of ordinary mail. */
export type HandoverRequest = Infer<typeof handoverRequest>;

export const access = struct({
  context,
  header: statementHash,
  recipient: address,
  /** The manifest that was found. */
  manifest: manifestHash,
  ext: optional(extensions),
});
/** A recipient opened an envelope and found in it what the header names. */
export type Access = Infer<typeof access>;

const reasonsOfRecipient = {
  context,
  header: statementHash,
  recipient: address,
  reasons: array(reason),
  ext: optional(extensions),
} as const;

export const failure = struct(reasonsOfRecipient);
/** A recipient could not open an envelope, or found something else in it. */
export type Failure = Infer<typeof failure>;

export const acceptance = struct({ context, header: statementHash, recipient: address, ext: optional(extensions) });
/** A recipient accepts a registered delivery (Empfangsbekenntnis). */
export type Acceptance = Infer<typeof acceptance>;

export const rejection = struct(reasonsOfRecipient);
/** A recipient refuses a registered delivery. */
export type Rejection = Infer<typeof rejection>;

export const deletion = struct({ context, header: statementHash, recipient: address, ext: optional(extensions) });
/** A recipient deletes an envelope: its content is not served there any more. What runs, runs on. */
export type Deletion = Infer<typeof deletion>;

export const withdrawal = struct({
  context,
  header: statementHash,
  sender: address,
  reasons: array(reason),
  ext: optional(extensions),
});
/** A sender takes back an envelope that was not handed over. */
export type Withdrawal = Infer<typeof withdrawal>;

export function checkHandoverRequest(statement: HandoverRequest): void {
  checkCount("age headers", statement.ageHeaders.length, 1, MAX_PARTS);
}

export function checkReasons(statement: { readonly reasons: readonly Reason[] }): void {
  checkCount("reasons", statement.reasons.length, 1, MAX_REASONS);
}
