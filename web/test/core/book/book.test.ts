// The authority's address book: lists read whole or not at all, claims judged as the command line judges them.
import { describe, expect, test } from "vitest";
import { Book } from "../../../src/core/book/book.ts";
import { type NewEntry, currentAddress, statusOf } from "../../../src/core/book/entry.ts";
import { readMailing } from "../../../src/core/book/mailing.ts";
import { EMPTY_RECORD, answers, decodeRecord, encodeRecord } from "../../../src/core/book/record.ts";
import { parseRows, writeRows } from "../../../src/core/book/rows.ts";
import { exportPeople, importPeople, isoDate } from "../../../src/core/book/spreadsheet.ts";
import { addressOf } from "../../../src/core/addresses/address.ts";
import { utf8 } from "../../../src/core/codec/bytes.ts";
import { ActivationCode } from "../../../src/core/enrolment/secret.ts";
import { blind, keyBytes, millis, statementHash } from "../../../src/core/ids.ts";
import { readKeyFile, writeKeyFile, KeyFileError } from "../../../src/core/keyfile.ts";
import { SigningKey } from "../../../src/core/keys/signing-key.ts";
import { HybridIdentity } from "../../../src/core/age/hybrid.ts";
import { codeNumber, provenRecipient, readClerkCode, signVault, writeClerkCode } from "../../../src/core/book/clerk-code.ts";
import type { Signed } from "../../../src/core/statement/signed.ts";

let counter = 0;
const random = (length: number): Uint8Array => new Uint8Array(length).fill((counter += 1) % 251);
const hash = (byte: number): ReturnType<typeof statementHash.of> => statementHash.of(new Uint8Array(32).fill(byte));

const maria: NewEntry = { reference: "4711", name: "Maria Huber", birthDate: "1971-03-12", postal: { street: "Hauptstraße 1", postcode: "92353", city: "Postbauer-Heng" } };
const HEADER = "Kassenzeichen;Name;Geburtsdatum;Straße;PLZ;Ort";
const ROW = "4711;Maria Huber;12.03.1971;Hauptstraße 1;92353;Postbauer-Heng";

function imported(book: Book, text: string | Uint8Array): ReturnType<typeof importPeople> {
  return importPeople(book, typeof text === "string" ? utf8(text) : text, random);
}

describe("lists", () => {
  test("are read in any order of columns, by comma, tab or semicolon, in both encodings", () => {
    const german = imported(new Book([]), `${HEADER}\r\n${ROW}\r\n;;;;;\r\n`);
    const english = imported(new Book([]), '\u{feff}name,reference,birth date,street,postcode,city\n"Maria ""M."" Huber, Dr.",4711,1971-03-12,"Hauptstraße\n 1",92353,Postbauer-Heng');
    const latin = imported(new Book([]), Uint8Array.from([...`${HEADER}\n${ROW}`].map((letter) => letter.charCodeAt(0))));
    expect(german.result === "imported" && german.imported.book.byReference("4711")).toMatchObject(maria);
    expect(latin.result === "imported" && latin.imported.book.byReference("4711")).toMatchObject(maria);
    expect(english.result).toBe("faults"); // a line break in a cell that names something
  });

  test("are refused with every wrong line named", () => {
    const rows = [HEADER, ROW, ROW, "1;=1+1;1.1.1970;a;b;c", "2;x;31.2.1970;a;b;c", "3;x;1.1.1970;a;b", "4;;1.1.1970;a;b;c"];
    const result = imported(new Book([]), rows.join("\n"));
    expect(result.result === "faults" && result.faults.map(({ line, cause }) => [line, cause])).toEqual([
      [3, "repeated"], [4, "formula"], [5, "date"], [6, "cells"], [7, "cell"],
    ]);
    expect(imported(new Book([]), "Name\nx").result).toBe("columns");
    expect(imported(new Book([]), "").result).toBe("size");
  });

  test("move known people, keep others' names apart, and come back from an export", () => {
    const book = new Book([]).add([maria], random);
    const again = imported(book, exportPeople(book));
    expect(again.result === "imported" && again.imported).toMatchObject({ added: 0, moved: 0, unchanged: 1 });
    const moved = imported(book, `${HEADER}\n${ROW.replace("Hauptstraße 1", "Am Markt 2")}`);
    expect(moved.result === "imported" && moved.imported).toMatchObject({ added: 0, moved: 1 });
    const other = imported(book, `${HEADER}\n${ROW.replace("Maria", "Marie")}`);
    expect(other.result === "faults" && other.faults[0]?.cause).toBe("other-person");
  });

  test("written for spreadsheets run nothing", () => {
    expect(writeRows([["=1+1", "a;b", 'x"y']])).toBe('\u{feff}\'=1+1;"a;b";"x""y"\r\n');
    expect(parseRows('a;"b\n""c"";"\nd;e').map(({ line, cells }) => [line, ...cells])).toEqual([[1, "a", 'b\n"c";'], [3, "d", "e"]]);
    expect([isoDate("1.2.2000"), isoDate("2000-02-30"), isoDate("29.02.2024"), isoDate("1.1.1700")]).toEqual(["2000-02-01", undefined, "2024-02-29", undefined]);
  });
});

