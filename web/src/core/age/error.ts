// Why a key, a header or a payload is not opened.
//
// Decryption fails one way: `refused` covers no matching stanza, a wrong key, an altered stanza and a wrong header
// MAC. What can be seen without a key may be told apart. Specification: docs/format/age.md, "Rules", 10.

/** Why bytes or a text are no usable key. */
export type KeyReason = "encoding" | "length" | "not-canonical" | "low-order";

export class AgeKeyError extends Error {
  override readonly name = "AgeKeyError";

  constructor(readonly reason: KeyReason) {
    super(`not a usable age key: ${reason}`);
  }
}

/** Why bytes are no header that is read here. */
export type HeaderReason =
  | "not-age"
  | "version"
  | "truncated"
  | "too-long"
  | "grammar"
  | "stanza"
  | "low-order-share"
  | "too-many-stanzas"
  | "scrypt-not-alone";

export class AgeHeaderError extends Error {
  override readonly name = "AgeHeaderError";

  constructor(readonly reason: HeaderReason) {
    super(`not an age header: ${reason}`);
  }
}

/** Why a header was not opened: `work-factor` before anything was computed. */
export type OpenReason = "refused" | "work-factor";

export class AgeOpenError extends Error {
  override readonly name = "AgeOpenError";

  constructor(readonly reason: OpenReason) {
    super(reason === "refused" ? "cannot be opened with these keys" : "asks for too much work");
  }
}

/** A payload that is cut, reordered, extended, altered, or of a length that no text has. */
export class AgePayloadError extends Error {
  override readonly name = "AgePayloadError";

  constructor() {
    super("payload is damaged or incomplete");
  }
}
