// Imprint (§ 5 DDG), privacy (Art. 13 GDPR) and accessibility statement (§ 7 BITV 2.0, in the form of the Commission's
// decision (EU) 2018/1523): the texts that are true wherever these pages run, with gaps for the operator's facts.
//
// Invariant: pure; the same documents stand in the page and, for browsers that cannot run it, in `legal/index.html`.
// What is said of these pages must stay true of them: whoever changes what is stored, sent or tested changes it here.

import { FACTS, type FactName, type OperatorFacts } from "./operator-facts.ts";

/** A gap shows what belongs into it. */
export type Part = string | { readonly gap: string };
export type Block =
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "paragraph"; readonly parts: readonly Part[] }
  | { readonly kind: "list"; readonly items: readonly string[] };

export interface LegalDocument {
  readonly id: "imprint" | "privacy" | "accessibility";
  readonly title: string;
  readonly blocks: readonly Block[];
}

type Language = "de" | "en";
/** One language's voice: what it says, and how it fills gaps. */
interface Voice {
  t(german: string, english: string): string;
  fact(name: FactName): Part;
  /** A line for a fact, or none where it does not apply. */
  line(label: string, name: FactName): readonly Block[];
}

function voice(language: Language, facts: OperatorFacts): Voice {
  const t = (german: string, english: string): string => (language === "de" ? german : english);
  const fact = (name: FactName): Part => {
    const value = facts[name];
    const text = typeof value === "string" ? value : value[language];
    const [german, english] = FACTS[name];
    return text === "" ? { gap: t(german, english) } : text;
  };
  return { t, fact, line: (label, name) => (facts[name] === "-" ? [] : [paragraph(`${label}: `, fact(name))]) };
}

const heading = (text: string): Block => ({ kind: "heading", text });
const paragraph = (...parts: readonly Part[]): Block => ({ kind: "paragraph", parts });
const list = (...items: readonly string[]): Block => ({ kind: "list", items });

/** All three, in one language. */
export function legalDocuments(language: Language, facts: OperatorFacts): readonly LegalDocument[] {
  const spoken = voice(language, facts);
  return [imprint(spoken), privacy(spoken), accessibility(spoken)];
}

/** Whether the operator still owes something. */
export function hasGaps({ blocks }: LegalDocument): boolean {
  return blocks.some((block) => block.kind === "paragraph" && block.parts.some((part) => typeof part !== "string"));
}

function imprint({ t, fact, line }: Voice): LegalDocument {
  return {
    id: "imprint",
    title: t("Impressum", "Imprint"),
    blocks: [
      paragraph(t("Angaben nach § 5 des Digitale-Dienste-Gesetzes.", "Particulars under section 5 of the German Digital Services Act (DDG).")),
      paragraph(t("Betreiber: ", "Operator: "), fact("name")),
      ...line(t("Vertreten durch", "Represented by"), "represented_by"),
      paragraph(t("Anschrift: ", "Address: "), fact("address")),
      paragraph(t("Telefon: ", "Telephone: "), fact("telephone")),
      paragraph(t("E-Mail: ", "E-mail: "), fact("email")),
      ...line(t("Aufsicht", "Supervised by"), "supervision"),
      ...line(t("Register", "Register"), "register"),
      ...line(t("Identifikationsnummer", "Identification number"), "tax_number"),
      paragraph(t(
        "Für den Inhalt eines Briefs ist die Behörde verantwortlich, die ihn geschrieben hat. Der Betreiber kann ihn nicht lesen.",
        "The authority that wrote a letter answers for its content. The operator cannot read it.",
      )),
    ],
  };
}

