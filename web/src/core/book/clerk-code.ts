// What a new clerk's device shows to an administrator: the public keys that are to be granted rights and given a
// vault, as one text to copy, and a number that both screens show.
//
// Invariant: the number is over every byte of the code, so whoever changes the code on its way changes the number.
// Nothing in it is secret. Absent: rights, which the administrator chooses. Specification: docs/format/vault.md,
// "A clerk's code".

import { HybridRecipient } from "../age/hybrid.ts";
import { fromBase64, toBase64 } from "../codec/bytes.ts";
import { decode } from "../codec/canonical.ts";
import { type Infer, type Type, encode, fixedBytes, struct, text } from "../codec/type.ts";
import { domainHash } from "../hash.ts";
import { type Address, type VerifyingKey, idBytes } from "../ids.ts";
import { addressBytes } from "../addresses/address.ts";
import { isStrong, verifyingKey } from "../keys/verifying-key.ts";
import { checkText } from "../statement/common.ts";

const PREFIX = "postfach-clerk-1.";
/** Longest code read, in bytes. */
const MAX_CODE = 2048;
const MAX_NAME = 200;
/** Digits of the number that both compare: 66 bits. */
const DIGITS = 20;
const RECIPIENT_BYTES = 1216;

const recipient: Type<HybridRecipient> = fixedBytes(RECIPIENT_BYTES, (bytes) => HybridRecipient.fromBytes(bytes), (key: HybridRecipient) => key.bytes);

const clerkCode = struct({
  /** The clerk's, as colleagues see it. */
  name: text,
  /** With which the clerk will sign. */
  signer: verifyingKey,
  /** The public key of the clerk's vault. */
  vault: verifyingKey,
  /** To whom that vault is sealed. */
  recipient,
});
export type ClerkCode = Infer<typeof clerkCode>;

export function writeClerkCode(code: ClerkCode): string {
  return PREFIX + toBase64(encode(clerkCode, code));
}

/** Reads a code as it was copied, with line breaks; nothing where it is none or damaged. */
export function readClerkCode(pasted: string): ClerkCode | undefined {
  const compact = pasted.replace(/\s/g, "");
  const bytes = compact.startsWith(PREFIX) ? fromBase64(compact.slice(PREFIX.length)) : undefined;
  if (bytes === undefined) return undefined;
  try {
    const code = decode(clerkCode, bytes, MAX_CODE);
    checkText("name", code.name, MAX_NAME);
    return isStrong(code.signer) && isStrong(code.vault) ? code : undefined;
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
