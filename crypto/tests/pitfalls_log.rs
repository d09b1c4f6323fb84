//! Evidence files and the public log: what is dated back, forked, uncosigned or proved falsely is
//! named, and legal dates follow what is proved.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod support;

use postfach_crypto::deadline::finding::{Dependency, NotServed};
use postfach_crypto::deadline::{Day, Verdict as Legal};
use postfach_crypto::evidence::{
    Agreement, CLOCK_TOLERANCE, Cause, CheckName, Difference, Evidence, FileList, Gap, NotShown,
    Outcome, Policy, Side, Verdict, compare, verify,
};
use postfach_crypto::ids::{TreeHash, UnixMillis};
use postfach_crypto::statement::{
    BindingWithdrawal, Consent, ConsentClass, ConsentRevocation, DeliveryClass, Event, Reason,
    Signed, Subject,
};
use postfach_crypto::tlog::proof::verify_inclusion;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{SignedCheckpoint, TreeHead, epoch_origin};
use serde_bytes::ByteBuf;
use support::findings::{fails, faults, not_proven};
use support::story::Story;
use support::world::{ORIGIN, key};

fn legal(story: &Story, evidence: &Evidence) -> Legal {
    let report = verify(evidence, &story.policy());
    report.legal_date.unwrap().verdict
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// An ordinary letter under BayDiG Art. 24(2), with the consent that it needs.
fn ordinary() -> Story {
    let mut story = Story::new(DeliveryClass::Ordinary);
    let consent = Consent {
        context: story.world.context(),
        class: ConsentClass::Notification,
        ..story.world.consent.payload().clone()
    };
    let consent = Signed::sign(consent, &story.world.citizen.identity).unwrap();
    story.world.relate(&consent);
    let clerk = key("authority clerk");
    let named = consent.hash();
    story.resign(
        |header| {
            header.consent = Some(named);
            header.legal_rule = Some("BayDiG-24-2".into());
        },
        &clerk,
    );
    story.submit_with(|receipt| receipt.legal_rule = Some("BayDiG-24-2".into()));
    story
}

#[test]
fn proved_bounded_and_cosigned_it_is_served_on_a_day() {
    let mut story = Story::told();
    let evidence = story.evidence();
    let report = verify(&evidence, &story.policy());
    assert_eq!(report.verdict(), Verdict::Verified);
    for name in [
        CheckName::LogCheckpoint,
        CheckName::LogInclusion,
        CheckName::LogConsistency,
        CheckName::LogCosigned,
        CheckName::TimesBounded,
    ] {
        assert_eq!(report.outcome(name), Some(Outcome::Passed), "{name:?}");
    }
    for item in [NotShown::IndependentTime, NotShown::LogInclusion] {
        assert!(!report.not_shown.contains(&item));
    }
    assert_eq!(legal(&story, &evidence), Legal::ServedOn(day("2026-01-04")));
}

#[test]
fn without_the_log_nothing_is_dated() {
    let mut story = Story::told();
    let mut evidence = story.evidence();
    evidence.log = None;
    not_proven(&story, &evidence, CheckName::LogCheckpoint, Gap::Log);
    let report = verify(&evidence, &story.policy());
    assert!(report.not_shown.contains(&NotShown::LogInclusion));
    assert!(matches!(legal(&story, &evidence), Legal::Open { .. }));
}

#[test]
fn without_witnesses_nobody_but_the_operator_vouches() {
    let mut story = Story::told();
    let evidence = story.evidence();
    let policy = Policy::without_witnesses(ORIGIN, story.policy().root);
    let report = verify(&evidence, &policy);
    assert_eq!(report.verdict(), Verdict::NotProven);
    assert!(report.lacks_only_witnesses());
    let cosigned = report.outcome(CheckName::LogCosigned);
    assert_eq!(cosigned, Some(Outcome::NotProven(Gap::NoWitnesses)));
    let Legal::Open { depends, .. } = report.legal_date.unwrap().verdict else {
        panic!("a date without witnesses");
    };
    assert!(
        depends
            .iter()
            .any(|on| matches!(on, Dependency::TimeBound(_)))
    );
}

#[test]
fn a_cosignature_that_is_missing_is_pending() {
    let mut story = Story::told();
    let mut evidence = story.evidence();
    let (head, time) = (story.world.log.head(), UnixMillis(story.world.time));
    let newest = story.world.log.cosign_by(head, time, 1);
    evidence.log = Some(story.world.log.record_under(&evidence, &newest));
    assert_eq!(
        faults(&story, &evidence),
        [
            (
                CheckName::LogCosigned,
                Outcome::NotProven(Gap::CosignaturePending)
            ),
            (
                CheckName::TimesBounded,
                Outcome::NotProven(Gap::UpperBoundPending)
            ),
        ]
    );
    // The uncosigned one beside the cosigned one before it: only the newest receipts are pending.
    let earlier = story.world.log.cosigned.last().unwrap().clone();
    story.world.log.append(b"something else");
    let newest = story.world.log.cosign_by(story.world.log.head(), time, 0);
    let mut record = story.world.log.record_under(&evidence, &newest);
    record
        .checkpoints
        .insert(0, ByteBuf::from(earlier.to_bytes()));
    let (old, new) = (earlier.head().size, newest.head().size);
    record
        .consistencies
        .push(story.world.log.consistency(old, new));
    evidence.log = Some(record);
    let name = CheckName::LogCosigned;
    not_proven(&story, &evidence, name, Gap::CosignaturePending);
}

#[test]
fn a_receipt_that_was_dated_back_or_ahead_is_named() {
    for shift in [-2 * i64::try_from(CLOCK_TOLERANCE).unwrap(), 3_600_000] {
        let mut story = Story::new(DeliveryClass::Registered);
        story.submit();
        // The witnesses' clocks go on as they did.
        let cosigned = story.world.log.newest();
        story.receipt(vec![Event::ConsignmentNotification], None, |receipt| {
            receipt.checkpoint = cosigned;
            let time = receipt.context.time.0.checked_add_signed(shift).unwrap();
            receipt.context.time = UnixMillis(time);
        });
        let evidence = story.evidence();
        let bounded = verify(&evidence, &story.policy()).outcome(CheckName::TimesBounded);
        assert_eq!(bounded, Some(Outcome::Failed(Cause::TimeOutOfBounds)));
        assert!(verify(&evidence, &story.policy()).legal_date.is_none());
    }
}

#[test]
fn clocks_may_differ_a_little() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    let late = UnixMillis(story.world.time + CLOCK_TOLERANCE);
    story.world.log.publish(late); // a witness whose clock is ahead
    story.notify();
    let evidence = story.evidence();
    assert_eq!(faults(&story, &evidence), []);
}

