//! Each rule of the table, with cases from its provision.

use postfach_crypto::deadline::finding::Step;
use postfach_crypto::deadline::holidays::Local;
use postfach_crypto::deadline::rules::{RULES, Rule, Source};
use postfach_crypto::deadline::{Place, examine};

use crate::story::{Story, check, day, told};

const C: &str = "notification-consent 2022-09-01";

/// BayDiG Art. 24(2) and (1); 24(3) asks for the log that these events are.
#[test]
fn baydig_24_2() {
    check(
        "BayDiG-24-2",
        &[
            (
                "S. 1: third day after the notification was sent; Monday to Thursday",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02",
                "served-on 2026-11-05",
            ),
            (
                "S. 1: counted from the notification, not from provision",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-04",
                "served-on 2026-11-07",
            ),
            (
                "S. 1: the day may be a Sunday; nothing moves",
                "notification-consent 2026-01-01; provided 2026-11-05; notified 2026-11-05",
                "served-on 2026-11-08",
            ),
            (
                "S. 1: the day may be a public holiday (Christmas Day)",
                "notification-consent 2026-01-01; provided 2026-12-22; notified 2026-12-22",
                "served-on 2026-12-25",
            ),
            (
                "S. 1: still the third day in 2025 and later; Bavaria's act was not changed",
                "notification-consent 2024-01-01; provided 2025-01-02; notified 2025-01-02",
                "served-on 2025-01-05",
            ),
            (
                "S. 1: earlier retrieval does not make it earlier",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-02 13:00",
                "served-on 2026-11-05",
            ),
            (
                "S. 1: over the end of the year",
                "notification-consent 2026-01-01; provided 2026-12-30; notified 2026-12-30 23:59",
                "served-on 2027-01-02",
            ),
            (
                "S. 1: minutes after midnight are the next day",
                "notification-consent 2026-01-01; provided 2026-11-02 23:59; notified 2026-11-03 00:00",
                "served-on 2026-11-06",
            ),
            (
                "S. 1: nothing runs before a notification is sent",
                "notification-consent 2026-01-01; provided 2026-11-02",
                "open notification",
            ),
            (
                "S. 1: a notification of what is not yet available is none",
                "notification-consent 2026-01-01; notified 2026-11-02; provided 2026-11-03",
                "not-served notification-failed",
            ),
            (
                "S. 2: the notification did not arrive",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-02 12:05",
                "not-served notification-failed",
            ),
            (
                "S. 2: a bounce after the third day changes it too",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-10",
                "not-served notification-failed",
            ),
            (
                "S. 2: that it arrived is reported after that day; it may have arrived later",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; arrived 2026-11-06",
                "open arrival-time 2026-11-05",
            ),
            (
                "S. 2: it arrived on that day, so the fiction stands",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; arrived 2026-11-05",
                "served-on 2026-11-05",
            ),
            (
                "S. 4: without proof of arrival, when it is retrieved",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-02 12:05; retrieved 2026-11-20 08:00",
                "served-on 2026-11-20",
            ),
            (
                "S. 4: then retrieval may count",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; arrived 2026-11-09; retrieved 2026-11-10",
                "open arrival-time 2026-11-05 2026-11-10",
            ),
            (
                "S. 4: never notified, when it is retrieved",
                "notification-consent 2026-01-01; provided 2026-11-02; retrieved 2026-11-04",
                "served-on 2026-11-04",
            ),
            (
                "S. 1: a second notification after the first came back starts the fiction anew",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-03; notified 2026-11-04",
                "served-on 2026-11-07",
            ),
            (
                "S. 4: retrieved between the failed notification and the next",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-03; retrieved 2026-11-03 14:00; notified 2026-11-04",
                "served-on 2026-11-03",
            ),
            (
                "S. 1: a reminder does not start it again",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; notified 2026-11-09",
                "served-on 2026-11-05",
            ),
            (
                "(1): no consent, no fiction",
                "provided 2026-11-02; notified 2026-11-02",
                "not-served no-consent",
            ),
            (
                "(1), (2) S. 4: no consent, then when it is retrieved",
                "provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-09",
                "served-on 2026-11-09",
            ),
            (
                "(1): consent to formal service is another consent",
                "service-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02",
                "not-served no-consent",
            ),
            (
                "Art. 22(2): revoked before the notification, with effect for the future",
                "notification-consent 2026-01-01; revoked 2026-10-30; provided 2026-11-02; notified 2026-11-02",
                "not-served no-consent",
            ),
            (
                "Art. 22(2): revoked between notification and third day",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; revoked 2026-11-03",
                "open consent-revoked 2026-11-05",
            ),
            (
                "Art. 22(2): revoked afterwards",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; revoked 2026-11-06",
                "served-on 2026-11-05",
            ),
            (
                "(1): consent given after the first notification counts for the second",
                "provided 2026-11-02; notified 2026-11-02; notification-consent 2026-11-03; notified 2026-11-04",
                "served-on 2026-11-07",
            ),
            (
                "the day has not come yet: a failure may still be reported",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; until 2026-11-04",
                "open day-not-reached 2026-11-05",
            ),
            (
                "the day has come",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; until 2026-11-05 00:00",
                "served-on 2026-11-05",
            ),
            (
                "not available, so nothing to notify of",
                "notification-consent 2026-01-01; submitted 2026-11-02",
                "open consignment",
            ),
            (
                "could not be made available",
                "notification-consent 2026-01-01; submitted 2026-11-02; failed 2026-11-02",
                "not-served consignment-failed",
            ),
            (
                "refused by the server",
                "notification-consent 2026-01-01; rejected 2026-11-02",
                "not-served submission-rejected",
            ),
            (
                "taken back before the third day",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; withdrawn 2026-11-04",
                "not-served withdrawn",
            ),
            (
                "taken back after it counted as served",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; withdrawn 2026-11-06",
                "open withdrawn-afterwards 2026-11-05",
            ),
            (
                "the binding was withdrawn before the notification",
                "notification-consent 2026-01-01; provided 2026-11-02; unbound 2026-11-02; notified 2026-11-02",
                "not-served binding-withdrawn",
            ),
            (
                "the binding was withdrawn before the third day",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; unbound 2026-11-03",
                "open binding-withdrawn 2026-11-05",
            ),
            (
                "the binding was withdrawn after it was retrieved",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-02; unbound 2026-11-03",
                "served-on 2026-11-05",
            ),
            (
                "the recipient could not open it",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-02; objects 2026-11-02",
                "disputed by-recipient 2026-11-05",
            ),
            (
                "the recipient refused it",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; refused 2026-11-03",
                "disputed rejected 2026-11-05",
            ),
            (
                "before the act came into force",
                "notification-consent 2022-01-01; provided 2022-07-31; notified 2022-07-31",
                "open no-text",
            ),
        ],
    );
}

