//! A legal date and its reasoning as lines of text; German first, English second.
//!
//! Invariant: every verdict, dependency, step, holiday and reason has words in both languages, by
//! exhaustive matches; each answer ends by saying that it is information and not legal advice.
//! Absent: the computation ([`postfach_crypto::deadline`]). Specification: docs/legal-dates.md.

mod answers;
#[cfg(test)]
pub(super) mod shared_words;
mod steps;

use postfach_crypto::deadline::appeal::{Appeal, AppealPeriod, Length};
use postfach_crypto::deadline::finding::{Dependency, Disputed, Used};
use postfach_crypto::deadline::{Day, Finding, Verdict};

use super::events::reason;
use crate::cli::lang::{self, Language, text};

/// The verdict in one sentence.
#[must_use]
pub fn verdict(lang: Language, verdict: &Verdict) -> String {
    match verdict {
        Verdict::ServedOn(on) => {
            let on = day(lang, *on);
            text!(
                lang,
                "Gilt als bekannt gegeben oder zugestellt am {on}.",
                "Counts as served on {on}."
            )
        }
        Verdict::NotServed(reason) => {
            let reason = answers::not_served(*reason).pick(lang);
            text!(
                lang,
                "Nicht bekannt gegeben oder zugestellt: {reason}.",
                "Not served: {reason}."
            )
        }
        Verdict::Open {
            depends,
            candidates,
        } => {
            let on = dependencies(lang, depends);
            let days = days(lang, candidates);
            if candidates.is_empty() {
                text!(
                    lang,
                    "Offen. Es hängt davon ab: {on}.",
                    "Open. It depends on this: {on}."
                )
            } else {
                text!(
                    lang,
                    "Offen; in Frage kommt: {days}. Es hängt davon ab: {on}.",
                    "Open; in question: {days}. It depends on this: {on}."
                )
            }
        }
        Verdict::Disputed { dispute, otherwise } => {
            let how = disputed(lang, dispute);
            let days = days(lang, otherwise);
            if otherwise.is_empty() {
                text!(lang, "Streitig: {how}.", "Disputed: {how}.")
            } else {
                text!(
                    lang,
                    "Streitig: {how}. Griffe das nicht durch, käme in Frage: {days}.",
                    "Disputed: {how}. If that failed, in question: {days}."
                )
            }
        }
    }
}

/// Rule, verdict, reasoning, events used, appeal period, and what all this is not.
#[must_use]
pub fn lines(lang: Language, finding: &Finding) -> Vec<String> {
    let mut lines = vec![verdict(lang, &finding.verdict)];
    lines.extend(rule(lang, finding));
    lines.extend(reasoning(lang, finding));
    lines.extend(basis(lang, finding));
    lines.extend(appeal(lang, &finding.appeal));
    lines.push(reservation(lang));
    lines
}

/// What a legal date in a report never is.
#[must_use]
pub fn reservation(lang: Language) -> String {
    text!(
        lang,
        "Das ist eine Auskunft aus den Quittungen, keine Rechtsberatung; maßgeblich sind Gesetz und Gericht.",
        "This is information computed from receipts, not legal advice; the law and the courts decide."
    )
}

/// The reasoning, step by step.
pub(super) fn reasoning(lang: Language, finding: &Finding) -> Vec<String> {
    let steps = finding.steps.iter();
    steps.map(|step| steps::step(lang, step)).collect()
}

/// The events on which it rests.
pub(super) fn basis(lang: Language, finding: &Finding) -> Vec<String> {
    let used = finding.used.iter();
    used.map(|used| event_used(lang, used)).collect()
}

/// The rule with its tables' version, where one is known.
pub(super) fn rule(lang: Language, finding: &Finding) -> Option<String> {
    let rule = finding.rule?;
    let (id, citation, tables) = (rule.id, rule.citation, finding.rules_version);
    Some(text!(
        lang,
        "Regel: {citation} ({id}; Regelstand {tables}).",
        "Rule: {citation} ({id}; rules as of {tables})."
    ))
}

fn event_used(lang: Language, used: &Used) -> String {
    let what = answers::occurrence(used.what).pick(lang);
    let when = lang::date_time(lang, used.at.time);
    let place = used.at.position;
    text!(
        lang,
        "Grundlage: {what}, quittiert {when} (Nr. {place} der Reihenfolge).",
        "Basis: {what}, receipted {when} (number {place} in order)."
    )
}