#[test]
fn a_receipt_without_a_cosigned_checkpoint_before_it_has_no_lower_bound() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit_with(|receipt| receipt.checkpoint = None);
    let evidence = story.evidence();
    not_proven(&story, &evidence, CheckName::TimesBounded, Gap::LowerBound);
}

#[test]
fn a_log_that_was_forked_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    let root = TreeHash([7; 32]);
    let size = story.world.log.head().size;
    let log = &story.world.log;
    let forked = log.cosign_by(TreeHead { size, root }, UnixMillis(story.world.time), 2);
    story.receipt(vec![Event::ConsignmentNotification], None, |receipt| {
        receipt.checkpoint = Some(forked.to_bytes());
    });
    let mut evidence = story.evidence();
    let size = evidence.log.as_ref().unwrap().checkpoints.len();
    assert_eq!(size, 1);
    let old = forked.head().size;
    let newest = story.world.log.cosigned.last().unwrap().head().size;
    let record = evidence.log.as_mut().unwrap();
    record
        .consistencies
        .push(story.world.log.consistency(old, newest));
    record.consistencies.sort_by_key(|proof| proof.size);
    record.consistencies.dedup();
    let outcome = verify(&evidence, &story.policy()).outcome(CheckName::LogConsistency);
    assert!(
        matches!(outcome, Some(Outcome::Failed(Cause::Consistency(_)))),
        "{outcome:?}"
    );
}

