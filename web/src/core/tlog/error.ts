// Why something that a log, a witness or a stranger sent does not convince.

/** One error for all of the log: `reason` names the cause, the message says it as `postfach` does. */
export class TlogError extends Error {
  override readonly name = "TlogError";

  constructor(
    readonly reason: TlogReason,
    message: string,
  ) {
    super(message);
  }
}

export type TlogReason =
  | "index-beyond-size"
  | "shrunk"
  | "empty-root"
  | "same-size-other-root"
  | "not-empty"
  | "too-long"
  | "too-few-hashes"
  | "too-many-hashes"
  | "other-root"
  | "other-old-root"
  | "other-new-root"
  | "note"
  | "checkpoint"
  | "unknown-origin"
  | "false-signature"
  | "no-known-signature"
  | "vkey"
  | "no-quorum"
  | "proof-file";
