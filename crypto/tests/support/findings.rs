//! What an evidence report finds, for tests that expect exactly one thing.

use postfach_crypto::evidence::{Cause, CheckName, Evidence, Gap, Outcome, verify};

use super::story::Story;

/// What did not pass, apart from checks that only wait for another one.
pub fn faults(story: &Story, evidence: &Evidence) -> Vec<(CheckName, Outcome)> {
    verify(evidence, &story.policy())
        .checks
        .iter()
        .map(|check| (check.name, check.outcome))
        .filter(|(_, outcome)| {
            !matches!(outcome, Outcome::Passed | Outcome::NotProven(Gap::Needs(_)))
        })
        .collect()
}

#[track_caller]
pub fn fails(story: &Story, evidence: &Evidence, name: CheckName, cause: Cause) {
    assert_eq!(
        faults(story, evidence),
        [(name, Outcome::Failed(cause))],
        "exactly this reason"
    );
}

#[track_caller]
pub fn not_proven(story: &Story, evidence: &Evidence, name: CheckName, gap: Gap) {
    assert_eq!(
        faults(story, evidence),
        [(name, Outcome::NotProven(gap))],
        "exactly this gap"
    );
}