#[test]
fn checkpoints_of_others_are_named() {
    let mut story = Story::told();
    let good = story.evidence();
    let put = |note: Vec<u8>| {
        let mut evidence = good.clone();
        evidence.log.as_mut().unwrap().checkpoints = vec![ByteBuf::from(note)];
        evidence
    };
    let head = story.world.log.head();
    let checkpoint = |origin: &str, epoch, name: &str| {
        let origin = epoch_origin(origin, epoch).unwrap();
        let checkpoint = postfach_crypto::tlog::Checkpoint::new(&origin, head);
        checkpoint.sign(&key(name)).unwrap().to_bytes()
    };
    for (note, cause) in [
        (b"no checkpoint".to_vec(), Cause::CheckpointForm),
        (
            checkpoint(ORIGIN, 2, "operator checkpoints"),
            Cause::CheckpointOfOther,
        ),
        (
            checkpoint("other.example", 1, "operator checkpoints"),
            Cause::CheckpointOfOther,
        ),
        (
            checkpoint(ORIGIN, 1, "operator receipts"),
            Cause::CheckpointUnsigned,
        ),
    ] {
        fails(&story, &put(note), CheckName::LogCheckpoint, cause);
    }
    let mut note = story.world.log.newest().unwrap();
    let end = note.len() - 10;
    note[end] = if note[end] == b'A' { b'B' } else { b'A' };
    let cause = Cause::CheckpointFalseSignature;
    fails(&story, &put(note), CheckName::LogCheckpoint, cause);
}

#[test]
fn the_day_of_retrieval_needs_no_word_beyond_the_request() {
    let mut story = ordinary();
    story.notify();
    let failed = vec![Event::ConsignmentNotificationFailure];
    story.receipt(failed, None, |receipt| {
        receipt.reasons = Some(vec![Reason::NotificationRefused]);
    });
    let unread = story.evidence();
    let verdict = legal(&story, &unread);
    assert_eq!(verdict, Legal::NotServed(NotServed::NotificationFailed));
    story.world.time += 2 * 86_400_000;
    story.world.publish();
    story.hand_over(); // BayDiG Art. 24(2) sentence 4, (3)
    let evidence = story.evidence();
    assert_eq!(faults(&story, &evidence), []);
    assert_eq!(legal(&story, &evidence), Legal::ServedOn(day("2026-01-03")));
}

#[test]
fn consent_revoked_before_is_none_and_a_binding_withdrawn_after_leaves_it_open() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    let revocation = ConsentRevocation {
        context: story.world.context(),
        citizen: story.world.citizen.address(),
        authority: Some(story.world.authority.address()),
        consent: story.world.consent.hash(),
        ext: None,
    };
    let revocation = Signed::sign(revocation, &story.world.citizen.identity).unwrap();
    story.world.relate(&revocation);
    story.notify();
    let evidence = story.evidence();
    let verdict = legal(&story, &evidence);
    assert_eq!(verdict, Legal::NotServed(NotServed::NoConsent));

    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    story.notify();
    let withdrawal = BindingWithdrawal {
        context: story.world.context(),
        issuer: story.world.authority.address(),
        address: story.world.citizen.address(),
        binding: story.world.binding.hash(),
        reason: Reason::KeyLost,
        ext: None,
    };
    let withdrawal = Signed::sign(withdrawal, &story.world.clerk).unwrap();
    story.world.relate(&withdrawal);
    let evidence = story.evidence();
    let Legal::Open { depends, .. } = legal(&story, &evidence) else {
        panic!("a date in spite of the withdrawal");
    };
    assert_eq!(depends, [Dependency::BindingWithdrawn]);
}

