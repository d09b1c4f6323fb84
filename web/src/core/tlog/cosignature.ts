// Signatures over checkpoints: the log's own, and the cosignatures of witnesses with their time (C2SP signed-note,
// "Ed25519 signatures"; C2SP tlog-cosignature).
//
// ML-DSA-44 is needed by few and large, so it is loaded when a key of that type is configured: whoever verifies calls
// `loadFor(keys)` first. Absent: making signatures; no browser is a log or a witness.

import { concat, toHex, utf8 } from "../codec/bytes.ts";
import { type Signature, signature as signatureId } from "../ids.ts";
import { holds } from "../keys/verifying-key.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { uint64 } from "./text.ts";
import { SignatureType, type VerifierKey, ed25519Of } from "./vkey.ts";

/** A moment in seconds since 1970-01-01T00:00:00Z, as cosignatures carry it. */
export type UnixSeconds = bigint;

/** Latest time that a cosignature may carry (tlog-cosignature, "Format"). */
const MAX_TIME = 2n ** 63n - 1n;
const ED25519_SIGNATURE = 64;
/** FIPS 204 §4, table 2. */
const ML_DSA_44_SIGNATURE = 2420;

type VerifyMlDsa44 = (made: Uint8Array, message: Uint8Array, key: Uint8Array) => boolean;
let verifyMlDsa44: VerifyMlDsa44 | undefined;

/** Loads what is needed to verify signatures of these keys. */
export async function loadFor(keys: Iterable<VerifierKey>): Promise<void> {
  const needed = [...keys].some(({ type }) => type === SignatureType.mlDsa44Cosigner);
  if (!needed || verifyMlDsa44 !== undefined) return;
  const { ml_dsa44 } = await import("@noble/post-quantum/ml-dsa.js");
  verifyMlDsa44 = (made, message, key) => ml_dsa44.verify(made, message, key);
}

/** What a signature over a note says: nothing if it does not hold; else when its maker looked, if it states a time. */
export type Checked = { readonly time: UnixSeconds | undefined } | undefined;

/** Verifies an Ed25519 signature over a note's text (type 0x01). */
export function verifyText(text: string, key: VerifierKey, made: Uint8Array): Checked {
  const signed = ed25519Signature(made);
  return signed !== undefined && holds(ed25519Of(key), utf8(text), signed) ? { time: undefined } : undefined;
}

/** Verifies a cosignature, Ed25519 (type 0x04) or ML-DSA-44 (type 0x06), over the checkpoint with this text. */
export function verifyCosignature(
  text: string,
  checkpoint: Checkpoint,
  key: VerifierKey,
  timed: Uint8Array,
): Checked {
  if (timed.length < 8) return undefined;
  const time = BigInt(`0x${toHex(timed.subarray(0, 8))}`);
  if (time > MAX_TIME) return undefined;
  const made = timed.subarray(8);
  const valid =
    key.type === SignatureType.ed25519Cosigner
      ? verifyEd25519(text, time, key, made)
      : verifyWholeTree(checkpoint, time, key, made);
  // Zero says nothing about when.
  return valid ? { time: time === 0n ? undefined : time } : undefined;
}

function verifyEd25519(text: string, time: UnixSeconds, key: VerifierKey, made: Uint8Array): boolean {
  const signed = ed25519Signature(made);
  const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
  return signed !== undefined && holds(ed25519Of(key), message, signed);
}

function ed25519Signature(bytes: Uint8Array): Signature | undefined {
  return bytes.length === ED25519_SIGNATURE ? signatureId.of(bytes) : undefined;
}

function verifyWholeTree(checkpoint: Checkpoint, time: UnixSeconds, key: VerifierKey, made: Uint8Array): boolean {
  if (verifyMlDsa44 === undefined) throw new Error("ML-DSA-44 is not loaded: call loadFor(keys) first");
  if (made.length !== ML_DSA_44_SIGNATURE) return false;
  try {
    return verifyMlDsa44(made, cosignedMessage(checkpoint, time, key.name), key.bytes);
  } catch {
    return false; // a signature or key that the library cannot decode
  }
}

/** `cosigned_message` of a whole tree; names are at most 255 bytes long. */
function cosignedMessage({ origin, head }: Checkpoint, time: UnixSeconds, cosigner: string): Uint8Array {
  const name = (text: string): Uint8Array => concat(Uint8Array.of(utf8(text).length), utf8(text));
  return concat(
    utf8("subtree/v1\n\0"),
    name(cosigner),
    uint64(time),
    name(origin),
    uint64(0n),
    uint64(head.size),
    head.root,
  );
}
