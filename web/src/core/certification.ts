// Certificates of one party with their revocation: a fold over its list.
//
// That the operator signed them is checked by `Operator.accept` on the way in.
// Specification: docs/format/statements.md, "certificate".

import type { Address, StatementHash, UnixMillis } from "./ids.ts";
import type { Operator } from "./operator.ts";
import { type Signed, StatementError, kindOf } from "./statement/signed.ts";

export class Certification {
  /** Certificates in log order, with the hash of their revocation, if any. */
  readonly certificates: { readonly certificate: Signed<"certificate">; revoked: StatementHash | undefined }[] = [];

  /**
   * Folds the statements of a certification list, in log order. A certificate of another subject does not belong
   * here. Throws `StatementError`, `OperatorError`.
   */
  static fold(operator: Operator, subject: Address, statements: readonly Uint8Array[]): Certification {
    const certification = new Certification();
    for (const bytes of statements) {
      const kind = kindOf(bytes);
      if (kind === "certificate") {
        const certificate = operator.accept(kind, bytes);
        checkSubject(subject, certificate.payload.subject);
        certification.certificates.push({ certificate, revoked: undefined });
      } else if (kind === "certificate-revocation") {
        const { hash, payload } = operator.accept(kind, bytes);
        checkSubject(subject, payload.subject);
        for (const known of certification.certificates) {
          if (known.certificate.hash === payload.certificate) known.revoked = hash;
        }
      } else {
        throw new StatementError("kind");
      }
    }
    return certification;
  }

  /** The certificate in force, if any. */
  inForce(now: UnixMillis): Signed<"certificate"> | undefined {
    return this.certificates.findLast(
      ({ certificate: { payload }, revoked }) => revoked === undefined && payload.from <= now && now < payload.until,
    )?.certificate;
  }
}

function checkSubject(expected: Address, found: Address): void {
  if (found !== expected) throw new StatementError("rule/contradiction");
}
