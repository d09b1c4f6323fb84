// Everything of a mailbox, into an archive: letters, attachments, statements with receipts, evidence, and pages that
// explain it.
//
// Invariants: only content that verified is written; nothing is signed, so registered mail that was not handed over
// stays closed, and unread mail stays unread. What cannot be read is named in the list and does not end the export.

import { openAttachment, openPartZero } from "../../client/content.ts";
import { gatherEvidence } from "../../client/evidence.ts";
import { sync } from "../../client/lists.ts";
import { type Envelope, fetchIncoming } from "../../client/mailbox.ts";
import type { StatementHash } from "../../core/ids.ts";
import { t } from "../language.ts";
import type { Mailbox } from "../mailbox-state.ts";
import { fileName, plain } from "../plain-text.ts";
import { senderName } from "../views/inbox.ts";
import { type Archive, ArchiveTooLargeError } from "./archive.ts";
import { type Exported, indexPage, letterText, readme } from "./explain.ts";

const LONGEST_SUBJECT = 40;

export interface ExportOptions {
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number) => void;
}

/** Writes all of it; answers what was written of each letter. */
export async function exportMailbox(mailbox: Mailbox, archive: Archive, { signal, progress }: ExportOptions): Promise<readonly Exported[]> {
  const { session, account } = mailbox;
  const received = await sync(session, "mailbox", { signal });
  const sent = await sync(session, "sent", { signal });
  const total = received.length + sent.length;
  const list: Exported[] = [];
  for (const [index, hash] of [...received, ...sent].entries()) {
    signal.throwIfAborted();
    progress(index, total);
    const number = String((index < received.length ? index : index - received.length) + 1).padStart(5, "0");
    try {
      list.push(await (index < received.length ? letter(mailbox, archive, hash, number, signal) : reply(mailbox, archive, hash, number)));
    } catch (error) {
      if (signal.aborted || error instanceof ArchiveTooLargeError) throw error;
      list.push({ folder: undefined, who: "", subject: hash, time: undefined, note: t("konnte nicht gelesen werden", "could not be read"), files: [] });
    }
  }
  archive.whole("LIESMICH-README.txt", readme(session.address, account.profile));
  archive.whole("index.html", indexPage(list, session.address));
  progress(total, total);
  return list;
}

async function letter({ session, known }: Mailbox, archive: Archive, hash: StatementHash, number: string, signal: AbortSignal): Promise<Exported> {
  const envelope = await fetchIncoming(session, hash, known);
  const { header, ageHeaders } = envelope;
  const who = senderName(envelope);
  const time = header.payload.context.time;
  const opened = ageHeaders === undefined ? undefined : await openPartZero(session, header, ageHeaders, known);
  const subject = opened?.manifest.subject;
  const folder = `${t("briefe", "letters")}/${number} ${fileName(plain(subject ?? (envelope.delivery.deletion === undefined ? t("verschlossen", "closed") : t("gelöscht", "deleted")), LONGEST_SUBJECT), number)}`;
  // Before anything is written, since it may fail.
  const evidence = await gatherEvidence(session, hash, opened === undefined ? "sealed" : "opened");
  const files: string[] = [];
  const put = (name: string, content: Uint8Array | string): void => {
    archive.whole(`${folder}/${name}`, content);
    files.push(name);
  };
  put("nachweis.pfe", evidence);
  statements(archive, folder, envelope);
  if (envelope.delivery.deletion !== undefined) return { folder, who, subject: t("Gelöschter Brief", "Deleted letter"), time, note: t("gelöscht, der Nachweis bleibt", "deleted, the evidence stays"), files };
  if (opened === undefined) return { folder, who, subject: t("Förmliche Zustellung", "Registered delivery"), time, note: t("verschlossen, noch nicht angenommen", "closed, not accepted yet"), files };
  put(t("brief.txt", "letter.txt"), letterText(who, time, opened.manifest));
  for (const [index, attachment] of opened.manifest.attachments.entries()) {
    const name = `${t("anlagen", "attachments")}/${index + 1} ${fileName(attachment.name, String(index + 1))}`;
    const push = archive.file(`${folder}/${name}`);
    await openAttachment(session, header, opened, index, (text) => push(text, false), { signal });
    push(new Uint8Array(0), true);
    files.push(name);
  }
  return { folder, who, subject: opened.manifest.subject, time, note: "", files };
}

/** What this party sent is encrypted to others; what proves it is there. */
async function reply({ session }: Mailbox, archive: Archive, hash: StatementHash, number: string): Promise<Exported> {
  const folder = `${t("gesendet", "sent")}/${number}`;
  archive.whole(`${folder}/nachweis.pfe`, await gatherEvidence(session, hash, "sealed"));
  return { folder, who: t("von Ihnen", "from you"), subject: t("Ihre Nachricht", "Your message"), time: undefined, note: t("Nachweis ohne Inhalt: verschlüsselt für die Behörde", "evidence without content: encrypted for the authority"), files: ["nachweis.pfe"] };
}

/** As signed, each beside its receipt. */
function statements(archive: Archive, folder: string, { entries, head }: Envelope): void {
  const into = `${folder}/${t("erklaerungen", "statements")}`;
  for (const { statement, receipt, position } of entries) {
    archive.whole(`${into}/${position}.cose`, statement);
    if (receipt !== undefined) archive.whole(`${into}/${position + 1}.cose`, receipt);
  }
  archive.whole(`${into}/head.cose`, head);
}
