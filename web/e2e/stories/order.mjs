// Keeping order: search, filters, folders and the archive; letters that arrive while one looks; a reply in drafts.
import assert from "node:assert/strict";
import { PASSPHRASE, enrol, row, shoot } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { authoritySends } from "../server.mjs";

const summary = (page, name) => page.locator("summary").filter({ hasText: name });

export async function lettersAreFoundAndFiled({ browser, server, letter, shots }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  await enrol({ page, server, letter });
  await row(page, "Förmliche Zustellung").waitFor({ timeout: 30_000 });
  const send = (subject, text) => authoritySends(server, "--to", String(5000 + letter), "--subject", subject, "--text", text);
  // They appear without being asked for.
  send("Straßensperrung", "Wegen der Bauarbeiten in der Müllerstraße kommt die Müllabfuhr früher.");
  await row(page, "Straßensperrung").waitFor({ timeout: 30_000 });
  send("Kindergarten", "Ihr Platz ist frei.");
  await row(page, "Kindergarten").waitFor({ timeout: 30_000 });

  const search = page.getByRole("searchbox", { name: "Suchen" });
  for (const words of ["muellerstrasse", "MULLERSTRASSE", "müllabfuhr strassen"]) {
    await search.fill(words);
    await page.getByText("1 Brief gefunden").waitFor();
    assert.equal(await row(page, "Straßensperrung").count(), 1, words);
  }
  await accessible(page, "search");
  await search.fill("Rechtsbehelf gibt es nicht");
  await page.getByText("Nichts gefunden.").waitFor();
  await accessible(page, "nothing found");
  await search.fill("");

  await summary(page, "Filter und Ordner").click();
  await page.getByLabel("Zeigen").selectOption("period");
  await page.getByText("1 Brief", { exact: true }).waitFor();
  await row(page, "Hundesteuerbescheid").waitFor();
  await accessible(page, "filter");
  await shoot(page, shots, "search-phone-de");
  await page.getByLabel("Zeigen").selectOption("all");

  // A folder of one's own, then the archive.
  await row(page, "Straßensperrung").click();
  await summary(page, "Ablegen").click({ timeout: 20_000 });
  await summary(page, "Neuen Ordner anlegen").click();
  await page.getByRole("button", { name: "Anlegen und ablegen" }).click();
  await page.getByText("Bitte einen Namen eintippen.").waitFor();
  await page.getByLabel("Neuer Ordner").fill("Haus & Hof");
  await page.getByRole("button", { name: "Anlegen und ablegen" }).click();
  await page.getByText("Der Brief liegt jetzt hier: Haus & Hof.").waitFor();
  await accessible(page, "filing");
  await page.getByRole("link", { name: "Posteingang", exact: true }).click();
  await row(page, "Kindergarten").click();
  await summary(page, "Ablegen").click({ timeout: 20_000 });
  await page.getByRole("button", { name: "Archivieren" }).click();
  await page.getByText("Der Brief liegt jetzt hier: Archiv.").waitFor();
  await page.getByRole("link", { name: "Posteingang", exact: true }).click();
  await page.getByText(/^3 Briefe$/).waitFor();
  assert.equal(await row(page, "Kindergarten").count(), 0);

  // Kept when the page is closed; the search finds what was filed.
  await page.reload();
  await page.getByRole("button", { name: /passkey/i }).click();
  await page.getByText(/^3 Briefe$/).waitFor({ timeout: 20_000 });
  await search.fill("kindergarten");
  await row(page, "Kindergarten").getByText("Archiv").waitFor();
  await search.fill("");
  await summary(page, "Filter und Ordner").click();
  await page.getByLabel("Ordner").selectOption("Haus & Hof");
  await row(page, "Straßensperrung").waitFor();
  await page.getByText(/^1 Brief$/).waitFor();
  await accessible(page, "folder");
  await page.setViewportSize({ width: 320, height: 640 });
  await accessible(page, "folder at 320 px");
  await page.getByRole("button", { name: "Ordner „Haus & Hof“ auflösen" }).click();
  await page.getByText(/^4 Briefe$/).waitFor();

  // Nothing readable lies in the browser's storage.
  const stored = await page.evaluate(async () => {
    const base = await new Promise((resolve) => {
      const opening = indexedDB.open("mein-postfach");
      opening.onsuccess = () => resolve(opening.result);
    });
    const all = await new Promise((resolve) => {
      const asked = base.transaction("things").objectStore("things").getAll();
      asked.onsuccess = () => resolve(asked.result);
    });
    const text = new TextDecoder("latin1");
    return all.map((bytes) => text.decode(bytes)).join("\n");
  });
  assert.ok(stored.length > 1000);
  for (const word of ["Kindergarten", "Haus & Hof", "Hundesteuer"]) assert.ok(!stored.includes(word), `${word} lies open in the browser`);
  assert.deepEqual(faults, []);
  await context.close();
}

