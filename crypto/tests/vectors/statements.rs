//! Good statements of every kind, with and without options, and bad ones that name their failure.

use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::Identity;
use ed25519_dalek::Signer as _;
use postfach_crypto::ids::{LeafHash, StatementHash};
use postfach_crypto::statement::{Kind, MAX_STATEMENT};
use serde_json::{Value, json};

use super::rules;
use super::support::forge::{ED25519, Forge, protected, string};
use super::support::samples::{Draw, Options, Sample};
use super::support::{diagnostic, failures, rng};

/// Order of the Ed25519 group, little-endian (RFC 8032 §5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub fn sample(kind: Kind, options: Options) -> Sample {
    let rng = rng(&format!("{} {}", kind.name(), options as u8));
    Draw { rng, options }.statement(kind)
}

pub fn vectors() -> Value {
    let good: Vec<_> = Kind::ALL
        .iter()
        .flat_map(|kind| [(*kind, Options::None), (*kind, Options::All)])
        .map(|(kind, options)| good(&sample(kind, options)))
        .collect();
    json!({ "good": good, "bad": bad() })
}

fn good(sample: &Sample) -> Value {
    failures::verify_as(sample.kind, &sample.statement).unwrap();
    json!({
        "kind": sample.kind.name(),
        "media_type": sample.kind.media_type(),
        "external_aad": hex::encode(sample.kind.external_aad()),
        "signer_seed": hex::encode(sample.seed),
        "payload_diagnostic": diagnostic::of(&sample.payload),
        "payload": hex::encode(&sample.payload),
        "statement": hex::encode(&sample.statement),
        "hash": StatementHash::of(&sample.statement).to_string(),
        "leaf": LeafHash::of(&sample.statement).to_string(),
    })
}

/// The kind on which most faults are shown; its payload is short.
const KIND: Kind = Kind::Acceptance;

fn bad() -> Vec<Value> {
    let mut bad = Vec::new();
    let mut surprises = Vec::new();
    let mut add = |name: &str, failure: &str, kind: Kind, statement: Vec<u8>| {
        let error = failures::verify_as(kind, &statement).expect_err(name);
        let found = failures::statement(&error);
        if found != failure {
            surprises.push(format!("{name}: {found}, not {failure}"));
        }
        bad.push(json!({
            "name": name,
            "failure": failure,
            "kind": kind.name(),
            "statement": hex::encode(statement),
        }));
    };
    for (name, failure, statement) in envelopes() {
        add(name, failure, KIND, statement);
    }
    for (name, failure, statement) in signatures() {
        add(name, failure, KIND, statement);
    }
    for (name, failure, payload) in payloads() {
        let forge = Forge::new(KIND, &payload, sample(KIND, Options::None).seed);
        add(name, failure, KIND, forge.build());
    }
    for (name, failure, kind, statement) in rules::broken() {
        add(name, failure, kind, statement);
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
    bad
}

fn forge() -> Forge {
    let sample = sample(KIND, Options::None);
    Forge::new(KIND, &sample.payload, sample.seed)
}

/// Faults of the COSE_Sign1 around the payload; the signature is made over them where it can be.
fn envelopes() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let good = forge();
    let genuine = good.build();
    let kid = good.protected[4..38].to_vec();
    let kid = &kid[2..];
    let with = |change: &dyn Fn(&mut Forge)| {
        let mut forge = good.clone();
        change(&mut forge);
        forge.build()
    };
    let media_type = KIND.media_type();
    let template = |algorithm: &[u8], typ: &str| protected(algorithm, kid, typ);
    let unsorted = [
        &[0xa3, 0x04][..],
        &string(2, kid),
        &[0x01, 0x32, 0x10],
        &string(3, media_type.as_bytes()),
    ]
    .concat();
    let extra = [&[0xa4][..], &good.protected[1..], &[0x18, 0x21, 0x00]].concat();
    let mut long_head = good.build();
    long_head.splice(1..2, [0x98, 0x04]);
    let mut trailing = genuine.clone();
    trailing.push(0);
    let cut = genuine[..genuine.len() - 1].to_vec();
    vec![
        ("no tag", "envelope/shape", with(&|f| f.tag.clear())),
        (
            "tag 98 (COSE_Sign)",
            "envelope/shape",
            with(&|f| f.tag = vec![0xd8, 98]),
        ),
        (
            "tag 18 in two bytes",
            "envelope/not-canonical",
            with(&|f| f.tag = vec![0xd8, 18]),
        ),
        (
            "array head in two bytes",
            "envelope/not-canonical",
            long_head,
        ),
        (
            "unprotected header with a key id",
            "envelope/shape",
            with(&|f| f.unprotected = vec![0xa1, 0x04, 0x41, 0x00]),
        ),
        (
            "unprotected header is null",
            "envelope/shape",
            with(&|f| f.unprotected = vec![0xf6]),
        ),
        (
            "algorithm -8 (EdDSA, deprecated)",
            "envelope/shape",
            with(&|f| f.protected = template(&[0x27], media_type)),
        ),
        (
            "algorithm -7 (ES256)",
            "envelope/shape",
            with(&|f| f.protected = template(&[0x26], media_type)),
        ),
        (
            "algorithm in two bytes",
            "envelope/not-canonical",
            with(&|f| f.protected = template(&[0x38, 18], media_type)),
        ),
        (
            "unknown media type",
            "envelope/shape",
            with(&|f| f.protected = template(ED25519, "application/vnd.postfach.nothing+cose")),
        ),
        (
            "media type with a parameter",
            "envelope/shape",
            with(&|f| f.protected = template(ED25519, &format!("{media_type}; v=1"))),
        ),
        (
            "protected header unsorted",
            "envelope/shape",
            with(&|f| f.protected = unsorted.clone()),
        ),
        (
            "protected header with a critical field",
            "envelope/shape",
            with(&|f| f.protected = extra.clone()),
        ),
        (
            "kid of 31 bytes",
            "envelope/shape",
            with(&|f| f.protected = protected(ED25519, &kid[..31], media_type)),
        ),
        (
            "signature of 63 bytes",
            "envelope/shape",
            good.with_signature(&[0; 63]),
        ),
        ("trailing byte", "envelope/framing", trailing),
        ("last byte missing", "envelope/framing", cut),
        ("empty", "envelope/framing", vec![]),
        (
            "indefinite array",
            "envelope/form",
            [&[0xd2, 0x9f][..], &genuine[2..], &[0xff]].concat(),
        ),
        (
            "media type of another kind",
            "kind",
            Forge::new(Kind::Rejection, &good.payload, good.seed).build(),
        ),
        (
            "payload over the limit",
            "envelope/too-large",
            with(&|f| f.payload = vec![0; MAX_STATEMENT]),
        ),
    ]
}

