// The envelope header: what the server and an auditor may know of a letter.
//
// The header names sender, recipient, parts and the manifest's hash; the manifest inside names envelope id, sender
// and recipient. Inner names outer and outer names inner, so nobody can pass a letter on as their own.
// Specification: docs/format/statements.md, "envelope-header"; docs/format/envelope.md.

import { address } from "../addresses/address.ts";
import { type Infer, array, codes, optional, struct, text, tuple, uint } from "../codec/type.ts";
import { ageHeaderHash, envelopeId, manifestHash, payloadHash, statementHash, unixMillis } from "../ids.ts";
import { verifyingKey } from "../keys/verifying-key.ts";
import { RuleError, checkCount, checkText, context, extensions } from "./common.ts";
import { listHead } from "./head.ts";

/** Most parts of an envelope: the manifest and 255 attachments. */
export const MAX_PARTS = 256;
/** Longest age header that an envelope may name, in bytes. */
export const MAX_AGE_HEADER = 64 * 1024;
/** Longest payload of one part: 16 GiB. */
export const MAX_PAYLOAD = 16 * 2 ** 30;
/** Shortest age payload: nonce and the tag of one empty chunk. */
export const MIN_PAYLOAD = 16 + 16;
/** Longest time in which the recipient may be asked to acknowledge receipt, in milliseconds: 366 days. */
export const MAX_ACCEPTANCE = 366 * 24 * 60 * 60 * 1000;
const MAX_NAME = 100;
const MAX_PROVIDERS = 4;

export const deliveryClass = codes({ ordinary: 1, registered: 2 });
/** Readable at once, or handed over only against the recipient's signature. */
export type DeliveryClass = Infer<typeof deliveryClass>;

/** `[age-header hash, age-header length, payload hash, payload length]`. */
const partReference = tuple(ageHeaderHash, uint, payloadHash, uint);
export type PartReference = Infer<typeof partReference>;

export const envelopeHeader = struct({
  context,
  /** The sender's name for it; unique per sender. */
  envelopeId,
  sender: address,
  /** The key that signs, one of the sender's. */
  signer: verifyingKey,
  /** The sender's key statement that was current for the sender. */
  senderKeys: statementHash,
  recipient: address,
  /** The recipient's key statement whose age recipients were encrypted to. */
  recipientKeys: statementHash,
  /** The binding by which the sender knows the recipient; present when a citizen receives. */
  binding: optional(statementHash),
  /** Part 0 is the manifest. */
  parts: array(partReference),
  manifest: manifestHash,
  class: deliveryClass,
  /** The legal rule by which the sender delivers. */
  legalRule: optional(text),
  /** The recipient's consent on which the sender relies. */
  consent: optional(statementHash),
  /** The last receipted header of this sender, signer and recipient. */
  previous: optional(statementHash),
  /** Head of the sender's own key statements, as the sender last saw it. */
  senderHead: listHead,
  actingUnder: optional(statementHash),
  onBehalfOf: optional(address),
  tenant: optional(text),
  providers: optional(array(text)),
  ext: optional(extensions),
  /** The recipient is asked to acknowledge receipt (Empfangsbekenntnis), by this time at the latest. */
  acceptanceUntil: optional(unixMillis),
});
export type EnvelopeHeader = Infer<typeof envelopeHeader>;

export function checkEnvelopeHeader(header: EnvelopeHeader): void {
  checkCount("parts", header.parts.length, 1, MAX_PARTS);
  for (const [, ageHeaderLength, , payloadLength] of header.parts) {
    if (ageHeaderLength === 0 || ageHeaderLength > MAX_AGE_HEADER) throw new RuleError("range", "age-header length");
    if (payloadLength < MIN_PAYLOAD || payloadLength > MAX_PAYLOAD) throw new RuleError("range", "payload length");
  }
  const { acceptanceUntil } = header;
  if (acceptanceUntil !== undefined) {
    const left = Number(acceptanceUntil) - Number(header.context.time);
    if (left <= 0 || left > MAX_ACCEPTANCE) throw new RuleError("range", "time for acceptance");
  }
  if (header.legalRule !== undefined) checkText("legal rule", header.legalRule, MAX_NAME);
  if (header.tenant !== undefined) checkText("tenant", header.tenant, MAX_NAME);
  if (header.providers !== undefined) {
    checkCount("providers", header.providers.length, 1, MAX_PROVIDERS);
    for (const provider of header.providers) checkText("provider", provider, MAX_NAME);
  }
}
