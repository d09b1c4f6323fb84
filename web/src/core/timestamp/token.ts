// TimeStampToken: a CMS SignedData around a TSTInfo (RFC 3161 section 2.4.2, RFC 5652 section 5).
//
// Invariant: what is said of a token was signed, by the key of a pinned certificate that the signature itself names
// (RFC 5816, RFC 5035). What no signature covers is skipped: the signer's identifier, certificates, revocation lists and
// unsigned attributes. Specification: docs/format/log.md, "Time-stamps".

import { equal, utf8 } from "../codec/bytes.ts";
import type { StampedAt, TokenFault, TokenReader } from "../evidence/timestamps.ts";
import { MAX_TOKEN } from "../evidence/log-record.ts";
import { type TsaCertificate, findCertificate } from "./certificate.ts";
import { type Element, type Elements, Malformed, Tag, algorithm, context, contextPrimitive, inside, readElement } from "./der.ts";
import { HASHES, type HashName, ID_SHA256, hashNamed } from "./hash.ts";
import { type SignatureAlgorithm, hasSigned, signatureAlgorithm } from "./signature.ts";
import { readTstInfo } from "./tst-info.ts";

const ID_SIGNED_DATA = "1.2.840.113549.1.7.2";
const ID_TST_INFO = "1.2.840.113549.1.9.16.1.4";
const ID_CONTENT_TYPE = "1.2.840.113549.1.9.3";
const ID_MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const ID_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
const ID_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
/** The tag of a SET OF. */
const SET_OF = 0x31;

/** Ends reading with what is wrong. */
class Fault extends Error {
  override readonly name = "Fault";

  constructor(readonly fault: TokenFault) {
    super(fault);
  }
}

/** The tokens under these certificates; tokens under others are nothing wrong. Needs no network and no clock. */
export function tokenReader(certificates: readonly TsaCertificate[]): TokenReader {
  return (text, token) => {
    try {
      return readToken(text, token, certificates);
    } catch (error) {
      if (error instanceof Fault) return { fault: error.fault };
      if (error instanceof Malformed) return { fault: "form" };
      throw error;
    }
  };
}

function readToken(text: string, token: Uint8Array, certificates: readonly TsaCertificate[]): StampedAt | undefined {
  const signed = readSignedData(token);
  const certificate = signingCertificate(signed, certificates);
  if (certificate === undefined) return undefined;
  const info = readTstInfo(signed.content);
  if (info.hash !== "sha256" || !equal(info.imprint, HASHES.sha256(utf8(text)))) throw new Fault("of-other");
  if (info.hasCriticalExtension) throw new Fault("form");
  if (info.at < certificate.notBefore || certificate.notAfter < info.at) throw new Fault("validity");
  return { authority: certificate.name, at: info.at, accuracyMicros: info.accuracyMicros, serial: info.serial };
}

