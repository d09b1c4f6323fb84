// One mailbox on several devices: shared passkeys, joining codes, removal, the recovery sheet.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { arrive, button, chooseLock, joinByCode, row, shoot, unlock } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { addressInLetter } from "../server.mjs";

const lastGroup = (secret) => secret.trim().slice(-4);

async function checkSheet(page) {
  const secret = await page.locator("#sheet-secret").textContent();
  await page.getByLabel("Letzte Vierergruppe").fill(lastGroup(secret));
  await button(page, "Weiter").click();
  return secret;
}

/** The sheet as a PDF: other programs read it; answers a picture of it. */
async function sheetFromPdf(page, server) {
  const [saved] = await Promise.all([page.waitForEvent("download"), button(page, "Als PDF sichern").click()]);
  assert.equal(saved.suggestedFilename(), "wiederherstellungsblatt.pdf");
  const [pdf, picture] = [await saved.path(), join(server.folder, "sheet")];
  const text = execFileSync("pdftotext", ["-layout", pdf, "-"]).toString().replace(/\s+/g, " ");
  const secret = (await page.locator("#sheet-secret").textContent()).trim();
  for (const words of ["Wiederherstellungsblatt", ...secret.split(" "), "So bekommen Sie Ihr Postfach zurück", server.pages]) assert.ok(text.includes(words), `the sheet lacks ${words}`);
  assert.match(execFileSync("pdfinfo", [pdf]).toString(), /Title: +Wiederherstellungsblatt[^]*Pages: +1\n/);
  execFileSync("pdftoppm", ["-r", "150", "-png", "-singlefile", pdf, picture]);
  const scanned = execFileSync("zbarimg", ["--quiet", "--raw", `${picture}.png`], { stdio: ["ignore", "pipe", "ignore"] }).toString().trim();
  assert.equal(scanned.replaceAll("-", " "), secret);
  return readFileSync(`${picture}.png`);
}

/** From the letter to the inbox, without consents; answers the sheet's secret and a picture of it. */
async function enrol(page, server, letter, lock, sheetOf = () => undefined) {
  await page.goto(addressInLetter(server, letter));
  await chooseLock(page, lock);
  await page.getByRole("heading", { name: "Ihr Wiederherstellungsblatt" }).waitFor();
  const sheet = await sheetOf(page, server);
  const secret = await checkSheet(page);
  await button(page, "Speichern und zum Postfach").click({ timeout: 30_000 });
  await row(page, "Willkommen").waitFor({ timeout: 30_000 });
  return { secret, sheet };
}

export async function aSharedPasskeyOpensTheMailboxOnANewDevice({ browser, server, letter }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  await enrol(page, server, letter, "passkey");
  // A new device with the same passkey: everything else that this browser had is gone.
  const client = await context.newCDPSession(page);
  await client.send("Storage.clearDataForOrigin", { origin: new URL(server.pages).origin, storageTypes: "all" });
  await page.goto("about:blank");
  await arrive(page, server);
  await accessible(page, "arrive");
  await page.setViewportSize({ width: 320, height: 640 });
  await accessible(page, "arrive at 320 px");
  await button(page, "Mit Passkey öffnen").click();
  await row(page, "Willkommen").waitFor({ timeout: 20_000 });
  await row(page, "Willkommen").click();
  await page.getByText("Willkommen in Ihrem Postfach").first().waitFor();
  await page.getByRole("link", { name: "Geräte" }).click();
  await page.getByRole("heading", { name: /\(dieses Gerät\)/ }).waitFor();
  await page.getByRole("heading", { name: "Wiederherstellungsblatt" }).waitFor();
  assert.equal(await page.locator(".files > li").count(), 2, "one passkey and one sheet");
  await accessible(page, "devices at 320 px");
  assert.deepEqual(faults, []);
  await context.close();
}

