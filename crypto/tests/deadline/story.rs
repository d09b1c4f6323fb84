//! The language of the cases.
//!
//! Events, one a line or after `;`: `notification-consent`, `service-consent`, `provided`,
//! `notified`, `bounced`, `arrived`, `retrieved`, `opened`, `acknowledged`, `refused`, `withdrawn`,
//! `objects`, `revoked`, `unbound`, `rejected`, `failed`, `until` (the events are known until then),
//! each with `YYYY-MM-DD` and an optional `HH:MM` in German time, noon without. Order is log order.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use postfach_crypto::deadline::events::{Bound, ConsentPeriod, Happened, Standing};
use postfach_crypto::deadline::{
    Circumstances, Contest, Day, Events, Finding, Place, Verdict, examine,
};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::{ConsentClass, DeliveryClass, Event, Reason};

static BERLIN: TimeZone = jiff::tz::get!("Europe/Berlin");

pub(crate) fn day(text: &str) -> Day {
    text.parse().expect("a well-formed time")
}

/// German wall-clock time.
pub(crate) fn time(text: &str) -> UnixMillis {
    let text = text.trim();
    let text = match text.split_once(' ') {
        Some((day, hour)) => format!("{day}T{hour}"),
        None => format!("{text}T12:00"),
    };
    let local: DateTime = text.parse().expect("a well-formed time");
    let zoned = local
        .to_zoned_datetime(BERLIN.clone())
        .expect("a time of the zone");
    UnixMillis(
        zoned
            .timestamp()
            .as_millisecond()
            .try_into()
            .expect("a time after 1970"),
    )
}

/// Proven, and bounded so closely that the day is certain, midnight included.
pub(crate) fn happened(time: UnixMillis, position: u64) -> Happened {
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

/// A line of a case: the word and when.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) word: String,
    pub(crate) time: UnixMillis,
    pub(crate) bound: Bound,
    pub(crate) standing: Standing,
}

impl Told {
    /// Proven, and bounded so closely that the day is certain.
    pub(crate) fn new(word: &str, time: UnixMillis) -> Self {
        let Happened {
            bound, standing, ..
        } = happened(time, 0);
        Self {
            word: word.to_owned(),
            time,
            bound,
            standing,
        }
    }
}

/// The lines of a case.
pub(crate) fn told_in(lines: &str) -> Vec<Told> {
    let steps = lines.split([';', '\n']).map(str::trim);
    steps
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (word, when) = line.split_once(' ').expect("event and time");
            Told::new(word, time(when))
        })
        .collect()
}

pub(crate) struct Story {
    pub(crate) events: Events,
    pub(crate) circumstances: Circumstances,
}

impl Story {
    pub(crate) fn of(lines: &str) -> Self {
        Self::from_told(&told_in(lines))
    }

    pub(crate) fn from_told(lines: &[Told]) -> Self {
        let mut events = Events::new(DeliveryClass::Registered);
        let mut known_until = time("2099-12-31");
        for (position, line) in lines.iter().enumerate() {
            let time = line.time;
            let at = Happened {
                time,
                bound: line.bound,
                position: position as u64,
                standing: line.standing,
            };
            let event = match line.word.as_str() {
                word @ ("notification-consent" | "service-consent") => {
                    let class = match word {
                        "service-consent" => ConsentClass::Service,
                        _ => ConsentClass::Notification,
                    };
                    events.consent(ConsentPeriod {
                        class,
                        given: at,
                        from: time,
                        revoked: None,
                    });
                    continue;
                }
                "revoked" => {
                    events.consents.last_mut().expect("a consent").revoked = Some(at);
                    continue;
                }
                "unbound" => {
                    events.binding_withdrawn = Some(at);
                    continue;
                }
                "until" => {
                    known_until = time;
                    continue;
                }
                "submitted" => Event::SubmissionAcceptance,
                "rejected" => Event::SubmissionRejection,
                "provided" => Event::ContentConsignment,
                "failed" => Event::ContentConsignmentFailure,
                "notified" => Event::ConsignmentNotification,
                "arrived" => Event::NotificationDelivered,
                "bounced" => Event::ConsignmentNotificationFailure,
                "retrieved" => Event::ContentHandover,
                "opened" => Event::ContentAccessTracking,
                "acknowledged" => Event::ConsignmentAcceptance,
                "refused" => Event::ConsignmentRejection,
                "withdrawn" => Event::EnvelopeWithdrawal,
                "objects" => Event::ContentHandoverFailure,
                other => panic!("{other} is no event of the cases"),
            };
            events.receipt(event, at, &[Reason::NotDecryptable]);
        }
        Self {
            events,
            circumstances: Circumstances {
                place: Some(Place::new("09373155".parse().expect("a municipality key"))),
                contest: Contest::NotOpened,
                known_until,
            },
        }
    }

    pub(crate) fn examine(&self, rule: &str) -> Finding {
        examine(Some(rule), &self.events, &self.circumstances)
    }
}

/// `served-on D`, `not-served reason`, `open a,b D D`, `disputed reason D`.
pub(crate) fn told(verdict: &Verdict) -> String {
    let detail = match verdict {
        Verdict::ServedOn(_) => String::new(),
        Verdict::NotServed(reason) => format!(" {}", reason.code()),
        Verdict::Open { depends, .. } => {
            let codes: Vec<_> = depends.iter().map(|on| on.code()).collect();
            format!(" {}", codes.join(","))
        }
        Verdict::Disputed { dispute, .. } => format!(" {}", dispute.code()),
    };
    let days: String = verdict.days().iter().map(|day| format!(" {day}")).collect();
    format!("{}{detail}{days}", verdict.code())
}

/// What the provision says, events, verdict.
pub(crate) type Case = (&'static str, &'static str, &'static str);

/// Every case of a rule.
pub(crate) fn check(rule: &str, cases: &[Case]) {
    for (provision, lines, expected) in cases {
        let finding = Story::of(lines).examine(rule);
        assert_eq!(
            told(&finding.verdict),
            *expected,
            "{rule}: {provision}\n{lines}\n{:#?}",
            finding.steps
        );
        assert_eq!(finding.rule.expect("a known rule").id, rule);
    }
}
