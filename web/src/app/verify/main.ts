// The auditor's page: one or two evidence files dropped here, verified in this browser, offline once it is loaded.
//
// Invariants: nothing that is dropped leaves the page; what the verifier must know from elsewhere (root key, log,
// witnesses) is asked for and never taken from the file unsaid. Absent: the checks (`core/evidence`).

import "../style.css";
import { utf8 } from "../../core/codec/bytes.ts";
import { agreement, compareEvidence } from "../../core/evidence/compare.ts";
import { EvidenceError, type Evidence, MAX_EVIDENCE, decodeEvidence } from "../../core/evidence/file.ts";
import { type Policy, verifyEvidence } from "../../core/evidence/verify.ts";
import type { TokenReader } from "../../core/evidence/timestamps.ts";
import { keyBytes } from "../../core/ids.ts";
import { CertificateError, MAX_CERTIFICATE_FILE, readCertificates } from "../../core/timestamp/certificate.ts";
import { tokenReader } from "../../core/timestamp/token.ts";
import { PolicyError, parsePolicy } from "../../core/tlog/policy-text.ts";
import { Policy as Witnesses } from "../../core/tlog/policy.ts";
import { type Language, type Words, loadWords, sayDifference } from "../../core/words/words.ts";
import { fill, h } from "../dom/element.ts";
import { type Field, button, field, notice, paragraph } from "../dom/parts.ts";
import { language, preferredLanguage, setLanguage, t } from "../language.ts";
import { fileName } from "../plain-text.ts";
import { Shell, type View } from "../shell.ts";
import { supported } from "../supported.ts";
import { reportView } from "./report.ts";

interface Dropped {
  readonly name: string;
  readonly evidence: Evidence;
}

/** Most files that are compared. */
const MOST = 2;

class VerifyPage {
  readonly #results = h("div", { "aria-live": "polite" });
  #dropped: readonly Dropped[] = [];
  #root: Field | undefined;
  #origin: Field | undefined;
  #witnesses: Field | undefined;
  #tsa: Field | undefined;

  constructor(readonly texts: Readonly<Record<Language, Words>>) {}

