// The public log against docs/format/vectors/log.json: one log of 600 entries, its proofs and signed texts, and what
// must be refused, with the words in which it is refused.
import { describe, expect, test } from "vitest";
import { fromHex, toHex, utf8 } from "../../../src/core/codec/bytes.ts";
import { type LeafHash, leafHash as entryId } from "../../../src/core/ids.ts";
import { epochOrigin } from "../../../src/core/tlog/checkpoint.ts";
import { loadFor } from "../../../src/core/tlog/cosignature.ts";
import { parseNote, writeNote } from "../../../src/core/tlog/note.ts";
import { parsePolicy, writePolicy } from "../../../src/core/tlog/policy-text.ts";
import { Policy, verifySigned } from "../../../src/core/tlog/policy.ts";
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from "../../../src/core/tlog/proof.ts";
import { parseTlogProof, verifyTlogProof, writeTlogProof } from "../../../src/core/tlog/tlog-proof.ts";
import { Frontier, type Node, type TreeHash, type TreeHead, leafHash } from "../../../src/core/tlog/tree.ts";
import { type VerifierKey, parseVkey, writeVkey } from "../../../src/core/tlog/vkey.ts";
import { vectors } from "../../vectors.ts";

interface Proof {
  readonly index: number;
  readonly size: number;
  readonly old: number;
  readonly new: number;
  readonly old_root: string;
  readonly new_root: string;
  readonly proof: string[];
  readonly name: string;
  readonly fails: string;
}

interface LogVectors {
  readonly entries: Record<string, string>;
  readonly leaves: Record<string, string>;
  readonly roots: { size: number; root: string }[];
  readonly inclusion: { good: Proof[]; bad: Proof[] };
  readonly consistency: { good: Proof[]; bad: Proof[] };
  readonly log_key: string;
  readonly witness_key: string;
  readonly checkpoint: string;
  readonly bad_checkpoints: { name: string; note: string; fails: string }[];
  readonly policy: string;
  readonly proof_file: string;
  readonly judgements: {
    readonly policy: string;
    readonly written: string;
    readonly witnesses: [string, string][];
    readonly notes: {
      readonly name: string;
      readonly note: string;
      readonly judged:
        | { fails: string }
        | { cosigned: [string, number | null][]; quorum: boolean; quorum_time: number | null };
    }[];
  };
  readonly bad_policies: { policy: string; fails: string }[];
  readonly bad_keys: { key: string; fails: string }[];
  readonly bad_proof_files: { proof_file: string; fails: string }[];
}

const log = vectors<LogVectors>("log");
const SIZE = 600;

/** The `index`-th entry: 24 bytes of zero, then the index. */
function entry(index: number): LeafHash {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(index));
  return entryId.of(bytes);
}

const heads: TreeHead[] = [Frontier.EMPTY.head()];
const nodes = new Map<string, TreeHash>();
let frontier = Frontier.EMPTY;
for (let index = 0; index < SIZE; index += 1) {
  frontier = frontier.append(leafHash(entry(index)), ({ level, index: at }, hash) => {
    nodes.set(`${level}/${at}`, hash);
  });
  heads.push(frontier.head());
}

function headOf(size: number): TreeHead {
  const head = heads[size];
  if (head === undefined) throw new RangeError("no such tree");
  return head;
}

function node({ level, index }: Node): TreeHash {
  const hash = nodes.get(`${level}/${index}`);
  if (hash === undefined) throw new RangeError(`node ${level}/${index} is not complete`);
  return hash;
}

const hash = (text: string): Uint8Array => fromHex(text) as Uint8Array;
const message = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe("tree", () => {
  test("entries, leaves and roots", () => {
    for (const [index, text] of Object.entries(log.entries)) expect(entry(Number(index))).toBe(text);
    for (const [index, text] of Object.entries(log.leaves)) expect(toHex(leafHash(entry(Number(index))))).toBe(text);
    for (const { size, root } of log.roots) expect(toHex(headOf(size).root), String(size)).toBe(root);
    expect(toHex(Frontier.fromNodes(600n, node).head().root)).toBe(toHex(headOf(SIZE).root));
  });

  test("inclusion", () => {
    for (const { index, size, proof } of log.inclusion.good) {
      expect(inclusionProof(BigInt(index), BigInt(size), node).map(toHex)).toEqual(proof);
      verifyInclusion(leafHash(entry(index)), BigInt(index), headOf(size), proof.map(hash));
    }
    for (const { name, index, size, proof, fails } of log.inclusion.bad) {
      const leaf = leafHash(entry(Math.min(index, SIZE - 1)));
      const check = (): void => verifyInclusion(leaf, BigInt(index), headOf(size), proof.map(hash));
      expect(message(check), name).toBe(fails);
    }
  });

  test("consistency", () => {
    for (const { old, new: later, proof } of log.consistency.good) {
      expect(consistencyProof(BigInt(old), BigInt(later), node).map(toHex)).toEqual(proof);
      verifyConsistency(headOf(old), headOf(later), proof.map(hash));
    }
    for (const { name, old, old_root, new: later, new_root, proof, fails } of log.consistency.bad) {
      const [from, to] = [
        { size: BigInt(old), root: hash(old_root) },
        { size: BigInt(later), root: hash(new_root) },
      ];
      expect(message(() => verifyConsistency(from, to, proof.map(hash))), name).toBe(fails);
    }
  });

  test("every proof of every small tree holds, and only for its place and size", () => {
    for (let size = 1; size <= 33; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(BigInt(index), BigInt(size), node);
        verifyInclusion(leafHash(entry(index)), BigInt(index), headOf(size), proof);
        const elsewhere = (): void =>
          verifyInclusion(leafHash(entry(index)), BigInt((index + 1) % size), headOf(size), proof);
        if (size > 1) expect(elsewhere).toThrow(/inclusion proof/);
        const grown = consistencyProof(BigInt(index), BigInt(size), node);
        verifyConsistency(headOf(index), headOf(size), grown);
        const another = { size: BigInt(index), root: headOf(index + 1).root };
        expect(() => verifyConsistency(another, headOf(size), grown)).toThrow();
      }
    }
  });
});

