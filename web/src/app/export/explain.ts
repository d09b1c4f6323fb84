// What stands in an archive to explain it: a page with the list of letters, a text file, and each letter as text.
//
// Invariant: every text of others is escaped, the page has no script, and links lead only into the archive.

import type { Manifest } from "../../core/envelope/manifest.ts";
import type { Profile } from "../../client/session.ts";
import { dateTime, language, t } from "../language.ts";
import { plain } from "../plain-text.ts";

/** What was written of a letter. */
export interface Exported {
  /** Absent where nothing could be written. */
  readonly folder: string | undefined;
  readonly who: string;
  readonly subject: string;
  readonly time: number | undefined;
  /** What is to be known of it, or nothing. */
  readonly note: string;
  readonly files: readonly string[];
}

export function letterText(who: string, time: number, { subject, text, act }: Manifest): string {
  const lines = [`${t("Von", "From")}: ${who}`, `${t("Gesendet", "Sent")}: ${dateTime(time)}`, `${t("Betreff", "Subject")}: ${subject}`];
  if (act !== undefined) lines.push(`${t("Aktenzeichen", "File number")}: ${act.fileNumber}`);
  if (act?.remedy !== undefined) lines.push(`${t("Rechtsbehelf", "Remedy")}: ${act.remedy.kind}, ${act.remedy.body}, ${act.remedy.period}, ${act.remedy.rule}`);
  return `${lines.join("\n")}\n\n${text}\n`;
}

/** How to read the archive, and how to verify what is in it without anybody's help. */
export function readme(address: string, { service, origin, root }: Profile): string {
  return t(
    `Ihr Postfach\n\nHier liegt alles, was in Ihrem Postfach war. Öffnen Sie index.html: dort ist die Liste.\nDateien aus Briefen öffnen Sie nur, wenn Sie dem Absender trauen.\n\nbrief.txt       der Text eines Briefs\nanlagen/        seine Dateien\nnachweis.pfe    beweist ohne Netz, was mit dem Brief geschah\nerklaerungen/   alle Unterschriften und Quittungen, wie sie unterschrieben wurden (COSE)\n\nEinen Nachweis prüfen: auf der Seite ${service}/verify oder mit\n`,
    `Your mailbox\n\nThis is everything that was in your mailbox. Open index.html: the list is there.\nOpen files from letters only if you trust the sender.\n\nletter.txt      the text of a letter\nattachments/    its files\nnachweis.pfe    proves offline what happened to the letter\nstatements/     all signatures and receipts, as they were signed (COSE)\n\nVerify evidence: on the page ${service}/verify or with\n`,
  ) + `  postfach verify --root ${root} --origin ${origin} nachweis.pfe\n\n${t("Adresse", "Address")}: ${address}\n${t("Schlüssel des Betreibers", "The operator's key")}: ${root}\n${t("Protokoll", "Log")}: ${origin}\n`;
}

export function indexPage(list: readonly Exported[], address: string): string {
  const title = t("Ihr Postfach", "Your mailbox");
  const rows = list.map(({ folder, who, subject, time, note, files }) => {
    const links = files.map((file) => `<li><a href="${escaped([...(folder ?? "").split("/"), ...file.split("/")].map(encodeURIComponent).join("/"))}">${escaped(file)}</a></li>`);
    return `<section><h2>${escaped(plain(subject, 200))}</h2><p>${escaped(plain(who))}${time === undefined ? "" : `, ${escaped(dateTime(time))}`}</p>${note === "" ? "" : `<p><strong>${escaped(note)}</strong></p>`}<ul>${links.join("")}</ul></section>`;
  });
  return `<!doctype html>
<html lang="${language()}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title><style>body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:auto;padding:1rem;overflow-wrap:anywhere}</style></head>
<body><main><h1>${escaped(title)}</h1><p>${escaped(address)}</p><p>${escaped(t("Wie Sie einen Nachweis prüfen, steht in LIESMICH-README.txt.", "How to verify evidence is in LIESMICH-README.txt."))}</p>
${rows.join("\n")}</main></body></html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
}
