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

/** Waits for what the demo's authority sends to whoever consents, so that the list stands still. */
export async function allMail(page) {
  for (const subject of ["Willkommen", "Hundesteuerbescheid", "Förmliche Zustellung"]) await row(page, subject).first().waitFor({ timeout: 30_000 });
}

/** A letter of the inbox, by its sender or subject. */
export const row = (page, text) => page.locator(".letters a").filter({ hasText: text });

/** A button by its exact name, or by a pattern. */
export const button = (page, name) => page.getByRole("button", { name, exact: typeof name === "string" });

/** How a new device is locked: "passkey" or "passphrase". */
export async function chooseLock(page, lock) {
  if (lock === "passkey") return button(page, "Mit Passkey schützen").click();
  await button(page, "Lieber mit Passphrase").click();
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByLabel("Passphrase noch einmal").fill(PASSPHRASE);
  await button(page, "Weiter").click();
}

/** Unlocks a mailbox of this device. */
export async function unlock(page, lock) {
  if (lock === "passkey") return button(page, "Mit Passkey aufschließen").click();
  await page.getByLabel("Passphrase").fill(PASSPHRASE);
  await button(page, "Aufschließen").click();
}

/** To the page on which a mailbox that exists is opened. */
export async function arrive(page, server) {
  await page.goto(server.pages);
  await page.getByRole("link", { name: /^Ich habe schon ein Postfach/ }).click();
  await page.getByRole("heading", { name: "Auf diesem Gerät öffnen" }).waitFor();
}

/** Lets `joining` in at `open`. */
export async function joinByCode({ open, joining, server, name, lock, wrongFirst }) {
  await arrive(joining, server);
  await button(joining, "Code zeigen").click();
  const code = await joining.locator("#joining-code").textContent();
  await open.getByRole("link", { name: "Geräte" }).click();
  await open.getByRole("link", { name: "Gerät hinzufügen" }).click();
  const typed = open.getByLabel("Code, den das neue Gerät zeigt");
  if (wrongFirst) {
    await accessible(open, "admit");
    await typed.fill(`${code.slice(0, -1)}${code.endsWith("0") ? "1" : "0"}`);
    await button(open, "Gerät einlassen").click();
    await open.getByText("Der Code hat einen Tippfehler.").waitFor();
  }
  await typed.fill(code.toLowerCase());
  await button(open, "Gerät einlassen").click();
  await open.getByText("Das neue Gerät ist eingelassen.").waitFor();
  await joining.getByLabel("Name dieses Geräts").fill(name);
  if (wrongFirst) await accessible(joining, "let in");
  await chooseLock(joining, lock);
  await row(joining, "Willkommen").waitFor({ timeout: 20_000 });
}
