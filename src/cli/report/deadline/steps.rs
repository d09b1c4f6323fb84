//! The words for each step of the reasoning.

use postfach_crypto::deadline::Day;
use postfach_crypto::deadline::finding::Step;
use postfach_crypto::deadline::holidays::DayKind;
use postfach_crypto::deadline::rules::Source;

use super::answers::{holiday, occurrence};
use super::day;
use crate::cli::lang::{Language, text};

/// One step in one sentence.
pub(super) fn step(lang: Language, step: &Step) -> String {
    match *step {
        Step::Text {
            from,
            until,
            source,
        } => version(lang, from, until, source),
        Step::ReadingsAgree => text!(
            lang,
            "Der Wortlaut ist nicht geprüft; alle in Frage kommenden Fassungen ergeben dasselbe.",
            "The text is not verified; all texts in question give the same."
        ),
        Step::ReadingsDiffer => text!(
            lang,
            "Die in Frage kommenden Fassungen ergeben Verschiedenes; der Gesetzestext ist zu prüfen.",
            "The texts in question give different results; the act must be checked."
        ),
        Step::Occurred { what, day: on } => {
            let (what, on) = (occurrence(what).pick(lang), day(lang, on));
            text!(
                lang,
                "{what}: {on} (deutsche Zeit).",
                "{what}: {on} (German time)."
            )
        }
        Step::ConsentInForce => text!(
            lang,
            "Die nötige Einwilligung galt.",
            "The consent that is needed was in force."
        ),
        Step::ConsentMissing => text!(
            lang,
            "Die nötige Einwilligung galt nicht: ohne Einwilligung keine Fiktion.",
            "The consent that is needed was not in force: no consent, no fiction."
        ),
        Step::ConsentRevoked { day: on } => {
            let on = day(lang, on);
            text!(
                lang,
                "Die Einwilligung wurde am {on} widerrufen, vor Ablauf des Fiktionstags.",
                "The consent was revoked on {on}, before the day of the fiction had passed."
            )
        }
        Step::BindingWithdrawn { day: on } => {
            let on = day(lang, on);
            text!(
                lang,
                "Die Zuordnung der Adresse zur Person wurde am {on} aufgehoben.",
                "The binding of the address to the person was withdrawn on {on}."
            )
        }
        Step::OrdinaryDelivery => text!(
            lang,
            "Die Regel betrifft förmliche Zustellungen, der Brief ging aber als einfache Sendung.",
            "The rule is about formal service, but the letter went as ordinary mail."
        ),
        Step::NotificationFailed { sent, failed } => {
            let (sent, failed) = (day(lang, sent), day(lang, failed));
            text!(
                lang,
                "Die Benachrichtigung vom {sent} ist gescheitert (gemeldet am {failed}); sie löst keine Fiktion aus.",
                "The notification of {sent} failed (reported on {failed}); it starts no fiction."
            )
        }
        Step::NotificationBeforeProvision { day: on } => {
            let on = day(lang, on);
            text!(
                lang,
                "Die Benachrichtigung vom {on} ging der Bereitstellung voraus; sie löst keine Fiktion aus.",
                "The notification of {on} came before provision; it starts no fiction."
            )
        }
        Step::ArrivalReportedLate { reported, fiction } => {
            let (reported, fiction) = (day(lang, reported), day(lang, fiction));
            text!(
                lang,
                "Dass die Benachrichtigung zuging, wurde erst am {reported} gemeldet, nach dem {fiction}; wann sie zuging, steht nicht fest.",
                "That the notification arrived was reported on {reported}, after {fiction}; when it arrived is not known."
            )
        }
        Step::NotificationNotSameDay { provision } => {
            let provision = day(lang, provision);
            text!(
                lang,
                "Bis zum Tag der Bereitstellung ({provision}) ging keine wirksame Benachrichtigung ab.",
                "No effective notification was sent by the day of provision ({provision})."
            )
        }
        Step::SentIsNotArrived => text!(
            lang,
            "Abgesandt heißt nicht zugegangen: Im Zweifel muss die Behörde den Zugang der Benachrichtigung nachweisen.",
            "Sent does not mean arrived: in doubt the authority must prove that the notification arrived."
        ),
        Step::NthDay {
            trigger,
            from,
            count,
            day: on,
        } => {
            let trigger = occurrence(trigger).pick(lang);
            let (from, on) = (day(lang, from), day(lang, on));
            text!(
                lang,
                "{count}. Tag nach dem {from} ({trigger}): {on}.",
                "Day {count} after {from} ({trigger}): {on}."
            )
        }
        Step::DayStays { day: on } => {
            let on = day(lang, on);
            text!(
                lang,
                "Der {on} ist kein Werktag; diese Regel verschiebt den Tag nicht.",
                "{on} is not a working day; this rule does not move the day."
            )
        }
        Step::Shifted { from, to, cause } => shifted(lang, from, to, cause),
        Step::HolidayUnsure {
            day: on,
            holiday: name,
        } => {
            let (on, name) = (day(lang, on), holiday(name).pick(lang));
            text!(
                lang,
                "Ob am {on} Feiertag ist ({name}), hängt vom Ort ab und ist hier nicht bekannt.",
                "Whether {on} is a holiday ({name}) depends on the place and is not known here."
            )
        }
        Step::RetrievedEarlier { day: on } => {
            let on = day(lang, on);
            text!(
                lang,
                "Abgerufen wurde schon am {on}; der Fiktionstag bleibt.",
                "It was retrieved as early as {on}; the day of the fiction stays."
            )
        }
        Step::RetrievalCounts { day: on } => {
            let on = day(lang, on);
            text!(
                lang,
                "Ohne Fiktion kommt es auf den Abruf an: {on}.",
                "Without a fiction retrieval counts: {on}."
            )
        }
        Step::NotRetrieved => text!(
            lang,
            "Ein Abruf ist nicht belegt.",
            "No retrieval is shown."
        ),
        Step::DayAfterRetrieval { retrieved, day: on } => {
            let (retrieved, on) = (day(lang, retrieved), day(lang, on));
            text!(
                lang,
                "Tag nach dem Abruf am {retrieved}: {on}.",
                "The day after retrieval on {retrieved}: {on}."
            )
        }
        Step::Window { last } => {
            let last = day(lang, last);
            text!(
                lang,
                "Letzter Tag für den Abruf: {last}.",
                "Last day for retrieval: {last}."
            )
        }
        Step::Confirmed { what, day: on } => {
            let (what, on) = (occurrence(what).pick(lang), day(lang, on));
            text!(
                lang,
                "Rechtzeitig bestätigt ({what}) am {on}; das geht der Fiktion vor.",
                "Confirmed in time ({what}) on {on}; that takes the place of the fiction."
            )
        }
        Step::NotConfirmed => text!(
            lang,
            "Eine rechtzeitige Bestätigung des Empfängers gibt es nicht; es bleibt bei der Fiktion.",
            "There is no confirmation by the recipient in time; the fiction stays."
        ),
        Step::NotReached {
            day: on,
            known_until,
        } => {
            let (on, known_until) = (day(lang, on), day(lang, known_until));
            text!(
                lang,
                "Die Ereignisse sind nur bis {known_until} bekannt, der Tag ist der {on}.",
                "The events are known until {known_until} only, and the day is {on}."
            )
        }
        Step::OnlyClaimed { what } => {
            let what = occurrence(what).pick(lang);
            text!(
                lang,
                "Nur behauptet, nicht bewiesen: {what}.",
                "Only claimed, not proven: {what}."
            )
        }
        Step::TimePending { what } => {
            let what = occurrence(what).pick(lang);
            text!(
                lang,
                "Noch kein bezeugter Stand des Protokolls begrenzt die Zeit nach oben: {what}.",
                "No cosigned checkpoint bounds the time from above yet: {what}."
            )
        }
        Step::TimeBetween {
            what,
            earliest,
            latest,
        } => {
            let what = occurrence(what).pick(lang);
            let (earliest, latest) = (day(lang, earliest), day(lang, latest));
            text!(
                lang,
                "Bezeugt ist nur: {what} zwischen {earliest} und {latest}.",
                "What is cosigned: {what} between {earliest} and {latest}."
            )
        }
        Step::TimeContradicted { what } => {
            let what = occurrence(what).pick(lang);
            text!(
                lang,
                "Die quittierte Zeit liegt außerhalb der bezeugten Grenzen: {what}.",
                "The receipted time lies outside the cosigned bounds: {what}."
            )
        }
        Step::RecipientObjects { day: on } => {
            let on = day(lang, on);
            text!(
                lang,
                "Der Empfänger hat den Inhalt am {on} beanstandet.",
                "The recipient objected to the content on {on}."
            )
        }
        Step::RecipientRefused { day: on } => {
            let on = day(lang, on);
            text!(
                lang,
                "Der Empfänger hat die Annahme am {on} verweigert.",
                "The recipient refused acceptance on {on}."
            )
        }
        Step::WithdrawnBySender { day: on } => {
            let on = day(lang, on);
            text!(
                lang,
                "Der Absender hat am {on} zurückgezogen.",
                "The sender took it back on {on}."
            )
        }
    }
}

