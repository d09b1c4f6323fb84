// Problems: every answer from 400 on (RFC 9457). Programs go by the code, people by the words.
//
// Specification: docs/format/http.md, "Problems".

/** An error that the server explains. */
export interface Problem {
  /** The end of `type`: `urn:postfach:problem:<code>`. */
  readonly code: string;
  readonly status: number;
  /** What happened, in English and German. */
  readonly title: string;
  readonly titleDe: string;
  /** What to do. */
  readonly detail: string;
  readonly detailDe: string;
  /** The server's time, for clocks that are wrong. */
  readonly time: number | undefined;
  /** Where an upload continues. */
  readonly received: number | undefined;
}

/** Largest problem that is read, in bytes. */
export const MAX_PROBLEM = 64 << 10;

/** Reads the body of a problem, or nothing if it is none. */
export function readProblem(status: number, body: string): Problem | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || typeof value["type"] !== "string") return undefined;
  const text = (name: string): string => (typeof value[name] === "string" ? value[name] : "");
  const number = (name: string): number | undefined => {
    const found = value[name];
    return Number.isSafeInteger(found) ? (found as number) : undefined;
  };
  return {
    code: text("type").split(":").at(-1) ?? "",
    status,
    title: text("title"),
    titleDe: text("title_de"),
    detail: text("detail"),
    detailDe: text("detail_de"),
    time: number("time"),
    received: number("received"),
  };
}
