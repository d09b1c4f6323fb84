// A day at the clerk's desk.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { enrol, shoot } from "../acts.mjs";
import { foundAuthority } from "../authority.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { addressOnPaper, answerClaim, file, openDesk, replyTo, tabTo } from "../desk-acts.mjs";

const LIST = "Kassenzeichen;Name;Geburtsdatum;Straße;PLZ;Ort\r\n4711;Maria Huber;12.03.1971;Hauptstraße 1;92353;Postbauer-Heng\r\n4712;Jörg Groß;1985-07-21;Gartenweg 7;92353;Postbauer-Heng\r\n";

const UNTAGGED = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n";

/** A decision with everything that the desk warns of, put right step by step, up to the preview. */
async function writeADecision(page, server) {
  await page.getByRole("link", { name: "Schreiben", exact: true }).click();
  await page.getByText("Keine Entwürfe").waitFor();
  await accessible(page, "desk: no drafts");
  await page.getByRole("link", { name: "Neuer Brief" }).click();
  await page.getByLabel("Kassenzeichen, Name oder Anschrift").fill("huber");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "4711 entfernen" }).waitFor();
  await page.getByLabel("Betreff").fill("Hundesteuerbescheid 2027");
  await page.getByLabel("Text", { exact: true }).fill("Guten Tag,\n\nanbei Ihr Bescheid.");
  await page.getByLabel("Dateien anhängen").setInputFiles([{ name: "bescheid.pdf", mimeType: "application/pdf", buffer: Buffer.from(UNTAGGED) }, { name: "merkblatt.pdf", mimeType: "application/pdf", buffer: readFileSync(join(server.folder, "letter-5001.pdf")) }]);
  await page.getByText("„bescheid.pdf“ hat keine Struktur für Screenreader").waitFor();
  await page.getByText("mit Struktur").waitFor();
  await page.getByLabel("Der Brief enthält einen Bescheid").check();
  await page.getByText("Die Rechtsbehelfsbelehrung fehlt").waitFor();
  await accessible(page, "desk: letter being written");
  // The browser is closed in the middle of it.
  await page.waitForTimeout(600);
  await page.reload();
  await page.getByRole("button", { name: "Schreibtisch aufschließen" }).click();
  await page.getByRole("heading", { name: "Brief schreiben" }).waitFor();
  assert.equal(await page.getByLabel("Betreff").inputValue(), "Hundesteuerbescheid 2027");
  await page.getByRole("button", { name: "bescheid.pdf entfernen" }).click();
  for (const [label, value] of [["Was ist es?", "Hundesteuerbescheid"], ["Aktenzeichen", "925-1"], ["Betrag in Euro", "1.120,50"], ["Wen kann man fragen?", "Steueramt, 09188 1234"], ["Was kann man tun?", "Klage"], ["Bei welcher Stelle?", "Verwaltungsgericht Regensburg"], ["Frist in Worten", "ein Monat nach Bekanntgabe"], ["Rechtsgrundlage", "VwGO § 74"], ["Letzter Tag", "2027-01-31"]]) await page.getByLabel(label).fill(value);
  await page.getByLabel("Regel für die Bekanntgabe").selectOption("BayDiG-24-2");
  await page.getByText("Bitte bedenken").waitFor({ state: "detached" });
  await page.setViewportSize({ width: 320, height: 640 });
  await accessible(page, "desk: letter at 320 px");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Weiter zur Vorschau" }).click();
  await page.getByText("Name geprüft").waitFor();
  await page.getByText("1.120,50").waitFor();
  await accessible(page, "desk: preview");
}

