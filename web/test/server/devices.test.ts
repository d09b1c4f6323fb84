// Several devices of one mailbox at the real server: joining, removal, interruption, recovery, and a server that shows
// an older vault again.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAddress } from "../../src/core/addresses/address.ts";
import { JoiningCode, RecoverySecret } from "../../src/core/enrolment/secret.ts";
import type { VaultId } from "../../src/core/ids.ts";
import { checkCurrent } from "../../src/core/vaults/content.ts";
import { type VaultKeys, vaultKeys } from "../../src/core/vaults/keys.ts";
import { admit, holderOf, keysIn, removeHolder, renameHolder, repair, settleIn, sharing, writeVaults } from "../../src/client/devices.ts";
import { drawParty, learnService, register } from "../../src/client/enrol.ts";
import { RefusedError } from "../../src/client/error.ts";
import { Http } from "../../src/client/http.ts";
import { completeRecovery, prepareRecovery, prepareRotation, submitKeys } from "../../src/client/keys.ts";
import { MemorySpool, MemoryStore, systemEnvironment } from "../../src/client/ports.ts";
import { type Ports, type Profile, Session } from "../../src/client/session.ts";
import { NoVaultError, VaultChangedError, fetchContent, listVaults, putVault } from "../../src/client/vaults.ts";
import { type Demo, START_LIMIT, program, startDemo } from "./demo.ts";

const path = program();
const { random } = systemEnvironment;
const newVault = (): VaultKeys => vaultKeys({ kind: "device", secret: random(32) });

