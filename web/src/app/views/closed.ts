// That this mailbox was closed, on another device or this one, and until when it can be read.

import { closing } from "../../client/leaving.ts";
import { fill, h } from "../dom/element.ts";
import { link, notice, paragraph } from "../dom/parts.ts";
import { date, t } from "../language.ts";
import type { Mailbox } from "../mailbox-state.ts";

/** Fills itself where the mailbox was closed; that the server is away is for others to say. */
export function closedNotice({ session }: Mailbox): HTMLElement {
  const place = h("div", null);
  closing(session).then(
    (closed) => {
      if (closed === undefined) return;
      const until = date(closed.until);
      fill(place, notice("warning", t("Dieses Postfach ist geschlossen.", "This mailbox is closed."),
        paragraph(t(`Es nimmt keine Post mehr an. Lesen und speichern können Sie bis zum ${until}.`, `It takes no mail any more. You can read and save until ${until}.`)),
        paragraph(link(t("Alles mitnehmen", "Take everything along"), "#/export"), " · ", link(t("Von diesem Gerät entfernen", "Remove from this device"), "#/close"))));
    },
    () => undefined,
  );
  return place;
}
