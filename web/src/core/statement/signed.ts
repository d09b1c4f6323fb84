// Signed statements: the only thing any party ever says. COSE_Sign1 (RFC 9052 §4.2), always tagged 18.
//
// The protected header is `{1: -19, 4: kid, 16: media type}`, where `kid` is the Ed25519 public key itself; the
// unprotected header is empty; the external AAD is `postfach/<kind>/v1`. Invariants: a `Signed` value has a valid
// signature by `signer`, a canonical payload and passed its own rule; verification runs over the received bytes, and
// only bytes that this module would write are read. Whether that signer *may* say it is decided elsewhere, from the
// key history and the order of the log. Specification: docs/format/statements.md, "Signature".

import { concat, equal, fromUtf8, utf8 } from "../codec/bytes.ts";
import { decode } from "../codec/canonical.ts";
import { DecodeError } from "../codec/error.ts";
import { Major, readHead, writeHead } from "../codec/head.ts";
import { encode } from "../codec/type.ts";
import {
  type LeafHash,
  type Signature,
  type StatementHash,
  type VerifyingKey,
  hashLeaf,
  hashStatement,
  idBytes,
  keyBytes,
  signature as signatureId,
} from "../ids.ts";
import type { SigningKey } from "../keys/signing-key.ts";
import { ED25519_ARGUMENT, holds } from "../keys/verifying-key.ts";
import { RuleError } from "./common.ts";
import { ALL_KINDS, type Kind, type Payload, checkPayload, externalAad, mediaType, payloadType } from "./kind.ts";

/** The largest statement that is read, in bytes. */
export const MAX_STATEMENT = 64 * 1024;
/** CBOR tag of COSE_Sign1 (RFC 9052 §2). */
const TAG_SIGN1 = 18;
/** COSE header labels: algorithm, key id (RFC 9052 §3.1), type (RFC 9596). */
const LABEL = { alg: 1, kid: 4, typ: 16 } as const;

/** Why bytes are no valid statement of the expected kind: the part that is wrong, and how. Named as in the vectors. */
export type StatementReason =
  | `envelope/${DecodeError["reason"]}`
  | "kind"
  | "signature"
  | `payload/${DecodeError["reason"]}`
  | `rule/${RuleError["rule"]}`;

/** Bytes that are no valid statement of the expected kind. */
export class StatementError extends Error {
  override readonly name = "StatementError";

  constructor(
    readonly reason: StatementReason,
    options?: ErrorOptions,
  ) {
    super(`not a valid statement: ${reason}`, options);
  }
}

/** A statement with a valid signature by `signer`. */
export interface Signed<K extends Kind> {
  readonly kind: K;
  /** What was said. */
  readonly payload: Payload<K>;
  /** Who signed. */
  readonly signer: VerifyingKey;
  /** The name of this statement. */
  readonly hash: StatementHash;
  /** The exact tagged bytes. */
  readonly bytes: Uint8Array;
}

/** A statement of some kind: `kind` narrows the payload. */
export type AnySigned = { [K in Kind]: Signed<K> }[Kind];

/** Signs `payload`, after checking its rules and size. Throws `StatementError`. */
export function sign<K extends Kind>(kind: K, payload: Payload<K>, key: SigningKey): Signed<K> {
  withReason("rule", () => checkPayload(kind, payload));
  const content = encode(payloadType(kind), payload);
  const protectedHeader = writeProtected(kind, key.verifyingKey);
  const signature = key.signExact(sigStructure(kind, protectedHeader, content));
  const bytes = assemble(protectedHeader, content, signature);
  if (bytes.length > MAX_STATEMENT) throw new StatementError("payload/too-large");
  return { kind, payload, signer: key.verifyingKey, hash: hashStatement(bytes), bytes };
}

/** Verifies tagged bytes: form, kind, signature, canonical payload, the payload's own rules. Throws `StatementError`. */
export function verify<K extends Kind>(kind: K, bytes: Uint8Array): Signed<K> {
  const parts = withReason("envelope", () => parse(bytes));
  if (parts.kind !== kind) throw new StatementError("kind");
  const message = sigStructure(kind, parts.protectedHeader, parts.content);
  if (!holds(parts.signer, message, parts.signature)) throw new StatementError("signature");
  const payload = withReason("payload", () => decode(payloadType(kind), parts.content, MAX_STATEMENT));
  withReason("rule", () => checkPayload(kind, payload));
  return { kind, payload, signer: parts.signer, hash: hashStatement(bytes), bytes: bytes.slice() };
}

/** Verifies tagged bytes as the kind that they say they are. Throws `StatementError`. */
export function verifyAny(bytes: Uint8Array): AnySigned {
  return verify(kindOf(bytes), bytes) as AnySigned;
}

