//! The period for contesting an act: VwGO §§ 57, 58, 74; AO § 355; BGB §§ 187, 188, 193.

use postfach_crypto::deadline::Contest;
use postfach_crypto::deadline::appeal::{
    Appeal, AppealPeriod, Instruction, Length, NotComputed, RemedyLaw,
};
use postfach_crypto::envelope::{Act, Remedy};

use crate::story::{Story, day};

fn instructed(law: RemedyLaw, instruction: Instruction) -> Contest {
    Contest::Instructed {
        law: Some(law),
        stated: None,
        instruction,
    }
}

fn appeal(rule: &str, lines: &str, contest: Contest) -> Appeal {
    let mut story = Story::of(lines);
    story.circumstances.contest = contest;
    story.examine(rule).appeal
}

fn periods(rule: &str, lines: &str, contest: Contest) -> Vec<AppealPeriod> {
    match appeal(rule, lines, contest) {
        Appeal::Periods { periods, .. } => periods,
        other => panic!("{other:?}"),
    }
}

/// (served by a notification three days before, first day, nominal end, ends)
#[test]
fn one_month() {
    let correct = instructed(RemedyLaw::VwGo74, Instruction::Correct);
    for (notified, served, nominal, ends) in [
        // VwGO § 74: one month; the day of service is not counted.
        ("2026-11-02", "2026-11-05", "2026-12-05", "2026-12-07"), // a Saturday moves
        ("2026-11-03", "2026-11-06", "2026-12-06", "2026-12-07"), // a Sunday moves
        ("2026-11-04", "2026-11-07", "2026-12-07", "2026-12-07"), // served on a Saturday: stays
        ("2026-11-22", "2026-11-25", "2026-12-25", "2026-12-28"), // Christmas and the weekend
        ("2026-01-28", "2026-01-31", "2026-02-28", "2026-03-02"), // BGB § 188(3)
        ("2028-01-28", "2028-01-31", "2028-02-29", "2028-02-29"),
        ("2026-03-03", "2026-03-06", "2026-04-06", "2026-04-07"), // Easter Monday
        ("2026-11-28", "2026-12-01", "2027-01-01", "2027-01-04"), // New Year and the weekend
        ("2026-11-21", "2026-11-24", "2026-12-24", "2026-12-24"), // 24 December is a working day
    ] {
        let lines =
            format!("notification-consent 2026-01-01; provided {notified}; notified {notified}");
        let found = periods("BayDiG-24-2", &lines, correct);
        let [period] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(period.served, day(served));
        assert_eq!(period.first_day, day(served).plus_days(1));
        assert_eq!(period.nominal_end, day(nominal));
        assert_eq!(period.ends, [day(ends)]);
        assert_eq!(period.length, Length::OneMonth);
        assert_eq!(period.law, Some(RemedyLaw::VwGo74));
        assert!(period.depends.is_empty());
        assert_eq!(period.steps.is_empty(), nominal == ends);
    }
}

/// VwGO § 58(2).
#[test]
fn one_year_without_a_correct_instruction() {
    let lines = "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02";
    let wrong = instructed(RemedyLaw::VwGo74, Instruction::MissingOrWrong);
    for contest in [wrong, Contest::NotInstructed] {
        let found = periods("BayDiG-24-2", lines, contest);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].length, Length::OneYear);
        assert_eq!(found[0].nominal_end, day("2027-11-05"));
        assert_eq!(found[0].ends, [day("2027-11-05")]);
    }
}

#[test]
fn an_instruction_that_nobody_judged_gives_both() {
    let lines = "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02";
    let unchecked = instructed(RemedyLaw::Ao355, Instruction::Unchecked);
    let found = periods("AO-122a-4", lines, unchecked);
    let ends: Vec<_> = found
        .iter()
        .map(|period| (period.length, period.ends[0]))
        .collect();
    assert_eq!(
        ends,
        [
            (Length::OneMonth, day("2026-12-07")),
            (Length::OneYear, day("2027-11-08"))
        ]
    );
}

#[test]
fn a_local_holiday_at_the_end_leaves_two_days() {
    let lines = "notification-consent 2022-09-01; provided 2025-07-12; notified 2025-07-12";
    let found = periods(
        "BayDiG-24-2",
        lines,
        instructed(RemedyLaw::VwGo74, Instruction::Correct),
    );
    assert_eq!(found[0].nominal_end, day("2025-08-15"));
    assert_eq!(found[0].ends, [day("2025-08-15"), day("2025-08-18")]);
    assert_eq!(found[0].depends[0].code(), "holiday");
}

#[test]
fn each_possible_day_of_service_has_its_period() {
    let lines = "notification-consent 2022-09-01; provided 2026-11-02";
    let correct = instructed(RemedyLaw::VwGo74, Instruction::Correct);
    let found = periods("SGB-X-37-2", lines, correct);
    let served: Vec<_> = found.iter().map(|period| period.served).collect();
    assert_eq!(served, [day("2026-11-05"), day("2026-11-06")]);
}

#[test]
fn no_period_without_day_act_content_or_known_remedy() {
    let good = "notification-consent 2026-01-01; provided 2026-11-02; notified 2026-11-02";
    let bad = "notification-consent 2026-01-01; provided 2026-11-02";
    let correct = instructed(RemedyLaw::VwGo74, Instruction::Correct);
    let unknown = Contest::Instructed {
        law: None,
        stated: None,
        instruction: Instruction::Correct,
    };
    for (lines, contest, expected) in [
        (bad, correct, NotComputed::NoDay),
        (good, Contest::NotOpened, NotComputed::NotOpened),
        (good, Contest::NoAct, NotComputed::NoAct),
        (good, unknown, NotComputed::LawUnknown),
    ] {
        assert_eq!(
            appeal("BayDiG-24-2", lines, contest),
            Appeal::NotComputed(expected)
        );
    }
}

#[test]
fn what_the_manifest_says_of_the_remedy() {
    let act = |remedy| Act {
        kind: "Hundesteuerbescheid".into(),
        file_number: "1".into(),
        remedy,
        amount: None,
        contact: None,
    };
    let remedy = |rule: &str, until: Option<&str>| Remedy {
        kind: "Klage".into(),
        body: "Verwaltungsgericht".into(),
        period: "ein Monat".into(),
        rule: rule.into(),
        until: until.map(str::to_owned),
    };
    assert_eq!(Contest::of(None), Contest::NoAct);
    assert_eq!(Contest::of(Some(&act(None))), Contest::NotInstructed);
    let named = act(Some(remedy("VwGO § 74", Some("2026-12-07"))));
    assert_eq!(
        Contest::of(Some(&named)),
        Contest::Instructed {
            law: Some(RemedyLaw::VwGo74),
            stated: Some(day("2026-12-07")),
            instruction: Instruction::Unchecked,
        }
    );
    for (text, law) in [
        ("VwGO § 74", Some(RemedyLaw::VwGo74)),
        ("§ 74 Abs. 1 VwGO", Some(RemedyLaw::VwGo74)),
        ("§ 70 vwgo", Some(RemedyLaw::VwGo70)),
        ("AO § 355", Some(RemedyLaw::Ao355)),
        ("§ 355 Abs. 1 AO", Some(RemedyLaw::Ao355)),
        ("SGG § 87", None),
        ("VwGO § 174", None),
        ("AO § 74", None),
        ("VwGO §§ 70, 74", None),
        ("", None),
    ] {
        assert_eq!(RemedyLaw::parse(text), law, "{text}");
    }
}
