// Evidence files (`.pfe`): everything an auditor needs about one envelope, in one file.
//
// Invariant: what `decodeEvidence` returns keeps the limits of the format; nothing in it is true before `verifyEvidence`
// said so. Specification: docs/format/evidence.md, "File".

import { decode } from "../codec/canonical.ts";
import { DecodeError } from "../codec/error.ts";
import { type Infer, array, bytes, encode, fixedBytes, optional, struct, text, uint } from "../codec/type.ts";
import { hashStatement } from "../ids.ts";
import { verifyingKey } from "../keys/verifying-key.ts";
import { MAX_DELEGATIONS } from "../operator.ts";
import { RuleError, checkAscending, checkCount, checkExtensions, checkText, compareText, extensions } from "../statement/common.ts";
import { MAX_PARTS } from "../statement/header.ts";
import { checkLogRecord, logRecord } from "./log-record.ts";
import { MAX_ENTRIES, MAX_RELATED } from "./limits.ts";

/** The version in this specification. */
export const EVIDENCE_VERSION = 1;
/** Largest evidence file, in bytes. */
export const MAX_EVIDENCE = 32 * 1024 * 1024;
/** Most heads. */
export const MAX_HEADS = 64;
/** Longest log origin, in bytes. */
const MAX_ORIGIN = 255;
const FILE_KEY_BYTES = 16;

const statements = array(bytes);

const issuerRecord = struct({
  /** The issuer's key statements from number 0. */
  keys: statements,
  /** The list between citizen and issuer. */
  relation: statements,
});

const openedPart = struct({
  /** The disclosed age file key of part 0. */
  fileKey: fixedBytes(
    FILE_KEY_BYTES,
    (key) => key,
    (key) => key,
  ),
  /** The age payload of part 0. */
  payload: bytes,
});
/** Part 0 with the key of this one file: anyone can check that it is what the header names. */
export type OpenedPart = Infer<typeof openedPart>;

export const evidence = struct({
  version: uint,
  /** Origin of the operator's log. */
  origin: text,
  /** The operator's root key; must be the one that the verifier pinned. */
  root: verifyingKey,
  /** The operator's delegations, ascending by hash. */
  delegations: statements,
  /** The envelope's list in log order: header, receipt, then statements and their receipts. */
  entries: statements,
  /** The sender's key statements from number 0. */
  sender: statements,
  /** The recipient's key statements from number 0. */
  recipient: statements,
  /** The list between citizen and authority: bindings, consents and what ends them. */
  relation: statements,
  /** The citizen's list towards all authorities. */
  relationAll: statements,
  /** Keys and list of the binding's issuer, where that is not the sender. */
  issuer: optional(issuerRecord),
  /** The certified party's list: certificates and revocations. */
  certificates: statements,
  /** Receipts of key statements, bindings, consents and what ends them, ascending by hash. */
  receipts: statements,
  /** The server's heads of these lists, ascending by hash. */
  heads: statements,
  /** The age headers of all parts in order, or none. */
  ageHeaders: statements,
  /** The opened manifest, where the file's owner shows it. */
  opened: optional(openedPart),
  ext: optional(extensions),
  /** Checkpoints and proofs of the public log. */
  log: optional(logRecord),
});
/** The content of an evidence file. All statements are exact tagged bytes. */
export type Evidence = Infer<typeof evidence>;

/** Why bytes are not an evidence file; named as in docs/format/vectors. */
export type EvidenceReason = "version" | `encoding/${DecodeError["reason"]}` | `rule/${RuleError["rule"]}`;

/** Bytes that are not an evidence file. */
export class EvidenceError extends Error {
  override readonly name = "EvidenceError";

  constructor(
    readonly reason: EvidenceReason,
    options?: ErrorOptions,
  ) {
    super(`not an evidence file: ${reason}`, options);
  }
}

/** Decodes a file and checks its limits. Throws `EvidenceError`. */
export function decodeEvidence(file: Uint8Array): Evidence {
  return withReason(() => {
    const decoded = decode(evidence, file, MAX_EVIDENCE);
    checkEvidence(decoded);
    return decoded;
  });
}

/** Checks limits and encodes. Throws `EvidenceError`. */
export function encodeEvidence(value: Evidence): Uint8Array {
  return withReason(() => {
    checkEvidence(value);
    const file = encode(evidence, value);
    if (file.length > MAX_EVIDENCE) throw new DecodeError("too-large");
    return file;
  });
}

function withReason<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof DecodeError) throw new EvidenceError(`encoding/${cause.reason}`, { cause });
    if (cause instanceof RuleError) throw new EvidenceError(`rule/${cause.rule}`, { cause });
    throw cause;
  }
}

function checkEvidence(value: Evidence): void {
  if (value.version !== EVIDENCE_VERSION) throw new EvidenceError("version");
  checkText("origin", value.origin, MAX_ORIGIN);
  checkCount("delegations", value.delegations.length, 0, MAX_DELEGATIONS);
  checkCount("entries", value.entries.length, 1, MAX_ENTRIES);
  const related = {
    sender: value.sender,
    recipient: value.recipient,
    relation: value.relation,
    "relation to all": value.relationAll,
    "issuer keys": value.issuer?.keys ?? [],
    "issuer relation": value.issuer?.relation ?? [],
    certificates: value.certificates,
    receipts: value.receipts,
  };
  for (const [name, list] of Object.entries(related)) checkCount(name, list.length, 0, MAX_RELATED);
  checkCount("heads", value.heads.length, 0, MAX_HEADS);
  checkCount("age headers", value.ageHeaders.length, 0, MAX_PARTS);
  const sets = { delegations: value.delegations, receipts: value.receipts, heads: value.heads };
  for (const [name, set] of Object.entries(sets)) checkAscending(name, set.map(hashStatement), compareText);
  checkExtensions(value.ext);
  if (value.log !== undefined) checkLogRecord(value.log);
}

/** The lists that stand in the log's order. Delegations are the root key's word, whenever given. */
export function orderedLists(file: Evidence): readonly (readonly Uint8Array[])[] {
  const issuer = file.issuer === undefined ? [] : [file.issuer.keys, file.issuer.relation];
  return [file.entries, file.sender, file.recipient, file.relation, file.relationAll, file.certificates, ...issuer];
}

/** The list in which the binding stands: that of the issuer, who mostly is the sender. */
export function bindingList(file: Evidence): readonly Uint8Array[] {
  return file.issuer?.relation ?? file.relation;
}