/// Faults of the signature alone.
fn signatures() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let good = forge();
    let genuine = good.signature();
    let mut other_aad = good.clone();
    other_aad.aad = Kind::Rejection.external_aad().to_vec();
    let mut no_aad = good.clone();
    no_aad.aad.clear();
    let mut other_kid = good.clone();
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[8; 32]);
    other_kid.protected = protected(
        ED25519,
        stranger.verifying_key().as_bytes(),
        KIND.media_type(),
    );
    let mut small = good.clone();
    let identity = CompressedEdwardsY::identity().to_bytes();
    small.protected = protected(ED25519, &identity, KIND.media_type());
    // R = the neutral element and s = 0 satisfy the equation for a small-order key.
    let forged = [identity, [0; 32]].concat();
    let bare = ed25519_dalek::SigningKey::from_bytes(&good.seed).sign(&good.payload);
    vec![
        (
            "signed for another kind (external AAD)",
            "signature",
            good.with_signature(&other_aad.signature()),
        ),
        (
            "signed without external AAD",
            "signature",
            good.with_signature(&no_aad.signature()),
        ),
        (
            "payload signed without Sig_structure",
            "signature",
            good.with_signature(&bare.to_bytes()),
        ),
        ("kid of another key", "signature", other_kid.build()),
        (
            "kid of small order, forged signature",
            "signature",
            small.with_signature(&forged),
        ),
        (
            "s raised by the group order",
            "signature",
            good.with_signature(&malleate(genuine)),
        ),
        (
            "signature of zeros",
            "signature",
            good.with_signature(&[0; 64]),
        ),
    ]
}

/// `(R, s)` becomes `(R, s + L)`, which a lenient verifier would accept as well.
fn malleate(mut signature: [u8; 64]) -> [u8; 64] {
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    signature
}

