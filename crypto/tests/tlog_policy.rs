//! Policies and proof files: the example of the specification, judgement of a checkpoint, and a proof
//! that travels alone. The decision of a witness is in `tlog_witness`.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod tlog_support;

use postfach_crypto::tlog::policy::{Cosigned, Member, Quorum};
use postfach_crypto::tlog::policy_text::{MAX_WITNESSES, PolicyFault};
use postfach_crypto::tlog::proof::{InclusionError, MAX_PROOF_HASHES};
use postfach_crypto::tlog::tlog_proof::ParseTlogProofError;
use postfach_crypto::tlog::vkey::VkeyError;
use postfach_crypto::tlog::{
    CheckpointError, KeyName, NoteKey, Policy, ProofPlan, SignedCheckpoint, TlogProof,
    TlogProofError, UnixSeconds, UntrustedNote, VerifierKey,
};
use proptest::prelude::*;
use tlog_support::{Stored, cosigner, entry, log_key, log_vkey, sign};

fn witness_line(name: &str, seed: u8) -> String {
    format!("witness {name} {}\n", cosigner(seed).verifier_key())
}

/// The example of tlog-policy, with keys.
fn example() -> String {
    let mut text = format!("# example\n\nlog {} https://log.example/\n", log_vkey());
    for (seed, name) in (11..).zip(["X1", "X2", "X3"]) {
        text += &witness_line(name, seed);
    }
    text += "group X-witnesses 2 X1 X2 X3\n";
    for (seed, name) in (21..).zip(["Y1", "Y2", "Y3"]) {
        text += &witness_line(name, seed);
    }
    text += " \tgroup Y-witnesses\tany Y1 Y2  Y3 \n";
    text + "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
}

#[test]
fn the_example_of_the_specification_is_read_and_written() {
    let policy = Policy::parse(example().as_bytes()).unwrap();
    assert_eq!(
        policy.logs()[0].url.as_deref(),
        Some(&b"https://log.example/"[..])
    );
    assert_eq!((policy.witnesses().len(), policy.groups().len()), (6, 3));
    assert_eq!(policy.quorum(), Quorum::Member(Member::Group(2)));
    let written = policy.to_bytes();
    assert_eq!(Policy::parse(&written), Ok(policy.clone()));
    assert_eq!(Policy::parse(&written).unwrap().to_bytes(), written);
    let satisfied = |cosigned: &[usize]| policy.satisfied(|place| cosigned.contains(&place));
    assert!(satisfied(&[0, 2, 4]) && satisfied(&[0, 1, 2, 3, 4, 5]) && satisfied(&[1, 2, 5]));
    for few in [&[][..], &[0, 1, 2], &[3, 4, 5], &[0, 3, 4, 5], &[0, 1]] {
        assert!(!satisfied(few), "{few:?}");
    }
}

#[test]
fn names_are_octets() {
    let kelvin = [
        b"witness \xe2\x84\xaa ",
        cosigner(11).verifier_key().to_string().as_bytes(),
    ]
    .concat();
    let text = [&kelvin, &b"\nquorum \xe2\x84\xaa\n"[..]].concat();
    assert!(Policy::parse(&text).is_ok());
    let text = [&kelvin, &b"\nquorum K\n"[..]].concat();
    assert_eq!(
        Policy::parse(&text).unwrap_err().fault,
        PolicyFault::UnknownName
    );
    let latin = [
        b"witness \xe4 ",
        cosigner(11).verifier_key().to_string().as_bytes(),
        b"\nquorum \xe4\n",
    ]
    .concat();
    assert_eq!(Policy::parse(&latin).unwrap().to_bytes(), latin);
}

