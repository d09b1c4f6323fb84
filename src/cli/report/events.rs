//! The words for events, what they answer, and reasons; German first, English second.

use postfach_crypto::statement::{Event, Kind, Reason};

use super::words::Both;
use crate::cli::lang::Language;

/// The clause of ETSI EN 319 522-1 §6; none for extensions of ours, and where our source gives none.
pub(super) fn clause(event: Event) -> Option<&'static str> {
    match event {
        Event::SubmissionAcceptance => Some("A.1"),
        Event::SubmissionRejection => Some("A.2"),
        Event::NotificationForAcceptance => Some("C.1"),
        Event::ConsignmentAcceptance => Some("C.3"),
        Event::ConsignmentRejection => Some("C.4"),
        Event::AcceptanceRejectionExpiry => Some("C.5"),
        Event::ContentConsignment => Some("D.1"),
        Event::ContentConsignmentFailure => Some("D.2"),
        Event::ConsignmentNotification => Some("D.3"),
        Event::ConsignmentNotificationFailure => Some("D.4"),
        Event::ContentAccessTracking => Some("D.6"),
        Event::ContentHandover => Some("E.1"),
        Event::ContentHandoverFailure => Some("E.2"),
        Event::NotificationDelivered
        | Event::StatementAcceptance
        | Event::EnvelopeWithdrawal
        | Event::EnvelopeDeletion => None,
    }
}

/// What an event is called, in a few words.
pub(super) fn label(event: Event) -> Both {
    match event {
        Event::SubmissionAcceptance => Both("Einlieferung", "Submission"),
        Event::SubmissionRejection => Both("Einlieferung abgelehnt", "Submission refused"),
        Event::NotificationForAcceptance => Both("Annahme erbeten", "Acceptance asked"),
        Event::ConsignmentAcceptance => Both("Annahme erklärt", "Accepted"),
        Event::ConsignmentRejection => Both("Annahme verweigert", "Refused"),
        Event::AcceptanceRejectionExpiry => {
            Both("Frist zur Annahme abgelaufen", "Period for accepting over")
        }
        Event::ContentConsignment => Both("Bereitstellung", "Made available"),
        Event::ContentConsignmentFailure => {
            Both("Bereitstellung gescheitert", "Not made available")
        }
        Event::ConsignmentNotification => Both("Benachrichtigung abgesandt", "Notification sent"),
        Event::ConsignmentNotificationFailure => {
            Both("Benachrichtigung fehlgeschlagen", "Notification failed")
        }
        Event::NotificationDelivered => {
            Both("Benachrichtigung eingegangen", "Notification arrived")
        }
        Event::ContentAccessTracking => Both("Inhalt geöffnet", "Content opened"),
        Event::ContentHandover => Both("Aushändigung (Abruf)", "Handed over (retrieved)"),
        Event::ContentHandoverFailure => Both("Aushändigung gescheitert", "Handover failed"),
        Event::StatementAcceptance => Both("Erklärung angenommen", "Statement accepted"),
        Event::EnvelopeWithdrawal => {
            Both("Rücknahme durch den Absender", "Withdrawn by the sender")
        }
        Event::EnvelopeDeletion => Both("Löschung durch den Empfänger", "Deleted by the recipient"),
    }
}

/// What happened, in a plain sentence.
#[must_use]
pub fn event(lang: Language, event: Event) -> &'static str {
    match event {
        Event::SubmissionAcceptance => Both(
            "Der Server hat den Umschlag angenommen.",
            "The server accepted the envelope.",
        ),
        Event::SubmissionRejection => Both(
            "Der Server hat den Umschlag abgelehnt.",
            "The server refused the envelope.",
        ),
        Event::NotificationForAcceptance => Both(
            "Der Empfänger wurde gebeten, die Annahme zu erklären.",
            "The recipient was asked to accept.",
        ),
        Event::ConsignmentAcceptance => Both(
            "Der Empfänger hat die Annahme erklärt.",
            "The recipient accepted.",
        ),
        Event::ConsignmentRejection => Both(
            "Der Empfänger hat die Annahme verweigert.",
            "The recipient refused.",
        ),
        Event::AcceptanceRejectionExpiry => Both(
            "Die Frist zur Annahme lief ab, ohne dass der Empfänger sich erklärt hat.",
            "The period for accepting ended without an answer of the recipient.",
        ),
        Event::ContentConsignment => Both(
            "Der Umschlag liegt im Postfach zum Abruf bereit (Bereitstellung).",
            "The envelope is available in the mailbox.",
        ),
        Event::ContentConsignmentFailure => Both(
            "Der Umschlag konnte nicht bereitgestellt werden.",
            "The envelope could not be made available.",
        ),
        Event::ConsignmentNotification => Both(
            "Die Benachrichtigung an den Empfänger wurde abgesandt.",
            "The notification to the recipient was sent.",
        ),
        Event::ConsignmentNotificationFailure => Both(
            "Die Benachrichtigung hat den Empfänger nicht erreicht: Sie konnte nicht abgesandt werden oder kam zurück.",
            "The notification did not reach the recipient: it could not be sent, or came back.",
        ),
        Event::NotificationDelivered => Both(
            "Das Mailsystem des Empfängers hat den Eingang der Benachrichtigung bestätigt.",
            "The recipient's mail system confirmed that the notification arrived.",
        ),
        Event::ContentAccessTracking => Both(
            "Das Programm des Empfängers hat den Inhalt geöffnet und das mit Unterschrift erklärt.",
            "The recipient's client opened the content and said so with a signature.",
        ),
        Event::ContentHandover => Both(
            "Der Inhalt wurde dem Gerät des Empfängers lesbar ausgehändigt (Abruf).",
            "The content was handed over, readable, to the recipient's client.",
        ),
        Event::ContentHandoverFailure => Both(
            "Der Inhalt hat das Gerät des Empfängers nicht erreicht oder ließ sich dort nicht öffnen.",
            "The content did not reach the recipient's client or could not be opened there.",
        ),
        Event::StatementAcceptance => Both(
            "Der Server hat eine Erklärung angenommen.",
            "The server accepted a statement.",
        ),
        Event::EnvelopeWithdrawal => Both(
            "Der Absender hat den Umschlag vor der Aushändigung zurückgezogen.",
            "The sender withdrew the envelope before handover.",
        ),
        Event::EnvelopeDeletion => Both(
            "Der Empfänger hat den Umschlag gelöscht. Der Server gibt ihm den Inhalt nicht mehr aus; Fristen berührt das nicht.",
            "The recipient deleted the envelope. The server does not serve the content there any more; periods are not touched.",
        ),
    }
    .pick(lang)
}

