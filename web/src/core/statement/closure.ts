// Closure: a person gives up the mailbox, for good.
//
// From its receipt on nothing new is accepted for the address, and every consent of it counts as revoked; for 30 days
// its keys may still read and answer what had arrived, then nothing. Absent: any way back.
// Specification: docs/format/statements.md, "closure".

import { address } from "../addresses/address.ts";
import { type Infer, optional, struct } from "../codec/type.ts";
import type { UnixMillis } from "../ids.ts";
import { context, extensions } from "./common.ts";

/** How long a closed mailbox can be read and exported, in milliseconds from the closure's receipt. */
export const READABLE_AFTER_CLOSURE = 30 * 24 * 60 * 60 * 1000;

export const closure = struct({ context, citizen: address, ext: optional(extensions) });
/** A person closes the mailbox. */
export type Closure = Infer<typeof closure>;

/** Until when a mailbox can be read whose closure was receipted `at`. */
export function readableUntil(at: UnixMillis): UnixMillis {
  return (at + READABLE_AFTER_CLOSURE) as UnixMillis;
}
