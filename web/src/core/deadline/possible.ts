// A day that may depend on something: all days it may be, and on what that depends.
//
// Invariant: at least one day; days ascend. Every step of a computation is applied to each of the days, so nothing is
// guessed and nothing is lost on the way.

import { type Day, dayOf, plusDays } from "./day.ts";
import { type Happened, type Occurrence, dayHappened } from "./events.ts";
import { type Dependency, type Step, onlyChoosesADay, sortedDependencies } from "./finding.ts";
import { type DayKind, type Place, dayKind } from "./holidays.ts";

/** Longest interval between two cosigned times whose days are listed; a longer one bounds nothing. */
export const MAX_INTERVAL_DAYS = 31;
/** More days than Saturday, Sunday and neighbouring holidays ever make. */
const MAX_SHIFT = 31;

export class Possible {
  /** Ascending, each once. */
  readonly days: readonly Day[];
  private readonly dependencies: readonly Dependency[];

  private constructor(days: Iterable<Day>, dependencies: Iterable<Dependency>) {
    this.days = [...new Set(days)].sort();
    this.dependencies = sortedDependencies(dependencies);
  }

  static certain(day: Day): Possible {
    return new Possible([day], []);
  }

  /** The days on which something may have happened, as far as its time is bounded. */
  static of(what: Occurrence, at: Happened, steps: Step[]): Possible {
    const stated = dayHappened(at);
    const dependencies: Dependency[] = [];
    if (at.standing === "claimed") {
      steps.push({ code: "only-claimed", what });
      dependencies.push({ code: "proof", what });
    }
    let [from, to] = [stated, stated];
    if (at.bound.kind === "between") {
      [from, to] = [dayOf(at.bound.notBefore), dayOf(at.bound.notAfter)];
    } else {
      steps.push({ code: "time-pending", what });
      dependencies.push({ code: "time-bound", what });
      if (at.bound.notBefore !== undefined) from = dayOf(at.bound.notBefore);
    }
    const listed = listDays(from, to);
    if (listed === undefined) dependencies.push({ code: "time-bound", what });
    const days = [...new Set([stated, ...(listed ?? [])])].sort();
    if (days.length > 1) {
      steps.push({ code: "time-between", what, earliest: days[0] ?? stated, latest: days.at(-1) ?? stated });
      dependencies.push({ code: "which-day", what });
    }
    return new Possible(days, dependencies);
  }

  get first(): Day {
    return this.days[0] as Day; // there is at least one day
  }

  get last(): Day {
    return this.days.at(-1) as Day; // there is at least one day
  }

  map(change: (day: Day) => Day): Possible {
    return new Possible(this.days.map(change), this.dependencies);
  }

  or(other: Possible): Possible {
    return new Possible([...this.days, ...other.days], [...this.dependencies, ...other.dependencies]);
  }

  /**
   * Each day, moved to the next working day where it is none (AO § 108(3), BGB § 193). Where a holiday depends on what
   * is not known, both days stay.
   */
  shifted(place: Place | undefined, steps: Step[]): Possible {
    const days: Day[] = [];
    const dependencies = [...this.dependencies];
    for (const from of this.days) {
      let day = from;
      let cause: DayKind | undefined;
      for (let tries = 0; tries < MAX_SHIFT; tries += 1) {
        const kind = dayKind(day, place);
        if (kind.kind === "working") break;
        if (kind.kind === "unsure") {
          steps.push({ code: "holiday-unsure", day, holiday: kind.holiday });
          dependencies.push({ code: "holiday", holiday: kind.holiday });
          days.push(day);
        } else {
          cause ??= kind;
        }
        day = plusDays(day, 1);
      }
      if (cause !== undefined) steps.push({ code: "shifted", from, to: day, cause });
      days.push(day);
    }
    return new Possible(days, dependencies);
  }

  /** What it still depends on: which of several days it was does not matter when all give one. */
  depends(): readonly Dependency[] {
    const settled = this.days.length === 1;
    return this.dependencies.filter((dependency) => !(settled && onlyChoosesADay(dependency)));
  }

  /** Whether the same days depend on the same. */
  equals(other: Possible): boolean {
    const all = (possible: Possible): string => JSON.stringify([possible.days, possible.dependencies]);
    return all(this) === all(other);
  }
}

/** The days from one to another; none where there are more than may be listed. */
function listDays(from: Day, to: Day): readonly Day[] | undefined {
  const days: Day[] = [];
  for (let day = from; day <= to; day = plusDays(day, 1)) {
    if (days.length === MAX_INTERVAL_DAYS) return undefined;
    days.push(day);
  }
  return days;
}
