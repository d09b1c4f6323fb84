// Answering a letter: text and files, and above it, for a decision, that this is not an appeal.

import type { StatementHash } from "../../core/ids.ts";
import { MAX_TEXT } from "../../core/envelope/manifest.ts";
import { deliver } from "../../client/outbox.ts";
import { type Enclosure, prepare } from "../../client/send.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, notice, paragraph } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { dateTime, day, t } from "../language.ts";
import { type Mailbox, summary } from "../mailbox-state.ts";
import { plain } from "../plain-text.ts";
import type { View } from "../shell.ts";
import { senderName } from "./inbox.ts";

const MAX_SUBJECT = 450;

export function replyView(mailbox: Mailbox, hash: StatementHash): View {
  const place = h("div");
  const subject = field(t("Betreff", "Subject"), undefined, { maxlength: String(MAX_SUBJECT) });
  const text = field(t("Ihre Nachricht", "Your message"), undefined, { maxlength: String(MAX_TEXT / 4) }, "textarea");
  const files = field(t("Dateien oder Fotos (freiwillig)", "Files or photos (voluntary)"), undefined, { type: "file", multiple: true });
  const progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("Fortschritt", "Progress") });
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => {
    progress.hidden = true;
    fill(said, failure(error));
  };
  summary(mailbox, hash)
    .then(({ envelope, manifest }) => {
      subject.input.value = `${t("Antwort: ", "Reply: ")}${plain(manifest?.subject ?? "", 300)}`;
      const send = async (): Promise<void> => {
        const empty = text.input.value.trim() === "";
        text.complain(empty ? t("Bitte schreiben Sie etwas.", "Please write something.") : undefined);
        if (empty) return;
        progress.hidden = false;
        const options = { progress: (done: number, total: number) => void (progress.value = total === 0 ? 1 : done / total) };
        const prepared = await prepare(mailbox.session, {
          recipient: envelope.header.payload.sender,
          class: "ordinary",
          subject: subject.input.value,
          text: text.input.value,
          inReplyTo: hash,
          replies: undefined,
          act: undefined,
          set: undefined,
          copyOf: undefined,
          files: [...((files.input as HTMLInputElement).files ?? [])].map(enclosure),
        }, options);
        const { receipt } = await deliver(mailbox.session, prepared, options);
        fill(place, notice("success", t("Ihre Antwort ist angekommen und quittiert.", "Your reply arrived and was receipted."),
          paragraph(dateTime(receipt.payload.context.time)), paragraph(h("a", { href: `#/letter/${hash}`, class: "kern-link" }, t("Zurück zum Brief", "Back to the letter")))));
      };
      const remedy = manifest?.act?.remedy;
      fill(
        place,
        paragraph(t("An: ", "To: "), h("strong", null, senderName(envelope))),
        remedy === undefined ? null : notice(
          "warning",
          t(`Diese Antwort ist kein Rechtsbehelf (${plain(remedy.kind)}).`, `This reply is not an appeal (${plain(remedy.kind)}).`),
          paragraph(t(
            `${plain(remedy.kind)} erheben Sie bei: ${plain(remedy.body, 300)}, ${plain(remedy.period, 300)}${remedy.until === undefined ? "" : `, spätestens ${day(remedy.until)}`}. Wie, steht im Bescheid.`,
            `You lodge it with: ${plain(remedy.body, 300)}, ${plain(remedy.period, 300)}${remedy.until === undefined ? "" : `, at the latest ${day(remedy.until)}`}. The decision says how.`,
          )),
        ),
        subject.element, text.element, files.element, progress, said,
        h("div", { class: "actions" }, button(t("Verschlüsselt senden", "Send encrypted"), send, "primary", shown),
          h("a", { href: `#/letter/${hash}`, class: "kern-link" }, t("Abbrechen", "Cancel"))),
      );
    })
    .catch((error: unknown) => fill(place, failure(error)));
  return { title: t("Antworten", "Reply"), content: place };
}

function enclosure(file: File): Enclosure {
  return {
    name: file.name,
    mediaType: file.type === "" ? "application/octet-stream" : file.type,
    size: file.size,
    content: async function* () {
      const reader = file.stream().getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    },
  };
}
