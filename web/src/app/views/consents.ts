// After the authority has answered: what the person agrees to, each with its own yes or no, and where to be told.
//
// Invariant: nothing is ticked beforehand; what is signed is the hash of exactly the text shown.

import { giveConsent, setContact } from "../../client/enrol.ts";
import type { ConsentClass } from "../../core/statement/consent.ts";
import { h } from "../dom/element.ts";
import { button, checkbox, field, heading, notice, paragraph } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { language, t } from "../language.ts";
import type { Mailbox } from "../mailbox-state.ts";
import type { View } from "../shell.ts";
import { consentText } from "./words.ts";

const CLASSES: readonly ConsentClass[] = ["notification", "service"];

export function consentsView({ session, account }: Mailbox, authority: string, done: () => Promise<void>): View {
  const place = h("div");
  const boxes = CLASSES.map((kind) => ({ kind, text: consentText(kind, authority), box: checkbox(consentText(kind, authority)) }));
  const mail = field(
    t("E-Mail-Adresse für Hinweise (freiwillig)", "E-mail address for notifications (voluntary)"),
    t("Die E-Mail sagt nur, dass etwas wartet – nicht von wem und nicht was. Der Betreiber kennt dann diese Adresse.", "The e-mail only says that something waits – not from whom and not what. The operator then knows this address."),
    { type: "email", autocomplete: "email", inputmode: "email" },
  );
  const goOn = async (): Promise<void> => {
    const address = mail.input.value.trim();
    if (address !== "" && !/^[^\s@]+@[^\s@]+$/.test(address)) {
      mail.complain(t("Das ist keine E-Mail-Adresse.", "That is not an e-mail address."));
      return;
    }
    for (const { kind, text, box } of boxes) {
      if (box.input.checked && !box.input.disabled) {
        await giveConsent(session, account.issuer, kind, text);
        box.input.disabled = true;
      }
    }
    if (address !== "") await setContact(session, address, language());
    await done();
  };
  place.append(
    notice("success", t(`${authority} kennt jetzt Ihr Postfach.`, `${authority} now knows your mailbox.`)),
    paragraph(t(
      "Sie entscheiden, was hier ankommen darf. Ohne Ihr Einverständnis kommt der Bescheid weiter auf Papier.",
      "You decide what may arrive here. Without your consent the decision still comes on paper.",
    )),
    h("fieldset", { class: "kern-fieldset" }, h("legend", { class: "kern-label" }, t("Ihr Einverständnis", "Your consent")), boxes.map(({ box }) => box.element)),
    heading(2, t("Bescheid geben lassen", "Be told")),
    mail.element,
    h("div", { class: "actions" }, button(t("Speichern und zum Postfach", "Save and go to the mailbox"), goOn, "primary", (error) => {
      place.querySelector(".kern-alert--danger, .kern-alert--warning")?.remove();
      place.prepend(failure(error));
    })),
  );
  return { title: t("Einverständnis", "Consent"), content: place };
}
