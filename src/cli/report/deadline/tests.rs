//! Verdicts and reasoning in both languages.

use postfach_crypto::deadline::appeal::{Instruction, NotComputed, RemedyLaw};
use postfach_crypto::deadline::events::{Bound, ConsentPeriod, Happened, Occurrence, Standing};
use postfach_crypto::deadline::finding::NotServed;
use postfach_crypto::deadline::holidays::Holiday;
use postfach_crypto::deadline::rules::RULES;
use postfach_crypto::deadline::{Circumstances, Contest, Day, Events, Finding, Place, examine};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::{ConsentClass, DeliveryClass, Event, Reason};

use super::*;

const BOTH: [Language; 2] = [Language::German, Language::English];
const HOUR: u64 = 3_600_000;

/// Noon of a day, surely.
fn at(day: &str, position: u64) -> Happened {
    let day: Day = day.parse().unwrap();
    let time = UnixMillis(day.start().0 + 12 * HOUR);
    Happened {
        time,
        bound: Bound::Between {
            not_before: time,
            not_after: time,
        },
        position,
        standing: Standing::Proven,
    }
}

fn notified(day: &str) -> Events {
    let mut events = Events::new(DeliveryClass::Ordinary);
    for class in ConsentClass::ALL {
        let given = at("2022-09-01", 0);
        events.consent(ConsentPeriod {
            class: *class,
            given,
            from: given.time,
            revoked: None,
        });
    }
    events.receipt(Event::ContentConsignment, at(day, 1), &[]);
    events.receipt(Event::ConsignmentNotification, at(day, 2), &[]);
    events
}

fn find(rule: &str, events: &Events) -> Finding {
    let circumstances = Circumstances {
        place: Some(Place::new("09373155".parse().unwrap())),
        contest: Contest::Instructed {
            law: Some(RemedyLaw::VwGo74),
            stated: Some("2026-12-05".parse().unwrap()),
            instruction: Instruction::Correct,
        },
        known_until: at("2099-01-01", 0).time,
    };
    examine(Some(rule), events, &circumstances)
}

#[test]
fn a_served_notice_in_german() {
    let finding = find("BayDiG-24-2", &notified("2026-11-02"));
    assert_eq!(
        lines(Language::German, &finding),
        [
            "Gilt als bekannt gegeben oder zugestellt am 5. November 2026.",
            "Regel: BayDiG Art. 24 Abs. 2 (BayDiG-24-2; Regelstand 2026-11).",
            "Fassung ab 1. August 2022.",
            "Die nötige Einwilligung galt.",
            "Absendung der Benachrichtigung: 2. November 2026 (deutsche Zeit).",
            "3. Tag nach dem 2. November 2026 (Absendung der Benachrichtigung): 5. November 2026.",
            "Abgesandt heißt nicht zugegangen: Im Zweifel muss die Behörde den Zugang der Benachrichtigung nachweisen.",
            "Grundlage: Einwilligung, quittiert 1. September 2022, 12:00 Uhr (Nr. 0 der Reihenfolge).",
            "Grundlage: Absendung der Benachrichtigung, quittiert 2. November 2026, 12:00 Uhr (Nr. 2 der Reihenfolge).",
            "Rechtsbehelfsfrist bei Bekanntgabe am 5. November 2026: ein Monat (VwGO § 74), wenn die Belehrung richtig ist. Sie beginnt am 6. November 2026 und endet mit Ablauf des: 7. Dezember 2026.",
            "Der 5. Dezember 2026 ist kein Werktag (Wochenende); es gilt der nächste Werktag: 7. Dezember 2026.",
            "Das Fristende verschiebt sich nach VwVfG § 31 Abs. 3, BGB § 193 (Wortlaut nicht geprüft).",
            "Die Behörde nennt als letzten Tag den 5. Dezember 2026.",
            "Das ist eine Auskunft aus den Quittungen, keine Rechtsberatung; maßgeblich sind Gesetz und Gericht.",
        ]
    );
}

#[test]
fn a_bounce_in_english() {
    let mut events = notified("2026-11-02");
    events.receipt(
        Event::ConsignmentNotificationFailure,
        at("2026-11-03", 3),
        &[],
    );
    let finding = find("BayDiG-24-2", &events);
    let lines = lines(Language::English, &finding);
    assert_eq!(
        lines[0],
        "Not served: no notification took effect, and it was not retrieved."
    );
    let failed = "The notification of 2 November 2026 failed (reported on 3 November 2026); it starts no fiction.";
    assert!(lines.iter().any(|line| line == failed), "{lines:#?}");
    assert!(lines.contains(&"Appeal period: not computed; no day of service is known.".to_owned()));
}

#[test]
fn open_and_disputed_in_both() {
    let finding = find("SGB-X-37-2", &notified("2026-11-02"));
    assert_eq!(
        verdict(Language::German, &finding.verdict),
        "Offen; in Frage kommt: 5. November 2026 oder 6. November 2026. Es hängt davon ab: welcher Wortlaut gilt; bitte den Gesetzestext prüfen."
    );
    let mut events = notified("2026-11-02");
    events.receipt(Event::ContentHandover, at("2026-11-02", 3), &[]);
    let failure = [Reason::NotDecryptable];
    events.receipt(Event::ContentHandoverFailure, at("2026-11-02", 4), &failure);
    let finding = find("BayDiG-24-2", &events);
    assert_eq!(
        verdict(Language::English, &finding.verdict),
        "Disputed: the recipient objects to the content (could not be decrypted with the recipient's keys). If that failed, in question: 5 November 2026."
    );
}

#[test]
fn everything_has_words_in_both_languages() {
    let differ = |german: String, english: String| {
        assert!(!german.is_empty() && !english.is_empty());
        assert_ne!(german, english);
    };
    for rule in RULES {
        let finding = find(rule.id, &notified("2026-11-02"));
        let [german, english] = BOTH.map(|lang| lines(lang, &finding));
        assert_eq!(german.len(), english.len());
        for (german, english) in german.into_iter().zip(english) {
            differ(german, english);
        }
    }
    for holiday in Holiday::ALL {
        differ(
            answers::dependency(Language::German, Dependency::Holiday(*holiday)),
            answers::dependency(Language::English, Dependency::Holiday(*holiday)),
        );
    }
    for what in Occurrence::ALL {
        let words = answers::occurrence(*what);
        differ(words.0.to_owned(), words.1.to_owned());
    }
    for reason in NotServed::ALL {
        let words = answers::not_served(*reason);
        differ(words.0.to_owned(), words.1.to_owned());
    }
    for reason in NotComputed::ALL {
        let words = answers::not_computed(*reason);
        differ(words.0.to_owned(), words.1.to_owned());
    }
}
