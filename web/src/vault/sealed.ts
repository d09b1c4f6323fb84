// What lies on this device only, readable to nobody who has not unlocked it: drafts, folders, what was read before,
// sendings under way. Sealed, each under its name.
//
// Invariant: nothing readable is stored; a thing that cannot be opened is as if it were not there.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { openFile, sealFile } from "../core/age/file.ts";
import { HybridIdentity } from "../core/age/hybrid.ts";
import { fromUtf8, utf8 } from "../core/codec/bytes.ts";
import type { Ports } from "../client/session.ts";
import type { Door } from "./door.ts";

const LABEL = utf8("postfach/sealed-store/v1");

/** What seals the things of a mailbox on this device: it comes from the lock, so new keys change nothing. */
export function deviceSeed({ secret }: Door): Uint8Array {
  return hkdf(sha256, secret, undefined, LABEL, 32);
}

export class SealedStore {
  readonly #opener: HybridIdentity;

  constructor(
    private readonly ports: Pick<Ports, "store" | "environment">,
    /** Begins every name. */
    private readonly prefix: string,
    seed: Uint8Array,
  ) {
    this.#opener = HybridIdentity.fromSeed(seed);
  }

  async bytes(name: string): Promise<Uint8Array | undefined> {
    const sealed = await this.ports.store.get(this.prefix + name);
    try {
      return sealed && openFile(sealed, [this.#opener]);
    } catch {
      return undefined;
    }
  }

  async putBytes(name: string, content: Uint8Array): Promise<void> {
    await this.ports.store.put(this.prefix + name, sealFile([this.#opener.recipient], content, this.ports.environment.random));
  }

  /** What was stored by `put`; the caller knows its form. */
  async get(name: string): Promise<unknown> {
    const text = fromUtf8((await this.bytes(name)) ?? new Uint8Array());
    return text === undefined || text === "" ? undefined : JSON.parse(text);
  }

  put(name: string, value: unknown): Promise<void> {
    return this.putBytes(name, utf8(JSON.stringify(value)));
  }

  remove(name: string): Promise<void> {
    return this.ports.store.remove(this.prefix + name);
  }

  async names(prefix: string): Promise<readonly string[]> {
    return (await this.ports.store.names(this.prefix + prefix)).map((name) => name.slice(this.prefix.length));
  }
}
