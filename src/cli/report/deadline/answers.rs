//! The words for reasons, dependencies, events and holidays of a legal date.

use postfach_crypto::deadline::appeal::NotComputed;
use postfach_crypto::deadline::events::Occurrence;
use postfach_crypto::deadline::finding::{Dependency, NotServed};
use postfach_crypto::deadline::holidays::Holiday;

use super::super::words::Both;
use crate::cli::lang::{Language, text};

/// Why it is not served, after a colon.
pub(super) fn not_served(reason: NotServed) -> Both {
    match reason {
        NotServed::SubmissionRejected => Both(
            "der Server hat den Umschlag abgelehnt",
            "the server refused the envelope",
        ),
        NotServed::ConsignmentFailed => Both(
            "der Umschlag konnte nicht bereitgestellt werden",
            "the envelope could not be made available",
        ),
        NotServed::Withdrawn => Both(
            "der Absender hat vorher zurückgezogen",
            "the sender took it back before",
        ),
        NotServed::BindingWithdrawn => Both(
            "die Zuordnung der Adresse zur Person war aufgehoben",
            "the binding of the address to the person had been withdrawn",
        ),
        NotServed::NoConsent => Both(
            "es galt keine Einwilligung, und es wurde nicht abgerufen",
            "no consent was in force, and it was not retrieved",
        ),
        NotServed::NotificationFailed => Both(
            "keine Benachrichtigung ist wirksam geworden, und es wurde nicht abgerufen",
            "no notification took effect, and it was not retrieved",
        ),
        NotServed::ProvisionEnded => Both(
            "es wurde nicht rechtzeitig abgerufen, die Bereitstellung endete ohne Wirkung",
            "it was not retrieved in time, and its provision ended without effect",
        ),
    }
}

/// On what it depends, as one of a list.
pub(super) fn dependency(lang: Language, dependency: Dependency) -> String {
    let fixed = match dependency {
        Dependency::Evidence => Both(
            "dass bewiesen wird, was bei den Prüfungen offen geblieben ist",
            "proof of what the checks leave unproven",
        ),
        Dependency::RuleNotNamed => Both(
            "welche Regel gilt (der Absender nennt keine)",
            "which rule applies (the sender names none)",
        ),
        Dependency::RuleUnknown => Both(
            "was die genannte Regel besagt (hier nicht bekannt)",
            "what the named rule says (not known here)",
        ),
        Dependency::NoText => Both(
            "was an diesem Tag galt (hier nicht bekannt)",
            "what applied on that day (not known here)",
        ),
        Dependency::RuleText => Both(
            "welcher Wortlaut gilt; bitte den Gesetzestext prüfen",
            "which text is in force; check the text of the act",
        ),
        Dependency::Consent => Both("was ohne Einwilligung gilt", "what applies without consent"),
        Dependency::ConsentRevoked => Both(
            "wie der Widerruf der Einwilligung vor dem Fiktionstag wirkt",
            "the effect of revoking the consent before the day of the fiction",
        ),
        Dependency::BindingWithdrawn => Both(
            "wie die Aufhebung der Zuordnung wirkt",
            "the effect of withdrawing the binding",
        ),
        Dependency::WithdrawnAfterwards => Both(
            "wie die spätere Rücknahme durch den Absender wirkt",
            "the effect of the sender's later withdrawal",
        ),
        Dependency::Consignment => Both("die Bereitstellung", "that it is made available"),
        Dependency::Notification => Both(
            "eine Benachrichtigung des Empfängers",
            "a notification to the recipient",
        ),
        Dependency::NotificationArrival => Both(
            "wie die fehlgeschlagene Benachrichtigung wirkt",
            "the effect of the failed notification",
        ),
        Dependency::ArrivalTime => Both(
            "ob die Benachrichtigung bis zum Fiktionstag zugegangen ist",
            "whether the notification arrived by the day of the fiction",
        ),
        Dependency::NotificationTooLate => Both(
            "wie die Benachrichtigung nach dem Tag der Bereitstellung wirkt",
            "the effect of a notification after the day of provision",
        ),
        Dependency::Retrieval => Both("der Abruf", "that it is retrieved"),
        Dependency::WindowEnd => Both(
            "ob sich das Ende der Abruffrist auf einen Werktag verschiebt",
            "whether the end of the window for retrieval moves to a working day",
        ),
        Dependency::DayNotReached => Both(
            "dass der Tag ohne Fehlermeldung zur Benachrichtigung erreicht wird",
            "that the day comes without a report that the notification failed",
        ),
        Dependency::Proof(what) => {
            let what = occurrence(what).pick(lang);
            return text!(
                lang,
                "ein Nachweis (bisher nur behauptet: {what})",
                "proof (so far only claimed: {what})"
            );
        }
        Dependency::TimeBound(what) => {
            let what = occurrence(what).pick(lang);
            return text!(
                lang,
                "eine bezeugte obere Grenze der Zeit ({what})",
                "a cosigned upper bound of the time ({what})"
            );
        }
        Dependency::WhichDay(what) => {
            let what = occurrence(what).pick(lang);
            return text!(
                lang,
                "an welchem der möglichen Tage es geschah ({what})",
                "on which of the possible days it happened ({what})"
            );
        }
        Dependency::Holiday(holiday) => {
            let holiday = self::holiday(holiday).pick(lang);
            return text!(
                lang,
                "ob am maßgeblichen Ort Feiertag ist ({holiday})",
                "whether the place keeps the holiday ({holiday})"
            );
        }
    };
    fixed.pick(lang).to_owned()
}

