// Search, folders and drafts: what is found, what is kept, and that two tabs or a crash lose little.
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import type { StatementHash } from "../../src/core/ids.ts";
import { systemEnvironment } from "../../src/client/ports.ts";
import { Drafts } from "../../src/app/letters/draft.ts";
import { Folders, MAX_FOLDERS } from "../../src/app/letters/folders.ts";
import { type Entry, LetterIndex } from "../../src/app/letters/index.ts";
import { haystack, matcher } from "../../src/app/letters/match.ts";
import { MAX_FILE, MAX_LETTERS, type OfflineLetter, OfflineLetters } from "../../src/app/letters/offline.ts";
import { INBOX, selected } from "../../src/app/letters/selection.ts";
import { Database } from "../../src/vault/database.ts";
import { SealedStore } from "../../src/vault/sealed.ts";

const TODAY = "2026-11-24";
const hashOf = (number: number): StatementHash => number.toString(16).padStart(64, "0") as StatementHash;
const entry = (number: number, more: Partial<Entry> = {}): Entry => ({
  hash: hashOf(number), time: number, sender: "Markt Postbauer-Heng", subject: `Bescheid ${number}`, text: "", files: [], registered: false, unread: false, until: undefined, ...more,
});

async function store(account: string, seed = 7): Promise<SealedStore> {
  const database = await Database.open();
  return new SealedStore({ store: database.store(account), environment: systemEnvironment }, "sealed/", new Uint8Array(32).fill(seed));
}

test("words are found however they are written", () => {
  const letter = haystack("Amt für Müllabfuhr", "Straßenreinigung in Ærø und Čačak");
  for (const query of ["", "müllabfuhr", "MUELLABFUHR", "mullabfuhr", "strassen", "straße", "cacak", "amt  reinigung", "u\u0308"]) {
    expect(matcher(query)(letter), query).toBe(true);
  }
  for (const query of ["mulabfuhr", "amt fehlt", "für x"]) expect(matcher(query)(letter), query).toBe(false);
});

test("what was noted comes back over many chunks, and is replaced where it changed", async () => {
  const sealed = await store("index");
  const index = await LetterIndex.load(sealed);
  for (let number = 0; number < 600; number += 1) index.note(entry(number, { unread: true }));
  await index.flush();
  index.note(entry(10, { unread: false, text: "x".repeat(10_000) }));
  await index.flush();
  const again = await LetterIndex.load(await store("index"));
  expect(again.get(hashOf(599))).toEqual(entry(599, { unread: true }));
  expect(again.get(hashOf(10))?.unread).toBe(false);
  expect(again.get(hashOf(10))?.text.length).toBe(4000);
  expect(again.get(hashOf(600))).toBeUndefined();
  // Whoever has another key sees nothing, and is not told that there is something.
  expect((await LetterIndex.load(await store("index", 8))).get(hashOf(1))).toBeUndefined();
});

test("two tabs that note different letters at once end with letters that can be read", async () => {
  const [one, two] = [await LetterIndex.load(await store("tabs")), await LetterIndex.load(await store("tabs"))];
  one.note(entry(1));
  two.note(entry(2));
  await Promise.all([one.flush(), two.flush()]);
  one.note(entry(3));
  await one.flush();
  const after = await LetterIndex.load(await store("tabs"));
  expect([1, 3].map((number) => after.get(hashOf(number))?.time)).toEqual([1, 3]);
});

test("a letter lies in one place, and a dissolved folder gives its letters back", async () => {
  const sealed = await store("folders");
  const folders = await Folders.load(sealed);
  expect(await folders.make("  ")).toBe("empty");
  const steuer = await folders.make("Steuer");
  expect(await folders.make("steuer")).toBe("exists");
  if (typeof steuer !== "number") throw new Error("a folder");
  await folders.put(hashOf(1), steuer);
  await folders.put(hashOf(2), "archive");
  const again = await Folders.load(await store("folders"));
  expect([1, 2, 3].map((number) => again.placeOf(hashOf(number)))).toEqual([steuer, "archive", "inbox"]);
  await again.put(hashOf(2), "inbox");
  await again.remove(steuer);
  expect([1, 2].map((number) => again.placeOf(hashOf(number)))).toEqual(["inbox", "inbox"]);
  for (let number = again.all.length; number < MAX_FOLDERS; number += 1) await again.make(`Ordner ${number}`);
  expect(await again.make("einer zu viel")).toBe("too-many");
});