/// BayDiG Art. 25: as Art. 24, with the express consent to formal service.
#[test]
fn baydig_25() {
    check(
        "BayDiG-25",
        &[
            (
                "S. 1: as Art. 24(2)",
                "service-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02",
                "served-on 2026-11-05",
            ),
            (
                "S. 2: consent to notification is not enough",
                "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02",
                "not-served no-consent",
            ),
            (
                "S. 2: without consent retrieval alone does not settle formal service",
                "provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-03",
                "open consent 2026-11-03",
            ),
            (
                "S. 1, Art. 24(2) S. 4",
                "service-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-02; retrieved 2026-11-09",
                "served-on 2026-11-09",
            ),
        ],
    );
}

/// OZG § 9(1).
#[test]
fn ozg_9_1() {
    check(
        "OZG-9-1",
        &[
            (
                "third day after provision",
                "notification-consent 2024-01-01; provided 2026-11-02; notified 2026-11-02",
                "served-on 2026-11-05",
            ),
            (
                "the notification comes on the day of provision at the latest",
                "notification-consent 2024-01-01; provided 2026-11-02; notified 2026-11-03",
                "open notification-too-late 2026-11-05",
            ),
            (
                "no notification",
                "notification-consent 2024-01-01; provided 2026-11-02",
                "open notification 2026-11-05",
            ),
            (
                "a failed notification",
                "notification-consent 2024-01-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-02",
                "open notification-arrival 2026-11-05",
            ),
            (
                "a failed notification, retrieved later",
                "notification-consent 2024-01-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-02; retrieved 2026-11-09",
                "open notification-arrival 2026-11-05 2026-11-09",
            ),
            (
                "may be a Sunday",
                "notification-consent 2024-01-01; provided 2026-11-05; notified 2026-11-05",
                "served-on 2026-11-08",
            ),
            (
                "no consent",
                "provided 2026-11-02; notified 2026-11-02",
                "not-served no-consent",
            ),
            (
                "first day of this text",
                "notification-consent 2024-01-01; provided 2024-07-24; notified 2024-07-24",
                "served-on 2024-07-27",
            ),
            (
                "the day before",
                "notification-consent 2024-01-01; provided 2024-07-23; notified 2024-07-23",
                "open no-text",
            ),
        ],
    );
}

