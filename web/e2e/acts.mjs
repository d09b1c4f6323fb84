// What people do in many stories: enrolling with a letter, finding a row of the inbox, taking a picture.
import assert from "node:assert/strict";
import { join } from "node:path";
import { accessible } from "./browser.mjs";
import { addressInLetter } from "./server.mjs";

export const PASSPHRASE = "vier kleine Wörter hier";

/** A screenshot for the documents, where they are asked for. */
export async function shoot(page, shots, name) {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** From the letter's address to the inbox; answers the secret of the recovery sheet. */
export async function enrol({ page, server, letter, address = addressInLetter(server, letter), consents = true, passphrase = false, views = false, shots }) {
  const check = async (view) => views && (await accessible(page, view));
  await page.goto(address);
  await page.getByRole("heading", { name: "Postfach eröffnen" }).waitFor();
  assert.ok(!page.url().includes("1.pf1"), "the code stays in the address bar");
  await check("lock");
  await shoot(page, shots, "enrol-phone-de");
  if (passphrase) {
    const rather = page.getByRole("button", { name: "Lieber mit Passphrase" });
    const fields = page.getByLabel("Passphrase", { exact: true });
    await rather.or(fields).first().waitFor();
    if (await rather.isVisible()) await page.getByRole("button", { name: passphrase === "fallback" ? "Mit Passkey schützen" : "Lieber mit Passphrase" }).click();
    await fields.fill(PASSPHRASE);
    await page.getByLabel("Passphrase noch einmal").fill(PASSPHRASE);
    await check("passphrase");
    await page.getByRole("button", { name: "Weiter" }).click();
  } else {
    await page.getByRole("button", { name: "Mit Passkey schützen" }).click();
  }
  await page.getByRole("heading", { name: "Ihr Wiederherstellungsblatt" }).waitFor();
  await check("sheet");
  await shoot(page, shots, "sheet-phone-de");
  const secret = await page.locator("#sheet-secret").textContent();
  assert.match(secret, /^([0-9A-Z]{4} ?){10}$/);
  const typed = page.getByLabel("Letzte Vierergruppe");
  await typed.fill("0000");
  await page.getByRole("button", { name: "Weiter" }).click();
  await page.getByText("Das ist nicht die letzte Gruppe.").waitFor();
  await typed.fill(secret.trim().slice(-4));
  await page.getByRole("button", { name: "Weiter" }).click();
  await page.getByRole("heading", { name: "Einverständnis" }).first().waitFor({ timeout: 30_000 });
  await check("consents");
  await shoot(page, shots, "consent-phone-de");
  if (consents) for (const box of await page.getByRole("checkbox").all()) await box.check();
  await page.getByRole("button", { name: "Speichern und zum Postfach" }).click();
  await page.getByRole("heading", { name: "Posteingang" }).waitFor();
  return secret;
}

/** A letter of the inbox, by its sender or subject. */
export const row = (page, text) => page.locator(".letters a").filter({ hasText: text });
