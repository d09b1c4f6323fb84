// Answers that come slowly, stop, or are broken off.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Answer, Deadline, pieces, readBody } from "../../src/client/answer.ts";
import { UnreachableError } from "../../src/client/error.ts";

const MINUTE = 60_000;

/** An answer whose body is written by hand, and broken off as `fetch` does it. */
function answer(late: Deadline): { answer: Answer; write: (bytes: number) => void; close: () => void } {
  let writer: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (writer = controller) });
  late.signal.addEventListener("abort", () => writer?.error(late.signal.reason));
  return { answer: { response: new Response(body), late }, write: (bytes) => writer?.enqueue(new Uint8Array(bytes)), close: () => writer?.close() };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a body may take as long as it likes, as long as something comes", async () => {
  const { answer: slow, write, close } = answer(new Deadline(undefined));
  const whole = readBody(slow, 1000);
  for (let piece = 0; piece < 5; piece += 1) {
    await vi.advanceTimersByTimeAsync(MINUTE - 1);
    write(10);
  }
  await vi.advanceTimersByTimeAsync(MINUTE - 1);
  close();
  expect((await whole).length).toBe(50);
  expect(vi.getTimerCount()).toBe(0);
});

test("a body that stops coming is given up", async () => {
  const { answer: stalled, write } = answer(new Deadline(undefined));
  const whole = expect(readBody(stalled, 1000)).rejects.toThrow(UnreachableError);
  write(10);
  await vi.advanceTimersByTimeAsync(MINUTE);
  await whole;
});

test("the reader's own time is not the server's", async () => {
  const { answer: read, write, close } = answer(new Deadline(undefined));
  write(10);
  for await (const piece of pieces(read)) {
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(piece.length).toBe(10);
    close();
  }
  expect(read.late.signal.aborted).toBe(false);
});

test("the caller cancels at any time, and leaves nothing behind", () => {
  const caller = new AbortController();
  const late = new Deadline(caller.signal);
  caller.abort(new Error("left"));
  expect(late.signal.reason).toMatchObject({ message: "left" });
  late.end();
  expect(new Deadline(caller.signal).signal.aborted).toBe(true);
});
