// Time-stamp tokens: the shared vectors, then tokens that `openssl` makes with every key and hash that is accepted.
import { afterAll, describe, expect, test } from "vitest";
import { utf8 } from "../../../src/core/codec/bytes.ts";
import { decodeEvidence } from "../../../src/core/evidence/file.ts";
import { type Policy, verifyEvidence } from "../../../src/core/evidence/verify.ts";
import { latest } from "../../../src/core/evidence/timestamps.ts";
import { keyBytes } from "../../../src/core/ids.ts";
import { type CertificateError, readCertificates } from "../../../src/core/timestamp/certificate.ts";
import { tokenReader } from "../../../src/core/timestamp/token.ts";
import { parsePolicy } from "../../../src/core/tlog/policy-text.ts";
import { hex, vectors } from "../../vectors.ts";
import { Lab, TIME_STAMPING } from "./lab.ts";

interface Found {
  readonly outcome: string;
  readonly reason: string | null;
  readonly verdict: string;
}

interface Vectors {
  readonly certificate: string;
  readonly text: string;
  readonly size: number;
  readonly good: {
    readonly file: string;
    readonly token: string;
    readonly found: Found;
    readonly stamped: readonly { authority: string; at: number; accuracy_micros: number; before: number; serial: string; entries: number }[];
  };
  readonly bad: readonly { name: string; token: string; found: Found }[];
}

const vector = vectors<Vectors>("timestamps");
const published = vectors<{ origin: string; root: string; witnesses: string }>("evidence");

async function policy(): Promise<Policy> {
  const witnesses = parsePolicy(utf8(published.witnesses));
  await witnesses.load();
  return { origin: published.origin, root: keyBytes.parse(published.root) ?? expect.fail("a root key"), witnesses };
}

test("the file with a token verifies, and says when it was stamped by whom", async () => {
  const read = tokenReader(readCertificates(utf8(vector.certificate)));
  const report = verifyEvidence(decodeEvidence(hex(vector.good.file)), { ...(await policy()), tokens: read });
  expect(report.verdict).toBe(vector.good.found.verdict);
  const stamped = report.timestamps.map(({ entries, stamped: it }) => ({
    accuracy_micros: it.accuracyMicros, at: it.at, authority: it.authority, before: latest(it), entries, serial: it.serial,
  }));
  expect(stamped).toEqual(vector.good.stamped);
});

test.each(vector.bad)("$name", async ({ token, found }) => {
  const read = tokenReader(readCertificates(utf8(vector.certificate)));
  const file = decodeEvidence(hex(vector.good.file));
  const log = file.log ?? expect.fail("a log record");
  const stamped = { ...file, log: { ...log, timestamps: [{ size: vector.size, token: hex(token) }] } };
  const report = verifyEvidence(stamped, { ...(await policy()), tokens: read });
  const outcome = report.checks.find(({ name }) => name === "time-stamped")?.outcome ?? expect.fail("the check");
  const reason = outcome.kind === "failed" ? outcome.cause.name : outcome.kind === "not-proven" ? outcome.gap.name : null;
  expect({ outcome: outcome.kind, reason, verdict: report.verdict }).toEqual(found);
});

