// Key files: the private keys of a party as text, one a line, plain or inside an age file under a passphrase.
//
// Invariant: a line is a comment, an empty line or a key whose checksum covers its role; anything else is refused
// with its number, so that no key is overlooked. Keys of a role stand newest first.
// Absent: where the file comes from and goes to. Specification: docs/format/keyfile.md.

import { parseAddress } from "./addresses/address.ts";
import { openFileWithPassphrase } from "./age/file.ts";
import { HybridIdentity } from "./age/hybrid.ts";
import { Variant, decodeBech32, encodeBech32 } from "./codec/bech32.ts";
import { fromUtf8, utf8 } from "./codec/bytes.ts";
import type { Address } from "./ids.ts";
import { SEED_BYTES, SigningKey } from "./keys/signing-key.ts";

/** Longest key file read, in bytes. */
export const MAX_KEY_FILE = 1 << 20;
const AGE_MAGIC = utf8("age-encryption.org/");
const ADDRESS_COMMENT = "# address: ";
const AGE_PREFIX = "AGE-SECRET-KEY-PQ-1";
const ROLES: Readonly<Record<string, "identity" | "signer">> = {
  "postfach-identity-key-": "identity",
  "postfach-signer-key-": "signer",
};

/** What a party's key file holds. */
export interface KeyFile {
  readonly address: Address | undefined;
  /** Newest first; none in a clerk's or machine's file. */
  readonly identities: readonly SigningKey[];
  readonly signers: readonly SigningKey[];
  readonly openers: readonly HybridIdentity[];
}

/** `line`: neither key nor comment. `no-keys`: none at all. `size`: too long. `text`: not a text. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";

  constructor(
    readonly reason: "line" | "no-keys" | "size" | "text",
    /** Counted from 1. */
    readonly line = 0,
  ) {
    super(`not a key file: ${reason}`);
  }
}

/** Whether the file is under a passphrase. */
export function isSealed(bytes: Uint8Array): boolean {
  return AGE_MAGIC.every((byte, index) => bytes[index] === byte);
}

/** The text of a sealed key file. Throws as `openFileWithPassphrase`. */
export function unsealKeyFile(bytes: Uint8Array, passphrase: string): Promise<Uint8Array> {
  return openFileWithPassphrase(bytes, passphrase);
}

/** Reads the plain text of a key file. Throws `KeyFileError`. */
export function readKeyFile(bytes: Uint8Array): KeyFile {
  if (bytes.length > MAX_KEY_FILE) throw new KeyFileError("size");
  const text = fromUtf8(bytes);
  if (text === undefined) throw new KeyFileError("text");
  let address: Address | undefined;
  const [identities, signers, openers]: [SigningKey[], SigningKey[], HybridIdentity[]] = [[], [], []];
  for (const [index, raw] of text.split("\n").entries()) {
    const wrong = new KeyFileError("line", index + 1);
    const line = raw.trim();
    if (line.startsWith(ADDRESS_COMMENT)) {
      address = parseAddress(line.slice(ADDRESS_COMMENT.length));
      if (address === undefined) throw wrong;
    } else if (line === "" || line.startsWith("#")) {
      continue;
    } else if (line.startsWith(AGE_PREFIX)) {
      openers.push(readOpener(line, wrong));
    } else {
      const decoded = decodeBech32(Variant.bech32m, line);
      const role = ROLES[decoded?.prefix ?? ""];
      if (decoded === undefined || role === undefined || decoded.bytes.length !== SEED_BYTES) throw wrong;
      (role === "identity" ? identities : signers).push(SigningKey.fromSeed(decoded.bytes));
    }
  }
  if (identities.length + signers.length === 0) throw new KeyFileError("no-keys");
  return { address, identities, signers, openers };
}

/** The plain text of a key file, as the command line writes it. */
export function writeKeyFile({ address, identities, signers, openers }: KeyFile): Uint8Array {
  const key = (prefix: string) => (one: SigningKey): string =>
    `# public: ${one.verifyingKey}\n${encodeBech32(Variant.bech32m, prefix, one.seed()).toUpperCase()}\n`;
  const [identity, signer] = Object.keys(ROLES) as [string, string];
  const lines = [
    address === undefined ? "" : `${ADDRESS_COMMENT}${address}\n`,
    ...identities.map(key(identity)),
    ...signers.map(key(signer)),
    ...openers.map((opener) => `# public: ${opener.recipient.toString().slice(0, 40)}…\n${opener.toSecretText()}\n`),
  ];
  return utf8(lines.join(""));
}

function readOpener(line: string, wrong: KeyFileError): HybridIdentity {
  try {
    return HybridIdentity.parse(line);
  } catch {
    throw wrong;
  }
}
