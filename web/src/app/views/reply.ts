// Answering a letter: text, files and photos, kept as a draft while it is written; and above it, for a decision, that
// this is not an appeal.

import { type EnvelopeId, type StatementHash, envelopeId } from "../../core/ids.ts";
import { MAX_TEXT, type Manifest } from "../../core/envelope/manifest.ts";
import { type Prepared, deliver, discard, outbox } from "../../client/outbox.ts";
import { type Enclosure, prepare } from "../../client/send.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, notice, paragraph } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { dateTime, day, size, t } from "../language.ts";
import { type Draft, type DraftFile, Drafts, MAX_FILE, MAX_FILES } from "../letters/draft.ts";
import { type Mailbox, type Summary, summary } from "../mailbox-state.ts";
import { fileName, plain } from "../plain-text.ts";
import type { View } from "../shell.ts";
import { senderName } from "./inbox.ts";

const MAX_SUBJECT = 450;
/** How long typing must pause before the draft is kept, in milliseconds. */
const PAUSE = 400;

export function replyView(mailbox: Mailbox, hash: StatementHash): View {
  const place = h("div");
  let form: ReplyForm | undefined;
  Promise.all([summary(mailbox, hash), new Drafts(mailbox.sealed).get(hash)])
    .then(([found, draft]) => {
      form = new ReplyForm(mailbox, hash, found, draft, place);
      form.show();
    })
    .catch((error: unknown) => fill(place, failure(error)));
  return { title: t("Antworten", "Reply"), content: place, leave: () => void form?.keep() };
}

class ReplyForm {
  readonly #drafts: Drafts;
  readonly #subject = field(t("Betreff", "Subject"), undefined, { maxlength: String(MAX_SUBJECT) });
  readonly #text = field(t("Ihre Nachricht", "Your message"), t("Was Sie schreiben, bleibt verschlüsselt auf diesem Gerät, bis Sie senden.", "What you write stays encrypted on this device until you send it."), { maxlength: String(MAX_TEXT / 4) }, "textarea");
  readonly #progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("Fortschritt", "Progress") });
  readonly #said = h("div", { role: "status" });
  readonly #list = h("div", null);
  #files: readonly DraftFile[];
  /** The envelope of what stands here, unchanged since it was sealed. */
  #sending: EnvelopeId | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Changes of the draft, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #isOver = false;
  #isChanged = false;

  constructor(
    private readonly mailbox: Mailbox,
    private readonly letter: StatementHash,
    private readonly summary: Summary,
    private readonly draft: Draft | undefined,
    private readonly place: Element,
  ) {
    this.#drafts = new Drafts(mailbox.sealed);
    this.#subject.input.value = draft?.subject ?? `${t("Antwort: ", "Reply: ")}${plain(summary.manifest?.subject ?? "", 300)}`;
    this.#text.input.value = draft?.text ?? "";
    this.#files = draft?.files ?? [];
    this.#sending = draft?.sending;
    for (const { input } of [this.#subject, this.#text]) {
      input.addEventListener("input", () => {
        this.#isChanged = true;
        this.#sending = undefined;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.keep(), PAUSE);
      });
    }
  }

  show(): void {
    this.#drawFiles();
    fill(
      this.place,
      paragraph(t("An: ", "To: "), h("strong", null, senderName(this.summary.envelope))),
      noAppeal(this.summary.manifest),
      this.draft === undefined ? null : notice("info", t(`Ihr Entwurf vom ${dateTime(this.draft.changed)}`, `Your draft of ${dateTime(this.draft.changed)}`)),
      this.#subject.element, this.#text.element, this.#list, this.#pickers(), this.#progress, this.#said,
      h("div", { class: "actions" },
        button(t("Verschlüsselt senden", "Send encrypted"), () => this.#send(), "primary", this.#shown),
        button(t("Entwurf verwerfen", "Discard the draft"), () => this.#discard(), "tertiary", this.#shown),
        h("a", { href: `#/letter/${this.letter}`, class: "kern-link" }, t("Zurück zum Brief, Entwurf behalten", "Back to the letter, keep the draft"))),
    );
  }

  /** Keeps what was typed; nothing where the draft is over, or nothing was changed. */
  keep(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isOver || !this.#isChanged) return this.#turn;
    this.#isChanged = false;
    return this.#next(() => this.#put());
  }

  /** Within a turn. */
  #put(): Promise<void> {
    return this.#drafts.put(this.letter, { subject: this.#subject.input.value, text: this.#text.input.value, files: this.#files, sending: this.#sending, changed: Date.now() });
  }

  #next(action: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(action).catch(this.#shown);
    return this.#turn;
  }

  readonly #shown = (error: unknown): void => {
    this.#progress.hidden = true;
    const full = error instanceof DOMException && error.name === "QuotaExceededError";
    fill(this.#said, full
      ? notice("warning", t("Auf diesem Gerät ist kein Platz mehr.", "There is no room left on this device."), paragraph(t("Nehmen Sie eine Datei weg oder schaffen Sie Platz.", "Take a file away, or make room.")))
      : failure(error));
  };