/// Payloads that decoders other than a strict one would take for the genuine payload. The sample
/// is `{0: {0: origin, 1: epoch, 2: time, 3: blind}, 1: header, 2: recipient}`.
fn payloads() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let sample = sample(KIND, Options::None);
    let good = &sample.payload;
    let text = diagnostic::of(good);
    let swap = |find: &[u8], replace: &[u8]| replace_once(good, find, replace);
    // The last field: key 2 and a byte string of 32.
    let last = good.len() - 35;
    let (front, field) = good.split_at(last);
    assert_eq!(field[..3], [0x02, 0x58, 0x20], "{text}");
    let header_key = good.len() - 70;
    assert_eq!(
        good[header_key..header_key + 3],
        [0x01, 0x58, 0x20],
        "{text}"
    );
    let header = &good[header_key..last];
    let context = &good[1..header_key];
    let join = |pieces: &[&[u8]]| pieces.concat();
    let null = [0x03, 0xf6];
    let ext = |value: &[u8]| join(&[&[0xa4], &good[1..], &[0x03], value]);
    let epoch = good
        .windows(2)
        .position(|pair| pair[0] == 0x01 && pair[1] < 0x18)
        .unwrap();
    let epoch_value = good[epoch + 1];
    let with_epoch = |value: &[u8]| join(&[&good[..=epoch], value, &good[epoch + 2..]]);
    let nested: Vec<u8> = std::iter::repeat_n(0x81, 20).chain([0x00]).collect();
    vec![
        (
            "non-minimal integer",
            "payload/not-canonical",
            with_epoch(&[0x18, epoch_value]),
        ),
        ("float", "payload/form", with_epoch(&[0xf9, 0x3c, 0x00])),
        ("negative epoch", "payload/shape", with_epoch(&[0x20])),
        ("epoch 0", "rule/range", with_epoch(&[0x00])),
        (
            "integer of 2^53",
            "payload/form",
            with_epoch(&[0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0]),
        ),
        (
            "indefinite-length map",
            "payload/form",
            join(&[&[0xbf], &good[1..], &[0xff]]),
        ),
        (
            "indefinite-length byte string",
            "payload/form",
            join(&[front, &[0x02, 0x5f], &field[1..], &[0xff]]),
        ),
        (
            "unsorted keys",
            "payload/not-canonical",
            join(&[&[0xa3], context, field, header]),
        ),
        (
            "duplicate key",
            "payload/shape",
            join(&[&[0xa4], &good[1..], field]),
        ),
        (
            "text key for a field",
            "payload/not-canonical",
            join(&[front, &string(3, b"recipient"), &field[1..]]),
        ),
        (
            "null in place of an absent option",
            "payload/form",
            join(&[&[0xa4], &good[1..], &null]),
        ),
        (
            "unknown field",
            "payload/shape",
            join(&[&[0xa4], &good[1..], &[0x09, 0x00]]),
        ),
        (
            "missing field",
            "payload/shape",
            join(&[&[0xa2], &good[1..last]]),
        ),
        (
            "array in place of a struct",
            "payload/not-canonical",
            join(&[&[0x83], &context[1..], &header[1..], &field[1..]]),
        ),
        (
            "text in place of bytes",
            "payload/not-canonical",
            join(&[front, &[0x02, 0x78, 0x20], &[b'a'; 32]]),
        ),
        (
            "array of numbers in place of bytes",
            "payload/not-canonical",
            join(&[front, &[0x02, 0x98, 0x20], &[0x01; 32]]),
        ),
        (
            "address of 31 bytes",
            "payload/shape",
            join(&[front, &[0x02, 0x58, 0x1f], &field[3..34]]),
        ),
        ("trailing byte", "payload/framing", join(&[good, &[0x00]])),
        (
            "second item behind the first",
            "payload/framing",
            join(&[good, good]),
        ),
        ("nested too deep", "payload/too-deep", ext(&nested)),
        (
            "length that exceeds the input",
            "payload/framing",
            join(&[
                front,
                &[0x02, 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                &field[3..],
            ]),
        ),
        (
            "tagged field",
            "payload/not-canonical",
            with_epoch(&[0xc1, epoch_value]),
        ),
        (
            "empty origin",
            "rule/text",
            swap(&string(3, b"postfach.example"), &string(3, b"")),
        ),
        (
            "control character in the origin",
            "rule/text",
            swap(b"postfach.example", b"postfach\nexample"),
        ),
        (
            "origin that is not UTF-8",
            "payload/shape",
            swap(b"postfach.example", b"postfach\xffexample"),
        ),
        (
            "critical extension",
            "rule/critical-extension",
            ext(&[0x81, 0x83, 0x01, 0xf5, 0x40]),
        ),
        (
            "extensions unsorted",
            "rule/order",
            ext(&[0x82, 0x83, 0x02, 0xf4, 0x40, 0x83, 0x01, 0xf4, 0x40]),
        ),
        (
            "extension twice",
            "rule/order",
            ext(&[0x82, 0x83, 0x01, 0xf4, 0x40, 0x83, 0x01, 0xf4, 0x40]),
        ),
        ("extensions present but empty", "rule/count", ext(&[0x80])),
        (
            "extension value over the limit",
            "rule/range",
            ext(&join(&[&[0x81, 0x83, 0x01, 0xf4], &string(2, &[0; 4097])])),
        ),
    ]
}

/// The bytes with one occurrence of `find` replaced.
fn replace_once(bytes: &[u8], find: &[u8], replace: &[u8]) -> Vec<u8> {
    let at = bytes
        .windows(find.len())
        .position(|window| window == find)
        .unwrap();
    // The replacement may change the length of a string whose head is part of it.
    [&bytes[..at], replace, &bytes[at + find.len()..]].concat()
}
