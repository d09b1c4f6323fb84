// The client against the real server: enrolment, letters of both classes, replies with uploads, a desk that sends,
// keys changed and recovered, live lists.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bind, refuseClaim, waitingClaims } from "../../src/client/authority.ts";
import { claim, claimAnswer, consentInForce, drawParty, giveConsent, learnService, register, revokeConsent, setContact, type NewParty } from "../../src/client/enrol.ts";
import { gatherEvidence } from "../../src/client/evidence.ts";
import { DishonestError, ForeignSheetError, RefusedError } from "../../src/client/error.ts";
import { completeRecovery, prepareChange, prepareRecovery, prepareRotation, submitKeys, unfinishedKeys } from "../../src/client/keys.ts";
import { follow, knownEntries, sync } from "../../src/client/lists.ts";
import { fetchEnvelope, fetchIncoming, peek } from "../../src/client/mailbox.ts";
import { deliver, discard, outbox } from "../../src/client/outbox.ts";
import { MemorySpool, MemoryStore, systemEnvironment } from "../../src/client/ports.ts";
import { openLetter } from "../../src/client/read.ts";
import { type Letter, prepare } from "../../src/client/send.ts";
import { type Ports, type Profile, Session } from "../../src/client/session.ts";
import { acquaintance } from "../../src/client/trust.ts";
import { HybridIdentity } from "../../src/core/age/hybrid.ts";
import { ActivationCode, RecoverySecret } from "../../src/core/enrolment/secret.ts";
import { decodeEvidence } from "../../src/core/evidence/file.ts";
import { verifyEvidence } from "../../src/core/evidence/verify.ts";
import { personCommitment } from "../../src/core/ids.ts";
import { SigningKey } from "../../src/core/keys/signing-key.ts";
import { parsePolicy } from "../../src/core/tlog/policy-text.ts";
import { type Demo, START_LIMIT, attachmentBytes, eventually, program, startDemo } from "./demo.ts";

const path = program();
const random = systemEnvironment.random;

function newPorts(environment: Partial<Ports["environment"]> = {}): Ports {
  return {
    environment: { ...systemEnvironment, ...environment },
    store: new MemoryStore(),
    spool: new MemorySpool(),
  };
}

