// The same pages in two other engines, Firefox's and Safari's: enrolment with a passphrase, reading, a PDF, a reply,
// locking, and the auditor's page. With PAGES Firefox gets those, WebKit the program's own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { firefox, webkit } from "../engines.mjs";
import { PASSPHRASE } from "../acts.mjs";
import { addressInLetter } from "../server.mjs";

const PATIENCE = 60_000;
const PAUSE = 100;

/** What a person does, in scripts. */
function hands(page) {
  const until = async (what, script, ...values) => {
    for (const started = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, PAUSE))) {
      const found = await page.run(script, ...values);
      if (found) return found;
      if (Date.now() - started > PATIENCE) assert.fail(`${what} does not come; the page says: ${(await page.run("return document.body.innerText")).slice(0, 600)}`);
    }
  };
  const presses = (text) => until(
    `something to press called ${text}`,
    `const found = [...document.querySelectorAll("button, a, summary")].find((one) => !one.disabled && one.textContent.includes(v0) && one.getClientRects().length > 0);
     found?.click();
     return found !== undefined;`,
    text,
  );
  return {
    presses,
    sees: (text) => until(text, "return document.body.innerText.includes(v0)", text),
    fills: (label, value) => until(
      `a field called ${label}`,
      `const named = [...document.querySelectorAll("label")].find((one) => one.textContent.trim().startsWith(v0) && one.getClientRects().length > 0);
       const field = named && document.getElementById(named.htmlFor);
       if (!field) return false;
       field.value = v1;
       field.dispatchEvent(new Event("input", { bubbles: true }));
       return true;`,
      label,
      value,
    ),
    drops: (label, name, base64) => until(
      `a field for files called ${label}`,
      `const named = [...document.querySelectorAll("label")].find((one) => one.textContent.trim().startsWith(v0));
       const field = named && document.getElementById(named.htmlFor);
       if (!field) return false;
       const transfer = new DataTransfer();
       transfer.items.add(new File([Uint8Array.from(atob(v2), (letter) => letter.charCodeAt(0))], v1));
       field.files = transfer.files;
       field.dispatchEvent(new Event("change", { bubbles: true }));
       return true;`,
      label,
      name,
      base64,
    ),
    reads: (script) => until(script, `return ${script}`),
    /** WebKitGTK asks for English whatever the system's language is. */
    speaksGerman: async () => {
      await until("a title", "return document.querySelector('h1') !== null");
      if (await page.run("return document.documentElement.lang === 'en'")) await presses("Deutsch");
    },
  };
}

async function aFirstDay(engine, { server, letter, proxy }) {
  const page = await engine(proxy);
  try {
    const { sees, presses, fills, drops, reads, speaksGerman } = hands(page);
    await page.goto(addressInLetter(server, letter));
    await speaksGerman();
    // A browser that has no passkeys asks for the passphrase at once.
    await reads('["Lieber mit Passphrase", "Passphrase noch einmal"].some((words) => document.body.innerText.includes(words))');
    if (await page.run("return document.body.innerText.includes('Lieber mit Passphrase')")) await presses("Lieber mit Passphrase");
    await fills("Passphrase", PASSPHRASE);
    await fills("Passphrase noch einmal", PASSPHRASE);
    await presses("Weiter");
    await sees("Ihr Wiederherstellungsblatt");
    const secret = await reads('document.querySelector("#sheet-secret")?.textContent.trim()');
    await fills("Letzte Vierergruppe", secret.slice(-4));
    await presses("Weiter");
    await sees("Einverständnis");
    await reads('[...document.querySelectorAll("input[type=checkbox]")].map((box) => box.checked || (box.click(), true)).length > 0');
    await presses("Speichern und zum Postfach");
    await sees("Hundesteuerbescheid");
    await presses("Hundesteuerbescheid");
    await sees("150,00");
    await presses("Ansehen");
    await reads('document.querySelector(".pdf-page canvas") !== null && document.querySelector(".textLayer").textContent.includes("Hundesteuer")');
    await presses("Antworten");
    await sees("Diese Antwort ist kein Rechtsbehelf");
    await fills("Ihre Nachricht", "Guten Tag, ich habe eine Frage.");
    await presses("Verschlüsselt senden");
    await sees("Ihre Antwort ist angekommen und quittiert.");
    await presses("Abschließen");
    await fills("Passphrase", PASSPHRASE);
    await presses("Aufschließen");
    await sees("Hundesteuerbescheid");

    const vectors = JSON.parse(readFileSync(new URL("../../../docs/format/vectors/timestamps.json", import.meta.url), "utf8"));
    const published = JSON.parse(readFileSync(new URL("../../../docs/format/vectors/evidence.json", import.meta.url), "utf8"));
    await page.goto(`${server.pages}/verify`);
    await speaksGerman();
    await drops("Nachweise wählen", "brief.pfe", Buffer.from(vectors.good.file, "hex").toString("base64"));
    await sees("Gelesen: brief.pfe");
    await drops("Zertifikat eines Zeitstempeldienstes", "tsa.pem", Buffer.from(vectors.certificate).toString("base64"));
    await fills("Schlüssel des Betreibers", published.root);
    await fills("Name des Protokolls", published.origin);
    await fills("Zeugen", published.witnesses);
    await presses("Prüfen");
    await reads(`document.querySelector('[data-verdict="verified"]') !== null`);
    await sees("bezeugt „Zeitstempel Prüfstelle“");
  } finally {
    await page.close();
  }
}

export const aFirstDayInFirefox = (story) => aFirstDay(firefox, story);
export const aFirstDayInWebKit = (story) => aFirstDay(webkit, story);
