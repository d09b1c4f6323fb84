//! The decision of a witness (C2SP tlog-witness) in each of its cases, and the bodies it reads.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod tlog_support;

use postfach_crypto::ids::TreeHash;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::proof::{ConsistencyError, MAX_PROOF_HASHES};
use postfach_crypto::tlog::witness::{BodyError, MAX_BODY, Refusal, parse_conflict};
use postfach_crypto::tlog::{AddCheckpoint, Checkpoint, ProofPlan, TreeHead, UntrustedNote};
use proptest::prelude::*;
use tlog_support::{Stored, log_vkey, origin, sign};

fn consistency(log: &Stored, old: u64, new: u64) -> Vec<TreeHash> {
    let Ok(proof) = ProofPlan::consistency(old, new)
        .unwrap()
        .compute(|node| log.read(node));
    proof
}

fn request(log: &Stored, old: u64, new: u64) -> AddCheckpoint {
    AddCheckpoint::new(old, consistency(log, old, new), &sign(log.head_at(new)))
}

#[test]
fn a_witness_follows_a_log() {
    let log = Stored::new(600);
    let keys = [log_vkey()];
    let mut latest = TreeHead::EMPTY;
    for size in [0, 1, 1, 2, 255, 256, 257, 257, 600] {
        let body = request(&log, latest.size, size).to_body();
        let request = AddCheckpoint::parse(body.as_bytes()).unwrap();
        assert_eq!(request.to_body(), body);
        assert_eq!(request.checkpoint().origin(), "post.example.de/1");
        latest = request.decide(&keys, &latest).unwrap().head();
        assert_eq!(latest, log.head_at(size));
    }
}

#[test]
fn a_witness_refuses_with_the_status_of_the_specification() {
    let log = Stored::new(20);
    let keys = [log_vkey()];
    let at = |size| log.head_at(size);
    let decide = |request: &AddCheckpoint, latest| {
        let refusal = request.decide(&keys, &latest).unwrap_err();
        (refusal.status(), refusal)
    };
    let fine = request(&log, 7, 12);
    assert_eq!(fine.decide(&[], &at(7)), Err(Refusal::UnknownLog));
    assert_eq!(Refusal::UnknownLog.status(), 404);
    // Signed by nobody known; signed falsely.
    let stranger = Checkpoint::new(&origin(), at(12))
        .sign(&SigningKey::from_seed(&[2; 32]))
        .unwrap();
    let by_stranger = AddCheckpoint::new(7, consistency(&log, 7, 12), &stranger);
    assert_eq!(
        decide(&by_stranger, at(7)),
        (403, Refusal::NotSigned(UntrustedNote::NoKnownSignature))
    );
    let body = fine.to_body().replacen("\n12\n", "\n13\n", 1);
    let falsified = AddCheckpoint::parse(body.as_bytes()).unwrap();
    assert_eq!(
        decide(&falsified, at(7)),
        (
            403,
            Refusal::NotSigned(UntrustedNote::FalseSignature(origin()))
        )
    );
    // Sizes.
    let shrunk = AddCheckpoint::new(13, Vec::new(), &sign(at(12)));
    assert_eq!(
        decide(&shrunk, at(13)),
        (400, Refusal::Shrunk { old: 13, new: 12 })
    );
    let (status, conflict) = decide(&fine, at(9));
    assert_eq!(
        (status, conflict.conflict_body().as_deref()),
        (409, Some("9\n"))
    );
    assert_eq!(parse_conflict("9\n"), Some(9));
    assert_eq!(parse_conflict("09\n"), None);
    assert_eq!(
        decide(&fine, TreeHead::EMPTY).1.conflict_body().as_deref(),
        Some("0\n")
    );
    // Trees that do not continue.
    let inconsistent = |request: &AddCheckpoint, latest, why| {
        assert_eq!(decide(request, latest), (422, Refusal::Inconsistent(why)));
    };
    let fork = TreeHead {
        root: at(3).root,
        ..at(12)
    };
    let forked = AddCheckpoint::new(7, consistency(&log, 7, 12), &sign(fork));
    inconsistent(&forked, at(7), ConsistencyError::OtherNewRoot);
    inconsistent(
        &AddCheckpoint::new(12, vec![], &sign(fork)),
        at(12),
        ConsistencyError::SameSizeOtherRoot,
    );
    inconsistent(
        &AddCheckpoint::new(12, vec![fork.root], &sign(at(12))),
        at(12),
        ConsistencyError::NotEmpty,
    );
    inconsistent(
        &AddCheckpoint::new(0, vec![fork.root], &sign(at(12))),
        TreeHead::EMPTY,
        ConsistencyError::NotEmpty,
    );
    inconsistent(
        &AddCheckpoint::new(7, vec![], &sign(at(12))),
        at(7),
        ConsistencyError::TooFewHashes,
    );
    let false_empty = TreeHead {
        root: fork.root,
        ..TreeHead::EMPTY
    };
    inconsistent(
        &AddCheckpoint::new(0, vec![], &sign(false_empty)),
        TreeHead::EMPTY,
        ConsistencyError::EmptyRoot,
    );
}

