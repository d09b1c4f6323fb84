// An open mailbox lets another device in, by the code that this device shows.

import { PaperError } from "../../core/enrolment/paper.ts";
import { JoiningCode } from "../../core/enrolment/secret.ts";
import { admit } from "../../client/devices.ts";
import { ownVault } from "../../vault/door.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, link, notice, paragraph } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../language.ts";
import type { Mailbox } from "../mailbox-state.ts";
import type { View } from "../shell.ts";
import { scanField } from "./scan.ts";

/** `scanned` is what a QR code held, if that led here. */
export function admitView({ session, secrets }: Mailbox, scanned: string | undefined): View {
  const place = h("div");
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const typed = field(
    t("Code, den das neue Gerät zeigt", "Code that the new device shows"),
    t("Acht Gruppen aus vier Zeichen. Groß oder klein ist gleich.", "Eight groups of four characters. Capitals or not does not matter."),
    { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", value: scanned ?? "" },
  );
  const letIn = async (): Promise<void> => {
    let code: JoiningCode;
    try {
      code = JoiningCode.parse(typed.input.value.trim().replace(/^.*\/admit\//, ""));
      typed.complain(undefined);
    } catch (error) {
      if (!(error instanceof PaperError)) throw error;
      return typed.complain(t("Der Code hat einen Tippfehler. Bitte noch einmal vom neuen Gerät abschreiben.", "The code has a typing error. Please copy it from the new device again."));
    }
    await admit(session, ownVault(secrets.door), code, t("Neues Gerät", "New device"));
    fill(
      place,
      notice("success", t("Das neue Gerät ist eingelassen.", "The new device is let in."),
        paragraph(t("Machen Sie dort weiter. Taucht in der Liste ein Gerät auf, das nicht Ihres ist, entfernen Sie es sofort.", "Continue there. If a device appears in the list that is not yours, remove it at once."))),
      paragraph(link(t("Zur Liste der Geräte", "To the list of devices"), "#/devices")),
    );
  };
  fill(
    place,
    paragraph(t(
      "Öffnen Sie auf dem neuen Gerät diese Seite und wählen Sie „Auf diesem Gerät öffnen“. Tippen Sie den Code, den es zeigt, hier ein.",
      "Open this page on the new device and choose “Open on this device”. Type the code that it shows here.",
    )),
    notice("warning", t("Nur eigene Geräte einlassen.", "Let in only devices of your own."),
      paragraph(t("Das neue Gerät kann alles lesen und in Ihrem Namen handeln. Geben Sie hier nie einen Code ein, den Ihnen jemand geschickt oder genannt hat.", "The new device can read everything and act in your name. Never type a code here that somebody sent or told you."))),
    typed.element,
    scanField(t("Oder den QR-Code vom neuen Gerät fotografieren", "Or photograph the QR code on the new device"), (text) => {
      if (text !== undefined) typed.input.value = text.replace(/^.*\/admit\//, "").split("-").join(" ");
      typed.complain(text === undefined ? t("Auf dem Bild ist kein lesbarer QR-Code.", "There is no readable QR code in the picture.") : undefined);
    }, shown),
    h("div", { class: "actions" }, button(t("Gerät einlassen", "Let the device in"), letIn, "primary", shown)),
  );
  return { title: t("Gerät hinzufügen", "Add a device"), content: [said, place] };
}
