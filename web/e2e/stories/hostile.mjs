// Senders who mean harm: nothing of theirs runs, and names stay text.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { allMail, enrol, row } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
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

export async function longAndReversedNamesKeepTheirPlace({ browser, server, letter }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf", viewport: { width: 320, height: 640 } });
  await withAxe(page);
  await enrol({ page, server, letter });
  await allMail(page);
  // As long as the format allows, without a place to break; and text that runs from right to left.
  const long = "W".repeat(500);
  const file = join(server.folder, `${"x".repeat(200)}\u202efdp.exe`);
  writeFileSync(file, "nichts");
  const paragraphs = "\u05e9\u05dc\u05d5\u05dd ".repeat(2000); // 10 kB of Hebrew
  authoritySends(server, "--to", String(5000 + letter), "--subject", long, "--text", `${paragraphs}\n${"y".repeat(10_000)}`, file);
  authoritySends(server, "--to", String(5000 + letter), "--subject", "\u202e\u0645\u0631\u062d\u0628\u0627 ABC", "--text", "kurz");
  await row(page, "WWWW").waitFor({ timeout: 30_000 });
  await row(page, "ABC").waitFor({ timeout: 30_000 });
  await accessible(page, "inbox with a long subject");
  await row(page, "WWWW").click();
  await page.getByText("\u05e9\u05dc\u05d5\u05dd").first().waitFor();
  await accessible(page, "letter with long texts");
  const shown = await page.locator(".files strong").textContent();
  assert.ok(!shown.includes("\u202e"), "a file name turns the writing direction");
  assert.match(shown, /fdp\.exe$/, "the ending is shown");
  await page.getByRole("link", { name: "Antworten" }).click();
  await page.getByLabel("Betreff").waitFor();
  await accessible(page, "reply to a long subject");
  assert.deepEqual(faults, []);
  await context.close();
}
