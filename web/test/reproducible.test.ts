// The build gives the same bytes wherever and whenever it runs: another folder, time zone, language and day.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const MINUTE = 60_000;
const source = join(import.meta.dirname, "..");
/** What the build reads. */
const PARTS = ["build", "desk", "index.html", "legal", "package.json", "public", "src", "tsconfig.json", "verify", "vite.config.ts"];

/** Builds a copy; answers the hash of every file by its path. */
function build(environment: Readonly<Record<string, string>>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "postfach-build-"));
  try {
    for (const part of PARTS) cpSync(join(source, part), join(folder, part), { recursive: true });
    symlinkSync(join(source, "node_modules"), join(folder, "node_modules"));
    execFileSync(process.execPath, [join(source, "node_modules/vite/bin/vite.js"), "build"], { cwd: folder, env: { ...process.env, ...environment }, stdio: "pipe" });
    const pages = join(folder, "dist/pages");
    const files = readdirSync(pages, { recursive: true, encoding: "utf8" }).map((name) => join(pages, name)).filter((path) => statSync(path).isFile());
    return Object.fromEntries(files.sort().map((path) => [relative(pages, path), createHash("sha256").update(readFileSync(path)).digest("hex")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("two builds in different places are the same, file by file", () => {
  const one = build({ TZ: "UTC", LANG: "C.UTF-8" });
  const other = build({ TZ: "Pacific/Kiritimati", LANG: "de_DE.UTF-8", SOURCE_DATE_EPOCH: "1" });
  expect(Object.keys(one).length).toBeGreaterThan(20);
  expect(other).toEqual(one);
}, 5 * MINUTE);
