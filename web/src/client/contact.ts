// Where this party is told that a letter waits: said as a statement, read back from its own list.
//
// Absent: the address anywhere but in the statement. Specification: docs/format/statements.md, "contact".

import type { Contact } from "../core/statement/consent.ts";
import { AnswerError, DishonestError } from "./error.ts";
import { type Logged, readPage } from "./resources.ts";
import type { Session } from "./session.ts";

/** Entries asked for at once. */
const PAGE = 500;
/** Most entries of the list; the server keeps fewer. */
const MAX_CONTACTS = 4096;

/** What this party said last, checked against the server's signed head of the list. */
export async function currentContact(session: Session): Promise<Contact | undefined> {
  const { address } = session;
  const entries: Logged[] = [];
  for (;;) {
    const page = await session.http.get(`/v1/parties/${address}/contacts?after=${entries.length}&limit=${PAGE}`, readPage, session.signer);
    entries.push(...page.entries);
    if (entries.length > MAX_CONTACTS) throw new AnswerError("list too long");
    if (page.entries.length < PAGE) {
      await session.checkList({ entries, head: page.head }, { kind: "contact", address });
      break;
    }
  }
  const newest = session.statements("contact", entries).at(-1)?.payload;
  if (newest !== undefined && newest.party !== address) throw new DishonestError({ lie: "foreign-head" });
  return newest;
}
