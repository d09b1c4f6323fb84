// SHA-256 with a domain prefix: `"postfach/<what>/v1" ‖ 0x00 ‖ data`.
//
// Invariant: no two purposes share a hash input, so a hash made for one purpose never stands for another.
// Specification: docs/format/encoding.md, "Hashes".

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "./codec/bytes.ts";

/** What a hash is for. */
export type Domain =
  | "address"
  | "recovery-key"
  | "statement"
  | "leaf"
  | "chain"
  | "age-header"
  | "payload"
  | "manifest"
  | "content"
  | "person"
  | "text"
  | "paper-check"
  | "vault"
  | "vault-version"
  | "clerk-code";

/** A hash in progress, for data that arrives in pieces. */
export class DomainHasher {
  readonly #hash = sha256.create();

  constructor(domain: Domain) {
    this.#hash.update(utf8(`postfach/${domain}/v1\0`));
  }

  update(data: Uint8Array): this {
    this.#hash.update(data);
    return this;
  }

  finish(): Uint8Array {
    return this.#hash.digest();
  }
}

/** Hashes `pieces` one after the other under `domain`. */
export function domainHash(domain: Domain, ...pieces: readonly Uint8Array[]): Uint8Array {
  const hasher = new DomainHasher(domain);
  for (const piece of pieces) hasher.update(piece);
  return hasher.finish();
}
