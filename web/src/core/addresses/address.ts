// Addresses: what a party's first keys commit to, written in bech32m (BIP 350) with the prefix `pf`.
//
// Specification: docs/format/encoding.md, "Address".

import { Variant, decodeBech32, encodeBech32 } from "../codec/bech32.ts";
import { encode, fixedBytes, tuple } from "../codec/type.ts";
import { domainHash } from "../hash.ts";
import { type Address, type RecoveryKeyHash, type VerifyingKey, recoveryKeyHash } from "../ids.ts";
import { verifyingKey } from "../keys/verifying-key.ts";

const PREFIX = "pf";
const LENGTH = 32;

/** The address with these bytes. */
export function addressOf(bytes: Uint8Array): Address {
  if (bytes.length !== LENGTH) throw new RangeError(`expected ${LENGTH} bytes`);
  return encodeBech32(Variant.bech32m, PREFIX, bytes) as Address;
}

export function addressBytes(address: Address): Uint8Array {
  const decoded = decodeBech32(Variant.bech32m, address);
  if (decoded === undefined) throw new RangeError("not an address");
  return decoded.bytes;
}

/** Reads an address as people type it, all lower or all upper case; nothing if the checksum does not match. */
export function parseAddress(text: string): Address | undefined {
  const decoded = decodeBech32(Variant.bech32m, text);
  const fits = decoded?.prefix === PREFIX && decoded.bytes.length === LENGTH;
  return fits ? (text.toLowerCase() as Address) : undefined;
}

/** The form on the wire: a byte string of 32. */
export const address = fixedBytes(LENGTH, addressOf, addressBytes);

const firstKeys = tuple(verifyingKey, recoveryKeyHash);

/** The address that these first keys make. */
export function addressFromKeys(identity: VerifyingKey, recovery: RecoveryKeyHash): Address {
  return addressOf(domainHash("address", encode(firstKeys, [identity, recovery])));
}
