// The textual header: version line, recipient stanzas, MAC.
//
// Invariant: the grammar is strict, so each header has one encoding; `bytes` is both what was read and what would be
// written, and its hash identifies the header. Specification: C2SP age, "Header", "ABNF definition of file header".

import { concat, equalInConstantTime, fromBase64Unpadded, toBase64Unpadded, utf8 } from "../codec/bytes.ts";
import { AgeHeaderError, AgeOpenError } from "./error.ts";
import { FILE_KEY_BYTES, headerMac } from "./file-key.ts";
import { HYBRID_STANZA, HybridIdentity } from "./hybrid.ts";
import { SCRYPT_STANZA, unwrapWithPassphrase } from "./scrypt.ts";
import { type Stanza, type Wrapped, parseStanza, writeStanza } from "./stanza.ts";
import { X25519_STANZA, X25519Identity } from "./x25519.ts";

/** Most recipient stanzas of a header. */
export const MAX_STANZAS = 32;
/** Longest header read, in bytes: 32 hybrid stanzas are below it. */
export const MAX_HEADER = 64 * 1024;
const VERSION_PREFIX = "age-encryption.org/";
const VERSION_LINE = `${VERSION_PREFIX}v1`;
const STANZA_MARK = "-> ";
const MAC_MARK = "---";
const MAC_BYTES = 32;
/** Columns of a full body line. */
const COLUMNS = 64;
const LINE_FEED = 10;

/** What opens a header by key. */
export type Identity = HybridIdentity | X25519Identity;

/** Parses a secret key of either type, as on the lines of an age key file. Throws `AgeKeyError`. */
export function parseIdentity(text: string): Identity {
  return text.startsWith("AGE-SECRET-KEY-PQ-") ? HybridIdentity.parse(text) : X25519Identity.parse(text);
}

/** A well-formed header. Its MAC is checked when it is opened, not before. */
export class Header {
  private constructor(
    /** The exact bytes. */
    readonly bytes: Uint8Array,
    readonly stanzas: readonly Stanza[],
    private readonly mac: Uint8Array,
    /** What is under the MAC: everything up to and including `---`. */
    private readonly authenticated: Uint8Array,
  ) {}

  /**
   * Parses the header at the start of `input`; the payload begins at `bytes.length`.
   * Throws `AgeHeaderError`, with `truncated` where more bytes could complete it.
   */
  static parse(input: Uint8Array): Header {
    const lines = new Lines(input);
    const version = lines.next();
    if (version !== VERSION_LINE) {
      throw new AgeHeaderError(version.startsWith(VERSION_PREFIX) ? "version" : "not-age");
    }
    const stanzas: Stanza[] = [];
    for (;;) {
      const lineStart = lines.position;
      const line = lines.next();
      if (line.startsWith(STANZA_MARK)) {
        if (stanzas.length === MAX_STANZAS) throw new AgeHeaderError("too-many-stanzas");
        stanzas.push(parseStanza(parseArguments(line.slice(STANZA_MARK.length)), parseBody(lines)));
      } else if (line.startsWith(`${MAC_MARK} `)) {
        const mac = fromBase64Unpadded(line.slice(MAC_MARK.length + 1));
        checkComposition(stanzas);
        if (mac?.length !== MAC_BYTES) throw new AgeHeaderError("grammar");
        const bytes = input.slice(0, lines.position);
        return new Header(bytes, stanzas, mac, bytes.subarray(0, lineStart + MAC_MARK.length));
      } else {
        throw new AgeHeaderError("grammar");
      }
    }
  }

  /** Parses a header that fills `bytes`. Throws `AgeHeaderError`. */
  static parseWhole(bytes: Uint8Array): Header {
    const header = Header.parse(bytes);
    if (header.bytes.length !== bytes.length) throw new AgeHeaderError("grammar");
    return header;
  }

  /** Writes a header for wrapped keys under `fileKey`. */
  static seal(wrapped: readonly Wrapped[], fileKey: Uint8Array): Header {
    if (wrapped.length === 0 || wrapped.length > MAX_STANZAS) throw new RangeError("1 to 32 recipients");
    const types = new Set(wrapped.map(({ type }) => type));
    if (types.size !== 1 || (types.has(SCRYPT_STANZA) && wrapped.length > 1)) {
      throw new RangeError("types of recipients do not mix");
    }
    const stanzas = wrapped.map(writeStanza);
    const text = `${VERSION_LINE}\n${stanzas.map(stanzaText).join("")}${MAC_MARK}`;
    const authenticated = utf8(text);
    const mac = headerMac(fileKey, authenticated);
    const bytes = concat(authenticated, utf8(` ${toBase64Unpadded(mac)}\n`));
    return new Header(bytes, stanzas, mac, authenticated);
  }

