// The pinned certificates of time-stamping authorities (RFC 5280, RFC 3161 section 2.3).
//
// Invariant: each is for time-stamping and nothing else, by an extended key usage that is critical and alone. Absent:
// their own signatures, chains and revocation; pinning is the trust.

import { equal, fromBase64, fromUtf8 } from "../codec/bytes.ts";
import type { UnixMillis } from "../ids.ts";
import { type Element, type Elements, Malformed, Tag, algorithm, context, contextPrimitive, inside, readElement } from "./der.ts";
import { HASHES } from "./hash.ts";
import { type PublicKey, readPublicKey } from "./signature.ts";
import { certificateTime } from "./time.ts";

/** Longest file that is read, in bytes. */
export const MAX_CERTIFICATE_FILE = 256 * 1024;
/** Most certificates in it. */
const MAX_CERTIFICATES = 16;
/** Longest name that is shown, in characters. */
const MAX_NAME = 128;

const ID_EXT_KEY_USAGE = "2.5.29.37";
const ID_KEY_USAGE = "2.5.29.15";
const ID_TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
const ID_COMMON_NAME = "2.5.4.3";
const PEM = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g;

/** A pinned certificate. */
export interface TsaCertificate {
  readonly der: Uint8Array;
  readonly name: string;
  readonly notBefore: UnixMillis;
  readonly notAfter: UnixMillis;
  readonly key: PublicKey;
}

/**
 * Why a file is not the certificates of time-stamping authorities: no PEM with 1 to 16 of them, one that cannot be
 * read, one for something else, one with a key that is not accepted.
 */
export type CertificateFault = "file" | "malformed" | "usage" | "key";

export class CertificateError extends Error {
  override readonly name = "CertificateError";

  constructor(
    readonly fault: CertificateFault,
    /** Which certificate, from 1; 0 where it is the file. */
    readonly number = 0,
  ) {
    super(`certificate ${number}: ${fault}`);
  }
}

/** Reads certificates in PEM (RFC 7468). Throws `CertificateError`. */
export function readCertificates(file: Uint8Array): readonly TsaCertificate[] {
  const text = file.length > MAX_CERTIFICATE_FILE ? "" : new TextDecoder("latin1").decode(file);
  const found = [...text.matchAll(PEM)];
  const begun = text.split("-----BEGIN CERTIFICATE-----").length - 1;
  if (found.length === 0 || found.length > MAX_CERTIFICATES || begun !== found.length) throw new CertificateError("file");
  return found.map(([, base64 = ""], index) => {
    const der = fromBase64(base64.replace(/\s/g, ""));
    if (der === undefined) throw new CertificateError("file");
    return readCertificate(der, index + 1);
  });
}

function readCertificate(der: Uint8Array, number: number): TsaCertificate {
  try {
    const { key: info, usage, ...rest } = fields(der);
    if (!usage.timeStamping || usage.noSignatures) throw new CertificateError("usage", number);
    const key = readPublicKey(info);
    if (key === undefined) throw new CertificateError("key", number);
    return { der, key, ...rest };
  } catch (error) {
    if (error instanceof Malformed) throw new CertificateError("malformed", number);
    throw error;
  }
}

/** What the certificate's key is for. */
interface Usage {
  /** Extended key usage: time-stamping, critical and alone. */
  timeStamping: boolean;
  /** Key usage is there and allows no signature (RFC 5280 section 4.2.1.3). */
  noSignatures: boolean;
}

/** RFC 5280 section 4.1. */
function fields(der: Uint8Array): { name: string; notBefore: UnixMillis; notAfter: UnixMillis; key: Element; usage: Usage } {
  const certificate = inside(readElement(der, Tag.sequence, "Certificate"), "Certificate");
  const signed = certificate.sequence("TBSCertificate");
  algorithm(certificate);
  certificate.next(Tag.bitString);
  certificate.end();
  signed.optional(context(0)); // version
  signed.integer(); // serialNumber
  algorithm(signed);
  signed.next(Tag.sequence); // issuer
  const validity = signed.sequence("Validity");
  const time = (): UnixMillis => {
    const element = validity.any();
    if (element === undefined) throw new Malformed("Validity");
    return certificateTime(element);
  };
  const [notBefore, notAfter] = [time(), time()];
  validity.end();
  const name = commonName(signed.next(Tag.sequence));
  const key = signed.next(Tag.sequence);
  signed.optional(contextPrimitive(1)); // issuerUniqueID
  signed.optional(contextPrimitive(2)); // subjectUniqueID
  const extensions = signed.optional(context(3));
  signed.end();
  const usage: Usage = { timeStamping: false, noSignatures: false };
  if (extensions !== undefined) readUsage(usage, inside(readElement(extensions.content, Tag.sequence, "Extensions"), "Extensions"));
  return { name, notBefore, notAfter, key, usage };
}

function readUsage(usage: Usage, extensions: Elements): void {
  for (let extension = extensions.any(); extension !== undefined; extension = extensions.any()) {
    const elements = inside(extension, "Extension");
    const [oid, critical] = [elements.oid(), elements.flag()];
    const value = elements.next(Tag.octetString).content;
    elements.end();
    if (oid === ID_EXT_KEY_USAGE) {
      const purposes = inside(readElement(value, Tag.sequence, "ExtKeyUsageSyntax"), "ExtKeyUsageSyntax");
      const first = purposes.oid();
      usage.timeStamping = critical && first === ID_TIME_STAMPING && purposes.any() === undefined;
    } else if (oid === ID_KEY_USAGE) {
      const [, bits] = readElement(value, Tag.bitString, "KeyUsage").content;
      // digitalSignature and nonRepudiation are the first two bits.
      usage.noSignatures = bits === undefined || (bits & 0xc0) === 0;
    }
  }
}

/** The subject's common name, as it may be shown. */
function commonName(subject: Element): string {
  let found: Uint8Array | undefined;
  const parts = inside(subject, "Name");
  for (let part = parts.optional(Tag.set); part !== undefined; part = parts.optional(Tag.set)) {
    const attributes = inside(part, "RelativeDistinguishedName");
    for (let attribute = attributes.any(); attribute !== undefined; attribute = attributes.any()) {
      const elements = inside(attribute, "AttributeTypeAndValue");
      const isName = elements.oid() === ID_COMMON_NAME;
      const value = elements.any();
      if (isName && value !== undefined) found = value.content;
    }
  }
  parts.end();
  const name = found === undefined ? "?" : (fromUtf8(found) ?? new TextDecoder().decode(found));
  return [...name].filter((letter) => !/\p{Cc}/u.test(letter)).slice(0, MAX_NAME).join("");
}

/** The certificate of this hash. */
export function findCertificate(certificates: readonly TsaCertificate[], hash: keyof typeof HASHES, value: Uint8Array): TsaCertificate | undefined {
  return certificates.find(({ der }) => equal(HASHES[hash](der), value));
}
