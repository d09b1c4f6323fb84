// A server that lies: a middleman changes what the real server answers, and the client names each lie, shows nothing
// as genuine, and tells the sender where content was exchanged.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claim, claimAnswer, drawParty, giveConsent, learnService, register } from "../../src/client/enrol.ts";
import { DishonestError } from "../../src/client/error.ts";
import { sync } from "../../src/client/lists.ts";
import { fetchEnvelope, fetchIncoming, peek } from "../../src/client/mailbox.ts";
import { MemorySpool, MemoryStore, systemEnvironment } from "../../src/client/ports.ts";
import { openLetter } from "../../src/client/read.ts";
import { type Ports, Session } from "../../src/client/session.ts";
import { fromBase64, toBase64 } from "../../src/core/codec/bytes.ts";
import { ContentError } from "../../src/core/envelope/content.ts";
import type { StatementHash } from "../../src/core/ids.ts";
import { type Demo, START_LIMIT, attachmentBytes, eventually, program, startDemo } from "./demo.ts";

const path = program();
type Body = Record<string, unknown>;
/** Changes the JSON of an answer. */
type Change = (body: Body, url: string) => void;

describe.skipIf(path === undefined)("a middleman at the demo's server", () => {
  let demo: Demo;
  let citizen: Session;
  let mail: readonly StatementHash[];
  let change: Change | undefined;
  let changeBytes: ((bytes: Uint8Array, url: string) => Uint8Array) | undefined;
  let shift = 0;

  const environment: Ports["environment"] = {
    ...systemEnvironment,
    now: () => (systemEnvironment.now() + shift) as ReturnType<typeof systemEnvironment.now>,
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      const url = String(input);
      const isJson = answer.headers.get("content-type")?.includes("json") === true;
      if (isJson && change !== undefined) {
        const body = (await answer.json()) as Body;
        change(body, url);
        return new Response(JSON.stringify(body), answer);
      }
      if (!isJson && changeBytes !== undefined) {
        return new Response(changeBytes(new Uint8Array(await answer.arrayBuffer()), url) as BodyInit, answer);
      }
      return answer;
    },
  };

  const entries = (body: Body): Body[] => body["entries"] as Body[];
  const flip = (object: Body, field: string, at = -1): void => {
    const bytes = fromBase64(object[field] as string) as Uint8Array;
    const index = at < 0 ? bytes.length + at : at;
    bytes[index] = (bytes[index] as number) ^ 1;
    object[field] = toBase64(bytes);
  };
  const lieOf = async (action: () => Promise<unknown>): Promise<string> => {
    const error = await action().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof DishonestError) return error.lie.lie;
    return `no lie: ${String(error)}`;
  };

  beforeAll(async () => {
    demo = await startDemo(path as string, 1);
    const [invitation] = demo.invitations;
    if (invitation === undefined) throw new Error("a letter");
    const ports = { environment, store: new MemoryStore(), spool: new MemorySpool() };
    const profile = await learnService(invitation, environment);
    const party = drawParty(profile, environment);
    citizen = await Session.open({ ...profile, address: party.address }, party.keys, ports);
    await register(citizen, party.statement);
    await claim(citizen, invitation);
    await eventually(async () => ((await claimAnswer(citizen, invitation.issuer))?.answer === "bound" ? true : undefined));
    await giveConsent(citizen, invitation.issuer, "notification", "Ja");
    await giveConsent(citizen, invitation.issuer, "service", "Ja");
    mail = await eventually(async () => {
      const all = await sync(citizen, "mailbox");
      return all.length === 3 ? all : undefined;
    });
  }, START_LIMIT + 30_000);

  beforeEach(() => {
    change = undefined;
    changeBytes = undefined;
    shift = 0;
  });

  afterAll(() => demo?.stop());

  const letter = (index: number): StatementHash => mail[index] as StatementHash;
  /** A session that has seen nothing yet. */
  const stranger = (): Promise<Session> =>
    Session.open(citizen.profile, citizen.keys, { environment, store: new MemoryStore(), spool: new MemorySpool() });

  test("a letter that is dropped, exchanged or moved in the list", async () => {
    for (const edit of [
      (list: Body[]) => void list.pop(),
      (list: Body[]) => void list.shift(),
      (list: Body[]) => void list.reverse(),
      (list: Body[]) => void list.push(list[0] as Body),
    ]) {
      const session = await stranger();
      change = (body, url) => void (url.includes("/mailboxes/") && edit(entries(body)));
      expect(await lieOf(() => sync(session, "mailbox"))).toBe("dropped-entry");
      change = undefined;
      expect((await sync(session, "mailbox")).length).toBe(3);
    }
  });

  test("a header with a changed byte, or of another mailbox", async () => {
    const session = await stranger();
    change = (body, url) => void (url.includes("/mailboxes/") && flip(entries(body)[1] as Body, "statement"));
    expect(await lieOf(() => sync(session, "mailbox"))).toBe("statement");
  });

  test("a head that goes back behind one that was shown", async () => {
    let old: unknown;
    change = (body, url) => void (url.includes(`/envelopes/${letter(0)}`) && (old = structuredClone(body)));
    await fetchEnvelope(citizen, letter(0));
    change = undefined;
    await openLetter(citizen, letter(0));
    change = (body, url) => void (url.includes(`/envelopes/${letter(0)}`) && Object.assign(body, old));
    expect(await lieOf(() => fetchEnvelope(citizen, letter(0)))).toBe("contradiction");
    expect(await citizen.kept.contradictions()).toBe(2);
  });

  test("a receipt that disappears, is another, or is changed", async () => {
    const list = `/envelopes/${letter(1)}`;
    change = (body, url) => void (url.includes(list) && entries(body).splice(1, 1));
    expect(await lieOf(() => fetchEnvelope(citizen, letter(1)))).toBe("dropped-entry");
    change = (body, url) => void (url.includes(list) && flip(entries(body)[1] as Body, "statement"));
    expect(await lieOf(() => fetchEnvelope(citizen, letter(1)))).toBe("statement");
    change = (body, url) => void (url.includes(list) && (body["head"] = "AAAA"));
    expect(await lieOf(() => fetchEnvelope(citizen, letter(1)))).toBe("statement");
  });

  test("another letter in place of the one asked for", async () => {
    let other: unknown;
    change = (body, url) => void (url.includes(letter(0)) && (other = structuredClone(body)));
    await fetchEnvelope(citizen, letter(0));
    change = (body, url) => void (url.includes(letter(1)) && Object.assign(body, other));
    expect(await lieOf(() => fetchEnvelope(citizen, letter(1)))).toBe("foreign-head");
  });

  test("a slipped-in key, a history cut short, keys of somebody else", async () => {
    const session = await stranger();
    const issuer = demo.authority.profile.address;
    let own: Body | undefined;
    change = (body, url) => void (url.endsWith(`/parties/${session.address}`) && (own = structuredClone(body)));
    await session.party(session.address);
    change = (body, url) => void (url.endsWith(`/parties/${issuer}`) && Object.assign(body, own));
    expect(await lieOf(() => fetchIncoming(session, letter(0)))).toBe("slipped-in-key");
    change = (body, url) => void (url.includes("/parties/") && (body["keys"] = []));
    expect(await lieOf(() => session.party(session.address))).toBe("slipped-in-key");
    change = (body, url) => void (url.includes("/parties/") && (body["certificates"] = []));
    expect(await lieOf(() => session.party(issuer as NonNullable<typeof issuer>))).toBe("dropped-entry");
    change = (body, url) => {
      if (url.includes("/parties/")) for (const key of body["keys"] as Body[]) delete key["receipt"];
    };
    expect(await lieOf(() => session.party(session.address))).toBe("unreceipted");
  });

  test("a binding that is withheld or changed", async () => {
    const session = await stranger();
    change = (body, url) => void (url.includes("/relations/") && entries(body).pop());
    expect(await lieOf(() => fetchIncoming(session, letter(0)))).toBe("dropped-entry");
    change = (body, url) => void (url.includes("/relations/") && flip(entries(body)[1] as Body, "statement", 200));
    expect(await lieOf(() => fetchIncoming(session, letter(0)))).toBe("statement");
  });

  test("an exchanged part or age header: nothing is shown, and the sender is told once", async () => {
    changeBytes = (bytes, url) => {
      if (url.includes("/parts/0")) bytes[100] = (bytes[100] as number) ^ 1;
      return bytes;
    };
    await expect(openLetter(citizen, letter(1))).rejects.toMatchObject({ reason: "payload" });
    await expect(openLetter(citizen, letter(1))).rejects.toBeInstanceOf(ContentError);
    changeBytes = undefined;
    const { delivery } = await fetchEnvelope(citizen, letter(1));
    expect(delivery.failures.map(({ payload }) => payload.reasons)).toEqual([["content-mismatch"]]);
    expect(delivery.accesses).toEqual([]);
    change = (body, url) => {
      if (!url.includes(`/envelopes/${letter(1)}`)) return;
      const headers = body["age_headers"] as string[];
      body["age_headers"] = headers.toReversed();
    };
    const envelope = await fetchIncoming(citizen, letter(1));
    await expect(peek(citizen, envelope)).rejects.toMatchObject({ reason: "age-header" });
    change = undefined;
    expect((await openLetter(citizen, letter(1))).manifest.attachments.length).toBe(2);
  });

  test("an exchanged attachment is fetched once more, then reported", async () => {
    const opened = await openLetter(citizen, letter(1));
    let fetched = 0;
    changeBytes = (bytes, url) => {
      if (!url.includes("/parts/1")) return bytes;
      fetched += 1;
      return bytes.fill(0, 50, 60);
    };
    await expect(attachmentBytes(opened, 0)).rejects.toMatchObject({ reason: "payload" });
    expect(fetched).toBe(2);
    changeBytes = undefined;
    expect((await attachmentBytes(opened, 0)).length).toBe(opened.manifest.attachments[0]?.size);
  });

  test("a receipt for something else, or one that is not in the log", async () => {
    const consent = (): Promise<unknown> => giveConsent(citizen, undefined, "notification", "Ja");
    change = (body) => {
      const proof = body["proof"] as Body;
      proof["statement"] = (proof["statement"] as string[]).slice(1);
    };
    expect(await lieOf(consent)).toBe("not-logged");
    change = undefined;
    let first: unknown;
    change = (body, url) => void (url.endsWith("/statements") && (first ??= structuredClone(body)) && Object.assign(body, first));
    expect(await lieOf(() => openLetter(citizen, letter(2)))).toBe("foreign-receipt"); // handover's, for the access
  });

  test("a checkpoint that the log did not sign, and a log that is shorter than it was", async () => {
    const again = (): Promise<Session> => Session.open(citizen.profile, citizen.keys, citizen.ports);
    changeBytes = (bytes, url) => {
      if (url.endsWith("/log/checkpoint")) bytes[40] = bytes[40] === 65 ? 66 : 65;
      return bytes;
    };
    expect(await lieOf(again)).toBe("not-logged");
    changeBytes = (bytes, url) => (url.includes("/log/tile/") ? bytes.map((byte) => byte ^ 1) : bytes);
    expect(await lieOf(again)).toBe("log-forked");
    changeBytes = (bytes, url) => (url.includes("/log/tile/") ? bytes.subarray(32) : bytes);
    expect(await lieOf(again)).toBe("log-shrunk");
  });

  test("a clock that is wrong by an hour, either way", async () => {
    for (const hours of [-1, 1]) {
      shift = hours * 3_600_000;
      const session = await stranger();
      expect((await sync(session, "mailbox")).length).toBe(3);
    }
  });
});
