//! Times that are only bounded, contradicted, or claimed; versions and holidays in between.

use postfach_crypto::deadline::events::{Bound, Happened, Standing};
use postfach_crypto::ids::UnixMillis;

use crate::story::{Story, time, told};

const LINES: &str = "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02";

/// The verdict when the notification's receipt is changed.
fn with(rule: &str, lines: &str, change: impl FnOnce(&mut Happened)) -> String {
    let mut story = Story::of(lines);
    change(&mut story.events.notifications[0].sent);
    told(&story.examine(rule).verdict)
}

fn between(from: &str, to: &str) -> Bound {
    Bound::Between {
        not_before: time(from),
        not_after: time(to),
    }
}

#[test]
fn bounds_within_one_day_settle_it() {
    let verdict = with("BayDiG-24-2", LINES, |sent| {
        sent.bound = between("2026-11-02 00:00", "2026-11-02 23:59");
    });
    assert_eq!(verdict, "served-on 2026-11-05");
}

#[test]
fn bounds_over_midnight_leave_two_days() {
    let verdict = with("BayDiG-24-2", LINES, |sent| {
        sent.bound = between("2026-11-02 11:59", "2026-11-03 00:00");
    });
    assert_eq!(verdict, "open which-day 2026-11-05 2026-11-06");
}

#[test]
fn two_days_that_move_to_one_settle_it() {
    let lines = "notification-consent 2022-09-01; provided 2025-11-04; notified 2025-11-04";
    let verdict = with("AO-122a-4", lines, |sent| {
        sent.bound = between("2025-11-04 11:59", "2025-11-05 00:01");
    });
    assert_eq!(verdict, "served-on 2025-11-10");
}

#[test]
fn bounds_over_a_change_of_the_text_show_what_both_give() {
    let mut story = Story::of("notification-consent 2022-09-01; provided 2024-12-31 23:59");
    let provided = story.events.consignment.as_mut().unwrap();
    provided.bound = between("2024-12-31 23:58", "2025-01-01 00:03");
    let verdict = told(&story.examine("VwVfG-41-2").verdict);
    assert_eq!(
        verdict,
        "open rule-text,which-day 2025-01-03 2025-01-04 2025-01-05"
    );
}

#[test]
fn without_an_upper_bound_it_stays_open() {
    let verdict = with("BayDiG-24-2", LINES, |sent| {
        sent.bound = Bound::Pending { not_before: None };
    });
    assert_eq!(verdict, "open time-bound 2026-11-05");
    let verdict = with("BayDiG-24-2", LINES, |sent| {
        sent.bound = Bound::Pending {
            not_before: Some(time("2026-11-01 23:00")),
        };
    });
    assert_eq!(verdict, "open time-bound,which-day 2026-11-04 2026-11-05");
}

#[test]
fn bounds_far_apart_bound_nothing() {
    let verdict = with("BayDiG-24-2", LINES, |sent| {
        sent.bound = between("2026-09-01", "2026-12-01");
    });
    assert_eq!(verdict, "open time-bound 2026-11-05");
    let verdict = with("BayDiG-24-2", LINES, |sent| {
        sent.bound = Bound::Between {
            not_before: UnixMillis(0),
            not_after: UnixMillis(u64::MAX),
        };
    });
    assert_eq!(verdict, "open time-bound 2026-11-05");
}

#[test]
fn a_time_outside_its_bounds_is_disputed() {
    let verdict = with("BayDiG-24-2", LINES, |sent| {
        sent.bound = between("2026-11-04", "2026-11-05");
    });
    assert!(
        verdict.starts_with("disputed time-contradicted"),
        "{verdict}"
    );
    let verdict = with("BayDiG-24-2", LINES, |sent| {
        sent.bound = Bound::Pending {
            not_before: Some(time("2026-11-03")),
        };
    });
    assert!(
        verdict.starts_with("disputed time-contradicted"),
        "{verdict}"
    );
}

#[test]
fn what_is_only_claimed_needs_proof() {
    let verdict = with("BayDiG-24-2", LINES, |sent| {
        sent.standing = Standing::Claimed;
    });
    assert_eq!(verdict, "open proof 2026-11-05");
}

#[test]
fn an_acknowledgement_around_the_last_midnight_leaves_two_answers() {
    let lines = "service-consent 2022-09-01; provided 2026-11-02; acknowledged 2026-11-06 23:59";
    let mut story = Story::of(lines);
    story.events.acceptance.as_mut().unwrap().bound =
        between("2026-11-06 23:58", "2026-11-07 00:02");
    let verdict = told(&story.examine("VwZG-5-7").verdict);
    assert_eq!(verdict, "open which-day 2026-11-06 2026-11-07");
}
