// Whole age files: a new header with its payload, and files or payloads that fit in memory.
//
// Invariant: a file key and a payload nonce are made together by `newFile`, and sealing is reachable from there
// only: no key ever seals a second payload. Specification: C2SP age, "Encrypted file format"; docs/format/age.md.

import { concat } from "../codec/bytes.ts";
import { FILE_KEY_BYTES, NONCE_BYTES, type Random } from "./file-key.ts";
import { Header, type Identity } from "./header.ts";
import type { HybridRecipient } from "./hybrid.ts";
import { wrapWithPassphrase } from "./scrypt.ts";
import type { Wrapped } from "./stanza.ts";
import { PayloadOpener, PayloadSealer } from "./stream.ts";
import type { X25519Recipient } from "./x25519.ts";

/** A header and the one payload that may be sealed under it. */
export interface NewFile {
  readonly header: Header;
  readonly payload: PayloadSealer;
}

function fresh(wrap: (fileKey: Uint8Array) => readonly Wrapped[], random: Random): NewFile {
  const fileKey = random(FILE_KEY_BYTES);
  const header = Header.seal(wrap(fileKey), fileKey);
  const payload = new PayloadSealer(fileKey, random(NONCE_BYTES));
  fileKey.fill(0);
  return { header, payload };
}

/** A new file for recipients of one type, in this order. */
export function newFile(recipients: readonly HybridRecipient[] | readonly X25519Recipient[], random: Random): NewFile {
  return fresh((fileKey) => recipients.map((recipient) => recipient.wrap(fileKey, random)), random);
}

/** Header and payload of a text that fits in memory. */
export function seal(
  recipients: readonly HybridRecipient[] | readonly X25519Recipient[],
  text: Uint8Array,
  random: Random,
): { header: Uint8Array; payload: Uint8Array } {
  const { header, payload } = newFile(recipients, random);
  return { header: header.bytes, payload: sealWhole(payload, text) };
}

/** A whole file of a text that fits in memory. */
export function sealFile(
  recipients: readonly HybridRecipient[] | readonly X25519Recipient[],
  text: Uint8Array,
  random: Random,
): Uint8Array {
  const { header, payload } = seal(recipients, text, random);
  return concat(header, payload);
}

/** A new file under a passphrase. `logN` is the work factor. */
export async function newFileWithPassphrase(passphrase: string, random: Random, logN?: number): Promise<NewFile> {
  const fileKey = random(FILE_KEY_BYTES);
  const header = Header.seal([await wrapWithPassphrase(passphrase, fileKey, random, logN)], fileKey);
  const payload = new PayloadSealer(fileKey, random(NONCE_BYTES));
  fileKey.fill(0);
  return { header, payload };
}

/** A whole file under a passphrase. `logN` is the work factor. */
export async function sealFileWithPassphrase(
  passphrase: string,
  text: Uint8Array,
  random: Random,
  logN?: number,
): Promise<Uint8Array> {
  const { header, payload } = await newFileWithPassphrase(passphrase, random, logN);
  return concat(header.bytes, sealWhole(payload, text));
}

function sealWhole(sealer: PayloadSealer, text: Uint8Array): Uint8Array {
  const pieces = [sealer.nonce];
  sealer.push(text, (sealed) => pieces.push(sealed));
  sealer.finish((sealed) => pieces.push(sealed));
  return concat(...pieces);
}

/** The text of a payload that fits in memory. Throws `AgePayloadError`. */
export function openPayload(fileKey: Uint8Array, payload: Uint8Array): Uint8Array {
  const opener = new PayloadOpener(fileKey);
  const pieces: Uint8Array[] = [];
  opener.push(payload, (text) => pieces.push(text));
  opener.finish((text) => pieces.push(text));
  return concat(...pieces);
}

/** The text of a whole file. Throws `AgeHeaderError`, `AgeOpenError`, `AgePayloadError`. */
export function openFile(file: Uint8Array, identities: readonly Identity[]): Uint8Array {
  const header = Header.parse(file);
  return openPayload(header.unwrap(identities), file.subarray(header.bytes.length));
}

/** The text of a whole file under a passphrase. Throws as `openFile`. */
export async function openFileWithPassphrase(file: Uint8Array, passphrase: string, limit?: number): Promise<Uint8Array> {
  const header = Header.parse(file);
  return openPayload(await header.unwrapWithPassphrase(passphrase, limit), file.subarray(header.bytes.length));
}