describe("tokens that openssl makes", () => {
  const labs: Lab[] = [];
  const lab = (key: string, extensions?: string): Lab => {
    const made = new Lab(key, extensions);
    labs.push(made);
    return made;
  };
  afterAll(() => labs.forEach((made) => made.remove()));
  const TEXT = "postfach.example/1\n20\nLu8F4QJQ21dZCflfBr2vseSOCRm01BHlxtq7wFNuQmI=\n";
  const P256 = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";
  const P384 = "-algorithm EC -pkeyopt ec_paramgen_curve:P-384";
  const rsa = (bits: number): string => `-algorithm RSA -pkeyopt rsa_keygen_bits:${bits}`;
  const read = (from: Lab, token: Uint8Array, text = TEXT): unknown => tokenReader(readCertificates(from.read("tsa.pem")))(text, token);

  test.each([["P-256", P256], ["P-384", P384], ["RSA of 2048 bits", rsa(2048)], ["RSA of 3072 bits", rsa(3072)]])("%s, with every hash", (_, key) => {
    const tsa = lab(key);
    for (const signer of ["sha256", "sha384", "sha512"]) {
      for (const certificate of ["sha1", "sha256", "sha512"]) {
        const token = tsa.stamp(TEXT, { signer, certificate });
        expect(read(tsa, token), `${signer} ${certificate}`).toMatchObject({ authority: "Zeitstempel Prüfstelle", accuracyMicros: 1_500_100, serial: "1001" });
        expect(read(tsa, token, `${TEXT}x`)).toEqual({ fault: "of-other" });
      }
    }
    const token = tsa.stamp(TEXT);
    const middle = token.slice();
    middle[middle.length - 20] = (middle.at(-20) as number) ^ 1;
    expect(read(tsa, middle)).toEqual({ fault: "signature" });
  });

  test("RSA-PSS with a salt as long as the hash, and with no other", () => {
    const tsa = lab(rsa(2048));
    const token = tsa.stamp(TEXT);
    const pss = "-cades -keyopt rsa_padding_mode:pss -md sha384 -keyopt rsa_pss_saltlen:";
    expect(read(tsa, tsa.signAgain(token, `${pss}48`))).toMatchObject({ authority: "Zeitstempel Prüfstelle" });
    expect(read(tsa, tsa.signAgain(token, `${pss}20`))).toEqual({ fault: "algorithm" });
    const changed = tsa.signAgain(token, `${pss}48`);
    changed[changed.length - 30] = (changed.at(-30) as number) ^ 1;
    expect(read(tsa, changed)).toEqual({ fault: "signature" });
  });

  test("a signature over SHA-1, an imprint of another hash, no signing certificate", () => {
    const tsa = lab(P256);
    const token = tsa.stamp(TEXT);
    expect(read(tsa, tsa.signAgain(token, "-cades -md sha1"))).toEqual({ fault: "algorithm" });
    expect(read(tsa, tsa.stamp(TEXT, { imprint: "sha512" }))).toEqual({ fault: "of-other" });
    expect(read(tsa, tsa.signAgain(token, "-md sha256"))).toEqual({ fault: "signature" });
    expect(read(tsa, token.subarray(1))).toEqual({ fault: "form" });
  });

  test("another authority's token is nothing wrong", () => {
    expect(read(lab(P256), lab(P384).stamp(TEXT))).toBeUndefined();
  });

  test("certificates for something else, weak keys, files that are none", () => {
    const faultOf = (file: Uint8Array): unknown => {
      try {
        readCertificates(file);
      } catch (error) {
        return (error as CertificateError).fault;
      }
      return undefined;
    };
    const made = (key: string, extensions: string): unknown => faultOf(lab(key, extensions).read("tsa.pem"));
    expect(made(P256, TIME_STAMPING)).toBeUndefined();
    expect(made(P256, "keyUsage = critical, digitalSignature\n")).toBe("usage");
    expect(made(P256, "extendedKeyUsage = timeStamping\n")).toBe("usage"); // not critical
    expect(made(P256, "extendedKeyUsage = critical, timeStamping, serverAuth\n")).toBe("usage");
    expect(made(P256, "keyUsage = critical, keyEncipherment\nextendedKeyUsage = critical, timeStamping\n")).toBe("usage");
    expect(made("-algorithm ED25519", TIME_STAMPING)).toBe("key");
    expect(faultOf(utf8("nothing"))).toBe("file");
    expect(faultOf(utf8(`${vector.certificate}\n-----BEGIN CERTIFICATE-----\nAAAA\n`))).toBe("file");
    expect(faultOf(utf8(vector.certificate.repeat(17)))).toBe("file");
    expect(faultOf(utf8("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))).toBe("malformed");
    expect(readCertificates(utf8(vector.certificate.repeat(2)))).toHaveLength(2);
  });
});
