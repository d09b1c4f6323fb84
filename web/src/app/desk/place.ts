// Where the common record lies.

import type { Ports } from "../../client/session.ts";
import type { Place } from "./shared.ts";

const NAME = "shared";

/** On this device. */
export function localPlace({ store }: Ports): Place {
  const versionOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return {
    async read() {
      const found = await store.get(NAME);
      return found && { bytes: found.subarray(4), version: versionOf(found) };
    },
    async write(bytes, version) {
      const now = await store.get(NAME);
      if ((now && versionOf(now)) !== version) return undefined;
      const next = (version ?? 0) + 1;
      const written = new Uint8Array(4 + bytes.length);
      new DataView(written.buffer).setUint32(0, next);
      written.set(bytes, 4);
      await store.put(NAME, written);
      return next;
    },
  };
}
