// HTTP message signatures (RFC 9421) in the one profile that reads and uploads use.
//
// Covered: `@method`, `@authority`, `@path`, `@query`, on uploads `upload-offset` and `content-digest`, on writes of
// vaults their precondition and `content-digest`, exactly these in this order. Specification: docs/format/http.md, "Signature".

import { sha256 } from "@noble/hashes/sha2.js";
import { toBase64, utf8 } from "../core/codec/bytes.ts";
import { type Address, idBytes } from "../core/ids.ts";
import type { SigningKey } from "../core/keys/signing-key.ts";

/** How long a signature lives, in seconds. */
const LIFETIME = 120;
const TAG = "postfach/1";
const LABEL = "sig";

/** In whose name a request is signed. */
export interface Signer {
  /** The party, or "vault" where the key of the vault in the path signs. */
  readonly address: Address | "vault";
  readonly key: SigningKey;
}

/** What of a request is signed. */
export interface Covered {
  /** In upper case. */
  readonly method: string;
  /** Host and port, in lower case. */
  readonly authority: string;
  readonly path: string;
  /** Without its question mark. */
  readonly query?: string | undefined;
  /** Header fields that the route wants covered, in its order: lower-case name and value. */
  readonly fields?: readonly (readonly [name: string, value: string])[] | undefined;
}

/** The headers of a request signed at `now`, in Unix seconds. */
export function signRequest(
  covered: Covered,
  { address, key }: Signer,
  now: number,
): { "signature-input": string; signature: string } {
  const fields = (covered.fields ?? []).map(([name]) => ` "${name}"`).join("");
  const parameters =
    `("@method" "@authority" "@path" "@query"${fields});created=${now};expires=${now + LIFETIME};` +
    `keyid="${address}/${key.verifyingKey}";alg="ed25519";tag="${TAG}"`;
  const base = signatureBase(covered, parameters);
  const made = key.sign("http-request", utf8(base));
  return { "signature-input": `${LABEL}=${parameters}`, signature: `${LABEL}=:${toBase64(idBytes(made))}:` };
}

/** The signature base (RFC 9421 §2.5). */
export function signatureBase(covered: Covered, parameters: string): string {
  const fields = (covered.fields ?? []).map(([name, value]) => `"${name}": ${value}\n`).join("");
  return (
    `"@method": ${covered.method}\n"@authority": ${covered.authority}\n"@path": ${covered.path}\n` +
    `"@query": ?${covered.query ?? ""}\n${fields}"@signature-params": ${parameters}`
  );
}

/** The `Content-Digest` of a body (RFC 9530 §2). */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${toBase64(sha256(body))}:`;
}
