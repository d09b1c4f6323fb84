// The recovery sheet as a PDF: one page of A4 that is read without colours, with the secret in groups for typing and as
// a QR code. Loaded when a person wants it.
//
// Invariant: what stands on it comes from here and nowhere else; it holds the secret, so it belongs on paper. Absent:
// tags for screen readers (the page itself shows the same), fonts of our own: every letter here is in WinAnsi.

import { PDFDocument, type PDFFont, type PDFPage, StandardFonts, rgb } from "@cantoo/pdf-lib";
import { encode } from "uqr";
import { date, language, t } from "../language.ts";
import type { SheetContent } from "./sheet.ts";

/** A4 and its margins, in points. */
const PAGE = { width: 595.28, height: 841.89, margin: 62 } as const;
const QR = 150;
const GROUPS_A_LINE = 5;

/** Writes from the top of the page down. */
class Writer {
  #y: number = PAGE.height - PAGE.margin;

  constructor(private readonly page: PDFPage) {}

  get y(): number {
    return this.#y;
  }

  space(points: number): void {
    this.#y -= points;
  }

  /** A paragraph in lines that fit; long words without a break are cut. */
  text(text: string, font: PDFFont, size: number, width = PAGE.width - 2 * PAGE.margin): void {
    for (const line of lines(text, font, size, width)) {
      this.#y -= size * 1.45;
      this.page.drawText(line, { x: PAGE.margin, y: this.#y, size, font });
    }
  }
}

function lines(text: string, font: PDFFont, size: number, width: number): string[] {
  const fits = (line: string): boolean => font.widthOfTextAtSize(line, size) <= width;
  const found: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== "") found.push(line);
    line = "";
    for (const letter of word) {
      if (!fits(line + letter)) {
        found.push(line);
        line = "";
      }
      line += letter;
    }
  }
  return [...found, line];
}

function drawQr(page: PDFPage, content: string, x: number, top: number): void {
  const { data, size } = encode(content, { ecc: "M", border: 4 });
  const side = QR / size;
  for (const [row, cells] of data.entries()) {
    for (const [column, dark] of cells.entries()) {
      // A little larger than their place, so that no printer leaves hair lines between them.
      if (dark) page.drawRectangle({ x: x + column * side, y: top - (row + 1) * side, width: side * 1.02, height: side * 1.02, color: rgb(0, 0, 0) });
    }
  }
}

/** The bytes of the sheet. */
export async function sheetPdf({ address, service, root, secret }: SheetContent, now = Date.now()): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const title = t("Wiederherstellungsblatt", "Recovery sheet");
  document.setTitle(`${title} – Mein Postfach`, { showInWindowTitleBar: true });
  document.setLanguage(language());
  const page = document.addPage([PAGE.width, PAGE.height]);
  const [plain, bold, mono] = [
    await document.embedFont(StandardFonts.Helvetica),
    await document.embedFont(StandardFonts.HelveticaBold),
    await document.embedFont(StandardFonts.CourierBold),
  ];
  const writer = new Writer(page);
  writer.text("Mein Postfach", plain, 11);
  writer.text(title, bold, 22);
  writer.space(6);
  writer.text(t(
    "Mit diesem Blatt bekommen Sie Ihr Postfach mit allen Briefen zurück, wenn Ihr Gerät verloren, kaputt oder gestohlen ist. Niemand sonst hat Ihre Schlüssel.",
    "With this sheet you get your mailbox with all letters back when your device is lost, broken or stolen. Nobody else has your keys.",
  ), plain, 11);
  writer.space(14);
  const groups = secret.toPaper().split("-");
  const top = writer.y;
  drawQr(page, secret.toPaper(), PAGE.width - PAGE.margin - QR, top);
  writer.space(20);
  writer.text(t("Ihr Geheimnis", "Your secret"), bold, 13, QR);
  writer.space(6);
  for (let at = 0; at < groups.length; at += GROUPS_A_LINE) writer.text(groups.slice(at, at + GROUPS_A_LINE).join(" "), mono, 16, PAGE.width - 2 * PAGE.margin - QR);
  writer.space(Math.max(0, writer.y - (top - QR)) + 12);
  const part = (heading: string, paragraphs: readonly string[]): void => {
    writer.space(12);
    writer.text(heading, bold, 13);
    for (const paragraph of paragraphs) writer.text(paragraph, plain, 11);
  };
  part(t("So heben Sie es auf", "How to keep it"), [
    t("• Drucken Sie dieses Blatt, und löschen Sie die Datei danach.", "• Print this sheet, and delete the file afterwards."),
    t("• Legen Sie es zu Ihren wichtigen Papieren. Machen Sie kein Foto davon.", "• Put it with your important papers. Do not take a photo of it."),
    t("• Wer dieses Blatt hat, kann Ihr Postfach öffnen. Geben Sie das Geheimnis niemandem, auch nicht am Telefon.", "• Whoever has this sheet can open your mailbox. Give the secret to nobody, not even on the telephone."),
  ]);
  part(t("So bekommen Sie Ihr Postfach zurück", "How to get your mailbox back"), [
    t(`1. Öffnen Sie auf dem neuen Gerät ${service}`, `1. On the new device, open ${service}`),
    t("2. Wählen Sie „Ich habe schon ein Postfach“.", "2. Choose “I already have a mailbox”."),
    t("3. Tippen Sie das Geheimnis ein, oder fotografieren Sie dort den QR-Code.", "3. Type the secret, or photograph the QR code there."),
    t("4. Drucken Sie das neue Blatt. Dieses gilt dann nicht mehr.", "4. Print the new sheet. This one then no longer counts."),
  ]);
  part(t("Ihr Postfach", "Your mailbox"), [
    t(`Adresse: ${address}`, `Address: ${address}`),
    t(`Schlüssel des Betreibers: ${root}`, `Operator's key: ${root}`),
    t(`Gedruckt am ${date(now)}`, `Printed on ${date(now)}`),
  ]);
  return document.save();
}
