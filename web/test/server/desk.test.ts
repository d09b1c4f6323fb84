// The desk's files are the command line's: key file, profile and address book, byte for byte; and a sending that is
// begun again has the first one's receipt.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitingClaims } from "../../src/client/authority.ts";
import { grant, inOrder } from "../../src/client/clerks.ts";
import { sendOnce } from "../../src/client/dispatch.ts";
import { sentIndex, sync } from "../../src/client/lists.ts";
import { fetchEnvelope } from "../../src/client/mailbox.ts";
import { MemorySpool, MemoryStore, systemEnvironment } from "../../src/client/ports.ts";
import { verifyRecipient } from "../../src/client/recipient.ts";
import type { Letter } from "../../src/client/send.ts";
import { Session } from "../../src/client/session.ts";
import { listVaults } from "../../src/client/vaults.ts";
import { openFile } from "../../src/core/age/file.ts";
import { Book } from "../../src/core/book/book.ts";
import { envelopeId, millis } from "../../src/core/ids.ts";
import { readKeyFile, writeKeyFile } from "../../src/core/keyfile.ts";
import { SigningKey } from "../../src/core/keys/signing-key.ts";
import { readProfileFile } from "../../src/core/profile-file.ts";
import { type Demo, START_LIMIT, program, startDemo } from "./demo.ts";

const path = program();
const { random } = systemEnvironment;

describe.skipIf(path === undefined)("an authority's desk at the demo's server", () => {
  let demo: Demo;
  let authority: Session;
  const ports = { environment: systemEnvironment, store: new MemoryStore(), spool: new MemorySpool() };
  const file = (name: string): Uint8Array => new Uint8Array(readFileSync(join(demo.folder, "authority", name)));

  beforeAll(async () => {
    demo = await startDemo(path as string, 1);
    authority = await Session.open(demo.authority.profile, demo.authority.keys, ports);
  }, START_LIMIT + 20_000);

  afterAll(() => demo?.stop());

  test("reads the command line's key file and profile, and writes the same key file", () => {
    const keys = readKeyFile(file("keys.txt"));
    expect(keys.address).toBe(authority.address);
    expect(new TextDecoder().decode(writeKeyFile(keys))).toBe(new TextDecoder().decode(file("keys.txt")));
    const { root, origin } = authority.profile;
    expect(readProfileFile(new TextDecoder().decode(file("profile.toml")))).toEqual({ root, origin, address: authority.address });
  });

  test("reads the command line's address book, and writes the same content", async () => {
    const content = openFile(file("book.age"), authority.keys.openers);
    const book = Book.decode(content);
    expect(book.encode()).toEqual(content);
    const standings = await Promise.all(book.entries.map(async (person) => [person.reference, (await verifyRecipient(authority, person)).standing]));
    expect(Object.fromEntries(standings)).toMatchObject({ "5001": "not-enrolled" });
    for (const person of book.entries.filter(({ bindings }) => bindings.at(-1)?.withdrawn === undefined && bindings.length > 0)) {
      expect((await verifyRecipient(authority, person)).standing).toBe("verified");
      expect((await verifyRecipient(authority, { ...person, name: "Jemand Anders" })).standing).toBe("other-person");
    }
  });

  test("sends once, however often it begins again", async () => {
    const id = envelopeId.of(random(envelopeId.length));
    const letter = async (): Promise<Letter> => ({ recipient: authority.address, class: "ordinary", subject: "An uns selbst", text: "", files: [] });
    const first = await sendOnce(authority, id, letter);
    const again = await sendOnce(authority, id, () => Promise.reject(new Error("made twice")));
    expect(again.receipt.hash).toBe(first.receipt.hash);
    expect((await sentIndex(authority)).byId.get(id)).toBe(first.statement);
  });

  test("grants rights that a clerk's own session has, and no others", async () => {
    const signer = SigningKey.fromSeed(random(32));
    await grant(authority, signer.verifyingKey, ["send", "register"], millis(authority.now + 86_400_000));
    const clerk = await Session.open(demo.authority.profile, { signer, openers: demo.authority.keys.openers }, { ...ports, store: new MemoryStore() });
    const { party } = await clerk.party(clerk.address);
    expect(party.allows(signer.verifyingKey, "send", clerk.now)).toBe(true);
    expect(party.allows(signer.verifyingKey, "administer", clerk.now)).toBe("role");
    expect(inOrder(demo.authority.keys.openers, party.recipients)?.length).toBe(demo.authority.keys.openers.length);
    expect(inOrder([], party.recipients)).toBeUndefined();
    // What the desk asks for with these rights, and what it must not ask for.
    const sent = await sendOnce(clerk, envelopeId.of(random(envelopeId.length)), async () => ({ recipient: authority.address, class: "ordinary", subject: "Von der Sachbearbeitung", text: "", files: [] }));
    expect((await fetchEnvelope(authority, sent.statement)).header.signer).toBe(signer.verifyingKey);
    await expect(sync(clerk, "mailbox")).rejects.toThrow();
    await expect(listVaults(clerk)).rejects.toThrow();
    await expect(waitingClaims(clerk)).resolves.toBeDefined();
  });
});
