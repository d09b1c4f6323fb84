// What the service worker keeps: files of the citizen's page that the build wrote, and nothing of the other pages.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const pages = new URL("../dist/pages/", import.meta.url);

test("every file that is kept is there, and no other page's", () => {
  if (!existsSync(pages)) throw new Error("the pages are not built: npm run build");
  const worker = readFileSync(new URL("sw.js", pages), "utf8");
  const files = JSON.parse(/const FILES = (\[.*\]);/.exec(worker)?.[1] ?? "") as string[];
  expect(worker).toMatch(/const VERSION = "[0-9a-f]{16}";/);
  for (const file of files) expect(existsSync(new URL(file === "/" ? "index.html" : `.${file}`, pages)), file).toBe(true);
  const html = readFileSync(new URL("index.html", pages), "utf8");
  for (const [, named] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) if (named !== "/legal/index.html") expect(files).toContain(named);
  expect(files.join(" ")).not.toMatch(/desk|pdf|jsQR|\/v1\//);
});
