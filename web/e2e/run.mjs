// The pages in a real browser against the real server. Each function that a file of `stories/` exports is a story;
// all run unless stories or files are named. A story that needs other than one letter says so: `story.letters = 2`.
//
//   POSTFACH=path/to/postfach [PAGES=dist/pages] node e2e/run.mjs [--screenshots] [story or file …]
//
// With PAGES the browser gets the pages of that folder in place of those in the program (`pages.mjs`).
import { mkdirSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { startPages } from "./pages.mjs";
import { startServer } from "./server.mjs";

/** Stories wait more than they compute; each runner has a browser of its own. */
const AT_ONCE = 2;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = process.env.POSTFACH ?? here("../../target/debug/postfach");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const shots = process.argv.includes("--screenshots") ? here("../../docs/screenshots/") : undefined;
if (shots) mkdirSync(shots, { recursive: true });

const chosen = [];
let letters = 0;
for (const file of readdirSync(here("stories")).filter((name) => name.endsWith(".mjs")).sort()) {
  const area = file.slice(0, -".mjs".length);
  for (const [name, story] of Object.entries(await import(`./stories/${file}`))) {
    if (wanted.length > 0 && !wanted.includes(name) && !wanted.includes(area)) continue;
    const own = Array.from({ length: story.letters ?? 1 }, (_, index) => letters + index + 1);
    letters += own.length;
    chosen.push({ name: `${area}: ${name}`, story, letters: own });
  }
}
if (chosen.length === 0) throw new Error(`no story is called ${wanted.join(", ")}`);

const server = await startServer(program, Math.max(letters, 1));
const waiting = [...chosen];
let failed = 0;

async function runner(proxy) {
  const browser = await launch(proxy);
  try {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, story, letters: own } = next;
      const started = Date.now();
      try {
        await story({ browser, server, letter: own[0], letters: own, shots, proxy });
        console.log(`ok    ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      } catch (error) {
        failed += 1;
        console.log(`FAIL  ${name}\n${error.stack}`);
      } finally {
        for (const context of browser.contexts()) await context.close();
      }
    }
  } finally {
    await browser.close();
  }
}

let pages;
try {
  pages = process.env.PAGES === undefined ? undefined : await startPages(resolve(process.env.PAGES), server);
  await Promise.all(Array.from({ length: AT_ONCE }, () => runner(pages?.proxy)));
} finally {
  await pages?.stop();
  await server.stop();
}
process.exit(failed === 0 ? 0 : 1);
