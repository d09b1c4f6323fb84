// What a vault holds: a mailbox's private keys, and who else holds them.
//
// Invariant: a content counts only where `checkCurrent` passes it: its identity key is the newest of the verified key
// history. Nobody else can seal such a one, and one that was overtaken is recognised. Absent: mail, drafts, settings.
// Specification: docs/format/vault.md.

import { address } from "../addresses/address.ts";
import { AgeKeyError } from "../age/error.ts";
import { HybridIdentity, HybridRecipient } from "../age/hybrid.ts";
import { decode } from "../codec/canonical.ts";
import { DecodeError } from "../codec/error.ts";
import { type Infer, array, bytes, codes, encode, fixedBytes, optional, struct, text, tuple, uint } from "../codec/type.ts";
import { unixMillis } from "../ids.ts";
import type { Party } from "../keys/history.ts";
import { SEED_BYTES, SigningKey } from "../keys/signing-key.ts";
import { isStrong, verifyingKey } from "../keys/verifying-key.ts";
import { RuleError, checkCount, checkText } from "../statement/common.ts";
import { X_WING } from "../statement/key.ts";
import { equalInConstantTime } from "../codec/bytes.ts";

export const CONTENT_VERSION = 1;
/** Largest content, in bytes. */
export const MAX_CONTENT = 512 * 1024;
const MAX_OPENERS = 4096;
/** Most holders: as many as a party may have vaults. */
export const MAX_HOLDERS = 64;
const MAX_NAME = 255;
/** Longest name of a holder, in bytes. */
export const MAX_HOLDER_NAME = 200;

const seed = fixedBytes(SEED_BYTES, (found) => found, (found: Uint8Array) => found);
const opener = fixedBytes(SEED_BYTES, (found) => HybridIdentity.fromSeed(found), (identity: HybridIdentity) => identity.seed());

export const holderKind = codes({ device: 1, sheet: 2, clerk: 3 });
/** Who holds a vault. */
export type HolderKind = Infer<typeof holderKind>;

export const vaultHolder = struct({
  kind: holderKind,
  /** The name that its owner gave it. */
  name: text,
  /** The vault's public key. */
  key: verifyingKey,
  /** To whom the vault is sealed. */
  recipient: tuple(uint, bytes),
  /** When it was added, by the clock of whoever added it. */
  added: unixMillis,
  /** The key with which a clerk signs. */
  signer: optional(verifyingKey),
});
/** Somebody for whom the mailbox's keys are sealed. */
export type VaultHolder = Infer<typeof vaultHolder>;

export const vaultContent = struct({
  version: uint,
  address,
  /** Base URL of the service, without a trailing slash. */
  service: text,
  origin: text,
  /** The operator's root key. */
  root: verifyingKey,
  /** Newest first. */
  openers: array(opener),
  /** Whoever has a vault with this content, oldest first. */
  holders: array(vaultHolder),
  /** Seed of the identity key; absent in a clerk's vault. */
  identity: optional(seed),
  /** The authority whose letter opened the mailbox. */
  issuer: optional(address),
});
/** The plaintext of a vault. */
export type VaultContent = Infer<typeof vaultContent>;

/** Why bytes are no vault's content, or do not count; the first two as in the vectors. */
export type VaultReason = `encoding/${DecodeError["reason"]}` | `rule/${RuleError["rule"]}` | "foreign" | "stale";

export class VaultError extends Error {
  override readonly name = "VaultError";

  constructor(
    readonly reason: VaultReason,
    options?: ErrorOptions,
  ) {
    super(`not a vault that counts: ${reason}`, options);
  }
}

/** Checks and encodes. Throws `VaultError`. */
export function encodeContent(content: Omit<VaultContent, "version">): Uint8Array {
  const whole: VaultContent = { ...content, version: CONTENT_VERSION };
  withReason(() => checkContent(whole));
  const encoded = encode(vaultContent, whole);
  if (encoded.length > MAX_CONTENT) throw new VaultError("encoding/too-large");
  return encoded;
}

/** Decodes and checks the rules. Throws `VaultError`. */
export function decodeContent(plaintext: Uint8Array): VaultContent {
  return withReason(() => {
    const decoded = decode(vaultContent, plaintext, MAX_CONTENT);
    checkContent(decoded);
    return decoded;
  });
}

/**
 * Checks a content against the party's verified key history: the identity key, or without one the newest age
 * identity, is the one in force. Throws `VaultError`.
 */
export function checkCurrent(content: VaultContent, party: Party): void {
  if (content.address !== party.address) throw new VaultError("foreign");
  const { identity, openers } = content;
  const newest = openers[0]?.recipient.bytes;
  const current =
    identity === undefined
      ? newest !== undefined && party.recipients.some(({ bytes: registered }) => equalInConstantTime(registered, newest))
      : SigningKey.fromSeed(identity).verifyingKey === party.current.payload.identity;
  if (!current) throw new VaultError("stale");
}

/** The recipient for whom a holder's vault is sealed. */
export function recipientOf({ recipient: [, key] }: VaultHolder): HybridRecipient {
  return HybridRecipient.fromBytes(key);
}

function checkContent(content: VaultContent): void {
  if (content.version !== CONTENT_VERSION) throw new RuleError("range", "vault version");
  checkText("service", content.service, MAX_NAME);
  checkText("origin", content.origin, MAX_NAME);
  checkCount("openers", content.openers.length, 1, MAX_OPENERS);
  checkCount("holders", content.holders.length, 1, MAX_HOLDERS);
  const seen = new Set<string>();
  for (const holder of content.holders) {
    checkHolder(holder);
    if (seen.has(holder.key)) throw new RuleError("contradiction", "two holders of one vault");
    seen.add(holder.key);
  }
}

/** A holder by itself: what a joining device's code must pass, too. Throws `RuleError`. */
export function checkHolder(holder: VaultHolder): void {
  checkText("holder", holder.name, MAX_HOLDER_NAME);
  if (!isStrong(holder.key)) throw new RuleError("key", "vault key");
  try {
    if (holder.recipient[0] !== X_WING) throw new RuleError("key", "vault recipient");
    recipientOf(holder);
  } catch (cause) {
    throw cause instanceof AgeKeyError ? new RuleError("key", "vault recipient") : cause;
  }
}

function withReason<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof DecodeError) throw new VaultError(`encoding/${cause.reason}`, { cause });
    if (cause instanceof RuleError) throw new VaultError(`rule/${cause.rule}`, { cause });
    throw cause;
  }
}