/// On whose signed word the receipt was given.
pub(super) fn answered(kind: Kind) -> Option<Both> {
    match kind {
        Kind::EnvelopeHeader => Some(Both(
            "auf den unterschriebenen Umschlag des Absenders",
            "on the sender's signed envelope",
        )),
        Kind::HandoverRequest => Some(Both(
            "auf die unterschriebene Anforderung des Empfängers",
            "on the recipient's signed request",
        )),
        Kind::Access => Some(Both(
            "auf die unterschriebene Öffnungserklärung des Empfängers",
            "on the recipient's signed word that it was opened",
        )),
        Kind::Failure => Some(Both(
            "auf die unterschriebene Fehlermeldung des Empfängers",
            "on the recipient's signed report of failure",
        )),
        Kind::Acceptance => Some(Both(
            "auf die unterschriebene Annahme des Empfängers",
            "on the recipient's signed acceptance",
        )),
        Kind::Rejection => Some(Both(
            "auf die unterschriebene Weigerung des Empfängers",
            "on the recipient's signed refusal",
        )),
        Kind::Withdrawal => Some(Both(
            "auf die unterschriebene Rücknahme des Absenders",
            "on the sender's signed withdrawal",
        )),
        Kind::Deletion => Some(Both(
            "auf die unterschriebene Löschung des Empfängers",
            "on the recipient's signed deletion",
        )),
        // Never answered in an envelope's list; the answered-statements check refuses them.
        Kind::Key
        | Kind::EnrolmentClaim
        | Kind::EnrolmentRefusal
        | Kind::Binding
        | Kind::BindingWithdrawal
        | Kind::Succession
        | Kind::Objection
        | Kind::Consent
        | Kind::ConsentRevocation
        | Kind::Contact
        | Kind::Closure
        | Kind::Certificate
        | Kind::CertificateRevocation
        | Kind::Genesis
        | Kind::Delegation
        | Kind::Bundle
        | Kind::Mandate
        | Kind::Receipt
        | Kind::Head => None,
    }
}

/// Why a negative event happened, after "Grund:".
#[must_use]
pub fn reason(lang: Language, reason: Reason) -> &'static str {
    match reason {
        Reason::NotDecryptable => Both(
            "mit den Schlüsseln des Empfängers nicht zu entschlüsseln",
            "could not be decrypted with the recipient's keys",
        ),
        Reason::ContentMismatch => Both(
            "der Inhalt ist nicht der, den der Umschlag nennt",
            "the content is not what the envelope names",
        ),
        Reason::Incomplete => Both(
            "ein Teil des Umschlags ist nicht angekommen",
            "part of the envelope never arrived",
        ),
        Reason::Refused => Both("der Empfänger lehnt ab", "the recipient refused"),
        Reason::WithdrawnBySender => {
            Both("der Absender hat zurückgezogen", "the sender took it back")
        }
        Reason::AddressEnded => Both(
            "die Adresse gehört nicht mehr zu der Person",
            "the address no longer belongs to the person",
        ),
        Reason::SentInError => Both("irrtümlich versandt", "sent in error"),
        Reason::KeyLost => Both(
            "ein Schlüssel ging verloren oder wurde gestohlen",
            "a key was lost or stolen",
        ),
        Reason::Superseded => Both(
            "durch eine spätere Erklärung überholt",
            "superseded by a later statement",
        ),
        Reason::NotificationRefused => Both(
            "das Mailsystem des Empfängers hat die Benachrichtigung abgelehnt",
            "the recipient's mail system refused the notification",
        ),
        Reason::NotificationReturned => Both(
            "die Benachrichtigung kam als unzustellbar zurück",
            "the notification came back undeliverable",
        ),
        Reason::NotificationExpired => Both(
            "kein Mailsystem hat die Benachrichtigung rechtzeitig angenommen",
            "no mail system took the notification in time",
        ),
    }
    .pick(lang)
}
