// A sending under way and its receipts; one that was interrupted goes on where it stood.

import { fill, h } from "../../dom/element.ts";
import { button, link, notice, paragraph } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { dateTime, language, t } from "../../language.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { count, table } from "../parts.ts";
import { ReleaseError } from "../release.ts";
import { type Sending, type SendingItem, fileAway, forget, isDone, loadSending, resume, retryRefused } from "../sending.ts";
import type { Desk } from "../state.ts";

export async function sendingView(desk: Desk, id: string): Promise<View> {
  const found = await loadSending(desk, id);
  if (found === undefined) return { title: t("Sendung", "Sending"), content: paragraph(t("Diese Sendung ist abgelegt. ", "This sending is filed. "), link(t("Zu den gesendeten Briefen", "To the sent letters"), "#/sent")) };
  const place = h("div");
  const said = h("div", { role: "status" });
  const progress = h("progress", { max: 1, value: 0, "aria-label": t("Fortschritt", "Progress") });
  const stop = new AbortController();
  const draw = (sending: Sending, part = 0): void => {
    const done = sending.items.filter(({ receipt, refused }) => receipt !== undefined || refused !== undefined).length;
    progress.value = Math.min(1, (done + part) / sending.items.length);
    if (part > 0) return;
    progress.hidden = isDone(sending);
    fill(place, results(desk, sending));
  };
  const run = async (sending: Sending): Promise<void> => {
    fill(said, paragraph(t("Wird verschlüsselt und gesendet …", "Encrypting and sending …")));
    draw(sending);
    try {
      const ended = await resume(desk, sending, { progress: draw, signal: stop.signal });
      draw(ended);
      if (ended.items.every(({ refused }) => refused === undefined)) finished(ended);
      else partly(ended);
    } catch (error) {
      if (stop.signal.aborted) return;
      if (error instanceof ReleaseError) {
        await forget(desk, id);
        return fill(said, notice("info", t("Dieser Brief wartet nicht mehr auf Freigabe.", "This letter no longer waits for release."), paragraph(t("Es wurde nichts gesendet.", "Nothing was sent."))));
      }
      const now = (await loadSending(desk, id)) ?? sending;
      fill(said, failure(error), paragraph(t("Nichts geht doppelt hinaus: Beim Fortsetzen geht es dort weiter, wo es stand.", "Nothing goes out twice: continuing goes on where it stood.")),
        h("div", { class: "actions" }, button(t("Fortsetzen", "Continue"), () => run(now), "primary")));
    }
  };
  const file = (label: string, sending: Sending): HTMLButtonElement => button(label, async () => {
    await fileAway(desk, sending);
    location.hash = "#/sent";
  }, "secondary");
  const finished = (sending: Sending): void => fill(said, notice("success", t(`${count(sending.items.length, "Brief ist", "Briefe sind")} angenommen und quittiert.`, `${count(sending.items.length, "letter is", "letters are")} accepted and receipted.`)), h("div", { class: "actions" }, file(t("Ablegen", "File away"), sending)));
  const partly = (sending: Sending): void => {
    const refused = sending.items.filter((item) => item.refused !== undefined).length;
    fill(said, notice("warning", t(`${count(refused, "Brief wurde", "Briefe wurden")} abgelehnt. Alle anderen sind quittiert.`, `${count(refused, "letter was", "letters were")} refused. All others are receipted.`)),
      h("div", { class: "actions" }, button(t("Abgelehnte noch einmal senden", "Send the refused ones again"), async () => run(await retryRefused(desk, sending)), "primary", (error) => fill(said, failure(error))), file(t("So ablegen", "File away like this"), sending)));
  };
  void run(found);
  return { title: t("Sendung", "Sending"), content: [said, progress, place], leave: () => stop.abort() };
}

function results(desk: Desk, { items }: Sending): HTMLElement {
  const { book } = desk.shared.record;
  const state = ({ receipt, refused }: SendingItem): string => {
    if (refused !== undefined) return language() === "de" ? refused.de : refused.en;
    return receipt === undefined ? t("wartet", "waiting") : t(`quittiert am ${dateTime(receipt.time)}`, `receipted on ${dateTime(receipt.time)}`);
  };
  return table(t("Quittungen", "Receipts"), [
    { head: t("Kassenzeichen", "Reference"), cell: (item) => (item.receipt === undefined ? plain(item.reference) : link(plain(item.reference), `#/sent/${item.receipt.header}`)) },
    { head: t("Name", "Name"), cell: ({ reference }) => plain(book.byReference(reference)?.name ?? "") },
    { head: t("Stand", "State"), cell: state },
    { head: t("Quittung", "Receipt"), cell: ({ receipt }) => (receipt === undefined ? null : h("code", null, `${receipt.receipt.slice(0, 16)}…`)) },
  ], items);
}
