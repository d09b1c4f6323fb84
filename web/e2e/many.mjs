// A mailbox of ten thousand letters in the browser: prints how long what takes, asserts nothing.
//
//   POSTFACH=path/to/postfach [PAGES=dist/pages] node e2e/many.mjs [letters]
//
// The authority sends them with `send --batch`, which takes longer than everything that is measured.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { enrol, row } from "./acts.mjs";
import { launch, person } from "./browser.mjs";
import { startPages } from "./pages.mjs";
import { startServer } from "./server.mjs";

const LETTERS = Number(process.argv[2] ?? 10_000);
const MINUTES = 60_000;
const program = process.env.POSTFACH ?? fileURLToPath(new URL("../../target/debug/postfach", import.meta.url));

const server = await startServer(program, 1);
const pages = process.env.PAGES === undefined ? undefined : await startPages(resolve(process.env.PAGES), server);
const browser = await launch(pages?.proxy);
const print = (what, milliseconds) => console.log(`${what}: ${milliseconds < 10_000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`}`);
async function timed(what, action) {
  const started = performance.now();
  await action();
  print(what, performance.now() - started);
}
/** The longest time for which the page could not answer while `action` ran. */
async function longestPause(page, what, action) {
  await page.evaluate(() => {
    globalThis.pauses = [];
    let last = performance.now();
    const tick = () => {
      globalThis.pauses.push(performance.now() - last);
      last = performance.now();
      globalThis.ticking = setTimeout(tick);
    };
    tick();
  });
  await action();
  print(`  longest pause, ${what}`, await page.evaluate(() => {
    clearTimeout(globalThis.ticking);
    return Math.max(...globalThis.pauses);
  }));
}

try {
  const { page } = await person(browser, { authenticator: "prf" });
  await enrol({ page, server, letter: 1 });
  await row(page, "Hundesteuerbescheid").waitFor({ timeout: 30_000 });
  await page.goto("about:blank");
  const rows = Array.from({ length: LETTERS - 3 }, (_, index) => `5001;Mitteilung ${index};Text der Mitteilung ${index}, Straße ${index % 97};`);
  const file = join(server.folder, "viele.csv");
  writeFileSync(file, `reference;subject;text;files\n${rows.join("\n")}\n`);
  await timed(`${LETTERS} letters sent by the command line`, async () => {
    execFileSync(program, ["--home", join(server.folder, "authority"), "send", "--batch", file, "--no-archive", "--yes", "--quiet"], { stdio: ["ignore", "ignore", "inherit"] });
  });

  const unlock = async () => {
    await page.goto(server.pages);
    await page.getByRole("button", { name: /passkey/i }).click();
    await page.getByText(new RegExp(`^${LETTERS} Briefe$`)).waitFor({ timeout: 10 * MINUTES });
  };
  await timed("unlocked, every new header verified", unlock);
  await timed("unlocked again", unlock);
  await timed("the newest row", () => row(page, `Mitteilung ${LETTERS - 4}`).waitFor({ timeout: MINUTES }));
  await longestPause(page, "scrolling through all of it in 100 steps", async () => {
    await timed("  scrolled", () => page.evaluate(async () => {
      const step = document.documentElement.scrollHeight / 100;
      for (let at = 0; at < 100; at += 1) {
        scrollTo(0, at * step);
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      }
    }));
  });
  console.log(`rows in the page after it: ${await page.locator(".letters li").count()}`);
  const search = page.getByRole("searchbox");
  await page.evaluate(() => scrollTo(0, 0));
  await search.fill("mitteilung");
  await timed("every letter read for the search", async () => {
    await page.getByRole("button", { name: "Auch diese durchsuchen" }).click();
    await page.getByText(`${LETTERS - 3} Briefe gefunden`).waitFor({ timeout: 60 * MINUTES });
  });
  await search.press("End");
  await longestPause(page, "typing a word", () => search.pressSequentially(" strasse 42"));
  await page.getByText(/gefunden$/).waitFor();
  await page.waitForTimeout(1000); // what was noted is written
  await timed("unlocked with everything noted", unlock);
  await timed("found", async () => {
    await search.fill("strasse 42");
    await page.getByText(/gefunden$/).waitFor();
  });
} finally {
  await browser.close();
  await pages?.stop();
  await server.stop();
}
