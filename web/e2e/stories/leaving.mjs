// Everything taken along, opened by other programs: unzip and the age library, and verified by the command line.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { unzipSync } from "fflate";
import { enrol, shoot } from "../acts.mjs";
import { accessible, person, withAxe } from "../browser.mjs";

const PASSPHRASE = "vier kleine Wörter hier";
const text = (bytes) => new TextDecoder().decode(bytes);

/** Checks what the archive holds; one evidence file is verified by the command line, which trusts none of it. */
function check(server, zip) {
  const files = unzipSync(zip);
  const names = Object.keys(files);
  const one = (pattern) => names.find((name) => pattern.test(name)) ?? assert.fail(`${pattern} is not in ${names.join(", ")}`);
  const notice = one(/^briefe\/\d+ Hundesteuerbescheid.*\/brief\.txt$/);
  const folder = notice.slice(0, -"/brief.txt".length);
  assert.match(text(files[notice]), /Betreff: Hundesteuerbescheid/);
  assert.equal(text(files[names.find((name) => name.startsWith(`${folder}/anlagen/`) && name.endsWith(".pdf"))].subarray(0, 5)), "%PDF-");
  assert.ok(names.some((name) => name.startsWith(`${folder}/erklaerungen/`)));
  assert.ok(names.every((name) => !name.startsWith("/") && !name.includes("..")));
  const closed = one(/verschlossen\/nachweis\.pfe$/).split("/").slice(0, 2).join("/");
  assert.ok(!names.includes(`${closed}/brief.txt`), "registered mail was opened");
  assert.match(text(files["index.html"]), /Hundesteuerbescheid/);
  const [, root, origin] = /--root (\S+) --origin (\S+)/.exec(text(files["LIESMICH-README.txt"]));
  const pfe = join(server.folder, "exported.pfe");
  writeFileSync(pfe, files[`${folder}/nachweis.pfe`]);
  const verify = (...more) => execFileSync(server.program, ["--lang", "en", "verify", ...more, pfe], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  // No witnesses are pinned here, so it ends as "not proven"; nothing may be wrong.
  let said;
  try {
    said = verify("--root", root, "--origin", origin);
  } catch (error) {
    said = String(error.stdout);
  }
  for (const passed of ["Operator", "Envelope signature", "Inclusion in the log", "Chain of receipts", "Disclosed content"]) assert.ok(said.includes(`✓ ${passed}:`), said);
  assert.ok(!said.includes("✗"), said);
  assert.match(said, /Subject +Hundesteuerbescheid/);
}

export async function everythingIsTakenAlong({ browser, server, letter, shots }) {
  const { context, page, faults } = await person(browser, { authenticator: "prf" });
  await withAxe(page);
  await enrol({ page, server, letter });
  for (const subject of ["Hundesteuerbescheid", "Förmliche Zustellung"]) await page.locator(".letters a").filter({ hasText: subject }).first().waitFor({ timeout: 30_000 });
  await page.getByRole("link", { name: "Einstellungen" }).click();
  await page.getByRole("link", { name: "Alles mitnehmen" }).click();
  await page.getByRole("heading", { level: 1, name: "Alles mitnehmen" }).waitFor();
  await page.getByText("Für einen eigenen Schlüssel").click();
  await accessible(page, "export");
  await shoot(page, shots, "export-phone-de");
  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download", { timeout: 60_000 }), page.getByRole("button", { name }).press("Enter")]);
    await page.getByText(/^Gespeichert: /).waitFor();
    return { name: download.suggestedFilename(), bytes: new Uint8Array(readFileSync(await download.path())) };
  };

  const plain = await saved("Unverschlüsselt speichern");
  assert.equal(plain.name, "mein-postfach.zip");
  check(server, plain.bytes);
  await accessible(page, "export saved");

  await page.getByLabel("Passphrase", { exact: true }).fill("kurz");
  await page.getByRole("button", { name: "Mit Passphrase speichern" }).click();
  await page.getByText("Die Passphrase ist zu kurz.").waitFor();
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByLabel("Passphrase noch einmal").fill(PASSPHRASE);
  const locked = await saved("Mit Passphrase speichern");
  assert.equal(locked.name, "mein-postfach.zip.age");
  const byPassphrase = new Decrypter();
  byPassphrase.addPassphrase(PASSPHRASE);
  check(server, await byPassphrase.decrypt(locked.bytes));

  const identity = await generateX25519Identity();
  await page.getByLabel("Öffentlicher Schlüssel von age").fill(await identityToRecipient(identity));
  const byKey = new Decrypter();
  byKey.addIdentity(identity);
  check(server, await byKey.decrypt((await saved("Für diesen Schlüssel speichern")).bytes));

  // Cancelled in the middle: a part that does not come.
  await page.route("**/v1/envelopes/*/parts/*", () => undefined);
  await page.getByRole("button", { name: "Unverschlüsselt speichern" }).click();
  await page.getByRole("button", { name: "Abbrechen" }).click();
  await page.getByText("Abgebrochen. Es wurde nichts gespeichert.").waitFor();
  await page.unroute("**/v1/envelopes/*/parts/*");
  await page.setViewportSize({ width: 320, height: 640 });
  await accessible(page, "export at 320 px");

  // Nothing was signed for it: the registered letter still asks.
  await page.getByRole("link", { name: "Posteingang", exact: true }).click();
  await page.locator(".letters a").filter({ hasText: "Förmliche Zustellung" }).first().click();
  await page.getByText("verschlossen, bis Sie den Empfang unterschreiben").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
}