#[test]
fn faulty_policies_are_refused_with_their_line() {
    let (a, b) = (witness_line("a", 11), witness_line("b", 12));
    let log = format!("log {}\n", log_vkey());
    let renamed = VerifierKey::new(
        KeyName::new("other").unwrap(),
        NoteKey::Ed25519(log_key().verifying_key()),
    );
    let many: String = (0..=u8::try_from(MAX_WITNESSES).unwrap())
        .map(|seed| witness_line(&format!("w{seed}"), seed + 1))
        .collect();
    for (text, line, fault) in [
        (String::new(), 1, PolicyFault::Quorum),
        ("# nothing\n".into(), 2, PolicyFault::Quorum),
        ("quorum none".into(), 1, PolicyFault::Characters),
        ("quorum none\r\n".into(), 1, PolicyFault::Characters),
        ("quorum none\n\u{b}\n".into(), 2, PolicyFault::Characters),
        ("quorum none\x7f\n".into(), 1, PolicyFault::Characters),
        ("quorum none\nquorum none\n".into(), 2, PolicyFault::Quorum),
        ("quorum\n".into(), 1, PolicyFault::Words),
        ("quorum none none\n".into(), 1, PolicyFault::Words),
        ("Quorum none\n".into(), 1, PolicyFault::Keyword),
        ("quorum a\n".into(), 1, PolicyFault::UnknownName),
        (format!("quorum a\n{a}"), 1, PolicyFault::UnknownName),
        ("log\n".into(), 1, PolicyFault::Words),
        ("log x\n".into(), 1, PolicyFault::Key(VkeyError::Form)),
        (format!("{log}{log}"), 2, PolicyFault::DuplicateKey),
        (
            format!("{log}log {renamed}\n"),
            2,
            PolicyFault::DuplicateKey,
        ),
        (
            format!("log {}\n", cosigner(1).verifier_key()),
            1,
            PolicyFault::KeyType,
        ),
        (
            format!("witness a {}\n", log_vkey()),
            1,
            PolicyFault::KeyType,
        ),
        (
            format!("{a}{}", witness_line("b", 11)),
            2,
            PolicyFault::DuplicateKey,
        ),
        (
            format!("{a}{}", witness_line("a", 12)),
            2,
            PolicyFault::DuplicateName,
        ),
        (witness_line("none", 11), 1, PolicyFault::DuplicateName),
        (format!("{a}{b}group g 0 a b\n"), 3, PolicyFault::Threshold),
        (format!("{a}{b}group g 3 a b\n"), 3, PolicyFault::Threshold),
        (format!("{a}{b}group g 01 a b\n"), 3, PolicyFault::Threshold),
        (
            format!("{a}{b}group g most a b\n"),
            3,
            PolicyFault::Threshold,
        ),
        (format!("{a}group g all\n"), 2, PolicyFault::Words),
        (
            format!("{a}group g all b\n{b}"),
            2,
            PolicyFault::UnknownName,
        ),
        (format!("{a}group g all g\n"), 2, PolicyFault::UnknownName),
        (
            format!("{a}group g all none\n"),
            2,
            PolicyFault::UnknownName,
        ),
        (format!("{a}group g all a a\n"), 2, PolicyFault::MemberTwice),
        (
            format!("{a}{b}group g all a\ngroup h all a b\n"),
            4,
            PolicyFault::MemberTwice,
        ),
        (format!("{a}group a all a\n"), 2, PolicyFault::DuplicateName),
        (many, MAX_WITNESSES + 1, PolicyFault::TooMany),
        ("#\n".repeat(200_000), 1, PolicyFault::TooLong),
    ] {
        let error = Policy::parse(text.as_bytes()).unwrap_err();
        assert_eq!((error.line, error.fault), (line, fault), "{text:.200}");
    }
}

#[test]
fn judgement_counts_each_witness_once_and_gives_the_time_of_the_quorum() {
    let policy = Policy::parse(example().as_bytes()).unwrap();
    let keys: Vec<VerifierKey> = policy.witnesses().iter().map(|w| w.key.clone()).collect();
    let mut signed = sign(Stored::new(9).head());
    let judge = |signed: &SignedCheckpoint| policy.judge(&signed.to_bytes(), &policy.log_keys());
    let cosign = |signed: &mut SignedCheckpoint, seed, time| {
        let line = cosigner(seed).cosign(signed.checkpoint(), UnixSeconds(time));
        signed.note_mut().add(vec![line], &keys).unwrap()
    };
    let alone = judge(&signed).unwrap();
    assert!(!alone.has_quorum() && alone.cosigned().is_empty());
    cosign(&mut signed, 11, 500);
    cosign(&mut signed, 11, 100);
    cosign(&mut signed, 11, 900);
    cosign(&mut signed, 21, 300);
    let three_lines_of_one = judge(&signed).unwrap();
    assert!(!three_lines_of_one.has_quorum());
    let expected = [(0, 100), (3, 300)].map(|(witness, time)| Cosigned {
        witness,
        time: Some(UnixSeconds(time)),
    });
    assert_eq!(three_lines_of_one.cosigned(), expected);
    assert_eq!(three_lines_of_one.quorum_time(), None);
    cosign(&mut signed, 13, 700);
    cosign(&mut signed, 22, 200);
    let enough = judge(&signed).unwrap();
    assert!(enough.has_quorum());
    assert_eq!(enough.quorum_time(), Some(UnixSeconds(700)));
    assert_eq!(enough.checkpoint().head(), signed.head());
    // Without a time a cosignature counts, but not for the time.
    let mut untimed = sign(Stored::new(9).head());
    for (seed, time) in [(11, 0), (12, 400), (21, 300)] {
        cosign(&mut untimed, seed, time);
    }
    let judged = judge(&untimed).unwrap();
    assert!(judged.has_quorum());
    assert_eq!(judged.quorum_time(), None);
    // A false cosignature in a witness's name spoils the note, and so does a missing log.
    let mut line = cosigner(11).cosign(signed.checkpoint(), UnixSeconds(1));
    line.bytes[9] ^= 1;
    let spoilt = format!("{}{line}", signed.note());
    assert!(matches!(
        policy.judge(spoilt.as_bytes(), &policy.log_keys()),
        Err(CheckpointError::Untrusted(UntrustedNote::FalseSignature(_)))
    ));
    assert_eq!(
        policy.judge(&signed.to_bytes(), &[]),
        Err(CheckpointError::UnknownOrigin)
    );
    let lenient = Policy::parse(b"quorum none\n").unwrap();
    let judged = lenient.judge(&signed.to_bytes(), &[log_vkey()]).unwrap();
    assert!(judged.has_quorum() && judged.quorum_time().is_none());
}