  view(): View {
    const asked = new URLSearchParams(location.hash.slice(1));
    this.#root = field(t("Schlüssel des Betreibers", "Operator's key"), t("64 Zeichen, aus dem Brief oder einer anderen Quelle als der Datei.", "64 characters, from the letter or another source than the file."), { autocomplete: "off", spellcheck: "false", value: asked.get("root") ?? "" });
    this.#origin = field(t("Name des Protokolls", "Name of the log"), t("Etwa postfach.example/2026.", "Such as postfach.example/2026."), { autocomplete: "off", spellcheck: "false", value: asked.get("origin") ?? "" });
    this.#witnesses = field(t("Zeugen (freiwillig)", "Witnesses (voluntary)"), t("Regel im Format C2SP tlog-policy.", "Policy in the form of C2SP tlog-policy."), { spellcheck: "false" }, "textarea");
    this.#tsa = field(t("Zertifikat eines Zeitstempeldienstes (freiwillig)", "Certificate of a time-stamping authority (voluntary)"), t("In PEM, so wie der Dienst es veröffentlicht.", "In PEM, as the authority publishes it."), { type: "file", accept: ".pem,.crt,.cer" });
    const pick = field(t("Nachweise wählen (.pfe)", "Choose evidence files (.pfe)"), t("Eine Datei prüfen oder zwei vergleichen.", "Verify one file or compare two."), { type: "file", multiple: true, accept: ".pfe" });
    pick.input.addEventListener("change", () => void this.#take([...((pick.input as HTMLInputElement).files ?? [])]));
    const zone = h("div", { class: "drop" }, paragraph(t("Dateien hierher ziehen oder wählen. Sie verlassen diesen Browser nicht.", "Drop files here or choose them. They never leave this browser.")), pick.element);
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      void this.#take([...(event.dataTransfer?.files ?? [])]);
    });
    return {
      title: t("Nachweis prüfen", "Verify evidence"),
      content: [zone, this.#root.element, this.#origin.element, this.#witnesses.element, this.#tsa.element,
        h("div", { class: "actions" }, button(t("Prüfen", "Verify"), () => this.#judge(), "primary", (error) => this.#complain(error))), this.#results],
    };
  }

  #complain(error: unknown): void {
    const what = error instanceof EvidenceError
      ? t("Das ist kein Nachweis, oder er ist beschädigt.", "That is no evidence file, or it is damaged.")
      : t("Das hat nicht geklappt.", "That did not work.");
    fill(this.#results, notice("danger", what, error instanceof Error ? paragraph(error.message) : null));
  }

  async #take(files: readonly File[]): Promise<void> {
    try {
      const read: Dropped[] = [];
      for (const file of files.slice(0, MOST)) {
        if (file.size > MAX_EVIDENCE) throw new RangeError(t("Die Datei ist zu groß.", "The file is too large."));
        read.push({ name: fileName(file.name, "1.pfe"), evidence: decodeEvidence(new Uint8Array(await file.arrayBuffer())) });
      }
      this.#dropped = read;
      fill(this.#results, notice("info", t("Gelesen: ", "Read: ") + read.map(({ name }) => name).join(", ")));
    } catch (error) {
      this.#complain(error);
    }
  }

  /** What reads tokens under the chosen certificates, where some were chosen. */
  async #timeStampingAuthority(): Promise<TokenReader | undefined | "unreadable"> {
    const [file] = (this.#tsa?.input as HTMLInputElement).files ?? [];
    this.#tsa?.complain(undefined);
    if (file === undefined) return undefined;
    try {
      const bytes = file.size > MAX_CERTIFICATE_FILE ? new Uint8Array(0) : new Uint8Array(await file.arrayBuffer());
      return tokenReader(readCertificates(bytes));
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      this.#tsa?.complain(certificateWords(error));
      return "unreadable";
    }
  }

  async #judge(): Promise<void> {
    const root = keyBytes.parse(this.#root?.input.value.replace(/\s/g, "").toLowerCase() ?? "");
    const origin = this.#origin?.input.value.trim() ?? "";
    this.#origin?.complain(origin === "" ? t("Bitte angeben.", "Please fill in.") : undefined);
    this.#root?.complain(root === undefined ? t("64 Zeichen aus 0–9 und a–f.", "64 characters out of 0–9 and a–f.") : undefined);
    if (root === undefined || origin === "") return;
    const text = this.#witnesses?.input.value.trim() ?? "";
    let witnesses = Witnesses.WITHOUT_WITNESSES;
    try {
      if (text !== "") witnesses = parsePolicy(utf8(`${text}\n`));
      await witnesses.load();
      this.#witnesses?.complain(undefined);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      return this.#witnesses?.complain(t("Diese Regel ist nicht lesbar.", "This policy cannot be read."));
    }
    const tsa = await this.#timeStampingAuthority();
    if (tsa === "unreadable") return;
    const policy: Policy = { origin, root, witnesses, tokens: tsa };
    const [first, second] = this.#dropped;
    if (first === undefined) return fill(this.#results, notice("warning", t("Zuerst eine Datei wählen.", "Choose a file first.")));
    const words = this.texts[language()];
    const reports = this.#dropped.map(({ name, evidence }) => reportView(name, verifyEvidence(evidence, policy), words));
    const together = second === undefined ? null : comparison(first, second, policy, words);
    fill(this.#results, together, reports);
  }
}

/** Why a file does not name time-stamping authorities, in words. */
function certificateWords({ fault, number }: CertificateError): string {
  switch (fault) {
    case "file": return t("Erwartet werden 1 bis 16 Zertifikate in PEM.", "Expected are 1 to 16 certificates in PEM.");
    case "malformed": return t(`Das ${number}. Zertifikat ist nicht lesbar.`, `Certificate ${number} cannot be read.`);
    case "usage": return t(`Das ${number}. Zertifikat ist nicht (nur) für Zeitstempel. Nehmen Sie das eigene des Dienstes, ohne die darüber.`, `Certificate ${number} is not for time-stamping (alone). Take the authority's own, without those above it.`);
    case "key": return t(`Das ${number}. Zertifikat hat einen Schlüssel, der nicht anerkannt wird (RSA, P-256 oder P-384).`, `Certificate ${number} has a key that is not accepted (RSA, P-256 or P-384).`);
  }
}

function comparison(first: Dropped, second: Dropped, policy: Policy, words: Words): HTMLElement {
  const differences = compareEvidence(first.evidence, second.evidence, policy);
  const found = agreement(differences);
  const lines = differences.map((difference) => h("li", null, sayDifference(words, difference)));
  return notice(found === "contradict" ? "danger" : "info", words.comparison.agreements[found], lines.length === 0 ? null : h("ul", null, lines));
}

/** Both languages' words are loaded before the page shows, so that it works offline from then on. */
async function start(root: HTMLElement): Promise<void> {
  const texts = { de: await loadWords("de"), en: await loadWords("en") };
  const shell: Shell = new Shell(root, () => [], () => shell.show(new VerifyPage(texts).view()), undefined, () => false);
  shell.show(new VerifyPage(texts).view());
}

setLanguage(preferredLanguage());
const dark = matchMedia("(prefers-color-scheme: dark)");
document.documentElement.setAttribute("data-kern-theme", dark.matches ? "dark" : "light");
const root = document.getElementById("app");
if (root !== null && supported()) void start(root);