/** The answer to the letter is lost; continuing brings the receipt of the one letter that was taken. */
async function sendRegisteredOverABrokenLine(page) {
  await page.getByRole("link", { name: "4711", exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Ablegen" }).click();
  await page.getByRole("link", { name: "Adressbuch", exact: true }).click();
  await page.getByRole("link", { name: "Schreiben an 4711" }).click();
  await page.getByLabel("Betreff").fill("Anhörung");
  await page.getByLabel("Text", { exact: true }).fill("Bitte äußern Sie sich.");
  await page.getByLabel("Zustellung", { exact: true }).selectOption("registered");
  await page.getByLabel("Regel für die Bekanntgabe").selectOption("BayDiG-25");
  await page.getByRole("button", { name: "Weiter zur Vorschau" }).click();
  const receipts = [];
  await page.route("**/v1/envelopes", async (route) => {
    const answer = await route.fetch();
    receipts.push((await answer.json()).receipt.statement);
    await route.abort("connectionreset");
  }, { times: 1 });
  await page.getByRole("button", { name: "Verschlüsselt senden an 1 Person" }).click();
  await page.getByText("Nichts geht doppelt hinaus").waitFor({ timeout: 30_000 });
  await accessible(page, "desk: interrupted");
  await page.goBack();
  await page.getByText("Dieser Brief wird schon gesendet.").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Schreibtisch aufschließen" }).click();
  await page.getByRole("link", { name: "Zur Sendung" }).click();
  await page.getByText("1 Brief ist angenommen und quittiert.").waitFor({ timeout: 30_000 });
  assert.equal(receipts.length, 1);
  await page.getByRole("button", { name: "Ablegen" }).click();
}

/** The citizen opens the decision and replies. */
async function readAndReply(page) {
  await replyTo(page, "Hundesteuerbescheid 2027", "Ich zahle in Raten.", "1.120,50");
}

async function aMailingIsReadWholeOrNotAtAll(page) {
  await page.getByRole("link", { name: "Schreiben", exact: true }).click();
  await page.getByRole("link", { name: "Neuer Brief" }).click();
  const list = page.getByLabel("Oder eine Serie (CSV)");
  await list.setInputFiles(file("serie.csv", "reference;subject;files\n4711;Eins;\n4712;Zwei;\n9;Drei;\n4711;Vier;fehlt.pdf\n"));
  await page.getByText("Zeile 3: 4712 hat noch kein Postfach.").waitFor();
  await page.getByText("Zeile 4: 9 steht nicht im Adressbuch.").waitFor();
  await page.getByText("Zeile 5: Die Datei fehlt.pdf ist nicht angehängt.").waitFor();
  await accessible(page, "desk: mailing refused");
  await list.setInputFiles(file("serie.csv", "reference;subject;text\n4711;Eins;erster Text\n4711;Zwei;zweiter Text\n"));
  await page.getByText("2 Zeilen übernommen.").waitFor();
  await page.getByRole("button", { name: "Weiter zur Vorschau" }).click();
  await page.getByRole("button", { name: "Verschlüsselt senden an 2 Personen" }).click();
  await page.getByText("2 Briefe sind angenommen und quittiert.").waitFor({ timeout: 30_000 });
}

async function aLetterByKeyboardAlone(page) {
  const press = (key) => page.keyboard.press(key);
  await page.getByRole("link", { name: "Einstellungen" }).click();
  await page.getByRole("heading", { name: "Einstellungen", level: 1 }).waitFor();
  await tabTo(page, "Schreiben", "Shift+Tab"); // from the heading back into the navigation
  await press("Enter");
  await page.getByRole("heading", { name: "Schreiben", level: 1 }).waitFor();
  await tabTo(page, "Neuer Brief");
  await press("Enter");
  await page.getByRole("heading", { name: "Brief schreiben" }).waitFor();
  await tabTo(page, "Kassenzeichen, Name oder Anschrift");
  await page.keyboard.type("maria");
  await press("Enter");
  await page.getByRole("button", { name: "4711 entfernen" }).waitFor();
  await tabTo(page, "Betreff");
  await page.keyboard.type("Nur mit der Tastatur");
  await tabTo(page, "Text");
  await page.keyboard.type("Es geht.");
  await press("Control+Enter");
  await page.getByRole("heading", { name: "Vorschau" }).waitFor();
  await page.getByText("Name geprüft").waitFor();
  await tabTo(page, "Verschlüsselt senden an 1 Person");
  await press("Enter");
  await page.getByText("1 Brief ist angenommen und quittiert.").waitFor({ timeout: 30_000 });
  await tabTo(page, "Ablegen");
  await press("Enter");
  await page.getByRole("heading", { name: "Gesendet", level: 1 }).waitFor();
}

async function everyViewOnAPhoneInEnglishInTheDark(page, shots) {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("button", { name: "English" }).click();
  for (const [link, heading] of [["Address book", "Address book"], ["Write", "Write"], ["Sent", "Sent"], ["Received", "Received"], ["Requests", "Requests"], ["Colleagues", "Colleagues"], ["Settings", "Settings"]]) {
    await page.getByRole("navigation").getByRole("link", { name: link, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await page.locator("main .waiting").waitFor({ state: "detached" });
    await accessible(page, `desk in English: ${link}`);
    if (link === "Received") await shoot(page, shots, "desk-received-phone-dark-en");
  }
}

export async function aDayAtTheDesk({ browser, server, shots }) {
  const authority = foundAuthority(server, "Stadt Musterstadt");
  const { context, page, faults } = await person(browser, { authenticator: "prf", viewport: { width: 1280, height: 800 } });
  await withAxe(page);
  await openDesk({ page, server, authority, clerk: "Anna Amt" });
  await accessible(page, "desk: empty book");

  await page.getByRole("link", { name: "Liste einlesen (CSV)" }).click();
  await page.getByLabel("Liste oder Adressbuch").setInputFiles(file("liste.csv", LIST.replace("12.03.1971", "31.02.1971").replace("Jörg", "=1+1")));
  await page.getByRole("button", { name: "Prüfen" }).click();
  await page.getByText("Zeile 2: „31.02.1971“ ist kein Tag").waitFor();
  await page.getByText("Zeile 3: Name beginnt wie eine Formel").waitFor();
  await accessible(page, "desk: list refused");
  await page.getByLabel("Liste oder Adressbuch").setInputFiles(file("liste.csv", LIST));
  await page.getByRole("button", { name: "Prüfen" }).click();
  await page.getByText("2 neu, 0 umgezogen, 0 unverändert").waitFor();
  await page.getByRole("button", { name: "Übernehmen" }).click();
  await page.getByText("Eingelesen").waitFor();
  await page.getByRole("link", { name: "Zum Adressbuch", exact: true }).click();
  await page.getByLabel("Suchen").fill("groß garten");
  await page.getByRole("rowheader", { name: "4712" }).waitFor();
  assert.equal(await page.getByRole("rowheader").count(), 1);
  await accessible(page, "desk: book");
  await page.setViewportSize({ width: 320, height: 640 });
  await accessible(page, "desk: book at 320 px");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("link", { name: "4712", exact: true }).click();
  await page.getByText("Noch kein Postfach verbunden.").waitFor();
  await page.getByText("Anschrift ändern oder löschen").click();
  await page.getByLabel("Straße und Hausnummer").fill("Gartenweg 9");
  await page.getByRole("button", { name: "Anschrift speichern" }).click();
  await page.getByText("Anschrift gespeichert.").waitFor();
  await accessible(page, "desk: person");

  await page.getByRole("link", { name: "Einstellungen" }).click();
  await page.getByLabel("Abteilung").fill("Kämmerei");
  await page.getByLabel("Anschrift und Telefon").fill("Rathausplatz 1\n92353 Musterstadt\nTelefon 09188 1234");
  await page.getByLabel("Absender in einer Zeile").fill("Stadt Musterstadt · Rathausplatz 1 · 92353 Musterstadt");
  await page.getByRole("button", { name: "Briefkopf speichern" }).click();
  await page.getByText("Gespeichert.").waitFor();
  await accessible(page, "desk: settings");
  await page.getByRole("link", { name: "Adressbuch", exact: true }).click();
  await page.getByRole("link", { name: "4711", exact: true }).click();
  await page.getByRole("link", { name: "Brief mit Code drucken" }).click();
  await accessible(page, "desk: letters");
  await page.getByRole("button", { name: "Briefe schreiben" }).click();
  await page.getByText("1 Brief ist fertig.").waitFor();
  await accessible(page, "desk: letter with a code");
  await shoot(page, shots, "desk-code-desktop-de");
  const address = await addressOnPaper(page, server, ["Kämmerei", "Maria Huber"]);

  const citizen = await person(browser, { authenticator: "prf" });
  const enrolled = enrol({ page: citizen.page, address });
  await answerClaim(page, true);
  await enrolled;
  await page.getByRole("link", { name: "Adressbuch", exact: true }).click();
  await page.getByRole("link", { name: "4711", exact: true }).click();
  await page.getByText("Name geprüft").waitFor();
  await page.getByText("Einverstanden mit Bekanntgabe").waitFor();

  await writeADecision(page, server);
  await shoot(page, shots, "desk-preview-desktop-de");
  await page.getByRole("button", { name: "Verschlüsselt senden an 1 Person" }).click();
  await page.getByText("1 Brief ist angenommen und quittiert.").waitFor({ timeout: 30_000 });
  await accessible(page, "desk: receipts");
  await sendRegisteredOverABrokenLine(page);

  await page.getByRole("link", { name: "Gesendet", exact: true }).click();
  await page.getByRole("rowheader", { name: "Anhörung" }).waitFor();
  await page.getByRole("rowheader", { name: "Hundesteuerbescheid 2027" }).waitFor();
  assert.equal(await page.getByRole("rowheader").count(), 2, "something was sent twice");
  await accessible(page, "desk: sent");
  await shoot(page, shots, "desk-sent-desktop-de");
  await page.getByRole("link", { name: "Liste der Ungelesenen für Papier" }).click();
  await page.getByLabel("Vor so vielen Tagen").fill("0");
  await page.getByRole("button", { name: "Liste erstellen" }).click();
  await page.getByText("2 Briefe sind nicht abgerufen").waitFor();
  await accessible(page, "desk: unread");
  const [list] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Als Liste speichern (CSV)" }).click()]);
  assert.match(readFileSync(await list.path(), "utf8"), /4711;Maria Huber;Hauptstraße 1;92353;Postbauer-Heng;Hundesteuerbescheid 2027;925-1;/);

  await readAndReply(citizen.page);
  await page.getByRole("link", { name: "Gesendet", exact: true }).click();
  await page.getByRole("row", { name: /Hundesteuerbescheid 2027.*abgerufen und geöffnet/ }).waitFor();
  await page.getByRole("link", { name: "Hundesteuerbescheid 2027" }).click();
  await page.getByText("Übergeben (Abruf)").waitFor();
  await accessible(page, "desk: sent letter");
  const [evidence] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Nachweis speichern (.pfe)" }).click()]);
  assert.ok(readFileSync(await evidence.path()).length > 2000);

  await page.getByRole("link", { name: "Eingang", exact: true }).click();
  await page.getByRole("link", { name: /Antwort: Hundesteuerbescheid/ }).waitFor();
  await accessible(page, "desk: received");
  await page.getByRole("link", { name: /Antwort: Hundesteuerbescheid/ }).click();
  await page.getByText("Ich zahle in Raten.").waitFor();
  await page.getByLabel("Wer antwortet?").selectOption({ label: "Anna Amt" });
  await page.getByRole("button", { name: "Zuteilen" }).click();
  await page.getByText("Zugeteilt: Anna Amt").waitFor();
  await accessible(page, "desk: reply");
  await page.getByRole("link", { name: "Eingang", exact: true }).click();
  await page.getByLabel("Zeigen").selectOption("mine");
  await page.getByRole("link", { name: /Antwort: Hundesteuerbescheid/ }).click();
  await page.getByRole("button", { name: "Erledigt" }).click();
  await page.getByRole("button", { name: "Wieder öffnen" }).waitFor();
  assert.deepEqual(citizen.faults, []);
  await citizen.context.close();
  await aMailingIsReadWholeOrNotAtAll(page);
  await aLetterByKeyboardAlone(page);
  await everyViewOnAPhoneInEnglishInTheDark(page, shots);
  assert.deepEqual(faults.filter((fault) => !fault.includes("ERR_CONNECTION_RESET")), []); // our own broken line
  await context.close();
}
