// The operator's statements: the log's genesis, delegation of working keys, certification of authorities; and
// mandates, whose format is reserved.
//
// Specification: docs/format/statements.md, "certificate" to "mandate".

import { address } from "../addresses/address.ts";
import { DecodeError } from "../codec/error.ts";
import { type Infer, type Type, array, bytes, codes, optional, struct, text, uint } from "../codec/type.ts";
import { bundleHash, statementHash, unixMillis } from "../ids.ts";
import { isStrong, verifyingKey } from "../keys/verifying-key.ts";
import { MAX_CHECKPOINT, RuleError, checkAscending, checkCount, checkText, context, extensions, reason } from "./common.ts";

/** Longest version of the server software, in bytes. */
const MAX_VERSION = 100;
/** Most lines of a list of files. */
const MAX_FILES = 4096;
/** Longest name of an authority, in bytes. */
const MAX_NAME = 200;

export const delegationPurpose = codes({ receipt: 1, checkpoint: 2, certification: 3 });
/** What a working key of the operator is for. */
export type DelegationPurpose = Infer<typeof delegationPurpose>;
export const mandateScope = codes({ read: 1, send: 2 });
export type MandateScope = Infer<typeof mandateScope>;

/** Amtlicher Gemeindeschlüssel: 2 to 8 digits, from state to municipality. */
const municipalityCode: Type<string> = {
  read(reader) {
    const digits = text.read(reader);
    if (!/^(\d{2}|\d{3}|\d{5}|\d{8})$/.test(digits)) throw new DecodeError("shape");
    return digits;
  },
  write(digits, out) {
    if (!/^(\d{2}|\d{3}|\d{5}|\d{8})$/.test(digits)) throw new RuleError("text", "municipality code");
    text.write(digits, out);
  },
};

export const certificate = struct({
  context,
  /** The authority's address. */
  subject: address,
  /** Its official name. */
  name: text,
  municipalityCode,
  from: unixMillis,
  until: unixMillis,
  ext: optional(extensions),
});
/** The operator certifies that an address belongs to an authority. */
export type Certificate = Infer<typeof certificate>;

export const certificateRevocation = struct({
  context,
  subject: address,
  certificate: statementHash,
  reason,
  ext: optional(extensions),
});
export type CertificateRevocation = Infer<typeof certificateRevocation>;

export const genesis = struct({
  context,
  /** The last checkpoint of the epoch before, as a signed note; absent in epoch 1. */
  continues: optional(bytes),
  ext: optional(extensions),
});
/** The first statement of an epoch of the log. */
export type Genesis = Infer<typeof genesis>;

export const delegation = struct({
  context,
  purpose: delegationPurpose,
  key: verifyingKey,
  from: unixMillis,
  until: unixMillis,
  ext: optional(extensions),
});
/** The root key delegates a purpose to a working key. */
export type Delegation = Infer<typeof delegation>;

export const bundle = struct({
  context,
  /** Version of the server software. */
  version: text,
  /** How many lines the list of files has. */
  count: uint,
  /** Hash of the list of files. */
  files: bundleHash,
  ext: optional(extensions),
});
/** The server names the pages that it serves. */
export type Bundle = Infer<typeof bundle>;

export const mandate = struct({
  context,
  principal: address,
  delegate: address,
  scope: array(mandateScope),
  until: unixMillis,
  ext: optional(extensions),
});
export type Mandate = Infer<typeof mandate>;

function checkPeriod({ from, until }: { readonly from: number; readonly until: number }): void {
  if (until <= from) throw new RuleError("range", "until");
}

export function checkCertificate(statement: Certificate): void {
  checkText("name", statement.name, MAX_NAME);
  checkPeriod(statement);
}

export function checkGenesis(statement: Genesis): void {
  if (statement.continues !== undefined) checkCount("checkpoint", statement.continues.length, 1, MAX_CHECKPOINT);
  if ((statement.context.epoch === 1) === (statement.continues !== undefined)) {
    throw new RuleError("contradiction", "the epoch and what it continues");
  }
}

export function checkDelegation(statement: Delegation): void {
  if (!isStrong(statement.key)) throw new RuleError("key", "delegated key");
  checkPeriod(statement);
}

export function checkMandate(statement: Mandate): void {
  checkCount("scope", statement.scope.length, 1, mandateScope.names.length);
  checkAscending("scope", statement.scope, (a, b) => mandateScope.number(a) - mandateScope.number(b));
  if (statement.principal === statement.delegate) {
    throw new RuleError("contradiction", "a party and a mandate for itself");
  }
}

export function checkBundle({ version, count }: Bundle): void {
  checkText("version", version, MAX_VERSION);
  checkCount("files", count, 1, MAX_FILES);
}
