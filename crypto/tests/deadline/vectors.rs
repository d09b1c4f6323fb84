//! `docs/format/vectors/deadlines.json`: the calendar, the table of rules, the cases of this suite
//! and made ones, each with everything that the engine answers.
//!
//! Compared with the code at every run; `POSTFACH_WRITE_VECTORS=1` writes it anew. What the
//! notation means is docs/legal-dates.md, "Vectors".

mod calendar;
mod made;
mod notation;

use std::path::PathBuf;

use postfach_crypto::deadline::rules::{RULES, Version};
use postfach_crypto::deadline::{RULES_VERSION, examine};
use postfach_crypto::statement::DeliveryClass;
use serde_json::{Value, json};

use crate::story::{Case, Story, Told, told, told_in};
use crate::{calendar as days, rules, table, taxes};
use notation::{code, finding, line, place};

/// Every table of cases with the rules to which it belongs.
const TABLES: &[(&[&str], &[Case])] = &[
    (&["BayDiG-24-2"], rules::BAYDIG_24_2),
    (&["BayDiG-24-2"], days::CLOCK_CHANGES),
    (&["BayDiG-25"], rules::BAYDIG_25),
    (&["OZG-9-1"], rules::OZG_9_1),
    (&["VwVfG-41-2"], rules::VWVFG_41_2),
    (&["VwVfG-41-2a"], rules::VWVFG_41_2A),
    (&["VwZG-5-7"], rules::VWZG_5_7),
    (&["VwZG-5a-4"], rules::VWZG_5A_4),
    (&["AO-122a-4", "BayKAG-13-AO-122a-4"], taxes::AO_122A_4),
    (
        &["BayVwVfG-41-2", "SGB-X-37-2"],
        table::UNVERIFIED_TRANSMISSION,
    ),
    (&["BayVwZVG-5"], table::BAYVWZVG_5),
    (&["SGB-X-37-2a"], table::SGB_X_37_2A),
];

#[test]
fn deadlines() {
    let vectors = json!({
        "about": "legal dates: docs/legal-dates.md, \"Vectors\", says how to read this",
        "rules_version": RULES_VERSION,
        "calendar": calendar::vectors(),
        "rules": RULES.iter().map(|rule| json!({
            "id": rule.id,
            "citation": rule.citation,
            "effect": code(&rule.effect),
            "versions": rule.versions.iter().map(version).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "cases": cases(),
        "made": made::vectors(),
    });
    let made = serde_json::to_string_pretty(&vectors).unwrap() + "\n";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/format/vectors")
        .join("deadlines.json");
    if std::env::var_os("POSTFACH_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert!(
        made == std::fs::read_to_string(&path).unwrap_or_default(),
        "deadlines.json differs from what the code makes: if a result is meant to change, change \
         RULES_VERSION and run POSTFACH_WRITE_VECTORS=1 cargo test -p postfach-crypto --test deadline"
    );
}

fn version(version: &Version) -> Value {
    let readings = version.readings.iter().map(|reading| {
        let parts = [
            code(&reading.trigger),
            code(&reading.count),
            code(&reading.fiction_day),
            code(&reading.without_consent),
            code(&reading.without_arrival),
            code(&reading.confirmation),
            code(&reading.same_day),
        ];
        parts.join(" ")
    });
    json!({
        "from": version.from.to_string(),
        "until": version.until.map(|day| day.to_string()),
        "source": code(&version.source),
        "readings": readings.collect::<Vec<_>>(),
    })
}

fn cases() -> Vec<Value> {
    let mut cases = Vec::new();
    for (rules, table) in TABLES {
        for (rule, (says, lines, verdict)) in rules
            .iter()
            .flat_map(|rule| table.iter().map(move |case| (rule, case)))
        {
            let lines = told_in(lines);
            let story = Story::from_told(&lines);
            assert_eq!(told(&story.examine(rule).verdict), *verdict);
            let mut case = case(Some(rule), &lines, &story);
            case["says"] = json!(says);
            case["verdict"] = json!(verdict);
            cases.push(case);
        }
    }
    cases
}

fn case(rule: Option<&str>, lines: &[Told], story: &Story) -> Value {
    let circumstances = &story.circumstances;
    let class = match story.events.class {
        DeliveryClass::Ordinary => "ordinary",
        DeliveryClass::Registered => "registered",
    };
    json!({
        "rule": rule,
        "class": class,
        "story": lines.iter().map(line).collect::<Vec<_>>().join("; "),
        "place": circumstances.place.as_ref().map(place),
        "contest": notation::contest(&circumstances.contest),
        "finding": finding(&examine(rule, &story.events, circumstances)),
    })
}
