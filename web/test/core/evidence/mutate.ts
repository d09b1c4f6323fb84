// What was done to a file, in the notation of docs/format/evidence.md, "Vectors": done again.
import { encode } from "../../../src/core/codec/type.ts";
import { type Evidence, evidence as evidenceType } from "../../../src/core/evidence/file.ts";
import { hashStatement, idBytes, leafHash } from "../../../src/core/ids.ts";

type Mutable<T> = T extends Uint8Array | string
  ? T
  : T extends readonly (infer Item)[]
    ? Mutable<Item>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
      : T;

type MutableEvidence = Mutable<Evidence>;
type ListName = "entries";

function flip(bytes: Uint8Array, at: number, bit: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
}

function listOf(file: MutableEvidence, name: string): Uint8Array[] {
  return file[name.replace(/_./g, (part) => part.slice(1).toUpperCase()) as ListName];
}

function take<T>(list: T[], index: number): T {
  return list.splice(index, 1)[0] as T;
}

/** Brings the lists without an order of their own into the one that files have. */
function sort(file: MutableEvidence): void {
  for (const set of [file.delegations, file.receipts, file.heads]) {
    const byHash = new Map(set.map((bytes) => [hashStatement(bytes), bytes] as const));
    const sorted = [...byHash].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, bytes]) => bytes);
    set.splice(0, set.length, ...sorted);
  }
}

function changeList(list: Uint8Array[], file: MutableEvidence, words: readonly string[]): void {
  const [place, action, ...rest] = words;
  if (place === "empty") {
    list.length = 0;
    return;
  }
  const index = Number(place);
  const [first, second] = rest.map(Number) as [number, number];
  if (action === "drop") take(list, index);
  else if (action === "double") list.splice(first, 0, list[index] as Uint8Array);
  else if (action === "swap") [list[index], list[first]] = [list[first] as Uint8Array, list[index] as Uint8Array];
  else if (action === "move") listOf(file, rest[0] ?? "").push(take(list, index));
  else if (action === "flip") flip(list[index] as Uint8Array, first, second);
  else throw new Error(`unknown change ${words.join(" ")}`);
}

interface Proof {
  position?: number;
  size?: number;
  entry?: string;
  hashes: Uint8Array[];
}

function changeProofs(proofs: Proof[], key: "position" | "size", words: readonly string[]): void {
  const [place, action, ...rest] = words;
  const index = Number(place);
  const proof = proofs[index] as Proof;
  const [first, second] = rest.map(Number) as [number, number];
  if (action === "drop") take(proofs, index);
  else if (action === "flip") flip(proof.hashes[Math.floor(first / 32)] as Uint8Array, first % 32, second);
  else if (action === "entry") {
    const entry = idBytes(proof.entry ?? "");
    flip(entry, first, second);
    proof.entry = leafHash.of(entry);
  } else if (action === "at") {
    proof[key] = first;
    proofs.sort((one, other) => (one[key] ?? 0) - (other[key] ?? 0));
  } else if (action === "hashes") {
    while (proof.hashes.length > first) proof.hashes.pop();
    while (proof.hashes.length < first) proof.hashes.push(new Uint8Array(32).fill(3));
  } else throw new Error(`unknown change ${words.join(" ")}`);
}

/** The file's bytes after it. */
export function mutate(good: Evidence, file: Uint8Array, done: string): Uint8Array {
  const [what = "", ...words] = done.split(" ");
  if (what === "file") {
    const [action, ...rest] = words;
    const [at, bit] = rest.map(Number) as [number, number];
    if (action === "cut") return file.slice(0, at);
    const bytes = file.slice();
    flip(bytes, at, bit);
    return bytes;
  }
  const changed = structuredClone(good) as unknown as MutableEvidence;
  const numbers = words.map(Number) as [number, number, number];
  const { log, opened } = changed;
  if (log === undefined || opened === undefined) throw new Error("a file with proofs and content is needed");
  if (what === "log") delete changed.log;
  else if (what === "opened" && words[0] === "drop") delete changed.opened;
  else if (what === "opened") flip(words[0] === "key" ? opened.fileKey : opened.payload, numbers[1], numbers[2]);
  else if (what === "checkpoint") changeList(log.checkpoints, changed, words);
  else if (what === "inclusion") changeProofs(log.inclusions as Proof[], "position", words);
  else if (what === "consistency") changeProofs(log.consistencies as Proof[], "size", words);
  else changeList(listOf(changed, what), changed, words);
  sort(changed);
  return encode(evidenceType, changed as Evidence);
}

