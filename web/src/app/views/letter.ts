// Reading a letter: key facts, text, attachments, time line, who signed it.
//
// Invariant: registered mail is opened only after the person agreed to the handover; ordinary mail by looking at it,
// which is an explicit step from the list. Nothing is shown of content that did not verify.

import type { StatementHash } from "../../core/ids.ts";
import { RefusedError } from "../../client/error.ts";
import { type OpenedLetter, openLetter, rejectDelivery } from "../../client/read.ts";
import { type Envelope, fetchIncoming } from "../../client/mailbox.ts";
import { fill, h } from "../dom/element.ts";
import { button, heading, notice, paragraph, terms, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { dateTime, t } from "../language.ts";
import { attachments } from "../letter/attachments.ts";
import { deletedNotice, deletion } from "../letter/delete.ts";
import { evidence } from "../letter/evidence.ts";
import { factsCard } from "../letter/facts.ts";
import { servedDay } from "../letter/served.ts";
import { timeline } from "../letter/timeline.ts";
import { MAX_FILE, type OfflineLetter } from "../letters/offline.ts";
import { filing } from "../letters/tools.ts";
import { type Mailbox, summary } from "../mailbox-state.ts";
import { plain } from "../plain-text.ts";
import type { View } from "../shell.ts";
import { senderName } from "./inbox.ts";

export function letterView(mailbox: Mailbox, hash: StatementHash): View {
  const place = h("div", null, waiting());
  let looked = false;
  const failed = (error: unknown): void => {
    // Another device deleted it since the list was made; a server that only says so is not asked for ever.
    const deleted = error instanceof RefusedError && error.code === "deleted" && !looked;
    if (deleted) again();
    else fill(place, failure(error));
  };
  const again = (): void => {
    looked = true;
    mailbox.summaries.delete(hash);
    show();
  };
  const open = async (): Promise<void> => {
    fill(place, waiting(t("Wird entschlüsselt und geprüft …", "Decrypting and verifying …")));
    const letter = await openLetter(mailbox.session, hash);
    mailbox.summaries.delete(hash);
    const envelope = await fetchIncoming(mailbox.session, hash, mailbox.known);
    showLetter(place, mailbox, { ...letter, envelope }, again);
  };
  const show = (): void => void summary(mailbox, hash)
    .then(({ envelope, manifest }) => {
      if (envelope.delivery.deletion !== undefined) showDeleted(place, mailbox, envelope);
      else if (manifest === undefined) askBeforeHandover(place, mailbox, hash, senderName(envelope), open, failed);
      else return open();
      return undefined;
    })
    .catch(failed);
  show();
  return { title: t("Brief", "Letter"), content: [paragraph(h("a", { href: "#/", class: "kern-link" }, t("Zurück zum Posteingang", "Back to the inbox"))), place] };
}

function askBeforeHandover(place: Element, { session }: Mailbox, hash: StatementHash, sender: string, open: () => Promise<void>, failed: (error: unknown) => void): void {
  const refuse = async (): Promise<void> => {
    await rejectDelivery(session, hash, "refused");
    fill(place, notice("info", t("Sie haben die Annahme abgelehnt.", "You refused it."), paragraph(t("Der Absender erfährt es. Welche Folgen das hat, bestimmt das Gesetz.", "The sender is told. The law decides what follows from that."))));
  };
  fill(
    place,
    notice("info", t(`Förmliche Zustellung von ${sender}`, `Registered delivery from ${sender}`), paragraph(t(
      "Dieser Brief ist verschlossen, bis Sie den Empfang unterschreiben. Mit Ihrer Unterschrift ist der Zeitpunkt der Übergabe bewiesen. Fristen können laufen, auch wenn Sie ihn nicht öffnen.",
      "This letter is closed until you sign for it. Your signature proves when it was handed over. Periods may run even if you do not open it.",
    ))),
    h("div", { class: "actions" },
      button(t("Empfang unterschreiben und öffnen", "Sign for it and open"), open, "primary", failed),
      button(t("Annahme ablehnen", "Refuse it"), refuse, "tertiary", failed)),
  );
}

function showDeleted(place: Element, mailbox: Mailbox, envelope: Envelope): void {
  const { session } = mailbox;
  fill(
    place,
    h("p", { class: "kern-body" }, h("strong", null, senderName(envelope)), " · ", dateTime(envelope.header.payload.context.time)),
    deletedNotice(),
    timeline(envelope, undefined),
    servedDay(session, envelope),
    evidence(session, envelope),
    filing(mailbox, envelope.header.hash),
  );
}

function showLetter(place: Element, mailbox: Mailbox, letter: OpenedLetter, deleted: () => void): void {
  const { session } = mailbox;
  const { manifest, envelope, handover } = letter;
  const sender = senderName(envelope);
  const registered = envelope.header.payload.class === "registered";
  const unmonitored = manifest.replies === "unmonitored";
  void mailbox.offline.keep(offlineForm(letter, sender)).catch(() => undefined); // a full device reads with a connection only
  fill(
    place,
    h("p", { class: "kern-body" }, h("strong", null, sender), " · ", dateTime(envelope.header.payload.context.time)),
    h("h2", { class: "kern-heading-medium", id: "subject", dir: "auto" }, plain(manifest.subject, 500)),
    registered ? notice("success", t("Übergabe quittiert", "Handover receipted"), paragraph(dateTime(handover.receipt.payload.context.time))) : null,
    manifest.act === undefined ? null : factsCard(manifest.act, sender),
    manifest.text === "" ? null : h("div", { class: "letter-text", dir: "auto" }, manifest.text),
    attachments(letter, (index, content) => void keepFile(mailbox, envelope.header.hash, index, content)),
    h("div", { class: "actions" }, unmonitored
      ? paragraph(t("Dieser Absender liest keine Antworten.", "This sender does not read replies."))
      : h("a", { class: "kern-btn kern-btn--secondary", href: `#/reply/${envelope.header.hash}` }, h("span", { class: "kern-label" }, t("Antworten", "Reply")))),
    timeline(envelope, manifest),
    servedDay(session, envelope),
    proof(letter, sender),
    evidence(session, envelope),
    filing(mailbox, envelope.header.hash),
    deletion(session, envelope, deleted),
  );
}

/** What is kept for reading without a connection. */
function offlineForm({ manifest, envelope }: OpenedLetter, sender: string): OfflineLetter {
  const { hash, payload } = envelope.header;
  const { subject, text, act, attachments: files } = manifest;
  return { hash, sender, time: payload.context.time, registered: payload.class === "registered", subject, text, act, files: files.map(({ name, size }) => ({ name, size })), checked: Date.now() };
}

async function keepFile({ offline }: Mailbox, hash: StatementHash, index: number, content: Blob): Promise<void> {
  if (content.size > MAX_FILE) return;
  await offline.keepFile(hash, index, new Uint8Array(await content.arrayBuffer())).catch(() => undefined);
}

function proof({ envelope, handover }: OpenedLetter, sender: string): HTMLElement {
  const { header } = envelope;
  return h(
    "section",
    null,
    heading(2, t("Echtheit", "Authenticity")),
    paragraph(t(
      `Dieser Brief ist von ${sender} unterschrieben, seit der Unterschrift unverändert und nur für Sie verschlüsselt.`,
      `This letter is signed by ${sender}, unchanged since, and encrypted for you alone.`,
    )),
    h("details", null, h("summary", null, t("Einzelheiten", "Details")), terms([
      [t("Kennung des Briefs", "Letter's hash"), header.hash],
      [t("Adresse des Absenders", "Sender's address"), header.payload.sender],
      [t("Schlüssel, der unterschrieb", "Key that signed"), header.signer],
      [t("Quittung der Übergabe", "Receipt of the handover"), handover.receipt.hash],
      [t("Stelle im öffentlichen Protokoll", "Position in the public log"), String(handover.position)],
    ])),
  );
}
