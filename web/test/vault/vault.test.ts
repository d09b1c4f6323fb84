// The vault: what opens a box, what does not, and what two accounts share.
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { HybridIdentity } from "../../src/core/age/hybrid.ts";
import { RecoverySecret } from "../../src/core/enrolment/secret.ts";
import { SigningKey } from "../../src/core/keys/signing-key.ts";
import { Database } from "../../src/vault/database.ts";
import { BLOCK } from "../../src/vault/spool.ts";
import { closeBox, openByPassphrase, openByPasskey, ownVault, passkeyDoor, passphraseDoor } from "../../src/vault/door.ts";
import { openWithPasskey, openWithPassphrase, sealForPasskey, sealForPassphrase } from "../../src/vault/lock.ts";
import { readSecrets, writeSecrets } from "../../src/vault/secrets.ts";

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

function secrets() {
  return {
    keys: { identity: SigningKey.fromSeed(random(32)), openers: [HybridIdentity.fromSeed(random(32))] },
    sheet: RecoverySecret.generate(random),
  };
}

test("a box opens for its passkey and for no other", () => {
  const [content, prf] = [writeSecrets(secrets()), random(32)];
  const box = sealForPasskey(content, prf, random);
  expect(openWithPasskey(box, prf)).toEqual(content);
  expect(() => openWithPasskey(box, random(32))).toThrow();
  box[box.length - 1] = (box.at(-1) ?? 0) ^ 1;
  expect(() => openWithPasskey(box, prf)).toThrow();
});

test("a box opens for its passphrase, however its accents are typed, and for no other", async () => {
  const content = writeSecrets(secrets());
  const box = await sealForPassphrase(content, "vier w\u00f6rter hier", random, 10);
  expect(await openWithPassphrase(box, "vier wo\u0308rter hier")).toEqual(content);
  await expect(openWithPassphrase(box, "vier worter hier")).rejects.toThrow();
});

test("a door boxes new keys again without the passphrase, and leads to one vault", async () => {
  const content = writeSecrets(secrets());
  const made = await passphraseDoor("vier kleine Wörter", random, 10);
  const first = closeBox(made, content, random);
  if (first.kind !== "passphrase") throw new Error("another lock");
  const { door, content: opened } = await openByPassphrase(first, "vier kleine Wörter", random);
  expect(opened).toEqual(content);
  await expect(openByPassphrase(first, "vier kleine Wörtchen", random)).rejects.toThrow();
  const other = writeSecrets(secrets());
  const again = closeBox(door, other, random);
  if (again.kind !== "passphrase") throw new Error("another lock");
  expect((await openByPassphrase(again, "vier kleine Wörter", random)).content).toEqual(other);
  expect(ownVault(door).id).toBe(ownVault(made).id);
  const prf = random(32);
  const passkey = closeBox(passkeyDoor(random(16), prf), content, random);
  if (passkey.kind !== "passkey") throw new Error("another lock");
  expect(openByPasskey(passkey, prf).content).toEqual(content);
  expect(ownVault(passkeyDoor(random(16), made.secret)).id).not.toBe(ownVault(made).id);
});

test("keys come back as they were written, and never in JSON", () => {
  const before = secrets();
  const after = readSecrets(writeSecrets(before), passkeyDoor(random(16), random(32)));
  expect(after.keys.identity.verifyingKey).toBe(before.keys.identity.verifyingKey);
  expect(after.keys.openers[0]?.toSecretText()).toBe(before.keys.openers[0]?.toSecretText());
  expect(after.sheet?.toPaper()).toBe(before.sheet.toPaper());
  expect(JSON.stringify(before)).not.toContain(before.sheet.toPaper());
  expect(() => readSecrets(new TextEncoder().encode('{"version":2}'), passkeyDoor(random(16), random(32)))).toThrow();
});

test("two accounts share nothing, and one goes without the other", async () => {
  const database = await Database.open();
  const [one, two] = [database.store("pf1one"), database.store("pf1two")];
  await one.put("kept/a", new Uint8Array([1]));
  await two.put("kept/a", new Uint8Array([2]));
  await two.put("kept/b", new Uint8Array([3]));
  expect(await one.names("kept/")).toEqual(["kept/a"]);
  const file = await database.spool("pf1two").open("outbox.1.0");
  for (let piece = 0; piece < 12; piece += 1) await file.append(new Uint8Array([piece]));
  expect([...(await file.read(9, 3))]).toEqual([9, 10, 11]);
  await database.saveAccount("pf1one", { address: "pf1one" });
  await database.removeAccount("pf1one");
  expect(await one.get("kept/a")).toBeUndefined();
  expect([...(await two.get("kept/a") ?? [])]).toEqual([2]);
  expect(await file.size()).toBe(12);
});

test("a spooled file is continued where it was flushed, and read across its blocks", async () => {
  const database = await Database.open("spooling");
  const spool = database.spool("pf1one");
  const content = Uint8Array.from({ length: 2 * BLOCK + 1000 }, (_, index) => index % 251);
  const file = await spool.open("part");
  for (let at = 0; at < content.length; at += 70_000) await file.append(content.subarray(at, at + 70_000));
  // A page that ends now loses what no flush confirmed, and nothing else.
  expect(await (await spool.open("part")).size()).toBe(2 * BLOCK);
  await file.flush();
  const again = await spool.open("part");
  expect(await again.size()).toBe(content.length);
  expect(await again.read(BLOCK - 10, 20)).toEqual(content.subarray(BLOCK - 10, BLOCK + 10));
  await again.append(content.subarray(0, BLOCK));
  await again.flush();
  const whole = await (await spool.open("part")).read(0, 4 * BLOCK);
  expect(whole.length).toBe(content.length + BLOCK);
  expect(whole.subarray(content.length)).toEqual(content.subarray(0, BLOCK));
  // Of exactly whole blocks, too.
  const even = await spool.open("even");
  await even.append(content.subarray(0, BLOCK));
  expect(await (await spool.open("even")).size()).toBe(BLOCK);
  await again.clear();
  expect(await (await spool.open("part")).size()).toBe(0);
  expect(await (await spool.open("even")).size()).toBe(BLOCK);
  await spool.remove("even");
  expect(await (await spool.open("even")).size()).toBe(0);
});
