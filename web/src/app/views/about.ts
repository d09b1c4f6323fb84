// Imprint, privacy and accessibility: templates that an operator completes. What is in square brackets is theirs.

import { paragraph, heading, notice } from "../dom/parts.ts";
import { h } from "../dom/element.ts";
import { t } from "../language.ts";
import type { View } from "../shell.ts";

function template(): HTMLElement {
  return notice("info", t("Vorlage: der Betreiber ergänzt, was in eckigen Klammern steht.", "Template: the operator completes what is in square brackets."));
}

export function imprintView(): View {
  return {
    title: t("Impressum", "Imprint"),
    content: [
      template(),
      paragraph(t("Betreiber: [Name, Rechtsform, Vertretung]", "Operator: [name, legal form, representative]")),
      paragraph(t("Anschrift: [Straße, Postleitzahl, Ort]", "Address: [street, postcode, city]")),
      paragraph(t("Kontakt: [Telefon, E-Mail]", "Contact: [telephone, e-mail]")),
      paragraph(t("Aufsicht: [Behörde]", "Supervisory authority: [authority]")),
    ],
  };
}

export function privacyView(): View {
  const points = [
    t("Der Betreiber kann Ihre Briefe nicht lesen: Inhalt, Betreff und Dateinamen sind verschlüsselt, die Schlüssel haben nur Sie.", "The operator cannot read your letters: content, subject and file names are encrypted, and only you have the keys."),
    t("Er sieht Adressen, Größen, Zeiten, Zustellarten und Unterschriften; und die E-Mail-Adresse, wenn Sie eine angeben.", "It sees addresses, sizes, times, kinds of delivery and signatures; and the e-mail address, if you give one."),
    t("Diese Seiten setzen keine Cookies und rufen nichts bei Dritten ab. Netzadressen werden nicht protokolliert.", "These pages set no cookies and fetch nothing from third parties. Network addresses are not logged."),
    t("In diesem Browser liegen Ihre verschlossenen Schlüssel und Quittungen, bis Sie sie entfernen.", "This browser holds your locked keys and receipts until you remove them."),
    t("Ein Browser kann nicht vor dem Server schützen, der ihm die Seite liefert. Wer das braucht, nimmt das Programm für die Befehlszeile.", "A browser cannot protect you from the server that serves its page. Whoever needs that uses the program for the command line."),
  ];
  return {
    title: t("Datenschutz", "Privacy"),
    content: [
      template(),
      paragraph(t("Verantwortlich: [Name, Anschrift]. Datenschutzbeauftragte: [Kontakt].", "Controller: [name, address]. Data protection officer: [contact].")),
      h("ul", { class: "kern-body" }, points.map((point) => h("li", null, point))),
    ],
  };
}

export function accessibilityView(): View {
  return {
    title: t("Erklärung zur Barrierefreiheit", "Accessibility statement"),
    content: [
      template(),
      paragraph(t("Diese Seiten sollen WCAG 2.2 Stufe AA und BITV 2.0 erfüllen.", "These pages are meant to conform to WCAG 2.2 level AA and BITV 2.0.")),
      paragraph(t("Geprüft wird jede Ansicht automatisch mit axe; eine Prüfung durch Menschen steht aus: [Stand].", "Every view is checked automatically with axe; an audit by people is outstanding: [state].")),
      heading(2, t("Bekannte Grenzen", "Known limits")),
      paragraph(t("PDF-Dateien sind so zugänglich, wie die Behörde sie gemacht hat.", "PDF files are as accessible as the authority made them.")),
      heading(2, t("Rückmeldung", "Feedback")),
      paragraph(t("Barriere gefunden? [Kontakt]. Durchsetzungsstelle: [Stelle].", "Found a barrier? [contact]. Enforcement body: [body].")),
    ],
  };
}
