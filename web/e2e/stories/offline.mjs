// The citizen's page opens without a connection, and letters that were opened can be read; others can't.
import assert from "node:assert/strict";
import { enrol, shoot } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";

export async function thePageOpensWithoutAConnection({ browser, server, letter, shots }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf", serviceWorkers: "allow" });
  await withAxe(page);
  await enrol({ page, server, letter });
  await page.locator(".letters a").filter({ hasText: "Hundesteuerbescheid" }).first().click();
  await page.getByText("150,00").first().waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  const kept = await page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
    return found;
  });
  assert.ok(kept.includes("/") && kept.length > 8, kept.join(" "));
  assert.ok(kept.every((path) => /^\/(assets\/[^/]+|check\.js|icon\.svg|operator\.json|app\.webmanifest|)$/.test(path)), kept.join(" "));

  await context.setOffline(true);
  await page.goto(`${server.pages}/`);
  await page.getByRole("button", { name: /passkey/i }).first().waitFor();
  await accessible(page, "unlock without a connection");
  await page.getByRole("contentinfo").getByRole("link", { name: "Impressum" }).click();
  await page.getByText("muss noch ergänzen, was markiert ist").waitFor();
  await context.setOffline(false);

  // The mailbox, too: what was opened is there, with what was looked at.
  await page.goto(`${server.pages}/#/`);
  await page.getByRole("button", { name: /passkey/i }).click();
  await page.getByRole("heading", { level: 1, name: "Posteingang" }).waitFor({ timeout: 20_000 });
  await page.locator(".letters a").filter({ hasText: "Hundesteuerbescheid" }).first().click();
  await page.getByRole("button", { name: "Ansehen" }).first().click();
  await page.locator(".pdf-page canvas").first().waitFor({ timeout: 20_000 });
  await page.waitForTimeout(500); // it is kept after it is shown
  await context.setOffline(true);
  await page.goto(`${server.pages}/`);
  await page.getByRole("button", { name: /passkey/i }).click();
  await page.getByRole("heading", { level: 1, name: "Ohne Verbindung" }).waitFor({ timeout: 20_000 });
  await page.getByRole("button", { name: "Hundesteuerbescheid" }).waitFor();
  await accessible(page, "letters without a connection");
  assert.equal(await page.getByText("Förmliche Zustellung").count(), 0, "registered mail was kept");
  assert.equal(await page.getByRole("button", { name: "Willkommen" }).count(), 0, "a letter that was never opened was kept");
  await page.getByRole("button", { name: "Hundesteuerbescheid" }).click();
  await page.getByText(/^Zuletzt geprüft am /).waitFor();
  await page.getByText("150,00").first().waitFor();
  await page.getByRole("button", { name: "Ansehen" }).first().click();
  await page.locator(".pdf-page canvas").first().waitFor({ timeout: 20_000 });
  await accessible(page, "a letter without a connection");
  await shoot(page, shots, "offline-phone-de");
  await page.setViewportSize({ width: 320, height: 640 });
  await page.waitForFunction(() => document.querySelector(".pdf-page").offsetWidth < 280);
  await accessible(page, "a letter without a connection at 320 px");
  await context.setOffline(false);
  await page.getByRole("button", { name: "Noch einmal verbinden" }).click();
  await page.getByRole("heading", { level: 1, name: "Posteingang" }).waitFor({ timeout: 20_000 });

  // Others' pages are not its business.
  for (const other of ["/desk", "/verify"]) {
    const answer = await page.goto(`${server.pages}${other}`);
    assert.equal(answer.fromServiceWorker(), false, other);
  }
  assert.deepEqual(faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED|Failed to fetch/.test(fault)), []);
  await context.close();
}