/** What is used of SignedData and its one SignerInfo. */
interface SignedData {
  readonly content: Uint8Array;
  readonly digest: HashName;
  readonly attributes: Element;
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

function readSignedData(token: Uint8Array): SignedData {
  const name = "SignedData";
  if (token.length > MAX_TOKEN) throw new Malformed(name);
  const info = inside(readElement(token, Tag.sequence, "ContentInfo"), "ContentInfo");
  if (info.oid() !== ID_SIGNED_DATA) throw new Malformed("ContentInfo");
  const signed = inside(readElement(info.next(context(0)).content, Tag.sequence, name), name);
  info.end();
  signed.small(); // version
  signed.next(Tag.set); // digestAlgorithms: the signer names its own
  const content = signed.sequence("EncapsulatedContentInfo");
  if (content.oid() !== ID_TST_INFO) throw new Malformed("EncapsulatedContentInfo");
  const octets = readElement(content.next(context(0)).content, Tag.octetString, "EncapsulatedContentInfo");
  content.end();
  signed.optional(context(0)); // certificates
  signed.optional(context(1)); // crls
  const signers = inside(signed.next(Tag.set), "SignerInfos");
  signed.end();
  // RFC 3161 section 2.4.2: no signature but the authority's.
  const signer = signers.sequence("SignerInfo");
  signers.end();
  return ofSigner(signer, octets.content);
}

function ofSigner(signer: Elements, content: Uint8Array): SignedData {
  signer.small(); // version
  if (signer.optional(contextPrimitive(0)) === undefined) signer.next(Tag.sequence); // issuerAndSerialNumber
  const digest = hashNamed(algorithm(signer));
  if (digest === undefined) throw new Fault("algorithm");
  const attributes = signer.next(context(0));
  const named = algorithm(signer);
  const signature = signer.next(Tag.octetString).content;
  signer.optional(context(1)); // unsignedAttrs
  signer.end();
  const accepted = signatureAlgorithm(named, digest);
  if (accepted === undefined) throw new Fault("algorithm");
  return { content, digest, attributes, algorithm: accepted, signature };
}

/** The pinned certificate whose key signed the content; none where it is under another one. */
function signingCertificate(signed: SignedData, pinned: readonly TsaCertificate[]): TsaCertificate | undefined {
  const { contentType, messageDigest, certificateIds } = readAttributes(signed.attributes);
  const ofContent = contentType === ID_TST_INFO && messageDigest !== undefined && equal(messageDigest, HASHES[signed.digest](signed.content));
  // RFC 5816 section 2.2: either attribute may be there; where both are, both must agree.
  const [first, ...others] = certificateIds;
  if (!ofContent || first === undefined) throw new Fault("signature");
  const certificate = findCertificate(pinned, first.hash, first.value);
  if (certificate === undefined) return undefined;
  if (others.some(({ hash, value }) => findCertificate([certificate], hash, value) === undefined)) return undefined;
  // RFC 5652 section 5.4: signed is the SET OF, not the implicit tag in its place.
  const message = signed.attributes.whole.slice();
  message[0] = SET_OF;
  if (!hasSigned(certificate.key, signed.algorithm, message, signed.signature)) throw new Fault("signature");
  return certificate;
}

interface CertificateId {
  readonly hash: keyof typeof HASHES;
  readonly value: Uint8Array;
}

/** The signed attributes that are used; each may occur once and has one value (RFC 5652 section 11). */
interface Attributes {
  readonly contentType: string | undefined;
  readonly messageDigest: Uint8Array | undefined;
  /** By ESSCertID, then by ESSCertIDv2. */
  readonly certificateIds: readonly CertificateId[];
}

function readAttributes(attributes: Element): Attributes {
  const name = "SignedAttributes";
  const list = inside(attributes, name);
  const seen = new Set<string>();
  let contentType: string | undefined;
  let messageDigest: Uint8Array | undefined;
  let byHash: CertificateId | undefined;
  let byHashV2: CertificateId | undefined;
  for (let attribute = list.any(); attribute !== undefined; attribute = list.any()) {
    const elements = inside(attribute, name);
    const oid = elements.oid();
    const values = inside(elements.next(Tag.set), name);
    elements.end();
    if (oid === ID_CONTENT_TYPE) contentType = values.oid();
    else if (oid === ID_MESSAGE_DIGEST) messageDigest = values.next(Tag.octetString).content;
    else if (oid === ID_SIGNING_CERTIFICATE) byHash = { ...certificateId(values.sequence("SigningCertificate")), hash: "sha1" };
    else if (oid === ID_SIGNING_CERTIFICATE_V2) byHashV2 = certificateId(values.sequence("SigningCertificateV2"));
    else continue;
    if (seen.has(oid)) throw new Fault("signature");
    seen.add(oid);
    values.end();
  }
  return { contentType, messageDigest, certificateIds: [byHash, byHashV2].filter((id) => id !== undefined) };
}

/**
 * The first ESSCertID or ESSCertIDv2, which is the signer's (RFC 5035 section 4): its hash algorithm, SHA-256 where
 * none is named, and the certificate's hash.
 */
function certificateId(signing: Elements): CertificateId {
  const id = signing.sequence("ESSCertID").sequence("ESSCertID");
  const named = id.optional(Tag.sequence);
  let hash = hashNamed({ oid: ID_SHA256, parameters: undefined });
  if (named !== undefined) {
    const elements = inside(named, "ESSCertID");
    hash = hashNamed({ oid: elements.oid(), parameters: elements.any() });
  }
  if (hash === undefined) throw new Fault("algorithm");
  return { hash, value: id.next(Tag.octetString).content };
}
