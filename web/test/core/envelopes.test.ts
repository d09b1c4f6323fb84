// Manifests and codes on paper of the shared vectors; content bound to its header.
import { describe, expect, test } from "vitest";
import { toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { decode } from "../../src/core/codec/canonical.ts";
import { encode } from "../../src/core/codec/type.ts";
import { ActivationCode, RecoverySecret } from "../../src/core/enrolment/secret.ts";
import { parseInvitation, writeInvitation } from "../../src/core/enrolment/invitation.ts";
import { commitTo, person } from "../../src/core/enrolment/person.ts";
import { checkAttachment, openManifest } from "../../src/core/envelope/content.ts";
import { decodeManifest, encodeManifest, manifest } from "../../src/core/envelope/manifest.ts";
import {
  type Blind,
  type ClaimMac,
  type ContentHash,
  type EnvelopeId,
  type StatementHash,
  contentHash,
  contentHasher,
  manifestHash,
} from "../../src/core/ids.ts";
import { recoveryHash } from "../../src/core/keys/verifying-key.ts";
import { verify } from "../../src/core/statement/signed.ts";
import { hex, reasonOf, vectors } from "../vectors.ts";

const manifests = vectors<{
  attachment: { blind: Blind; content_hash: ContentHash; plaintext: string };
  good: { name: string; manifest: string; hash: string; length: number }[];
  bad: { name: string; manifest: string; failure: string }[];
  foreign: { name: string; failure: string }[];
  header: string;
}>("manifest");

const full = manifests.good.find(({ name }) => name === "full") as (typeof manifests.good)[number];
const header = verify("envelope-header", hex(manifests.header)).payload;

describe("manifests", () => {
  test.each(manifests.good)("$name", (vector) => {
    const read = decodeManifest(hex(vector.manifest));
    expect(toHex(encode(manifest, read))).toBe(vector.manifest);
    const { bytes, hash } = encodeManifest(read);
    expect(hash).toBe(vector.hash);
    expect(bytes.length).toBe(vector.length);
  });

  test.each(manifests.bad)("refused: $name", ({ manifest: encoded, failure }) => {
    expect(reasonOf(() => decodeManifest(hex(encoded)))).toBe(failure);
  });

  test("every size is padded to a step, or one below it", () => {
    const read = decodeManifest(hex(full.manifest));
    for (let length = 0; length < 1100; length += 1) {
      const { bytes } = encodeManifest({ ...read, text: "x".repeat(length) });
      expect([0, 511]).toContain(bytes.length % 512);
    }
  });

  test("texts that would be written as others are refused", () => {
    const read = decodeManifest(hex(full.manifest));
    for (const wrong of [{ subject: "\ud800" }, { text: "\udfff" }, { subject: "a\u0085b" }, { subject: "é".repeat(251) }]) {
      expect(reasonOf(() => encodeManifest({ ...read, ...wrong }))).toBe("rule/text");
    }
  });

  test("an attachment's hash is blinded", () => {
    const { blind, content_hash: hash, plaintext } = manifests.attachment;
    const found = contentHash.of(contentHasher(blind).update(hex(plaintext)).finish());
    expect(found).toBe(hash);
    const read = decodeManifest(hex(full.manifest));
    const index = read.attachments.findIndex(({ content }) => content === hash);
    expect(() => checkAttachment(read, index, found, hex(plaintext).length)).not.toThrow();
    expect(reasonOf(() => checkAttachment(read, index, found, 1))).toBe("attachment");
    expect(reasonOf(() => checkAttachment(read, 99, found, 1))).toBe("attachment");
  });

  test("content belongs to one header", () => {
    const plaintext = hex(full.manifest);
    expect(openManifest(header, plaintext).subject).toBe(decodeManifest(plaintext).subject);
    const foreign: Record<string, typeof header> = {
      "header names another manifest": { ...header, manifest: manifestHash.of(new Uint8Array(32)) },
      "header of another envelope": { ...header, envelopeId: "00".repeat(16) as EnvelopeId },
      "header of another sender": { ...header, sender: header.recipient },
      "header to another recipient": { ...header, recipient: header.sender },
      "fewer attachments than parts": { ...header, parts: [...header.parts, ...header.parts.slice(0, 1)] },
    };
    for (const { name, failure } of manifests.foreign) {
      const other = foreign[name];
      if (other === undefined) throw new Error(`no case for ${name}`);
      expect(`content-${reasonOf(() => openManifest(other, plaintext))}`, name).toBe(failure);
    }
  });
});

const codes = vectors<{
  activation_code: {
    text: string;
    code_id: string;
    key_statement: StatementHash;
    origin: string;
    claim_mac: ClaimMac;
    read_alike: string[];
  };
  bad_claims: { name: string; code?: string; key_statement?: StatementHash; origin?: string }[];
  bad_codes: { name: string; text: string; failure: string }[];
  invitation: { url: string; service: string; issuer: string; root: string };
  bad_invitations: { name: string; url: string; failure: string }[];
  person: { encoded: string; commitment: string };
  recovery_secret: { text: string; recovery_key_seed: string; recovery_key: string; recovery_key_hash: string };
}>("codes");

describe("codes on paper", () => {
  const vector = codes.activation_code;

  test("activation code", () => {
    const code = ActivationCode.parse(vector.text);
    expect(code.toPaper()).toBe(vector.text);
    expect(code.id).toBe(vector.code_id);
    expect(code.claimMac(vector.key_statement, vector.origin)).toBe(vector.claim_mac);
    expect(code.verifiesClaim(vector.key_statement, vector.origin, vector.claim_mac)).toBe(true);
    for (const text of vector.read_alike) expect(ActivationCode.parse(text).toPaper()).toBe(vector.text);
    expect(JSON.stringify(code)).not.toContain(vector.code_id);
  });

  test.each(codes.bad_codes)("refused: $name", ({ text, failure }) => {
    expect(reasonOf(() => ActivationCode.parse(text))).toBe(failure);
  });

  test.each(codes.bad_claims)("no proof for $name", ({ code, key_statement: statement, origin }) => {
    const used = ActivationCode.parse(code ?? vector.text);
    expect(used.verifiesClaim(statement ?? vector.key_statement, origin ?? vector.origin, vector.claim_mac)).toBe(false);
  });

  test("recovery secret", () => {
    const secret = RecoverySecret.parse(codes.recovery_secret.text);
    expect(secret.toPaper()).toBe(codes.recovery_secret.text);
    const key = secret.recoveryKey();
    expect(toHex(key.seed())).toBe(codes.recovery_secret.recovery_key_seed);
    expect(key.verifyingKey).toBe(codes.recovery_secret.recovery_key);
    expect(recoveryHash(key.verifyingKey)).toBe(codes.recovery_secret.recovery_key_hash);
  });

  test("invitation", () => {
    const invitation = parseInvitation(codes.invitation.url);
    expect(writeInvitation(invitation)).toBe(codes.invitation.url);
    expect(invitation).toMatchObject({
      service: codes.invitation.service,
      issuer: codes.invitation.issuer,
      root: codes.invitation.root,
    });
  });

  test.each(codes.bad_invitations)("refused: $name", ({ url, failure }) => {
    expect(reasonOf(() => parseInvitation(url))).toBe(failure);
  });

  test("person", () => {
    const record = decode(person, hex(codes.person.encoded), 4096);
    expect(commitTo(record)).toBe(codes.person.commitment);
    expect(commitTo({ ...record, name: `${record.name} ` })).not.toBe(codes.person.commitment);
    expect(utf8(record.birthDate).length).toBe(10);
  });
});
