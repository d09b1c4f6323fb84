// The inbox: newest first, only the rows on the screen are made and fetched, so ten thousand letters are no more
// work than ten.
//
// Invariants: a row shows what was verified, now or when this device read it last, or that it could not be; nothing is
// fetched that signs anything. What arrives meanwhile appears and is announced (`live.ts`).

import type { StatementHash } from "../../core/ids.ts";
import { dayOf } from "../../core/deadline/day.ts";
import { UnreachableError } from "../../client/error.ts";
import { type Child, fill, h } from "../dom/element.ts";
import { button, paragraph, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../language.ts";
import type { Entry } from "../letters/index.ts";
import { type Selection, asksContent, selected } from "../letters/selection.ts";
import { listTools, placeName } from "../letters/tools.ts";
import { live } from "../live.ts";
import { type Mailbox, type Summary, entryOf, summary } from "../mailbox-state.ts";
import { plain } from "../plain-text.ts";
import type { View } from "../shell.ts";
import { closedNotice } from "./closed.ts";

/** Height of a row in pixels, by the root's text size, so that it grows with zoomed text. */
function rowHeight(): number {
  return 4.6 * parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/** Rows made beyond both edges of the screen. */
const MARGIN = 6;
/** Letters read at once for the search. */
const AT_ONCE = 4;
/** Days before the end of a period in which a letter is marked. */
const SOON_DAYS = 14;
const DAY = 86_400_000;

export function inboxView(mailbox: Mailbox): View {
  const list = h("ol", { class: "letters", "aria-label": t("Briefe, neueste zuerst", "Letters, newest first") });
  const status = h("div", { "aria-live": "polite" }, waiting(t("Post wird geholt …", "Fetching mail …")));
  const news = h("div", { "aria-live": "polite" });
  const more = h("div", null);
  const rows = new Map<StatementHash, HTMLLIElement>();
  const stop = new AbortController();
  let shown: readonly StatementHash[] = [];

  const draw = (): void => {
    const height = rowHeight();
    list.style.height = `${shown.length * height}px`;
    const above = list.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-above / height) - MARGIN);
    const last = Math.min(shown.length, Math.ceil((innerHeight - above) / height) + MARGIN);
    const wanted = new Set<StatementHash>();
    for (let index = first; index < last; index += 1) {
      const hash = shown[shown.length - 1 - index] as StatementHash;
      wanted.add(hash);
      let row = rows.get(hash);
      if (row === undefined) {
        row = makeRow(mailbox, hash);
        rows.set(hash, row);
      }
      row.style.top = `${index * height}px`;
      row.style.height = `${height}px`;
      row.ariaPosInSet = String(index + 1);
      row.ariaSetSize = String(shown.length);
    }
    for (const [hash, row] of rows) {
      if (wanted.has(hash) || row.contains(document.activeElement)) continue; // whoever works by keyboard stays there
      row.remove();
      rows.delete(hash);
    }
    const order = [...rows.values()].sort((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet));
    if (order.some((row, index) => list.children[index] !== row)) list.replaceChildren(...order);
  };

  const select = (): void => {
    const { hashes, index, folders, selection } = mailbox;
    shown = selected(hashes, index, folders, selection, dayOf(Date.now()));
    fill(status, paragraph(countWords(shown.length, hashes.length, selection)));
    fill(more, unreadByDevice(mailbox, stop.signal, select));
    draw();
  };
  const changed = (hashes: readonly StatementHash[], arrived: number): void => {
    mailbox.hashes = hashes;
    select();
    fill(news, arrived > 0 && paragraph(t(`${arrived} ${arrived === 1 ? "neuer Brief" : "neue Briefe"}`, `${arrived} new ${arrived === 1 ? "letter" : "letters"}`)));
  };
  const away = (error: unknown): void => fill(news, failure(error));
  if (mailbox.hashes.length > 0) queueMicrotask(select);
  live(mailbox.session, stop.signal, { changed, away }).catch((error: unknown) => {
    if (!stop.signal.aborted) fill(status, failure(error));
  });
  const redraw = (): void => void requestAnimationFrame(draw);
  addEventListener("scroll", redraw, { passive: true, signal: stop.signal });
  addEventListener("resize", redraw, { signal: stop.signal });
  return { title: t("Posteingang", "Inbox"), content: [closedNotice(mailbox), news, listTools(mailbox, select), status, more, list], leave: () => stop.abort() };
}

function countWords(shown: number, all: number, selection: Selection): string {
  if (selection.query.trim() !== "") return shown === 0 ? t("Nichts gefunden.", "Nothing found.") : t(`${letters(shown)} gefunden`, `${letters(shown)} found`);
  if (all === 0) return t("Noch keine Post.", "No mail yet.");
  return shown === 0 ? t("Hier liegt kein Brief.", "There is no letter here.") : letters(shown);
}

