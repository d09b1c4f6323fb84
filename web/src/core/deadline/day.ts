// Days of the German calendar, and the arithmetic of periods.
//
// Invariant: a day is a civil date in Europe/Berlin. The zone's rules are written here, so that no browser's tables
// and no machine's settings move a day. This is the one place that turns a moment into a day. Absent: the current
// time, holidays (holidays.ts).
//
// Specification: BGB §§ 187(1), 188 (through VwVfG § 31(1), AO § 108(1), VwGO § 57(2)); summer time by EinhZeitG § 4
// with SoZV, since 1996 to the last Sunday of October (directive 2000/84/EC before that by its predecessors).

/** Milliseconds since 1970-01-01T00:00:00Z, as receipts carry them. */
export type UnixMillis = number;

/** `YYYY-MM-DD`, year 0001 to 9999; days compare as texts do. */
export type Day = string & { readonly brand: "day" };

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The last moment that the calendar knows, in every zone: 9999-12-30T22:00:00.999Z. */
const LAST_MOMENT = 253_402_207_200_999;
const LAST_DAY = "9999-12-31" as Day;

/** Midnight UTC of a civil date; `Date.UTC` reads years below 100 as 19xx, this does not. */
function utc(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

function written(millisUtc: number): Day {
  const year = new Date(millisUtc).getUTCFullYear();
  if (year > 9999) return LAST_DAY;
  return new Date(millisUtc).toISOString().slice(0, 10) as Day;
}

/** The day, or none where the calendar has none such or the year is not 1 to 9999. */
export function newDay(year: number, month: number, day: number): Day | undefined {
  if (!(year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return undefined;
  const at = new Date(utc(year, month, day));
  return at.getUTCMonth() === month - 1 ? written(at.getTime()) : undefined;
}

/** Reads `YYYY-MM-DD`. */
export function parseDay(text: string): Day | undefined {
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  return found === null ? undefined : newDay(Number(found[1]), Number(found[2]), Number(found[3]));
}

/** A day that is written in the source. */
export function constantDay(text: string): Day {
  const parsed = parseDay(text);
  if (parsed === undefined) throw new RangeError(`${text} is no day`);
  return parsed;
}

function lastSunday(year: number, month: number): number {
  const last = utc(year, month + 1, 0);
  return last - new Date(last).getUTCDay() * DAY;
}

/** Whether summer time holds in Germany; the clocks change at 01:00 UTC. Since 1970; before, there is none here. */
function summerTime(time: UnixMillis): boolean {
  const year = new Date(time).getUTCFullYear();
  if (year < 1980) return false;
  const begins = year === 1980 ? utc(1980, 4, 6) : lastSunday(year, 3);
  const ends = lastSunday(year, year < 1996 ? 9 : 10);
  return begins + HOUR <= time && time < ends + HOUR;
}

/** What must be added to UTC for the wall-clock time in Germany. */
export function berlinOffset(time: UnixMillis): number {
  return summerTime(time) ? 2 * HOUR : HOUR;
}

/** Hour and minute in Germany, `HH:MM`. */
export function berlinClock(time: UnixMillis): string {
  const at = Math.min(time, LAST_MOMENT);
  return new Date(at + berlinOffset(at)).toISOString().slice(11, 16);
}

/** The day in Germany on which the moment lies. */
export function dayOf(time: UnixMillis): Day {
  const at = Math.min(time, LAST_MOMENT);
  return written(at + berlinOffset(at));
}

/** The first moment of the day in Germany, midnight; not before 1970. */
export function startOf(of: Day): UnixMillis {
  const midnight = midnightUtc(of);
  // The clocks change after midnight, so the offset before the day's first moment is that of the moment.
  return Math.max(0, midnight - berlinOffset(midnight - 2 * HOUR));
}

/** The day that many days later. The day itself is not counted (BGB § 187(1)). Stays at the last day of 9999. */
export function plusDays(from: Day, days: number): Day {
  return written(midnightUtc(from) + days * DAY);
}

/** The day that many days earlier. */
export function minusDays(from: Day, days: number): Day {
  return written(midnightUtc(from) - days * DAY);
}

/**
 * The last day of a period of months that begins by an event on this day: the day with the same number, or the month's
 * last day where it has none such (BGB § 188(2) and (3)).
 */
export function plusMonths(from: Day, months: number): Day {
  const all = yearOf(from) * 12 + monthOf(from) - 1 + months;
  const [year, month] = [Math.floor(all / 12), (all % 12) + 1];
  if (year > 9999) return LAST_DAY;
  const last = new Date(utc(year, month + 1, 0)).getUTCDate();
  return written(utc(year, month, Math.min(dayOfMonth(from), last)));
}

export function isWeekend(of: Day): boolean {
  return daysSinceMonday(of) >= 5;
}

/** 0 to 6. */
export function daysSinceMonday(of: Day): number {
  return (new Date(midnightUtc(of)).getUTCDay() + 6) % 7;
}

export function yearOf(of: Day): number {
  return Number(of.slice(0, 4));
}

/** 1 to 12. */
export function monthOf(of: Day): number {
  return Number(of.slice(5, 7));
}

export function dayOfMonth(of: Day): number {
  return Number(of.slice(8, 10));
}

function midnightUtc(of: Day): number {
  return utc(yearOf(of), monthOf(of), dayOfMonth(of));
}