describe("signed texts", () => {
  test("keys", () => {
    for (const text of [log.log_key, log.witness_key]) expect(writeVkey(parseVkey(text))).toBe(text);
    for (const { key, fails } of log.bad_keys) expect(message(() => parseVkey(key)), key).toBe(fails);
    expect(epochOrigin("postfach.example", 1)).toBe(parseVkey(log.log_key).name);
  });

  test("checkpoints", () => {
    const keys = [parseVkey(log.log_key)];
    const note = parseNote(utf8(log.checkpoint));
    expect(writeNote(note)).toBe(log.checkpoint);
    const { head, origin, extensions } = verifySigned(note, keys);
    expect([origin, head.size, toHex(head.root)]).toEqual(["postfach.example/1", 600n, toHex(headOf(SIZE).root)]);
    expect(extensions).toEqual([]);
    for (const bad of log.bad_checkpoints) {
      expect(message(() => verifySigned(parseNote(utf8(bad.note)), keys)), bad.name).toBe(bad.fails);
    }
  });

  test("a policy judges notes, post-quantum cosignatures included", async () => {
    const { policy: text, written, witnesses, notes } = log.judgements;
    const policy = parsePolicy(utf8(text));
    expect(new TextDecoder().decode(writePolicy(policy))).toBe(written);
    expect(policy.witnesses.map(({ key }) => [key.name, key.id])).toEqual(witnesses);
    await policy.load();
    for (const { name, note, judged } of notes) {
      if ("fails" in judged) {
        expect(message(() => policy.judge(utf8(note), policy.logKeys)), name).toBe(judged.fails);
        continue;
      }
      const judgement = policy.judge(utf8(note), policy.logKeys);
      const seconds = (time: bigint | undefined): number | null => (time === undefined ? null : Number(time));
      const found = {
        cosigned: judgement.cosigned.map(({ witness, time }) => [policy.witnesses[witness]?.name, seconds(time)]),
        quorum: judgement.hasQuorum,
        quorum_time: seconds(judgement.quorumTime),
      };
      expect(found, name).toEqual(judged);
    }
  });

  test("any changed byte of a post-quantum cosignature is noticed", async () => {
    const policy = parsePolicy(utf8(log.judgements.policy));
    await policy.load();
    const enough = log.judgements.notes.find(({ name }) => name === "enough");
    const note = parseNote(utf8(enough?.note ?? ""));
    const last = note.signatures.at(-1);
    expect(last?.bytes.length).toBe(8 + 2420);
    for (let at = 0; at < 8 + 2420; at += 97) {
      const bytes = last?.bytes.slice() ?? new Uint8Array();
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      const spoilt = { ...note, signatures: [...note.signatures.slice(0, -1), { name: "", id: "", ...last, bytes }] };
      expect(message(() => policy.judgeNote(spoilt, policy.logKeys))).toMatch(/false signature in the name of pq/);
    }
  });

  test("bad policies are refused with their line", () => {
    for (const { policy, fails } of log.bad_policies) {
      expect(message(() => parsePolicy(utf8(policy))), policy.slice(0, 200)).toBe(fails);
    }
    const long = utf8("#\n".repeat(200_000));
    expect(message(() => parsePolicy(long))).toBe("policy, line 1: policy is longer than 262144 bytes");
  });

  test("a proof travels alone", async () => {
    const policy = parsePolicy(utf8(log.policy));
    await loadFor(policy.logKeys);
    const keys: VerifierKey[] = [parseVkey(log.log_key)];
    const proof = parseTlogProof(utf8(log.proof_file));
    expect(writeTlogProof(proof)).toBe(log.proof_file);
    expect(new TextDecoder().decode(proof.extra)).toBe("Bescheid");
    expect(verifyTlogProof(proof, entry(300), keys, policy).quorumTime).toBe(1_790_000_000n);
    expect(message(() => verifyTlogProof(proof, entry(301), keys, policy))).toMatch(/another root/);
    expect(message(() => verifyTlogProof(proof, entry(300), keys, Policy.WITHOUT_WITNESSES))).toBe("accepted");
    const strict = parsePolicy(utf8(log.judgements.policy));
    expect(message(() => verifyTlogProof(proof, entry(300), keys, strict))).toMatch(/not cosigned by as many/);
    for (const bad of log.bad_proof_files) {
      expect(message(() => parseTlogProof(utf8(bad.proof_file))), bad.proof_file.slice(0, 200)).toBe(bad.fails);
    }
  });
});
