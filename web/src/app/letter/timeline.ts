// What happened to a letter and when, from its receipts, and until when the person may object: in words, as a line,
// and for the calendar.
//
// Invariant: each point is a receipt that was verified; what the authority states is named as such.

import type { Envelope } from "../../client/mailbox.ts";
import type { Manifest } from "../../core/envelope/manifest.ts";
import type { Event } from "../../core/statement/receipt.ts";
import { h } from "../dom/element.ts";
import { button, heading } from "../dom/parts.ts";
import { dateTime, day, t } from "../language.ts";
import { plain } from "../plain-text.ts";
import { saveAs } from "./save.ts";

function eventWords(event: Event): string | undefined {
  const words: Partial<Record<Event, string>> = {
    SubmissionAcceptance: t("Vom Absender eingeliefert", "Submitted by the sender"),
    SubmissionRejection: t("Einlieferung abgelehnt", "Submission refused"),
    NotificationForAcceptance: t("Bestätigung erbeten", "Acknowledgement asked for"),
    ConsignmentAcceptance: t("Sie haben den Empfang bestätigt", "You acknowledged receipt"),
    ConsignmentRejection: t("Sie haben die Annahme abgelehnt", "You refused it"),
    AcceptanceRejectionExpiry: t("Frist für die Bestätigung abgelaufen", "Time for acknowledgement ended"),
    ContentConsignment: t("In Ihrem Postfach bereitgestellt", "Made available in your mailbox"),
    ContentConsignmentFailure: t("Konnte nicht bereitgestellt werden", "Could not be made available"),
    ConsignmentNotification: t("Benachrichtigung an Sie versandt", "Notification sent to you"),
    ConsignmentNotificationFailure: t("Benachrichtigung ist gescheitert", "Notification failed"),
    NotificationDelivered: t("Benachrichtigung angekommen", "Notification arrived"),
    ContentAccessTracking: t("Von Ihnen geöffnet", "Opened by you"),
    ContentHandover: t("An Sie übergeben (Abruf)", "Handed over to you (retrieval)"),
    ContentHandoverFailure: t("Konnte nicht geöffnet werden", "Could not be opened"),
    EnvelopeWithdrawal: t("Vom Absender zurückgezogen", "Withdrawn by the sender"),
    EnvelopeDeletion: t("Vom Empfänger gelöscht", "Deleted by the recipient"),
  };
  return words[event];
}

export function timeline({ delivery, header }: Envelope, manifest: Manifest | undefined): HTMLElement {
  const points = delivery.receipts.flatMap(({ payload }) =>
    payload.events.flatMap((event) => {
      const words = eventWords(event);
      return words === undefined ? [] : [{ time: payload.context.time, words }];
    }),
  );
  const remedy = manifest?.act?.remedy;
  const end = remedy?.until === undefined ? null : h("li", { class: "future" },
    h("strong", null, t(`${plain(remedy.kind)} möglich bis ${day(remedy.until)}`, `${plain(remedy.kind)} (appeal) possible until ${day(remedy.until)}`)),
    h("span", null, t(" – so gibt es die Behörde an.", " – as the authority states it.")));
  const rule = header.payload.legalRule;
  return h(
    "section",
    { "aria-labelledby": "timeline-title" },
    h("div", { id: "timeline-title" }, heading(2, t("Was wann geschah", "What happened when"))),
    h("ol", { class: "timeline" },
      points.map(({ time, words }) => h("li", null, h("time", { datetime: new Date(time).toISOString() }, dateTime(time)), h("span", null, words))),
      end),
    rule === undefined ? null : h("p", { class: "kern-body" }, t("Regel für die Bekanntgabe, vom Absender genannt: ", "Rule for notification, named by the sender: "), plain(rule)),
    remedy?.until === undefined ? null : button(t("Frist in den Kalender (ICS)", "Add the period to the calendar (ICS)"), () => saveAs(calendar(remedy.until ?? "", manifest?.subject ?? "", header.hash), "frist.ics", "text/calendar")),
  );
}

/** An all-day event with reminders (RFC 5545). */
export function calendar(until: string, subject: string, uid: string): Uint8Array {
  const basic = until.replaceAll("-", "");
  const text = plain(subject).replace(/[\\;,]/g, "\\$&");
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const lines = [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Mein Postfach//DE", "BEGIN:VEVENT", `UID:${uid.slice(0, 40)}@mein-postfach`,
    `DTSTAMP:${stamp}`, `DTSTART;VALUE=DATE:${basic}`, `SUMMARY:${t("Frist endet", "Period ends")}: ${text}`,
    "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Mein Postfach", "TRIGGER:-P7D", "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
  ];
  return new TextEncoder().encode(lines.map(fold).join("\r\n"));
}

/** Lines of at most 75 octets (RFC 5545 §3.1). */
function fold(line: string): string {
  let [folded, octets] = ["", 0];
  for (const letter of line) {
    const width = new TextEncoder().encode(letter).length;
    if (octets + width > 74) [folded, octets] = [`${folded}\r\n `, 1];
    folded += letter;
    octets += width;
  }
  return folded;
}
