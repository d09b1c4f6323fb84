// The archive of an export: what is in it, under which names, plain and sealed, and that its pages escape.
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { newFile, newFileWithPassphrase, openFile, openFileWithPassphrase } from "../../src/core/age/file.ts";
import { X25519Identity, X25519Recipient } from "../../src/core/age/x25519.ts";
import { utf8 } from "../../src/core/codec/bytes.ts";
import { Archive } from "../../src/app/export/archive.ts";
import { indexPage } from "../../src/app/export/explain.ts";

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const TIME = Date.UTC(2026, 0, 2);
const LARGE = 20 << 20;

async function made(age?: ConstructorParameters<typeof Archive>[0]): Promise<Uint8Array> {
  const archive = new Archive(age, TIME);
  archive.whole("a/brief.txt", "eins");
  archive.whole("a/Brief.txt", "zwei");
  const push = archive.file("a/groß.bin");
  for (let done = 0; done < LARGE; done += 1 << 20) push(new Uint8Array(1 << 20).fill(7), false);
  push(new Uint8Array(0), true);
  return new Uint8Array(await archive.finish().arrayBuffer());
}

function check(zip: Uint8Array): void {
  const files = unzipSync(zip);
  expect(Object.keys(files)).toEqual(["a/brief.txt", "a/Brief (2).txt", "a/groß.bin"]);
  expect(files["a/Brief (2).txt"]).toEqual(utf8("zwei"));
  expect(files["a/groß.bin"]?.length).toBe(LARGE);
  expect(files["a/groß.bin"]?.every((byte) => byte === 7)).toBe(true);
}

test("a plain archive holds every file once", async () => check(await made()));

test("a sealed archive opens with its passphrase", async () => {
  check(await openFileWithPassphrase(await made(await newFileWithPassphrase("vier kleine Wörter", random, 10)), "vier kleine Wörter"));
});

test("a sealed archive opens with its key", async () => {
  const identity = X25519Identity.parse("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX");
  const recipient = X25519Recipient.parse("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj");
  check(openFile(await made(newFile([recipient], random)), [identity]));
});

test("the page of the archive escapes what others wrote", () => {
  const hostile = "<script>alert(1)</script>\"'&";
  const html = indexPage([{ folder: `briefe/1 ${hostile}`, who: hostile, subject: hostile, time: TIME, note: hostile, files: [`anlagen/1 ${hostile}`] }], "pf1x");
  expect(html).not.toContain("<script");
  expect(html).toContain("&#60;script&#62;");
});
