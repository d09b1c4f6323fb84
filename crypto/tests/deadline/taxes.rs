//! AO § 122a(4) with § 108(3): the fourth day, moved to a working day at the recipient's place.

use postfach_crypto::deadline::Place;
use postfach_crypto::deadline::holidays::Local;

use crate::story::{Case, Story, check, told};

/// AO § 122a(4), § 108(3), and for municipal levies through BayKAG Art. 13.
#[test]
fn ao_122a_4() {
    for rule in ["AO-122a-4", "BayKAG-13-AO-122a-4"] {
        check(rule, AO_122A_4);
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

pub(crate) const AO_122A_4: &[Case] = &[
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
];