function letters(count: number): string {
  return t(`${count} ${count === 1 ? "Brief" : "Briefe"}`, `${count} ${count === 1 ? "letter" : "letters"}`);
}

/** While content is asked for: how many letters this device has not read, and reading them. */
function unreadByDevice(mailbox: Mailbox, signal: AbortSignal, done: () => void): HTMLElement | null {
  const missing = mailbox.hashes.filter((hash) => mailbox.index.get(hash) === undefined);
  if (!asksContent(mailbox.selection) || missing.length === 0) return null;
  const bar = h("progress", { max: missing.length, value: 0, hidden: true, "aria-label": t("Fortschritt", "Progress") });
  const said = h("p", { class: "kern-body", role: "status" }, t(`${letters(missing.length)} hat dieses Gerät noch nicht gelesen.`, `This device has not read ${letters(missing.length)} yet.`));
  const read = async (): Promise<void> => {
    bar.hidden = false;
    const waitingOnes = [...missing]; // the newest first
    const reader = async (): Promise<void> => {
      for (let next = waitingOnes.pop(); next !== undefined && !signal.aborted; next = waitingOnes.pop()) {
        await summary(mailbox, next).catch((error: unknown) => {
          if (error instanceof UnreachableError) throw error; // the others would fail alike
        });
        bar.value += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, reader));
    if (!signal.aborted) done();
  };
  return h("div", null, said, bar, h("div", { class: "actions" }, button(t("Auch diese durchsuchen", "Search these, too"), read, "secondary", (error) => fill(said, failure(error)))));
}

/** What was seen before stands there at once; what is verified now takes its place. */
function makeRow(mailbox: Mailbox, hash: StatementHash): HTMLLIElement {
  const row = h("li", null, h("a", { href: `#/letter/${hash}` }, h("span", { class: "who" }, "…")));
  const before = mailbox.index.get(hash);
  if (before !== undefined) fillRow(row, mailbox, before);
  summary(mailbox, hash)
    .then((found) => fillRow(row, mailbox, entryOf(hash, found)))
    .catch((error: unknown) => {
      if (error instanceof UnreachableError && before !== undefined) return;
      const notice = failure(error);
      row.classList.add("refused");
      fill(row, h("a", { href: `#/letter/${hash}` }, h("span", { class: "subject" }, notice.querySelector(".notice-title")?.textContent ?? "")));
    });
  return row;
}

function fillRow(row: HTMLElement, mailbox: Mailbox, { hash, time, sender, subject, registered, unread, deleted, until }: Entry): void {
  const place = mailbox.folders.placeOf(hash);
  const closed = deleted === true ? t("Gelöschter Brief", "Deleted letter") : t("Förmliche Zustellung – noch verschlossen", "Registered delivery – still closed");
  const title = subject ?? closed;
  row.classList.toggle("unread", unread);
  const marks: Child[] = [
    unread ? h("span", { class: "mark" }, t("ungelesen", "unread")) : null,
    deleted === true ? h("span", { class: "mark" }, t("gelöscht", "deleted")) : null,
    registered ? h("span", { class: "mark" }, t("förmlich", "registered")) : null,
    place === mailbox.selection.place ? null : h("span", { class: "mark" }, placeName(mailbox, place)),
    until !== undefined && isSoon(until) ? h("span", { class: "mark" }, t(`Frist bis ${shortDay(until)}`, `period ends ${shortDay(until)}`)) : null,
    until !== undefined && !isSoon(until) ? h("span", { class: "when" }, t(`bis ${shortDay(until)}`, `until ${shortDay(until)}`)) : null,
  ];
  fill(row, h(
    "a",
    { href: `#/letter/${hash}` },
    h("span", { class: "line" }, h("span", { class: "who" }, nameOf(sender)), h("span", { class: "when" }, date(time))),
    h("span", { class: "line" }, h("span", { class: "subject" }, plain(title)), marks),
  ));
}

/** The certified name; without a certificate, that there is none. */
export function senderName({ sender }: Summary["envelope"]): string {
  return nameOf(sender.name);
}

function nameOf(certified: string | undefined): string {
  return certified === undefined ? t("Absender ohne Beglaubigung", "sender without certificate") : plain(certified);
}

function isSoon(until: string): boolean {
  const left = Date.parse(until) - Date.now();
  return left < SOON_DAYS * DAY && left > -DAY;
}

function shortDay(until: string): string {
  return date(Date.parse(`${until}T12:00:00Z`));
}
