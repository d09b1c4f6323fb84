//! The words of legal dates for the browser ([`super::super::shared_words`]).

use std::fmt::Display;

use postfach_crypto::deadline::appeal::{Appeal, AppealPeriod, Length, NotComputed, RemedyLaw};
use postfach_crypto::deadline::events::{Bound, Happened, Occurrence, Standing};
use postfach_crypto::deadline::finding::{Dependency, Disputed, NotServed, Step, Used};
use postfach_crypto::deadline::holidays::{DayKind, Holiday};
use postfach_crypto::deadline::rules::{RULES, Source};
use postfach_crypto::deadline::{Day, Finding, RULES_VERSION, Verdict};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::Reason;
use serde_json::{Value, json};

use super::super::events::reason;
use super::super::shared_words::{Values, object, template};
use super::{answers, steps};
use crate::cli::lang::{self, Language};

/// Its key where that is not the step's code, a step, and its values.
type Said<'a> = (&'a str, Step, Vec<(&'a str, String)>);

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(in super::super) fn legal(lang: Language) -> Value {
    let occurrences = Occurrence::ALL.iter();
    let holidays = Holiday::ALL.iter();
    let not_served = NotServed::ALL.iter();
    let not_computed = NotComputed::ALL.iter();
    json!({
        "verdicts": verdicts(lang),
        "not_served": object(not_served.map(|it| (it.code().to_owned(), answers::not_served(*it).pick(lang)))),
        "disputes": disputes(lang),
        "dependencies": dependencies(lang),
        "occurrences": object(occurrences.map(|it| (it.name().to_owned(), answers::occurrence(*it).pick(lang)))),
        "holidays": object(holidays.map(|it| (it.name().to_owned(), answers::holiday(*it).pick(lang)))),
        "steps": object(all_steps(lang)),
        "sources": sources(lang),
        "weekend": weekend(lang),
        "or": super::days(lang, &[day("1111-11-11"), day("1122-12-22")])
            .replace(&super::day(lang, day("1111-11-11")), "")
            .replace(&super::day(lang, day("1122-12-22")), ""),
        "rule": rule(lang),
        "basis": basis(lang),
        "appeal": appeal(lang),
        "not_computed": object(not_computed.map(|it| (it.code().to_owned(), answers::not_computed(*it).pick(lang)))),
        "reservation": super::reservation(lang),
    })
}

fn verdicts(lang: Language) -> Value {
    let on = day("1111-11-11");
    let shown = super::day(lang, on);
    let why = answers::not_served(NotServed::Withdrawn).pick(lang);
    let depends = vec![Dependency::Consignment];
    let needed = answers::dependency(lang, Dependency::Consignment);
    let how = super::disputed(lang, &Disputed::Rejected);
    let open = |candidates: Vec<Day>| Verdict::Open {
        depends: depends.clone(),
        candidates,
    };
    let disputed = |otherwise: Vec<Day>| Verdict::Disputed {
        dispute: Disputed::Rejected,
        otherwise,
    };
    let say =
        |verdict: &Verdict, values: Values<'_>| template(&super::verdict(lang, verdict), values);
    json!({
        "served-on": say(&Verdict::ServedOn(on), &[("day", &shown)]),
        "not-served": say(&Verdict::NotServed(NotServed::Withdrawn), &[("reason", &why)]),
        "open": say(&open(vec![]), &[("depends", &needed)]),
        "open-days": say(&open(vec![on]), &[("depends", &needed), ("days", &shown)]),
        "disputed": say(&disputed(vec![]), &[("dispute", &how)]),
        "disputed-days": say(&disputed(vec![on]), &[("dispute", &how), ("days", &shown)]),
    })
}

fn disputes(lang: Language) -> Value {
    let why = reason(lang, Reason::Incomplete);
    let by_recipient = super::disputed(lang, &Disputed::ByRecipient(vec![Reason::Incomplete]));
    let what = answers::occurrence(Occurrence::Expiry).pick(lang);
    let contradicted = super::disputed(lang, &Disputed::TimeContradicted(Occurrence::Expiry));
    json!({
        "by-recipient": template(&by_recipient, &[("reasons", &why)]),
        "rejected": super::disputed(lang, &Disputed::Rejected),
        "time-contradicted": template(&contradicted, &[("what", &what)]),
    })
}

fn dependencies(lang: Language) -> Value {
    use Dependency as D;
    let what = answers::occurrence(Occurrence::Expiry).pick(lang);
    let holiday = answers::holiday(Holiday::AugsburgPeace).pick(lang);
    let plain = [
        D::Evidence,
        D::RuleNotNamed,
        D::RuleUnknown,
        D::NoText,
        D::RuleText,
        D::Consent,
        D::ConsentRevoked,
        D::BindingWithdrawn,
        D::WithdrawnAfterwards,
        D::Consignment,
        D::Notification,
        D::NotificationArrival,
        D::ArrivalTime,
        D::NotificationTooLate,
        D::Retrieval,
        D::WindowEnd,
        D::DayNotReached,
    ];
    let about = [D::Proof, D::TimeBound, D::WhichDay].map(|of| of(Occurrence::Expiry));
    let say = |it: D| answers::dependency(lang, it);
    let with = |it: D, name: &str, value: &str| {
        (it.code().to_owned(), template(&say(it), &[(name, &value)]))
    };
    let plain = plain.into_iter().map(|it| (it.code().to_owned(), say(it)));
    let about = about.into_iter().map(|it| with(it, "what", what));
    let holiday = with(D::Holiday(Holiday::AugsburgPeace), "holiday", holiday);
    object(plain.chain(about).chain([holiday]))
}

/// Every step of which something is said, with the names of its values in the browser.
fn all_steps(lang: Language) -> Vec<(String, String)> {
    let [one, two] = ["1111-11-11", "1122-12-22"].map(day);
    let [a, b] = [one, two].map(|on| super::day(lang, on));
    let of = Occurrence::Expiry;
    let holiday = Holiday::AugsburgPeace;
    let (what, feast) = (
        answers::occurrence(of).pick(lang),
        answers::holiday(holiday).pick(lang),
    );
    let count = 777;
    let on = vec![("day", a.clone())];
    let about = vec![("what", what.to_owned())];
    let (from, source) = (one, Source::Text);
    let listed: Vec<Said<'_>> = vec![
        (
            "text",
            Step::Text {
                from,
                until: None,
                source,
            },
            vec![("from", a.clone())],
        ),
        (
            "text-until",
            Step::Text {
                from,
                until: Some(two),
                source,
            },
            vec![("from", a.clone()), ("until", b.clone())],
        ),
        ("", Step::ReadingsAgree, vec![]),
        ("", Step::ReadingsDiffer, vec![]),
        (
            "",
            Step::Occurred { what: of, day: one },
            vec![("what", what.to_owned()), ("day", a.clone())],
        ),
        ("", Step::ConsentInForce, vec![]),
        ("", Step::ConsentMissing, vec![]),
        ("", Step::ConsentRevoked { day: one }, on.clone()),
        ("", Step::BindingWithdrawn { day: one }, on.clone()),
        ("", Step::OrdinaryDelivery, vec![]),
        (
            "",
            Step::NotificationFailed {
                sent: one,
                failed: two,
            },
            vec![("sent", a.clone()), ("failed", b.clone())],
        ),
        (
            "",
            Step::NotificationBeforeProvision { day: one },
            on.clone(),
        ),
        (
            "",
            Step::ArrivalReportedLate {
                reported: one,
                fiction: two,
            },
            vec![("reported", a.clone()), ("fiction", b.clone())],
        ),
        (
            "",
            Step::NotificationNotSameDay { provision: one },
            vec![("provision", a.clone())],
        ),
        ("", Step::SentIsNotArrived, vec![]),
        (
            "",
            Step::NthDay {
                trigger: of,
                from,
                count,
                day: two,
            },
            vec![
                ("trigger", what.to_owned()),
                ("from", a.clone()),
                ("count", count.to_string()),
                ("day", b.clone()),
            ],
        ),
        ("", Step::DayStays { day: one }, on.clone()),
        (
            "",
            Step::Shifted {
                from,
                to: two,
                cause: DayKind::Holiday(holiday),
            },
            vec![
                ("from", a.clone()),
                ("to", b.clone()),
                ("cause", feast.to_owned()),
            ],
        ),
        (
            "",
            Step::HolidayUnsure { day: one, holiday },
            vec![("day", a.clone()), ("holiday", feast.to_owned())],
        ),
        ("", Step::RetrievedEarlier { day: one }, on.clone()),
        ("", Step::RetrievalCounts { day: one }, on.clone()),
        ("", Step::NotRetrieved, vec![]),
        (
            "",
            Step::DayAfterRetrieval {
                retrieved: one,
                day: two,
            },
            vec![("retrieved", a.clone()), ("day", b.clone())],
        ),
        ("", Step::Window { last: one }, vec![("last", a.clone())]),
        (
            "",
            Step::Confirmed { what: of, day: one },
            vec![("what", what.to_owned()), ("day", a.clone())],
        ),
        ("", Step::NotConfirmed, vec![]),
        (
            "",
            Step::NotReached {
                day: one,
                known_until: two,
            },
            vec![("day", a.clone()), ("knownUntil", b.clone())],
        ),
        ("", Step::OnlyClaimed { what: of }, about.clone()),
        ("", Step::TimePending { what: of }, about.clone()),
        (
            "",
            Step::TimeBetween {
                what: of,
                earliest: one,
                latest: two,
            },
            vec![
                ("what", what.to_owned()),
                ("earliest", a.clone()),
                ("latest", b.clone()),
            ],
        ),
        ("", Step::TimeContradicted { what: of }, about.clone()),
        ("", Step::RecipientObjects { day: one }, on.clone()),
        ("", Step::RecipientRefused { day: one }, on.clone()),
        ("", Step::WithdrawnBySender { day: one }, on.clone()),
    ];
    let texts = listed.iter().map(|(key, step, values)| {
        let key = if key.is_empty() { step.code() } else { key };
        let shown: Vec<(&str, &dyn Display)> = values
            .iter()
            .map(|(name, value)| (*name, value as &dyn Display))
            .collect();
        (key.to_owned(), template(&steps::step(lang, step), &shown))
    });
    texts.collect()
}

