// What a file does not show, even when every check passed.

import type { Delivery } from "./delivery.ts";
import type { Evidence } from "./file.ts";
import { NOT_SHOWN, type NotShown, type Report } from "./report.ts";

/** `pinned`: whether a time-stamping authority is. */
export function notShown(
  report: Report,
  header: NonNullable<Report["header"]>["payload"],
  delivery: Delivery,
  file: Evidence,
  pinned: boolean,
): readonly NotShown[] {
  const certified = report.certificate?.payload.subject;
  const notified =
    delivery.happened("ConsignmentNotification") && !delivery.happened("ConsignmentNotificationFailure");
  const applies: Record<NotShown, boolean> = {
    "independent-time": !report.passed("times-bounded"),
    "time-stamps": !pinned && (file.log?.timestamps?.length ?? 0) > 0,
    "log-inclusion": !report.passed("log-inclusion"),
    "later-events": true,
    "ability-to-decrypt": report.passed("submission") && !delivery.happened("ContentAccessTracking"),
    handover: !delivery.happened("ContentHandover"),
    "person-read": true,
    notification: !notified,
    "person-behind-binding": header.binding !== undefined,
    "recipient-identity": header.binding === undefined && certified !== header.recipient,
    "authority-identity": certified === undefined,
    consent: header.consent === undefined,
    content: report.manifest === undefined,
    attachments: header.parts.length > 1,
  };
  return NOT_SHOWN.filter((item) => applies[item]);
}
