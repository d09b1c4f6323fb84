// Vaults of the shared vectors: derivation, contents, sealed bytes.
import { describe, expect, test } from "vitest";
import { HybridIdentity } from "../../src/core/age/hybrid.ts";
import { toHex } from "../../src/core/codec/bytes.ts";
import { JoiningCode, RecoverySecret } from "../../src/core/enrolment/secret.ts";
import { decodeContent, encodeContent } from "../../src/core/vaults/content.ts";
import { type VaultSecret, openVault, sealVault, vaultKeys } from "../../src/core/vaults/keys.ts";
import { hex, reasonOf, vectors } from "../vectors.ts";

interface Derived {
  readonly kind: VaultSecret["kind"];
  readonly secret: string;
  readonly age_seed: string;
  readonly key_seed: string;
  readonly key: string;
  readonly id: string;
}

const given = vectors<{
  derived: Derived[];
  good: { name: string; content: string }[];
  bad: { name: string; content: string; failure: string }[];
  sealed: { kind: VaultSecret["kind"]; sealed: string; content: string };
}>("vaults");

function secretOf({ kind, secret }: Derived): VaultSecret {
  if (kind === "sheet") return { kind, secret: RecoverySecret.parse(secret) };
  if (kind === "desk") return { kind, secret: HybridIdentity.fromSeed(hex(secret)) };
  if (kind === "joining") return { kind, secret: JoiningCode.of(hex(secret)) };
  return { kind, secret: hex(secret) };
}

describe("vaults", () => {
  test.each(given.derived)("keys of a $kind", (vector) => {
    const keys = vaultKeys(secretOf(vector));
    expect(toHex(keys.identity.seed())).toBe(vector.age_seed);
    expect(toHex(keys.key.seed())).toBe(vector.key_seed);
    expect(keys.key.verifyingKey).toBe(vector.key);
    expect(keys.id).toBe(vector.id);
  });

  test.each(given.good)("$name content", ({ content }) => {
    expect(toHex(encodeContent(decodeContent(hex(content))))).toBe(content);
  });

  test.each(given.bad)("$name", ({ content, failure }) => {
    expect(reasonOf(() => decodeContent(hex(content)))).toBe(failure);
  });

  test("sealed bytes open to their vault alone", () => {
    const { kind, sealed, content } = given.sealed;
    const of = (wanted: string): ReturnType<typeof vaultKeys> =>
      vaultKeys(secretOf(given.derived.find((vector) => vector.kind === wanted) as Derived));
    expect(toHex(openVault(of(kind), hex(sealed)))).toBe(content);
    expect(() => openVault(of("sheet"), hex(sealed))).toThrow();
    const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
    const again = sealVault(of("sheet").identity.recipient, hex(content), random);
    expect(toHex(openVault(of("sheet"), again))).toBe(content);
  });
});
