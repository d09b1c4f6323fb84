// A browser that lacks something is told so before anything starts, with the ways out.
import assert from "node:assert/strict";
import { accessible, person, withAxe } from "../browser.mjs";

const LACKING = {
  IndexedDB: "delete IDBObjectStore.prototype.getAllKeys",
  Streams: "delete globalThis.ReadableStream",
  Intl: "delete globalThis.Intl",
  isWellFormed: "delete String.prototype.isWellFormed",
};

export async function aBrowserThatIsTooOldIsToldSo({ browser, server }) {
  for (const [name, without] of Object.entries(LACKING)) {
    const { context, page, faults } = await person(browser, { viewport: { width: 320, height: 640 } });
    await withAxe(page);
    await page.addInitScript({ content: without });
    for (const start of name === "Streams" ? ["/", "/verify", "/desk/index.html"] : ["/"]) {
      await page.goto(`${server.pages}${start}`);
      await page.getByRole("heading", { level: 1, name: "kann in diesem Browser nicht öffnen" }).waitFor();
      await page.getByText("Safari (iPhone, iPad, Mac): 16.4").first().waitFor();
      await page.getByText(`Missing: ${name}`).waitFor();
      assert.equal(await page.getByRole("button").count(), 0, "the page started all the same");
      if (name === "Streams") await accessible(page, `too old at ${start}`);
    }
    await page.getByRole("link", { name: "Impressum" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Impressum" }).waitFor();
    assert.deepEqual(faults, []);
    await context.close();
  }
}
