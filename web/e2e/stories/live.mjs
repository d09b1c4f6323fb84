// Mail that arrives while the inbox is shown: without reloading, and not while nobody looks or nothing connects.
import assert from "node:assert/strict";
import { enrol, row } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { authoritySends } from "../server.mjs";

const MAILBOX = /\/v1\/mailboxes\/[^/]+\/envelopes/;

export async function aLetterAppearsWhileTheInboxIsShown({ browser, server, letter }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  const asked = [];
  const open = new Set();
  page.on("request", (request) => {
    if (!MAILBOX.test(request.url())) return;
    asked.push(request.url());
    open.add(request);
  });
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => open.delete(request));
  const send = (subject) => authoritySends(server, "--to", String(5000 + letter), "--subject", subject, "--text", "Guten Tag");
  const waits = () => assert.ok(open.size <= 1, "more than one loop");
  const until = async (holds, what) => {
    for (let turn = 0; turn < 100 && !holds(); turn += 1) await page.waitForTimeout(100);
    assert.ok(holds(), what);
  };

  await enrol({ page, server, letter, consents: false });
  await row(page, "Willkommen").waitFor({ timeout: 30_000 });
  await until(() => [...open].some((request) => request.url().includes("wait=")), "nothing waits for mail");
  send("Neues eins");
  await row(page, "Neues eins").waitFor({ timeout: 20_000 });
  await page.locator("[aria-live=polite]").filter({ hasText: "1 neuer Brief" }).waitFor();
  await accessible(page, "news of a letter");
  waits();

  // Nobody looks: the waiting request ends and none follows; then what came meanwhile is there.
  const look = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await look(true);
  await until(() => open.size === 0, "it waits though nobody looks");
  const before = asked.length;
  send("Neues zwei");
  assert.equal(asked.length, before, "asked while nobody looks");
  assert.equal(await row(page, "Neues zwei").count(), 0);
  await look(false);
  await row(page, "Neues zwei").waitFor({ timeout: 20_000 });

  // No connection: likewise.
  await context.setOffline(true);
  await until(() => open.size === 0, "it waits without a connection");
  send("Neues drei");
  await context.setOffline(false);
  await row(page, "Neues drei").waitFor({ timeout: 20_000 });

  // The server is away: it is said, tried again, and taken back when it answers.
  await page.route(MAILBOX, (route) => route.abort());
  send("Neues vier"); // ends the request that waits; the next one fails
  await page.getByText("Der Server ist nicht erreichbar.").waitFor({ timeout: 20_000 });
  await accessible(page, "the server is away");
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await row(page, "Neues vier").waitFor({ timeout: 20_000 });
  await page.getByText("Der Server ist nicht erreichbar.").waitFor({ state: "detached" });

  // Locked: nothing is asked any more.
  await page.getByRole("button", { name: "Abschließen" }).click();
  await page.getByRole("button", { name: /passkey/i }).first().waitFor();
  await until(() => open.size === 0, "it waits though it is locked");
  assert.deepEqual(faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/.test(fault)), []);
  await context.close();
}
