// The file key: 16 bytes from which header MAC and payload key come (C2SP age, "File key", "Header MAC", "Payload").
//
// Invariant: each key that wraps a file key seals once, so its nonce is zero.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "../codec/bytes.ts";

export const FILE_KEY_BYTES = 16;
export const NONCE_BYTES = 16;
/** A file key under ChaCha20-Poly1305. */
export const WRAPPED_KEY_BYTES = FILE_KEY_BYTES + 16;

/** Fills a new array with that many unpredictable bytes: `crypto.getRandomValues` outside tests. */
export type Random = (length: number) => Uint8Array;

export function headerMac(fileKey: Uint8Array, authenticated: Uint8Array): Uint8Array {
  return hmac(sha256, hkdf(sha256, fileKey, undefined, utf8("header"), 32), authenticated);
}

export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return hkdf(sha256, fileKey, nonce, utf8("payload"), 32);
}

export function wrapFileKey(key: Uint8Array, nonce: Uint8Array, fileKey: Uint8Array): Uint8Array {
  return chacha20poly1305(key, nonce).encrypt(fileKey);
}

/** The file key, or nothing when `key` is not the one that wrapped it. */
export function unwrapFileKey(key: Uint8Array, nonce: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  try {
    return chacha20poly1305(key, nonce).decrypt(wrapped);
  } catch {
    return undefined;
  }
}
