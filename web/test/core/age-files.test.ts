// Age files of our own: what `age-encryption`, written elsewhere, makes of them; bounds; damage.
import { randomBytes } from "node:crypto";
import { Decrypter, Encrypter } from "age-encryption";
import { describe, expect, test } from "vitest";
import { newFile, openFile, openFileWithPassphrase, openPayload, seal, sealFile, sealFileWithPassphrase } from "../../src/core/age/file.ts";
import { Header } from "../../src/core/age/header.ts";
import { HybridIdentity, HybridRecipient } from "../../src/core/age/hybrid.ts";
import { CHUNK_BYTES, payloadLength, textLength } from "../../src/core/age/stream.ts";
import { X25519Identity, X25519Recipient } from "../../src/core/age/x25519.ts";
import { concat, equal, utf8 } from "../../src/core/codec/bytes.ts";
import { reasonOf } from "../vectors.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const hybrid = HybridIdentity.fromSeed(random(32));
const classical = X25519Identity.fromSeed(random(32));
const TEXT = utf8("Bescheid über die Hundesteuer");
const LENGTHS = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES];

describe("with age-encryption", () => {
  test.each(LENGTHS)("it opens ours, and we open its: %i bytes", async (length) => {
    const text = random(length);
    for (const [identity, recipients] of [
      [hybrid, [hybrid.recipient]],
      [classical, [classical.recipient]],
    ] as const) {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity.toSecretText());
      expect(equal(await decrypter.decrypt(sealFile(recipients, text, random)), text)).toBe(true);
      const encrypter = new Encrypter();
      encrypter.addRecipient(String(identity.recipient));
      expect(equal(openFile(await encrypter.encrypt(text), [identity]), text)).toBe(true);
    }
  });

  test("passphrases", async () => {
    const decrypter = new Decrypter();
    decrypter.addPassphrase("fünf Wörter");
    expect(await decrypter.decrypt(await sealFileWithPassphrase("fünf Wörter", TEXT, random, 10))).toEqual(TEXT);
    const encrypter = new Encrypter();
    encrypter.setPassphrase("fünf Wörter");
    encrypter.setScryptWorkFactor(10);
    const file = await encrypter.encrypt(TEXT);
    expect(await openFileWithPassphrase(file, "fünf Wörter")).toEqual(TEXT);
    await expect(openFileWithPassphrase(file, "vier Wörter")).rejects.toThrow();
    await expect(openFileWithPassphrase(file, "fünf Wörter", 9)).rejects.toMatchObject({ reason: "work-factor" });
  });
});

describe("recipients", () => {
  test("several of one type, in order; types do not mix", () => {
    const others = [1, 2, 3].map((value) => HybridIdentity.fromSeed(new Uint8Array(32).fill(value)));
    const file = sealFile(others.map((one) => one.recipient), TEXT, random);
    for (const one of others) expect(openFile(file, [hybrid, one])).toEqual(TEXT);
    expect(reasonOf(() => openFile(file, [hybrid, classical]))).toBe("refused");
    expect(Header.parse(file).hasHybridStanzas(3)).toBe(true);
    expect(Header.parse(file).hasHybridStanzas(2)).toBe(false);
    expect(() => newFile([hybrid.recipient, classical.recipient] as never, random)).toThrow(RangeError);
    expect(() => newFile([], random)).toThrow(RangeError);
    expect(() => newFile(Array.from({ length: 33 }, () => classical.recipient), random)).toThrow(RangeError);
  });

  test("key texts have one spelling", () => {
    expect(HybridIdentity.parse(hybrid.toSecretText()).recipient.bytes).toEqual(hybrid.recipient.bytes);
    expect(HybridRecipient.parse(String(hybrid.recipient)).bytes).toEqual(hybrid.recipient.bytes);
    expect(reasonOf(() => HybridRecipient.parse(String(hybrid.recipient).toUpperCase()))).toBe("encoding");
    expect(reasonOf(() => X25519Identity.parse(classical.toSecretText().toLowerCase()))).toBe("encoding");
    expect(reasonOf(() => X25519Recipient.parse(String(hybrid.recipient)))).toBe("encoding");
    expect(JSON.stringify([hybrid, classical])).not.toMatch(/[0-9a-f]{16}/);
  });

  test("low order and other spellings of a point are refused", () => {
    const swap = (point: Uint8Array): Uint8Array => concat(hybrid.recipient.bytes.subarray(0, 1184), point);
    const one = new Uint8Array(32);
    one[0] = 1;
    const aboveFieldOrder = new Uint8Array(32).fill(0xff);
    aboveFieldOrder[31] = 0x7f;
    for (const [point, reason] of [
      [new Uint8Array(32), "low-order"],
      [one, "low-order"],
      [aboveFieldOrder, "not-canonical"],
    ] as const) {
      expect(reasonOf(() => HybridRecipient.fromBytes(swap(point)))).toBe(reason);
      expect(reasonOf(() => X25519Recipient.fromBytes(point))).toBe(reason);
    }
    const coefficients = hybrid.recipient.bytes.slice();
    coefficients.set([0x01, 0x0d]); // 3329
    expect(reasonOf(() => HybridRecipient.fromBytes(coefficients))).toBe("not-canonical");
  });
});

describe("payloads", () => {
  test("no byte may change, be missing or be added", () => {
    const { header, payload } = seal([hybrid.recipient], random(CHUNK_BYTES + 100), random);
    const fileKey = Header.parseWhole(header).unwrap([hybrid]);
    const refused = (bytes: Uint8Array): void => expect(() => openPayload(fileKey, bytes)).toThrow();
    for (const at of [0, 15, 16, 40_000, 16 + CHUNK_BYTES, payload.length - 1]) {
      const changed = payload.slice();
      changed[at] = (changed[at] as number) ^ 1;
      refused(changed);
    }
    for (const length of [0, 15, 16, 17, 16 + CHUNK_BYTES + 16, payload.length - 1]) refused(payload.subarray(0, length));
    refused(concat(payload, Uint8Array.of(0)));
    expect(openPayload(fileKey, payload).length).toBe(CHUNK_BYTES + 100);
  });

  test("lengths are known beforehand", () => {
    for (const length of LENGTHS) {
      const { payload } = seal([classical.recipient], new Uint8Array(length), random);
      expect(payload.length).toBe(payloadLength(length));
      expect(textLength(payload.length)).toBe(length);
    }
    for (const impossible of [0, 15, 31, 16 + CHUNK_BYTES + 16 + 1, 16 + CHUNK_BYTES + 32]) {
      expect(() => textLength(impossible)).toThrow();
    }
  });

  test("a disclosed file key opens its own header only", () => {
    const [a, b] = [seal([hybrid.recipient], TEXT, random), seal([hybrid.recipient], TEXT, random)];
    const fileKey = Header.parseWhole(a.header).unwrap([hybrid]);
    expect(openPayload(Header.parseWhole(a.header).acceptDisclosed(fileKey), a.payload)).toEqual(TEXT);
    expect(reasonOf(() => Header.parseWhole(b.header).acceptDisclosed(fileKey))).toBe("refused");
  });

  test("a payload is sealed once", () => {
    const { payload } = newFile([classical.recipient], random);
    payload.finish(() => {});
    expect(() => payload.push(TEXT, () => {})).toThrow();
  });
});
