// Writing a letter: to whom, what, the key facts of a decision, files, how it is delivered. Every change is kept.
//
// Invariants: nothing typed is lost by leaving, reloading or locking; a file's content is sealed on this device before
// it stands in the draft. Absent: judging (`check.ts`), sending (`preview.ts`).

import { readMailing } from "../../../core/book/mailing.ts";
import { MAX_LIST } from "../../../core/book/rows.ts";
import { currentAddress } from "../../../core/book/entry.ts";
import { MAX_SUBJECT } from "../../../core/envelope/manifest.ts";
import { RULES } from "../../../core/deadline/rules.ts";
import { envelopeId } from "../../../core/ids.ts";
import { systemEnvironment } from "../../../client/ports.ts";
import { choice } from "../../dom/choice.ts";
import { fill, h } from "../../dom/element.ts";
import { button, checkbox, field, link, notice, paragraph, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { size, t } from "../../language.ts";
import { fileName, plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { checkDraft } from "../check.ts";
import { type Draft, type DraftAct, type DraftFile, type DraftRow, MAX_FILE, MAX_FILES, isBlank, keepFile, loadDraft, newDraft, removeDraft, removeFile, saveDraft } from "../draft.ts";
import { group } from "../parts.ts";
import { loadSending } from "../sending.ts";
import type { Desk } from "../state.ts";
import { matches, searchWords } from "./book.ts";

/** How long typing may go on before it is kept, in milliseconds. */
const KEEP_AFTER = 400;
const MAX_SUGGESTIONS = 12;

/** The editor that is shown: what was typed last is kept before the draft is read again. */
let current: Editor | undefined;

export async function writeView(desk: Desk, place: string, reference: string): Promise<View> {
  await current?.keep();
  if ((await loadSending(desk, place)) !== undefined) {
    return { title: t("Brief schreiben", "Write a letter"), content: paragraph(t("Dieser Brief wird schon gesendet. ", "This letter is being sent already. "), link(t("Zur Sendung", "To the sending"), `#/sending/${place}`)) };
  }
  const stored = place === "to" || place === "" ? undefined : await loadDraft(desk, place);
  const draft = stored ?? newDraft(place === "to" ? [reference] : []);
  if (stored === undefined) history.replaceState(null, "", `#/write/${draft.id}`);
  const editor = new Editor(desk, draft);
  current = editor;
  return { title: t("Brief schreiben", "Write a letter"), content: editor.content(), leave: () => void editor.end() };
}

class Editor {
  readonly #recipients = h("div");
  readonly #files = h("div", { "aria-live": "polite" });
  readonly #remarks = h("div", { "aria-live": "polite" });
  readonly #said = h("div", { role: "status" });
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Files are taken one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #gone = false;

  constructor(
    readonly desk: Desk,
    private draft: Draft,
  ) {
    addEventListener("pagehide", () => void this.keep(), { once: true });
  }

  #change(change: Partial<Draft>): void {
    this.draft = { ...this.draft, ...change, changed: Date.now() };
    this.#remark();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.keep(), KEEP_AFTER);
  }

  /** Keeps the draft now. */
  async keep(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#gone && !(isBlank(this.draft) && this.draft.recipients.length === 0)) await saveDraft(this.desk, this.draft);
  }

  /** Another view takes its place. */
  async end(): Promise<void> {
    await this.keep();
    this.#gone = true;
  }

  readonly #shown = (error: unknown): void => fill(this.#said, failure(error));

  content(): (HTMLElement | null)[] {
    const preview = async (): Promise<void> => {
      await this.#turn;
      await this.keep();
      location.hash = `#/preview/${this.draft.id}`;
    };
    const drop = async (): Promise<void> => {
      this.#gone = true;
      clearTimeout(this.#timer);
      await removeDraft(this.desk, this.draft.id);
      location.hash = "#/drafts";
    };
    this.#drawRecipients();
    this.#drawFiles();
    this.#remark();
    const form = h("form", { novalidate: true }, this.#toWhom(), this.#what(), this.#attach(), this.#decision(), this.#delivery());
    form.addEventListener("submit", (event) => event.preventDefault());
    const onward = button(t("Weiter zur Vorschau", "Continue to the preview"), preview, "primary", this.#shown);
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onward.click();
    });
    return [
      this.draft.inReplyTo === undefined ? null : paragraph(t("Antwort auf ein Schreiben.", "Reply to a letter.")),
      form,
      this.#remarks,
      this.#said,
      h("div", { class: "actions" },
        onward,
        button(t("Entwurf löschen", "Delete the draft"), drop, "tertiary", this.#shown)),
      paragraph(h("small", null, t("Der Entwurf wird laufend auf diesem Gerät gesichert, verschlüsselt. Strg + Eingabe führt zur Vorschau.", "The draft is kept on this device all the time, encrypted. Ctrl + Enter leads to the preview."))),
    ];
  }

  #text(label: string, hint: string | undefined, value: string, changed: (value: string) => void, more: Record<string, string> = {}, kind: "input" | "textarea" = "input"): HTMLElement {
    const made = field(label, hint, { autocomplete: "off", ...(kind === "input" ? { value } : {}), ...more }, kind);
    if (kind === "textarea") made.input.value = value;
    made.input.addEventListener("input", () => changed(made.input.value));
    return made.element;
  }

  #toWhom(): HTMLElement {
    const found = h("ul", { class: "files" });
    const search = field(t("Kassenzeichen, Name oder Anschrift", "Reference, name or address"), t("Nur wer ein Postfach hat, erscheint hier.", "Only who has a mailbox appears here."), { type: "search", autocomplete: "off", spellcheck: "false" });
    const suggest = (): void => {
      const words = searchWords(search.input.value);
      const taken = new Set(this.draft.recipients.map((row) => row.reference));
      const people = words.length === 0 ? [] : this.desk.shared.record.book.entries.filter((person) => currentAddress(person) !== undefined && !taken.has(person.reference) && matches(person, words)).slice(0, MAX_SUGGESTIONS);
      fill(found, people.map((person) => h("li", null, button(`${plain(person.reference)}: ${plain(person.name)}, ${plain(person.postal.city)}`, () => {
        this.#take([{ reference: person.reference, subject: undefined, text: undefined, files: [] }]);
        search.input.value = "";
        fill(found);
        search.input.focus();
      }, "tertiary"))), words.length > 0 && people.length === 0 ? h("li", null, t("Niemand gefunden, der ein Postfach hat.", "Nobody found who has a mailbox.")) : null);
    };
    search.input.addEventListener("input", suggest);
    search.input.addEventListener("keydown", (event) => {
      if (!(event instanceof KeyboardEvent) || event.key !== "Enter") return;
      event.preventDefault();
      found.querySelector("button")?.click();
    });
    const list = field(t("Oder eine Serie (CSV)", "Or a mailing (CSV)"), t("Spalte reference; dazu freiwillig subject, text, files – mit | getrennt. Dateien vorher anhängen.", "Column reference; also, voluntarily, subject, text, files – separated by |. Attach the files first."), { type: "file", accept: ".csv,.txt" });
    list.input.addEventListener("change", () => void this.#takeMailing(list).catch(this.#shown));
    return group(t("An wen?", "To whom?"), this.#recipients, search.element, found, list.element);
  }

  async #takeMailing(list: ReturnType<typeof field>): Promise<void> {
    const input = list.input as HTMLInputElement;
    const chosen = input.files?.[0];
    if (chosen === undefined || chosen.size > MAX_LIST) return;
    const names = new Set(this.draft.files.map(({ name }) => name));
    const result = readMailing(this.desk.shared.record.book, new Uint8Array(await chosen.arrayBuffer()), names);
    input.value = "";
    list.complain(undefined);
    if (result.result === "rows") {
      this.#take(result.rows);
      return fill(this.#said, notice("success", t(`${result.rows.length} Zeilen übernommen.`, `${result.rows.length} rows taken over.`)));
    }
    if (result.result === "size") return list.complain(t("Die Datei ist leer oder hat mehr als 5000 Zeilen.", "The file is empty or has more than 5000 rows."));
    if (result.result === "columns") return list.complain(t(`In der ersten Zeile fehlt: ${result.missing.join(", ")}`, `The first line lacks: ${result.missing.join(", ")}`));
    const words = {
      "unknown-reference": (what: string) => t(`${what} steht nicht im Adressbuch.`, `${what} is not in the address book.`),
      "not-enrolled": (what: string) => t(`${what} hat noch kein Postfach.`, `${what} has no mailbox yet.`),
      file: (what: string) => t(`Die Datei ${what} ist nicht angehängt.`, `The file ${what} is not attached.`),
      repeated: (what: string) => t(`${what} steht doppelt darin.`, `${what} stands there twice.`),
    };
    fill(this.#said, notice("warning", t("Die Serie ist nicht in Ordnung. Es wurde nichts übernommen.", "The mailing is not in order. Nothing was taken over."),
      h("ul", { class: "faults", tabindex: "0" }, result.faults.map(({ line, cause, what }) => h("li", null, t(`Zeile ${line}: `, `Line ${line}: `), words[cause](plain(what)))))));
  }

  #take(rows: readonly DraftRow[]): void {
    this.#change({ recipients: [...this.draft.recipients, ...rows.map(({ reference, subject, text, files }) => ({ reference, subject, text, files }))] });
    this.#drawRecipients();
  }

  #drawRecipients(): void {
    const { recipients } = this.draft;
    const { book } = this.desk.shared.record;
    fill(this.#recipients, recipients.length === 0 ? paragraph(t("Noch niemand gewählt.", "Nobody chosen yet.")) : h("ul", { class: "files" }, recipients.map((row, index) => h("li", null,
      `${plain(row.reference)}: ${plain(book.byReference(row.reference)?.name ?? "?")}`, row.subject === undefined ? "" : ` – ${plain(row.subject)}`, " ",
      button(t(`${plain(row.reference)} entfernen`, `Remove ${plain(row.reference)}`), () => {
        this.#change({ recipients: this.draft.recipients.filter((_, other) => other !== index) });
        this.#drawRecipients();
        this.#recipients.parentElement?.querySelector<HTMLElement>("button, input")?.focus();
      }, "tertiary")))));
  }

  #what(): HTMLElement {
    const { subject, text, unmonitored } = this.draft;
    const silent = checkbox(t("Auf diesen Brief liest niemand Antworten.", "Nobody reads replies to this letter."));
    silent.input.checked = unmonitored;
    silent.input.addEventListener("change", () => this.#change({ unmonitored: silent.input.checked }));
    return group(t("Was?", "What?"),
      this.#text(t("Betreff", "Subject"), t("Verschlüsselt; der Betreiber sieht ihn nie.", "Encrypted; the operator never sees it."), subject, (value) => this.#change({ subject: value }), { maxlength: String(MAX_SUBJECT) }),
      this.#text(t("Text", "Text"), undefined, text, (value) => this.#change({ text: value }), {}, "textarea"),
      silent.element);
  }

  #attach(): HTMLElement {
    const pick = field(t("Dateien anhängen", "Attach files"), t(`Je Datei höchstens ${size(MAX_FILE)}. Bescheide am besten als PDF/UA.`, `At most ${size(MAX_FILE)} a file. Decisions best as PDF/UA.`), { type: "file", multiple: true });
    pick.input.addEventListener("change", () => {
      const input = pick.input as HTMLInputElement;
      const chosen = [...(input.files ?? [])];
      input.value = "";
      pick.complain(undefined);
      for (const file of chosen) {
        const wrong = file.size > MAX_FILE
          ? t(`${plain(file.name)} ist zu groß. Größere Dateien sendet die Befehlszeile.`, `${plain(file.name)} is too large. The command line sends larger files.`)
          : this.draft.files.length >= MAX_FILES ? t("Mehr Dateien gehen nicht in einen Brief.", "A letter takes no more files.") : undefined;
        if (wrong !== undefined) pick.complain(wrong);
        else this.#turn = this.#turn.then(() => this.#takeFile(file)).catch(this.#shown);
      }
    });
    return group(t("Dateien", "Files"), this.#files, pick.element);
  }

  async #takeFile(file: File): Promise<void> {
    fill(this.#files, waiting(t(`${plain(file.name)} wird geprüft und gesichert …`, `Checking and keeping ${plain(file.name)} …`)));
    try {
      const content = new Uint8Array(await file.arrayBuffer());
      const isPdf = file.type === "application/pdf" || file.name.toLowerCase().endsWith(".pdf");
      const tags = isPdf ? await (await import("../pdf-tags.ts")).pdfTags(content) : undefined;
      const id = envelopeId.of(systemEnvironment.random(envelopeId.length));
      await keepFile(this.desk, this.draft.id, id, content);
      const made: DraftFile = { id, name: fileName(file.name, t("Anlage", "attachment")), mediaType: file.type === "" ? "application/octet-stream" : file.type, size: file.size, tags };
      this.#change({ files: [...this.draft.files, made] });
      await this.keep();
    } finally {
      this.#drawFiles();
    }
  }

  #drawFiles(): void {
    fill(this.#files, h("ul", { class: "files" }, this.draft.files.map((file) => h("li", null,
      h("strong", null, plain(file.name)), ` (${size(file.size)}) `,
      file.tags === "tagged" ? h("span", { class: "mark" }, t("mit Struktur", "tagged")) : file.tags === undefined ? null : h("span", { class: "mark" }, file.tags === "untagged" ? t("ohne Struktur", "untagged") : t("nicht lesbar", "unreadable")),
      " ", button(t(`${plain(file.name)} entfernen`, `Remove ${plain(file.name)}`), async () => {
        this.#change({ files: this.draft.files.filter(({ id }) => id !== file.id) });
        await removeFile(this.desk, this.draft.id, file.id);
        this.#drawFiles();
        this.#files.parentElement?.querySelector<HTMLElement>("button, input")?.focus();
      }, "tertiary", this.#shown)))));
  }

  #decision(): HTMLElement {
    const { act, hasAct } = this.draft;
    const has = checkbox(t("Der Brief enthält einen Bescheid", "The letter contains a decision"));
    has.input.checked = hasAct;
    const set = (name: keyof DraftAct) => (value: string): void => this.#change({ act: { ...this.draft.act, [name]: value } });
    const facts = h("div", { class: "desk-form" },
      this.#text(t("Was ist es?", "What is it?"), t("Etwa Hundesteuerbescheid.", "Such as Hundesteuerbescheid."), act.kind, set("kind")),
      this.#text(t("Aktenzeichen", "File number"), undefined, act.fileNumber, set("fileNumber")),
      this.#text(t("Betrag in Euro", "Amount in euro"), t("Leer, wenn nichts zu zahlen ist.", "Empty if nothing is to be paid."), act.amount, set("amount"), { inputmode: "decimal" }),
      this.#text(t("Wen kann man fragen?", "Whom can one ask?"), t("Name und Telefon.", "Name and telephone."), act.contact, set("contact")));
    const remedy = group(t("Rechtsbehelfsbelehrung", "Instruction on remedies"), h("div", { class: "desk-form" },
      this.#text(t("Was kann man tun?", "What can one do?"), t("Widerspruch, Klage oder Einspruch.", "Widerspruch, Klage or Einspruch."), act.remedy, set("remedy")),
      this.#text(t("Bei welcher Stelle?", "With which body?"), undefined, act.remedyBody, set("remedyBody")),
      this.#text(t("Frist in Worten", "Period in words"), t("Etwa: ein Monat nach Bekanntgabe.", "Such as: ein Monat nach Bekanntgabe."), act.remedyPeriod, set("remedyPeriod")),
      this.#text(t("Rechtsgrundlage", "Legal basis"), t("Etwa VwGO § 74.", "Such as VwGO § 74."), act.remedyRule, set("remedyRule")),
      this.#text(t("Letzter Tag", "Last day"), t("Wie Sie ihn angeben.", "As you state it."), act.remedyUntil, set("remedyUntil"), { type: "date" })));
    const rest = h("div", null, facts, remedy);
    rest.hidden = !hasAct;
    has.input.addEventListener("change", () => {
      rest.hidden = !has.input.checked;
      this.#change({ hasAct: has.input.checked });
    });
    return group(t("Bescheid", "Decision"), has.element, rest);
  }

  #delivery(): HTMLElement {
    const { class: kind, legalRule, acknowledgeWithin } = this.draft;
    const how = choice(t("Zustellung", "Delivery"), [
      ["ordinary", t("gewöhnlich", "ordinary")],
      ["registered", t("förmlich: erst gegen Unterschrift lesbar", "registered: readable only against a signature")],
    ], kind);
    const rule = choice(t("Regel für die Bekanntgabe", "Rule of notification"), [
      ["", t("keine", "none")],
      ...RULES.map(({ id, citation, effect }): [string, string] => [id, `${citation} (${effect === "service" ? t("Zustellung", "service") : t("Bekanntgabe", "notification")})`]),
    ], legalRule);
    const within = this.#text(t("Empfangsbekenntnis erbeten binnen Tagen", "Acknowledgement asked for within days"), t("Nur bei förmlicher Zustellung. Leer: nicht erbeten.", "For registered delivery only. Empty: not asked for."), acknowledgeWithin, (value) => this.#change({ acknowledgeWithin: value.trim() }), { inputmode: "numeric" });
    within.hidden = kind === "ordinary";
    how.input.addEventListener("change", () => {
      const registered = how.input.value === "registered";
      within.hidden = !registered;
      this.#change({ class: registered ? "registered" : "ordinary", ...(registered ? {} : { acknowledgeWithin: "" }) });
    });
    rule.input.addEventListener("change", () => this.#change({ legalRule: rule.input.value }));
    return group(t("Wie?", "How?"), h("div", { class: "desk-form" }, how.element, rule.element, within));
  }

  #remark(): void {
    const remarks = isBlank(this.draft) ? [] : checkDraft(this.draft);
    const words = remarks.filter(({ weight }) => weight === "warning").map(({ words: said }) => said);
    const list = h("div", { class: "kern-alert kern-alert--warning" }, h("div", { class: "kern-alert__header" }, h("span", { class: "kern-title notice-title" }, t("Bitte bedenken", "Please consider"))), h("div", { class: "kern-alert__body" }, h("ul", null, words.map((said) => h("li", null, said)))));
    fill(this.#remarks, words.length === 0 ? null : list);
  }
}

