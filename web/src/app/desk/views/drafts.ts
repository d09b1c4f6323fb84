// What is unfinished on this device: drafts, and sendings that were interrupted.

import { h } from "../../dom/element.ts";
import { heading, link } from "../../dom/parts.ts";
import { dateTime, t } from "../../language.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { drafts, removeDraft } from "../draft.ts";
import { action, count, empty, table } from "../parts.ts";
import { isDone, sendings } from "../sending.ts";
import type { Desk } from "../state.ts";

export async function draftsView(desk: Desk): Promise<View> {
  const under = await sendings(desk);
  const inSending = new Set(under.map(({ draft }) => draft.id));
  // What a colleague released has gone out; what waits for release is in that list.
  const { releases } = await desk.shared.refresh("lately");
  for (const { id, released } of releases) if (released !== undefined && !inSending.has(id)) await removeDraft(desk, id);
  const given = new Set<string>(releases.map(({ id }) => id));
  const waiting = (await drafts(desk)).filter(({ id }) => !inSending.has(id) && !given.has(id));
  return {
    title: t("Schreiben", "Write"),
    content: [
      h("div", { class: "actions" }, action(t("Neuer Brief", "New letter"), "#/write", "primary")),
      under.length === 0 ? null : [heading(2, t("Sendungen", "Sendings")), table(count(under.length, t("Sendung", "sending"), t("Sendungen", "sendings")), [
        { head: t("Betreff", "Subject"), cell: ({ draft }) => link(plain(draft.subject) || t("ohne Betreff", "no subject"), `#/sending/${draft.id}`) },
        { head: t("Begonnen", "Begun"), cell: ({ started }) => dateTime(started) },
        { head: t("Stand", "State"), cell: (sending) => (isDone(sending) ? t("fertig", "done") : t("unterbrochen: öffnen, um fortzusetzen", "interrupted: open to continue")) },
      ], under)],
      heading(2, t("Entwürfe", "Drafts")),
      waiting.length === 0 ? empty(t("Keine Entwürfe", "No drafts"), t("Was Sie schreiben, wird laufend hier gesichert.", "What you write is kept here all the time.")) : table(count(waiting.length, t("Entwurf", "draft"), t("Entwürfe", "drafts")), [
        { head: t("Betreff", "Subject"), cell: (draft) => link(plain(draft.subject) || t("ohne Betreff", "no subject"), `#/write/${draft.id}`) },
        { head: t("An", "To"), cell: ({ recipients }) => plain(recipients.slice(0, 3).map(({ reference }) => reference).join(", ")) + (recipients.length > 3 ? ` +${recipients.length - 3}` : "") },
        { head: t("Geändert", "Changed"), cell: ({ changed }) => dateTime(changed) },
      ], waiting),
    ],
  };
}