export async function devicesJoinByCodeAndARemovedOneIsToldSo({ browser, server, letter, shots }) {
  const [phone, tablet, laptop] = await Promise.all([person(browser, { authenticator: "prf" }), person(browser), person(browser, { authenticator: "prf" })]);
  await Promise.all([withAxe(phone.page), withAxe(tablet.page), withAxe(laptop.page)]);
  await enrol(phone.page, server, letter, "passkey");
  await joinByCode({ open: phone.page, joining: tablet.page, server, name: "Tablet", lock: "passphrase", wrongFirst: true });
  // The newcomer lets in the next one: it has all that the first has.
  await joinByCode({ open: tablet.page, joining: laptop.page, server, name: "Laptop", lock: "passkey" });

  const { page } = phone;
  await page.getByRole("link", { name: "Zur Liste der Geräte" }).click();
  await button(page, "Laptop: umbenennen").click();
  await page.getByLabel("Neuer Name").fill("Rechner");
  await button(page, "Speichern").click();
  await button(page, "Rechner: entfernen").click();
  await accessible(page, "remove a device");
  await button(page, "Ja, entfernen").click();
  await page.getByText("Das Gerät ist entfernt.").waitFor({ timeout: 20_000 });
  assert.equal(await page.getByText("Rechner").count(), 0);
  await accessible(page, "devices");
  await shoot(page, shots, "devices-phone-de");
  await page.getByRole("link", { name: "Posteingang" }).click();
  await row(page, "Willkommen").waitFor();

  // Removed while it was open, and after it is unlocked anew.
  await laptop.page.getByRole("link", { name: "Geräte" }).click();
  await laptop.page.getByText("lässt sich auf diesem Gerät nicht mehr öffnen").waitFor({ timeout: 20_000 });
  await accessible(laptop.page, "removed");
  await laptop.page.reload();
  await unlock(laptop.page, "passkey");
  await laptop.page.getByText("lässt sich auf diesem Gerät nicht mehr öffnen").waitFor({ timeout: 20_000 });
  await button(laptop.page, "Von diesem Gerät löschen").click();
  await laptop.page.getByRole("heading", { name: "Willkommen" }).waitFor();

  // The tablet got the new keys, and says so.
  await tablet.page.reload();
  await unlock(tablet.page, "passphrase");
  await tablet.page.getByText("wurden Ihre Schlüssel erneuert").waitFor({ timeout: 20_000 });
  await accessible(tablet.page, "renewed");
  await button(tablet.page, "Weiter").click();
  await tablet.page.getByRole("link", { name: "Posteingang" }).click();
  await row(tablet.page, "Willkommen").waitFor({ timeout: 20_000 });
  for (const { faults, context } of [phone, tablet, laptop]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
}

export async function theSheetBringsALostMailboxBack({ browser, server, letter }) {
  const [lost, found] = await Promise.all([person(browser, { authenticator: "prf" }), person(browser, { authenticator: "prf" })]);
  await Promise.all([withAxe(lost.page), withAxe(found.page)]);
  const { secret, sheet } = await enrol(lost.page, server, letter, "passkey", sheetFromPdf);

  const { page } = found;
  await arrive(page, server);
  const typed = page.getByLabel("Geheimnis vom Wiederherstellungsblatt");
  const open = button(page, "Mit dem Blatt öffnen");
  await typed.fill(secret.trim().replace(/^./, (first) => (first === "7" ? "8" : "7")));
  await open.click();
  await page.getByText("Der Code hat einen Tippfehler.").waitFor();
  await typed.fill("0000 0000 0000 0000 0000 0000 0000 0000 2H9J F9BV"); // a sheet that nobody has
  await open.click();
  await page.getByText(/Zu diesem Blatt ist hier nichts hinterlegt|Der Code hat einen Tippfehler/).waitFor();
  const photograph = page.getByLabel("Oder den QR-Code vom Blatt fotografieren");
  await photograph.setInputFiles({ name: "wand.png", mimeType: "image/png", buffer: await page.screenshot() });
  await page.getByText("kein lesbarer QR-Code").waitFor();
  await photograph.setInputFiles({ name: "blatt.png", mimeType: "image/png", buffer: sheet });
  await page.waitForFunction((expected) => [...document.querySelectorAll("input")].some(({ value }) => value.trim() === expected), secret.trim());
  await open.click();
  await page.getByRole("heading", { name: "Ihr Postfach ist gefunden" }).waitFor({ timeout: 20_000 });
  await accessible(page, "found by the sheet");
  await button(page, "Mit Passkey schützen").click();
  await page.getByRole("heading", { name: "Ihr neues Wiederherstellungsblatt" }).waitFor();
  await accessible(page, "new sheet");
  const renewed = await checkSheet(page);
  assert.notEqual(renewed, secret);
  await row(page, "Willkommen").waitFor({ timeout: 20_000 });
  await row(page, "Willkommen").click();
  await page.getByText("Willkommen in Ihrem Postfach").first().waitFor();

  await lost.page.reload();
  await unlock(lost.page, "passkey");
  await lost.page.getByText("mit dem Wiederherstellungsblatt neu geöffnet").waitFor({ timeout: 20_000 });
  await lost.page.getByRole("link", { name: "Auf diesem Gerät öffnen" }).click();
  // The used sheet opens nothing any more.
  await lost.page.getByLabel("Geheimnis vom Wiederherstellungsblatt").fill(secret);
  await button(lost.page, "Mit dem Blatt öffnen").click();
  await lost.page.getByText("Zu diesem Blatt ist hier nichts hinterlegt.").waitFor({ timeout: 20_000 });
  await lost.page.getByRole("link", { name: "Was jetzt zu tun ist" }).click();
  await lost.page.getByText("Alte Briefe bleiben verschlossen.").waitFor();
  await accessible(lost.page, "device and sheet are gone");
  for (const { faults, context } of [lost, found]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
}

export async function tabsLockTogetherAndWhatWasNeverSentIsNotListed({ browser, server, letter }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  await page.goto(addressInLetter(server, letter));
  await chooseLock(page, "passkey");
  await page.getByRole("heading", { name: "Ihr Wiederherstellungsblatt" }).waitFor();
  await page.goto(server.pages);
  await page.getByRole("heading", { name: "Willkommen" }).waitFor();
  await enrol(page, server, letter, "passphrase");
  const second = await context.newPage();
  await second.goto(server.pages);
  assert.equal(await second.getByRole("heading", { name: "Ihr Postfach" }).count(), 1, "one mailbox is listed");
  await unlock(second, "passphrase");
  await row(second, "Willkommen").waitFor({ timeout: 20_000 });
  await page.getByRole("link", { name: "Einstellungen" }).click();
  await page.getByText("Sie werden zurzeit nicht benachrichtigt.").waitFor();
  await accessible(page, "settings");
  await page.getByLabel("E-Mail-Adresse").fill("maria");
  await button(page, "E-Mail-Adresse speichern").click();
  await page.getByText("Bitte eine E-Mail-Adresse eintippen.").waitFor();
  await page.getByLabel("E-Mail-Adresse").fill("maria.huber@example.org");
  await button(page, "E-Mail-Adresse speichern").click();
  await page.getByText("Neue Briefe werden angekündigt an maria.huber@example.org.").waitFor();
  await button(page, "Abschließen").click();
  await second.getByRole("heading", { name: "Aufschließen" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}
