// What a client keeps convicts a server that contradicts itself.
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { DishonestError } from "../../src/client/error.ts";
import { Kept } from "../../src/client/kept.ts";
import { MemoryStore } from "../../src/client/ports.ts";
import { DatedKeys, checkHeader } from "../../src/client/trust.ts";
import { HybridIdentity } from "../../src/core/age/hybrid.ts";
import { addressOf } from "../../src/core/addresses/address.ts";
import { RecoverySecret } from "../../src/core/enrolment/secret.ts";
import {
  type StatementHash,
  ageHeaderHash,
  blind,
  envelopeId,
  manifestHash,
  millis,
  payloadHash,
  statementHash,
} from "../../src/core/ids.ts";
import { Party } from "../../src/core/keys/history.ts";
import { makeFirst, makeRotation } from "../../src/core/keys/make.ts";
import { SigningKey } from "../../src/core/keys/signing-key.ts";
import type { Context } from "../../src/core/statement/common.ts";
import { compareExtension } from "../../src/core/statement/compare.ts";
import { EMPTY_LIST, headOfList } from "../../src/core/statement/head.ts";
import { type Signed, sign } from "../../src/core/statement/signed.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const ORIGIN = "postfach.example/2026";
const context = (time: number, epoch = 1, origin = ORIGIN): Context => ({
  origin,
  epoch,
  time: millis(time),
  blind: blind.of(random(32)),
});
const server = SigningKey.fromSeed(random(32));
const address = addressOf(random(32));
const hashes = (count: number): StatementHash[] =>
  Array.from({ length: count }, (_, index) => statementHash.of(new Uint8Array(32).fill(index + 1)));

function headAt(time: number, entries: readonly StatementHash[], at = context(time)): Signed<"head"> {
  return sign("head", { context: at, subject: { kind: "mailbox", address }, head: headOfList(entries) }, server);
}

async function lie(action: Promise<unknown>): Promise<unknown> {
  const error = await action.catch((thrown: unknown) => thrown);
  return error instanceof DishonestError ? error.lie : error;
}

describe("heads", () => {
  test("grow; each contradiction is named, and both sides are kept", async () => {
    const kept = new Kept(new MemoryStore());
    await kept.rememberHead(headAt(1, hashes(2)));
    await kept.rememberHead(headAt(2, hashes(3)));
    await kept.rememberHead(headAt(3, hashes(3)));
    expect(await lie(kept.rememberHead(headAt(4, hashes(2))))).toMatchObject({ how: "count-went-backwards", kept: 3, now: 2 });
    expect(await lie(kept.rememberHead(headAt(1, hashes(2))))).toMatchObject({ how: "older-head" });
    expect(await lie(kept.rememberHead(headAt(4, hashes(3).reverse())))).toMatchObject({ how: "other-content" });
    expect(await lie(kept.rememberHead(headAt(4, hashes(4), context(4, 1, "elsewhere"))))).toEqual({ lie: "origin" });
    expect((await kept.head({ kind: "mailbox", address }))?.payload.head.count).toBe(3);
    expect(await kept.contradictions()).toBe(5); // the kept one, and four others
  });

  test("are compared one after the other, also when two answers come at once", async () => {
    const kept = new Kept(new MemoryStore());
    const answers = [headAt(9, hashes(5)), headAt(8, hashes(4)), headAt(10, hashes(6))];
    const results = await Promise.allSettled(answers.map((head) => kept.rememberHead(head)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await kept.head({ kind: "mailbox", address }))?.payload.head.count).toBe(6);
  });

  test("are led to by the entries shown, or not", () => {
    const [all, two] = [hashes(4), headOfList(hashes(2))];
    expect(compareExtension(two, all.slice(2), headOfList(all))).toBeUndefined();
    expect(compareExtension(two, all.slice(3), headOfList(all))).toBe("not-an-extension");
    expect(compareExtension(two, [], headOfList(hashes(1)))).toBe("count-went-backwards");
    expect(compareExtension(two, [], two)).toBeUndefined();
    expect(compareExtension(EMPTY_LIST, all, headOfList(all))).toBeUndefined();
  });
});

function newParty(): { party: Party; identity: SigningKey; opener: HybridIdentity } {
  const identity = SigningKey.fromSeed(random(32));
  const opener = HybridIdentity.fromSeed(random(32));
  const { statement } = makeFirst(context(100), identity, RecoverySecret.generate(random), [opener.recipient]);
  return { party: Party.start(statement), identity, opener };
}

describe("key histories", () => {
  test("are never rewritten or shortened", async () => {
    const { party, identity, opener } = newParty();
    const next = (): Signed<"key"> =>
      makeRotation(party, context(200), identity, SigningKey.fromSeed(random(32)), [opener.recipient]);
    const kept = new Kept(new MemoryStore());
    const history = party.apply(next()).statements;
    await kept.rememberHistory(party.address, party.statements);
    await kept.rememberHistory(party.address, history);
    expect((await kept.party(party.address))?.current.payload.number).toBe(1);
    const branch = party.apply(next()).statements;
    expect(await lie(kept.rememberHistory(party.address, branch))).toMatchObject({ lie: "rewritten-history", number: 1 });
    expect(await lie(kept.rememberHistory(party.address, party.statements))).toMatchObject({ lie: "rewritten-history" });
    expect((await kept.party(party.address))?.current.hash).toBe(history[1]?.hash);
  });
});

describe("a header", () => {
  const { party, identity } = newParty();
  const dated = new DatedKeys([{ statement: party.current, since: millis(100) }]);
  const letter = (key: SigningKey): Signed<"envelope-header"> =>
    sign(
      "envelope-header",
      {
        context: context(200),
        envelopeId: envelopeId.of(random(16)),
        sender: party.address,
        signer: key.verifyingKey,
        senderKeys: party.current.hash,
        recipient: address,
        recipientKeys: party.current.hash,
        parts: [[ageHeaderHash.of(random(32)), 6, payloadHash.of(random(32)), 64]],
        manifest: manifestHash.of(random(32)),
        class: "ordinary",
        senderHead: party.head,
      },
      key,
    );

  test("that the operator writes in an authority's name is refused", () => {
    expect(() => checkHeader(letter(identity), dated, ORIGIN, millis(300))).not.toThrow();
    expect(() => checkHeader(letter(identity), dated, "elsewhere/2026", millis(300))).toThrow(DishonestError);
    expect(() => checkHeader(letter(server), dated, ORIGIN, millis(300))).toThrow(DishonestError);
  });

  test("by a clerk counts from the grant on, until the clerk is dismissed", () => {
    const clerk = SigningKey.fromSeed(random(32)).verifyingKey;
    const grant = { key: clerk, roles: ["send"], from: millis(150) } as const;
    const granted = { ...party.current, payload: { ...party.current.payload, signers: [grant] } };
    const keys = new DatedKeys([
      { statement: party.current, since: millis(100) },
      { statement: granted, since: millis(200) },
      { statement: party.current, since: millis(300) },
    ]);
    const allowed = [150, 199, 200, 250, 300, 301].map((time) => keys.allowed(clerk, "send", millis(time)));
    // In the very millisecond of a key statement either may have been the newest.
    expect(allowed).toEqual([false, false, true, true, true, false]);
    expect(keys.allowed(clerk, "read", millis(250))).toBe(false);
  });
});
