// Ed25519 as strict as `verify_strict`: cases of the kind that Wycheproof and "Taming the many EdDSAs" collect.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { concat, toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { keyBytes, signature } from "../../src/core/ids.ts";
import { SigningKey, holdsInDomain } from "../../src/core/keys/signing-key.ts";
import { holds, isStrong } from "../../src/core/keys/verifying-key.ts";
import { hex } from "../vectors.ts";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const MESSAGE = utf8("content");
const key = SigningKey.fromSeed(new Uint8Array(32).fill(7));

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}

function number(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** A point of order 8 and its multiples: all points of small order. */
const TORSION = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
const SMALL = Array.from({ length: 8 }, (_, index) => {
  let point = Point.ZERO;
  for (let step = 0; step < index; step += 1) point = point.add(TORSION);
  return point;
});

const sign = (message: Uint8Array): Uint8Array => hex(key.signExact(message));
const check = (made: Uint8Array, publicKey = hex(key.verifyingKey)): boolean =>
  holds(keyBytes.of(publicKey), MESSAGE, signature.of(made));

describe("verification", () => {
  test("RFC 8032 section 7.1, test 2", () => {
    const signer = SigningKey.fromSeed(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    expect(signer.verifyingKey).toBe("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    expect(signer.signExact(hex("72"))).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
  });

  test("a good signature, no other message, no changed byte", () => {
    const made = sign(MESSAGE);
    expect(check(made)).toBe(true);
    expect(holds(key.verifyingKey, utf8("contents"), signature.of(made))).toBe(false);
    for (let index = 0; index < made.length; index += 1) {
      const changed = made.slice();
      changed[index] = (changed[index] as number) ^ 1;
      expect(check(changed)).toBe(false);
    }
  });

  test("the same answers by a key that was used often, and by many keys", () => {
    const made = sign(MESSAGE);
    const wrong = concat(made.subarray(0, 32), littleEndian(number(made.subarray(32)) ^ 1n));
    for (let round = 0; round < 40; round += 1) {
      expect(check(made)).toBe(true);
      expect(check(wrong)).toBe(false);
      const other = SigningKey.fromSeed(new Uint8Array(32).fill(round));
      expect(holds(other.verifyingKey, MESSAGE, other.signExact(MESSAGE))).toBe(true);
      expect(holds(other.verifyingKey, MESSAGE, signature.of(made))).toBe(round === 7);
    }
  });

  test("s raised by the group order", () => {
    const made = sign(MESSAGE);
    expect(check(concat(made.subarray(0, 32), littleEndian(number(made.subarray(32)) + ORDER)))).toBe(false);
  });

  test("keys and R of small order, though the equation holds", () => {
    for (const point of SMALL) {
      // With s = 0 and R = −kA the equation holds without any secret.
      for (const r of SMALL) {
        const forged = concat(r.toBytes(), new Uint8Array(32));
        expect(check(forged, point.toBytes())).toBe(false);
      }
      expect(check(concat(point.toBytes(), sign(MESSAGE).subarray(32)))).toBe(false);
    }
  });

  test("R with a torsion part: holds with cofactor only, which is not enough", () => {
    const secret = 12_345n;
    const nonce = 54_321n;
    const publicKey = Point.BASE.multiply(secret).toBytes();
    const r = Point.BASE.multiply(nonce).add(TORSION).toBytes();
    const k = number(sha512(concat(r, publicKey, MESSAGE))) % ORDER;
    const mixed = concat(r, littleEndian((nonce + k * secret) % ORDER));
    expect(ed25519.verify(mixed, MESSAGE, publicKey, { zip215: false })).toBe(true);
    expect(check(mixed, publicKey)).toBe(false);
  });

  test("non-canonical R and keys, and bytes that are no point", () => {
    const identityAgain = littleEndian(2n ** 255n - 19n + 1n); // y = p + 1
    expect(check(concat(identityAgain, new Uint8Array(32)), identityAgain)).toBe(false);
    const made = sign(MESSAGE);
    expect(check(concat(identityAgain, made.subarray(32)))).toBe(false);
    expect(check(concat(littleEndian(2n), made.subarray(32)))).toBe(false);
    expect(check(made, littleEndian(2n))).toBe(false);
  });
});

describe("keys to be registered", () => {
  test("small order, a torsion part, another spelling, no point", () => {
    expect(isStrong(key.verifyingKey)).toBe(true);
    for (const point of SMALL) expect(isStrong(keyBytes.of(point.toBytes()))).toBe(false);
    expect(isStrong(keyBytes.of(Point.BASE.add(TORSION).toBytes()))).toBe(false);
    for (let y = 0n; y < 19n; y += 1n) expect(isStrong(keyBytes.of(littleEndian(2n ** 255n - 19n + y)))).toBe(false);
    expect(isStrong(keyBytes.of(littleEndian(2n)))).toBe(false);
  });
});

describe("secret keys", () => {
  test("a signature holds for one domain only", () => {
    const made = key.sign("key-possession", MESSAGE);
    expect(holdsInDomain(key.verifyingKey, "key-possession", MESSAGE, made)).toBe(true);
    expect(holdsInDomain(key.verifyingKey, "http-request", MESSAGE, made)).toBe(false);
  });

  test("do not show", () => {
    expect(JSON.stringify({ key })).not.toContain("07".repeat(8));
    expect(Object.values(key).join()).not.toContain(toHex(key.seed()));
  });
});