/// What is said of a text after its period.
fn sources(lang: Language) -> Value {
    let say = |source| {
        let (from, until) = (day("1111-11-11"), None);
        steps::step(
            lang,
            &Step::Text {
                from,
                until,
                source,
            },
        )
    };
    let text = say(Source::Text);
    json!({
        "text": "",
        "secondary": say(Source::Secondary).strip_prefix(&text).unwrap(),
        "unverified": say(Source::Unverified).strip_prefix(&text).unwrap(),
    })
}

fn weekend(lang: Language) -> String {
    let (from, to) = (day("1111-11-11"), day("1122-12-22"));
    let say = |cause| steps::step(lang, &Step::Shifted { from, to, cause });
    let feast = answers::holiday(Holiday::AugsburgPeace).pick(lang);
    let holiday = say(DayKind::Holiday(Holiday::AugsburgPeace));
    let (before, after) = holiday.split_once(feast).unwrap();
    let weekend = say(DayKind::Weekend);
    let weekend = weekend.strip_prefix(before).unwrap();
    weekend.strip_suffix(after).unwrap().to_owned()
}

fn rule(lang: Language) -> String {
    let rule = &RULES[0];
    let finding = Finding {
        rules_version: RULES_VERSION,
        rule: Some(rule),
        version: None,
        verdict: Verdict::NotServed(NotServed::Withdrawn),
        used: vec![],
        steps: vec![],
        appeal: Appeal::NotComputed(NotComputed::NoAct),
    };
    let text = super::rule(lang, &finding).unwrap();
    template(
        &text,
        &[
            ("citation", &rule.citation),
            ("id", &rule.id),
            ("tables", &RULES_VERSION),
        ],
    )
}