/// What happened, as a noun.
pub(super) fn occurrence(what: Occurrence) -> Both {
    match what {
        Occurrence::Submission => Both("Einlieferung", "submission"),
        Occurrence::SubmissionRejected => Both("Ablehnung der Einlieferung", "refused submission"),
        Occurrence::Consignment => Both("Bereitstellung", "provision for retrieval"),
        Occurrence::ConsignmentFailed => Both(
            "gescheiterte Bereitstellung",
            "failed provision for retrieval",
        ),
        Occurrence::NotificationSent => Both(
            "Absendung der Benachrichtigung",
            "sending of the notification",
        ),
        Occurrence::NotificationFailed => {
            Both("gescheiterte Benachrichtigung", "failed notification")
        }
        Occurrence::NotificationArrived => Both(
            "Meldung, dass die Benachrichtigung zuging",
            "report that the notification arrived",
        ),
        Occurrence::Handover => Both("Abruf", "retrieval"),
        Occurrence::Access => Both("Öffnen durch den Empfänger", "opening by the recipient"),
        Occurrence::Acceptance => Both("Empfangsbekenntnis", "acknowledgement of receipt"),
        Occurrence::Rejection => Both("Annahmeverweigerung", "refusal of acceptance"),
        Occurrence::Expiry => Both("Ablauf der Annahmefrist", "expiry of the time to accept"),
        Occurrence::Withdrawal => Both("Rücknahme durch den Absender", "withdrawal by the sender"),
        Occurrence::Dispute => Both("Beanstandung des Empfängers", "objection of the recipient"),
        Occurrence::ConsentGiven => Both("Einwilligung", "consent"),
        Occurrence::ConsentRevoked => Both("Widerruf der Einwilligung", "revocation of consent"),
        Occurrence::BindingWithdrawn => {
            Both("Aufhebung der Zuordnung", "withdrawal of the binding")
        }
    }
}

/// The holiday's name.
pub(super) fn holiday(holiday: Holiday) -> Both {
    match holiday {
        Holiday::NewYear => Both("Neujahr", "New Year's Day"),
        Holiday::Epiphany => Both("Heilige Drei Könige", "Epiphany"),
        Holiday::WomensDay => Both("Frauentag", "Women's Day"),
        Holiday::GoodFriday => Both("Karfreitag", "Good Friday"),
        Holiday::EasterSunday => Both("Ostersonntag", "Easter Sunday"),
        Holiday::EasterMonday => Both("Ostermontag", "Easter Monday"),
        Holiday::LabourDay => Both("Tag der Arbeit", "Labour Day"),
        Holiday::LiberationDay => Both("Tag der Befreiung", "Liberation Day"),
        Holiday::Ascension => Both("Christi Himmelfahrt", "Ascension Day"),
        Holiday::WhitSunday => Both("Pfingstsonntag", "Whit Sunday"),
        Holiday::WhitMonday => Both("Pfingstmontag", "Whit Monday"),
        Holiday::CorpusChristi => Both("Fronleichnam", "Corpus Christi"),
        Holiday::UprisingOf1953 => Both("Jahrestag des 17. Juni 1953", "17 June anniversary"),
        Holiday::AugsburgPeace => Both("Augsburger Friedensfest", "Augsburg Peace Festival"),
        Holiday::Assumption => Both("Mariä Himmelfahrt", "Assumption Day"),
        Holiday::ChildrensDay => Both("Weltkindertag", "World Children's Day"),
        Holiday::GermanUnity => Both("Tag der Deutschen Einheit", "German Unity Day"),
        Holiday::Reformation => Both("Reformationstag", "Reformation Day"),
        Holiday::AllSaints => Both("Allerheiligen", "All Saints' Day"),
        Holiday::Repentance => Both("Buß- und Bettag", "Day of Repentance and Prayer"),
        Holiday::ChristmasDay => Both("1. Weihnachtstag", "Christmas Day"),
        Holiday::SecondChristmasDay => Both("2. Weihnachtstag", "26 December"),
    }
}

/// Why no appeal period is computed, after a semicolon.
pub(super) fn not_computed(reason: NotComputed) -> Both {
    match reason {
        NotComputed::NotOpened => Both(
            "der Inhalt ist nicht offengelegt",
            "the content is not opened",
        ),
        NotComputed::NoAct => Both(
            "der Brief enthält keinen Bescheid",
            "the letter contains no administrative act",
        ),
        NotComputed::NoDay => Both(
            "es steht kein Tag der Bekanntgabe fest",
            "no day of service is known",
        ),
        NotComputed::LawUnknown => Both(
            "die Vorschrift des Rechtsbehelfs ist hier nicht bekannt",
            "the provision of the remedy is not known here",
        ),
    }
}