/// VwVfG § 41(2): 3rd day until 2024, 4th day since.
#[test]
fn vwvfg_41_2() {
    check(
        "VwVfG-41-2",
        &[
            (
                "fourth day after transmission",
                "notification-consent 2022-09-01; provided 2026-11-02",
                "served-on 2026-11-06",
            ),
            (
                "may be a Sunday",
                "notification-consent 2022-09-01; provided 2026-11-04",
                "served-on 2026-11-08",
            ),
            (
                "last day of the third day",
                "notification-consent 2022-09-01; provided 2024-12-31 23:59",
                "served-on 2025-01-03",
            ),
            (
                "first day of the fourth day",
                "notification-consent 2022-09-01; provided 2025-01-01 00:00",
                "served-on 2025-01-05",
            ),
            ("no consent", "provided 2026-11-02", "not-served no-consent"),
            (
                "retrieved although the notification failed: it arrived in time",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-02; retrieved 2026-11-03",
                "served-on 2026-11-06",
            ),
            (
                "the notification failed and nobody looked",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-02",
                "open notification-arrival 2026-11-06",
            ),
        ],
    );
}

/// VwVfG § 41(2a): the day after retrieval, within ten days of the notification.
#[test]
fn vwvfg_41_2a() {
    check(
        "VwVfG-41-2a",
        &[
            (
                "S. 3: the day after retrieval",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-04",
                "served-on 2026-11-05",
            ),
            (
                "S. 3: the last minute of a day",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-04 23:59",
                "served-on 2026-11-05",
            ),
            (
                "S. 4: the tenth day is in time",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-12",
                "served-on 2026-11-13",
            ),
            (
                "S. 4, 5: the eleventh is not; no effect",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-13",
                "not-served provision-ended",
            ),
            (
                "S. 4: the tenth day is a Saturday; whether it moves must be checked",
                "notification-consent 2022-09-01; provided 2026-11-04; notified 2026-11-04; retrieved 2026-11-16",
                "open window-end 2026-11-17",
            ),
            (
                "S. 4: not retrieved yet",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; until 2026-11-12",
                "open retrieval",
            ),
            (
                "S. 5: not retrieved at all",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; until 2026-11-13",
                "not-served provision-ended",
            ),
            (
                "S. 4: a failed notification may not have begun the ten days",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-02; until 2026-12-13",
                "open notification-arrival",
            ),
            (
                "S. 1: consent is needed",
                "provided 2026-11-02; notified 2026-11-02; retrieved 2026-11-04",
                "open consent 2026-11-04",
            ),
            (
                "S. 3: never notified",
                "notification-consent 2022-09-01; provided 2026-11-02; retrieved 2026-12-04",
                "served-on 2026-12-05",
            ),
        ],
    );
}

/// VwZG § 5(7): the fiction gives way to an acknowledgement that comes in time.
#[test]
fn vwzg_5_7() {
    check(
        "VwZG-5-7",
        &[
            (
                "fourth day after sending",
                "service-consent 2022-09-01; provided 2026-11-02",
                "served-on 2026-11-06",
            ),
            (
                "third day until 2024",
                "service-consent 2022-09-01; provided 2024-12-31",
                "served-on 2025-01-03",
            ),
            (
                "acknowledged in time",
                "service-consent 2022-09-01; provided 2026-11-02; retrieved 2026-11-03; acknowledged 2026-11-04",
                "served-on 2026-11-04",
            ),
            (
                "acknowledged on the last day",
                "service-consent 2022-09-01; provided 2026-11-02; acknowledged 2026-11-06 23:59",
                "served-on 2026-11-06",
            ),
            (
                "acknowledged too late",
                "service-consent 2022-09-01; provided 2026-11-02; acknowledged 2026-11-07",
                "served-on 2026-11-06",
            ),
            (
                "no consent to formal service",
                "notification-consent 2022-09-01; provided 2026-11-02",
                "not-served no-consent",
            ),
        ],
    );
}