fn basis(lang: Language) -> String {
    let time = UnixMillis(1_790_000_000_000);
    let at = Happened {
        time,
        bound: Bound::Pending { not_before: None },
        position: 777,
        standing: Standing::Proven,
    };
    let what = answers::occurrence(Occurrence::Expiry).pick(lang);
    let text = super::event_used(
        lang,
        &Used {
            what: Occurrence::Expiry,
            at,
        },
    );
    let time = lang::date_time(lang, time);
    template(
        &text,
        &[("what", &what), ("time", &time), ("position", &777)],
    )
}

fn appeal(lang: Language) -> Value {
    let [served, first_day, end] = ["1111-11-11", "1122-12-22", "1133-03-13"].map(day);
    let shown = [served, first_day, end].map(|on| super::day(lang, on));
    let law = RemedyLaw::Ao355;
    let period = |length, steps: Vec<Step>, depends: Vec<Dependency>| AppealPeriod {
        law: Some(law),
        length,
        served,
        first_day,
        nominal_end: end,
        ends: vec![end],
        depends,
        steps,
    };
    let say = |period: AppealPeriod| {
        let periods = vec![period];
        super::appeal(
            lang,
            &Appeal::Periods {
                periods,
                stated: None,
            },
        )
    };
    let length = |length| {
        let law = format!(" ({})", law.citation());
        let values: Values<'_> = &[
            ("served", &shown[0]),
            ("first", &shown[1]),
            ("ends", &shown[2]),
            ("law", &law),
        ];
        template(&say(period(length, vec![], vec![]))[0], values)
    };
    let needed = answers::dependency(lang, Dependency::Consignment);
    let depends = &say(period(
        Length::OneMonth,
        vec![],
        vec![Dependency::Consignment],
    ))[1];
    let moved = &say(period(Length::OneMonth, vec![Step::NotRetrieved], vec![]))[2];
    let stated = Appeal::Periods {
        periods: vec![],
        stated: Some(served),
    };
    let not_computed = super::appeal(lang, &Appeal::NotComputed(NotComputed::NoAct));
    let why = answers::not_computed(NotComputed::NoAct).pick(lang);
    json!({
        "one-month": length(Length::OneMonth),
        "one-year": length(Length::OneYear),
        "moved": moved,
        "depends": template(depends, &[("depends", &needed)]),
        "stated": template(&super::appeal(lang, &stated)[0], &[("day", &shown[0])]),
        "not-computed": template(&not_computed[0], &[("reason", &why)]),
    })
}
