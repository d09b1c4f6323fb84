//! What holds for every rule and any events.

use postfach_crypto::deadline::events::{Bound, ConsentPeriod, Happened, Standing};
use postfach_crypto::deadline::finding::NotServed;
use postfach_crypto::deadline::holidays::{DayKind, day_kind};
use postfach_crypto::deadline::rules::{FictionDay, RULES, Rule};
use postfach_crypto::deadline::{Circumstances, Contest, Day, Events, Place, Verdict, examine};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::{ConsentClass, DeliveryClass, Event};
use proptest::prelude::*;

use crate::story::{happened, time};

const DAY: u64 = 86_400_000;

fn any_rule() -> impl Strategy<Value = &'static Rule> {
    prop::sample::select(RULES.iter().collect::<Vec<_>>())
}

/// The rules whose fiction moves to a working day.
fn working_day_rule() -> impl Strategy<Value = &'static Rule> {
    let moves = |rule: &&Rule| {
        let mut readings = rule.versions.iter().flat_map(|version| version.readings);
        readings.all(|reading| reading.fiction_day == FictionDay::WorkingDay)
    };
    prop::sample::select(RULES.iter().filter(moves).collect::<Vec<_>>())
}

/// A moment from 2024-07-24 to about 2031.
fn any_time() -> impl Strategy<Value = UnixMillis> {
    (0..7 * 365 * DAY).prop_map(|after| UnixMillis(time("2024-07-24").0 + after))
}

fn circumstances() -> Circumstances {
    Circumstances {
        place: Some(Place::new("09373155".parse().expect("a municipality key"))),
        contest: Contest::NotInstructed,
        known_until: time("2099-12-31"),
    }
}

fn consented(class: DeliveryClass) -> Events {
    let mut events = Events::new(class);
    for class in ConsentClass::ALL {
        events.consent(ConsentPeriod {
            class: *class,
            given: happened(time("2022-09-01"), 0),
            from: time("2022-09-01"),
            revoked: None,
        });
    }
    events
}

/// Events in log order with ascending times: which, and how many milliseconds later.
fn any_events() -> impl Strategy<Value = (UnixMillis, Vec<(Event, u64)>)> {
    let envelope_events = Event::ALL[..].to_vec();
    let event = (prop::sample::select(envelope_events), 0..6 * DAY);
    (any_time(), prop::collection::vec(event, 0..12))
}

