// Taking everything along: one archive, under a passphrase, for a key of one's own, or plain.
//
// Invariant: the archive appears only when it is whole; cancelling leaves nothing behind. Absent: signing for anything.

import { AgeKeyError } from "../../core/age/error.ts";
import { type NewFile, newFile, newFileWithPassphrase } from "../../core/age/file.ts";
import { HybridRecipient } from "../../core/age/hybrid.ts";
import { X25519Recipient } from "../../core/age/x25519.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { MIN_PASSPHRASE } from "../../vault/lock.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, heading, link, notice, paragraph } from "../dom/parts.ts";
import { Archive, ArchiveTooLargeError } from "../export/archive.ts";
import { exportMailbox } from "../export/mailbox.ts";
import { failure } from "../failure.ts";
import { size, t } from "../language.ts";
import { saveBlob } from "../letter/save.ts";
import type { Mailbox } from "../mailbox-state.ts";
import type { View } from "../shell.ts";

const { random } = systemEnvironment;

export function exportView(mailbox: Mailbox): View {
  const said = h("div", { role: "status" });
  let running: AbortController | undefined;
  const run = async (age: () => Promise<NewFile> | NewFile | undefined, name: string): Promise<void> => {
    if (running !== undefined) return;
    const controller = new AbortController();
    running = controller;
    try {
      const words = h("p", { class: "kern-body" }, t("Wird vorbereitet …", "Being prepared …"));
      const bar = h("progress", { max: 1, value: 0, "aria-label": t("Fortschritt", "Progress") });
      fill(said, words, bar, button(t("Abbrechen", "Cancel"), () => controller.abort(), "secondary"));
      const archive = new Archive(await age(), systemEnvironment.now());
      const progress = (done: number, total: number): void => {
        words.textContent = t(`Brief ${Math.min(done + 1, total)} von ${total}`, `Letter ${Math.min(done + 1, total)} of ${total}`);
        bar.max = Math.max(total, 1);
        bar.value = done;
      };
      const writing = exportMailbox(mailbox, archive, { signal: controller.signal, progress });
      const letters = await Promise.race([writing, ended(controller.signal)]);
      const blob = archive.finish();
      controller.signal.throwIfAborted();
      saveBlob(blob, name);
      const missing = letters.filter(({ folder }) => folder === undefined).length;
      fill(said, missing > 0 && notice("warning", t(`${missing} Briefe konnten nicht gelesen werden. Sie stehen in der Liste.`, `${missing} letters could not be read. They are named in the list.`)),
        notice("success", t(`Gespeichert: ${letters.length} Briefe, ${size(blob.size)}.`, `Saved: ${letters.length} letters, ${size(blob.size)}.`)));
    } catch (error) {
      if (controller.signal.aborted) fill(said, notice("info", t("Abgebrochen. Es wurde nichts gespeichert.", "Cancelled. Nothing was saved.")));
      else if (error instanceof ArchiveTooLargeError) fill(said, notice("warning", t("Das Postfach ist zu groß für eine Datei.", "The mailbox is too large for one file."), paragraph(t("Speichern Sie große Anlagen einzeln, oder nehmen Sie das Programm für die Befehlszeile.", "Save large attachments one by one, or use the program for the command line."))));
      else fill(said, failure(error));
    } finally {
      running = undefined;
    }
  };
  return {
    title: t("Alles mitnehmen", "Take everything along"),
    leave: () => running?.abort(),
    content: [
      paragraph(link(t("Zurück zu den Einstellungen", "Back to the settings"), "#/settings")),
      paragraph(t(
        "Sie bekommen eine Datei mit allen Briefen, Anlagen, Quittungen und Nachweisen. Förmliche Zustellungen, die Sie nicht angenommen haben, bleiben verschlossen. Im Postfach ändert sich nichts.",
        "You get one file with all letters, attachments, receipts and evidence. Registered deliveries that you have not accepted stay closed. Nothing changes in the mailbox.",
      )),
      said,
      sealed(run),
      heading(2, t("Ohne Verschlüsselung", "Without encryption")),
      notice("warning", t("Wer diese Datei hat, kann alle Briefe lesen.", "Whoever has this file can read all letters.")),
      h("div", { class: "actions" }, button(t("Unverschlüsselt speichern", "Save unencrypted"), () => run(() => undefined, "mein-postfach.zip"), "secondary")),
    ],
  };
}

/** Rejects when `signal` ends, so that nobody waits for a server that is slow to answer. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
}

/** The encrypted ways: a passphrase, or a recipient of age. */
function sealed(run: (age: () => Promise<NewFile> | NewFile, name: string) => Promise<void>): readonly HTMLElement[] {
  const name = "mein-postfach.zip.age";
  const first = field(t("Passphrase", "Passphrase"), t(`Mindestens ${MIN_PASSPHRASE} Zeichen, am besten vier Wörter. Ohne sie kann niemand die Datei öffnen, auch Sie nicht.`, `At least ${MIN_PASSPHRASE} characters, best four words. Nobody can open the file without it, not even you.`), { type: "password", autocomplete: "new-password" });
  const second = field(t("Passphrase noch einmal", "Passphrase again"), undefined, { type: "password", autocomplete: "new-password" });
  const withPassphrase = (): unknown => {
    const passphrase = first.input.value;
    const short = [...passphrase].length < MIN_PASSPHRASE;
    const different = passphrase !== second.input.value;
    second.complain(different ? t("Die beiden sind verschieden.", "The two differ.") : undefined);
    first.complain(short ? t("Die Passphrase ist zu kurz.", "The passphrase is too short.") : undefined);
    return short || different ? undefined : run(() => newFileWithPassphrase(passphrase, random), name);
  };
  const key = field(t("Öffentlicher Schlüssel von age", "Public key of age"), t("Beginnt mit age1. Nur wer den geheimen Schlüssel dazu hat, öffnet die Datei.", "Begins with age1. Only who has its secret key opens the file."), { type: "text", autocomplete: "off", spellcheck: "false" });
  const withKey = (): unknown => {
    const text = key.input.value.trim();
    try {
      const file = text.startsWith("age1pq") ? newFile([HybridRecipient.parse(text)], random) : newFile([X25519Recipient.parse(text)], random);
      key.complain(undefined);
      return run(() => file, name);
    } catch (error) {
      if (!(error instanceof AgeKeyError)) throw error;
      return key.complain(t("Das ist kein öffentlicher Schlüssel von age.", "That is not a public key of age."));
    }
  };
  return [
    heading(2, t("Verschlüsselt", "Encrypted")),
    paragraph(t("Die Datei hat das offene Format age. Viele Programme können es öffnen, auch ohne uns.", "The file has the open format age. Many programs can open it, without us, too.")),
    first.element,
    second.element,
    h("div", { class: "actions" }, button(t("Mit Passphrase speichern", "Save with a passphrase"), withPassphrase, "primary")),
    h("details", null, h("summary", null, t("Für einen eigenen Schlüssel", "For a key of your own")), key.element,
      h("div", { class: "actions" }, button(t("Für diesen Schlüssel speichern", "Save for this key"), withKey, "secondary"))),
  ];
}
