// Consent and contact: what a citizen agrees to, and where they want to be told that a letter waits.
//
// BayDiG Art. 22, 24(1) and 25 need the citizen's consent, revocable at any time; the statement holds the hash of
// the text that was shown. Absent: an e-mail address's full syntax (RFC 5321), which the server checks.
// Specification: docs/format/statements.md, "consent", "consent-revocation", "contact".

import { address } from "../addresses/address.ts";
import { type Infer, codes, optional, struct, text } from "../codec/type.ts";
import { statementHash, textHash, unixMillis } from "../ids.ts";
import { RuleError, context, extensions } from "./common.ts";

export const consentClass = codes({ notification: 1, service: 2 });
/** What the citizen agrees to receive electronically: Bekanntgabe (Art. 24), Zustellung (Art. 25). */
export type ConsentClass = Infer<typeof consentClass>;
export const contactLanguage = codes({ de: 1, en: 2 });
export type ContactLanguage = Infer<typeof contactLanguage>;

export const consent = struct({
  context,
  citizen: address,
  /** The authority; absent means every authority. */
  authority: optional(address),
  class: consentClass,
  /** The text that was shown. */
  text: textHash,
  from: unixMillis,
  ext: optional(extensions),
});
export type Consent = Infer<typeof consent>;

export const consentRevocation = struct({
  context,
  citizen: address,
  /** The authority that the consent named; absent as there. */
  authority: optional(address),
  consent: statementHash,
  ext: optional(extensions),
});
export type ConsentRevocation = Infer<typeof consentRevocation>;

export const contact = struct({
  context,
  party: address,
  /** Absent where no notification is wanted any more. */
  email: optional(text),
  language: contactLanguage,
  ext: optional(extensions),
});
export type Contact = Infer<typeof contact>;

export function checkConsent(statement: Consent): void {
  if (statement.authority === statement.citizen) {
    throw new RuleError("contradiction", "a party and its consent to its own mail");
  }
}

/** 3 to 254 visible ASCII characters (RFC 5321 section 4.5.3.1.3): no line break can begin a header of a mail. */
export function checkContact(statement: Contact): void {
  if (statement.email !== undefined && !/^[!-~]{3,254}$/.test(statement.email)) {
    throw new RuleError("text", "e-mail address");
  }
}
