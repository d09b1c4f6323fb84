//! Pitfalls that mail systems have fallen into, each with the test that keeps us out.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod support;

use postfach_crypto::age::{HybridRecipient, KeyError, Recipients};
use postfach_crypto::envelope::{
    BindingError, Manifest, check_age_headers, check_attachment, check_payload, open_manifest,
};
use postfach_crypto::ids::{ContentHash, PayloadHash};
use postfach_crypto::keys::{SigningDomain, VerifyingKey};
use postfach_crypto::party::{HistoryError, Party};
use postfach_crypto::statement::{
    DeliveryClass, EnvelopeHeader, Kind, RecipientKey, Signed, VerifyError,
};
use support::failures::verify_as;
use support::forge::Forge;
use support::samples::{Draw, Options};
use support::story::{Story, manifest, reference, seal};
use support::world::{World, key};

#[test]
fn low_order_age_recipients_are_not_registered() {
    let mut world = World::new();
    let mut bytes = world.citizen.age.recipient().to_bytes();
    bytes[1184..].fill(0);
    assert_eq!(
        HybridRecipient::from_bytes(&bytes).err(),
        Some(KeyError::LowOrder)
    );
    let first = world.citizen.keys[0].clone();
    let mut next = world.next_keys(&first);
    next.recipients = vec![RecipientKey::x_wing(&bytes)];
    let next = Signed::sign(next, &world.citizen.identity).unwrap();
    let error = Party::start(first).unwrap().apply(next).unwrap_err();
    assert_eq!(error, HistoryError::Recipient(1));
}

#[test]
fn keys_of_small_order_verify_nothing() {
    // R = the neutral element and s = 0 satisfy the equation for every message.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let key = VerifyingKey(neutral);
    let signature =
        postfach_crypto::keys::Signature([neutral, [0; 32]].concat().try_into().unwrap());
    assert!(key.check_strong().is_err());
    assert!(
        key.verify_strict(SigningDomain::KeyPossession, b"anything", &signature)
            .is_err()
    );
}

#[test]
fn a_signature_on_one_kind_is_none_on_another() {
    // Acceptance and Access differ in a field; Acceptance and a Rejection without reasons would
    // not. The media type and the external AAD each refuse it alone.
    let rng = support::rng("kinds");
    let options = Options::None;
    let sample = Draw { rng, options }.statement(Kind::Acceptance);
    let genuine = Forge::new(Kind::Acceptance, &sample.payload, sample.seed);
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Acceptance) {
        let mut renamed = Forge::new(*kind, &sample.payload, sample.seed);
        renamed.aad = Kind::Acceptance.external_aad().to_vec();
        let error = verify_as(*kind, &renamed.build()).unwrap_err();
        assert!(
            matches!(error, VerifyError::Signature(_)),
            "{}",
            kind.name()
        );
        let moved = renamed.with_signature(&genuine.signature());
        assert!(verify_as(*kind, &moved).is_err());
    }
}

#[test]
fn two_seals_of_one_text_share_nothing() {
    let mut world = World::new();
    let recipients = Recipients::Hybrid(vec![world.citizen.age.recipient()]);
    let first = seal(&mut world, &recipients, b"the same text");
    let second = seal(&mut world, &recipients, b"the same text");
    assert_ne!(*first.file_key.disclose(), *second.file_key.disclose());
    assert_ne!(first.payload[..16], second.payload[..16], "payload nonces");
    assert_ne!(first.payload[16..], second.payload[16..]);
}

/// A genuine letter, read by its recipient, who now tries to pass it on.
fn letter() -> Story {
    Story::new(DeliveryClass::Ordinary)
}

#[test]
fn a_manifest_encrypted_again_to_another_citizen_is_recognised() {
    let mut story = letter();
    let mallory_to_bob = key("bob").verifying_key();
    let recipients = Recipients::Hybrid(vec![story.world.authority.age.recipient()]);
    let manifest = story.manifest.clone();
    let part = seal(&mut story.world, &recipients, &manifest);
    let reference = reference(&part);
    let clerk = key("authority clerk");
    story.resign(
        |header| {
            header.recipient = postfach_crypto::ids::Address(mallory_to_bob.0);
            header.parts[0] = reference;
        },
        &clerk,
    );
    assert_eq!(
        open_manifest(&story.header, &story.manifest),
        Err(BindingError::Recipient)
    );
}

