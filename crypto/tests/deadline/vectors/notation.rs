//! One line of text for each thing: an event, a place, a step.

use std::fmt::Debug;

use postfach_crypto::deadline::appeal::{Appeal, AppealPeriod};
use postfach_crypto::deadline::events::{Bound, Standing};
use postfach_crypto::deadline::finding::{Dependency, Disputed, Step};
use postfach_crypto::deadline::holidays::{Ags, DayKind, Local, Place};
use postfach_crypto::deadline::{Contest, Day, Finding, Verdict};
use serde_json::{Value, json};

use crate::story::Told;

/// A variant's name in kebab case, its parameter after a space: `NthDay(3)` is `nth-day 3`.
pub(super) fn code(variant: &impl Debug) -> String {
    let name = format!("{variant:?}");
    let mut code = String::new();
    for (index, letter) in name.chars().enumerate() {
        match letter {
            'A'..='Z' if index > 0 => code.extend(['-', letter.to_ascii_lowercase()]),
            'A'..='Z' => code.push(letter.to_ascii_lowercase()),
            'a'..='z' | '0'..='9' => code.push(letter),
            ' ' | '(' | ':' => code.push(' '),
            _ => {}
        }
    }
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `word time`, then the bounds `from..to` or `from..`, where they are not the time itself, and
/// `claimed`.
pub(super) fn line(told: &Told) -> String {
    let mut line = format!("{} {}", told.word, told.time.0);
    match told.bound {
        Bound::Between {
            not_before,
            not_after,
        } if (not_before, not_after) == (told.time, told.time) => {}
        Bound::Between {
            not_before,
            not_after,
        } => line += &format!(" {}..{}", not_before.0, not_after.0),
        Bound::Pending { not_before: None } => line += " ..",
        Bound::Pending {
            not_before: Some(not_before),
        } => line += &format!(" {}..", not_before.0),
    }
    if told.standing == Standing::Claimed {
        line += " claimed";
    }
    line
}

/// `key assumption corpus-christi`.
pub(super) fn place(place: &Place) -> String {
    let local = |local: Local| code(&local);
    format!(
        "{} {} {}",
        key(&place.ags),
        local(place.assumption),
        local(place.corpus_christi)
    )
}

/// The municipality key's digits, which the engine itself never shows.
fn key(ags: &Ags) -> String {
    let shown = format!("{ags:?}");
    let list = shown.split(['[', ']']).nth(1).unwrap();
    let len = shown.split("len: ").nth(1).unwrap();
    let len: usize = len.split(',').next().unwrap().parse().unwrap();
    let digits = list.split(", ").take(len);
    digits
        .map(|digit| char::from(digit.parse::<u8>().unwrap()))
        .collect()
}

pub(super) fn contest(contest: &Contest) -> Value {
    match contest {
        Contest::NotOpened => json!("not-opened"),
        Contest::NoAct => json!("no-act"),
        Contest::NotInstructed => json!("not-instructed"),
        Contest::Instructed {
            law,
            stated,
            instruction,
        } => json!({
            "law": law.map(|law| law.citation()),
            "stated": stated.map(|day| day.to_string()),
            "instruction": code(instruction),
        }),
    }
}

pub(super) fn finding(finding: &Finding) -> Value {
    let depends = match &finding.verdict {
        Verdict::Open { depends, .. } => depends.iter().map(dependency).collect(),
        _ => Vec::new(),
    };
    let dispute = match &finding.verdict {
        Verdict::Disputed { dispute, .. } => Some(disputed(dispute)),
        _ => None,
    };
    let used = finding.used.iter();
    json!({
        "verdict": finding.verdict.code(),
        "not_served": match finding.verdict {
            Verdict::NotServed(reason) => Some(reason.code()),
            _ => None,
        },
        "dispute": dispute,
        "depends": depends,
        "days": days(finding.verdict.days()),
        "text_from": finding.version.map(|version| version.from.to_string()),
        "used": used.map(|used| format!("{} {}", used.what.name(), used.at.position)).collect::<Vec<_>>(),
        "steps": finding.steps.iter().map(step).collect::<Vec<_>>(),
        "appeal": appeal(&finding.appeal),
    })
}

pub(super) fn days(days: &[Day]) -> String {
    let days: Vec<_> = days.iter().map(Day::to_string).collect();
    days.join(" ")
}

fn dependency(dependency: &Dependency) -> String {
    let code = dependency.code();
    match dependency {
        Dependency::Proof(what) | Dependency::TimeBound(what) | Dependency::WhichDay(what) => {
            format!("{code} {}", what.name())
        }
        Dependency::Holiday(holiday) => format!("{code} {}", holiday.name()),
        _ => code.to_owned(),
    }
}

fn disputed(dispute: &Disputed) -> String {
    let code = dispute.code();
    match dispute {
        Disputed::ByRecipient(reasons) => {
            let reasons: String = reasons
                .iter()
                .map(|reason| format!(" {}", reason.name()))
                .collect();
            format!("{code}{reasons}")
        }
        Disputed::Rejected => code.to_owned(),
        Disputed::TimeContradicted(what) => format!("{code} {}", what.name()),
    }
}

pub(super) fn day_kind(kind: DayKind) -> String {
    match kind {
        DayKind::Working => "working".to_owned(),
        DayKind::Weekend => "weekend".to_owned(),
        DayKind::Holiday(holiday) => holiday.name().to_owned(),
        DayKind::Unsure(holiday) => format!("{}?", holiday.name()),
    }
}

/// The code, then the parameters in the order in which the step declares them.
fn step(step: &Step) -> String {
    let code = step.code();
    let parameters = match *step {
        Step::Text {
            from,
            until,
            source,
        } => {
            let until = until.map_or("-".to_owned(), |day| day.to_string());
            format!("{from} {until} {}", self::code(&source))
        }
        Step::Occurred { what, day } | Step::Confirmed { what, day } => {
            format!("{} {day}", what.name())
        }
        Step::ConsentRevoked { day }
        | Step::BindingWithdrawn { day }
        | Step::NotificationBeforeProvision { day }
        | Step::DayStays { day }
        | Step::RetrievedEarlier { day }
        | Step::RetrievalCounts { day }
        | Step::RecipientObjects { day }
        | Step::RecipientRefused { day }
        | Step::WithdrawnBySender { day } => day.to_string(),
        Step::NotificationFailed { sent, failed } => format!("{sent} {failed}"),
        Step::ArrivalReportedLate { reported, fiction } => format!("{reported} {fiction}"),
        Step::NotificationNotSameDay { provision } => provision.to_string(),
        Step::NthDay {
            trigger,
            from,
            count,
            day,
        } => format!("{} {from} {count} {day}", trigger.name()),
        Step::Shifted { from, to, cause } => format!("{from} {to} {}", day_kind(cause)),
        Step::HolidayUnsure { day, holiday } => format!("{day} {}", holiday.name()),
        Step::DayAfterRetrieval { retrieved, day } => format!("{retrieved} {day}"),
        Step::Window { last } => last.to_string(),
        Step::NotReached { day, known_until } => format!("{day} {known_until}"),
        Step::OnlyClaimed { what }
        | Step::TimePending { what }
        | Step::TimeContradicted { what } => what.name().to_owned(),
        Step::TimeBetween {
            what,
            earliest,
            latest,
        } => format!("{} {earliest} {latest}", what.name()),
        Step::ReadingsAgree
        | Step::ReadingsDiffer
        | Step::ConsentInForce
        | Step::ConsentMissing
        | Step::OrdinaryDelivery
        | Step::SentIsNotArrived
        | Step::NotRetrieved
        | Step::NotConfirmed => String::new(),
    };
    format!("{code} {parameters}").trim_end().to_owned()
}

fn appeal(appeal: &Appeal) -> Value {
    match appeal {
        Appeal::NotComputed(reason) => json!(reason.code()),
        Appeal::Periods { periods, stated } => json!({
            "stated": stated.map(|day| day.to_string()),
            "periods": periods.iter().map(period).collect::<Vec<_>>(),
        }),
    }
}

fn period(period: &AppealPeriod) -> Value {
    json!({
        "law": period.law.map(|law| law.citation()),
        "length": period.length.code(),
        "served": period.served.to_string(),
        "first_day": period.first_day.to_string(),
        "nominal_end": period.nominal_end.to_string(),
        "ends": days(&period.ends),
        "depends": period.depends.iter().map(dependency).collect::<Vec<_>>(),
        "steps": period.steps.iter().map(step).collect::<Vec<_>>(),
    })
}
