// Every statement of the shared vectors: good ones give the same bytes both ways, bad ones fail with the same cause.
import { describe, expect, test } from "vitest";
import { toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { encode } from "../../src/core/codec/type.ts";
import { SigningKey } from "../../src/core/keys/signing-key.ts";
import { ALL_KINDS, type Kind, externalAad, mediaType, payloadType } from "../../src/core/statement/kind.ts";
import { kindOf, leafOf, sign, verify } from "../../src/core/statement/signed.ts";
import { hex, reasonOf, vectors } from "../vectors.ts";

interface Good {
  kind: Kind;
  statement: string;
  payload: string;
  hash: string;
  leaf: string;
  media_type: string;
  external_aad: string;
  signer_seed: string;
}
const { good, bad } = vectors<{ good: Good[]; bad: { kind: Kind; name: string; failure: string; statement: string }[] }>(
  "statements",
);

describe("good statements", () => {
  test("there is one of every kind", () => {
    expect(new Set(good.map(({ kind }) => kind))).toEqual(new Set(ALL_KINDS));
  });

  test.each(good.map((vector, index) => [`${index} ${vector.kind}`, vector] as const))("%s", (_, vector) => {
    const signed = verify(vector.kind, hex(vector.statement));
    expect(kindOf(signed.bytes)).toBe(vector.kind);
    expect(signed.hash).toBe(vector.hash);
    expect(leafOf(signed)).toBe(vector.leaf);
    expect(mediaType(vector.kind)).toBe(vector.media_type);
    expect(toHex(utf8(externalAad(vector.kind)))).toBe(vector.external_aad);
    expect(toHex(encode(payloadType(vector.kind), signed.payload))).toBe(vector.payload);
    const again = sign(vector.kind, signed.payload, SigningKey.fromSeed(hex(vector.signer_seed)));
    expect(toHex(again.bytes)).toBe(vector.statement);
    expect(again.signer).toBe(signed.signer);
  });
});

describe("bad statements", () => {
  test.each(bad)("$kind: $name ($failure)", ({ kind, failure, statement }) => {
    expect(reasonOf(() => verify(kind, hex(statement)))).toBe(failure);
  });

  test("no bit of a statement can change", () => {
    const consent = good.find(({ kind }) => kind === "consent") as Good;
    const bytes = hex(consent.statement);
    for (let index = 0; index < bytes.length; index += 3) {
      const changed = bytes.slice();
      changed[index] = (changed[index] as number) ^ (1 << (index % 8));
      expect(reasonOf(() => verify("consent", changed)), `byte ${index}`).not.toBe("accepted");
    }
  });
});
