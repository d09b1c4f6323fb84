// Several clerks at one desk: admission, deputies, release by a second one, leaving.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { enrol } from "../acts.mjs";
import { foundAuthority } from "../authority.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { addressOnPaper, answerClaim, openDesk, replyTo } from "../desk-acts.mjs";

/** Anna, who has the key file, admits Bert; he releases what she wrote; then he leaves. */
export async function twoClerksWorkAndOneLeaves({ browser, server }) {
  const authority = foundAuthority(server, "Gemeinde Zweitort", "09373156");
  const first = await person(browser, { authenticator: "prf", viewport: { width: 1280, height: 800 } });
  const second = await person(browser, { authenticator: "prf" });
  for (const { page } of [first, second]) await withAxe(page);
  const [anna, bert] = [first.page, second.page];
  await openDesk({ page: anna, server, authority, clerk: "Anna Amt" });

  await bert.goto(`${server.pages}/desk/index.html`);
  await bert.getByRole("link", { name: /Als neue Kollegin/ }).click();
  await bert.getByLabel("Ihr Name").fill("Bert Büro");
  await bert.keyboard.press("Enter");
  await bert.getByRole("button", { name: "Mit Passkey schützen" }).click();
  const code = await bert.getByLabel("Ihr Code").inputValue();
  const number = await bert.locator("#code-number").textContent();
  await accessible(bert, "desk: joining");

  await anna.getByRole("link", { name: "Kollegium" }).click();
  await anna.getByLabel("Code der neuen Person").fill(code.slice(0, -8));
  await anna.getByRole("button", { name: "Code lesen" }).click();
  await anna.getByText("Das ist kein Code, oder er ist unvollständig.").waitFor();
  await anna.getByLabel("Code der neuen Person").fill(code.replace(/(.{60})/g, "$1\n"));
  await anna.getByRole("button", { name: "Code lesen" }).click();
  assert.equal(await anna.locator("#code-number").textContent(), number);
  await accessible(anna, "desk: admission");
  await anna.getByLabel(/Die Zahl steht so auch/).check();
  await anna.getByRole("button", { name: "Aufnehmen" }).click();
  await anna.getByText("Bert Büro ist aufgenommen.").waitFor();
  const shown = await anna.locator(".codes").textContent();
  await accessible(anna, "desk: colleagues");

  await bert.getByText("Sie sind aufgenommen.").waitFor({ timeout: 20_000 });
  assert.equal(await bert.locator("#authority-number").textContent(), shown);
  await accessible(bert, "desk: admitted");
  await bert.getByLabel("Die Zahl ist dieselbe.").check();
  await bert.getByRole("button", { name: "Schreibtisch öffnen" }).click();
  await bert.getByRole("heading", { name: "Adressbuch", exact: true }).waitFor();

  await bert.getByRole("link", { name: "Kollegium" }).click();
  await bert.getByLabel("Ich bin abwesend").check();
  await bert.getByLabel("Es vertritt mich").selectOption({ label: "Anna Amt" });
  await bert.getByRole("button", { name: "Vertretung speichern" }).click();
  await bert.getByText("Gespeichert.").waitFor();
  await accessible(bert, "desk: deputy");

  // Four eyes.
  await anna.getByRole("link", { name: "Einstellungen" }).click();
  await anna.getByLabel(/Bescheide gehen erst hinaus/).check();
  await anna.getByRole("button", { name: "Regel speichern" }).click();
  await anna.getByText("Gespeichert.").waitFor();
  const citizen = await connect(browser, server, anna);
  await anna.getByRole("link", { name: "Adressbuch", exact: true }).click();
  await anna.getByRole("link", { name: "Schreiben an 1" }).click();
  await anna.getByLabel("Betreff").fill("Gebührenbescheid");
  await anna.getByLabel("Dateien anhängen").setInputFiles({ name: "anlage.txt", mimeType: "text/plain", buffer: Buffer.from("vier Augen") });
  await anna.getByRole("button", { name: "anlage.txt entfernen" }).waitFor();
  await anna.getByLabel("Der Brief enthält einen Bescheid").check();
  await anna.getByLabel("Was ist es?").fill("Gebührenbescheid");
  await anna.getByLabel("Aktenzeichen").fill("7");
  await anna.getByRole("button", { name: "Weiter zur Vorschau" }).click();
  await anna.getByText("Bescheide gibt bei Ihnen eine zweite Person frei.").waitFor();
  assert.equal(await anna.getByRole("button", { name: /^Verschlüsselt senden/ }).count(), 0);
  await anna.getByRole("button", { name: "Zur Freigabe geben" }).click();
  await anna.getByRole("link", { name: "Gebührenbescheid" }).click();
  await anna.getByText("Freigeben muss jemand anderes.").waitFor();

  await bert.reload();
  await bert.getByRole("button", { name: "Schreibtisch aufschließen" }).click();
  await bert.getByRole("link", { name: "Freigabe", exact: true }).click();
  await accessible(bert, "desk: releases");
  await bert.getByRole("link", { name: "Gebührenbescheid" }).click();
  await bert.getByText("Geschrieben von Anna Amt").waitFor();
  await bert.getByText("anlage.txt").waitFor();
  await accessible(bert, "desk: release");
  await bert.getByRole("button", { name: "Freigeben und senden an 1 Person" }).click();
  await bert.getByText("1 Brief ist angenommen und quittiert.").waitFor({ timeout: 30_000 });
  await citizen.page.locator(".letters a").filter({ hasText: "Gebührenbescheid" }).waitFor({ timeout: 30_000 });
  await replyTo(citizen.page, "Gebührenbescheid", "Eine Frage.");
  await anna.getByRole("link", { name: "Eingang", exact: true }).click();
  await anna.getByRole("link", { name: /Antwort: Gebührenbescheid/ }).click();
  await anna.getByLabel("Wer antwortet?").selectOption({ label: "Bert Büro (abwesend)" });
  await anna.getByRole("button", { name: "Zuteilen" }).click();
  await anna.getByText("Zugeteilt: Anna Amt (in Vertretung)").waitFor();
  await anna.getByRole("button", { name: "Erledigt" }).click();
  await anna.getByRole("button", { name: "Wieder öffnen" }).waitFor();

  // Bert leaves.
  await anna.getByRole("link", { name: "Kollegium" }).click();
  await anna.getByRole("button", { name: "Bert Büro scheidet aus" }).click();
  // The line breaks between the key statement and what follows it; the next opening finishes it.
  let renewed = false;
  await anna.route("**/v1/statements", async (route) => {
    await route.continue();
    renewed = true;
  });
  await anna.route("**/v1/vaults/*", (route) => (renewed && route.request().method() === "PUT" ? route.abort("connectionreset") : route.continue()));
  await anna.getByRole("button", { name: "Ja, Bert Büro ausscheiden lassen" }).click();
  await anna.getByText("Der Server ist nicht erreichbar.").waitFor({ timeout: 20_000 });
  await anna.unrouteAll({ behavior: "wait" });
  await anna.reload();
  await anna.getByRole("button", { name: "Schreibtisch aufschließen" }).click();
  await anna.getByRole("row", { name: /Anna Amt/ }).waitFor();
  assert.equal(await anna.getByRole("row", { name: /Bert/ }).count(), 0);
  await bert.reload();
  await bert.getByRole("button", { name: "Schreibtisch aufschließen" }).click();
  await bert.getByText("Ihr Zugang wurde beendet.").waitFor();
  await accessible(bert, "desk: ended");
  assert.match(authority.run("key", "show"), new RegExp(authority.address), "the address changed");

  // The authority goes on: new mail is read with the new key, old records with the old one.
  await citizen.page.getByRole("link", { name: "Posteingang", exact: true }).click();
  await replyTo(citizen.page, "Gebührenbescheid", "Danke.");
  await anna.reload();
  await anna.getByRole("button", { name: "Schreibtisch aufschließen" }).click();
  await anna.getByRole("link", { name: "Eingang", exact: true }).click();
  await anna.getByRole("link", { name: /Antwort: Gebührenbescheid/ }).click();
  await anna.getByText("Danke.").waitFor();
  await anna.getByRole("link", { name: "Einstellungen" }).click();
  await anna.getByText("Schlüsseldatei speichern").first().click();
  for (const label of ["Passphrase der Datei", "Passphrase noch einmal"]) await anna.getByLabel(label).fill("vier kleine Wörter hier");
  const [keys] = await Promise.all([anna.waitForEvent("download"), anna.getByRole("button", { name: "Schlüsseldatei speichern" }).click()]);
  assert.match(readFileSync(await keys.path(), "latin1"), /^age-encryption.org\/v1\n-> scrypt /);
  const broken = ({ faults }) => faults.filter((fault) => !fault.includes("ERR_CONNECTION_RESET"));
  assert.deepEqual([first, second, citizen].flatMap(broken), []);
  for (const { context } of [first, second, citizen]) await context.close();
}

/** A person is added, gets a letter, enrols and is connected. */
async function connect(browser, server, page) {
  await page.getByRole("link", { name: "Adressbuch", exact: true }).click();
  await page.getByRole("link", { name: "Person anlegen" }).click();
  for (const [label, value] of [["Kassenzeichen", "1"], ["Vor- und Nachname", "Erika Beispiel"], ["Geburtsdatum", "21.07.1985"], ["Straße und Hausnummer", "Beispielgasse 3"], ["Postleitzahl", "92353"], ["Ort", "Postbauer-Heng"]]) await page.getByLabel(label, { exact: true }).fill(value);
  await accessible(page, "desk: new person");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Brief mit Code drucken" }).click();
  await page.getByRole("button", { name: "Briefe schreiben" }).click();
  await page.getByText("1 Brief ist fertig.").waitFor();
  const address = await addressOnPaper(page, server, ["Erika Beispiel"]);
  const citizen = await person(browser, { authenticator: "prf" });
  const enrolled = enrol({ page: citizen.page, address });
  await answerClaim(page);
  await enrolled;
  return citizen;
}
