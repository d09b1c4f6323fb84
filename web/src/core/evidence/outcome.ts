// How a check ends: passed, failed for a cause, or not proven for a gap; and results that other checks wait for.
//
// Names are stable, the same as in docs/format/evidence.md and `postfach verify --json`.

import type { CheckName } from "./report.ts";

/** Why a check failed: something in the file is wrong. */
export interface Cause {
  readonly name: string;
  /** The key of its words, where two causes of one name say different things. */
  readonly words?: string;
  /** What its words mention. */
  readonly values?: Readonly<Record<string, string | number>>;
}

/** Why a check could not be made: something is missing. */
export interface Gap {
  readonly name: string;
  /** `needs`: the check that must pass first. */
  readonly check?: CheckName;
}

export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly cause: Cause }
  | { readonly kind: "not-proven"; readonly gap: Gap };

/** Ends a check that did not pass. */
export class Shortfall extends Error {
  override readonly name = "Shortfall";

  constructor(readonly outcome: Exclude<Outcome, { kind: "passed" }>) {
    super(outcome.kind === "failed" ? outcome.cause.name : outcome.gap.name);
  }
}

export function failed(name: string, values?: Cause["values"], words?: string): Shortfall {
  const cause = { name, ...(values && { values }), ...(words !== undefined && { words }) };
  return new Shortfall({ kind: "failed", cause });
}

export function notProven(name: string, check?: CheckName): Shortfall {
  return new Shortfall({ kind: "not-proven", gap: check === undefined ? { name } : { name, check } });
}

/** What an attempt gave: a value, or why there is none. */
export class Attempt<T> {
  private constructor(
    private readonly found: { readonly value: T } | undefined,
    readonly shortfall: Shortfall | undefined,
  ) {}

  static of<T>(action: () => T): Attempt<T> {
    try {
      return new Attempt<T>({ value: action() }, undefined);
    } catch (error) {
      if (error instanceof Shortfall) return new Attempt<T>(undefined, error);
      throw error;
    }
  }

  /** The value. Throws the `Shortfall`. */
  get(): T {
    if (this.found !== undefined) return this.found.value;
    throw this.shortfall as Shortfall; // one of both is there
  }

  get value(): T | undefined {
    return this.found?.value;
  }

  get passed(): boolean {
    return this.found !== undefined;
  }

  get failed(): boolean {
    return this.shortfall?.outcome.kind === "failed";
  }
}

/** Result of a check that another check must precede. */
export function needs<T>(value: T | undefined, check: CheckName): T {
  if (value === undefined) throw notProven("needs", check);
  return value;
}

/** Requires that a check passed. */
export function requires(attempt: Attempt<unknown>, check: CheckName): void {
  if (!attempt.passed) throw notProven("needs", check);
}