  /** Whether there are exactly `expected` hybrid stanzas and none of another type. Needs no key. */
  hasHybridStanzas(expected: number): boolean {
    return this.stanzas.length === expected && this.stanzas.every(({ wrapped }) => wrapped?.type === HYBRID_STANZA);
  }

  /** The file key, unwrapped by the first identity that can, under a MAC that holds. Throws `AgeOpenError`. */
  unwrap(identities: readonly Identity[]): Uint8Array {
    for (const identity of identities) {
      for (const { wrapped } of this.stanzas) {
        const fileKey = unwrapStanza(identity, wrapped);
        if (fileKey !== undefined) return this.acceptDisclosed(fileKey);
      }
    }
    throw new AgeOpenError("refused");
  }

  /** The file key under a passphrase; `limit` is the highest work factor accepted. Throws `AgeOpenError`. */
  async unwrapWithPassphrase(passphrase: string, limit?: number): Promise<Uint8Array> {
    const wrapped = this.stanzas[0]?.wrapped;
    if (wrapped?.type !== SCRYPT_STANZA) throw new AgeOpenError("refused");
    const fileKey = await unwrapWithPassphrase(passphrase, wrapped, limit);
    if (fileKey === undefined) throw new AgeOpenError("refused");
    return this.acceptDisclosed(fileKey);
  }

  /**
   * Accepts a disclosed file key if it is this header's: anyone can then check the payload without the recipient's
   * private key. Throws `AgeOpenError`.
   */
  acceptDisclosed(fileKey: Uint8Array): Uint8Array {
    const fits = fileKey.length === FILE_KEY_BYTES;
    if (!fits || !equalInConstantTime(headerMac(fileKey, this.authenticated), this.mac)) {
      throw new AgeOpenError("refused");
    }
    return fileKey;
  }
}

function unwrapStanza(identity: Identity, wrapped: Wrapped | undefined): Uint8Array | undefined {
  if (identity instanceof HybridIdentity && wrapped?.type === HYBRID_STANZA) return identity.unwrap(wrapped);
  if (identity instanceof X25519Identity && wrapped?.type === X25519_STANZA) return identity.unwrap(wrapped);
  return undefined;
}

/** `header = v1-line 1*stanza end`, and a scrypt stanza stands alone. */
function checkComposition(stanzas: readonly Stanza[]): void {
  if (stanzas.length === 0) throw new AgeHeaderError("grammar");
  if (stanzas.length > 1 && stanzas.some(({ wrapped }) => wrapped?.type === SCRYPT_STANZA)) {
    throw new AgeHeaderError("scrypt-not-alone");
  }
}

/** `argument *(SP argument)`, `argument = 1*VCHAR`. */
function parseArguments(line: string): readonly string[] {
  if (!/^[!-~]+( [!-~]+)*$/.test(line)) throw new AgeHeaderError("grammar");
  return line.split(" ");
}

/** `*full-line final-line`: 64 columns each, then one shorter line, which may be empty. */
function parseBody(lines: Lines): Uint8Array {
  let encoded = "";
  for (;;) {
    const line = lines.next();
    if (line.length > COLUMNS) throw new AgeHeaderError("grammar");
    encoded += line;
    if (line.length < COLUMNS) {
      const body = fromBase64Unpadded(encoded);
      if (body === undefined) throw new AgeHeaderError("grammar");
      return body;
    }
  }
}

function stanzaText({ arguments: args, body }: Stanza): string {
  const encoded = toBase64Unpadded(body);
  let text = `${STANZA_MARK}${args.join(" ")}\n`;
  for (let at = 0; at < encoded.length; at += COLUMNS) text += `${encoded.slice(at, at + COLUMNS)}\n`;
  return encoded.length % COLUMNS === 0 ? `${text}\n` : text;
}

/** Lines ending in LF, within the first `MAX_HEADER` bytes. Each byte becomes one character. */
class Lines {
  position = 0;

  constructor(readonly input: Uint8Array) {}

  next(): string {
    const end = Math.min(this.input.length, MAX_HEADER);
    const at = this.input.subarray(0, end).indexOf(LINE_FEED, this.position);
    if (at < 0) throw new AgeHeaderError(this.input.length > MAX_HEADER ? "too-long" : "truncated");
    let line = "";
    for (let index = this.position; index < at; index += 1) line += String.fromCharCode(this.input[index] as number);
    this.position = at + 1;
    return line;
  }
}
