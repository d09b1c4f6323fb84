// The vectors that the Rust tests read: docs/format/vectors.
import { readFileSync } from "node:fs";
import { fromHex } from "../src/core/codec/bytes.ts";

/** Reads one file of vectors; its shape is the caller's to know. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../docs/format/vectors/${name}.json`, import.meta.url), "utf8")) as T;
}

/** The bytes of a hexadecimal text in a vector. */
export function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text.slice(0, 20)}`);
  return bytes;
}

/** The `reason` of what `action` throws. */
export function reasonOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Error && "reason" in error) return String(error.reason);
    throw error;
  }
  return "accepted";
}
