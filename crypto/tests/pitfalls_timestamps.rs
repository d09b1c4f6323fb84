//! Time-stamps in evidence files: what a token bounds, and what it does not. The tokens are made up
//! here: reading them is the caller's, and is held against a real authority in `tests/timestamp`.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod support;

use postfach_crypto::evidence::{
    CLOCK_TOLERANCE, Cause, CheckName, Evidence, Gap, LogRecord, MAX_TIMESTAMPS, MAX_TOKEN,
    NotShown, Outcome, Policy, Report, StampedAt, Timestamp, TokenFault, Verdict, verify,
    verify_stamped,
};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::tlog::Note;
use serde_bytes::ByteBuf;
use support::story::Story;
use support::world::ORIGIN;

/// A made-up token: the time it states, or `foreign`, or anything else, which is none.
fn read(text: &str, token: &[u8]) -> Result<Option<StampedAt>, TokenFault> {
    assert_eq!(
        text.lines().count(),
        3,
        "the note's text without signatures"
    );
    let token = std::str::from_utf8(token).unwrap();
    if token == "foreign" {
        return Ok(None);
    }
    let at = token.parse().map_err(|_| TokenFault::Signature)?;
    Ok(Some(StampedAt {
        authority: "TSA".into(),
        at: UnixMillis(at),
        accuracy_micros: 1_500,
        serial: "01".into(),
    }))
}

fn record(evidence: &mut Evidence) -> &mut LogRecord {
    evidence.log.as_mut().unwrap()
}

fn stamp(size: u64, token: &str) -> Timestamp {
    Timestamp {
        size,
        token: ByteBuf::from(token.as_bytes()),
    }
}

/// The size of the last checkpoint in the file.
fn newest(evidence: &Evidence) -> u64 {
    let note = evidence.log.as_ref().unwrap().checkpoints.last().unwrap();
    let note = Note::parse(note).unwrap();
    note.text().lines().nth(1).unwrap().parse().unwrap()
}

fn report(story: &Story, evidence: &Evidence) -> Report {
    let file = evidence.encode().unwrap();
    verify_stamped(&Evidence::decode(&file).unwrap(), &story.policy(), &read)
}

fn outcome(story: &Story, evidence: &Evidence) -> Outcome {
    report(story, evidence)
        .outcome(CheckName::TimeStamped)
        .unwrap()
}

/// A story, its file, the file's last tree size, and the time of its last receipt.
fn told() -> (Story, Evidence, u64, u64) {
    let mut story = Story::told();
    let evidence = story.evidence();
    let size = newest(&evidence);
    let last = verify(&evidence, &story.policy()).timeline;
    let last = last.last().unwrap().time.0;
    (story, evidence, size, last)
}

#[test]
fn a_token_bounds_from_above_and_one_that_fails_counts_for_nothing() {
    let (story, mut evidence, size, last) = told();
    record(&mut evidence).timestamps = Some(vec![stamp(size, &last.to_string())]);
    let found = report(&story, &evidence);
    assert_eq!(found.verdict(), Verdict::Verified);
    let [one] = &found.timestamps[..] else {
        panic!("{:?}", found.timestamps)
    };
    assert_eq!((one.size, one.entries), (size, evidence.entries.len()));
    // 1.5 ms are 2, and a time that was cut to milliseconds may be one later.
    assert_eq!(one.stamped.latest(), UnixMillis(last + 3));

    // A receipt that says it is younger than the token was dated ahead; clocks may differ.
    for (at, expected) in [
        (last - CLOCK_TOLERANCE - 3, Outcome::Passed),
        (
            last - CLOCK_TOLERANCE - 4,
            Outcome::Failed(Cause::TimeOutOfBounds),
        ),
    ] {
        record(&mut evidence).timestamps = Some(vec![stamp(size, &at.to_string())]);
        assert_eq!(outcome(&story, &evidence), expected);
    }
    // One that fails is not made good by one that holds.
    let good = stamp(size, &last.to_string());
    let both = vec![good.clone(), stamp(size, "false")];
    record(&mut evidence).timestamps = Some(both);
    let found = report(&story, &evidence);
    let fault = Outcome::Failed(Cause::Token(TokenFault::Signature));
    assert_eq!(found.outcome(CheckName::TimeStamped), Some(fault));
    assert_eq!(found.timestamps, []);
    // One of another authority is passed over.
    record(&mut evidence).timestamps = Some(vec![good, stamp(size, "foreign")]);
    assert_eq!(outcome(&story, &evidence), Outcome::Passed);
}

