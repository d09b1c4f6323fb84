// From the errors of the core to the causes of evidence reports.

import { AgeHeaderError, AgeOpenError, AgePayloadError } from "../age/error.ts";
import { ContentError } from "../envelope/content.ts";
import type { HistoryError } from "../keys/history.ts";
import { OperatorError } from "../operator.ts";
import type { NotAllowed, Role } from "../statement/key.ts";
import { StatementError } from "../statement/signed.ts";
import { TlogError } from "../tlog/error.ts";
import { type Shortfall, failed } from "./outcome.ts";

/** Runs what throws errors of the core, and ends the check with the cause. */
export function withCause<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw shortfallOf(error) ?? error;
  }
}

function shortfallOf(error: unknown): Shortfall | undefined {
  if (error instanceof StatementError) return ofStatement(error);
  if (error instanceof OperatorError) return ofOperator(error);
  if (error instanceof ContentError) return failed(`content-${error.reason}`, { part: error.index });
  if (error instanceof AgeHeaderError || error instanceof AgeOpenError || error instanceof AgePayloadError) {
    return failed("disclosed-key");
  }
  return undefined;
}

function ofStatement({ reason }: StatementError): Shortfall {
  if (reason === "kind") return failed("unexpected-kind", undefined, "statement-kind");
  if (reason === "signature") return failed("bad-signature");
  if (reason.startsWith("envelope/")) return failed("statement-form");
  return failed(reason.startsWith("payload/") ? "statement-payload" : "statement-rule");
}

function ofOperator({ reason }: OperatorError): Shortfall {
  switch (reason) {
    case "foreign-root":
    case "other-origin":
      return failed(reason, undefined, `operator-${reason}`);
    case "too-many":
      return failed("too-many-delegations");
    case "not-delegated":
      return failed("not-delegated");
  }
}

/** A broken key history, whose statements were refused from `count` on. */
export function ofHistory({ reason, number }: HistoryError, current: number): Shortfall {
  return failed(`history-${reason}`, { current, found: number, number });
}

export function ofNotAllowed(reason: NotAllowed, role: Role): Shortfall {
  return reason === "role" ? failed("role", { role }) : failed("unknown-key");
}

/** A checkpoint that does not count. */
export function ofCheckpoint(error: TlogError): Shortfall {
  switch (error.reason) {
    case "unknown-origin":
      return failed("checkpoint-of-other");
    case "no-known-signature":
      return failed("checkpoint-unsigned");
    case "false-signature":
      return failed("checkpoint-false-signature");
    default:
      return failed("checkpoint-form");
  }
}

/** A proof of the log that does not hold. */
export function withProofCause(name: "not-in-log" | "log-not-continued", action: () => void): void {
  try {
    action();
  } catch (error) {
    throw error instanceof TlogError ? failed(name, { why: error.message }) : error;
  }
}
