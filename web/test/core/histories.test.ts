// Addresses and key histories of the shared vectors.
import { describe, expect, test } from "vitest";
import { addressBytes, addressFromKeys, addressOf, parseAddress } from "../../src/core/addresses/address.ts";
import { toHex } from "../../src/core/codec/bytes.ts";
import { type Address, keyBytes } from "../../src/core/ids.ts";
import { Party } from "../../src/core/keys/history.ts";
import { recoveryHash } from "../../src/core/keys/verifying-key.ts";
import { verify } from "../../src/core/statement/signed.ts";
import { hex, reasonOf, vectors } from "../vectors.ts";

interface AddressVector {
  address: string;
  identity: string;
  recovery_key: string;
  recovery_key_hash: string;
  text: string;
}
const addresses = vectors<{ good: AddressVector[]; bad: { name: string; text: string }[] }>("addresses");

describe("addresses", () => {
  test.each(addresses.good)("$text", (vector) => {
    const recovery = recoveryHash(keyBytes.of(hex(vector.recovery_key)));
    expect(recovery).toBe(vector.recovery_key_hash);
    expect(addressFromKeys(keyBytes.of(hex(vector.identity)), recovery)).toBe(vector.text);
    expect(parseAddress(vector.text)).toBe(vector.text);
    expect(parseAddress(vector.text.toUpperCase())).toBe(vector.text);
    expect(toHex(addressBytes(vector.text as Address))).toBe(vector.address);
    expect(addressOf(hex(vector.address))).toBe(vector.text);
  });

  test.each(addresses.bad)("refused: $name", ({ text }) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

interface History {
  name: string;
  address: Address;
  statements: string[];
  failure?: string;
  head_count?: number;
  head_last?: string;
}
const histories = vectors<{ good: History[]; bad: History[] }>("histories");

function read(vector: History): Party {
  return Party.fromHistory(
    vector.address,
    vector.statements.map((statement) => verify("key", hex(statement))),
  );
}

describe("key histories", () => {
  test.each(histories.good)("$name", (vector) => {
    const party = read(vector);
    expect(party.head).toEqual({ count: vector.head_count, last: vector.head_last });
    expect(party.address).toBe(vector.address);
    expect(party.recipients.length).toBe(party.current.payload.recipients.length);
  });

  test.each(histories.bad)("refused: $name ($failure)", (vector) => {
    expect(`history-${reasonOf(() => read(vector))}`).toBe(vector.failure);
  });
});
