// The hashes that tokens use (RFC 5754 section 2). SHA-1 only where RFC 3161 fixed it: to name a certificate, which the
// verifier holds, so a collision helps nobody.

import { sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { type Algorithm, Tag } from "./der.ts";

export type HashName = "sha256" | "sha384" | "sha512";

export const ID_SHA256 = "2.16.840.1.101.3.4.2.1";
const NAMED: Readonly<Record<string, HashName>> = {
  [ID_SHA256]: "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

export const HASHES = { sha1, sha256, sha384, sha512 } as const;

/** The hash of an AlgorithmIdentifier, with no parameters or NULL; none where it is weak or unknown. */
export function hashNamed({ oid, parameters }: Algorithm): HashName | undefined {
  if (parameters !== undefined && parameters.tag !== Tag.null) return undefined;
  return NAMED[oid];
}
