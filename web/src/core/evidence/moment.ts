// When the server accepted something: the order that decides, and the time that it states.
//
// Order is the log's where the file proves the places of all its statements, and that of the receipts' times where it
// does not; one file never mixes both. Specification: docs/format/evidence.md, "Order".

import type { Bound, Happened } from "../deadline/events.ts";
import type { StatementHash, UnixMillis } from "../ids.ts";
import type { Signed } from "../statement/signed.ts";
import { CLOCK_TOLERANCE, type Interval, type Positions, type Trees, boundOf, contradicts } from "./log.ts";
import { failed, notProven } from "./outcome.ts";

/** A receipt's place and time. */
export interface Moment {
  /** Place in the log, or among the times of all receipts in the file. */
  readonly place: number;
  /** By the server's clock. */
  readonly time: UnixMillis;
  /** Cosigned times around it. */
  readonly bound: Bound;
}

/** Whether one came before the other; none where that cannot be told. */
export function cameBefore(one: Moment, other: Moment): boolean | undefined {
  return one.place === other.place ? undefined : one.place < other.place;
}

/** As the rules of legal dates take it. */
export function happened({ place, time, bound }: Moment): Happened {
  return { time, bound, position: place, standing: "proven" };
}

/** When the server accepted statements, by the receipts in the file. */
export type Accepted = ReadonlyMap<StatementHash, Moment>;

type Receipt = Signed<"receipt">;

/** The moments of all receipts in a file. */
export class Moments {
  private readonly ofReceipts = new Map<StatementHash, Moment>();
  private readonly intervals = new Map<StatementHash, Interval>();
  private readonly inLog: boolean;

  /** Orders receipts by the log, where the positions of all are known. */
  constructor(receipts: readonly Receipt[], positions: Positions | undefined, trees: Trees | undefined) {
    this.inLog = positions !== undefined;
    const times = [...new Set(receipts.map(({ payload }) => payload.context.time))].sort((a, b) => a - b);
    for (const receipt of receipts) {
      const { time } = receipt.payload.context;
      const position = positions?.get(receipt.hash);
      const interval = trees === undefined || position === undefined ? {} : trees.interval(receipt, position);
      const place = position ?? times.indexOf(time);
      this.ofReceipts.set(receipt.hash, { place, time, bound: boundOf(interval, time) });
      this.intervals.set(receipt.hash, interval);
    }
  }

  /** The moment of a receipt that was among those given. */
  of(receipt: Receipt): Moment {
    const { time } = receipt.payload.context;
    return this.ofReceipts.get(receipt.hash) ?? { place: 0, time, bound: { kind: "pending" } };
  }

  /** When the statements that these receipts answer were accepted. */
  accepted(receipts: readonly Receipt[]): Accepted {
    const accepted = new Map<StatementHash, Moment>();
    for (const receipt of receipts) {
      const { answers } = receipt.payload;
      if (answers !== undefined) accepted.set(answers, this.of(receipt));
    }
    return accepted;
  }

  /**
   * The times of one envelope's receipts ascend, and in the log's order no time goes back by more than what is signed
   * side by side may differ.
   */
  checkTimes(envelope: readonly Receipt[]): void {
    const times = envelope.map(({ payload }) => payload.context.time);
    if (times.some((time, index) => index > 0 && time < (times[index - 1] as number))) {
      throw this.inLog ? failed("times-contradict-order") : notProven("times-do-not-ascend");
    }
    let latest = 0;
    for (const { time } of [...this.ofReceipts.values()].sort((a, b) => a.place - b.place)) {
      if (time + CLOCK_TOLERANCE < latest) throw failed("times-contradict-order");
      latest = Math.max(latest, time);
    }
  }

  /** No receipt lies outside its cosigned times; those of the envelope have both. */
  checkBounds(envelope: readonly Receipt[]): void {
    for (const [hash, { time }] of this.ofReceipts) {
      if (contradicts(this.intervals.get(hash) ?? {}, time)) throw failed("time-out-of-bounds");
    }
    for (const { hash } of envelope) {
      const { notBefore, notAfter } = this.intervals.get(hash) ?? {};
      if (notAfter === undefined) throw notProven("upper-bound-pending");
      if (notBefore === undefined) throw notProven("lower-bound-missing");
    }
  }
}
