// Imprint, privacy and accessibility: reached from every page, with gaps marked until the operator fills them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { accessible, person, withAxe } from "../browser.mjs";

const FOOTER = [["Impressum", "Impressum"], ["Datenschutz", "Datenschutz"], ["Barrierefreiheit", "Erklärung zur Barrierefreiheit"]];

export async function everyPageLeadsToImprintPrivacyAndAccessibility({ browser, server }) {
  const { context, page, faults } = await person(browser, { viewport: { width: 320, height: 640 } });
  await withAxe(page);
  for (const start of ["/", "/verify", "/desk/index.html"]) {
    for (const [link, title] of FOOTER) {
      await page.goto(`${server.pages}${start}`);
      await page.getByRole("contentinfo").getByRole("link", { name: link }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: title }).waitFor();
      await page.getByText("muss noch ergänzen, was markiert ist").waitFor();
      assert.ok((await page.locator("mark").count()) > 3, "gaps are marked");
      await accessible(page, `${link} from ${start}`);
    }
  }
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("heading", { level: 1, name: "Accessibility statement" }).waitFor();
  await page.getByText("[enforcement body and its contact]").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}

export async function theOperatorsFactsAreShown({ browser, server }) {
  const { context, page, faults } = await person(browser);
  const names = Object.keys(JSON.parse(readFileSync(new URL("../../public/operator.json", import.meta.url), "utf8")));
  const stated = Object.fromEntries(names.map((name) => [name, `${name} <b>steht hier</b>`]));
  const facts = { ...stated, name: { de: "Stadt Beispiel", en: "City of Example" }, register: "-" };
  await page.route("**/operator.json", (route) => route.fulfill({ json: facts }));
  await page.goto(`${server.pages}/#/imprint`);
  await page.getByText("Betreiber: Stadt Beispiel").waitFor();
  await page.getByText("email <b>steht hier</b>").waitFor();
  assert.equal(await page.locator("mark").count(), 0);
  assert.equal(await page.getByText("Register").count(), 0);
  await page.getByRole("button", { name: "English" }).click();
  await page.getByText("Operator: City of Example").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}

export async function withoutScriptsTheyAreOnePage({ browser, server }) {
  const { context, page, faults } = await person(browser, { javaScriptEnabled: false });
  await page.goto(`${server.pages}/`);
  await page.getByRole("link", { name: "Impressum, Datenschutz, Barrierefreiheit" }).click();
  await page.getByRole("heading", { name: "Impressum" }).waitFor();
  await page.getByRole("heading", { name: "Accessibility statement" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
  const second = await person(browser, { viewport: { width: 320, height: 640 } });
  await withAxe(second.page);
  await second.page.goto(`${server.pages}/legal/index.html`);
  await accessible(second.page, "legal page without scripts");
  assert.deepEqual(second.faults, []);
  await second.context.close();
}