export async function aReplyIsKeptUntilItIsSent({ browser, server, letter, shots }) {
  const { context, page, faults } = await person(browser, { hasTouch: true, isMobile: true });
  await withAxe(page);
  await enrol({ page, server, letter, passphrase: true });
  await row(page, "Hundesteuerbescheid").click({ timeout: 30_000 });
  await page.getByRole("link", { name: "Antworten" }).click();
  const text = page.getByLabel("Ihre Nachricht");
  await text.fill("Guten Tag, ich habe den Hund nicht mehr.");
  await page.getByLabel("Foto aufnehmen").setInputFiles({ name: "foto.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(300_000, 7) });
  await page.getByLabel("Dateien oder Fotos").setInputFiles([{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") }, { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("b") }]);
  await page.getByRole("button", { name: "b.txt entfernen" }).click();
  await page.getByRole("button", { name: "b.txt entfernen" }).waitFor({ state: "detached" });
  await accessible(page, "reply with files");
  await shoot(page, shots, "draft-phone-de");
  await page.waitForTimeout(600); // longer than typing may pause

  // The page is closed in the middle of it, and locked.
  await page.reload();
  await page.getByLabel("Passphrase").fill(PASSPHRASE);
  await page.getByRole("button", { name: "Aufschließen" }).click();
  await page.getByText(/^Ihr Entwurf vom /).waitFor({ timeout: 20_000 });
  assert.equal(await text.inputValue(), "Guten Tag, ich habe den Hund nicht mehr.");
  await page.getByText("foto.jpg", { exact: true }).waitFor();
  await accessible(page, "draft");

  // The connection breaks after the server took it: sent again, it arrives once.
  const sent = [];
  await page.route("**/v1/envelopes", async (route) => {
    sent.push(route.request().postDataBuffer().toString("hex"));
    if (sent.length > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.getByRole("button", { name: "Verschlüsselt senden" }).click();
  await page.getByText("Der Server ist nicht erreichbar.").waitFor({ timeout: 30_000 });
  await page.getByRole("button", { name: "Verschlüsselt senden" }).click();
  await page.getByText("Ihre Antwort ist angekommen und quittiert.").waitFor({ timeout: 30_000 });
  assert.equal(sent.length, 2);
  assert.equal(sent[0], sent[1], "it was sealed anew");
  await page.getByRole("link", { name: "Posteingang", exact: true }).click();
  await row(page, "Hundesteuerbescheid").click();
  await page.getByRole("link", { name: "Antworten" }).click();
  await text.waitFor();
  assert.equal(await page.getByText(/^Ihr Entwurf vom /).count(), 0, "a draft is left");
  assert.equal(await text.inputValue(), "");
  await text.fill("Noch etwas");
  await page.getByRole("button", { name: "Entwurf verwerfen" }).click();
  await page.getByRole("heading", { name: "Das Wichtigste" }).waitFor();
  await page.getByRole("link", { name: "Antworten" }).click();
  await text.waitFor();
  assert.equal(await text.inputValue(), "");
  assert.deepEqual(faults.filter((fault) => !/ERR_FAILED/.test(fault)), []);
  await context.close();
}
