// Signatures on tokens: RSA PKCS #1 v1.5 and PSS, ECDSA on P-256 and P-384, with SHA-256, SHA-384 or SHA-512 (RFC 5754
// section 3, RFC 4056, RFC 8017). Everything else is refused, SHA-1 too.

import { p256, p384 } from "@noble/curves/nist.js";
import { type Algorithm, type Element, Malformed, Tag, algorithm, context, inside } from "./der.ts";
import { HASHES, type HashName, hashNamed } from "./hash.ts";
import { rsaHasSigned } from "./rsa.ts";

const RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
const RSASSA_PSS = "1.2.840.113549.1.1.10";
const MGF1 = "1.2.840.113549.1.1.8";
const EC_PUBLIC_KEY = "1.2.840.10045.2.1";
/** Contents of the curves' identifiers: 1.2.840.10045.3.1.7 and 1.3.132.0.34. */
const P256 = "42,134,72,206,61,3,1,7";
const P384 = "43,129,4,0,34";

type Scheme = "pkcs1" | "pss" | "ecdsa";

/** A signature algorithm that is accepted. */
export interface SignatureAlgorithm {
  readonly scheme: Scheme;
  readonly hash: HashName;
}

const NAMED: Readonly<Record<string, SignatureAlgorithm>> = {
  "1.2.840.113549.1.1.11": { scheme: "pkcs1", hash: "sha256" },
  "1.2.840.113549.1.1.12": { scheme: "pkcs1", hash: "sha384" },
  "1.2.840.113549.1.1.13": { scheme: "pkcs1", hash: "sha512" },
  "1.2.840.10045.4.3.2": { scheme: "ecdsa", hash: "sha256" },
  "1.2.840.10045.4.3.3": { scheme: "ecdsa", hash: "sha384" },
  "1.2.840.10045.4.3.4": { scheme: "ecdsa", hash: "sha512" },
};

/** A certificate's key; `rsa-pss` signs with PSS only (RFC 4055 section 1.2). */
export interface PublicKey {
  readonly kind: "rsa" | "rsa-pss" | "p256" | "p384";
  /** RSAPublicKey or the curve's point. */
  readonly bytes: Uint8Array;
}

/** Reads a SubjectPublicKeyInfo; none where the key is of a kind that is not accepted. */
export function readPublicKey(info: Element): PublicKey | undefined {
  const elements = inside(info, "SubjectPublicKeyInfo");
  const { oid, parameters } = algorithm(elements);
  const [unused, ...bytes] = elements.next(Tag.bitString).content;
  elements.end();
  if (unused !== 0) throw new Malformed("SubjectPublicKeyInfo");
  const kind = keyKind(oid, parameters);
  return kind === undefined ? undefined : { kind, bytes: Uint8Array.from(bytes) };
}

function keyKind(oid: string, parameters: Element | undefined): PublicKey["kind"] | undefined {
  if (oid === RSA_ENCRYPTION) return "rsa";
  if (oid === RSASSA_PSS) return "rsa-pss";
  if (oid !== EC_PUBLIC_KEY) return undefined;
  const curve = parameters?.content.join(",");
  if (curve === P256) return "p256";
  return curve === P384 ? "p384" : undefined;
}

/** Whether this key signed the message. */
export function hasSigned({ kind, bytes }: PublicKey, { scheme, hash }: SignatureAlgorithm, message: Uint8Array, signature: Uint8Array): boolean {
  if (kind === "rsa" || kind === "rsa-pss") {
    const fits = scheme === "pss" || (scheme === "pkcs1" && kind === "rsa");
    return fits && rsaHasSigned(bytes, scheme, hash, message, signature);
  }
  if (scheme !== "ecdsa") return false;
  const curve = kind === "p256" ? p256 : p384;
  const uncompressed = bytes[0] === 4 && bytes.length === curve.lengths.publicKeyUncompressed;
  if (!uncompressed) return false;
  try {
    return curve.verify(signature, HASHES[hash](message), bytes, { prehash: false, lowS: false, format: "der" });
  } catch {
    return false; // no point of the curve, or no signature in DER
  }
}

/**
 * The algorithm that an AlgorithmIdentifier names beside this digest algorithm; none where it is not accepted, or says
 * another hash than the digest algorithm.
 */
export function signatureAlgorithm({ oid, parameters }: Algorithm, digest: HashName): SignatureAlgorithm | undefined {
  const named = oid === RSA_ENCRYPTION
    ? { scheme: "pkcs1" as const, hash: digest } // RFC 3370 section 3.2
    : oid === RSASSA_PSS
      ? pss(parameters)
      : NAMED[oid];
  const fits = named?.scheme === "pss" || parameters === undefined || parameters.tag === Tag.null;
  return named?.hash === digest && fits ? named : undefined;
}

/**
 * RSASSA-PSS-params; none unless the hash is also MGF1's, and the salt is as long (RFC 4056 section 2.2). What is absent
 * there means SHA-1, so nothing may be.
 */
function pss(parameters: Element | undefined): SignatureAlgorithm | undefined {
  const name = "RSASSA-PSS-params";
  if (parameters === undefined) return undefined;
  try {
    const elements = inside(parameters, name);
    const hash = hashNamed(algorithm(inside(elements.next(context(0)), name)));
    const { oid: mgf, parameters: inner } = algorithm(inside(elements.next(context(1)), name));
    if (inner === undefined) return undefined;
    const of = inside(inner, name);
    const mgfHash = hashNamed({ oid: of.oid(), parameters: of.any() });
    const salt = inside(elements.next(context(2)), name).small();
    const trailer = elements.optional(context(3));
    const trailerField = trailer === undefined ? 1 : inside(trailer, name).small();
    elements.end();
    const same = hash !== undefined && mgf === MGF1 && mgfHash === hash && trailerField === 1 && salt === HASHES[hash].outputLen;
    return same ? { scheme: "pss", hash } : undefined;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}
