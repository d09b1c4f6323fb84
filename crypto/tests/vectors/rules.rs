//! Well-formed, rightly signed statements that break a rule of their kind.

use postfach_crypto::codec;
use postfach_crypto::ids::{ChainHash, UnixMillis};
use postfach_crypto::keys::VerifyingKey;
use postfach_crypto::statement::{
    Binding, Bundle, Certificate, Consent, Contact, Delegation, EnvelopeHeader, Event, Extension,
    Failure, HandoverRequest, Head, KeyStatement, Kind, ListHead, Mandate, MandateScope, Receipt,
    RecipientKey, Role, SignerGrant, Statement, Succession,
};

use super::statements::sample;
use super::support::forge::Forge;
use super::support::samples::Options;
use super::support::world::key;

/// The sample of a kind, changed past its rules and signed all the same.
fn broken_sample<S: Statement>(change: &dyn Fn(&mut S)) -> (Kind, Vec<u8>) {
    let sample = sample(S::KIND, Options::None);
    let mut payload: S = codec::decode(&sample.payload, sample.payload.len()).unwrap();
    change(&mut payload);
    let forge = Forge::new(S::KIND, &codec::encode(&payload), sample.seed);
    (S::KIND, forge.build())
}

/// The neutral element, of order 1.
fn weak() -> VerifyingKey {
    let mut weak = [0; 32];
    weak[0] = 1;
    VerifyingKey(weak)
}

fn grant(name: &str, roles: Vec<Role>) -> SignerGrant {
    SignerGrant {
        key: key(name).verifying_key(),
        roles,
        from: UnixMillis(2),
        until: None,
    }
}

/// Name, failure, kind, statement.
pub fn broken() -> Vec<(&'static str, &'static str, Kind, Vec<u8>)> {
    let mut broken = Vec::new();
    let mut add = |name, failure, (kind, statement)| broken.push((name, failure, kind, statement));

    let keys = broken_sample::<KeyStatement>;
    add(
        "address of other first keys",
        "rule/contradiction",
        keys(&|it| it.address.0[0] ^= 1),
    );
    add(
        "identity key of small order",
        "rule/key",
        keys(&|it| it.identity = weak()),
    );
    add(
        "no age recipient",
        "rule/count",
        keys(&|it| it.recipients.clear()),
    );
    add(
        "number 1 without a predecessor",
        "rule/contradiction",
        keys(&|it| it.number = 1),
    );
    add(
        "number 0 with a recovery key",
        "rule/contradiction",
        keys(&|it| {
            it.recovered_with = Some(key("recovery").verifying_key());
        }),
    );
    add(
        "signer key of small order",
        "rule/key",
        keys(&|it| {
            it.signers = vec![SignerGrant {
                key: weak(),
                ..grant("a", vec![Role::Send])
            }];
        }),
    );
    add(
        "signer without a role",
        "rule/count",
        keys(&|it| it.signers = vec![grant("a", vec![])]),
    );
    add(
        "roles unsorted",
        "rule/order",
        keys(&|it| {
            it.signers = vec![grant("a", vec![Role::Read, Role::Send])];
        }),
    );
    add(
        "signer twice",
        "rule/order",
        keys(&|it| {
            it.signers = vec![grant("a", vec![Role::Read]), grant("a", vec![Role::Send])];
        }),
    );
    add(
        "signer that ends before it begins",
        "rule/range",
        keys(&|it| {
            it.signers = vec![SignerGrant {
                until: Some(UnixMillis(1)),
                ..grant("a", vec![Role::Read])
            }];
        }),
    );
    add(
        "age recipient of an unknown KEM",
        "rule/key",
        keys(&|it| {
            let mut bytes = codec::encode(&it.recipients[0]);
            bytes[3] ^= 1; // [0x647a, key] becomes [0x647b, key]
            it.recipients[0] = codec::decode::<RecipientKey>(&bytes, bytes.len()).unwrap();
        }),
    );

    let delegation = broken_sample::<Delegation>;
    add(
        "delegated key of small order",
        "rule/key",
        delegation(&|it| it.key = weak()),
    );
    add(
        "period that ends before it begins",
        "rule/range",
        delegation(&|it| it.until = it.from),
    );

    let certificate = broken_sample::<Certificate>;
    add(
        "certificate without a name",
        "rule/text",
        certificate(&|it| it.name.clear()),
    );
    add(
        "name over the limit",
        "rule/text",
        certificate(&|it| it.name = "x".repeat(201)),
    );

    let binding = broken_sample::<Binding>;
    add(
        "issuer binds itself",
        "rule/contradiction",
        binding(&|it| it.address = it.issuer),
    );
    let succession = broken_sample::<Succession>;
    add(
        "succession to the same address",
        "rule/contradiction",
        succession(&|it| it.new = it.old),
    );
    let consent = broken_sample::<Consent>;
    add(
        "consent to oneself",
        "rule/contradiction",
        consent(&|it| it.authority = Some(it.citizen)),
    );
    let contact = broken_sample::<Contact>;
    add(
        "e-mail address with a line break",
        "rule/text",
        contact(&|it| it.email = Some("m@mail.example\r\nBcc: all@mail.example".into())),
    );
    add(
        "e-mail address over the limit",
        "rule/text",
        contact(&|it| it.email = Some(format!("{}@mail.example", "m".repeat(242)))),
    );
    let bundle = broken_sample::<Bundle>;
    add(
        "bundle of no file",
        "rule/count",
        bundle(&|it| it.count = 0),
    );
    let mandate = broken_sample::<Mandate>;
    add(
        "scope unsorted",
        "rule/order",
        mandate(&|it| {
            it.scope = vec![MandateScope::Send, MandateScope::Read];
        }),
    );

    let header = broken_sample::<EnvelopeHeader>;
    add("no parts", "rule/count", header(&|it| it.parts.clear()));
    add(
        "257 parts",
        "rule/count",
        header(&|it| {
            let part = it.parts[0].clone();
            it.parts = vec![part; 257];
        }),
    );
    add(
        "payload shorter than nonce and tag",
        "rule/range",
        header(&|it| it.parts[0].3 = 31),
    );
    add(
        "age header over the limit",
        "rule/range",
        header(&|it| it.parts[0].1 = 65_537),
    );

    let request = broken_sample::<HandoverRequest>;
    add(
        "request for no age header",
        "rule/count",
        request(&|it| it.age_headers.clear()),
    );
    let failure = broken_sample::<Failure>;
    add(
        "failure without a reason",
        "rule/count",
        failure(&|it| it.reasons.clear()),
    );

    let receipt = broken_sample::<Receipt>;
    add("no event", "rule/count", receipt(&|it| it.events.clear()));
    add(
        "event twice",
        "rule/order",
        receipt(&|it| {
            it.events = vec![Event::ContentHandover, Event::ContentHandover];
        }),
    );
    add(
        "receipt about nothing",
        "rule/contradiction",
        receipt(&|it| {
            (it.header, it.answers) = (None, None);
        }),
    );
    add(
        "unknown critical extension in a receipt",
        "rule/critical-extension",
        receipt(&|it| {
            it.ext = Some(vec![Extension(99, true, vec![])]);
        }),
    );

    let head = broken_sample::<Head>;
    add(
        "empty list with a running hash",
        "rule/contradiction",
        head(&|it| {
            it.head = ListHead {
                count: 0,
                last: ChainHash([1; 32]),
            };
        }),
    );
    broken
}