#[test]
fn what_is_missing_of_time_stamps_is_named() {
    let (story, mut evidence, size, last) = told();
    let gap = |gap| Outcome::NotProven(gap);
    assert_eq!(outcome(&story, &evidence), gap(Gap::Timestamp));
    record(&mut evidence).timestamps = Some(vec![stamp(size, "foreign")]);
    assert_eq!(outcome(&story, &evidence), gap(Gap::TimestampAuthority));
    evidence.log = None;
    let needs = gap(Gap::Needs(CheckName::LogCheckpoint));
    assert_eq!(outcome(&story, &evidence), needs);

    // Whoever pins nobody gets the verdict of a file without, and is told.
    let (story, mut evidence, size, _) = told();
    let without = verify(&evidence, &story.policy());
    record(&mut evidence).timestamps = Some(vec![stamp(size, &last.to_string())]);
    let with = verify(&evidence, &story.policy());
    assert_eq!(with.checks, without.checks);
    assert!(with.not_shown.contains(&NotShown::TimeStamps));
    assert!(!without.not_shown.contains(&NotShown::TimeStamps));
    let stamped = report(&story, &evidence);
    assert!(!stamped.not_shown.contains(&NotShown::TimeStamps));
}

#[test]
fn a_token_of_an_earlier_tree_covers_a_part_and_bounds_that() {
    let (story, mut evidence, size, last) = told();
    let log = &story.world.log;
    let first = log.position(&evidence.entries[0]);
    // The tree that ends with the letter's header; nobody cosigned it.
    let earlier = log.sign(log.head_at(first + 1));
    let record = record(&mut evidence);
    record
        .checkpoints
        .insert(0, ByteBuf::from(earlier.to_bytes()));
    record.consistencies.push(log.consistency(first + 1, size));
    record.consistencies.sort_by_key(|proof| proof.size);
    record.consistencies.dedup();
    record.timestamps = Some(vec![stamp(first + 1, &last.to_string())]);
    let found = report(&story, &evidence);
    let pending = Outcome::NotProven(Gap::TimestampPending);
    assert_eq!(found.outcome(CheckName::TimeStamped), Some(pending));
    assert_eq!(found.timestamps[0].entries, 1);
}

#[test]
fn without_cosignatures_after_the_receipts_a_token_is_their_upper_bound() {
    let (story, mut evidence, size, last) = told();
    let log = &story.world.log;
    let bare = log.sign(log.head());
    let record = record(&mut evidence);
    *record.checkpoints.last_mut().unwrap() = ByteBuf::from(bare.to_bytes());
    let bounded = |evidence: &Evidence| {
        let report = report(&story, evidence);
        report.outcome(CheckName::TimesBounded).unwrap()
    };
    let pending = Outcome::NotProven(Gap::UpperBoundPending);
    assert_eq!(bounded(&evidence), pending);
    self::record(&mut evidence).timestamps = Some(vec![stamp(size, &last.to_string())]);
    assert_eq!(bounded(&evidence), Outcome::Passed);
    // That nobody has cosigned the log stays said.
    let found = report(&story, &evidence);
    let cosigned = found.outcome(CheckName::LogCosigned);
    let pending = Outcome::NotProven(Gap::CosignaturePending);
    assert_eq!(cosigned, Some(pending));
    // And without witnesses a token alone bounds nothing from below.
    let policy = Policy::without_witnesses(ORIGIN, story.policy().root);
    let alone = verify_stamped(&evidence, &policy, &read);
    let stamped = alone.outcome(CheckName::TimeStamped);
    assert_eq!(stamped, Some(Outcome::Passed));
    assert!(alone.not_shown.contains(&NotShown::IndependentTime));
}

#[test]
fn time_stamps_of_nothing_and_beyond_limits_are_refused() {
    let (story, mut evidence, size, _) = told();
    for other in [0, 1, size - 1, size + 1, u64::MAX] {
        record(&mut evidence).timestamps = Some(vec![stamp(other, "1")]);
        // Whether or not an authority is pinned.
        let found = verify(&evidence, &story.policy());
        let nothing = Outcome::Failed(Cause::ProofOfNothing);
        assert_eq!(found.outcome(CheckName::LogCheckpoint), Some(nothing));
    }
    let tokens = |count: usize| (0..count).map(|at| stamp(size, &format!("{at:03}")));
    for (bad, stamps) in [
        ("none", vec![]),
        ("too many", tokens(MAX_TIMESTAMPS + 1).collect()),
        ("twice", vec![stamp(size, "1"), stamp(size, "1")]),
        ("descending", vec![stamp(size, "2"), stamp(size, "1")]),
        ("empty", vec![stamp(size, "")]),
        ("too long", vec![stamp(size, &"1".repeat(MAX_TOKEN + 1))]),
    ] {
        record(&mut evidence).timestamps = Some(stamps);
        assert!(evidence.encode().is_err(), "{bad}");
    }
    record(&mut evidence).timestamps = Some(tokens(MAX_TIMESTAMPS).collect());
    let file = evidence.encode().unwrap();
    assert_eq!(Evidence::decode(&file).unwrap(), evidence);
}