/// When the period for contesting the act ends.
pub(super) fn appeal(lang: Language, appeal: &Appeal) -> Vec<String> {
    match appeal {
        Appeal::NotComputed(reason) => {
            let reason = answers::not_computed(*reason).pick(lang);
            vec![text!(
                lang,
                "Rechtsbehelfsfrist: nicht berechnet; {reason}.",
                "Appeal period: not computed; {reason}."
            )]
        }
        Appeal::Periods { periods, stated } => {
            let mut lines: Vec<String> = periods
                .iter()
                .flat_map(|found| period(lang, found))
                .collect();
            lines.extend(stated.map(|stated| {
                let stated = day(lang, stated);
                text!(
                    lang,
                    "Die Behörde nennt als letzten Tag den {stated}.",
                    "The authority states {stated} as the last day."
                )
            }));
            lines
        }
    }
}

fn period(lang: Language, period: &AppealPeriod) -> Vec<String> {
    let served = day(lang, period.served);
    let first = day(lang, period.first_day);
    let ends = days(lang, &period.ends);
    let law = period
        .law
        .map_or(String::new(), |law| format!(" ({})", law.citation()));
    let mut lines = vec![match period.length {
        Length::OneMonth => text!(
            lang,
            "Rechtsbehelfsfrist bei Bekanntgabe am {served}: ein Monat{law}, wenn die Belehrung richtig ist. Sie beginnt am {first} und endet mit Ablauf des: {ends}.",
            "Appeal period if served on {served}: one month{law}, if the instruction on remedies is correct. It begins on {first} and ends with the day: {ends}."
        ),
        Length::OneYear => text!(
            lang,
            "Rechtsbehelfsfrist bei Bekanntgabe am {served}: ein Jahr{law}, wenn die Belehrung fehlt oder falsch ist (VwGO § 58 Abs. 2). Sie beginnt am {first} und endet mit Ablauf des: {ends}.",
            "Appeal period if served on {served}: one year{law}, if the instruction on remedies is missing or wrong (VwGO § 58(2)). It begins on {first} and ends with the day: {ends}."
        ),
    }];
    lines.extend(period.steps.iter().map(|step| steps::step(lang, step)));
    if !period.steps.is_empty() {
        lines.push(text!(
            lang,
            "Das Fristende verschiebt sich nach VwVfG § 31 Abs. 3, BGB § 193 (Wortlaut nicht geprüft).",
            "The end of the period moves by VwVfG § 31(3), BGB § 193 (text not verified)."
        ));
    }
    if !period.depends.is_empty() {
        let on = dependencies(lang, &period.depends);
        lines.push(text!(
            lang,
            "Das Fristende hängt davon ab: {on}.",
            "The end of the period depends on this: {on}."
        ));
    }
    lines
}

fn disputed(lang: Language, disputed: &Disputed) -> String {
    match disputed {
        Disputed::ByRecipient(reasons) => {
            let why: Vec<&str> = reasons.iter().map(|why| reason(lang, *why)).collect();
            let why = why.join("; ");
            text!(
                lang,
                "der Empfänger beanstandet den Inhalt ({why})",
                "the recipient objects to the content ({why})"
            )
        }
        Disputed::Rejected => text!(
            lang,
            "der Empfänger hat die Annahme verweigert",
            "the recipient refused acceptance"
        ),
        Disputed::TimeContradicted(what) => {
            let what = answers::occurrence(*what).pick(lang);
            text!(
                lang,
                "die quittierte Zeit widerspricht bezeugten Zeitpunkten ({what})",
                "the receipted time contradicts cosigned times ({what})"
            )
        }
    }
}

fn dependencies(lang: Language, depends: &[Dependency]) -> String {
    let all: Vec<String> = depends
        .iter()
        .map(|on| answers::dependency(lang, *on))
        .collect();
    all.join("; ")
}

fn days(lang: Language, days: &[Day]) -> String {
    let all: Vec<String> = days.iter().map(|on| day(lang, *on)).collect();
    all.join(text!(lang, " oder ", " or ").as_str())
}

fn day(lang: Language, day: Day) -> String {
    lang::day(lang, &day.to_string())
}

#[cfg(test)]
mod tests;
