// What a new clerk's device shows to an administrator: the public keys that are to be granted rights and given a
// vault, as one text to copy, and a number that both screens show.
//
// Invariants: the number is over every byte of the code, so whoever changes the code on its way changes the number;
// which vault is whose is signed by the clerk's own key, so no colleague can have renewed keys sealed to another.
// Nothing in it is secret. Absent: rights, which the administrator chooses. Specification: docs/format/desk.md,
// "A clerk's code".

import { HybridRecipient } from "../age/hybrid.ts";
import { fromBase64, toBase64 } from "../codec/bytes.ts";
import { decode } from "../codec/canonical.ts";
import { type Infer, bytes, encode, struct, text } from "../codec/type.ts";
import { domainHash } from "../hash.ts";
import { type Address, type VerifyingKey, idBytes, signature } from "../ids.ts";
import { addressBytes } from "../addresses/address.ts";
import { type SigningKey, holdsInDomain } from "../keys/signing-key.ts";
import { isStrong, verifyingKey } from "../keys/verifying-key.ts";
import { checkText } from "../statement/common.ts";

const PREFIX = "postfach-clerk-1.";
/** Longest code read, in bytes. */
const MAX_CODE = 2048;
const MAX_NAME = 200;
/** Digits of the number that both compare: 66 bits. */
const DIGITS = 20;

export const clerkVault = struct({
  /** The public key of the clerk's vault. */
  key: verifyingKey,
  /** To whom that vault is sealed. */
  recipient: bytes,
  /** By the clerk's signer key, over the two. */
  proof: signature,
});
/** A clerk's vault, as the common record keeps it. */
export type ClerkVault = Infer<typeof clerkVault>;

const proven = struct({ key: verifyingKey, recipient: bytes });

/** Says which vault belongs to the holder of `signer`. */
export function signVault(signer: SigningKey, key: VerifyingKey, to: HybridRecipient): ClerkVault {
  const content = { key, recipient: to.bytes };
  return { ...content, proof: signer.sign("clerk-vault", encode(proven, content)) };
}

/** The recipient of a vault that the holder of `signer` named; nothing where somebody else did. */
export function provenRecipient(signer: VerifyingKey, { key, recipient: to, proof }: ClerkVault): HybridRecipient | undefined {
  if (!holdsInDomain(signer, "clerk-vault", encode(proven, { key, recipient: to }), proof)) return undefined;
  try {
    return HybridRecipient.fromBytes(to);
  } catch {
    return undefined;
  }
}

const clerkCode = struct({
  /** The clerk's, as colleagues see it. */
  name: text,
  /** With which the clerk will sign. */
  signer: verifyingKey,
  vault: clerkVault,
});
export type ClerkCode = Infer<typeof clerkCode>;

export function writeClerkCode(code: ClerkCode): string {
  return PREFIX + toBase64(encode(clerkCode, code));
}

/** Reads a code as it was copied, with line breaks; nothing where it is none or damaged. */
export function readClerkCode(pasted: string): ClerkCode | undefined {
  const compact = pasted.replace(/\s/g, "");
  const encoded = compact.startsWith(PREFIX) ? fromBase64(compact.slice(PREFIX.length)) : undefined;
  if (encoded === undefined) return undefined;
  try {
    const code = decode(clerkCode, encoded, MAX_CODE);
    checkText("name", code.name, MAX_NAME);
    const genuine = isStrong(code.signer) && isStrong(code.vault.key) && provenRecipient(code.signer, code.vault) !== undefined;
    return genuine ? code : undefined;
  } catch {
    return undefined;
  }
}

/** The number that both screens show, in groups of four digits. */
export function codeNumber(code: ClerkCode): string {
  return inDigits(domainHash("clerk-code", encode(clerkCode, code)));
}

/** The number by which a new clerk recognises authority and operator. */
export function authorityNumber(address: Address, root: VerifyingKey): string {
  return inDigits(domainHash("clerk-code", addressBytes(address), idBytes(root)));
}

function inDigits(hash: Uint8Array): string {
  const value = hash.subarray(0, 16).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const digits = (value % 10n ** BigInt(DIGITS)).toString().padStart(DIGITS, "0");
  return (digits.match(/.{4}/g) ?? []).join(" ");
}
