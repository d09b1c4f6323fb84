// The text form of a policy (C2SP tlog-policy, "Policy file syntax and structure").
//
// A file is octets: names and URLs are opaque, only keys must be UTF-8. Errors name the line. Comments and spacing are
// not kept.

import { fromUtf8, utf8 } from "../codec/bytes.ts";
import { type Group, type Member, Policy, type PolicyLog, type PolicyWitness } from "./policy.ts";
import { parseDecimal } from "./text.ts";
import { SignatureType, type VerifierKey, parseVkey, samePublicKey, writeVkey } from "./vkey.ts";

/** Longest policy in bytes. */
export const MAX_POLICY = 256 * 1024;
/** Most logs, witnesses and groups of a policy each; the specification asks for at least 32. */
export const MAX_LOGS = 64;
export const MAX_WITNESSES = 64;
export const MAX_GROUPS = 64;
/** The name that stands for no witness at all. */
const NONE = "none";

const FAULTS = {
  "too-long": `policy is longer than ${MAX_POLICY} bytes`,
  characters: "control character, or no newline at the end",
  keyword: "expected log, witness, group or quorum",
  words: "too few or too many words",
  "key-type": "key is of a type that is not for this",
  "duplicate-key": "another line has the same public key",
  "duplicate-name": "name is taken",
  "unknown-name": "name is not defined on a line before",
  "member-twice": "name is a member of a group already",
  threshold: "threshold is not all, any, or a number from 1 to the number of members",
  "too-many": `more than ${MAX_LOGS} logs, ${MAX_WITNESSES} witnesses or ${MAX_GROUPS} groups`,
  quorum: "exactly one quorum line is needed",
} as const;

/** Why a text is not a policy; `key`: a verifier key is not one. */
export type PolicyFault = keyof typeof FAULTS | "key";

/** What is wrong with a policy, and in which line, from 1; the last one where something is missing. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";

  constructor(
    readonly line: number,
    readonly fault: PolicyFault,
    words: string,
  ) {
    super(`policy, line ${line}: ${words}`);
  }
}

/** A fault before its line is known. */
class Fault extends Error {
  constructor(
    readonly fault: PolicyFault,
    readonly words: string = fault === "key" ? "" : FAULTS[fault],
  ) {
    super(words);
  }
}

/** Reads a policy. Throws PolicyError. */
export function parsePolicy(bytes: Uint8Array): Policy {
  if (bytes.length > MAX_POLICY) throw new PolicyError(1, "too-long", FAULTS["too-long"]);
  const reader = new Reader();
  const lines = octets(bytes).split("\n");
  for (const [place, line] of lines.entries()) {
    try {
      // Every line ends in a newline.
      if (place === lines.length - 1 && line !== "") throw new Fault("characters");
      if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) throw new Fault("characters");
      reader.line(line);
    } catch (error) {
      if (error instanceof Fault) throw new PolicyError(place + 1, error.fault, error.words);
      throw error;
    }
  }
  const policy = reader.policy();
  if (policy === undefined) throw new PolicyError(lines.length, "quorum", FAULTS.quorum);
  return policy;
}

/** Writes a policy, one line a definition. */
export function writePolicy(policy: Policy): Uint8Array {
  const nameOf = ({ kind, place }: Member): string =>
    (kind === "witness" ? policy.witnesses[place]?.name : policy.groups[place]?.name) ?? NONE;
  const vkey = (key: VerifierKey): string => octets(utf8(writeVkey(key)));
  const lines = [
    ...policy.logs.map(({ key, url }) => ["log", vkey(key), url]),
    ...policy.witnesses.map(({ name, key, url }) => ["witness", name, vkey(key), url]),
    ...policy.groups.map(({ name, threshold, members }) => ["group", name, String(threshold), ...members.map(nameOf)]),
    ["quorum", policy.quorum === undefined ? NONE : nameOf(policy.quorum)],
  ];
  const text = lines.map((words) => `${words.filter((word) => word !== undefined).join(" ")}\n`).join("");
  return Uint8Array.from(text, (octet) => octet.charCodeAt(0));
}

