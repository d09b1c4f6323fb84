// Times in certificates and tokens: UTCTime and GeneralizedTime in UTC (RFC 5280 section 4.1.2.5, RFC 3161
// section 2.4.2).

import type { UnixMillis } from "../ids.ts";
import { type Element, Malformed, Tag } from "./der.ts";

/** `YYYYMMDDhhmmss[.f…]Z`, at most nine digits of a second, the last of them not zero. */
const FORM = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{0,8}[1-9]))?Z$/;
const EARLIEST_YEAR = 1970;

/** A certificate's time: whole seconds. */
export function certificateTime({ tag, content }: Element): UnixMillis {
  const text = latin(content);
  // Two digits of the year: from 50 on they are of the last century.
  if (tag === Tag.utcTime) return millis((text < "50" ? "20" : "19") + text, "Validity");
  if (tag === Tag.generalizedTime && !text.includes(".")) return millis(text, "Validity");
  throw new Malformed("Validity");
}

/** A token's `genTime`, with a fraction if the authority gives one; cut to milliseconds. */
export function genTime(content: Uint8Array): UnixMillis {
  return millis(latin(content), "genTime");
}

function latin(content: Uint8Array): string {
  return String.fromCharCode(...content.subarray(0, 64));
}

function millis(text: string, name: string): UnixMillis {
  const [, ...parts] = FORM.exec(text) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(0, 6).map(Number);
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day
    && at.getUTCHours() === hour && at.getUTCMinutes() === minute && at.getUTCSeconds() === second;
  if (!same || year < EARLIEST_YEAR) throw new Malformed(name);
  return (at.getTime() + Number((parts[6] ?? "").slice(0, 3).padEnd(3, "0"))) as UnixMillis;
}