function file(name: string, bytes: Uint8Array): Letter["files"][number] {
  async function* content(): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
  }
  return { name, mediaType: "application/octet-stream", size: bytes.length, content };
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe.skipIf(path === undefined)("a citizen at the demo's server", () => {
  let demo: Demo;
  let profile: Profile;
  let party: NewParty;
  let citizen: Session;
  let authority: Session;
  const ports = newPorts();

  beforeAll(async () => {
    demo = await startDemo(path as string, 2);
    const [invitation] = demo.invitations;
    if (invitation === undefined) throw new Error("a letter");
    profile = await learnService(invitation, ports.environment);
    party = drawParty(profile, ports.environment);
    citizen = await Session.open({ ...profile, address: party.address }, party.keys, ports);
    authority = await Session.open(demo.authority.profile, demo.authority.keys, newPorts());
  }, START_LIMIT + 20_000);

  afterAll(() => demo?.stop());

  test("enrols with the letter's code, consents, and gets the desk's letters", async () => {
    const [invitation] = demo.invitations;
    if (invitation === undefined) throw new Error("a letter");
    const first = await register(citizen, party.statement);
    expect((await register(citizen, party.statement)).receipt.hash).toBe(first.receipt.hash);
    await claim(citizen, invitation);
    const { issuer } = invitation;
    await eventually(async () => ((await claimAnswer(citizen, issuer))?.answer === "bound" ? true : undefined));
    await giveConsent(citizen, issuer, "notification", "Ich stimme zu.");
    await giveConsent(citizen, issuer, "service", "Ich stimme auch der Zustellung zu.");
    expect((await consentInForce(citizen, issuer, "service"))?.payload.class).toBe("service");
    await setContact(citizen, "erika@example.org", "de");
    const hashes = await eventually(async () => {
      const all = await sync(citizen, "mailbox");
      return all.length === 3 ? all : undefined;
    });
    expect(await knownEntries(citizen, "mailbox")).toEqual(hashes);
  }, 60_000);

  test("looks without telling, opens with receipts, and may open again", async () => {
    const known = acquaintance(citizen);
    const classes = new Set<string>();
    for (const hash of await sync(citizen, "mailbox")) {
      const envelope = await fetchIncoming(citizen, hash, known);
      expect(envelope.sender.name).toBe("Markt Postbauer-Heng");
      const registered = envelope.header.payload.class === "registered";
      classes.add(envelope.header.payload.class);
      const ahead = await peek(citizen, envelope, known);
      expect(ahead === undefined).toBe(registered);
      const opened = await openLetter(citizen, hash);
      expect(opened.handover.receipt.payload.events).toContain("ContentHandover");
      expect(opened.access.receipt.payload.events).toContain("ContentAccessTracking");
      for (const [index, { size, mediaType }] of opened.manifest.attachments.entries()) {
        const content = await attachmentBytes(opened, index);
        expect(content.length).toBe(size);
        if (mediaType === "application/pdf") expect(String.fromCharCode(...content.subarray(0, 5))).toBe("%PDF-");
      }
      const again = await openLetter(citizen, hash);
      expect(again.access.receipt.hash).toBe(opened.access.receipt.hash);
      expect(again.handover.receipt.hash).toBe(opened.handover.receipt.hash);
    }
    expect(classes).toEqual(new Set(["ordinary", "registered"]));
  }, 30_000);

  test("gathers evidence that the page and the command line verify alike", async () => {
    const witnesses = parsePolicy(new Uint8Array(readFileSync(join(demo.folder, "policy.txt"))));
    await witnesses.load();
    const { origin, root } = profile;
    const text = readFileSync(join(demo.folder, "policy.txt"), "utf8");
    const policy = join(demo.folder, "policy.toml");
    writeFileSync(policy, `origin = "${origin}"\nroot = "${root}"\nwitnesses = """\n${text}"""\n`);
    for (const [index, hash] of (await sync(citizen, "mailbox")).entries()) {
      const report = await eventually(async () => {
        const bytes = await gatherEvidence(citizen, hash, index === 0 ? "sealed" : "opened");
        const found = verifyEvidence(decodeEvidence(bytes), { origin, root, witnesses });
        writeFileSync(join(demo.folder, `${index}.pfe`), bytes);
        return found.verdict === "verified" ? found : undefined; // once the witnesses have cosigned
      });
      expect(report.timeline.map(({ event }) => event)).toContain("ContentHandover");
      expect(report.manifest?.subject).toBe(index === 0 ? undefined : (await openLetter(citizen, hash)).manifest.subject);
      const { status, said } = await demo.run("verify", "--policy", policy, "--lang", "en", join(demo.folder, `${index}.pfe`));
      expect(status, said).toBe(0);
    }
  }, 60_000);

  test("replies with a large file over a connection that breaks; the authority reads it", async () => {
    const [letter] = await sync(citizen, "mailbox");
    const content = new Uint8Array(randomBytes(9_500_000));
    const steps: number[] = [];
    const prepared = await prepare(
      citizen,
      {
        recipient: authority.address,
        class: "ordinary",
        subject: "Antwort",
        text: "Anbei die Unterlagen.",
        inReplyTo: letter,
        files: [file("scan.bin", content), file("klein.txt", new TextEncoder().encode("klein"))],
      },
      { progress: (done) => void steps.push(done) },
    );
    expect(steps.at(-1)).toBe(content.length + 5);
    expect((await outbox(citizen)).map(({ header }) => header.hash)).toEqual([prepared.header.hash]);

    // The second piece arrives, its answer does not; then the page is closed and opened again.
    let pieces = 0;
    const breaking = newPorts({
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (init?.method === "PATCH" && (pieces += 1) === 2) throw new TypeError("connection reset");
        return answer;
      },
    });
    const unlucky = await Session.open(citizen.profile, citizen.keys, { ...ports, environment: breaking.environment });
    await expect(deliver(unlucky, prepared)).rejects.toThrow("cannot be reached");
    const [waiting] = await outbox(citizen);
    if (waiting === undefined) throw new Error("it waits in the outbox");
    const receipted = await deliver(citizen, waiting);
    expect(receipted.receipt.payload.events).toContain("SubmissionAcceptance");
    expect(await outbox(citizen)).toEqual([]);
    const again = await deliver(citizen, waiting);
    expect(again.repeated).toBe(true);
    expect(again.receipt.hash).toBe(receipted.receipt.hash);

    const [incoming] = (await sync(authority, "mailbox")).slice(-1);
    if (incoming === undefined) throw new Error("it is in the authority's mailbox");
    const opened = await openLetter(authority, incoming);
    expect(opened.manifest.inReplyTo).toBe(letter);
    const hash = createHash("sha256");
    const seen: number[] = [];
    await opened.attachment(0, (text) => void hash.update(text), { progress: (stage, done) => void (stage === "decrypt" && seen.push(done)) });
    expect(hash.digest("hex")).toBe(digest(content));
    expect(seen.at(-1)).toBe(opened.envelope.header.payload.parts[1]?.[3]);
    expect(new TextDecoder().decode(await attachmentBytes(opened, 1))).toBe("klein");
    const out = join(demo.folder, "read");
    const read = await demo.run("--home", join(demo.folder, "authority"), "read", incoming, "--out", out, "--lang", "en");
    expect(read.status, read.said).toBe(0);
    expect(digest(readFileSync(join(out, "scan.bin")))).toBe(digest(content));
    const sent = await fetchEnvelope(citizen, incoming);
    expect(sent.delivery.has("ContentAccessTracking")).toBe(true);
  }, 60_000);

  test("hears of a letter while it waits", async () => {
    const before = (await sync(citizen, "mailbox")).length;
    const heard = new AbortController();
    let told: number[] = [];
    const following = follow(citizen, "mailbox", heard.signal, (hashes) => {
      told = [...told, hashes.length];
      if (hashes.length > before) heard.abort();
    }).catch((error: unknown) => {
      if (!heard.signal.aborted) throw error;
    });
    const letter = { recipient: citizen.address, class: "registered", subject: "Vom Schreibtisch", text: "", files: [] } as const;
    const prepared = await prepare(authority, letter);
    expect(prepared.header.payload.binding).toBeDefined();
    expect(prepared.header.payload.consent).toBeDefined();
    await deliver(authority, prepared);
    await following;
    expect(told).toEqual([before, before + 1]);
  }, 30_000);

  test("revokes a consent, and registered mail is refused from then on", async () => {
    const consent = await consentInForce(citizen, authority.address, "service");
    if (consent === undefined) throw new Error("a consent");
    await revokeConsent(citizen, consent);
    expect(await consentInForce(citizen, authority.address, "service")).toBeUndefined();
    const letter = { recipient: citizen.address, class: "registered", subject: "Zu spät", text: "", files: [] } as const;
    const prepared = await prepare(authority, letter);
    const refused = await deliver(authority, prepared).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedError);
    expect((refused as RefusedError).code).toBe("no-consent");
    expect((refused as RefusedError).problem.titleDe).not.toBe("");
    expect(await outbox(authority)).toEqual([]);
    await discard(authority, prepared);
  });

  test("a wrong code is refused by the authority, once and for good", async () => {
    const [, invitation] = demo.invitations;
    if (invitation === undefined) throw new Error("a second letter");
    const own = newPorts();
    const other = drawParty(profile, own.environment);
    const session = await Session.open({ ...profile, address: other.address }, other.keys, own);
    await register(session, other.statement);
    await claim(session, { ...invitation, code: ActivationCode.generate(random) });
    const answer = await eventually(async () => {
      const found = await claimAnswer(session, invitation.issuer);
      return found?.answer === "open" ? undefined : found;
    });
    expect(answer).toEqual({ answer: "refused", reason: "unknown-code" });
    expect((await waitingClaims(authority)).claims).toEqual([]);
    const { relation } = await session.relation(other.address, authority.address);
    const waiting = relation.claims[0];
    if (waiting === undefined) throw new Error("the claim is known");
    await expect(refuseClaim(authority, waiting, "expired")).rejects.toMatchObject({ code: "claim-answered" });
    const person = personCommitment.of(random(32));
    await expect(bind(authority, waiting, person)).rejects.toMatchObject({ code: "claim-answered" });
  }, 60_000);

  test("changes keys, adds and removes a device, and recovers by the sheet alone", async () => {
    const device = SigningKey.fromSeed(random(32));
    const opener = HybridIdentity.fromSeed(random(32));
    const grant = { key: device.verifyingKey, roles: ["send", "read", "administer"] as const, from: citizen.now };
    const added = await prepareChange(citizen, ({ signers }) => ({
      signers: [...signers, grant],
      recipients: [party.keys.openers[0]?.recipient ?? opener.recipient, opener.recipient],
    }));
    await submitKeys(citizen, added);
    const second = await Session.open(citizen.profile, { signer: device, openers: [opener] }, newPorts());
    const mail = await sync(second, "mailbox");
    await expect(openLetter(second, mail[0] as (typeof mail)[number])).rejects.toThrow(); // sealed before it was there
    await deliver(authority, await prepare(authority, { recipient: citizen.address, class: "ordinary", subject: "Für beide", text: "", files: [] }));
    const newest = (await sync(second, "mailbox")).at(-1);
    expect((await openLetter(second, newest as (typeof mail)[number])).manifest.subject).toBe("Für beide");

    const rotation = await prepareRotation(citizen);
    const rotated = await Session.open(citizen.profile, rotation.keys, ports);
    expect((await unfinishedKeys(rotated))?.hash).toBe(rotation.statement.hash);
    await submitKeys(rotated, rotation.statement);
    expect(await unfinishedKeys(rotated)).toBeUndefined();
    const removed = await prepareChange(rotated, () => ({ signers: [] }));
    await submitKeys(rotated, removed);
    await expect(sync(second, "mailbox")).rejects.toBeInstanceOf(RefusedError);

    const wrong = prepareRecovery(profile, party.address, RecoverySecret.generate(random), newPorts());
    await expect(wrong).rejects.toBeInstanceOf(ForeignSheetError);
    const fresh = newPorts();
    const recovery = await prepareRecovery(profile, party.address, party.sheet, fresh);
    expect(recovery.certified).toBe(false);
    const recovered = await completeRecovery(profile, recovery, fresh);
    expect(recovered.address).toBe(party.address);
    const late = deliver(authority, await prepare(authority, { recipient: party.address, class: "ordinary", subject: "Neu", text: "", files: [] }));
    await late;
    const last = (await sync(recovered, "mailbox")).at(-1) as (typeof mail)[number];
    expect((await openLetter(recovered, last)).manifest.subject).toBe("Neu");
    const used = prepareRecovery(profile, party.address, party.sheet, newPorts());
    await expect(used).rejects.toBeInstanceOf(ForeignSheetError);
    await expect(sync(rotated, "mailbox")).rejects.toBeInstanceOf(RefusedError);
  }, 60_000);

  test("another root key, origin or epoch is not accepted", async () => {
    const other = SigningKey.fromSeed(random(32)).verifyingKey;
    for (const wrong of [{ root: other }, { origin: "elsewhere.example/2026" }, { epoch: 99 }]) {
      await expect(Session.open({ ...profile, ...wrong }, party.keys, newPorts())).rejects.toBeInstanceOf(DishonestError);
    }
  });
});
