// The shared vectors are where the tests look for them.
import { existsSync } from "node:fs";
import { expect, test } from "vitest";

test("the vectors that Rust and TypeScript share are there", () => {
  expect(existsSync(new URL("../../docs/format/vectors/", import.meta.url))).toBe(true);
});