function privacy({ t, fact, line }: Voice): LegalDocument {
  return {
    id: "privacy",
    title: t("Datenschutz", "Privacy"),
    blocks: [
      heading(t("Wer ist verantwortlich?", "Who is responsible?")),
      paragraph(fact("name"), ", ", fact("address"), ", ", fact("email")),
      ...line(t("Datenschutzbeauftragte", "Data protection officer"), "data_protection_officer"),
      heading(t("Was sieht der Betreiber nicht?", "What does the operator not see?")),
      paragraph(t(
        "Text, Betreff, Dateien und Dateinamen Ihrer Briefe. Sie sind verschlüsselt. Die Schlüssel haben nur Sie und, wer Ihnen schreibt.",
        "Text, subject, files and file names of your letters. They are encrypted. Only you and whoever writes to you have the keys.",
      )),
      heading(t("Was sieht der Betreiber?", "What does the operator see?")),
      list(
        t("Ihre Adresse im Postfach: eine zufällige Zeichenfolge ohne Ihren Namen.", "Your address in the mailbox: random characters without your name."),
        t("Welche Behörde Ihnen wann schreibt, wie groß ein Brief ist und wie er zugestellt wird.", "Which authority writes to you when, how large a letter is and how it is delivered."),
        t("Ihre Unterschriften: zum Beispiel Einverständnis, Quittung und Widerruf, mit der Zeit.", "Your signatures: consent, receipt and revocation, for example, with their time."),
        t("Ihre E-Mail-Adresse, wenn Sie eine angeben. Sie können sie jederzeit löschen.", "Your e-mail address, if you give one. You can delete it at any time."),
      ),
      heading(t("Wofür und nach welchem Gesetz?", "What for, and under which law?")),
      paragraph(t(
        "Um Briefe zuzustellen, Ihnen Bescheid zu geben und Zustellungen zu beweisen. Rechtsgrundlage: ",
        "To deliver letters, to tell you of them, and to prove deliveries. Legal basis: ",
      ), fact("legal_basis")),
      paragraph(t(
        "Sie müssen kein Postfach haben. Ohne Postfach bekommen Sie Ihre Briefe auf Papier.",
        "You do not have to have a mailbox. Without one you get your letters on paper.",
      )),
      heading(t("Wer bekommt Daten?", "Who receives data?")),
      ...line(t("Im Auftrag des Betreibers", "On the operator's behalf"), "processors"),
      paragraph(t(
        "Behörden sehen, was Sie ihnen schicken, und Ihre Quittungen für ihre Briefe. Andere sehen nichts davon. Im öffentlichen Protokoll stehen Prüfsummen, keine Namen.",
        "Authorities see what you send them and your receipts for their letters. Others see none of it. The public log holds checksums, no names.",
      )),
      paragraph(t(
        "Niemand entscheidet hier automatisch über Sie. Ihre Daten werden nicht verkauft und nicht für Werbung genutzt.",
        "Nothing here decides about you automatically. Your data is neither sold nor used for advertising.",
      )),
      heading(t("Wie lange?", "How long?")),
      paragraph(fact("retention")),
      heading(t("Was liegt in Ihrem Browser?", "What lies in your browser?")),
      paragraph(t(
        "Die Seite selbst, Ihre verschlossenen Schlüssel, Ihre Quittungen und verschlüsselte Teile von Briefen, bis Sie sie entfernen (§ 25 Absatz 2 Nummer 2 TDDDG: ohne sie geht das Postfach nicht). Keine Cookies. Nichts wird bei Dritten abgerufen. Der Server schreibt keine Netzadressen auf.",
        "The page itself, your locked keys, your receipts and encrypted parts of letters, until you remove them (section 25(2) no. 2 TDDDG: the mailbox does not work without them). No cookies. Nothing is fetched from third parties. The server writes down no network addresses.",
      )),
      paragraph(t(
        "Ein Browser kann Sie nicht vor dem Server schützen, der ihm die Seite liefert. Wer das braucht, nimmt das Programm für die Befehlszeile.",
        "A browser cannot protect you from the server that serves its page. Whoever needs that uses the program for the command line.",
      )),
      heading(t("Ihre Rechte", "Your rights")),
      list(
        t("Auskunft, Berichtigung, Löschung und Einschränkung (Art. 15 bis 18 DSGVO)", "Access, rectification, erasure and restriction (Art. 15 to 18 GDPR)"),
        t("Alles mitnehmen (Art. 20 DSGVO): im Postfach unter Einstellungen", "Taking everything along (Art. 20 GDPR): in the mailbox under Settings"),
        t("Briefe löschen und das Postfach schließen (Art. 30 BayDiG): im Postfach. Der Server gibt den Inhalt dann nicht mehr aus. Wann er von der Festplatte verschwindet, steht oben unter „Wie lange?“.", "Deleting letters and closing the mailbox (Art. 30 BayDiG): in the mailbox. The server then hands out the content no more. When it leaves the disk, stands above under “How long?”."),
        t("Widerspruch (Art. 21 DSGVO)", "Objection (Art. 21 GDPR)"),
        t("Ein Einverständnis widerrufen: im Postfach unter Einstellungen. Was bis dahin geschah, bleibt gültig.", "Revoking consent: in the mailbox under Settings. What happened until then stays valid."),
        t("Beschwerde bei der Aufsichtsbehörde für den Datenschutz (Art. 77 DSGVO)", "A complaint to the data protection authority (Art. 77 GDPR)"),
      ),
      ...line(t("Aufsichtsbehörde für den Datenschutz", "Data protection authority"), "data_protection_authority"),
    ],
  };
}

