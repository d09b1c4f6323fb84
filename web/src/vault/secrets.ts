// What a vault holds: a party's private keys, and the recovery secret until it is on paper.
//
// Invariant: `readSecrets` returns keys only from exactly what `writeSecrets` wrote. The JSON lies inside an age file
// (`lock.ts`), never anywhere else.

import { HybridIdentity } from "../core/age/hybrid.ts";
import { fromHex, fromUtf8, toHex, utf8 } from "../core/codec/bytes.ts";
import { RecoverySecret } from "../core/enrolment/secret.ts";
import { SigningKey } from "../core/keys/signing-key.ts";
import type { PrivateKeys } from "../client/session.ts";
import type { Door } from "./door.ts";

const VERSION = 1;

export interface Secrets {
  readonly keys: PrivateKeys & { readonly identity: SigningKey };
  /** Gone once the sheet was printed and checked. */
  readonly sheet: RecoverySecret | undefined;
  /** The open lock, by which they are boxed again; in memory only. */
  readonly door: Door;
}

/** What was opened is not what a vault holds. */
export class SecretsError extends Error {
  override readonly name = "SecretsError";
}

export function writeSecrets({ keys, sheet }: Omit<Secrets, "door">): Uint8Array {
  const form = {
    version: VERSION,
    identity: toHex(keys.identity.seed()),
    openers: keys.openers.map((opener) => opener.toSecretText()),
    sheet: sheet?.toPaper(),
  };
  return utf8(JSON.stringify(form));
}

export function readSecrets(bytes: Uint8Array, door: Door): Secrets {
  const form = JSON.parse(fromUtf8(bytes) ?? "null") as Record<string, unknown> | null;
  const { version, identity, openers, sheet } = form ?? {};
  const seed = typeof identity === "string" ? fromHex(identity) : undefined;
  if (version !== VERSION || seed === undefined || !Array.isArray(openers)) throw new SecretsError("not a vault's content");
  return {
    keys: {
      identity: SigningKey.fromSeed(seed),
      openers: openers.map((opener) => HybridIdentity.parse(String(opener))),
    },
    sheet: typeof sheet === "string" ? RecoverySecret.parse(sheet) : undefined,
    door,
  };
}