fn filled(mut events: Events, start: UnixMillis, steps: &[(Event, u64)]) -> Events {
    let mut now = start.0;
    for (index, (event, later)) in steps.iter().enumerate() {
        now += later;
        events.receipt(*event, happened(UnixMillis(now), index as u64 + 1), &[]);
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happened: no panic, never served before it was available, never a day without the
    /// events that it rests on, and the appeal period never ends before it begins.
    #[test]
    fn never_served_before_it_was_available(rule in any_rule(), (start, steps) in any_events()) {
        let events = filled(consented(DeliveryClass::Registered), start, &steps);
        let finding = examine(Some(rule.id), &events, &circumstances());
        for day in finding.verdict.days() {
            let provided = events.consignment.expect("no day without provision");
            prop_assert!(provided.day() <= *day);
            prop_assert!(!finding.used.is_empty());
        }
        if let postfach_crypto::deadline::appeal::Appeal::Periods { periods, .. } = &finding.appeal {
            for period in periods {
                prop_assert!(period.served < period.first_day && period.first_day <= period.nominal_end);
                prop_assert!(period.nominal_end <= period.ends[0]);
            }
        }
        if let Verdict::Open { depends, candidates } = &finding.verdict {
            prop_assert!(!depends.is_empty());
            prop_assert!(depends.is_sorted() && candidates.is_sorted());
        }
    }

    /// No consent, no fiction: only retrieval can serve.
    #[test]
    fn no_consent_no_fiction(rule in any_rule(), (start, steps) in any_events()) {
        let events = filled(Events::new(DeliveryClass::Registered), start, &steps);
        let finding = examine(Some(rule.id), &events, &circumstances());
        if let Verdict::ServedOn(day) = finding.verdict {
            let retrieved = [events.handover, events.access].into_iter().flatten();
            prop_assert!(retrieved.into_iter().any(|at| at.day() == day));
        }
    }

    /// A failed notification never leaves a fiction standing for what nobody retrieved.
    #[test]
    fn a_bounce_ends_the_fiction(rule in any_rule(), sent in any_time(), bounced in 0..90 * DAY) {
        let at = |later: u64, position| happened(UnixMillis(sent.0 + later), position);
        let mut events = consented(DeliveryClass::Registered);
        events.receipt(Event::ContentConsignment, at(0, 1), &[]);
        events.receipt(Event::ConsignmentNotification, at(0, 2), &[]);
        let before = examine(Some(rule.id), &events, &circumstances());
        events.receipt(Event::ConsignmentNotificationFailure, at(bounced, 3), &[]);
        let after = examine(Some(rule.id), &events, &circumstances());
        prop_assert!(!matches!(after.verdict, Verdict::ServedOn(_)), "{:?}", after.verdict);
        prop_assert_ne!(&before.verdict, &after.verdict);
        let by_notification = ["BayDiG-24-2", "BayDiG-25"].contains(&rule.id);
        if by_notification {
            prop_assert_eq!(&after.verdict, &Verdict::NotServed(NotServed::NotificationFailed));
            // Retrieval then counts, on its day (BayDiG Art. 24(2) sentence 4).
            let retrieved = at(bounced + DAY, 4);
            events.receipt(Event::ContentHandover, retrieved, &[]);
            let retrieved_after = examine(Some(rule.id), &events, &circumstances());
            prop_assert_eq!(retrieved_after.verdict, Verdict::ServedOn(retrieved.day()));
        }
    }

    /// What is sent later never counts as served earlier, within one text of the rule.
    #[test]
    fn later_sent_is_not_served_earlier(rule in any_rule(), sent in any_time(), later in 0..40 * DAY) {
        let served = |from: u64| {
            let mut events = consented(DeliveryClass::Registered);
            let at = |position| happened(UnixMillis(from), position);
            events.receipt(Event::ContentConsignment, at(1), &[]);
            events.receipt(Event::ConsignmentNotification, at(2), &[]);
            let finding = examine(Some(rule.id), &events, &circumstances());
            (finding.verdict.days().to_vec(), finding.version)
        };
        let (early, early_text) = served(sent.0);
        let (late, late_text) = served(sent.0 + later);
        if early_text == late_text {
            prop_assert!(early.first() <= late.first() && early.last() <= late.last());
        }
    }

    /// A fiction that must fall on a working day does, and lies less than ten days away.
    #[test]
    fn working_day_rules_give_working_days(rule in working_day_rule(), sent in any_time()) {
        let mut events = consented(DeliveryClass::Ordinary);
        events.receipt(Event::ContentConsignment, happened(sent, 1), &[]);
        events.receipt(Event::ConsignmentNotification, happened(sent, 2), &[]);
        let circumstances = circumstances();
        let finding = examine(Some(rule.id), &events, &circumstances);
        for day in finding.verdict.days() {
            let kind = day_kind(*day, circumstances.place.as_ref());
            prop_assert!(matches!(kind, DayKind::Working | DayKind::Unsure(_)));
            prop_assert!(*day < Day::of(sent).plus_days(10));
        }
    }

    /// Less knowledge of the time never makes a date certain, and never hides the day it had.
    #[test]
    fn wider_bounds_only_open(rule in any_rule(), sent in any_time(), before in 0..3 * DAY, after in 0..3 * DAY) {
        let with = |bound: Bound, standing: Standing| {
            let at = |position| Happened { time: sent, bound, position, standing };
            let mut events = consented(DeliveryClass::Registered);
            events.receipt(Event::ContentConsignment, at(1), &[]);
            events.receipt(Event::ConsignmentNotification, at(2), &[]);
            examine(Some(rule.id), &events, &circumstances()).verdict
        };
        let (not_before, not_after) = (UnixMillis(sent.0 - before), UnixMillis(sent.0 + after));
        let exact = with(Bound::Between { not_before: sent, not_after: sent }, Standing::Proven);
        let wide = with(Bound::Between { not_before, not_after }, Standing::Proven);
        for day in exact.days() {
            prop_assert!(wide.days().contains(day));
        }
        if let Verdict::ServedOn(day) = wide {
            prop_assert_eq!(exact, Verdict::ServedOn(day));
        }
        let pending = with(Bound::Pending { not_before: Some(not_before) }, Standing::Proven);
        let claimed = with(Bound::Between { not_before: sent, not_after: sent }, Standing::Claimed);
        for verdict in [pending, claimed] {
            prop_assert!(!matches!(verdict, Verdict::ServedOn(_)));
        }
    }
}