function accessibility({ t, fact, line }: Voice): LegalDocument {
  return {
    id: "accessibility",
    title: t("Erklärung zur Barrierefreiheit", "Accessibility statement"),
    blocks: [
      paragraph(t(
        "Diese Erklärung gilt für alle Seiten von Mein Postfach. Grundlage: WCAG 2.2 Stufe AA, EN 301 549, BITV 2.0 und ",
        "This statement covers all pages of Mein Postfach. Basis: WCAG 2.2 level AA, EN 301 549, BITV 2.0 and ",
      ), fact("accessibility_law")),
      ...line(t("Auch erklärt in", "Also explained in"), "easy_language"),
      heading(t("Wie barrierefrei sind die Seiten?", "How accessible are the pages?")),
      paragraph(t("Stand: ", "State: "), fact("accessibility_state")),
      list(
        t("Jede Ansicht wird bei jeder Änderung automatisch mit axe geprüft, hell und dunkel, auch 320 Pixel schmal.", "Every view is checked with axe at every change, light and dark, 320 pixels narrow as well."),
        t("Alles geht mit der Tastatur. Wer am System wenig Bewegung einstellt, sieht wenig.", "Everything works by keyboard. Whoever asks the system for less motion sees less."),
        t("Alle Texte gibt es auf Deutsch und Englisch, in einfacher Sprache.", "All texts are there in German and English, in plain language."),
      ),
      heading(t("Was ist nicht barrierefrei?", "What is not accessible?")),
      list(
        t(
          "PDF-Dateien sind so barrierefrei, wie die Behörde sie gemacht hat. Hat eine PDF keinen Text, bitten Sie die Behörde um eine andere Fassung.",
          "PDF files are as accessible as the authority made them. Where a PDF has no text, ask the authority for another version.",
        ),
        t(
          "Eine automatische Prüfung findet nicht alles. Was die Prüfung durch Menschen fand, steht unter „Wie wurde geprüft?“.",
          "An automatic check does not find everything. What people found is under “How was it examined?”.",
        ),
      ),
      heading(t("Wie wurde geprüft?", "How was it examined?")),
      paragraph(fact("accessibility_method")),
      paragraph(t("Erklärung erstellt oder zuletzt überprüft am: ", "Statement made or last reviewed on: "), fact("accessibility_date")),
      heading(t("Haben Sie eine Barriere gefunden?", "Did you find a barrier?")),
      paragraph(t("Schreiben Sie uns oder rufen Sie an: ", "Write to us or call: "), fact("accessibility_contact")),
      heading(t("Wenn unsere Antwort nicht hilft", "If our answer does not help")),
      paragraph(t(
        "Dann können Sie sich an die Durchsetzungsstelle wenden. Das kostet nichts, und Sie brauchen keinen Rechtsbeistand. ",
        "Then you can turn to the enforcement body. It costs nothing, and you need no lawyer. ",
      ), fact("accessibility_enforcement")),
    ],
  };
}
