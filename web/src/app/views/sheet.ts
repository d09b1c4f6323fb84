// The recovery sheet: printed or saved, then checked, before anything is sent to the server.
//
// Invariant: the secret is shown and printed, never sent or stored outside the vault; going on needs the last group
// of it typed in, so that nobody goes on without the sheet.

import { renderSVG } from "./qr.ts";
import type { Address } from "../../core/ids.ts";
import type { RecoverySecret } from "../../core/enrolment/secret.ts";
import { h, type Child } from "../dom/element.ts";
import { button, field, heading, notice, paragraph, terms } from "../dom/parts.ts";
import { date, t } from "../language.ts";
import { saveAs } from "../letter/save.ts";

export interface SheetContent {
  readonly address: Address;
  readonly service: string;
  readonly root: string;
  readonly secret: RecoverySecret;
}

export function sheetContent({ address, service, root, secret }: SheetContent, checked: () => Promise<void>, failed: (error: unknown) => void): Child {
  const groups = secret.toPaper().split("-");
  const last = groups.at(-1) ?? "";
  const typed = field(
    t("Letzte Vierergruppe des Geheimnisses vom Blatt", "Last group of four of the secret on the sheet"),
    t("Damit sicher ist, dass Sie das Blatt haben.", "So that it is certain that you have the sheet."),
    { autocomplete: "off", autocapitalize: "characters", maxlength: "8", spellcheck: "false" },
  );
  const goOn = button(
    t("Weiter", "Continue"),
    async () => {
      const same = typed.input.value.trim().toUpperCase() === last;
      typed.complain(same ? undefined : t("Das ist nicht die letzte Gruppe.", "That is not the last group."));
      if (same) await checked();
    },
    "primary",
    failed,
  );
  const save = async (): Promise<void> => {
    const { sheetPdf } = await import("./sheet-pdf.ts");
    saveAs(await sheetPdf({ address, service, root, secret }), t("wiederherstellungsblatt.pdf", "recovery-sheet.pdf"), "application/pdf");
  };
  return [
    h("div", { class: "no-print" }, notice(
      "warning",
      t("Ohne dieses Blatt ist bei verlorenem Gerät alles verloren.", "Without this sheet everything is lost when the device is lost."),
      paragraph(t(
        "Niemand sonst hat Ihre Schlüssel, auch nicht der Betreiber. Drucken Sie das Blatt und bewahren Sie es wie einen Ausweis auf. Nicht fotografieren.",
        "Nobody else has your keys, not even the operator. Print the sheet and keep it like an identity card. Do not photograph it.",
      )),
    )),
    h(
      "section",
      { class: "facts", "aria-label": t("Wiederherstellungsblatt", "Recovery sheet") },
      heading(2, t("Wiederherstellungsblatt", "Recovery sheet")),
      h("p", { class: "codes", id: "sheet-secret" }, groups.join(" ")),
      renderSVG(secret.toPaper(), t("QR-Code mit dem Geheimnis", "QR code with the secret")),
      terms([
        [t("Adresse", "Address"), address],
        [t("Dienst", "Service"), service],
        [t("Schlüssel des Betreibers", "Operator's key"), root],
        [t("Gedruckt am", "Printed on"), date(Date.now())],
      ]),
    ),
    h("div", { class: "actions" }, button(t("Drucken", "Print"), () => print(), "primary"), button(t("Als PDF sichern", "Save as PDF"), save, "secondary", failed)),
    h("div", { class: "no-print" }, typed.element, h("div", { class: "actions" }, goOn)),
  ];
}
