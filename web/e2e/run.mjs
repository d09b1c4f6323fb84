// The pages in a real browser against the real server. Each story is a function; all run unless named.
//
//   POSTFACH=path/to/postfach node e2e/run.mjs [--screenshots] [story …]
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { startServer } from "./server.mjs";
import * as stories from "./stories.mjs";

const program = process.env.POSTFACH ?? fileURLToPath(new URL("../../target/debug/postfach", import.meta.url));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const shots = process.argv.includes("--screenshots") ? fileURLToPath(new URL("../../docs/screenshots/", import.meta.url)) : undefined;
if (shots) mkdirSync(shots, { recursive: true });

const chosen = Object.entries(stories).filter(([name]) => wanted.length === 0 || wanted.includes(name));
const server = await startServer(program, chosen.length);
const browser = await launch();
let failed = 0;
try {
  for (const [index, [name, story]] of chosen.entries()) {
    const started = Date.now();
    try {
      await story({ browser, server, letter: index + 1, shots });
      console.log(`ok    ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n${error.stack}`);
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
process.exit(failed === 0 ? 0 : 1);
