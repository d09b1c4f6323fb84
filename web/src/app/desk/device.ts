// What lies on this device only: drafts, sendings under way, how far the common record was seen. Sealed, each under
// its name.
//
// Invariant: nothing readable is stored; a thing that cannot be opened is as if it were not there.

import { openFile, sealFile } from "../../core/age/file.ts";
import { HybridIdentity } from "../../core/age/hybrid.ts";
import { fromUtf8, utf8 } from "../../core/codec/bytes.ts";
import type { Ports } from "../../client/session.ts";

const PREFIX = "desk/";

export class Device {
  readonly #opener: HybridIdentity;

  constructor(
    private readonly ports: Ports,
    seed: Uint8Array,
  ) {
    this.#opener = HybridIdentity.fromSeed(seed);
  }

  async bytes(name: string): Promise<Uint8Array | undefined> {
    const sealed = await this.ports.store.get(PREFIX + name);
    try {
      return sealed && openFile(sealed, [this.#opener]);
    } catch {
      return undefined;
    }
  }

  async putBytes(name: string, content: Uint8Array): Promise<void> {
    await this.ports.store.put(PREFIX + name, sealFile([this.#opener.recipient], content, this.ports.environment.random));
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
    return this.ports.store.remove(PREFIX + name);
  }

  async names(prefix: string): Promise<readonly string[]> {
    return (await this.ports.store.names(PREFIX + prefix)).map((name) => name.slice(PREFIX.length));
  }
}
