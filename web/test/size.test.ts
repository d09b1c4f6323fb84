// The first load stays small: what index.html names, as it is sent.
import { existsSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";

const MOST = 250 * 1024;
const pages = new URL("../dist/pages/", import.meta.url);

function sent(path: string): number {
  const packed = new URL(`.${path}.br`, pages);
  return statSync(existsSync(packed) ? packed : new URL(`.${path}`, pages)).size;
}

test.each(["index.html", "verify/index.html", "desk/index.html"])("%s and what it names", (page) => {
  if (!existsSync(pages)) throw new Error("the pages are not built: npm run build");
  const html = readFileSync(new URL(page, pages), "utf8");
  const named = [...html.matchAll(/(?:src|href)="(\/(?:assets\/[^"]+|check\.js))"/g)].map((found) => found[1] ?? "");
  const total = named.reduce((sum, path) => sum + sent(path), sent(`/${page}`));
  expect(named.length).toBeGreaterThan(1);
  expect(total).toBeLessThan(MOST);
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|onload=/);
});
