// Two other engines, driven through nothing but scripts: Debian's Firefox (WebDriver BiDi, by puppeteer-core) and WebKit,
// Safari's engine (WebKitGTK's own driver, W3C WebDriver). A page is anything with `goto`, `run` and `close`.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import puppeteer from "puppeteer-core";

const START = 30_000;
const PAUSE = 100;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Debian's Firefox, headless. `proxy`: what stands between it and the server (`pages.mjs`). */
export async function firefox(proxy) {
  const through = proxy === undefined ? {} : { "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": Number(new URL(proxy).port), "network.proxy.allow_hijacking_localhost": true };
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr", headless: true, extraPrefsFirefox: { "intl.accept_languages": "de-DE, de", ...through } });
  const [page] = await browser.pages(); // one that is in front: timers of others are slowed down
  await page.setViewport({ width: 390, height: 844 });
  return {
    version: await browser.version(),
    goto: (url) => page.goto(url),
    run: (script, ...values) => page.evaluate(new Function(...values.map((_, index) => `v${index}`), script), ...values),
    close: () => browser.close(),
  };
}

/** Debian's browser around WebKitGTK, wherever this processor's libraries lie. */
function miniBrowser() {
  const found = readdirSync("/usr/lib").flatMap((folder) => ["4.1", "4.0"].map((version) => `/usr/lib/${folder}/webkit2gtk-${version}/MiniBrowser`)).find((path) => existsSync(path));
  if (found === undefined) throw new Error("no MiniBrowser: tests/tools/install --stories");
  return found;
}

/** WebKitGTK on a display of its own, always with the program's pages. */
export async function webkit() {
  const port = await freePort();
  const driver = spawn("xvfb-run", ["--auto-servernum", "WebKitWebDriver", `--port=${port}`], { stdio: "ignore", detached: true, env: { ...process.env, LANG: "de_DE.UTF-8", LANGUAGE: "de" } });
  const stop = () => process.kill(-driver.pid, "SIGTERM");
  const ask = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKitWebDriver: ${value.error}: ${value.message}`);
    return value;
  };
  try {
    for (const started = Date.now(); ; await sleep(PAUSE)) {
      const ready = await ask("GET", "/status").catch(() => undefined);
      if (ready?.ready) break;
      if (Date.now() - started > START) throw new Error("WebKitWebDriver does not start");
    }
    const { sessionId, capabilities } = await ask("POST", "/session", { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] } } } });
    const session = `/session/${sessionId}`;
    await ask("POST", `${session}/timeouts`, { script: START, pageLoad: START });
    return {
      version: `${capabilities.browserName}/${capabilities.browserVersion}`,
      goto: (url) => ask("POST", `${session}/url`, { url }),
      run: (script, ...values) => ask("POST", `${session}/execute/sync`, { script: `const [${values.map((_, index) => `v${index}`).join(",")}] = arguments; ${script}`, args: values }),
      close: async () => {
        await ask("DELETE", session).catch(() => undefined);
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}
