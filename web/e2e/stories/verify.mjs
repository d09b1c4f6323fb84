// The auditor's page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { shoot } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";

export async function anAuditorVerifiesFilesOffline({ browser, server, shots }) {
  const { context, page, faults } = await person(browser);
  await withAxe(page);
  const vectors = JSON.parse(readFileSync(new URL("../../../docs/format/vectors/evidence.json", import.meta.url), "utf8"));
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
  const words = JSON.parse(readFileSync(new URL("../../src/core/words/de.json", import.meta.url), "utf8"));
  await page.getByText(words.verdicts.verified, { exact: true }).waitFor();
  await page.getByText(/^\d+ Prüfungen$/).click();
  await page.getByText(`${words.checks["header-signature"].label}: bestanden.`).waitFor();
  await page.getByText(words.checks["header-signature"].passed).waitFor();
  await accessible(page, "verdict");
  await shoot(page, shots, "verify-phone-de");

  // With a time-stamp of an authority that the auditor pins.
  const stamped = JSON.parse(readFileSync(new URL("../../../docs/format/vectors/timestamps.json", import.meta.url), "utf8"));
  const tsa = page.getByLabel("Zertifikat eines Zeitstempeldienstes");
  await page.getByLabel("Nachweise wählen").setInputFiles({ name: "gestempelt.pfe", mimeType: "application/octet-stream", buffer: Buffer.from(stamped.good.file, "hex") });
  await page.getByText("Gelesen: gestempelt.pfe").waitFor();
  await tsa.setInputFiles({ name: "tsa.pem", mimeType: "application/x-pem-file", buffer: Buffer.from("keines") });
  await page.getByRole("button", { name: "Prüfen" }).click();
  await page.getByText("Erwartet werden 1 bis 16 Zertifikate in PEM.").waitFor();
  await accessible(page, "certificate refused");
  await tsa.setInputFiles({ name: "tsa.pem", mimeType: "application/x-pem-file", buffer: Buffer.from(stamped.certificate) });
  await page.getByRole("button", { name: "Prüfen" }).click();
  await page.getByText(/^Alles bestand vor dem .*, bezeugt „Zeitstempel Prüfstelle“\.$/).waitFor();
  await page.locator('[data-verdict="verified"]').waitFor();
  await accessible(page, "verdict with a time-stamp");

  await page.getByLabel("Schlüssel des Betreibers").fill("00".repeat(32));
  await page.getByRole("button", { name: "Prüfen" }).click();
  await page.locator('[data-verdict="failed"]').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}
