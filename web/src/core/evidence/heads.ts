// Heads: whether the file holds each list as far as the server's newest word of it goes.

import type { UnixMillis } from "../ids.ts";
import { type Subject, sameHead, subjectKey } from "../statement/head.ts";
import { type Signed, verify } from "../statement/signed.ts";
import { withCause } from "./causes.ts";
import type { Evidence } from "./file.ts";
import { failed, notProven } from "./outcome.ts";
import { headsOfList } from "./parties.ts";

type Head = Signed<"head">;

/** Compares lists of a file with the server's heads of them. */
export class Completeness {
  constructor(
    private readonly heads: readonly Head[],
    /** When the server accepted the envelope, where that is known. */
    private readonly submitted: UnixMillis | undefined,
  ) {}

  /**
   * Compares a list with every head of it: none may contradict, the newest must count all of it, and it must be no older
   * than the submission. Answers the newest one's time.
   */
  check(subject: Subject, list: readonly Uint8Array[]): UnixMillis {
    const known = headsOfList(list);
    const key = subjectKey(subject);
    let whole: UnixMillis | undefined;
    for (const { payload } of this.heads) {
      if (subjectKey(payload.subject) !== key) continue;
      const { count } = payload.head;
      const same = known[count];
      if (same === undefined) throw failed("entries-dropped", { counted: count, given: list.length });
      if (!sameHead(same, payload.head)) throw failed("other-entries");
      const { time } = payload.context;
      if (count === list.length && (whole === undefined || whole < time)) whole = time;
    }
    if (whole === undefined) throw notProven("head-missing");
    if (this.submitted !== undefined && whole < this.submitted) throw notProven("head-too-old");
    return whole;
  }

  /** The lists that the named binding and consent stand in. */
  checkRelations(header: Signed<"envelope-header">["payload"], file: Evidence): void {
    const citizen = header.recipient;
    if (header.binding !== undefined && file.issuer !== undefined) {
      const [first] = file.issuer.keys;
      if (first === undefined) throw notProven("issuer-keys-missing");
      // By its own word; the binding check verified it.
      const authority = withCause(() => verify("key", first)).payload.address;
      this.check({ kind: "relation", citizen, authority }, file.issuer.relation);
    }
    if (file.issuer === undefined || file.relation.length > 0) {
      this.check({ kind: "relation", citizen, authority: header.sender }, file.relation);
    }
    if (file.relationAll.length > 0) this.check({ kind: "relation", citizen }, file.relationAll);
  }
}