describe("a claim", () => {
  const code = ActivationCode.generate(random);
  const letter = { code, issued: millis(1000), expires: millis(2000) };
  const book = new Book([]).add([maria], random).issueLetters(new Map([["4711", letter]]));
  const [mine, other] = [1, 2].map((byte) => addressOf(new Uint8Array(32).fill(byte))) as [ReturnType<typeof addressOf>, ReturnType<typeof addressOf>];
  const claimOf = (address: typeof mine, of = code, proof = code): Signed<"enrolment-claim"> =>
    ({ payload: { address, codeId: of.id, keyStatement: hash(7), mac: proof.claimMac(hash(7), "log"), context: { origin: "log", epoch: 1, time: millis(1), blind: blind.of(new Uint8Array(32)) } } }) as unknown as Signed<"enrolment-claim">;
  const bound = book.bind("4711", { address: mine, binding: hash(3), since: millis(1500) });
  const verdict = (of: Book, claim: Signed<"enrolment-claim">, now: number): string => {
    const found = of.checkClaim(claim, millis(now));
    return typeof found === "string" ? found : found.reference;
  };

  test("is judged by code, proof, period and use", () => {
    const foreign = ActivationCode.generate(random);
    expect(verdict(book, claimOf(mine), 1500)).toBe("4711");
    expect(verdict(book, claimOf(mine, foreign, foreign), 1500)).toBe("unknown-code");
    expect(verdict(book, claimOf(mine, code, foreign), 1500)).toBe("wrong-proof");
    expect(verdict(book, claimOf(mine), 2000)).toBe("expired");
    expect(verdict(bound, claimOf(mine), 5000)).toBe("4711");
    expect(verdict(bound, claimOf(other), 1500)).toBe("already-used");
    expect(verdict(bound.withdraw(hash(3), millis(1600)), claimOf(mine), 1700)).toBe("already-used");
  });

  test("changes how far the person has come", () => {
    const status = (of: Book, now: number): string => statusOf(of.entries[0] as Book["entries"][0], millis(now));
    expect([status(new Book([]).add([maria], random), 1), status(book, 1500), status(book, 2000), status(bound, 9000), status(bound.withdraw(hash(3), millis(9000)), 9001)])
      .toEqual(["listed", "issued", "expired", "bound", "withdrawn"]);
    expect(currentAddress(bound.entries[0] as Book["entries"][0])?.address).toBe(mine);
    expect(bound.bind("4711", { address: mine, binding: hash(3), since: millis(1) })).toBe(bound);
    expect(Book.decode(bound.encode()).byAddress(mine)[0]?.reference).toBe("4711");
  });

  test("makes a mailing possible", () => {
    const read = (text: string): unknown => {
      const result = readMailing(bound, utf8(text), new Set(["a.pdf"]));
      return result.result === "rows" ? result.rows.map(({ reference, subject, files }) => [reference, subject, ...files]) : result.result === "faults" ? result.faults.map(({ line, cause }) => [line, cause]) : result.result;
    };
    expect(read("reference;subject;files\n4711;Hallo;a.pdf")).toEqual([["4711", "Hallo", "a.pdf"]]);
    expect(read("reference;files\n9;\n4711;b.pdf")).toEqual([[2, "unknown-reference"], [3, "file"]]);
    expect(read("name\nx")).toBe("columns");
    expect(readMailing(book, utf8("reference\n4711"), new Set()).result).toBe("faults");
  });
});

