// From the letter to the answer: what a citizen does on the first day.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PASSPHRASE, enrol, row, shoot } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { addressInLetter } from "../server.mjs";

export async function enrolReadAndReply({ browser, server, letter, shots }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  await enrol({ page, server, letter, views: true, shots });
  await row(page, "Hundesteuerbescheid").waitFor({ timeout: 30_000 });
  await row(page, "Förmliche Zustellung").waitFor({ timeout: 30_000 });
  await accessible(page, "inbox");
  await shoot(page, shots, "inbox-phone-de");

  await row(page, "Hundesteuerbescheid").click();
  await page.getByRole("heading", { name: "Das Wichtigste" }).waitFor();
  await page.getByText("150,00").first().waitFor();
  await page.locator(".served strong").filter({ hasText: /^Offen/ }).waitFor({ timeout: 20_000 });
  await accessible(page, "letter");
  await shoot(page, shots, "letter-phone-de");
  await page.getByRole("button", { name: "Ansehen" }).first().click();
  await page.locator(".pdf-page .textLayer span:not(.markedContent)").first().waitFor({ timeout: 20_000 });
  assert.match(await page.locator(".textLayer").first().textContent(), /Hundesteuer/);
  await accessible(page, "letter with PDF");
  await shoot(page, shots, "pdf-phone-de");
  const [ics] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /Kalender/ }).click()]);
  assert.equal(ics.suggestedFilename(), "frist.ics");

  const [pfe] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Nachweis ohne Inhalt" }).click()]);
  assert.ok(readFileSync(await pfe.path()).length > 2000);

  await page.getByRole("link", { name: "Antworten" }).click();
  await page.getByText("Diese Antwort ist kein Rechtsbehelf").waitFor();
  await accessible(page, "reply");
  await shoot(page, shots, "reply-phone-de");
  await page.getByLabel("Ihre Nachricht").fill("Guten Tag, ich habe eine Frage.");
  await page.getByLabel(/Dateien oder Fotos/).setInputFiles({ name: "frage.txt", mimeType: "text/plain", buffer: Buffer.alloc(200_000, "x") });
  await page.getByRole("button", { name: "Verschlüsselt senden" }).click();
  await page.getByText("Ihre Antwort ist angekommen und quittiert.").waitFor({ timeout: 30_000 });

  await page.getByRole("link", { name: "Posteingang", exact: true }).click();
  await row(page, "Förmliche Zustellung").click();
  await page.getByText("verschlossen, bis Sie den Empfang unterschreiben").waitFor();
  await accessible(page, "before handover");
  await shoot(page, shots, "registered-phone-de");
  await page.getByRole("button", { name: "Empfang unterschreiben und öffnen" }).click();
  await page.getByText("Übergabe quittiert").waitFor();
  await accessible(page, "registered letter");

  await page.getByRole("link", { name: "Einstellungen" }).click();
  await page.getByText("Erteilt am").first().waitFor();
  await accessible(page, "settings");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  for (const [name, heading] of [["Imprint", "Imprint"], ["Privacy", "Privacy"], ["Accessibility", "Accessibility statement"]]) {
    await page.getByRole("link", { name }).click();
    await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
    await accessible(page, name);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("link", { name: "Inbox" }).click();
  await row(page, "Hundesteuerbescheid").waitFor();
  await accessible(page, "inbox, dark");
  await shoot(page, shots, "inbox-desktop-dark-en");
  await row(page, "Hundesteuerbescheid").click();
  await page.getByRole("heading", { name: "At a glance" }).waitFor();
  await accessible(page, "letter, dark");
  await shoot(page, shots, "letter-desktop-dark-en");
  await page.setViewportSize({ width: 320, height: 640 });
  await accessible(page, "letter at 320 px");

  await page.reload();
  await page.getByRole("button", { name: /passkey/i }).first().waitFor();
  await accessible(page, "unlock");
  await page.getByRole("button", { name: /passkey/i }).click();
  await page.getByRole("heading", { level: 1, name: /Letter|Brief/ }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}

export async function withoutPrfAPassphraseProtects({ browser, server, letter }) {
  const { context, page, faults } = await person(browser, { authenticator: "no-prf" });
  await enrol({ page, server, letter, passphrase: "fallback", consents: false });
  await row(page, "Willkommen").waitFor({ timeout: 30_000 });
  await page.getByRole("button", { name: "Abschließen" }).click();
  await page.getByLabel("Passphrase").fill("etwas ganz anderes");
  await page.getByRole("button", { name: "Aufschließen" }).click();
  await page.getByText("Die Passphrase stimmt nicht.").waitFor({ timeout: 20_000 });
  await page.getByLabel("Passphrase").fill(PASSPHRASE);
  await page.getByRole("button", { name: "Aufschließen" }).click();
  await row(page, "Willkommen").waitFor({ timeout: 20_000 });
  assert.equal(await row(page, "Hundesteuerbescheid").count(), 0, "a decision came without consent");
  assert.deepEqual(faults, []);
  await context.close();
}

export async function aDamagedCodeIsNamedAndATypedOneWorks({ browser, server, letter }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  const address = addressInLetter(server, letter);
  const other = address.at(-1) === "7" ? "8" : "7";
  await page.goto(address.slice(0, -1) + other);
  await page.getByText("Der Code hat einen Tippfehler").waitFor();
  await accessible(page, "damaged code");
  const code = address.split(".").at(-1).toLowerCase();
  await page.getByLabel("Code aus dem Brief").fill(code);
  await page.getByRole("button", { name: "Weiter" }).click();
  await page.getByRole("button", { name: /stimmt mit dem Brief überein/ }).waitFor();
  await accessible(page, "choice of the authority");
  await page.getByRole("button", { name: /stimmt mit dem Brief überein/ }).click();
  await page.getByRole("button", { name: "Mit Passkey schützen" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}
