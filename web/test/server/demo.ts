// The real server, started by `postfach demo --pages`: an operator, a certified authority whose desk answers claims
// and sends letters, and letters with codes. The variable POSTFACH names the program; without it the tests that need it
// are skipped, as nobody can tell whether a program that lies around is of this source.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress } from "../../src/core/addresses/address.ts";
import { HybridIdentity } from "../../src/core/age/hybrid.ts";
import { Variant, decodeBech32 } from "../../src/core/codec/bech32.ts";
import { concat } from "../../src/core/codec/bytes.ts";
import type { Invitation } from "../../src/core/enrolment/invitation.ts";
import { ActivationCode } from "../../src/core/enrolment/secret.ts";
import { keyBytes } from "../../src/core/ids.ts";
import { SigningKey } from "../../src/core/keys/signing-key.ts";
import type { OpenedLetter } from "../../src/client/read.ts";
import type { PrivateKeys, Profile } from "../../src/client/session.ts";

/** How long the demo may take to begin, in milliseconds. */
export const START_LIMIT = 60_000;

export function program(): string | undefined {
  const path = process.env["POSTFACH"];
  if (path !== undefined && !existsSync(path)) throw new Error(`POSTFACH names no program: ${path}`);
  return path;
}

export interface Demo {
  /** What the letters say. */
  readonly invitations: readonly Invitation[];
  readonly authority: { readonly profile: Profile; readonly keys: PrivateKeys };
  /** Where the demo keeps its files: the authority's profile is `authority`, the witnesses' policy `policy.txt`. */
  readonly folder: string;
  /** Runs the program on the command line; what it says and how it ended. */
  run(...args: readonly string[]): Promise<{ status: number; said: string }>;
  stop(): Promise<void>;
}

export async function startDemo(path: string, letters: number): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), "postfach-web-"));
  const child = spawn(path, ["demo", "--pages", "--letters", String(letters), "--keep", folder, "--lang", "en"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.kill("SIGINT")) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const service = await began(child);
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    const profile = readProfile(read("authority/profile.toml"), service);
    const invitations: Invitation[] = [];
    for (let number = 0; number < letters; number += 1) {
      const code = await codeOn(join(folder, `letter-${5001 + number}.pdf`));
      invitations.push({ service, issuer: profile.address, root: profile.root, code });
    }
    const run: Demo["run"] = (...args) =>
      new Promise((resolve) => {
        execFile(path, args, { encoding: "utf8", timeout: START_LIMIT }, (error, stdout, stderr) => {
          resolve({ status: error === null ? 0 : Number(error.code ?? -1), said: stdout + stderr });
        });
      });
    return { invitations, authority: { profile, keys: readKeys(read("authority/keys.txt")) }, folder, run, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address of the pages, once the demo tells it. */
function began(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`the demo did not begin:\n${said}`)), START_LIMIT);
    const listen = (piece: Buffer): void => {
      said += piece.toString();
      const service = /http:\/\/localhost:\d+(?=\s)/.exec(said)?.[0];
      if (service !== undefined && said.includes("Ctrl+C")) {
        clearTimeout(late);
        resolve(service);
      }
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.once("exit", (status) => {
      clearTimeout(late);
      reject(new Error(`the demo ended with ${String(status)}:\n${said}`));
    });
  });
}

function readProfile(toml: string, service: string): Profile & { address: Invitation["issuer"] } {
  const value = (name: string): string => new RegExp(`^${name} = "?([^"\n]*)"?$`, "m").exec(toml)?.[1] ?? "";
  const address = parseAddress(value("address"));
  const root = keyBytes.parse(value("operator_root"));
  if (address === undefined || root === undefined) throw new Error("the authority's profile is not readable");
  return { service, origin: value("origin"), epoch: Number(value("epoch")), root, address };
}

function readKeys(text: string): PrivateKeys {
  const line = (prefix: string): string => text.split("\n").find((one) => one.startsWith(prefix)) ?? "";
  const identity = decodeBech32(Variant.bech32m, line("POSTFACH-IDENTITY-KEY-"));
  if (identity === undefined) throw new Error("the authority's keys are not readable");
  return {
    identity: SigningKey.fromSeed(identity.bytes),
    openers: [HybridIdentity.parse(line("AGE-SECRET-KEY-PQ-"))],
  };
}

/** The code as it is printed on a letter. */
async function codeOn(path: string): Promise<ActivationCode> {
  const { getDocument } = await import("pdfjs-dist/legacy/build/pdf.mjs");
  const task = getDocument({ data: new Uint8Array(readFileSync(path)), verbosity: 0 });
  const pdf = await task.promise;
  let text = "";
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const content = await (await pdf.getPage(number)).getTextContent();
    text += content.items.map((item) => ("str" in item ? `${item.str}${item.hasEOL ? "\n" : ""}` : "")).join("");
  }
  await task.destroy();
  const printed = /(?:[0-9A-Z]{4}[-\s]+){7}[0-9A-Z]{4}/.exec(text)?.[0];
  if (printed === undefined) throw new Error(`no code on ${path}:\n${text}`);
  return ActivationCode.parse(printed);
}

/** Asks until the answer is there; the limit is far beyond what the desk needs. */
export async function eventually<T>(ask: () => Promise<T | undefined>, limit = 30_000): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error("it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** An attachment in memory. */
export async function attachmentBytes(letter: OpenedLetter, index: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await letter.attachment(index, (text) => void pieces.push(text));
  return concat(...pieces);
}
