//! Notes, verifier keys, checkpoints and cosignatures: the specifications' examples, and every way
//! to misspell or forge one.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod tlog_support;

use ml_dsa::{KeyInit as _, MlDsa44};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::keys::{SigningDomain, SigningKey};
use postfach_crypto::tlog::checkpoint::{MAX_TREE_SIZE, ParseCheckpointError};
use postfach_crypto::tlog::note::{MAX_NOTE, MAX_SIGNATURES, parse_signature_lines};
use postfach_crypto::tlog::vkey::{KeyNameError, VkeyError};
use postfach_crypto::tlog::{
    Checkpoint, CheckpointError, Cosigner, KeyName, Note, NoteError, NoteKey, NoteSignature,
    SignedCheckpoint, TreeHead, UnixSeconds, UntrustedNote, VerifierKey, epoch_origin,
};
use proptest::prelude::*;
use tlog_support::Stored;

/// The example of signed-note, "Verifier keys".
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE_NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

const NOW: UnixSeconds = UnixSeconds(1_790_000_000);

fn name(text: &str) -> KeyName {
    KeyName::new(text).unwrap()
}

fn log_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn origin() -> KeyName {
    epoch_origin("post.example.de", 1).unwrap()
}

fn log_vkey() -> VerifierKey {
    VerifierKey::new(origin(), NoteKey::Ed25519(log_key().verifying_key()))
}

fn signed() -> SignedCheckpoint {
    Checkpoint::new(&origin(), Stored::new(300).head())
        .sign(&log_key())
        .unwrap()
}

fn cosigner(seed: u8) -> Cosigner {
    let name = name(&format!("witness.example/{seed}"));
    Cosigner::new(name, SigningKey::from_seed(&[seed; 32]))
}

#[test]
fn the_example_of_the_specification_verifies() {
    let key: VerifierKey = EXAMPLE_KEY.parse().unwrap();
    assert_eq!(key.to_string(), EXAMPLE_KEY);
    assert_eq!(key.id().to_string(), "530d903a");
    let note = Note::parse(EXAMPLE_NOTE.as_bytes()).unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.to_string(), EXAMPLE_NOTE);
    assert_eq!(note.verify(&[key]).unwrap().len(), 1);
}

/// The tree head and the cosignature line of tlog-cosignature's own example read as they are
/// printed; its key is not published, so the line stays unknown.
#[test]
fn the_example_checkpoint_is_read() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.to_string(), text);
    let checkpoint = Checkpoint::parse(note.text()).unwrap();
    assert_eq!(checkpoint.origin(), "example.com/behind-the-sofa");
    assert_eq!(checkpoint.head().size, 20_852_163);
    assert_eq!(checkpoint.to_string(), note.text());
    let cosignature = &note.signatures()[1];
    assert_eq!(cosignature.bytes.len(), 72);
    assert_eq!(cosignature.bytes[..8], 1_679_315_147u64.to_be_bytes());
    assert_eq!(
        SignedCheckpoint::verify(text.as_bytes(), &[log_vkey()]),
        Err(CheckpointError::UnknownOrigin)
    );
}

