// A decision read with a screen reader, printed, and explained: the PDF's tags, the picture of the period, the report.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { enrol, row, shoot } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";

/** What comes out of the printer after `press`. */
async function onPaper(page, server, press) {
  await page.evaluate(() => (window.print = () => undefined));
  await press();
  const file = join(server.folder, "printed.pdf");
  writeFileSync(file, await page.pdf());
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  return execFileSync("pdftotext", ["-layout", file, "-"]).toString();
}

export async function aDecisionIsReadPrintedAndExplained({ browser, server, letter, shots }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  await enrol({ page, server, letter });
  await row(page, "Hundesteuerbescheid").click({ timeout: 30_000 });

  // The tags of the PDF: a screen reader finds its headings.
  await page.getByRole("button", { name: "Ansehen" }).first().click();
  await page.locator(".pdf-page .textLayer span:not(.markedContent)").first().waitFor({ timeout: 20_000 });
  const drawn = page.getByRole("document");
  await drawn.locator('.structure [role="heading"]').first().waitFor({ state: "attached" });
  const tree = await (await context.newCDPSession(page)).send("Accessibility.getFullAXTree");
  const said = (role) => tree.nodes.filter((node) => !node.ignored && node.role?.value === role).map((node) => node.name?.value ?? "");
  assert.ok(said("heading").some((name) => /Hundesteuer/.test(name)), said("heading").join(" | "));
  assert.ok(said("paragraph").length > 3, "the PDF's paragraphs are known");
  await accessible(page, "PDF with tags");
  const text = await onPaper(page, server, () => page.getByRole("button", { name: "Drucken", exact: true }).first().click());
  assert.match(text, /Hundesteuer/);
  assert.doesNotMatch(text, /Zurück zum Posteingang|Echtheit/);

  // The period as a picture, and the same in words.
  const picture = page.locator(".period");
  await picture.waitFor({ timeout: 20_000 });
  assert.match(await picture.textContent(), /bereitgestellt.*bekannt gegeben/);
  assert.equal(await picture.locator("circle").count(), await picture.locator("li").count());
  await picture.scrollIntoViewIfNeeded();
  await shoot(page, shots, "period-phone-de");

  await page.getByRole("button", { name: "Bericht ansehen" }).click();
  await page.getByText("Bericht zu diesem Brief").waitFor({ timeout: 20_000 });
  await page.locator('[data-verdict="not-proven"]').waitFor();
  await page.getByText("Es fehlen nur die Zeugen des Protokolls.").waitFor();
  await accessible(page, "report");
  const report = await onPaper(page, server, () => page.getByRole("button", { name: /^Bericht drucken/ }).click());
  assert.match(report, /Signatur|Unterschrift/);
  assert.doesNotMatch(report, /Zurück zum Posteingang/);
  await page.setViewportSize({ width: 320, height: 640 });
  await page.waitForFunction(() => document.querySelector(".pdf-page").offsetWidth < 280); // drawn anew
  await accessible(page, "report at 320 px");
  assert.deepEqual(faults, []);
  await context.close();
}
