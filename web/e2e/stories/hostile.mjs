// Senders and servers that mean harm: nothing of theirs runs, and nothing changed is shown as genuine.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { enrol, row } from "../acts.mjs";
import { person } from "../browser.mjs";
import { authoritySends } from "../server.mjs";

export async function hostileNamesAndFilesStayText({ browser, server, letter }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await enrol({ page, server, letter, consents: false });
  const name = "rechnung\u202efdp.exe <img src=x onerror=alert(1)>.html";
  const html = join(server.folder, name);
  writeFileSync(html, "<script>parent.postMessage('run','*');alert(1)</script>");
  const svg = join(server.folder, "bild.svg");
  writeFileSync(svg, `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`);
  authoritySends(server, "--to", String(5000 + letter), "--subject", "<script>alert(1)</script> \u202eegnulhaZ", "--text", "<b>kein Markup</b>", html, svg);
  let asked = false;
  page.on("dialog", (dialog) => {
    asked = true;
    return dialog.dismiss();
  });
  await row(page, "<script>").waitFor({ timeout: 30_000 });
  await row(page, "<script>").click();
  await page.getByText("<b>kein Markup</b>").waitFor();
  for (const view of await page.getByRole("button", { name: "Ansehen" }).all()) await view.click();
  await page.getByText("Diese Datei wird hier nicht gezeigt.").nth(1).waitFor();
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Speichern" }).first().click()]);
  assert.ok(!/[\u202e<>]/.test(saved.suggestedFilename()), saved.suggestedFilename());
  assert.equal(asked, false);
  assert.deepEqual(faults, []);
  await context.close();
}

export async function aTamperedPartIsNamedAndNotShown({ browser, server, letter }) {
  const { context, page } = await person(browser, { authenticator: "prf" });
  await enrol({ page, server, letter, consents: false });
  await row(page, "Willkommen").waitFor({ timeout: 30_000 });
  // A server that changes one byte of what it delivers.
  await page.route("**/v1/envelopes/*/parts/0", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length - 1] ^= 1;
    await route.fulfill({ response, body });
  });
  await page.reload();
  await page.getByRole("button", { name: /passkey/i }).click();
  await page.getByText("Der Inhalt ist nicht der, der unterschrieben wurde").first().waitFor({ timeout: 20_000 });
  assert.equal(await page.getByText("Willkommen in Ihrem Postfach").count(), 0);
  await page.unroute("**/v1/envelopes/*/parts/0");
  // A server that drops the last receipt of a letter.
  await page.route(/\/v1\/envelopes\/[0-9a-f]{64}$/, async (route) => {
    const response = await route.fetch();
    const envelope = await response.json();
    await route.fulfill({ response, json: { ...envelope, entries: envelope.entries.slice(0, -1) } });
  });
  await page.reload();
  await page.getByRole("button", { name: /passkey/i }).click();
  await page.getByText("Der Server hat etwas gezeigt, das nicht stimmen kann").first().waitFor({ timeout: 20_000 });
  await context.close();
}
