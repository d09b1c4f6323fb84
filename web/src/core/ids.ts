// Identifiers: each hash, number and name that formats use is a type of its own.
//
// They are texts in their one form, so `===`, maps and JSON work: lower-case hexadecimal digits for hashes and ids,
// `pf1…` for addresses (`addresses/address.ts`). Invariant: a value of a type here has the right length. Times are
// Unix milliseconds. Specification: docs/format/encoding.md, "Identifiers".

import { fromHex, toHex } from "./codec/bytes.ts";
import { type Type, fixedBytes, uint } from "./codec/type.ts";
import { DomainHasher, domainHash } from "./hash.ts";

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** Names a party: bech32m text. */
export type Address = Id<"Address">;
/** Names a recovery key before it is used. */
export type RecoveryKeyHash = Id<"RecoveryKeyHash">;
/** Names a signed statement by its exact tagged bytes. */
export type StatementHash = Id<"StatementHash">;
/** A statement's entry in the public log. */
export type LeafHash = Id<"LeafHash">;
/** A list's running hash over its entries. */
export type ChainHash = Id<"ChainHash">;
export type AgeHeaderHash = Id<"AgeHeaderHash">;
export type PayloadHash = Id<"PayloadHash">;
/** Names the plaintext of part 0. */
export type ManifestHash = Id<"ManifestHash">;
/** Names an attachment's plaintext, blinded. */
export type ContentHash = Id<"ContentHash">;
/** A salted commitment to a person's identity data. */
export type PersonCommitment = Id<"PersonCommitment">;
/** Names a text shown before consent. */
export type TextHash = Id<"TextHash">;
/** Randomness that makes equal statements unequal and hashes unguessable. */
export type Blind = Id<"Blind">;
/** An HMAC with an activation code's key. */
export type ClaimMac = Id<"ClaimMac">;
/** The sender's name for an envelope; unique per sender. */
export type EnvelopeId = Id<"EnvelopeId">;
/** The server's name for a receipt. */
export type ReceiptId = Id<"ReceiptId">;
/** Names an activation code without revealing it. */
export type CodeId = Id<"CodeId">;
/** Names a vault by its public key. */
export type VaultId = Id<"VaultId">;
/** Names what a vault holds, by its sealed bytes. */
export type VaultVersion = Id<"VaultVersion">;
/** Names the pages in the browser: the list of their files. */
export type BundleHash = Id<"BundleHash">;
/** Names an upload; chosen by the sender, unique per sender. */
export type UploadId = Id<"UploadId">;
/** An Ed25519 public key. */
export type VerifyingKey = Id<"VerifyingKey">;
/** An Ed25519 signature. */
export type Signature = Id<"Signature">;
/** A moment, in milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMillis = number & { readonly [brand]: "UnixMillis" };

/** A kind of identifier: its length, its reader and its form on the wire. */
export interface IdType<T> extends Type<T> {
  readonly length: number;
  /** The identifier with these bytes. Throws `RangeError` on another length. */
  of(bytes: Uint8Array): T;
  /** Reads the text form, or nothing. */
  parse(text: string): T | undefined;
}

function id<T extends string>(length: number): IdType<T> {
  const of = (bytes: Uint8Array): T => {
    if (bytes.length !== length) throw new RangeError(`expected ${length} bytes`);
    return toHex(bytes) as T;
  };
  return {
    length,
    of,
    parse: (text) => (fromHex(text)?.length === length ? (text as T) : undefined),
    ...fixedBytes(length, of, idBytes),
  };
}

/** The bytes of an identifier in hexadecimal text form. */
export function idBytes(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new RangeError("not lower-case hexadecimal digits");
  return bytes;
}

export const recoveryKeyHash = id<RecoveryKeyHash>(32);
export const statementHash = id<StatementHash>(32);
export const leafHash = id<LeafHash>(32);
export const chainHash = id<ChainHash>(32);
export const ageHeaderHash = id<AgeHeaderHash>(32);
export const payloadHash = id<PayloadHash>(32);
export const manifestHash = id<ManifestHash>(32);
export const contentHash = id<ContentHash>(32);
export const personCommitment = id<PersonCommitment>(32);
export const textHash = id<TextHash>(32);
export const blind = id<Blind>(32);
export const claimMac = id<ClaimMac>(32);
export const vaultId = id<VaultId>(32);
export const vaultVersion = id<VaultVersion>(32);
export const bundleHash = id<BundleHash>(32);
export const envelopeId = id<EnvelopeId>(16);
export const receiptId = id<ReceiptId>(16);
export const codeId = id<CodeId>(16);
export const uploadId = id<UploadId>(16);
export const signature = id<Signature>(64);
/** Public keys are `[algorithm, bytes]` on the wire: see `keys/verifying-key.ts`. */
export const keyBytes = id<VerifyingKey>(32);
export const unixMillis = uint as Type<number> as Type<UnixMillis>;

/** The moment with this number of milliseconds. */
export function millis(value: number): UnixMillis {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("not a moment");
  return value as UnixMillis;
}

/** The hash of a statement's exact tagged bytes. */
export function hashStatement(tagged: Uint8Array): StatementHash {
  return statementHash.of(domainHash("statement", tagged));
}

/** A statement's log entry: 32 bytes that mean nothing once the statement is destroyed. */
export function hashLeaf(tagged: Uint8Array): LeafHash {
  return leafHash.of(domainHash("leaf", tagged));
}

/** The hash of an age header, from its version line to the end of its MAC line. */
export function hashAgeHeader(header: Uint8Array): AgeHeaderHash {
  return ageHeaderHash.of(domainHash("age-header", header));
}

/** The hash of an age payload: nonce and STREAM chunks. In pieces: `new DomainHasher("payload")`. */
export function hashPayload(payload: Uint8Array): PayloadHash {
  return payloadHash.of(domainHash("payload", payload));
}

/** The hash of the manifest's encoding, which is the plaintext of part 0. */
export function hashManifest(manifest: Uint8Array): ManifestHash {
  return manifestHash.of(domainHash("manifest", manifest));
}

/** Starts the hash of an attachment's plaintext under its blind; ends with `contentHash.of(h.finish())`. */
export function contentHasher(under: Blind): DomainHasher {
  return new DomainHasher("content").update(idBytes(under));
}

/** The hash of a text as it was shown, in UTF-8. */
export function hashText(bytes: Uint8Array): TextHash {
  return textHash.of(domainHash("text", bytes));
}

/** The id of the vault with this public key. */
export function hashVaultKey(key: VerifyingKey): VaultId {
  return vaultId.of(domainHash("vault", idBytes(key)));
}

/** The version that these sealed bytes are. */
export function hashVault(sealed: Uint8Array): VaultVersion {
  return vaultVersion.of(domainHash("vault-version", sealed));
}

/** The running hash of an empty list. */
export const EMPTY_CHAIN = chainHash.of(new Uint8Array(32));

/** The running hash after `entry` is appended. */
export function appendToChain(chain: ChainHash, entry: StatementHash): ChainHash {
  return chainHash.of(domainHash("chain", idBytes(chain), idBytes(entry)));
}