#[test]
fn misspelt_verifier_keys_are_refused() {
    let [id, key] = ["530d903a", "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"];
    for (text, expected) in [
        (String::new(), VkeyError::Form),
        ("example.com/foo".into(), VkeyError::Form),
        (format!("example.com/foo+{id}"), VkeyError::Form),
        (format!("+{id}+{key}"), VkeyError::Name(KeyNameError)),
        (
            format!("example com/foo+{id}+{key}"),
            VkeyError::Name(KeyNameError),
        ),
        (
            format!("example.com/foo\u{a0}+{id}+{key}"),
            VkeyError::Name(KeyNameError),
        ),
        (format!("example.com/bar+{id}+{key}"), VkeyError::Id),
        (format!("example.com/foo+530d903b+{key}"), VkeyError::Id),
        (format!("example.com/foo+530D903A+{key}"), VkeyError::Form),
        (format!("example.com/foo+0530d903a+{key}"), VkeyError::Form),
        (format!("example.com/foo+{id}+{key}="), VkeyError::Form),
        (format!("example.com/foo+{id}+{key}\n"), VkeyError::Form),
        (format!("example.com/foo+{id}+"), VkeyError::Form),
        (format!("example.com/foo+{id}+AQ=="), VkeyError::Length),
        (format!("example.com/foo+{id}+BgEB"), VkeyError::Length),
        (
            format!("example.com/foo+{id}+AgEB"),
            VkeyError::UnknownType(2),
        ),
        // The identity element as public key: verifies anything.
        (
            format!("example.com/foo+{id}+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            VkeyError::Weak,
        ),
        ("x".repeat(3000), VkeyError::Form),
    ] {
        assert_eq!(text.parse::<VerifierKey>(), Err(expected), "{text}");
    }
}

#[test]
fn malformed_notes_are_refused_by_name() {
    let long = format!("{}\n\n{EXAMPLE_NOTE}", "x".repeat(MAX_NOTE));
    let line = EXAMPLE_NOTE.lines().last().unwrap();
    let many = format!("text\n\n{}", format!("{line}\n").repeat(MAX_SIGNATURES + 1));
    for (note, expected) in [
        ("", NoteError::Form),
        ("text\n", NoteError::Form),
        ("text\n\n", NoteError::Form),
        (&EXAMPLE_NOTE[..EXAMPLE_NOTE.len() - 1], NoteError::Form),
        (&EXAMPLE_NOTE.replace("\n\n", "\n"), NoteError::Form),
        (&EXAMPLE_NOTE.replace(" is", "\tis"), NoteError::Characters),
        (&EXAMPLE_NOTE.replace('\n', "\r\n"), NoteError::Characters),
        (
            &EXAMPLE_NOTE.replace('\u{2014}', "-"),
            NoteError::SignatureLine(1),
        ),
        (
            &EXAMPLE_NOTE.replace("foo ", "foo  "),
            NoteError::SignatureLine(1),
        ),
        (
            &EXAMPLE_NOTE.replace("aQM=", "aQN="),
            NoteError::SignatureLine(1),
        ),
        (
            &EXAMPLE_NOTE.replace("aQM=", "aQM"),
            NoteError::SignatureLine(1),
        ),
        (&format!("{EXAMPLE_NOTE}\n"), NoteError::Form),
        (
            &format!("{EXAMPLE_NOTE}\u{2014} a UwAAAA==\n"),
            NoteError::SignatureLine(2),
        ),
        (
            &format!("{EXAMPLE_NOTE}\u{2014} a+b UwAAAAA=\n"),
            NoteError::SignatureLine(2),
        ),
        (&long, NoteError::TooLong),
        (&many, NoteError::TooManySignatures),
    ] {
        assert_eq!(Note::parse(note.as_bytes()), Err(expected), "{note:.60}");
    }
    assert_eq!(Note::parse(b"a\xff\n\n"), Err(NoteError::Characters));
    // The last empty line separates: empty lines before it belong to the text.
    let note = format!("one\n\ntwo\n\n{line}\n");
    assert_eq!(Note::parse(note.as_bytes()).unwrap().text(), "one\n\ntwo\n");
}

#[test]
fn unknown_signatures_are_ignored_and_false_ones_refused() {
    let signed = signed();
    let good = signed.note().to_string();
    let keys = [log_vkey()];
    let line = &signed.note().signatures()[0];
    let same_name = NoteSignature {
        id: postfach_crypto::tlog::KeyId(1),
        ..line.clone()
    };
    let same_id = NoteSignature {
        name: name("other.example"),
        ..line.clone()
    };
    for unknown in [&same_name, &same_id] {
        let with = SignedCheckpoint::verify(format!("{good}{unknown}").as_bytes(), &keys).unwrap();
        assert_eq!(with.note().signatures().len(), 2);
        let mut alone = Note::parse(good.as_bytes()).unwrap();
        assert_eq!(alone.add(vec![unknown.clone()], &keys), Ok(0));
        let only = format!("{}\n{unknown}", signed.note().text());
        assert_eq!(
            SignedCheckpoint::verify(only.as_bytes(), &keys),
            Err(CheckpointError::Untrusted(UntrustedNote::NoKnownSignature))
        );
    }
    let mut spoilt = line.clone();
    spoilt.bytes[3] ^= 1;
    let refused = UntrustedNote::FalseSignature(origin());
    for bytes in [
        format!("{good}{spoilt}"),
        format!("{}\n{spoilt}{line}", signed.note().text()),
    ] {
        assert_eq!(
            SignedCheckpoint::verify(bytes.as_bytes(), &keys),
            Err(CheckpointError::Untrusted(refused.clone()))
        );
    }
    let mut note = signed.note().clone();
    assert_eq!(note.add(vec![spoilt], &keys), Err(refused));
    // The same line twice holds twice.
    let twice = Note::parse(format!("{good}{line}").as_bytes()).unwrap();
    assert_eq!(twice.verify(&keys).unwrap().len(), 2);
    assert_eq!(note.add(vec![line.clone()], &keys), Ok(0));
}

#[test]
fn a_key_named_otherwise_than_the_origin_does_not_count() {
    let other = Checkpoint::new(
        &epoch_origin("post.example.de", 2).unwrap(),
        TreeHead::EMPTY,
    );
    let second_epoch = other.sign(&log_key()).unwrap();
    assert_eq!(
        SignedCheckpoint::verify(&second_epoch.to_bytes(), &[log_vkey()]),
        Err(CheckpointError::UnknownOrigin)
    );
}

#[test]
fn misspelt_checkpoints_are_refused_by_name() {
    use ParseCheckpointError as Error;
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    for (text, expected) in [
        (String::new(), Error::Lines),
        ("a\n1\n".into(), Error::Lines),
        (format!("a\n1\n{root}"), Error::Lines),
        (format!("\n1\n{root}\n"), Error::Origin),
        (format!("{}\n1\n{root}\n", "a".repeat(256)), Error::Origin),
        (format!("a\n01\n{root}\n"), Error::Size),
        (format!("a\n+1\n{root}\n"), Error::Size),
        (format!("a\n\n{root}\n"), Error::Size),
        (format!("a\n{}\n{root}\n", MAX_TREE_SIZE + 1), Error::Size),
        ("a\n1\nCsUYapGGPo4=\n".into(), Error::Root),
        (
            format!("a\n1\n{}\n", root.trim_end_matches('=')),
            Error::Root,
        ),
        (format!("a\n1\n{root}\n\n"), Error::Extension),
        (format!("a\n1\n{root}\nx\n\ny\n"), Error::Extension),
    ] {
        assert_eq!(Checkpoint::parse(&text), Err(expected), "{text:?}");
    }
    let extended = format!("a b\n{MAX_TREE_SIZE}\n{root}\nx\ny z\n");
    let checkpoint = Checkpoint::parse(&extended).unwrap();
    assert_eq!(checkpoint.extensions(), ["x", "y z"]);
    assert_eq!(checkpoint.to_string(), extended);
    assert!(
        checkpoint.sign(&log_key()).is_err(),
        "no key can be named like this origin"
    );
}

#[test]
fn epochs_have_origins_of_their_own() {
    assert_eq!(
        epoch_origin("post.example.de", 12).unwrap().as_str(),
        "post.example.de/12"
    );
    for origin in [
        "",
        "post example",
        "a+b",
        "a\u{2003}b",
        "a\nb",
        &"x".repeat(254),
    ] {
        let refused = epoch_origin(origin, 1);
        // An empty operator name still gives "/1", which statements refuse elsewhere.
        assert_eq!(refused.is_err(), !origin.is_empty(), "{origin:?}");
    }
}

#[test]
fn cosignatures_hold_for_one_checkpoint_time_and_key() {
    let mut signed = signed();
    let witness = cosigner(7);
    let line = witness.cosign(signed.checkpoint(), NOW);
    let keys = [witness.verifier_key()];
    assert_eq!(signed.note_mut().add(vec![line.clone()], &keys), Ok(1));
    let verified = signed.note().verify(&keys).unwrap();
    assert_eq!((verified[0].line, verified[0].time), (1, Some(NOW)));
    for place in 0..line.bytes.len() {
        let mut spoilt = line.clone();
        spoilt.bytes[place] ^= 1;
        assert!(
            signed.note().clone().add(vec![spoilt], &keys).is_err(),
            "byte {place}"
        );
    }
    for length in [0, 1, 8, 64, 71] {
        let mut short = line.clone();
        short.bytes.truncate(length);
        assert!(signed.note().clone().add(vec![short], &keys).is_err());
    }
    let mut other = Checkpoint::new(&origin(), Stored::new(301).head())
        .sign(&log_key())
        .unwrap();
    assert!(other.note_mut().add(vec![line], &keys).is_err());
    assert_eq!(UnixSeconds::of(UnixMillis(1_999)), UnixSeconds(1));
    assert_eq!(UnixSeconds(2).to_millis(), UnixMillis(2_000));
}

/// A time beyond 2^63 - 1 is refused even under a good signature; zero is no time.
#[test]
fn times_out_of_range_do_not_count() {
    let signed = signed();
    let witness = cosigner(7);
    let keys = [witness.verifier_key()];
    let at = |time| {
        let mut note = signed.note().clone();
        note.add(
            vec![witness.cosign(signed.checkpoint(), UnixSeconds(time))],
            &keys,
        )?;
        Ok::<_, UntrustedNote>(note.verify(&keys).unwrap()[0].time)
    };
    assert_eq!(at(0), Ok(None));
    assert_eq!(at((1 << 63) - 1), Ok(Some(UnixSeconds((1 << 63) - 1))));
    assert!(at(1 << 63).is_err());
}

#[test]
fn a_signature_of_one_kind_is_none_of_another() {
    let signed = signed();
    let key = SigningKey::from_seed(&[7; 32]);
    let as_note = VerifierKey::new(origin(), NoteKey::Ed25519(key.verifying_key()));
    let as_witness = VerifierKey::new(origin(), NoteKey::Ed25519Cosigner(key.verifying_key()));
    assert_ne!(as_note.id(), as_witness.id());
    let cosignature = Cosigner::new(origin(), key.clone()).cosign(signed.checkpoint(), NOW);
    let mut posing = cosignature.clone();
    posing.id = as_note.id();
    posing.bytes.drain(..8);
    assert!(signed.note().clone().add(vec![posing], &[as_note]).is_err());
    let plain = key.sign(SigningDomain::Checkpoint, signed.note().text().as_bytes());
    let posing = NoteSignature {
        bytes: [&NOW.0.to_be_bytes(), &plain.0[..]].concat(),
        ..cosignature
    };
    assert!(
        signed
            .note()
            .clone()
            .add(vec![posing], &[as_witness])
            .is_err()
    );
    // Cosignatures are over checkpoints, never over other notes.
    let text = "no checkpoint\n";
    let message = [format!("time {}\n", NOW.0).as_bytes(), text.as_bytes()].concat();
    let signature = key.sign(SigningDomain::Cosignature, &message);
    let cosigner = Cosigner::new(name("w"), key).verifier_key();
    let line = NoteSignature {
        name: cosigner.name().clone(),
        id: cosigner.id(),
        bytes: [&NOW.0.to_be_bytes(), &signature.0[..]].concat(),
    };
    let note = Note::parse(format!("{text}\n{line}").as_bytes()).unwrap();
    assert!(note.verify(&[cosigner]).is_err());
}

/// `cosigned_message` of tlog-cosignature, written here once more.
fn subtree_message(cosigner: &str, time: u64, origin: &str, start: u64, head: TreeHead) -> Vec<u8> {
    let name = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [
        b"subtree/v1\n\0".to_vec(),
        name(cosigner),
        time.to_be_bytes().to_vec(),
        name(origin),
        start.to_be_bytes().to_vec(),
        head.size.to_be_bytes().to_vec(),
        head.root.0.to_vec(),
    ]
    .concat()
}

#[test]
fn post_quantum_cosignatures_are_accepted() {
    let signed = signed();
    let key = ml_dsa::SigningKey::<MlDsa44>::new(&[9; 32].into());
    let public = key.expanded_key().verifying_key().encode();
    let public = NoteKey::MlDsa44Cosigner(Box::new(public.as_slice().try_into().unwrap()));
    let vkey = VerifierKey::new(name("witness.example/pq"), public);
    assert_eq!(vkey.to_string().parse::<VerifierKey>().unwrap(), vkey);
    let line = |cosigner: &str, time: u64, origin: &str, start, head| {
        let message = subtree_message(cosigner, time, origin, start, head);
        let signature = key
            .expanded_key()
            .sign_deterministic(&message, &[])
            .unwrap();
        NoteSignature {
            name: vkey.name().clone(),
            id: vkey.id(),
            bytes: [&time.to_be_bytes(), signature.encode().as_slice()].concat(),
        }
    };
    let (witness, log, head) = ("witness.example/pq", "post.example.de/1", signed.head());
    let keys = [vkey.clone()];
    let good = line(witness, NOW.0, log, 0, head);
    let mut note = signed.note().clone();
    assert_eq!(note.add(vec![good.clone()], &keys), Ok(1));
    assert_eq!(note.verify(&keys).unwrap()[0].time, Some(NOW));
    let again = Note::parse(&note.to_bytes()).unwrap();
    assert_eq!(again, note);
    let smaller = TreeHead { size: 299, ..head };
    for other in [
        line("witness.example/p", NOW.0, log, 0, head),
        line(witness, NOW.0, "post.example.de/2", 0, head),
        line(witness, NOW.0, log, 1, head),
        line(witness, NOW.0, log, 0, smaller),
        line(witness, 1 << 63, log, 0, head),
    ] {
        assert!(signed.note().clone().add(vec![other], &keys).is_err());
    }
    for place in (0..good.bytes.len()).step_by(97) {
        let mut spoilt = good.clone();
        spoilt.bytes[place] ^= 0x40;
        assert!(
            signed.note().clone().add(vec![spoilt], &keys).is_err(),
            "byte {place}"
        );
    }
    let mut short = good;
    short.bytes.pop();
    assert!(signed.note().clone().add(vec![short], &keys).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_note_writes_what_was_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_flipped_bit_never_leaves_the_note_as_it_was_signed(place: prop::sample::Index, bit in 0..8) {
        let mut signed = signed();
        let witness = cosigner(7);
        let keys = [witness.verifier_key()];
        let line = witness.cosign(signed.checkpoint(), NOW);
        signed.note_mut().add(vec![line], &keys).unwrap();
        let good = signed.to_bytes();
        let mut bytes = good.clone();
        let place = place.index(bytes.len());
        bytes[place] ^= 1u8 << bit;
        // A spoilt line may count as unknown; the text and what still verifies are never others.
        if let Ok(read) = SignedCheckpoint::verify(&bytes, &[log_vkey()]) {
            prop_assert_eq!(read.checkpoint(), signed.checkpoint());
            prop_assert_eq!(&read.note().signatures()[0], &signed.note().signatures()[0]);
            prop_assert!(read.note().verify(&keys).is_err());
        }
    }

    #[test]
    fn signature_lines_read_back(id: u32, bytes in prop::collection::vec(any::<u8>(), 1..80)) {
        let line = NoteSignature { name: name("ä.example/1"), id: postfach_crypto::tlog::KeyId(id), bytes };
        prop_assert_eq!(parse_signature_lines(&line.to_string()), Ok(vec![line]));
    }
}