/** Reads the kind of a statement without verifying it, to choose what to verify it as. Throws `StatementError`. */
export function kindOf(bytes: Uint8Array): Kind {
  return withReason("envelope", () => parse(bytes).kind);
}

/** The entry of a statement in the public log. */
export function leafOf(statement: { readonly bytes: Uint8Array }): LeafHash {
  return hashLeaf(statement.bytes);
}

function withReason<T>(part: "envelope" | "payload" | "rule", action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof DecodeError && part !== "rule") throw new StatementError(`${part}/${cause.reason}`, { cause });
    if (cause instanceof RuleError) throw new StatementError(`rule/${cause.rule}`, { cause });
    throw cause;
  }
}

interface Sign1 {
  readonly kind: Kind;
  readonly signer: VerifyingKey;
  readonly protectedHeader: Uint8Array;
  readonly content: Uint8Array;
  readonly signature: Signature;
}

/** A place in bytes of one exact form. */
class Cursor {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  expect(major: number, argument: number): void {
    const head = readHead(this.bytes, this.at);
    if (head.major !== major || head.argument !== argument) throw new DecodeError("shape");
    this.at = head.end;
  }

  string(major: number): Uint8Array {
    const head = readHead(this.bytes, this.at);
    if (head.major !== major) throw new DecodeError("shape");
    if (head.argument > this.bytes.length - head.end) throw new DecodeError("framing");
    this.at = head.end + head.argument;
    return this.bytes.subarray(head.end, this.at);
  }
}

function parse(bytes: Uint8Array): Sign1 {
  if (bytes.length > MAX_STATEMENT) throw new DecodeError("too-large");
  const cursor = new Cursor(bytes);
  cursor.expect(Major.tag, TAG_SIGN1);
  cursor.expect(Major.array, 4);
  const protectedHeader = cursor.string(Major.bytes);
  cursor.expect(Major.map, 0);
  const content = cursor.string(Major.bytes);
  const signatureBytes = cursor.string(Major.bytes);
  if (cursor.at !== bytes.length) throw new DecodeError("framing");
  if (signatureBytes.length !== signatureId.length) throw new DecodeError("shape");
  const signature = signatureId.of(signatureBytes);
  const { kind, signer } = parseProtected(protectedHeader);
  if (!equal(assemble(protectedHeader, content, signature), bytes)) throw new DecodeError("not-canonical");
  return { kind, signer, protectedHeader, content, signature };
}

function parseProtected(bytes: Uint8Array): { kind: Kind; signer: VerifyingKey } {
  const cursor = new Cursor(bytes);
  cursor.expect(Major.map, 3);
  cursor.expect(Major.unsigned, LABEL.alg);
  cursor.expect(Major.negative, ED25519_ARGUMENT);
  cursor.expect(Major.unsigned, LABEL.kid);
  const kid = cursor.string(Major.bytes);
  if (kid.length !== keyBytes.length) throw new DecodeError("shape");
  const signer = keyBytes.of(kid);
  cursor.expect(Major.unsigned, LABEL.typ);
  const typ = fromUtf8(cursor.string(Major.text));
  const kind = ALL_KINDS.find((candidate) => mediaType(candidate) === typ);
  if (kind === undefined) throw new DecodeError("shape");
  if (!equal(writeProtected(kind, signer), bytes)) throw new DecodeError("not-canonical");
  return { kind, signer };
}

function string(major: number, content: Uint8Array): Uint8Array {
  return concat(writeHead(major, content.length), content);
}

function writeProtected(kind: Kind, signer: VerifyingKey): Uint8Array {
  return concat(
    writeHead(Major.map, 3),
    writeHead(Major.unsigned, LABEL.alg),
    writeHead(Major.negative, ED25519_ARGUMENT),
    writeHead(Major.unsigned, LABEL.kid),
    string(Major.bytes, idBytes(signer)),
    writeHead(Major.unsigned, LABEL.typ),
    string(Major.text, utf8(mediaType(kind))),
  );
}

/** `Sig_structure` of RFC 9052 §4.4. */
function sigStructure(kind: Kind, protectedHeader: Uint8Array, content: Uint8Array): Uint8Array {
  return concat(
    writeHead(Major.array, 4),
    string(Major.text, utf8("Signature1")),
    string(Major.bytes, protectedHeader),
    string(Major.bytes, utf8(externalAad(kind))),
    string(Major.bytes, content),
  );
}

function assemble(protectedHeader: Uint8Array, content: Uint8Array, signature: Signature): Uint8Array {
  return concat(
    writeHead(Major.tag, TAG_SIGN1),
    writeHead(Major.array, 4),
    string(Major.bytes, protectedHeader),
    writeHead(Major.map, 0),
    string(Major.bytes, content),
    string(Major.bytes, idBytes(signature)),
  );
}