  #pickers(): HTMLElement {
    const hint = t(`Höchstens ${MAX_FILES} Dateien, jede höchstens ${size(MAX_FILE)}.`, `At most ${MAX_FILES} files, each at most ${size(MAX_FILE)}.`);
    const pick = field(t("Dateien oder Fotos (freiwillig)", "Files or photos (voluntary)"), hint, { type: "file", multiple: true });
    const camera = field(t("Foto aufnehmen", "Take a photo"), undefined, { type: "file", accept: "image/*", capture: "environment" });
    for (const { input, complain } of [pick, camera]) {
      const files = input as HTMLInputElement;
      files.addEventListener("change", () => {
        const chosen = [...(files.files ?? [])];
        files.value = "";
        complain(undefined);
        for (const file of chosen) {
          if (file.size > MAX_FILE) complain(t(`${plain(file.name)} ist zu groß.`, `${plain(file.name)} is too large.`));
          else void this.#next(() => this.#take(file, complain));
        }
      });
    }
    const touch = matchMedia("(pointer: coarse)").matches;
    return h("div", null, pick.element, touch ? camera.element : null);
  }

  async #take(file: File, complain: (message: string) => void): Promise<void> {
    if (this.#files.length >= MAX_FILES) return complain(t("Mehr Dateien gehen nicht in einen Brief.", "A letter takes no more files."));
    const kept = await this.#drafts.keep(this.letter, file, fileName(file.name, t("Anlage", "attachment")));
    this.#files = [...this.#files, kept];
    await this.#filesChanged();
  }

  /** Within a turn. */
  async #filesChanged(): Promise<void> {
    this.#sending = undefined;
    this.#drawFiles();
    await this.#put();
  }

  #drawFiles(): void {
    const rows = this.#files.map(({ id, name, size: length }) => h("li", null, h("strong", null, plain(name)), ` (${size(length)}) `,
      button(t(`${plain(name)} entfernen`, `Remove ${plain(name)}`), () => this.#next(async () => {
        this.#files = this.#files.filter((file) => file.id !== id);
        await this.#drafts.drop(this.letter, id);
        await this.#filesChanged();
      }), "tertiary", this.#shown)));
    fill(this.#list, rows.length === 0 ? null : h("ul", { class: "files", "aria-label": t("Angehängt", "Attached") }, rows));
  }

  async #discard(): Promise<void> {
    this.#isOver = true;
    await this.#next(() => this.#drafts.remove(this.letter));
    location.hash = `#/letter/${this.letter}`;
  }

  async #send(): Promise<void> {
    const empty = this.#text.input.value.trim() === "";
    this.#text.complain(empty ? t("Bitte schreiben Sie etwas.", "Please write something.") : undefined);
    if (empty) return;
    await this.keep();
    this.#progress.hidden = false;
    const options = { progress: (done: number, total: number) => void (this.#progress.value = total === 0 ? 1 : done / total) };
    const prepared = await this.#prepared(options);
    fill(this.#said, paragraph(t("Wird gesendet …", "Sending …")));
    const { receipt } = await deliver(this.mailbox.session, prepared, options);
    this.#isOver = true;
    await this.#next(() => this.#drafts.remove(this.letter));
    fill(this.place, notice("success", t("Ihre Antwort ist angekommen und quittiert.", "Your reply arrived and was receipted."),
      paragraph(dateTime(receipt.payload.context.time)), paragraph(h("a", { href: `#/letter/${this.letter}`, class: "kern-link" }, t("Zurück zum Brief", "Back to the letter")))));
  }

  /**
   * The sealed envelope: the one from before where nothing was changed, so that a reply whose answer was lost does not
   * arrive twice.
   */
  async #prepared(options: Parameters<typeof prepare>[2]): Promise<Prepared> {
    const { session } = this.mailbox;
    const waiting = await outbox(session);
    const before = waiting.find(({ header }) => header.payload.envelopeId === this.#sending);
    if (before !== undefined) return before;
    // Sealed earlier, then changed: that version is not wanted any more.
    const stale = waiting.find(({ header }) => header.payload.envelopeId === this.draft?.sending);
    if (stale !== undefined) await discard(session, stale);
    fill(this.#said, paragraph(t("Wird verschlüsselt …", "Encrypting …")));
    const id = envelopeId.of(systemEnvironment.random(envelopeId.length));
    const prepared = await prepare(session, {
      recipient: this.summary.envelope.header.payload.sender,
      class: "ordinary",
      subject: this.#subject.input.value,
      text: this.#text.input.value,
      inReplyTo: this.letter,
      replies: undefined,
      act: undefined,
      set: undefined,
      copyOf: undefined,
      files: this.#files.map((file) => this.#enclosure(file)),
    }, options, id);
    this.#sending = id;
    await this.#next(() => this.#put());
    return prepared;
  }

  #enclosure({ id, name, mediaType, size: length }: DraftFile): Enclosure {
    const [drafts, letter] = [this.#drafts, this.letter];
    return {
      name,
      mediaType,
      size: length,
      content: async function* () {
        const content = await drafts.content(letter, id);
        if (content === undefined) throw new Error("a file of the draft is gone");
        yield content;
      },
    };
  }
}

function noAppeal(manifest: Manifest | undefined): HTMLElement | null {
  const remedy = manifest?.act?.remedy;
  if (remedy === undefined) return null;
  const [kind, body, period] = [plain(remedy.kind), plain(remedy.body, 300), plain(remedy.period, 300)];
  const until = remedy.until === undefined ? "" : t(`, spätestens ${day(remedy.until)}`, `, at the latest ${day(remedy.until)}`);
  return notice(
    "warning",
    t(`Diese Antwort ist kein Rechtsbehelf (${kind}).`, `This reply is not an appeal (${kind}).`),
    paragraph(t(`${kind} erheben Sie bei: ${body}, ${period}${until}. Wie, steht im Bescheid.`, `You lodge it with: ${body}, ${period}${until}. The decision says how.`)),
  );
}
