// Why bytes are not the canonical encoding of the expected structure.

/** The causes, named as in docs/format/vectors. */
export type DecodeReason = "too-large" | "too-deep" | "framing" | "form" | "shape" | "not-canonical";

const TEXTS: Record<DecodeReason, string> = {
  "too-large": "structure exceeds its limit",
  "too-deep": "structure is nested too deep",
  framing: "structure is truncated or followed by other bytes",
  form: "structure uses an encoding form that is not allowed",
  shape: "structure does not have the expected fields",
  "not-canonical": "structure is not canonically encoded",
};

/** Bytes that are not what they should be. Nothing of them was used. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";

  constructor(readonly reason: DecodeReason) {
    super(TEXTS[reason]);
  }
}
