//! Manifests, and how they fit their header or do not.

use postfach_crypto::codec;
use postfach_crypto::envelope::{BindingError, Manifest, open_manifest};
use postfach_crypto::evidence::Cause;
use postfach_crypto::ids::ManifestHash;
use postfach_crypto::statement::{DeliveryClass, EnvelopeHeader};
use serde_json::{Value, json};

use super::support::story::Story;
use super::support::{diagnostic, failures};

pub fn vectors() -> Value {
    let story = Story::new(DeliveryClass::Registered);
    let full = Manifest::decode(&story.manifest).unwrap();
    let bare = Manifest {
        attachments: vec![],
        replies: None,
        act: None,
        ..full.clone()
    };
    let good = [("full", full.clone()), ("bare", bare.clone())].map(|(name, manifest)| {
        let (bytes, hash) = manifest.encode().unwrap();
        json!({
            "name": name,
            "diagnostic": diagnostic::of(&bytes),
            "manifest": hex::encode(&bytes),
            "length": bytes.len(),
            "hash": hash.to_string(),
        })
    });
    let attachment = &full.attachments[0];
    json!({
        "good": good,
        "bad": bad(&bare),
        "attachment": {
            "plaintext": hex::encode(&story.attachment),
            "blind": hex::encode(attachment.blind.0),
            "content_hash": attachment.content.to_string(),
        },
        "header": hex::encode(story.header.bytes()),
        "foreign": foreign(&story, &full),
    })
}

/// Plaintexts that are not manifests.
fn bad(bare: &Manifest) -> Vec<Value> {
    let broken = |change: &dyn Fn(&mut Manifest)| {
        let mut manifest = bare.clone();
        change(&mut manifest);
        codec::encode(&manifest)
    };
    let mut trailing = codec::encode(bare);
    trailing.push(0);
    [
        ("version 2", "rule/range", broken(&|it| it.version = 2)),
        ("no subject", "rule/text", broken(&|it| it.subject.clear())),
        (
            "subject with a line break",
            "rule/text",
            broken(&|it| it.subject = "a\nb".into()),
        ),
        (
            "text with NUL",
            "rule/text",
            broken(&|it| it.text = "a\0".into()),
        ),
        (
            "padding that is not zero",
            "rule/range",
            broken(&|it| it.padding = vec![1]),
        ),
        (
            "padding over the limit",
            "rule/range",
            broken(&|it| it.padding = vec![0; 513]),
        ),
        ("trailing byte", "encoding/framing", trailing),
        ("empty", "encoding/framing", vec![]),
    ]
    .into_iter()
    .map(|(name, failure, bytes)| {
        let error = Manifest::decode(&bytes).expect_err(name);
        assert_eq!(failures::manifest(&error), failure, "{name}");
        json!({ "name": name, "failure": failure, "manifest": hex::encode(bytes) })
    })
    .collect()
}

/// Genuine manifests under a header that is not theirs.
fn foreign(story: &Story, full: &Manifest) -> Vec<Value> {
    let under = |change: &dyn Fn(&mut EnvelopeHeader)| {
        let mut header = story.header.payload().clone();
        change(&mut header);
        open_manifest(&header, &story.manifest).unwrap_err()
    };
    let mut fewer = full.clone();
    fewer.attachments.clear();
    let (fewer, fewer_hash) = fewer.encode().unwrap();
    let mut header = story.header.payload().clone();
    header.manifest = fewer_hash;
    let fewer = open_manifest(&header, &fewer).unwrap_err();
    [
        ("header names another manifest", under(&|it| it.manifest = ManifestHash([1; 32]))),
        ("header of another envelope", under(&|it| it.envelope_id.0[0] ^= 1)),
        ("header of another sender", under(&|it| it.sender.0[0] ^= 1)),
        ("header to another recipient", under(&|it| it.recipient.0[0] ^= 1)),
        ("fewer attachments than parts", fewer),
    ]
    .into_iter()
    .map(|(name, error): (&str, BindingError)| {
        json!({ "name": name, "failure": Cause::Content(error).name() })
    })
    .collect()
}
