// What an authority's `profile.toml` pins: the operator's root key and the log.
//
// Invariant: only the three lines that matter here are read, each in the one form in which the command line writes
// it (src/client/profile.rs); anything else is left alone. Absent: TOML, writing.

import { parseAddress } from "./addresses/address.ts";
import { type Address, type VerifyingKey, keyBytes } from "./ids.ts";

/** Longest profile read, in bytes. */
export const MAX_PROFILE = 64 << 10;

export interface ProfileFile {
  readonly root: VerifyingKey;
  readonly origin: string;
  readonly address: Address | undefined;
}

/** Reads a profile, or nothing where the text is none. */
export function readProfileFile(text: string): ProfileFile | undefined {
  const value = (name: string): string => new RegExp(`^${name} = "([^"\\n]*)"\\r?$`, "m").exec(text)?.[1] ?? "";
  const root = keyBytes.parse(value("operator_root"));
  const origin = value("origin");
  return root === undefined || origin === "" ? undefined : { root, origin, address: parseAddress(value("address")) };
}
