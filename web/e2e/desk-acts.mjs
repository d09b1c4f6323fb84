// What stories of the desk do again and again.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessible } from "./browser.mjs";

export const file = (name, text, mimeType = "text/csv") => ({ name, mimeType, buffer: Buffer.from(text) });

/** From the key file to the open desk. */
export async function openDesk({ page, server, authority, clerk }) {
  await page.goto(`${server.pages}/desk/index.html`);
  await page.getByRole("link", { name: "Schreibtisch mit Schlüsseldatei einrichten" }).click();
  await page.getByLabel("Schlüsseldatei", { exact: true }).setInputFiles(authority.keys);
  await page.getByLabel("Profil (freiwillig)").setInputFiles(authority.profile);
  await accessible(page, "desk: key file");
  await page.getByRole("button", { name: "Weiter" }).click();
  await page.getByText("Schlüssel geprüft").waitFor();
  await page.getByText(authority.name).waitFor();
  await page.getByLabel("Ihr Name").fill(clerk);
  await accessible(page, "desk: name");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Mit Passkey schützen" }).click();
  await page.getByRole("heading", { name: "Adressbuch", exact: true }).waitFor();
}

/** The web address in the QR code of the letter, printed as a clerk would print it. */
export async function addressOnPaper(page, server, names) {
  const [pdf, picture] = [join(server.folder, "desk-letter.pdf"), join(server.folder, "desk-letter")];
  writeFileSync(pdf, await page.pdf({ preferCSSPageSize: true }));
  const text = execFileSync("pdftotext", ["-layout", pdf, "-"]).toString();
  for (const words of ["Ihr Zugang zu", ...names, "Der Code ist geheim", "Die Prüfzahl"]) assert.ok(text.includes(words), `the letter lacks: ${words}`);
  execFileSync("pdftoppm", ["-r", "150", "-png", "-f", "1", "-l", "1", "-singlefile", pdf, picture]);
  return execFileSync("zbarimg", ["--quiet", "--raw", `${picture}.png`], { stdio: ["ignore", "pipe", "ignore"] }).toString().trim();
}

export async function replyTo(page, subject, text, fact = subject) {
  await page.locator(".letters a").filter({ hasText: subject }).first().click();
  await page.getByText(fact).first().waitFor();
  await page.getByRole("link", { name: "Antworten" }).click();
  await page.getByLabel("Ihre Nachricht").fill(text);
  await page.getByRole("button", { name: "Verschlüsselt senden" }).click();
  await page.getByText("Ihre Antwort ist angekommen und quittiert.").waitFor({ timeout: 30_000 });
}

/** Presses Tab until something of this name has the focus, which must then be visible. */
export async function tabTo(page, name, key = "Tab") {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press(key);
    const found = await page.evaluate(() => {
      const active = document.activeElement;
      const label = active?.labels?.[0]?.textContent ?? active?.textContent ?? "";
      const { width, height } = active?.getBoundingClientRect() ?? { width: 0, height: 0 };
      const style = active && getComputedStyle(active);
      return { label, visible: width > 0 && height > 0, marked: style && (style.outlineStyle !== "none" || style.boxShadow !== "none") };
    });
    if (found.label.trim() !== name) continue;
    assert.ok(found.visible && found.marked, `the focus on ${name} cannot be seen`);
    return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

/** Waits for the one claim and answers it. */
export async function answerClaim(page, views = false) {
  await page.getByRole("link", { name: "Anträge" }).click();
  const answer = page.getByRole("button", { name: "Verbinden (1)" });
  await page.getByText("Keine offenen Anträge").or(answer).first().waitFor();
  while (!(await answer.isVisible())) {
    await page.getByRole("button", { name: "Noch einmal nachsehen" }).click();
    await page.getByText("Keine offenen Anträge").or(answer).first().waitFor();
  }
  if (views) await accessible(page, "desk: requests");
  await answer.click();
  await page.getByText("1 Person verbunden, 0 Anträge abgelehnt.").waitFor();
}
