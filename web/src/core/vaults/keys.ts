// A vault's two keys, from one secret: an age identity that opens what is sealed, an Ed25519 key that signs the read.
//
// Invariant: secrets of different kinds never yield the same keys. Absent: where secrets come from and lie
// (`src/vault/`). Specification: docs/format/vault.md, "Keys".

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Random } from "../age/file-key.ts";
import { openFile, sealFile } from "../age/file.ts";
import { HybridIdentity, type HybridRecipient } from "../age/hybrid.ts";
import { utf8 } from "../codec/bytes.ts";
import type { JoiningCode, RecoverySecret } from "../enrolment/secret.ts";
import { type VaultId, hashVaultKey } from "../ids.ts";
import { SEED_BYTES, SigningKey } from "../keys/signing-key.ts";

/** What a vault's keys are made from. */
export type VaultSecret =
  /** What a passkey's PRF yields: the same on every device that has the passkey. */
  | { readonly kind: "passkey"; readonly secret: Uint8Array }
  /** Random bytes that a device keeps under its own lock. */
  | { readonly kind: "device"; readonly secret: Uint8Array }
  /** The code that a joining device shows. */
  | { readonly kind: "joining"; readonly secret: JoiningCode }
  /** The secret on the recovery sheet. */
  | { readonly kind: "sheet"; readonly secret: RecoverySecret }
  /** An age identity of an authority: what its clerks share. */
  | { readonly kind: "desk"; readonly secret: HybridIdentity };

export interface VaultKeys {
  readonly id: VaultId;
  /** Opens what is sealed. */
  readonly identity: HybridIdentity;
  /** Signs the read. */
  readonly key: SigningKey;
}

function expand(from: VaultSecret, what: "age" | "key"): Uint8Array {
  const info = `postfach/vault-${what}/${from.kind}/v1`;
  if (from.kind === "sheet" || from.kind === "joining") return from.secret.derive(info, SEED_BYTES);
  const secret = from.kind === "desk" ? from.secret.seed() : from.secret;
  if (secret.length !== SEED_BYTES) throw new RangeError(`a vault's secret has ${SEED_BYTES} bytes`);
  return hkdf(sha256, secret, undefined, utf8(info), SEED_BYTES);
}

/** The keys that a secret yields. */
export function vaultKeys(secret: VaultSecret): VaultKeys {
  const key = SigningKey.fromSeed(expand(secret, "key"));
  return { id: hashVaultKey(key.verifyingKey), identity: HybridIdentity.fromSeed(expand(secret, "age")), key };
}

/** Seals a content for whoever holds the vault: a whole age file. */
export function sealVault(recipient: HybridRecipient, content: Uint8Array, random: Random): Uint8Array {
  return sealFile([recipient], content, random);
}

/** Opens sealed bytes; all or nothing. Throws as `openFile`. */
export function openVault({ identity }: VaultKeys, sealed: Uint8Array): Uint8Array {
  return openFile(sealed, [identity]);
}
