// Answers of the server, read up to a limit and in time.
//
// Invariant: nothing is waited for without end: neither an answer nor the next piece of its body.

import { concat } from "../core/codec/bytes.ts";
import { AnswerError, UnreachableError } from "./error.ts";

/** How long an answer may take to begin, and then each next piece of it, in milliseconds. */
const ANSWER_TIMEOUT = 60_000;

/** Cancels a request when the caller does, or when nothing has come for `ANSWER_TIMEOUT`. */
export class Deadline {
  readonly #both = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #cancel = (): void => this.#both.abort(this.#caller?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(caller: AbortSignal | undefined) {
    this.#caller = caller;
    if (caller?.aborted === true) this.#cancel();
    else caller?.addEventListener("abort", this.#cancel, { once: true });
    this.extend();
  }

  get signal(): AbortSignal {
    return this.#both.signal;
  }

  /** Whether the caller ended it, rather than time. */
  get cancelled(): boolean {
    return this.#caller?.aborted === true;
  }

  /** The server's time begins anew. */
  extend(): void {
    this.hold();
    this.#timer = setTimeout(() => this.#both.abort(new UnreachableError("the server does not answer any more")), ANSWER_TIMEOUT);
  }

  /** Time that the reader takes is not the server's. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.hold();
    this.#caller?.removeEventListener("abort", this.#cancel);
  }
}

/** An answer that began, with the time that is left to it. Whoever does not read it to its end calls `late.end`. */
export interface Answer {
  readonly response: Response;
  readonly late: Deadline;
}

/** The body, piece by piece. */
export async function* pieces({ response, late }: Answer): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read();
      if (done) return;
      late.hold();
      yield value;
      late.extend();
    }
  } catch (cause) {
    if (late.cancelled) throw late.signal.reason;
    throw new UnreachableError("the connection broke", { cause });
  } finally {
    late.end();
    // A consumer that stops early ends the transfer.
    await reader?.cancel().catch(() => undefined);
  }
}

/** Reads a body of at most `limit` bytes. */
export async function readBody(answer: Answer, limit: number): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces(answer)) {
    length += piece.length;
    if (length > limit) throw new AnswerError("answer too long");
    read.push(piece);
  }
  return concat(...read);
}
