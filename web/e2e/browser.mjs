// Debian's Chromium, driven by playwright-core: contexts with and without authenticators, axe on every view, and
// everything that a page may not do is collected.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** `proxy`: what stands between the browser and the server (`pages.mjs`); browsers pass by it for localhost unless told. */
export function launch(proxy) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const through = proxy === undefined ? [] : [`--proxy-server=${proxy}`, "--proxy-bypass-list=<-loopback>"];
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", ...through] });
}

/** A person's browser. `authenticator`: "prf", "no-prf" or nothing. Service workers hide requests from stories that change them. */
export async function person(browser, { authenticator, ...options } = {}) {
  const context = await browser.newContext({ serviceWorkers: "block", locale: "de-DE", viewport: { width: 390, height: 844 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (["http:", "https:"].includes(url.protocol) && url.hostname !== "localhost") faults.push(`third party: ${url}`);
  });
  if (authenticator !== undefined) {
    const client = await context.newCDPSession(page);
    await client.send("WebAuthn.enable");
    await client.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true,
        isUserVerified: true, automaticPresenceSimulation: true, hasPrf: authenticator === "prf",
      },
    });
  }
  return { context, page, faults };
}

/** Fails on any accessibility violation of the view that is shown. */
export async function accessible(page, view) {
  const found = await page.evaluate(async (tags) => {
    const { violations } = await globalThis.axe.run(document, { runOnly: tags });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join("\n    ")}`);
  }, TAGS);
  if (found.length > 0) throw new Error(`${view} is not accessible:\n  ${found.join("\n  ")}`);
  const wide = await page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth + 1) return undefined;
    const beyond = [...document.querySelectorAll("body *:not(.pdf-page *)")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
    return beyond.slice(-1).map(({ outerHTML }) => outerHTML.slice(0, 160)).join("");
  });
  if (wide !== undefined) throw new Error(`${view} is wider than the screen: ${wide}`);
}

/** Puts axe into every page of this context; the debugger's scripts are not the page's, so its policy allows them. */
export async function withAxe(page) {
  await page.addInitScript({ content: axe });
}