test("the list shows a place, a search shows all places, and filters say what they show", async () => {
  const sealed = await store("selection");
  const [index, folders] = [await LetterIndex.load(sealed), await Folders.load(sealed)];
  const all = [1, 2, 3, 4].map(hashOf);
  index.note(entry(1, { unread: true }));
  index.note(entry(2, { until: TODAY }));
  index.note(entry(3, { until: "2026-11-23", text: "Müllabfuhr" }));
  await folders.put(hashOf(3), "archive");
  const shown = (selection: Partial<typeof INBOX>): number[] => selected(all, index, folders, { ...INBOX, ...selection }, TODAY).map((hash) => Number.parseInt(hash, 16));
  expect(shown({})).toEqual([1, 2, 4]);
  expect(shown({ place: "archive" })).toEqual([3]);
  expect(shown({ filter: "unread" })).toEqual([1]);
  expect(shown({ filter: "period" })).toEqual([2]);
  expect(shown({ query: "muell" })).toEqual([3]);
  expect(shown({ query: "bescheid" })).toEqual([1, 2, 3]); // 4 was not read here
});

test("a draft goes with its files", async () => {
  const sealed = await store("drafts");
  const drafts = new Drafts(sealed);
  const file = await drafts.keep(hashOf(1), new File(["abc"], "a.txt"), "a.txt");
  await drafts.put(hashOf(1), { subject: "s", text: "t", files: [file], changed: 1 });
  expect((await new Drafts(await store("drafts")).get(hashOf(1)))?.files).toEqual([file]);
  expect(await drafts.content(hashOf(1), file.id)).toEqual(new TextEncoder().encode("abc"));
  await drafts.remove(hashOf(1));
  expect(await drafts.get(hashOf(1))).toBeUndefined();
  expect(await sealed.names("")).toEqual([]);
});

test("opened letters make room for newer ones, and go with their files", async () => {
  const offline = new OfflineLetters(await store("offline"));
  const letter = (number: number): OfflineLetter => ({
    hash: hashOf(number), sender: "Markt", time: number, registered: false, subject: `s${number}`, text: "t", act: undefined, files: [{ name: "a", size: 9 }], checked: number,
  });
  for (let number = 0; number <= MAX_LETTERS; number += 1) await offline.keep(letter(number));
  expect((await offline.all()).length).toBe(MAX_LETTERS);
  expect(await offline.get(hashOf(0))).toBeUndefined();
  await offline.keepFile(hashOf(5), 0, new Uint8Array(9));
  await offline.keepFile(hashOf(0), 0, new Uint8Array(9)); // of a letter that is gone
  expect((await offline.file(hashOf(5), 0))?.length).toBe(9);
  expect(await offline.file(hashOf(0), 0)).toBeUndefined();
  // Files fill the room: the letters that were kept first go.
  for (const number of [6, 7, 8, 9]) await offline.keepFile(hashOf(number), 0, new Uint8Array(MAX_FILE));
  const left = (await offline.all()).map(({ hash }) => hash);
  expect(left).toContain(hashOf(9));
  expect(left).not.toContain(hashOf(6));
  expect(await offline.file(hashOf(6), 0)).toBeUndefined();
  await offline.forget(hashOf(9));
  expect([await offline.get(hashOf(9)), await offline.file(hashOf(9), 0)]).toEqual([undefined, undefined]);
  expect((await new OfflineLetters(await store("offline", 8)).all()).length).toBe(0);
}, 60_000);
