// When something is lost: what a removed device says, what a renewed one says, and the way without device and sheet.

import { h } from "../dom/element.ts";
import { button, heading, link, notice, paragraph } from "../dom/parts.ts";
import { t } from "../language.ts";
import type { View } from "../shell.ts";

/** Device and sheet are gone: only the authority can tell who somebody is. */
export function lostView(): View {
  return {
    title: t("Gerät und Blatt sind weg", "Device and sheet are gone"),
    content: [
      paragraph(t(
        "Niemand hat eine Kopie Ihrer Schlüssel, auch nicht der Betreiber oder die Behörde. Darum kann sie auch niemand zurückgeben. Sie bekommen ein neues Postfach.",
        "Nobody has a copy of your keys, neither the operator nor the authority. So nobody can give them back. You get a new mailbox.",
      )),
      heading(2, t("So geht es weiter", "How it goes on")),
      h("ol", { class: "steps" }, [
        t("Schauen Sie zuerst, ob noch ein anderes Gerät offen ist: ein altes Telefon, ein Tablet, ein Computer. Dann können Sie dort dieses Gerät hinzufügen.", "First see whether it is still open on another device: an old phone, a tablet, a computer. Then you can add this device there."),
        t("Rufen Sie Ihre Behörde an oder gehen Sie hin. Sagen Sie, dass Sie den Zugang zu Ihrem Postfach verloren haben.", "Call your authority or go there. Say that you have lost access to your mailbox."),
        t("Die Behörde prüft, wer Sie sind, und schickt Ihnen einen neuen Brief mit einem neuen Code.", "The authority checks who you are and sends you a new letter with a new code."),
        t("Mit dem Code eröffnen Sie ein neues Postfach. Die Behörde verbindet es mit Ihnen an Stelle des alten.", "With the code you open a new mailbox. The authority connects it with you in place of the old one."),
      ].map((step) => h("li", { class: "kern-body" }, step))),
      heading(2, t("Was mit alten Briefen geschieht", "What happens to old letters")),
      notice("warning", t("Alte Briefe bleiben verschlossen.", "Old letters stay closed."),
        paragraph(t("Auch die, die Sie nicht gelesen haben. Bitten Sie die Behörde, wichtige Briefe noch einmal zu schicken.", "Those that you have not read as well. Ask the authority to send important letters again.")),
        paragraph(t("Fristen können schon laufen. Sagen Sie der Behörde, seit wann Sie keinen Zugang haben.", "Periods may already be running. Tell the authority since when you have had no access."))),
      h("div", { class: "actions" }, h("a", { href: "#/enrol", class: "kern-btn kern-btn--primary" }, h("span", { class: "kern-label" }, t("Ich habe einen neuen Brief", "I have a new letter")))),
    ],
  };
}

/** This device's keys do not count any more, and nobody left it others. */
export function removedView(forget: () => Promise<void>): View {
  return {
    title: t("Dieses Gerät gehört nicht mehr dazu", "This device no longer belongs to it"),
    content: [
      notice("warning", t("Ihr Postfach lässt sich auf diesem Gerät nicht mehr öffnen.", "Your mailbox can no longer be opened on this device."),
        paragraph(t(
          "Das Gerät wurde auf einem anderen Gerät entfernt, oder das Postfach wurde mit dem Wiederherstellungsblatt neu geöffnet.",
          "The device was removed on another device, or the mailbox was opened anew with the recovery sheet.",
        ))),
      heading(2, t("Waren Sie das?", "Was that you?")),
      paragraph(t("Dann können Sie das Postfach hier wieder öffnen.", "Then you can open the mailbox here again.")),
      h("div", { class: "actions" }, h("a", { href: "#/arrive", class: "kern-btn kern-btn--primary" }, h("span", { class: "kern-label" }, t("Auf diesem Gerät öffnen", "Open on this device")))),
      heading(2, t("Waren Sie das nicht?", "Was that not you?")),
      paragraph(t(
        "Dann hat jemand anderes Ihr Gerät oder Ihr Blatt. Rufen Sie sofort Ihre Behörde an und lassen Sie das Postfach sperren.",
        "Then somebody else has your device or your sheet. Call your authority at once and have the mailbox blocked.",
      )),
      paragraph(link(t("Wenn Gerät und Blatt weg sind", "If device and sheet are gone"), "#/lost")),
      h("div", { class: "actions" }, button(t("Von diesem Gerät löschen", "Delete from this device"), forget, "secondary")),
    ],
  };
}

/** Another device renewed the keys, and left this one the new ones. */
export function renewedView(goOn: () => void): View {
  return {
    title: t("Ihr Postfach wurde erneuert", "Your mailbox was renewed"),
    content: [
      notice("info", t("Auf einem anderen Gerät wurden Ihre Schlüssel erneuert.", "Your keys were renewed on another device."),
        paragraph(t("Das geschieht zum Beispiel, wenn ein Gerät entfernt wird. Dieses Gerät hat die neuen Schlüssel bekommen.", "That happens for example when a device is removed. This device has got the new keys."))),
      paragraph(t("Waren Sie das nicht? Dann sehen Sie die Liste Ihrer Geräte durch und entfernen Sie, was nicht Ihres ist.", "Was that not you? Then go through the list of your devices and remove what is not yours.")),
      h("div", { class: "actions" }, button(t("Weiter", "Continue"), goOn, "primary")),
    ],
  };
}
