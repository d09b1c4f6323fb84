// Senders who mean harm: nothing of theirs runs, and names stay text.
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
