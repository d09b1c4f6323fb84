// Signed notes (C2SP signed-note): a text, an empty line, signature lines.
//
// Signatures of unknown keys are kept and ignored. Every signature of a known key is verified, each time it occurs; one
// that does not hold makes the whole note worthless. Invariant: a note writes exactly the bytes that were read. Absent:
// what the text means. Throws TlogError.

import { concat, fromHex, fromUtf8, toHex, utf8 } from "../codec/bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { type Checked, type UnixSeconds, verifyCosignature, verifyText } from "./cosignature.ts";
import { TlogError } from "./error.ts";
import { parseBase64, toBase64 } from "./text.ts";
import { SignatureType, type VerifierKey, isKeyName } from "./vkey.ts";

/** Longest note in bytes: every signature that is read may be a post-quantum one. */
export const MAX_NOTE = 512 * 1024;
/** Most signature lines of a note; the specification asks for at least 16. */
export const MAX_SIGNATURES = 128;
/** What a signature line begins with: an em dash and a space. */
const SIGNATURE_PREFIX = "\u{2014} ";

/** One signature line: who is said to have signed, with which of its keys. */
export interface NoteSignature {
  readonly name: string;
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** A signature that holds. */
export interface VerifiedSignature {
  /** Place of the key among those that were asked for. */
  readonly key: number;
  /** Place of the signature line. */
  readonly line: number;
  /** When the cosigner says it looked; none in signatures without a time. */
  readonly time: UnixSeconds | undefined;
}

/** A text with signatures; the text ends in a newline. Nothing in it counts before `verifyNote`. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

function refused(message: string): TlogError {
  return new TlogError("note", message);
}

const NO_FORM = "note has no signatures after an empty line";

/** Reads a note. */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE) throw refused(`note is longer than ${MAX_NOTE} bytes`);
  const whole = fromUtf8(bytes);
  if (whole === undefined || bytes.some((byte) => byte < 0x20 && byte !== 0x0a)) {
    throw refused("note is not plain UTF-8 text without control characters");
  }
  const end = whole.lastIndexOf("\n\n");
  if (end === -1) throw refused(NO_FORM);
  return { text: whole.slice(0, end + 1), signatures: parseSignatureLines(whole.slice(end + 2)) };
}

function parseSignatureLines(text: string): NoteSignature[] {
  if (!text.endsWith("\n")) throw refused(NO_FORM);
  const lines = text.slice(0, -1).split("\n");
  const signatures: NoteSignature[] = [];
  for (const [place, line] of lines.entries()) {
    if (place === MAX_SIGNATURES) throw refused(`note has more than ${MAX_SIGNATURES} signatures`);
    const signature = parseSignatureLine(line);
    if (signature === undefined) throw refused(`signature line ${place + 1} of the note is malformed`);
    signatures.push(signature);
  }
  return signatures;
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  if (!line.startsWith(SIGNATURE_PREFIX)) return undefined;
  const rest = line.slice(SIGNATURE_PREFIX.length);
  const space = rest.indexOf(" ");
  if (space === -1) return undefined;
  const name = rest.slice(0, space);
  const decoded = parseBase64(rest.slice(space + 1));
  if (!isKeyName(name) || decoded === undefined || decoded.length <= 4) return undefined;
  return { name, id: toHex(decoded.subarray(0, 4)), bytes: decoded.slice(4) };
}

/** The note as it was read. */
export function writeNote({ text, signatures }: Note): string {
  const line = ({ name, id, bytes }: NoteSignature): string =>
    `${SIGNATURE_PREFIX}${name} ${toBase64(concat(fromHex(id) as Uint8Array, bytes))}\n`;
  return `${text}\n${signatures.map(line).join("")}`;
}

export function noteBytes(note: Note): Uint8Array {
  return utf8(writeNote(note));
}

/** Verifies every signature of a key among `keys`; none may be false. */
export function verifyKnown(note: Note, keys: readonly VerifierKey[]): VerifiedSignature[] {
  const checkpoint = checkpointIn(note.text);
  const verified: VerifiedSignature[] = [];
  for (const [line, signature] of note.signatures.entries()) {
    const named = [...keys.entries()].filter(([, key]) => key.id === signature.id && key.name === signature.name);
    if (named.length === 0) continue; // "MUST ignore signatures from unknown keys"
    const found = firstThatHolds(note.text, checkpoint, signature, named);
    if (found === undefined) {
      throw new TlogError("false-signature", `note has a false signature in the name of ${signature.name}`);
    }
    verified.push({ ...found, line });
  }
  return verified;
}

/** As `verifyKnown`, and at least one must be there. */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): VerifiedSignature[] {
  const verified = verifyKnown(note, keys);
  if (verified.length > 0) return verified;
  throw new TlogError("no-known-signature", "note is not signed by any key that is known here");
}

function firstThatHolds(
  text: string,
  checkpoint: Checkpoint | undefined,
  { bytes }: NoteSignature,
  named: readonly (readonly [number, VerifierKey])[],
): { key: number; time: UnixSeconds | undefined } | undefined {
  for (const [place, key] of named) {
    let checked: Checked;
    if (key.type === SignatureType.ed25519) checked = verifyText(text, key, bytes);
    else if (checkpoint !== undefined) checked = verifyCosignature(text, checkpoint, key, bytes);
    if (checked !== undefined) return { key: place, time: checked.time };
  }
  return undefined;
}

/** Cosignatures are over checkpoints only. */
function checkpointIn(text: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(text);
  } catch {
    return undefined;
  }
}
