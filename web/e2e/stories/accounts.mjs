// Two mailboxes in one browser, and codes that lead nowhere.
import assert from "node:assert/strict";
import { PASSPHRASE, allMail, enrol, row } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { addressInLetter, authoritySends } from "../server.mjs";

export async function twoMailboxesInOneBrowserShareNothing({ browser, server, letters }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  const [first, second] = letters;
  await enrol({ page, server, letter: first });
  await allMail(page);
  authoritySends(server, "--to", String(5000 + first), "--subject", "Nur für die Erste", "--text", "Geheim.");
  await row(page, "Nur für die Erste").waitFor({ timeout: 30_000 });
  await row(page, "Nur für die Erste").click();
  await page.getByText("Geheim.").waitFor();
  await page.getByRole("button", { name: "Abschließen" }).click();
  await page.getByRole("link", { name: "Ein weiteres Postfach eröffnen" }).click();
  await enrol({ page, server, letter: second, passphrase: true });
  await row(page, "Willkommen").waitFor({ timeout: 30_000 });
  assert.equal(await row(page, "Nur für die Erste").count(), 0);
  await page.getByRole("searchbox", { name: "Suchen" }).fill("geheim");
  await page.getByText("Nichts gefunden.").waitFor();
  // A link into the other mailbox opens nothing here.
  await page.getByRole("button", { name: "Abschließen" }).click();
  await page.getByRole("heading", { name: /^1\. Postfach/ }).waitFor();
  await page.getByRole("heading", { name: /^2\. Postfach/ }).waitFor();
  await accessible(page, "two mailboxes");
  // The second's passphrase does not open the first, which has none; each opens its own.
  const boxes = page.locator("section.facts");
  const withPassphrase = boxes.filter({ has: page.getByLabel("Passphrase") });
  await withPassphrase.getByLabel("Passphrase").fill(PASSPHRASE);
  await withPassphrase.getByRole("button", { name: "Aufschließen" }).click();
  await row(page, "Willkommen").waitFor({ timeout: 20_000 });
  assert.equal(await row(page, "Nur für die Erste").count(), 0);
  await page.getByRole("button", { name: "Abschließen" }).click();
  await boxes.getByRole("button", { name: /Passkey/ }).click();
  await row(page, "Nur für die Erste").waitFor({ timeout: 20_000 });
  assert.deepEqual(faults, []);
  await context.close();
}
twoMailboxesInOneBrowserShareNothing.letters = 2;

export async function aUsedCodeIsRefused({ browser, server, letter }) {
  const { context, page } = await person(browser, { authenticator: "prf" });
  await enrol({ page, server, letter });
  await context.close();
  // The same letter again, in another browser: its code is used up.
  const other = await person(browser, { authenticator: "prf" });
  await withAxe(other.page);
  await other.page.goto(addressInLetter(server, letter));
  await other.page.getByRole("button", { name: "Mit Passkey schützen" }).click();
  const secret = await other.page.locator("#sheet-secret").textContent();
  await other.page.getByLabel("Letzte Vierergruppe").fill(secret.trim().slice(-4));
  await other.page.getByRole("button", { name: "Weiter" }).click();
  await other.page.getByText(/Code/).filter({ hasText: /gilt nicht|schon|verbraucht|benutzt|verwendet/ }).first().waitFor({ timeout: 30_000 });
  await accessible(other.page, "used code");
  assert.equal(await other.page.getByRole("heading", { name: "Posteingang" }).count(), 0);
  assert.deepEqual(other.faults, []);
  await other.context.close();
}
