// Without a connection: the letters that were opened on this device.
//
// Invariant: nothing is said that only the server knows; what is shown was verified when it was kept, and the page says
// when that was.

import type { Account } from "../../vault/account.ts";
import type { Secrets } from "../../vault/secrets.ts";
import { fill, h } from "../dom/element.ts";
import { button, heading, notice, paragraph, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, dateTime, size, t } from "../language.ts";
import { factsCard } from "../letter/facts.ts";
import { saveAs } from "../letter/save.ts";
import { showFile, sniff } from "../letter/show.ts";
import { type OfflineLetter, OfflineLetters } from "../letters/offline.ts";
import { ownStore } from "../mailbox-state.ts";
import { fileName, plain } from "../plain-text.ts";
import type { View } from "../shell.ts";

/** How long after the device is online again the mailbox is opened, in milliseconds. */
const RECONNECT = 1000;

/** `connect` tries to open the mailbox with a connection, `lock` forgets the keys. */
export function offlineView(account: Account, secrets: Secrets, connect: () => Promise<void>, lock: () => void): View {
  const place = h("div", null, waiting());
  const said = h("div", { role: "status" });
  const stop = new AbortController();
  const failed = (error: unknown): void => fill(said, failure(error));
  // Browsers say so before names are resolved again.
  addEventListener("online", () => setTimeout(() => stop.signal.aborted || void connect().catch(failed), RECONNECT), { signal: stop.signal });
  const show = async (): Promise<void> => {
    const kept = new OfflineLetters(await ownStore(account, secrets));
    showList(place, kept, await kept.all());
  };
  show().catch(failed);
  return {
    title: t("Ohne Verbindung", "Without a connection"),
    content: [
      notice("info", t("Der Server ist nicht erreichbar.", "The server cannot be reached."), paragraph(t(
        "Hier stehen die Briefe, die Sie auf diesem Gerät geöffnet haben. Neue Post, Antworten und Nachweise brauchen eine Verbindung.",
        "Here are the letters that you opened on this device. New mail, replies and evidence need a connection.",
      ))),
      said,
      h("div", { class: "actions" }, button(t("Noch einmal verbinden", "Connect again"), connect, "secondary", failed), button(t("Abschließen", "Lock"), lock, "tertiary")),
      place,
    ],
    leave: () => stop.abort(),
  };
}

function showList(place: Element, kept: OfflineLetters, letters: readonly OfflineLetter[]): void {
  const rows = letters.map((letter) => h("li", null,
    h("span", { class: "line" }, h("span", { class: "who" }, plain(letter.sender)), " ", h("span", { class: "when" }, date(letter.time))),
    button(plain(letter.subject), () => showLetter(place, kept, letter, () => showList(place, kept, letters)), "tertiary")));
  fill(place, rows.length === 0
    ? paragraph(t("Auf diesem Gerät wurde noch kein Brief geöffnet.", "No letter was opened on this device yet."))
    : h("ul", { class: "files", "aria-label": t("Geöffnete Briefe, neueste zuerst", "Opened letters, newest first") }, rows));
}

function showLetter(place: Element, kept: OfflineLetters, letter: OfflineLetter, back: () => void): void {
  const title = h("h2", { class: "kern-heading-medium", tabindex: "-1", dir: "auto" }, plain(letter.subject, 500));
  fill(
    place,
    h("div", { class: "actions" }, button(t("Zurück zur Liste", "Back to the list"), () => {
      back();
      place.querySelector<HTMLElement>("button")?.focus();
    }, "tertiary")),
    paragraph(h("strong", null, plain(letter.sender)), " · ", dateTime(letter.time)),
    title,
    paragraph(t(`Zuletzt geprüft am ${dateTime(letter.checked)}.`, `Verified last on ${dateTime(letter.checked)}.`)),
    letter.act === undefined ? null : factsCard(letter.act, plain(letter.sender)),
    letter.text === "" ? null : h("div", { class: "letter-text", dir: "auto" }, letter.text),
    letter.files.length === 0 ? null : [heading(2, t("Anlagen", "Attachments")), h("ul", { class: "files" }, letter.files.map((file, index) => fileRow(kept, letter, file, index)))],
  );
  title.focus();
}

function fileRow(kept: OfflineLetters, letter: OfflineLetter, file: OfflineLetter["files"][number], index: number): HTMLElement {
  const name = fileName(file.name, t(`Anlage ${index + 1}`, `attachment ${index + 1}`));
  const place = h("div", null);
  const said = h("p", { class: "kern-body", role: "status" });
  const content = async (): Promise<Uint8Array | undefined> => {
    const found = await kept.file(letter.hash, index);
    fill(said, found === undefined && t("Diese Datei liegt nicht auf diesem Gerät; sie braucht eine Verbindung.", "This file is not on this device; it needs a connection."));
    return found;
  };
  const show = async (): Promise<void> => {
    const found = await content();
    if (found !== undefined && !(await showFile(place, found, name)).shown) fill(said, t("Diese Datei wird hier nicht gezeigt. Sie können sie speichern.", "This file is not shown here. You can save it."));
  };
  const save = async (): Promise<void> => {
    const found = await content();
    if (found !== undefined) saveAs(found, name, sniff(found) ?? "application/octet-stream");
  };
  const failed = (error: unknown): void => fill(place, failure(error));
  return h("li", null, h("strong", null, name), ` (${size(file.size)})`,
    h("div", { class: "actions" }, button(t("Ansehen", "View"), show, "secondary", failed), button(t("Speichern", "Save"), save, "tertiary", failed)), said, place);
}
