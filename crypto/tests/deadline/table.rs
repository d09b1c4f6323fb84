//! The table of rules as a whole: rows whose text is not verified, order, and what no row covers.

use postfach_crypto::deadline::examine;
use postfach_crypto::deadline::finding::Step;
use postfach_crypto::deadline::rules::{RULES, Rule, Source};

use crate::story::{Case, Story, check, day, told};

/// Rows whose text is not verified: the result says so, and a date stands only where it is certain.
#[test]
fn unverified_rows() {
    for rule in ["BayVwVfG-41-2", "SGB-X-37-2"] {
        check(rule, UNVERIFIED_TRANSMISSION);
    }
    check("BayVwZVG-5", BAYVWZVG_5);
    check("SGB-X-37-2a", SGB_X_37_2A);
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
    let story =
        Story::of("notification-consent 2022-09-01; provided 2026-11-02; notified 2026-11-02");
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

pub(crate) const UNVERIFIED_TRANSMISSION: &[Case] = &[
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
];

pub(crate) const BAYVWZVG_5: &[Case] = &[
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
];

pub(crate) const SGB_X_37_2A: &[Case] = &[
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
];