#[test]
fn what_is_unproven_keeps_the_date_open() {
    let mut story = Story::told();
    let mut evidence = story.evidence();
    let subject = Subject::Party(story.world.citizen.address());
    evidence.heads.remove(Story::head_of(&evidence, subject));
    assert_eq!(
        legal(&story, &evidence),
        Legal::Open {
            depends: vec![Dependency::Evidence],
            candidates: vec![day("2026-01-04")],
        }
    );
}

#[test]
fn strangers_tools_find_the_statements_in_the_log() {
    let mut story = Story::told();
    let bytes = story.evidence().encode().unwrap();
    let kept = Evidence::decode(&bytes).unwrap();
    let record = kept.log.as_ref().unwrap();
    let note = signed_note::Note::from_bytes(&record.checkpoints[0]).unwrap();
    let log_key = postfach_crypto::tlog::VerifierKey::new(
        epoch_origin(ORIGIN, 1).unwrap(),
        postfach_crypto::tlog::NoteKey::Ed25519(key("operator checkpoints").verifying_key()),
    );
    let verifier = signed_note::StandardVerifier::new(&log_key.to_string()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
    let (verified, others) = note.verify(&known).unwrap();
    assert_eq!((verified.len(), others.len()), (1, 2));
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    let hash = |hash: &TreeHash| tlog_tiles::Hash(hash.0);
    for proof in &record.inclusions {
        let hashes: Vec<_> = proof.hashes.iter().map(hash).collect();
        let leaf = tlog_tiles::record_hash(&proof.entry.0);
        tlog_tiles::check_record(
            &hashes,
            checkpoint.size(),
            *checkpoint.hash(),
            proof.position,
            leaf,
        )
        .unwrap();
        let ours = SignedCheckpoint::verify(&record.checkpoints[0], std::slice::from_ref(&log_key))
            .unwrap();
        let leaf = leaf_hash(&proof.entry);
        verify_inclusion(&leaf, proof.position, &ours.head(), &proof.hashes).unwrap();
    }
    let roots: Vec<_> = story
        .world
        .log
        .cosigned
        .iter()
        .map(SignedCheckpoint::head)
        .collect();
    for proof in &record.consistencies {
        let old = roots.iter().find(|head| head.size == proof.size).unwrap();
        let hashes: Vec<_> = proof.hashes.iter().map(hash).collect();
        let (size, root) = (checkpoint.size(), *checkpoint.hash());
        tlog_tiles::check_tree(&hashes, size, root, old.size, hash(&old.root)).unwrap();
    }
    assert_eq!(record.inclusions.len(), kept.logged().count());
    assert!(record.consistencies.len() > 2);
}

#[test]
fn two_files_say_where_the_stories_part() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    story.notify();
    let early = story.evidence();
    story.hand_over();
    let late = story.evidence();
    let policy = story.policy();
    assert_eq!(compare(&late, &late, &policy).agreement(), Agreement::Same);
    let found = compare(&early, &late, &policy);
    assert_eq!(found.agreement(), Agreement::OneGoesOn);
    assert!(matches!(
        found.differences[0],
        Difference::OnlyIn {
            list: FileList::Entries,
            side: Side::Second,
            place: 3,
            ..
        }
    ));

    // The server tells the sender another story: the log forks, and the heads contradict.
    let mut other = Story::new(DeliveryClass::Registered);
    other.submit();
    other.notify();
    other.fail(Reason::NotDecryptable);
    let lie = other.evidence();
    let found = compare(&late, &lie, &policy);
    assert_eq!(found.agreement(), Agreement::Contradict);
    let parts = |difference: &Difference| {
        matches!(
            difference,
            Difference::PartsAt {
                list: FileList::Entries,
                place: 3,
                ..
            }
        )
    };
    assert!(found.differences.iter().any(parts), "{found:?}");
    let has = |name: &str| found.differences.iter().any(|it| it.name() == name);
    assert!(has("heads-contradict") && has("log-forked") && has("places-contradict"));

    let mut third = Story::new(DeliveryClass::Ordinary);
    third.submit();
    let found = compare(&late, &third.evidence(), &policy);
    assert_eq!(found.differences, [Difference::OtherEnvelope]);
}
