// The citizen's page opens without a connection; nothing but its own files is kept for that.
import assert from "node:assert/strict";
import { enrol } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";

export async function thePageOpensWithoutAConnection({ browser, server, letter }) {
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

  // Others' pages are not its business.
  for (const other of ["/desk", "/verify"]) {
    const answer = await page.goto(`${server.pages}${other}`);
    assert.equal(answer.fromServiceWorker(), false, other);
  }
  assert.deepEqual(faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED|Failed to fetch/.test(fault)), []);
  await context.close();
}