#[test]
fn a_header_stripped_and_signed_by_another_authority_is_recognised() {
    let mut story = letter();
    let thief = key("another authority");
    let signer = thief.verifying_key();
    story.resign(
        |header| {
            header.sender.0[0] ^= 1;
            header.signer = signer;
        },
        &thief,
    );
    assert_eq!(
        open_manifest(&story.header, &story.manifest),
        Err(BindingError::Sender)
    );
}

/// Two letters of one sender to one recipient.
fn two_letters() -> (Story, EnvelopeHeader, Vec<u8>) {
    let mut story = letter();
    let other = manifest(&mut story.world, b"another attachment");
    let (other, hash) = other.encode().unwrap();
    let parts = std::mem::take(&mut story.parts);
    let class = DeliveryClass::Ordinary;
    let header = support::story::header(&mut story.world, class, &parts, hash, &other);
    story.parts = parts;
    (story, header, other)
}

#[test]
fn headers_exchanged_between_two_letters_are_recognised() {
    let (story, other_header, other_manifest) = two_letters();
    assert_eq!(
        open_manifest(&other_header, &story.manifest),
        Err(BindingError::ManifestHash)
    );
    // Even a header that names the foreign manifest's hash does not fit inside.
    let mut header = story.header.payload().clone();
    header.manifest = other_header.manifest;
    assert_eq!(
        open_manifest(&header, &other_manifest),
        Err(BindingError::EnvelopeId)
    );
}

#[test]
fn parts_exchanged_within_a_letter_are_recognised() {
    let story = letter();
    let mut headers: Vec<_> = story
        .parts
        .iter()
        .map(|part| part.age_header.as_bytes())
        .collect();
    assert_eq!(check_age_headers(&story.header, &headers, 1), Ok(()));
    headers.swap(0, 1);
    assert_eq!(
        check_age_headers(&story.header, &headers, 1),
        Err(BindingError::AgeHeader(0))
    );
    let payload = &story.parts[1].payload;
    let (hash, len) = (PayloadHash::of(payload), payload.len() as u64);
    assert_eq!(check_payload(&story.header, 1, hash, len), Ok(()));
    assert_eq!(
        check_payload(&story.header, 0, hash, len),
        Err(BindingError::Payload(0))
    );
    let manifest = Manifest::decode(&story.manifest).unwrap();
    let mut other = ContentHash::hasher(&manifest.attachments[0].blind);
    other.update(b"another attachment");
    let size = story.attachment.len() as u64;
    assert_eq!(
        check_attachment(&manifest, 0, ContentHash(other.finish()), size),
        Err(BindingError::Attachment(0))
    );
}

#[test]
fn a_part_is_encrypted_to_exactly_the_recipients_keys() {
    let mut story = letter();
    let (citizen, spy) = (
        story.world.citizen.age.recipient(),
        story.world.authority.age.recipient(),
    );
    let recipients = Recipients::Hybrid(vec![citizen, spy]);
    let manifest = story.manifest.clone();
    let part = seal(&mut story.world, &recipients, &manifest);
    let clerk = key("authority clerk");
    let named = reference(&part);
    story.resign(|header| header.parts[0] = named, &clerk);
    let headers = [
        part.age_header.as_bytes(),
        story.parts[1].age_header.as_bytes(),
    ];
    assert_eq!(
        check_age_headers(&story.header, &headers, 1),
        Err(BindingError::Stanzas(0))
    );
}

#[test]
fn equal_receipts_leave_unequal_leaves() {
    let mut world = World::new();
    let first = world.receipts[0].payload().clone();
    let mut second = first.clone();
    second.context.blind = world.context().blind;
    let first = Signed::sign(first, &world.receipt_key).unwrap();
    let second = Signed::sign(second, &world.receipt_key).unwrap();
    assert_ne!(first.leaf(), second.leaf());
    assert_ne!(
        first.hash().0,
        first.leaf().0,
        "the leaf does not give away the hash"
    );
}

#[test]
fn manifests_do_not_tell_their_length() {
    let mut world = World::new();
    let mut sizes: Vec<_> = (1..300)
        .map(|length| {
            let mut letter = manifest(&mut world, b"");
            letter.text = "x".repeat(length);
            letter.encode().unwrap().0.len()
        })
        .collect();
    sizes.dedup();
    assert!(sizes.len() <= 4, "{sizes:?}");
}