/// VwZG § 5a(4): the same with the confirmation that it was collected.
#[test]
fn vwzg_5a_4() {
    check(
        "VwZG-5a-4",
        &[
            (
                "fourth day after sending",
                "service-consent 2022-09-01; provided 2026-11-02",
                "served-on 2026-11-06",
            ),
            (
                "third day until 2024",
                "service-consent 2022-09-01; provided 2024-12-31",
                "served-on 2025-01-03",
            ),
            (
                "collected in time",
                "service-consent 2022-09-01; provided 2026-11-02; retrieved 2026-11-03",
                "served-on 2026-11-03",
            ),
            (
                "collected too late",
                "service-consent 2022-09-01; provided 2026-11-02; retrieved 2026-11-07",
                "served-on 2026-11-06",
            ),
        ],
    );
}

/// AO § 122a(4), § 108(3), and for municipal levies through BayKAG Art. 13.
#[test]
fn ao_122a_4() {
    for rule in ["AO-122a-4", "BayKAG-13-AO-122a-4"] {
        check(
            rule,
            &[
                (
                    "(4): fourth day after the notification, 2025",
                    "notification-consent 2022-09-01; provided 2025-11-03; notified 2025-11-03",
                    "served-on 2025-11-07",
                ),
                (
                    "(4): third day until 2024",
                    "notification-consent 2022-09-01; provided 2024-11-04; notified 2024-11-04",
                    "served-on 2024-11-07",
                ),
                (
                    "§ 108(3): a Saturday moves to Monday",
                    "notification-consent 2022-09-01; provided 2025-11-04; notified 2025-11-04",
                    "served-on 2025-11-10",
                ),
                (
                    "§ 108(3): a Sunday moves to Monday",
                    "notification-consent 2022-09-01; provided 2025-11-05; notified 2025-11-05",
                    "served-on 2025-11-10",
                ),
                (
                    "§ 108(3): Good Friday moves over Easter Monday to Tuesday",
                    "notification-consent 2022-09-01; provided 2025-04-14; notified 2025-04-14",
                    "served-on 2025-04-22",
                ),
                (
                    "§ 108(3): Christmas and the weekend after it",
                    "notification-consent 2022-09-01; provided 2025-12-21; notified 2025-12-21",
                    "served-on 2025-12-29",
                ),
                (
                    "§ 108(3): 24 and 31 December are no holidays",
                    "notification-consent 2022-09-01; provided 2025-12-20; notified 2025-12-20",
                    "served-on 2025-12-24",
                ),
                (
                    "§ 108(3): Epiphany is a holiday in Bavaria",
                    "notification-consent 2022-09-01; provided 2025-01-02; notified 2025-01-02",
                    "served-on 2025-01-07",
                ),
                (
                    "§ 108(3): 15 August depends on the municipality",
                    "notification-consent 2022-09-01; provided 2025-08-11; notified 2025-08-11",
                    "open holiday 2025-08-15 2025-08-18",
                ),
                (
                    "(4) S. 3: arrival not proven, then when it is retrieved",
                    "notification-consent 2022-09-01; provided 2025-11-03; notified 2025-11-03; bounced 2025-11-04; retrieved 2025-11-29",
                    "served-on 2025-11-29",
                ),
                (
                    "2026, text not verified: both readings give one day",
                    "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02",
                    "served-on 2026-11-06",
                ),
                (
                    "2026, text not verified: notified a day after provision",
                    "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-03",
                    "open rule-text 2026-11-06 2026-11-09",
                ),
                (
                    "2026, text not verified: readings that differ may move to one day",
                    "notification-consent 2022-09-01; provided 2026-11-03; notified 2026-11-04",
                    "served-on 2026-11-09",
                ),
                (
                    "no consent",
                    "provided 2025-11-03; notified 2025-11-03",
                    "not-served no-consent",
                ),
            ],
        );
    }
}

/// AO § 108(3): what is stated of the municipality settles its holiday.
#[test]
fn ao_holidays_follow_the_municipality() {
    let lines = "notification-consent 2022-09-01; provided 2025-08-11; notified 2025-08-11";
    for (ags, assumption, expected) in [
        ("09373155", Local::Kept, "served-on 2025-08-18"),
        ("09373155", Local::NotKept, "served-on 2025-08-15"),
        ("09761000", Local::Unknown, "served-on 2025-08-18"), // Augsburg
        ("10041100", Local::Unknown, "served-on 2025-08-18"), // Saarland
        ("11000000", Local::Unknown, "served-on 2025-08-15"), // Berlin
    ] {
        let mut story = Story::of(lines);
        story.circumstances.place = Some(Place {
            assumption,
            ..Place::new(ags.parse().unwrap())
        });
        let finding = story.examine("AO-122a-4");
        assert_eq!(told(&finding.verdict), expected, "{ags}");
    }
    let mut story = Story::of(lines);
    story.circumstances.place = None;
    let finding = story.examine("AO-122a-4");
    assert_eq!(told(&finding.verdict), "open holiday 2025-08-15 2025-08-18");
}

