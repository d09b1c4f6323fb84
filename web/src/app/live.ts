// News of mail while the inbox is shown: one request that waits for it, and the next when that is answered.
//
// Invariants: nothing is asked while the page is hidden or there is no connection; after a failure the pause doubles up to
// a limit and ends early when the connection returns. What another attempt does not cure, such as a lie or a refusal, is
// thrown. Locking leaves the view, which ends it.

import type { StatementHash } from "../core/ids.ts";
import { RefusedError, UnreachableError } from "../client/error.ts";
import { sync } from "../client/lists.ts";
import type { Session } from "../client/session.ts";

/** How long a request waits for mail, in seconds; the server's limit is 30. */
const WAIT = 25;
/** Pause after the first failure and the longest one, in milliseconds. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
/** Refusals that time cures. */
const LATER = ["too-many-waiters", "busy"];

export interface News {
  /** All letters, oldest first; `arrived` of them came while the page was watching. */
  readonly changed: (hashes: readonly StatementHash[], arrived: number) => void;
  /** The server is away; another attempt follows. */
  readonly away: (error: unknown) => void;
}

/** Tells of mail until `signal` ends it. */
export async function live(session: Session, signal: AbortSignal, { changed, away }: News): Promise<void> {
  let count: number | undefined;
  let failures = 0;
  while (!signal.aborted) {
    await attended(signal);
    const turn = new AbortController();
    const stop = (): void => turn.abort();
    const unattend = (): void => {
      if (!isAttended()) stop();
    };
    signal.addEventListener("abort", stop, { once: true });
    document.addEventListener("visibilitychange", unattend);
    addEventListener("offline", stop);
    if (signal.aborted) return;
    try {
      const hashes = await sync(session, "mailbox", { wait: count === undefined || failures > 0 ? 0 : WAIT, signal: turn.signal });
      if (signal.aborted) return;
      if (hashes.length !== count || failures > 0) changed(hashes, hashes.length - (count ?? hashes.length));
      count = hashes.length;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (turn.signal.aborted) continue;
      if (!curedByTime(error)) throw error;
      failures += 1;
      away(error);
      await pause(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)), signal);
    } finally {
      signal.removeEventListener("abort", stop);
      document.removeEventListener("visibilitychange", unattend);
      removeEventListener("offline", stop);
    }
  }
}

function curedByTime(error: unknown): boolean {
  return error instanceof UnreachableError || (error instanceof RefusedError && LATER.includes(error.code));
}

/** Somebody may be looking, and there may be a connection. */
function isAttended(): boolean {
  return !document.hidden && navigator.onLine;
}

async function attended(signal: AbortSignal): Promise<void> {
  while (!isAttended() && !signal.aborted) {
    await new Promise<void>((resolve) => {
      const heard = new AbortController();
      const done = (): void => {
        heard.abort();
        resolve();
      };
      document.addEventListener("visibilitychange", done, { signal: heard.signal });
      addEventListener("online", done, { signal: heard.signal });
      signal.addEventListener("abort", done, { signal: heard.signal });
    });
  }
}

/** Between half and all of `most` milliseconds, so that clients do not come back all at once; shorter when the connection returns. */
function pause(most: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const heard = new AbortController();
    const done = (): void => {
      clearTimeout(timer);
      heard.abort();
      resolve();
    };
    const timer = setTimeout(done, most * (0.5 + Math.random() / 2));
    addEventListener("online", done, { signal: heard.signal });
    signal.addEventListener("abort", done, { signal: heard.signal });
  });
}
