// Names and public keys of whoever signs notes (C2SP signed-note, "Signatures" and "Verifier keys").
//
// Three signature types are known: Ed25519 over the note text (0x01), and the cosignatures over a checkpoint in Ed25519
// (0x04) and ML-DSA-44 (0x06). Invariant: a VerifierKey's id is computed from its name, type and key, and its Ed25519
// key is strong.

import { sha256 } from "@noble/hashes/sha2.js";
import { concat, equal, toHex, utf8 } from "../codec/bytes.ts";
import { type VerifyingKey, idBytes, keyBytes } from "../ids.ts";
import { isStrong } from "../keys/verifying-key.ts";
import { TlogError } from "./error.ts";
import { parseBase64, toBase64 } from "./text.ts";

/** Longest key name in bytes (tlog-cosignature, "ML-DSA-44 signed message"). */
export const MAX_KEY_NAME = 255;
/** Longest verifier key in bytes: the longest name and an ML-DSA-44 key. */
export const MAX_VKEY = 2048 + MAX_KEY_NAME;
/** Length of an ML-DSA-44 public key (FIPS 204 §4, table 2). */
export const ML_DSA_44_KEY = 1312;

/** What a key's signatures are over: the note text itself, or a checkpoint with a time. */
export const SignatureType = { ed25519: 1, ed25519Cosigner: 4, mlDsa44Cosigner: 6 } as const;
export type SignatureType = (typeof SignatureType)[keyof typeof SignatureType];

/** A named public key, as configured by whoever trusts it. */
export interface VerifierKey {
  readonly name: string;
  /** Four bytes that tell keys of one name apart, in hexadecimal. Anybody can make another key with them. */
  readonly id: string;
  readonly type: SignatureType;
  readonly bytes: Uint8Array;
}

/** Whether a text can be the name of a key or log: not empty, without spaces, plus signs and control characters. */
export function isKeyName(text: string): boolean {
  return text !== "" && utf8(text).length <= MAX_KEY_NAME && !/[\p{White_Space}\p{Cc}+]/u.test(text);
}

function checkKeyName(text: string): string {
  if (isKeyName(text)) return text;
  const rule = `is empty, longer than ${MAX_KEY_NAME} bytes, or has a space, plus or control character`;
  throw new TlogError("vkey", `key name ${rule}`);
}

function named(name: string, type: SignatureType, bytes: Uint8Array): VerifierKey {
  const hash = sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), bytes));
  return { name, id: toHex(hash.subarray(0, 4)), type, bytes };
}

/** The key of a log whose checkpoints an operator's delegated key signs. */
export function logKey(name: string, key: VerifyingKey): VerifierKey {
  return named(checkKeyName(name), SignatureType.ed25519, idBytes(key));
}

/** An Ed25519 key's text form in our own identifiers. */
export function ed25519Of(key: VerifierKey): VerifyingKey {
  return keyBytes.of(key.bytes);
}

/** Whether two keys wrap the same public key, whatever their names and ids. */
export function samePublicKey(one: VerifierKey, other: VerifierKey): boolean {
  return equal(one.bytes, other.bytes);
}

/** `name+id+key`. */
export function writeVkey(key: VerifierKey): string {
  return `${key.name}+${key.id}+${toBase64(concat(Uint8Array.of(key.type), key.bytes))}`;
}

/** Reads `name+id+key`. Throws TlogError. */
export function parseVkey(text: string): VerifierKey {
  const form = (): TlogError =>
    new TlogError("vkey", "not a verifier key: expected name+id+key, the id in 8 hexadecimal digits");
  if (utf8(text).length > MAX_VKEY) throw form();
  const found = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text); // base64 has plus signs of its own
  if (found === null) throw form();
  const [, name = "", id = "", encoded = ""] = found;
  checkKeyName(name);
  const typed = parseBase64(encoded);
  const type = typed?.[0];
  if (typed === undefined || type === undefined) throw form();
  const key = named(name, checkType(type), typed.slice(1));
  checkPublic(key);
  if (!/^[0-9a-f]{8}$/.test(id)) throw form();
  if (key.id !== id) {
    throw new TlogError("vkey", "verifier key has another id than its name and key give; copy it again");
  }
  return key;
}

function checkType(type: number): SignatureType {
  const known = Object.values(SignatureType).find((other) => other === type);
  if (known !== undefined) return known;
  const shown = `0x${type.toString(16).padStart(2, "0")}`;
  throw new TlogError("vkey", `verifier key is of signature type ${shown}, which is not known here`);
}

function checkPublic({ type, bytes }: VerifierKey): void {
  const postQuantum = type === SignatureType.mlDsa44Cosigner;
  if (bytes.length !== (postQuantum ? ML_DSA_44_KEY : 32)) {
    throw new TlogError("vkey", "verifier key is of the wrong length for its type");
  }
  if (!postQuantum && !isStrong(keyBytes.of(bytes))) {
    const message = "verifier key is weak, not canonically encoded, or outside the prime-order group";
    throw new TlogError("vkey", message);
  }
}