fn version(lang: Language, from: Day, until: Option<Day>, source: Source) -> String {
    let from = day(lang, from);
    let known = match source {
        Source::Text => String::new(),
        Source::Secondary => text!(
            lang,
            " Den Wortlaut nennt nur eine Sekundärquelle.",
            " Its text is known from a secondary source only."
        ),
        Source::Unverified => text!(
            lang,
            " Der Wortlaut ist nicht geprüft und muss nachgesehen werden.",
            " Its text is not verified and must be checked."
        ),
    };
    match until.map(|until| day(lang, until)) {
        Some(until) => text!(
            lang,
            "Fassung für {from} bis {until}.{known}",
            "Text for {from} to {until}.{known}"
        ),
        None => text!(
            lang,
            "Fassung ab {from}.{known}",
            "Text from {from} on.{known}"
        ),
    }
}

fn shifted(lang: Language, from: Day, to: Day, cause: DayKind) -> String {
    let (from, to) = (day(lang, from), day(lang, to));
    let cause = match cause {
        DayKind::Weekend => text!(lang, "Wochenende", "weekend"),
        DayKind::Holiday(name) | DayKind::Unsure(name) => holiday(name).pick(lang).to_owned(),
        DayKind::Working => text!(lang, "Werktag", "working day"),
    };
    text!(
        lang,
        "Der {from} ist kein Werktag ({cause}); es gilt der nächste Werktag: {to}.",
        "{from} is not a working day ({cause}); the next working day counts: {to}."
    )
}
