// A server that lies: every change is named, and nothing that was changed is shown as genuine.
import assert from "node:assert/strict";
import { enrol, row } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { authoritySends } from "../server.mjs";

const DISHONEST = "Der Server hat etwas gezeigt, das nicht stimmen kann";
const NOT_SIGNED = "Der Inhalt ist nicht der, der unterschrieben wurde";
const WELCOME = "Willkommen in Ihrem Postfach";
const ENVELOPE = /\/v1\/envelopes\/[0-9a-f]{64}$/;
const MAILBOX = /\/v1\/mailboxes\//;

/** Changes one bit in the middle of base64. */
function flipped(base64) {
  const bytes = Buffer.from(base64, "base64");
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  return bytes.toString("base64");
}

const flip = (object, field) => ({ ...object, [field]: flipped(object[field]) });
const entry = (body, index) => ({ ...body, entries: body.entries.map((one, at) => (at === index ? flip(one, "statement") : one)) });

/** What the server changes, in which answers, and the lie that the page names. */
const LIES = [
  ["a header in the list", MAILBOX, (body) => entry(body, 0), "statement"],
  ["a letter dropped from the list", MAILBOX, (body) => ({ ...body, entries: body.entries.slice(1), count: body.count - 1 }), "dropped-entry"],
  ["the list's head", MAILBOX, (body) => flip(body, "head"), "statement"],
  ["a letter's head", ENVELOPE, (body) => flip(body, "head"), "statement"],
  ["a receipt", ENVELOPE, (body) => entry(body, 1), "statement"],
  ["a receipt left out", ENVELOPE, (body) => ({ ...body, entries: body.entries.slice(0, -1) }), "dropped-entry"],
  ["an age header", ENVELOPE, (body) => ({ ...body, age_headers: body.age_headers?.map(flipped) }), "age-header", NOT_SIGNED],
];

async function reopen(page) {
  await page.reload();
  await page.getByRole("button", { name: /passkey/i }).click();
}

/** A server that changes answers with entries; `stop` ends that and says how many it changed. */
async function liar(page, url, change) {
  let changed = 0;
  await page.route(url, async (route) => {
    try {
      const response = await route.fetch();
      const body = await response.json();
      if (!(body.entries?.length > 0)) return await route.fulfill({ response, json: body });
      changed += 1;
      return await route.fulfill({ response, json: change(body) });
    } catch {
      return undefined; // the page was left while it waited for mail
    }
  });
  return async () => {
    await page.unrouteAll({ behavior: "ignoreErrors" });
    return changed;
  };
}

export async function everyLieOfTheServerIsNamed({ browser, server, letter }) {
  const { context, page } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  await enrol({ page, server, letter, consents: false });
  await row(page, "Willkommen").waitFor({ timeout: 30_000 });

  for (const [number, [what, url, change, code, words = DISHONEST]] of LIES.entries()) {
    await page.goto("about:blank");
    const subject = url === MAILBOX ? `Nachtrag ${number}` : WELCOME;
    if (url === MAILBOX) authoritySends(server, "--to", String(5000 + letter), "--subject", subject, "--text", "Noch etwas.");
    const stop = await liar(page, url, change);
    await page.goto(server.pages);
    await page.getByRole("button", { name: /passkey/i }).click();
    await page.getByText(words).first().waitFor({ timeout: 20_000 }).catch(() => assert.fail(`${what} passed`));
    if (url === ENVELOPE) await page.locator(".letters a").first().click();
    await page.locator(`[data-code="${code}"]`).first().waitFor({ timeout: 10_000 }).catch(() => assert.fail(`${what} is not called ${code}`));
    await accessible(page, what);
    assert.equal(await page.getByText(subject, { exact: true }).count(), 0, `${what} is shown as genuine`);
    assert.ok((await stop()) > 0, `${what}: nothing was changed`);
  }

  // An honest server again: what was kept is still good, and nothing is missing.
  await page.goto(server.pages);
  await reopen(page);
  for (const subject of ["Willkommen", "Nachtrag 0", "Nachtrag 1", "Nachtrag 2"]) await row(page, subject).waitFor({ timeout: 20_000 });
  await context.close();
}

export async function aSlippedInKeyIsNotBelieved({ browser, server, letter }) {
  const { context, page } = await person(browser, { authenticator: "prf" });
  await enrol({ page, server, letter, consents: false });
  await row(page, "Willkommen").waitFor({ timeout: 30_000 });
  // The server answers for every party with a history that is signed well, but is somebody else's.
  let keys;
  await page.route(/\/v1\/parties\/[^/]+$/, async (route) => {
    try {
      const response = await route.fetch();
      const body = await response.json();
      keys ??= body.keys;
      await route.fulfill({ response, json: { ...body, keys } });
    } catch {
      // the page was left while it was asked for
    }
  });
  await reopen(page);
  await page.getByText(DISHONEST).first().waitFor({ timeout: 20_000 });
  assert.equal(await page.getByText(WELCOME).count(), 0);
  await context.close();
}

export async function aTamperedFileIsNotSaved({ browser, server, letter }) {
  const { context, page } = await person(browser, { authenticator: "prf" });
  await enrol({ page, server, letter });
  await row(page, "Hundesteuerbescheid").waitFor({ timeout: 30_000 });
  const changed = /\/v1\/envelopes\/[0-9a-f]{64}\/parts\/\d+$/;
  const tamper = async (route) => {
    try {
      const response = await route.fetch();
      const body = await response.body();
      body[body.length - 1] ^= 1;
      await route.fulfill({ response, body });
    } catch {
      // the page was left while it was asked for
    }
  };
  // Part 0, the text: nothing of the letter is shown.
  await page.route(changed, tamper);
  await reopen(page);
  await page.getByText(NOT_SIGNED).first().waitFor({ timeout: 20_000 });
  assert.equal(await page.getByText("Hundesteuerbescheid").count(), 0);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  // Part 1, a file: the letter is shown, the file is not.
  await reopen(page);
  await row(page, "Hundesteuerbescheid").click();
  await page.getByText("150,00").first().waitFor({ timeout: 20_000 });
  let downloads = 0;
  page.on("download", () => (downloads += 1));
  await page.route(changed, tamper);
  for (const name of ["Ansehen", "Speichern"]) {
    await page.getByRole("button", { name }).first().click();
    await page.getByText(NOT_SIGNED).first().waitFor({ timeout: 20_000 });
  }
  assert.equal(downloads, 0);
  assert.equal(await page.locator("canvas").count(), 0);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Speichern" }).first().click()]);
  assert.match(saved.suggestedFilename(), /\.pdf$/);
  await context.close();
}
