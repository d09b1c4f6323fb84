//! docs/legal-dates.md against the code.

use postfach_crypto::deadline::rules::{Effect, RULES, Source};

const PAGE: &str = include_str!("../../../docs/legal-dates.md");
const CODES: &str = include_str!("../../src/deadline/finding.rs");

#[test]
fn the_page_has_a_row_for_every_rule() {
    for rule in RULES {
        let row = PAGE
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", rule.id)))
            .unwrap_or_else(|| panic!("docs/legal-dates.md lacks {}", rule.id));
        if row.contains("as `AO-122a-4`") {
            continue;
        }
        let effect = match rule.effect {
            Effect::Notification => "Bekanntgabe, `notification`",
            Effect::Service => "Zustellung, `service`",
        };
        assert!(row.contains(effect), "{}", rule.id);
        for version in rule.versions {
            let from = match version.from.to_string().as_str() {
                "2017-01-01" => "since 2017".to_owned(),
                day => format!("since {day}"),
            };
            assert!(PAGE.contains(&from), "{}: {from}", rule.id);
        }
        let known = match rule.versions[0].source {
            Source::Text => "| text |",
            Source::Secondary => "| secondary source |",
            Source::Unverified => "| **unverified** |",
        };
        assert!(row.ends_with(known), "{}: {known}", rule.id);
    }
}

#[test]
fn the_page_lists_every_code() {
    let codes: Vec<&str> = CODES
        .split("=> \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(codes.len() > 60, "the codes of the source are found");
    for code in codes {
        assert!(
            PAGE.contains(&format!("`{code}`")),
            "docs/legal-dates.md lacks {code}"
        );
    }
}
