// A party's key history: which keys may speak and read for an address, and since when.
//
//   number 0 ──signed by the identity key the address commits to──▶ current
//   current ──identity key of n−1──────────▶ current   new identity proves possession
//   current ──recovery key of n−1──────────▶ current   identity must change, possession proved;
//                                                      only so may the recovery hash change
//   current ──administrator of n−1─────────▶ current   signers only, no new administrators
//
// Invariant: a `Party` was built from number 0 up, every step authorised by the one before, so nobody who lacks
// those keys can have added one, the operator included. Log order, not the times parties claim, decides which step
// came first. Specification: docs/format/statements.md, "Key history".

import { HybridRecipient } from "../age/hybrid.ts";
import { equal } from "../codec/bytes.ts";
import type { Address, StatementHash, UnixMillis, VerifyingKey } from "../ids.ts";
import { EMPTY_LIST, type ListHead, appendToList } from "../statement/head.ts";
import { type KeyStatement, type NotAllowed, type Role, type SignerGrant, allows, provesPossession } from "../statement/key.ts";
import type { Signed } from "../statement/signed.ts";
import { recoveryHash } from "./verifying-key.ts";

/** Most key statements of one party. */
export const MAX_HISTORY = 256;

/** Why a key statement does not continue a history; with `history-` in front, the vectors' names. */
export type HistoryReason =
  | "empty"
  | "other-address"
  | "not-next"
  | "branch"
  | "unauthorised"
  | "no-possession"
  | "administrator-overreach"
  | "recipient"
  | "too-long";

/** A key statement that does not continue a history. The history stays as it was. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";

  constructor(
    readonly reason: HistoryReason,
    /** Number of the statement refused. */
    readonly number = 0,
  ) {
    super(`key statement ${number}: ${reason}`);
  }
}

type KeyStatementSigned = Signed<"key">;

/** A party with its verified key history. Immutable: `apply` makes a new one. */
export class Party {
  private constructor(
    /** All key statements, oldest first. */
    readonly statements: readonly KeyStatementSigned[],
    /** Count and running hash of the history. */
    readonly head: ListHead,
  ) {}

  /** Starts a history with number 0, whose own rules tie it to the address. */
  static start(first: KeyStatementSigned): Party {
    if (first.payload.number !== 0) throw new HistoryError("empty");
    if (first.signer !== first.payload.identity) throw new HistoryError("unauthorised");
    checkRecipients(first.payload);
    return new Party([first], appendToList(EMPTY_LIST, first.hash));
  }

  /** Builds the history of `address` from all its key statements in log order. */
  static fromHistory(address: Address, statements: readonly KeyStatementSigned[]): Party {
    const [first, ...rest] = statements;
    if (first === undefined) throw new HistoryError("empty");
    if (first.payload.address !== address) throw new HistoryError("other-address");
    return rest.reduce((party, next) => party.apply(next), Party.start(first));
  }

  /** The history with the next statement. */
  apply(next: KeyStatementSigned): Party {
    const { number } = next.payload;
    if (next.payload.address !== this.address) throw new HistoryError("other-address", number);
    if (number !== this.current.payload.number + 1) throw new HistoryError("not-next", number);
    if (next.payload.previous !== this.current.hash) throw new HistoryError("branch", number);
    if (this.statements.length >= MAX_HISTORY) throw new HistoryError("too-long", number);
    this.#checkAuthorised(next);
    checkRecipients(next.payload);
    return new Party([...this.statements, next], appendToList(this.head, next.hash));
  }

  #checkAuthorised(next: KeyStatementSigned): void {
    const before = this.current.payload;
    const { payload, signer } = next;
    const unauthorised = new HistoryError("unauthorised", payload.number);
    const newIdentity = payload.identity !== before.identity;
    if (payload.recoveredWith !== undefined) {
      const known = this.recovers(payload.recoveredWith) && signer === payload.recoveredWith;
      if (!known || !newIdentity) throw unauthorised;
    } else if (payload.recovery !== before.recovery && signer === before.identity) {
      throw unauthorised; // a stolen device must not be able to replace the recovery sheet
    } else if (signer !== before.identity) {
      if (this.allows(signer, "administer", payload.context.time) !== true) throw unauthorised;
      if (!keepsAdministration(before, payload)) throw new HistoryError("administrator-overreach", payload.number);
    }
    if (newIdentity) {
      if (!provesPossession(payload)) throw new HistoryError("no-possession", payload.number);
    } else if (payload.possession !== undefined) {
      throw unauthorised;
    }
  }

  /** Whether `key` may do this for the party at `time`; otherwise why not. */
  allows(key: VerifyingKey, role: Role, time: UnixMillis): true | NotAllowed {
    return allows(this.current.payload, key, role, time);
  }

  /**
   * Whether `key` is the recovery key that may replace all others now. A recovery that was accepted replaces it too,
   * so a used sheet recovers nothing more.
   */
  recovers(key: VerifyingKey): boolean {
    return recoveryHash(key) === this.current.payload.recovery;
  }

  get address(): Address {
    return this.current.payload.address;
  }

  /** The newest key statement. */
  get current(): KeyStatementSigned {
    return this.statements.at(-1) as KeyStatementSigned;
  }

  /** Number 0, which a binding names. */
  get first(): StatementHash {
    return (this.statements[0] as KeyStatementSigned).hash;
  }

  /** The key statement with this hash, current or not. */
  statement(hash: StatementHash): KeyStatementSigned | undefined {
    return this.statements.find((statement) => statement.hash === hash);
  }

  /** The age recipients of the newest key statement, in order. */
  get recipients(): readonly HybridRecipient[] {
    return this.current.payload.recipients.map(([, key]) => HybridRecipient.fromBytes(key));
  }
}

/** Everything but the signers stays, and nobody becomes administrator. */
function keepsAdministration(before: KeyStatement, next: KeyStatement): boolean {
  const sameRecipients =
    next.recipients.length === before.recipients.length &&
    next.recipients.every(([kem, key], index) => {
      const other = before.recipients[index];
      return other !== undefined && kem === other[0] && equal(key, other[1]);
    });
  return (
    sameRecipients &&
    next.identity === before.identity &&
    next.recovery === before.recovery &&
    next.home === before.home &&
    next.signers
      .filter(({ roles }) => roles.includes("administer"))
      .every((grant) => before.signers.some((known) => sameGrant(known, grant)))
  );
}

function sameGrant(a: SignerGrant, b: SignerGrant): boolean {
  return a.key === b.key && a.from === b.from && a.until === b.until && a.roles.join() === b.roles.join();
}

/** Registration is where low-order and non-canonical recipients are refused (C2SP age, hybrid recipients). */
function checkRecipients(statement: KeyStatement): void {
  for (const [, key] of statement.recipients) {
    try {
      HybridRecipient.fromBytes(key);
    } catch {
      throw new HistoryError("recipient", statement.number);
    }
  }
}
