// Locks of a vault: what opens the box with the keys. A box is an age file, so that any age tool opens it, too.
//
//   passkey     PRF output ──HKDF──▶ age identity (post-quantum hybrid)
//   passphrase  scrypt stanza; such a vault stays on its device
//
// Invariant: each lock derives its key under a label of its own. Absent: where the PRF output comes from
// (`passkey.ts`). Specification: age (C2SP), RFC 5869.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { openFile, openFileWithPassphrase, sealFile, sealFileWithPassphrase } from "../core/age/file.ts";
import type { Random } from "../core/age/file-key.ts";
import { HybridIdentity } from "../core/age/hybrid.ts";
import { utf8 } from "../core/codec/bytes.ts";

const PRF_LABEL = utf8("postfach/vault-prf/v1");
/** Fewest characters of a passphrase. */
export const MIN_PASSPHRASE = 12;

function identityOf(prf: Uint8Array): HybridIdentity {
  return HybridIdentity.fromSeed(hkdf(sha256, prf, undefined, PRF_LABEL, 32));
}

export function sealForPasskey(secrets: Uint8Array, prf: Uint8Array, random: Random): Uint8Array {
  return sealFile([identityOf(prf).recipient], secrets, random);
}

/** Throws as `openFile`, where another passkey was used. */
export function openWithPasskey(box: Uint8Array, prf: Uint8Array): Uint8Array {
  return openFile(box, [identityOf(prf)]);
}

export function sealForPassphrase(secrets: Uint8Array, passphrase: string, random: Random, logN?: number): Promise<Uint8Array> {
  return sealFileWithPassphrase(passphrase.normalize("NFKC"), secrets, random, logN);
}

export function openWithPassphrase(box: Uint8Array, passphrase: string): Promise<Uint8Array> {
  return openFileWithPassphrase(box, passphrase.normalize("NFKC"));
}
