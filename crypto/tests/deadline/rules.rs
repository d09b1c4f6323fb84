//! Each rule of the table, with cases from its provision.

use crate::story::{Case, check};

/// BayDiG Art. 24(2) and (1); 24(3) asks for the log that these events are.
#[test]
fn baydig_24_2() {
    check("BayDiG-24-2", BAYDIG_24_2);
}

/// BayDiG Art. 25: as Art. 24, with the express consent to formal service.
#[test]
fn baydig_25() {
    check("BayDiG-25", BAYDIG_25);
}

/// OZG § 9(1).
#[test]
fn ozg_9_1() {
    check("OZG-9-1", OZG_9_1);
}

/// VwVfG § 41(2): 3rd day until 2024, 4th day since.
#[test]
fn vwvfg_41_2() {
    check("VwVfG-41-2", VWVFG_41_2);
}

/// VwVfG § 41(2a): the day after retrieval, within ten days of the notification.
#[test]
fn vwvfg_41_2a() {
    check("VwVfG-41-2a", VWVFG_41_2A);
}

/// VwZG § 5(7): the fiction gives way to an acknowledgement that comes in time.
#[test]
fn vwzg_5_7() {
    check("VwZG-5-7", VWZG_5_7);
}

/// VwZG § 5a(4): the same with the confirmation that it was collected.
#[test]
fn vwzg_5a_4() {
    check("VwZG-5a-4", VWZG_5A_4);
}

pub(crate) const BAYDIG_24_2: &[Case] = &[
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
];

pub(crate) const BAYDIG_25: &[Case] = &[
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
];

pub(crate) const OZG_9_1: &[Case] = &[
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
];

pub(crate) const VWVFG_41_2: &[Case] = &[
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
];

pub(crate) const VWVFG_41_2A: &[Case] = &[
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
];

pub(crate) const VWZG_5_7: &[Case] = &[
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
];

pub(crate) const VWZG_5A_4: &[Case] = &[
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
];