/// Rows whose text is not verified: the result says so, and a date stands only where it is certain.
#[test]
fn unverified_rows() {
    for rule in ["BayVwVfG-41-2", "SGB-X-37-2"] {
        check(
            rule,
            &[
                (
                    "third day until 2024",
                    "notification-consent 2022-09-01; provided 2024-12-30",
                    "served-on 2025-01-02",
                ),
                (
                    "third or fourth day since",
                    "notification-consent 2022-09-01; provided 2026-11-02",
                    "open rule-text 2026-11-05 2026-11-06",
                ),
                (
                    "no consent under either reading",
                    "provided 2026-11-02",
                    "not-served no-consent",
                ),
            ],
        );
    }
    check(
        "BayVwZVG-5",
        &[
            (
                "third or fourth day",
                "service-consent 2022-09-01; provided 2026-11-02",
                "open rule-text 2026-11-05 2026-11-06",
            ),
            (
                "acknowledged before either",
                "service-consent 2022-09-01; provided 2026-11-02; acknowledged 2026-11-04",
                "served-on 2026-11-04",
            ),
            (
                "third day until 2024",
                "service-consent 2022-09-01; provided 2024-12-30",
                "served-on 2025-01-02",
            ),
        ],
    );
    check(
        "SGB-X-37-2a",
        &[
            (
                "third day until 2024",
                "notification-consent 2022-09-01; provided 2024-12-30; notified 2024-12-30",
                "served-on 2025-01-02",
            ),
            (
                "third or fourth day since",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02",
                "open rule-text 2026-11-05 2026-11-06",
            ),
            (
                "a failed notification, under either reading",
                "notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02; bounced 2026-11-03; retrieved 2026-11-09",
                "served-on 2026-11-09",
            ),
        ],
    );
}

#[test]
fn results_say_how_well_the_text_is_known() {
    for rule in RULES {
        let lines = "notification-consent 2022-09-01; service-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02";
        let finding = Story::of(lines).examine(rule.id);
        let version = finding.version.unwrap();
        let said = finding
            .steps
            .iter()
            .any(|step| matches!(step, Step::Text { source, .. } if *source == version.source));
        assert!(said, "{}", rule.id);
        assert!(finding.used.len() >= 2, "{}", rule.id);
        let unverified = version.source == Source::Unverified;
        assert_eq!(unverified, version.readings.len() > 1, "{}", rule.id);
    }
}

#[test]
fn tables_are_in_order() {
    for (index, rule) in RULES.iter().enumerate() {
        assert!(std::ptr::eq(Rule::named(rule.id).unwrap(), &RULES[index]));
        assert!(!rule.versions.is_empty(), "{}", rule.id);
        for pair in rule.versions.windows(2) {
            let next = pair[0].until.unwrap().plus_days(1);
            assert_eq!(next, pair[1].from, "{}", rule.id);
        }
        let last = rule.versions.last().unwrap();
        assert_eq!(last.until, None, "{}", rule.id);
        assert!(
            rule.versions
                .iter()
                .all(|version| !version.readings.is_empty())
        );
    }
}

#[test]
fn without_a_known_rule_nothing_is_computed() {
    let story = Story::of(&format!("{C}; provided 2026-11-02; notified 2026-11-02"));
    let finding = examine(None, &story.events, &story.circumstances);
    assert_eq!(told(&finding.verdict), "open rule-not-named");
    let finding = examine(Some("BayDiG Art. 25"), &story.events, &story.circumstances);
    assert_eq!(told(&finding.verdict), "open rule-unknown");
    assert!(finding.rule.is_none());
}

#[test]
fn formal_service_by_ordinary_mail_is_named() {
    let mut story =
        Story::of("service-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02");
    let ordinary = |story: &Story| {
        story
            .examine("BayDiG-25")
            .steps
            .contains(&Step::OrdinaryDelivery)
    };
    assert!(!ordinary(&story));
    story.events.class = postfach_crypto::statement::DeliveryClass::Ordinary;
    assert!(ordinary(&story));
    assert_eq!(
        story.examine("BayDiG-25").verdict.earliest(),
        Some(day("2026-11-05"))
    );
}
