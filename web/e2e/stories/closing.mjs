// Deleting a letter for every device, and closing the mailbox for good.
import assert from "node:assert/strict";
import { arrive, button, enrol, joinByCode, row, shoot, unlock } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { authoritySends } from "../server.mjs";

const LETTER = "Hundesteuerbescheid";
const section = (page, name) => page.getByRole("link", { name, exact: true });

/** What the server refused as gone, as promises of codes. */
function gone(page) {
  const found = [];
  page.on("response", (response) => {
    if (response.status() === 410) found.push(response.json().then(({ type }) => type.split(":").at(-1)));
  });
  return found;
}

export async function aDeletedLetterIsGoneOnEveryDevice({ browser, server, letter }) {
  const [phone, tablet] = await Promise.all([person(browser, { authenticator: "prf" }), person(browser)]);
  await Promise.all([withAxe(phone.page), withAxe(tablet.page)]);
  const { page } = phone;
  await enrol({ page, server, letter });
  await row(page, LETTER).waitFor({ timeout: 30_000 });
  await joinByCode({ open: page, joining: tablet.page, server, name: "Tablet", lock: "passphrase" });
  await row(tablet.page, LETTER).waitFor({ timeout: 30_000 });
  const refused = gone(tablet.page);

  await section(page, "Posteingang").click();
  await row(page, LETTER).click();
  await button(page, "Brief löschen …").press("Enter");
  const asked = page.getByRole("heading", { name: "Diesen Brief löschen?" });
  await asked.waitFor();
  assert.ok(await asked.evaluate((element) => element === document.activeElement), "the focus is where the question begins");
  await accessible(page, "delete a letter");
  await page.setViewportSize({ width: 320, height: 640 });
  await accessible(page, "delete a letter at 320 px");
  await page.getByText("Löschen ist kein Widerspruch.").waitFor();
  await button(page, "Nein, behalten").press("Enter");
  assert.equal(await asked.count(), 0);
  await button(page, "Brief löschen …").press("Enter");
  await button(page, "Ja, endgültig löschen").press("Enter");
  await page.getByText("Dieser Brief ist gelöscht.").waitFor();
  await page.getByText("Vom Empfänger gelöscht").waitFor();
  assert.equal(await page.getByText("Nachweis mit Text des Briefs").count(), 0, "the text is gone");
  await button(page, "Bericht ansehen").click();
  await page.getByText("Der Empfänger hat den Umschlag gelöscht.").first().waitFor({ timeout: 20_000 });
  await accessible(page, "a deleted letter");
  await section(page, "Posteingang").click();
  await row(page, "Gelöschter Brief").waitFor();
  assert.equal(await row(page, LETTER).count(), 0);

  // The tablet still has it in its list; the server hands it out no more.
  await row(tablet.page, LETTER).click();
  await tablet.page.getByText("Dieser Brief ist gelöscht.").waitFor({ timeout: 20_000 });
  assert.deepEqual(await Promise.all(refused), ["deleted"]);
  await section(tablet.page, "Posteingang").click();
  await row(tablet.page, "Gelöschter Brief").waitFor();
  for (const { faults, context } of [phone, tablet]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
}

export async function aClosedMailboxTakesNoMailAndIsForgottenHere({ browser, server, letter, shots }) {
  const [phone, tablet] = await Promise.all([person(browser, { authenticator: "prf" }), person(browser)]);
  await Promise.all([withAxe(phone.page), withAxe(tablet.page)]);
  const { page } = phone;
  await enrol({ page, server, letter });
  await row(page, "Förmliche Zustellung").waitFor({ timeout: 30_000 });
  await joinByCode({ open: page, joining: tablet.page, server, name: "Tablet", lock: "passphrase" });

  await section(page, "Einstellungen").click();
  await section(page, "Was das bedeutet, und schließen").press("Enter");
  await page.getByText("Das lässt sich nicht zurücknehmen.").waitFor();
  await accessible(page, "close the mailbox");
  await shoot(page, shots, "close-phone-de");
  await page.setViewportSize({ width: 320, height: 640 });
  await accessible(page, "close the mailbox at 320 px");
  const close = button(page, "Postfach für immer schließen");
  await close.press("Enter");
  await page.getByText("Bitte „schließen“ eintippen.").waitFor();
  const typed = page.getByLabel("Zum Bestätigen das Wort");
  await typed.fill("schliessen");
  await close.press("Enter");
  await page.getByText("Bitte „schließen“ eintippen.").waitFor();
  await typed.fill("Schließen ");
  await close.press("Enter");
  await page.getByRole("heading", { name: "Ihr Postfach ist geschlossen" }).waitFor({ timeout: 20_000 });
  await accessible(page, "closed");

  // The sender learns it, and what to do.
  const send = () => authoritySends(server, "--lang", "en", "--to", String(5000 + letter), "--subject", "Zu spät", "--text", "Guten Tag");
  assert.throws(send, ({ stderr }) => /The mailbox is closed/.test(String(stderr)) && /on paper/.test(String(stderr)));

  // Nothing is left here, and the sheet and the passkey lead nowhere any more.
  await page.reload();
  await page.getByRole("heading", { name: "Willkommen" }).waitFor();
  const left = await page.evaluate(() => new Promise((resolve, reject) => {
    const opening = indexedDB.open("mein-postfach");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const stores = [...opening.result.objectStoreNames];
      const counts = stores.map((store) => new Promise((count) => {
        const asked = opening.result.transaction(store).objectStore(store).count();
        asked.onsuccess = () => count(asked.result);
      }));
      Promise.all(counts).then(resolve);
    };
  }));
  assert.ok(left.length >= 3 && left.every((count) => count === 0), `left: ${left}`);
  await arrive(page, server);
  await button(page, "Mit Passkey öffnen").click();
  await page.getByText(/nichts hinterlegt|kein Postfach/).first().waitFor({ timeout: 20_000 });

  // The tablet reads what is there, for a while.
  await tablet.page.reload();
  await unlock(tablet.page, "passphrase");
  await tablet.page.getByText("Dieses Postfach ist geschlossen.").waitFor({ timeout: 20_000 });
  await accessible(tablet.page, "inbox of a closed mailbox");
  await row(tablet.page, "Förmliche Zustellung").click();
  await button(tablet.page, "Empfang unterschreiben und öffnen").click();
  await tablet.page.getByRole("heading", { name: "Was wann geschah" }).waitFor({ timeout: 20_000 });
  await section(tablet.page, "Posteingang").click();
  await section(tablet.page, "Von diesem Gerät entfernen").click();
  await tablet.page.getByText("Dieses Postfach ist schon geschlossen.").waitFor();
  await accessible(tablet.page, "leave a closed mailbox");
  await button(tablet.page, "Von diesem Gerät entfernen").click();
  await tablet.page.getByRole("heading", { name: "Ihr Postfach ist geschlossen" }).waitFor({ timeout: 20_000 });
  for (const { faults, context } of [phone, tablet]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
}