fn proof_of(log: &Stored, index: u64) -> TlogProof {
    let size = log.head().size;
    let Ok(hashes) = ProofPlan::inclusion(index, size)
        .unwrap()
        .compute(|node| log.read(node));
    TlogProof {
        extra: None,
        index,
        hashes,
        checkpoint: sign(log.head()).note().clone(),
    }
}

#[test]
fn a_proof_travels_alone() {
    let policy = Policy::parse(format!("{}quorum a\n", witness_line("a", 11)).as_bytes()).unwrap();
    let logs = [log_vkey()];
    let mut proof = proof_of(&Stored::new(1000), 700);
    proof.extra = Some(b"Bescheid".to_vec());
    assert_eq!(
        proof.verify(&entry(700), &logs, &policy),
        Err(TlogProofError::NoQuorum)
    );
    let checkpoint = SignedCheckpoint::verify_note(proof.checkpoint.clone(), &logs).unwrap();
    let line = cosigner(11).cosign(checkpoint.checkpoint(), UnixSeconds(77));
    proof
        .checkpoint
        .add(vec![line], &[cosigner(11).verifier_key()])
        .unwrap();
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra QmVzY2hlaWQ=\nindex 700\n"));
    let read = TlogProof::parse(text.as_bytes()).unwrap();
    assert_eq!((&read, &read.to_string()), (&proof, &text));
    let judgement = read.verify(&entry(700), &logs, &policy).unwrap();
    assert_eq!(judgement.quorum_time(), Some(UnixSeconds(77)));
    assert_eq!(
        read.verify(&entry(701), &logs, &policy),
        Err(TlogProofError::Inclusion(InclusionError::OtherRoot))
    );
    assert_eq!(
        read.verify(&entry(700), &[], &policy),
        Err(TlogProofError::Checkpoint(CheckpointError::UnknownOrigin))
    );
}

#[test]
fn malformed_proofs_are_refused_by_name() {
    use ParseTlogProofError as Error;
    let mut proof = proof_of(&Stored::new(20), 7);
    proof.extra = Some(vec![1]);
    let text = proof.to_string();
    let first_hash = text.lines().nth(3).unwrap();
    for (spoilt, expected) in [
        (String::new(), Error::Magic),
        (text.replacen("@v1", "@v2", 1), Error::Magic),
        (text.replacen("@v1\n", "@v1 \n", 1), Error::Magic),
        (text.replacen("extra AQ==", "extra AQ=", 1), Error::Extra),
        (text.replacen("extra AQ==", "extra ", 1), Error::Extra),
        (
            text.replacen("extra AQ==", "extra AQ==\nextra AQ==", 1),
            Error::Index,
        ),
        (text.replacen("index 7", "index 07", 1), Error::Index),
        (text.replacen("index 7", "index", 1), Error::Index),
        (
            text.replacen("extra AQ==\nindex 7\n", "index 7\nextra AQ==\n", 1),
            Error::ProofLine(1),
        ),
        (text.replacen(first_hash, "AAAA", 1), Error::ProofLine(1)),
        (
            text.replacen(
                first_hash,
                &[first_hash; MAX_PROOF_HASHES + 1].join("\n"),
                1,
            ),
            Error::TooManyProofLines,
        ),
        (
            format!("c2sp.org/tlog-proof@v1\nindex 1\n{first_hash}\n"),
            Error::NoCheckpoint,
        ),
    ] {
        assert_eq!(
            TlogProof::parse(spoilt.as_bytes()),
            Err(expected),
            "{spoilt:.200}"
        );
    }
    let without = text.replacen("extra AQ==\n", "", 1);
    assert_eq!(TlogProof::parse(without.as_bytes()).unwrap().extra, None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = TlogProof::parse(&bytes);
        if let Ok(policy) = Policy::parse(&bytes) {
            prop_assert_eq!(Policy::parse(&policy.to_bytes()), Ok(policy));
        }
    }
}
