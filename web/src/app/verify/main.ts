// The auditor's page: one or two evidence files dropped here, verified in this browser, offline once it is loaded.
//
// Invariants: nothing that is dropped leaves the page; what the verifier must know from elsewhere (root key, log,
// witnesses) is asked for and never taken from the file unsaid. Absent: the checks (`core/evidence`).

import "../style.css";
import { utf8 } from "../../core/codec/bytes.ts";
import { agreement, compareEvidence } from "../../core/evidence/compare.ts";
import { EvidenceError, type Evidence, MAX_EVIDENCE, decodeEvidence } from "../../core/evidence/file.ts";
import type { Check, Report, Verdict } from "../../core/evidence/report.ts";
import { type Policy, verifyEvidence } from "../../core/evidence/verify.ts";
import { keyBytes } from "../../core/ids.ts";
import { PolicyError, parsePolicy } from "../../core/tlog/policy-text.ts";
import { Policy as Witnesses } from "../../core/tlog/policy.ts";
import { fill, h } from "../dom/element.ts";
import { type Field, button, field, heading, notice, paragraph, terms, type Tone } from "../dom/parts.ts";
import { dateTime, preferredLanguage, setLanguage, t } from "../language.ts";
import { fileName, plain } from "../plain-text.ts";
import { Shell, type View } from "../shell.ts";

interface Dropped {
  readonly name: string;
  readonly evidence: Evidence;
}

/** Most files that are compared. */
const MOST = 2;

function verdictWords(verdict: Verdict): { tone: Tone; text: string } {
  const words: Record<Verdict, { tone: Tone; text: string }> = {
    verified: { tone: "success", text: t("Bewiesen: Alle Prüfungen bestanden.", "Verified: every check passed.") },
    disputed: { tone: "warning", text: t("Strittig: Der Empfänger bestreitet den Inhalt.", "Disputed: the recipient disputes the content.") },
    "not-proven": { tone: "warning", text: t("Nicht bewiesen: Es fehlt etwas.", "Not proven: something is missing.") },
    failed: { tone: "danger", text: t("Widerlegt: Mindestens eine Prüfung ist gescheitert.", "Failed: at least one check failed.") },
  };
  return words[verdict];
}

function checkRow({ name, outcome }: Check): HTMLElement {
  const ends = {
    passed: () => t("bestanden", "passed"),
    failed: () => t("gescheitert", "failed"),
    "not-proven": () => t("nicht bewiesen", "not proven"),
  };
  const why = outcome.kind === "failed" ? outcome.cause.name : outcome.kind === "not-proven" ? outcome.gap.name : "";
  return h("tr", null, h("th", { scope: "row" }, name), h("td", null, ends[outcome.kind]()), h("td", null, why));
}

function legalDay(report: Report): string {
  const verdict = report.legalDate?.verdict;
  switch (verdict?.code) {
    case "served-on":
      return t(`Bekannt gegeben am ${verdict.day}`, `Served on ${verdict.day}`);
    case "not-served":
      return t("Nicht bekannt gegeben", "Not served");
    case "open":
      return t(`Offen; in Frage: ${verdict.candidates.join(", ") || "–"}`, `Open; in question: ${verdict.candidates.join(", ") || "–"}`);
    case "disputed":
      return t("Strittig", "Disputed");
    default:
      return t("Keine Aussage", "No statement");
  }
}

function reportOf(name: string, report: Report): HTMLElement {
  const { tone, text } = verdictWords(report.verdict);
  const { header } = report;
  return h(
    "section",
    { class: "facts", "data-verdict": report.verdict },
    heading(2, name),
    notice(tone, text, report.lacksOnlyWitnesses && report.verdict !== "verified" ? paragraph(t("Es fehlen nur die Zeugen des Protokolls.", "Only the log's witnesses are missing.")) : null),
    header === undefined ? null : terms([
      [t("Absender", "Sender"), report.certificate === undefined ? header.payload.sender : plain(report.certificate.payload.name)],
      [t("Empfänger", "Recipient"), header.payload.recipient],
      report.manifest && [t("Betreff", "Subject"), plain(report.manifest.subject, 500)],
      [t("Bekanntgabe", "Notification"), legalDay(report)],
    ]),
    report.timeline.length === 0 ? null : h("ol", { class: "timeline" }, report.timeline.map(({ event, time }) =>
      h("li", null, h("time", { datetime: new Date(time).toISOString() }, dateTime(time)), h("span", null, event)))),
    h("details", null, h("summary", null, t(`${report.checks.length} Prüfungen`, `${report.checks.length} checks`)),
      h("table", { class: "kern-table" }, h("thead", null, h("tr", null, [t("Prüfung", "Check"), t("Ergebnis", "Result"), t("Grund", "Reason")].map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", null, report.checks.map(checkRow)))),
    report.notShown.length === 0 ? null : h("details", null, h("summary", null, t("Was diese Datei nicht zeigt", "What this file does not show")), h("ul", null, report.notShown.map((name) => h("li", null, name)))),
  );
}

class VerifyPage {
  readonly #results = h("div", { "aria-live": "polite" });
  #dropped: readonly Dropped[] = [];
  #root: Field | undefined;
  #origin: Field | undefined;
  #witnesses: Field | undefined;

  view(): View {
    const asked = new URLSearchParams(location.hash.slice(1));
    this.#root = field(t("Schlüssel des Betreibers", "Operator's key"), t("64 Zeichen, aus dem Brief oder einer anderen Quelle als der Datei.", "64 characters, from the letter or another source than the file."), { autocomplete: "off", spellcheck: "false", value: asked.get("root") ?? "" });
    this.#origin = field(t("Name des Protokolls", "Name of the log"), t("Etwa postfach.example/2026.", "Such as postfach.example/2026."), { autocomplete: "off", spellcheck: "false", value: asked.get("origin") ?? "" });
    this.#witnesses = field(t("Zeugen (freiwillig)", "Witnesses (voluntary)"), t("Regel im Format C2SP tlog-policy.", "Policy in the form of C2SP tlog-policy."), { spellcheck: "false" }, "textarea");
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
      content: [zone, this.#root.element, this.#origin.element, this.#witnesses.element,
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
    const policy: Policy = { origin, root, witnesses };
    const [first, second] = this.#dropped;
    if (first === undefined) return fill(this.#results, notice("warning", t("Zuerst eine Datei wählen.", "Choose a file first.")));
    const reports = this.#dropped.map(({ name, evidence }) => reportOf(name, verifyEvidence(evidence, policy)));
    const together = second === undefined ? null : comparison(first, second, policy);
    fill(this.#results, together, reports);
  }
}

function comparison(first: Dropped, second: Dropped, policy: Policy): HTMLElement {
  const found = agreement(compareEvidence(first.evidence, second.evidence, policy));
  const words = {
    same: t("Beide Dateien sagen dasselbe.", "Both files say the same."),
    "one-goes-on": t("Eine Datei setzt die andere fort.", "One file continues the other."),
    "not-comparable": t("Die Dateien sind nicht vergleichbar.", "The files cannot be compared."),
    contradict: t("Die Dateien widersprechen einander.", "The files contradict each other."),
  };
  return notice(found === "contradict" ? "danger" : "info", words[found]);
}

setLanguage(preferredLanguage());
const dark = matchMedia("(prefers-color-scheme: dark)");
document.documentElement.setAttribute("data-kern-theme", dark.matches ? "dark" : "light");
const root = document.getElementById("app");
if (root !== null) {
  const shell: Shell = new Shell(root, () => [], () => shell.show(new VerifyPage().view()), undefined, () => false);
  shell.show(new VerifyPage().view());
}
