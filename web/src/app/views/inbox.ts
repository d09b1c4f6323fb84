// The inbox: newest first, only the rows on the screen are made and fetched, so ten thousand letters are no more
// work than ten.
//
// Invariants: a row shows what was verified, or that it could not be; nothing is fetched that signs anything.
// Live: the list is followed while the view is shown.

import type { StatementHash } from "../../core/ids.ts";
import { follow } from "../../client/lists.ts";
import { type Child, fill, h } from "../dom/element.ts";
import { paragraph, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../language.ts";
import { type Mailbox, type Summary, summary } from "../mailbox-state.ts";
import { plain } from "../plain-text.ts";
import type { View } from "../shell.ts";

/** Height of a row in pixels, by the root's text size, so that it grows with zoomed text. */
function rowHeight(): number {
  return 4.6 * parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/** Rows made beyond both edges of the screen. */
const MARGIN = 6;
/** Days before the end of a period in which a letter is marked. */
const SOON_DAYS = 14;
const DAY = 86_400_000;

export function inboxView(mailbox: Mailbox): View {
  const list = h("ol", { class: "letters", "aria-label": t("Briefe, neueste zuerst", "Letters, newest first") });
  const status = h("div", { "aria-live": "polite" }, waiting(t("Post wird geholt …", "Fetching mail …")));
  const rows = new Map<StatementHash, HTMLLIElement>();
  const stop = new AbortController();

  const draw = (): void => {
    const newest = mailbox.hashes;
    const height = rowHeight();
    list.style.height = `${newest.length * height}px`;
    const above = list.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-above / height) - MARGIN);
    const last = Math.min(newest.length, Math.ceil((innerHeight - above) / height) + MARGIN);
    const wanted = new Set<StatementHash>();
    for (let index = first; index < last; index += 1) {
      const hash = newest[newest.length - 1 - index] as StatementHash;
      wanted.add(hash);
      let row = rows.get(hash);
      if (row === undefined) {
        row = makeRow(mailbox, hash);
        rows.set(hash, row);
      }
      row.style.top = `${index * height}px`;
      row.style.height = `${height}px`;
      row.ariaPosInSet = String(index + 1);
      row.ariaSetSize = String(newest.length);
    }
    for (const [hash, row] of rows) {
      if (wanted.has(hash)) continue;
      row.remove();
      rows.delete(hash);
    }
    const order = [...rows.values()].sort((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet));
    if (order.some((row, index) => list.children[index] !== row)) list.replaceChildren(...order);
  };

  const changed = (hashes: readonly StatementHash[]): void => {
    mailbox.hashes = hashes;
    fill(status, hashes.length === 0
      ? paragraph(t("Noch keine Post.", "No mail yet."))
      : paragraph(t(`${hashes.length} ${hashes.length === 1 ? "Brief" : "Briefe"}`, `${hashes.length} ${hashes.length === 1 ? "letter" : "letters"}`)));
    draw();
  };
  if (mailbox.hashes.length > 0) queueMicrotask(() => changed(mailbox.hashes));
  follow(mailbox.session, "mailbox", stop.signal, changed).catch((error: unknown) => {
    if (!stop.signal.aborted) fill(status, failure(error));
  });
  const moved = (): void => void requestAnimationFrame(draw);
  addEventListener("scroll", moved, { passive: true, signal: stop.signal });
  addEventListener("resize", moved, { signal: stop.signal });
  return { title: t("Posteingang", "Inbox"), content: [status, list], leave: () => stop.abort() };
}

function makeRow(mailbox: Mailbox, hash: StatementHash): HTMLLIElement {
  const row = h("li", null, h("a", { href: `#/letter/${hash}` }, h("span", { class: "who" }, "…")));
  summary(mailbox, hash)
    .then((found) => fillRow(row, hash, found))
    .catch((error: unknown) => {
      const notice = failure(error);
      row.classList.add("refused");
      fill(row, h("a", { href: `#/letter/${hash}` }, h("span", { class: "subject" }, notice.querySelector(".notice-title")?.textContent ?? "")));
    });
  return row;
}

function fillRow(row: HTMLElement, hash: StatementHash, { envelope, manifest, unread }: Summary): void {
  const registered = envelope.header.payload.class === "registered";
  const subject = manifest?.subject ?? t("Förmliche Zustellung – noch verschlossen", "Registered delivery – still closed");
  const until = manifest?.act?.remedy?.until;
  row.classList.toggle("unread", unread);
  const marks: Child[] = [
    unread ? h("span", { class: "mark" }, t("ungelesen", "unread")) : null,
    registered ? h("span", { class: "mark" }, t("förmlich", "registered")) : null,
    until !== undefined && isSoon(until) ? h("span", { class: "mark" }, t(`Frist bis ${shortDay(until)}`, `period ends ${shortDay(until)}`)) : null,
    until !== undefined && !isSoon(until) ? h("span", { class: "when" }, t(`bis ${shortDay(until)}`, `until ${shortDay(until)}`)) : null,
  ];
  fill(row, h(
    "a",
    { href: `#/letter/${hash}` },
    h("span", { class: "line" }, h("span", { class: "who" }, senderName(envelope)), h("span", { class: "when" }, date(envelope.header.payload.context.time))),
    h("span", { class: "line" }, h("span", { class: "subject" }, plain(subject)), marks),
  ));
}

/** The certified name; without a certificate, that there is none. */
export function senderName({ sender }: Summary["envelope"]): string {
  return sender.name === undefined ? t("Absender ohne Beglaubigung", "sender without certificate") : plain(sender.name);
}

function isSoon(until: string): boolean {
  const left = Date.parse(until) - Date.now();
  return left < SOON_DAYS * DAY && left > -DAY;
}

function shortDay(until: string): string {
  return date(Date.parse(`${until}T12:00:00Z`));
}
