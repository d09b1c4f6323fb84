// A file of 200 MB: to this device as ciphertext, stopped and continued, checked, decrypted out.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { allMail, enrol, row } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";
import { authoritySends } from "../server.mjs";

const LENGTH = 200_000_000;
const PIECE = 1_000_000;

/** A file that does not compress; answers its digest. */
async function write(path) {
  const hash = createHash("sha256");
  const out = createWriteStream(path);
  for (let written = 0; written < LENGTH; written += PIECE) {
    const piece = randomBytes(PIECE);
    hash.update(piece);
    await new Promise((resolve) => out.write(piece, resolve));
  }
  await new Promise((resolve) => out.end(resolve));
  return hash.digest("hex");
}

async function digestOf(path) {
  const hash = createHash("sha256");
  let length = 0;
  for await (const piece of createReadStream(path)) {
    hash.update(piece);
    length += piece.length;
  }
  return { length, digest: hash.digest("hex") };
}

export async function aLargeFileComesWholeOrNotAtAll({ browser, server, letter }) {
  const file = join(server.folder, "Bauakte.bin");
  const digest = await write(file);
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  await enrol({ page, server, letter });
  await allMail(page);
  authoritySends(server, "--to", String(5000 + letter), "--subject", "Ihre Bauakte", "--text", "anbei", file);
  await row(page, "Ihre Bauakte").waitFor({ timeout: 30_000 });
  await row(page, "Ihre Bauakte").click();
  await page.getByText("Bauakte.bin").waitFor();
  assert.equal(await page.getByRole("button", { name: "Ansehen", exact: true }).count(), 0, "too large to be shown");

  const ranges = [];
  page.on("request", (request) => {
    if (/\/parts\/1$/.test(request.url())) ranges.push(request.headers().range ?? "whole");
  });
  const save = page.getByRole("button", { name: "Speichern" });
  await save.click();
  await page.getByText(/Wird geholt \(.*\), noch verschlüsselt/).waitFor();
  await page.waitForFunction(() => document.querySelector("progress").value > 0.1, undefined, { timeout: 60_000 });
  await accessible(page, "large attachment under way");
  await page.getByRole("button", { name: "Abbrechen" }).click();
  await page.getByText("Abgebrochen. Beim nächsten Mal geht es dort weiter.").waitFor();

  const [saved] = await Promise.all([page.waitForEvent("download", { timeout: 120_000 }), save.click()]);
  await page.getByText("Entschlüsselt und gespeichert.").waitFor();
  assert.equal(saved.suggestedFilename(), "Bauakte.bin");
  assert.deepEqual(await digestOf(await saved.path()), { length: LENGTH, digest });
  assert.equal(ranges[0], "whole");
  assert.match(ranges[1], /^bytes=[1-9]\d{6,}-$/, "it began anew");
  assert.deepEqual(faults, []);
  await context.close();
}
