// What people do, and what must happen.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessible, person, withAxe } from "./browser.mjs";
import { addressInLetter, authoritySends } from "./server.mjs";

export * from "./stories/clerks.mjs";
export * from "./stories/desk.mjs";
export * from "./stories/devices.mjs";
export * from "./stories/leaving.mjs";
export * from "./stories/legal.mjs";
export * from "./stories/offline.mjs";
export * from "./stories/oldest.mjs";

const PASSPHRASE = "vier kleine Wörter hier";

async function shoot(page, shots, name) {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** From the letter's address to the inbox. */
async function enrol({ page, server, letter, consents = true, passphrase = false, views = false, shots }) {
  const check = async (view) => views && (await accessible(page, view));
  await page.goto(addressInLetter(server, letter));
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

const row = (page, text) => page.locator(".letters a").filter({ hasText: text });

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
  await page.locator(".pdf-page .textLayer span").first().waitFor({ timeout: 20_000 });
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

export async function anAuditorVerifiesFilesOffline({ browser, server, shots }) {
  const { context, page, faults } = await person(browser);
  await withAxe(page);
  const vectors = JSON.parse(readFileSync(new URL("../../docs/format/vectors/evidence.json", import.meta.url), "utf8"));
  await page.goto(`${server.pages}/verify`);
  await page.getByRole("heading", { name: "Nachweis prüfen" }).waitFor();
  await accessible(page, "verify");
  await context.setOffline(true);
  const file = Buffer.from(vectors.file, "hex");
  await page.getByLabel("Nachweise wählen").setInputFiles({ name: "brief.pfe", mimeType: "application/octet-stream", buffer: file });
  await page.getByText("Gelesen: brief.pfe").waitFor();
  await page.getByLabel("Schlüssel des Betreibers").fill(vectors.root);
  await page.getByLabel("Name des Protokolls").fill(vectors.origin);
  await page.getByLabel("Zeugen").fill(vectors.witnesses);
  await page.getByRole("button", { name: "Prüfen" }).click();
  await page.locator('[data-verdict="verified"]').waitFor();
  const words = JSON.parse(readFileSync(new URL("../src/core/words/de.json", import.meta.url), "utf8"));
  await page.getByText(words.verdicts.verified, { exact: true }).waitFor();
  await page.getByText(/^\d+ Prüfungen$/).click();
  await page.getByText(`${words.checks["header-signature"].label}: bestanden.`).waitFor();
  await page.getByText(words.checks["header-signature"].passed).waitFor();
  await accessible(page, "verdict");
  await shoot(page, shots, "verify-phone-de");
  await page.getByLabel("Schlüssel des Betreibers").fill("00".repeat(32));
  await page.getByRole("button", { name: "Prüfen" }).click();
  await page.locator('[data-verdict="failed"]').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}