#[test]
fn malformed_requests_are_refused_by_name() {
    let body = request(&Stored::new(20), 7, 12).to_body();
    let first_hash = body.lines().nth(1).unwrap();
    for (spoilt, expected) in [
        (String::new(), BodyError::OldSize),
        (body.replacen("old 7", "old", 1), BodyError::OldSize),
        (body.replacen("old 7", "old  7", 1), BodyError::OldSize),
        (body.replacen("old 7", "old 07", 1), BodyError::OldSize),
        (body.replacen("old 7", "Old 7", 1), BodyError::OldSize),
        (
            body.replacen("old 7", "old 9223372036854775808", 1),
            BodyError::OldSize,
        ),
        (body.replacen("old 7\n", "old 7\r\n", 1), BodyError::OldSize),
        (
            body.replacen(first_hash, "AAAA", 1),
            BodyError::ProofLine(1),
        ),
        (
            body.replacen(first_hash, &format!("{first_hash} "), 1),
            BodyError::ProofLine(1),
        ),
        (
            body.replacen(
                first_hash,
                &[first_hash; MAX_PROOF_HASHES + 1].join("\n"),
                1,
            ),
            BodyError::TooManyProofLines,
        ),
        (format!("old 7\n{first_hash}"), BodyError::NoCheckpoint),
        (format!("old 7\n{first_hash}\n"), BodyError::NoCheckpoint),
        ("x".repeat(MAX_BODY + 1), BodyError::TooLong),
    ] {
        assert_eq!(
            AddCheckpoint::parse(spoilt.as_bytes()),
            Err(expected),
            "{spoilt:.200}"
        );
    }
    assert!(matches!(
        AddCheckpoint::parse(b"old 0\n\nno note\n"),
        Err(BodyError::Note(_))
    ));
    let no_checkpoint = body.replacen("\n12\n", "\ntwelve\n", 1);
    assert!(matches!(
        AddCheckpoint::parse(no_checkpoint.as_bytes()),
        Err(BodyError::Checkpoint(_))
    ));
    assert_eq!(AddCheckpoint::parse(b"\xff"), Err(BodyError::Characters));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = AddCheckpoint::parse(&bytes);
    }

    #[test]
    fn a_flipped_bit_in_a_request_is_never_cosigned_as_another_tree(place: prop::sample::Index, bit in 0..8) {
        let log = Stored::new(20);
        let mut body = request(&log, 7, 12).to_body().into_bytes();
        let place = place.index(body.len());
        body[place] ^= 1u8 << bit;
        if let Ok(request) = AddCheckpoint::parse(&body)
            && let Ok(signed) = request.decide(&[log_vkey()], &log.head_at(7))
        {
            prop_assert_eq!(signed.head(), log.head_at(12));
        }
    }
}