test("a record comes back as it was, and work goes to the deputy of whoever is away", () => {
  const [anna, bert] = ["aa", "bb"].map((byte) => keyBytes.parse(byte.repeat(32)) as ReturnType<typeof keyBytes.of>) as [ReturnType<typeof keyBytes.of>, ReturnType<typeof keyBytes.of>];
  const assignment = { header: hash(1), clerk: anna, by: bert, at: millis(5) };
  const record = { ...EMPTY_RECORD, revision: 3, clerks: [{ key: anna, name: "Anna", since: millis(1), away: true, deputy: bert }, { key: bert, name: "Bert", since: millis(1) }], assignments: [assignment], book: new Book([]).add([maria], random) };
  const read = decodeRecord(encodeRecord(record));
  expect(read.book.byReference("4711")?.name).toBe("Maria Huber");
  expect(answers(read, assignment)).toBe(bert);
  expect(read.revision).toBe(3);
});

test("a key file with a line that is no key is refused by its number", () => {
  expect(() => readKeyFile(utf8("# a comment\nPOSTFACH-IDENTITY-KEY-1QQQQ\n"))).toThrowError(KeyFileError);
  expect(() => readKeyFile(utf8("# nothing\n"))).toThrow("no-keys");
});

test("a key file comes back as it was", () => {
  const keys = { address: addressOf(random(32)), identities: [SigningKey.fromSeed(random(32))], signers: [SigningKey.fromSeed(random(32))], openers: [1, 2].map(() => HybridIdentity.fromSeed(random(32))) };
  const read = readKeyFile(writeKeyFile(keys));
  expect(read.address).toBe(keys.address);
  expect(read.identities[0]?.verifyingKey).toBe(keys.identities[0]?.verifyingKey);
  expect(read.signers[0]?.verifyingKey).toBe(keys.signers[0]?.verifyingKey);
  expect(read.openers.map((opener) => opener.toSecretText())).toEqual(keys.openers.map((opener) => opener.toSecretText()));
});

test("a clerk's code survives line breaks, and every change of it changes its number", () => {
  const [signer, vault, other] = [SigningKey.fromSeed(random(32)), SigningKey.fromSeed(random(32)).verifyingKey, HybridIdentity.fromSeed(random(32)).recipient];
  const code = { name: "Bert", signer: signer.verifyingKey, vault: signVault(signer, vault, HybridIdentity.fromSeed(random(32)).recipient) };
  const written = writeClerkCode(code);
  const read = readClerkCode(written.replace(/(.{70})/g, "$1\r\n"));
  expect(read && codeNumber(read)).toBe(codeNumber(code));
  expect(codeNumber({ ...code, name: "Berta" })).not.toBe(codeNumber(code));
  const exchanged = { ...code, vault: { ...code.vault, recipient: other.bytes } };
  expect(codeNumber(exchanged)).not.toBe(codeNumber(code));
  expect(readClerkCode(writeClerkCode(exchanged)), "a vault that the clerk did not name").toBeUndefined();
  expect(provenRecipient(code.signer, code.vault)?.bytes).toEqual(code.vault.recipient);
  expect(provenRecipient(SigningKey.fromSeed(random(32)).verifyingKey, code.vault)).toBeUndefined();
  for (const damaged of ["", "x", written.slice(0, -4), written.replace("clerk", "klerk"), `${written}AAAA`]) expect(readClerkCode(damaged)).toBeUndefined();
});
