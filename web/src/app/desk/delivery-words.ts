// How far a letter is, in the words of whoever sent it.

import type { Event } from "../../core/statement/receipt.ts";
import { t } from "../language.ts";
import type { LetterState } from "./mail.ts";

export function stateWords(state: LetterState): string {
  return {
    provided: t("bereitgestellt", "made available"),
    notified: t("bereitgestellt, Benachrichtigung versandt", "made available, notification sent"),
    "not-notified": t("bereitgestellt, Benachrichtigung gescheitert", "made available, notification failed"),
    retrieved: t("abgerufen", "retrieved"),
    opened: t("abgerufen und geöffnet", "retrieved and opened"),
    failed: t("nicht lesbar: bitte noch einmal senden", "not readable: please send again"),
    accepted: t("Empfang bestätigt", "receipt acknowledged"),
    refused: t("Annahme verweigert", "refused"),
    withdrawn: t("zurückgezogen", "withdrawn"),
  }[state];
}

export function eventWords(event: Event): string | undefined {
  const words: Partial<Record<Event, string>> = {
    SubmissionAcceptance: t("Vom Server angenommen", "Accepted by the server"),
    SubmissionRejection: t("Vom Server abgelehnt", "Refused by the server"),
    NotificationForAcceptance: t("Empfangsbekenntnis erbeten", "Acknowledgement asked for"),
    ConsignmentAcceptance: t("Empfang bestätigt", "Receipt acknowledged"),
    ConsignmentRejection: t("Annahme verweigert", "Refused"),
    AcceptanceRejectionExpiry: t("Frist für das Empfangsbekenntnis abgelaufen", "Time for the acknowledgement ended"),
    ContentConsignment: t("Im Postfach bereitgestellt", "Made available in the mailbox"),
    ContentConsignmentFailure: t("Konnte nicht bereitgestellt werden", "Could not be made available"),
    ConsignmentNotification: t("Benachrichtigung versandt", "Notification sent"),
    ConsignmentNotificationFailure: t("Benachrichtigung gescheitert", "Notification failed"),
    NotificationDelivered: t("Benachrichtigung angekommen", "Notification arrived"),
    ContentAccessTracking: t("Geöffnet", "Opened"),
    ContentHandover: t("Übergeben (Abruf)", "Handed over (retrieval)"),
    ContentHandoverFailure: t("Konnte nicht geöffnet werden", "Could not be opened"),
    EnvelopeWithdrawal: t("Zurückgezogen", "Withdrawn"),
    EnvelopeDeletion: t("Vom Empfänger gelöscht", "Deleted by the recipient"),
  };
  return words[event];
}