/** One character for each octet. */
function octets(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** What the lines so far define. */
class Reader {
  private readonly logs: PolicyLog[] = [];
  private readonly witnesses: PolicyWitness[] = [];
  private readonly groups: Group[] = [];
  private readonly members = new Set<string>();
  private quorum: { readonly member: Member | undefined } | undefined;

  policy(): Policy | undefined {
    return this.quorum && new Policy(this.logs, this.witnesses, this.groups, this.quorum.member);
  }

  line(line: string): void {
    const [keyword, ...words] = line.split(/[ \t]/).filter((word) => word !== "");
    if (keyword === undefined || keyword.startsWith("#")) return;
    const [first, second, third, ...rest] = words;
    if (keyword === "log" && first !== undefined && words.length <= 2) this.log(first, second);
    else if (keyword === "witness" && first !== undefined && second !== undefined && rest.length === 0) {
      this.witness(first, second, third);
    } else if (keyword === "group" && first !== undefined && second !== undefined && third !== undefined) {
      this.group(first, second, [third, ...rest]);
    } else if (keyword === "quorum" && first !== undefined && words.length === 1) this.setQuorum(first);
    else throw new Fault(["log", "witness", "group", "quorum"].includes(keyword) ? "words" : "keyword");
  }

  private log(word: string, url: string | undefined): void {
    const key = readKey(word);
    if (key.type === SignatureType.ed25519Cosigner) throw new Fault("key-type");
    if (this.logs.some((log) => samePublicKey(log.key, key))) throw new Fault("duplicate-key");
    if (this.logs.length === MAX_LOGS) throw new Fault("too-many");
    this.logs.push({ key, url });
  }

  private witness(name: string, word: string, url: string | undefined): void {
    const key = readKey(word);
    if (key.type === SignatureType.ed25519) throw new Fault("key-type");
    if (this.witnesses.some((witness) => samePublicKey(witness.key, key))) throw new Fault("duplicate-key");
    if (this.witnesses.length === MAX_WITNESSES) throw new Fault("too-many");
    this.checkFree(name);
    this.witnesses.push({ name, key, url });
  }

  private group(name: string, threshold: string, names: readonly string[]): void {
    if (this.groups.length === MAX_GROUPS) throw new Fault("too-many");
    this.checkFree(name);
    const count = readThreshold(threshold, names.length);
    const members = names.map((member) => {
      const found = this.find(member);
      if (found === undefined) throw new Fault("unknown-name");
      if (this.members.has(member)) throw new Fault("member-twice");
      this.members.add(member);
      return found;
    });
    this.groups.push({ name, threshold: count, members });
  }

  private setQuorum(name: string): void {
    if (this.quorum !== undefined) throw new Fault("quorum");
    const member = name === NONE ? undefined : this.find(name);
    if (name !== NONE && member === undefined) throw new Fault("unknown-name");
    this.quorum = { member };
  }

  private find(name: string): Member | undefined {
    const witness = this.witnesses.findIndex((known) => known.name === name);
    if (witness !== -1) return { kind: "witness", place: witness };
    const group = this.groups.findIndex((known) => known.name === name);
    return group === -1 ? undefined : { kind: "group", place: group };
  }

  private checkFree(name: string): void {
    if (name === NONE || this.find(name) !== undefined) throw new Fault("duplicate-name");
  }
}

function readThreshold(word: string, members: number): number {
  if (word === "all") return members;
  if (word === "any") return 1;
  const number = parseDecimal(word);
  if (number === undefined || number < 1n || number > BigInt(members)) throw new Fault("threshold");
  return Number(number);
}

function readKey(word: string): VerifierKey {
  const text = fromUtf8(Uint8Array.from(word, (octet) => octet.charCodeAt(0)));
  try {
    return parseVkey(text ?? "");
  } catch (error) {
    throw new Fault("key", error instanceof Error ? error.message : "");
  }
}
