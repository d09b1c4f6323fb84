// Passkeys: WebAuthn credentials whose PRF extension yields the secret that opens a vault.
//
// Invariant: the server never sees a credential; nothing is signed with it. The user is verified each time. Browsers
// without PRF are told apart by asking for it, not by their names. Specification: WebAuthn Level 3, "prf".

import type { Random } from "../core/age/file-key.ts";
import { utf8 } from "../core/codec/bytes.ts";

const CHALLENGE_BYTES = 32;
const USER_ID_BYTES = 16;
/** COSE algorithms: Ed25519, ES256, RS256; what authenticators have. */
const ALGORITHMS = [-8, -7, -257];
/** One input for all vaults: each passkey yields another output. */
const PRF_INPUT = utf8("postfach/vault/v1");

/** A passkey's name and what it yields. */
export interface Unlocked {
  readonly credential: Uint8Array;
  readonly prf: Uint8Array;
}

/** Whether this browser could have passkeys at all. */
export function passkeysPossible(): boolean {
  return typeof PublicKeyCredential === "function" && window.isSecureContext;
}

function bytesOf(source: BufferSource): Uint8Array {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
}

function prfOutput(credential: PublicKeyCredential): Uint8Array | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  return first === undefined ? undefined : bytesOf(first);
}

/**
 * Makes a passkey; nothing where it has no PRF, and the caller falls back to a passphrase. `user` is given back by
 * `findPasskey`: the mailbox's address.
 */
export async function createPasskey(name: string, random: Random, user: Uint8Array = random(USER_ID_BYTES)): Promise<Unlocked | undefined> {
  const made = await navigator.credentials.create({
    publicKey: {
      rp: { name: "Mein Postfach" },
      user: { id: user as BufferSource, name, displayName: name },
      challenge: random(CHALLENGE_BYTES) as BufferSource,
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      attestation: "none",
      extensions: { prf: { eval: { first: PRF_INPUT as BufferSource } } },
    },
  });
  if (!(made instanceof PublicKeyCredential)) return undefined;
  const credential = new Uint8Array(made.rawId);
  const enabled = made.getClientExtensionResults().prf?.enabled === true;
  const prf = prfOutput(made) ?? (enabled ? await usePasskey(credential, random) : undefined);
  return prf && { credential, prf };
}

/** What this passkey yields, after the person was verified by the device. */
export async function usePasskey(credential: Uint8Array, random: Random): Promise<Uint8Array | undefined> {
  const used = await navigator.credentials.get({
    publicKey: {
      challenge: random(CHALLENGE_BYTES) as BufferSource,
      allowCredentials: [{ type: "public-key", id: credential as BufferSource }],
      userVerification: "required",
      extensions: { prf: { eval: { first: PRF_INPUT as BufferSource } } },
    },
  });
  return used instanceof PublicKeyCredential ? prfOutput(used) : undefined;
}

/** A passkey that the person chose among those that their devices share, and whom it was made for. */
export interface FoundPasskey extends Unlocked {
  readonly user: Uint8Array | undefined;
}

/** Asks for any passkey of this service; nothing where the chosen one has no PRF. */
export async function findPasskey(random: Random): Promise<FoundPasskey | undefined> {
  const used = await navigator.credentials.get({
    publicKey: {
      challenge: random(CHALLENGE_BYTES) as BufferSource,
      userVerification: "required",
      extensions: { prf: { eval: { first: PRF_INPUT as BufferSource } } },
    },
  });
  if (!(used instanceof PublicKeyCredential)) return undefined;
  const prf = prfOutput(used);
  const user = used.response instanceof AuthenticatorAssertionResponse ? used.response.userHandle : null;
  return prf && { credential: new Uint8Array(used.rawId), prf, user: user === null ? undefined : new Uint8Array(user) };
}
