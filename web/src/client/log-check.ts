// What the client asks of the public log: that a receipt is in it, and that it only grows.

import type { LeafHash } from "../core/ids.ts";
import type { LogProof } from "./resources.ts";

/** A statement's entry and where it is said to stand. */
export interface Entry {
  readonly leaf: LeafHash;
  readonly position: number;
}

export interface LogCheck {
  /** That both entries are in the log that the proof's checkpoint signs. Throws `DishonestError`. */
  checkLogged(proof: LogProof, statement: Entry, receipt: Entry): Promise<void>;
  /** Reads the published checkpoint: it and those seen before must be of one log. Throws `DishonestError`. */
  follow(): Promise<void>;
}