describe.skipIf(path === undefined)("devices at the demo's server", () => {
  let demo: Demo;
  /** What a server shows in place of a vault, and a device that was cut off. */
  const older = new Map<string, ArrayBuffer>();
  let cut = "";
  const environment: Ports["environment"] = {
    ...systemEnvironment,
    fetch: async (input, init) => {
      const url = new URL(String(input));
      const method = init?.method ?? "GET";
      if (cut !== "" && `${method} ${url.pathname}`.startsWith(cut)) throw new TypeError("cut off");
      const answer = await fetch(input, init);
      const shown = method === "GET" ? older.get(url.pathname) : undefined;
      if (shown === undefined) return answer;
      const version = await crypto.subtle.digest("SHA-256", new Uint8Array([...new TextEncoder().encode("postfach/vault-version/v1\0"), ...new Uint8Array(shown)]));
      const etag = [...new Uint8Array(version)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return new Response(shown, { headers: { etag: `"${etag}"` } });
    },
  };
  const ports = (): Ports => ({ environment, store: new MemoryStore(), spool: new MemorySpool() });

  beforeAll(async () => {
    demo = await startDemo(path as string, 1);
  }, START_LIMIT);
  afterAll(() => demo?.stop(), START_LIMIT);

  /** A party with two vaults: this device's and the sheet's. */
  async function party() {
    const [letter] = demo.invitations;
    if (letter === undefined) throw new Error("no letter");
    const learned = await learnService(letter, environment);
    const drawn = drawParty(learned, environment);
    const profile: Profile = { ...learned, address: drawn.address };
    const session = await Session.open(profile, drawn.keys, ports());
    await register(session, drawn.statement);
    const [own, sheet] = [newVault(), vaultKeys({ kind: "sheet", secret: drawn.sheet })];
    const holders = [holderOf(own, "device", "Telefon", session.now), holderOf(sheet, "sheet", "Blatt", session.now)];
    await writeVaults(session, own, { holders, issuer: letter.issuer });
    return { session, own, sheet, drawn, profile, issuer: letter.issuer };
  }
  type Party = Awaited<ReturnType<typeof party>>;

  /** A second device, by code. */
  async function joined({ session, own, profile }: Party) {
    const code = JoiningCode.generate(random);
    await admit(session, own, code, "Neues Gerät");
    const http = new Http(profile.service, environment);
    const { content } = await fetchContent(http, vaultKeys({ kind: "joining", secret: code }));
    const other = await Session.open(profile, keysIn(content), ports());
    const vault = newVault();
    await settleIn(other, code, vault, "Tablet");
    return { session: other, own: vault, code };
  }

  const names = async (session: Session, own: VaultKeys): Promise<string[]> => (await sharing(session, own)).holders.map(({ name }) => name).sort();
  const made = (own: VaultKeys, session: Session) => () => holderOf(own, "device", "allein", session.now);

  test("a device joins by its code, which then opens nothing, and both know each other", async () => {
    const one = await party();
    const two = await joined(one);
    expect(await names(one.session, one.own)).toEqual(["Blatt", "Tablet", "Telefon"]);
    expect(await names(two.session, two.own)).toEqual(["Blatt", "Tablet", "Telefon"]);
    await expect(fetchContent(one.session.http, vaultKeys({ kind: "joining", secret: two.code }))).rejects.toThrow(NoVaultError);
    await renameHolder(two.session, two.own, one.own.key.verifyingKey, "Altes Telefon");
    expect(await names(one.session, one.own)).toEqual(["Altes Telefon", "Blatt", "Tablet"]);
  });

  test("a removed device has keys that are refused, no vault, and none of the new keys", async () => {
    const one = await party();
    const two = await joined(one);
    const three = await joined(one);
    const { session } = await removeHolder(one.session, one.own, two.own.key.verifyingKey, async () => undefined);
    expect(session.keys.openers).toHaveLength(2);
    await expect(fetchContent(one.session.http, two.own)).rejects.toThrow(NoVaultError);
    const refused = await two.session.party(two.session.address).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedError);
    expect((refused as RefusedError).code).toBe("not-allowed");
    // Who stays finds the new keys, old mail included.
    const { content } = await fetchContent(one.session.http, three.own);
    checkCurrent(content, (await session.party(session.address)).party);
    expect(content.openers).toHaveLength(2);
  });

  test("an interrupted removal is completed, and by what this device kept alone", async () => {
    const one = await party();
    const two = await joined(one);
    let keys = one.session.keys;
    cut = "PUT /v1/vaults/";
    const removal = removeHolder(one.session, one.own, two.own.key.verifyingKey, async (saved) => void (keys = saved));
    await expect(removal).rejects.toThrow();
    cut = "";
    const again = await Session.open(one.profile, keys, one.session.ports);
    await repair(again, one.own, made(one.own, again), one.issuer);
    expect(await names(again, one.own)).toEqual(["Blatt", "Telefon"]);
    const listed = await listVaults(again);
    expect(listed.has(two.own.id)).toBe(false);
  });

  test("an older vault that is shown again lets nobody back in", async () => {
    const one = await party();
    const two = await joined(one);
    const before = await one.session.http.vault(one.own.id, one.own.key);
    const { session } = await removeHolder(one.session, one.own, two.own.key.verifyingKey, async () => undefined);
    older.set(`/v1/vaults/${one.own.id}`, before.sealed.slice().buffer);
    await expect(repair(session, one.own, made(one.own, session), one.issuer)).rejects.toMatchObject({ reason: "stale" });
    await expect(renameHolder(session, one.own, one.own.key.verifyingKey, "x")).rejects.toMatchObject({ reason: "stale" });
    older.clear();
    expect((await listVaults(session)).has(two.own.id)).toBe(false);
  });

  test("who writes over a vault that changed meanwhile is told", async () => {
    const { session, own } = await party();
    const before = (await listVaults(session)).get(own.id);
    const to = { id: own.id as VaultId, recipient: own.identity.recipient };
    await putVault(session, to, new Uint8Array([1]), before);
    await expect(putVault(session, to, new Uint8Array([2]), before)).rejects.toThrow(VaultChangedError);
    await expect(putVault(session, to, new Uint8Array([2]), undefined)).rejects.toThrow(VaultChangedError);
  });

  test("the sheet's vault has the old keys, and a recovery shuts out every device", async () => {
    const one = await party();
    const { statement, keys } = await prepareRotation(one.session);
    const renewed = await Session.open(one.profile, keys, one.session.ports);
    await submitKeys(renewed, statement);
    const { holders } = await sharing(one.session, one.own).catch(() => ({ holders: [holderOf(one.own, "device", "Telefon", one.session.now), holderOf(one.sheet, "sheet", "Blatt", one.session.now)] }));
    await writeVaults(renewed, one.own, { holders, issuer: one.issuer });
    const { content } = await fetchContent(new Http(one.profile.service, environment), one.sheet);
    expect(content.openers).toHaveLength(2);
    const recovery = await prepareRecovery(one.profile, content.address, one.drawn.sheet, ports(), content.openers);
    const session = await completeRecovery(one.profile, recovery, ports());
    const [own, sheet] = [newVault(), vaultKeys({ kind: "sheet", secret: recovery.sheet })];
    await writeVaults(session, own, { holders: [holderOf(own, "device", "neu", session.now), holderOf(sheet, "sheet", "Blatt", session.now)], issuer: one.issuer });
    expect([...(await listVaults(session)).keys()].sort()).toEqual([own.id, sheet.id].sort());
    expect(session.keys.openers).toHaveLength(3);
    await expect(renewed.party(renewed.address)).rejects.toThrow(RefusedError);
    await expect(prepareRecovery(one.profile, content.address, one.drawn.sheet, ports())).rejects.toThrow();
  });

  /** Service and certificate authority of the command line, which speaks TLS only. */
  function overTls(): string[] {
    const profile = readFileSync(join(demo.folder, "authority", "profile.toml"), "utf8");
    const value = (key: string): string => new RegExp(`^${key} = "([^"]*)"$`, "m").exec(profile)?.[1] ?? "";
    return ["--service", value("service"), "--ca", value("ca_file"), "--root", value("operator_root"), "--key-file", "machine"];
  }

  test("the command line reads a sheet that the pages made, and finds the old keys", async () => {
    const one = await party();
    const secret = join(demo.folder, "secret.txt");
    writeFileSync(secret, one.drawn.sheet.toPaper());
    const home = join(demo.folder, "recovered");
    const asked = ["--address", one.session.address, "--secret-file", secret, "--sheet", join(demo.folder, "recovered.pdf")];
    const { status, said } = await demo.run("--json", "--home", home, "key", "recover", ...overTls(), ...asked);
    expect(status, said).toBe(0);
    expect(JSON.parse(said.trim().split("\n").at(-1) ?? "")).toMatchObject({ address: one.session.address, old_mail_readable: true });
    expect(readFileSync(join(home, "keys.txt"), "utf8")).toContain(one.drawn.keys.openers[0]?.toSecretText());
  }, START_LIMIT);

  test("the pages read a sheet that the command line made", async () => {
    const home = join(demo.folder, "made");
    const sheet = join(demo.folder, "made.pdf");
    const { status, said } = await demo.run("--home", home, "key", "new", ...overTls(), "--sheet", sheet);
    expect(status, said).toBe(0);
    const picture = join(demo.folder, "made");
    execFileSync("pdftoppm", ["-r", "150", "-png", "-singlefile", sheet, picture]);
    const secret = execFileSync("zbarimg", ["--quiet", "--raw", `${picture}.png`], { stdio: ["ignore", "pipe", "ignore"] }).toString();
    const old = RecoverySecret.parse(secret.trim());
    const address = parseAddress(/^address = "([^"]*)"$/m.exec(readFileSync(join(home, "profile.toml"), "utf8"))?.[1] ?? "");
    const [letter] = demo.invitations;
    if (address === undefined || letter === undefined) throw new Error("no address");
    await expect(fetchContent(new Http(letter.service, environment), vaultKeys({ kind: "sheet", secret: old }))).rejects.toThrow(NoVaultError);
    const profile = { ...(await learnService(letter, environment)), address };
    const fresh = ports();
    const session = await completeRecovery(profile, await prepareRecovery(profile, address, old, fresh), fresh);
    expect((await session.party(address)).party.current.payload.number).toBe(1);
  }, START_LIMIT);
});
