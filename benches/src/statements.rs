//! Signatures, key encapsulation and receipts: operations a second on one core.
//!
//! Ed25519 stands beside aws-lc-rs and ring, whose verification is the cofactorless one without our check for keys of
//! small order. X-Wing is measured where it is used, as the header of an age file to one hybrid recipient: HPKE key
//! schedule, wrapped file key and header MAC included. Receipts have no peer; they are what the server signs.

use crate::measure::{Amount, Comparison, Contender, compare};
use aws_lc_rs::signature as aws;
use postfach_crypto::age::{HybridIdentity, Identity, NewFile, Recipients};
use postfach_crypto::ids::{Blind, ReceiptId, StatementHash, UnixMillis};
use postfach_crypto::keys::{SigningDomain, SigningKey};
use postfach_crypto::statement::{Context, Event, Receipt, Signed};
use rand_core::CryptoRng;
use ring::signature as ring;
use std::hint::black_box;

/// Operations a turn, so that the clock's own cost vanishes.
const REPEAT: u32 = 20;
/// About the length of a request's signature base or a receipt's Sig_structure.
const MESSAGE_LEN: usize = 384;

/// Runs all comparisons.
pub fn run<R: CryptoRng>(rounds: usize, rng: &mut R) -> Vec<Comparison> {
    let mut all = signatures(rounds, rng);
    all.extend(key_encapsulation(rounds, rng));
    all.extend(receipts(rounds, rng));
    all
}

fn signatures(rounds: usize, rng: &mut impl CryptoRng) -> Vec<Comparison> {
    let mut message = vec![0; MESSAGE_LEN];
    rng.fill_bytes(&mut message);
    let message = &message;
    let key = SigningKey::generate(rng);
    let seed = key.seed();
    let aws_key = aws::Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).expect("32 bytes");
    let ring_key = ring::Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).expect("32 bytes");

    let sign = vec![
        repeated("postfach", || {
            black_box(key.sign(SigningDomain::HttpRequest, message));
        }),
        repeated("aws-lc-rs", || {
            black_box(aws_key.sign(message));
        }),
        repeated("ring", || {
            black_box(ring_key.sign(message));
        }),
    ];
    let sign = compare("Ed25519 sign", Amount::Operations(REPEAT), rounds, sign);

    let public = key.verifying_key();
    let signature = key.sign(SigningDomain::HttpRequest, message);
    let aws_public = aws::UnparsedPublicKey::new(&aws::ED25519, public.0);
    let ring_public = ring::UnparsedPublicKey::new(&ring::ED25519, public.0);
    let verify = vec![
        repeated("postfach", || {
            public
                .verify_strict(SigningDomain::HttpRequest, message, black_box(&signature))
                .expect("signed above");
        }),
        repeated("aws-lc-rs", || {
            aws_public
                .verify(message, black_box(&signature.0))
                .expect("the same signature");
        }),
        repeated("ring", || {
            ring_public
                .verify(message, black_box(&signature.0))
                .expect("the same signature");
        }),
    ];
    let verify = compare(
        "Ed25519 verify (ours: strict)",
        Amount::Operations(REPEAT),
        rounds,
        verify,
    );
    vec![sign, verify]
}

fn key_encapsulation<R: CryptoRng>(rounds: usize, rng: &mut R) -> Vec<Comparison> {
    let identity = HybridIdentity::generate(rng);
    let recipients = Recipients::Hybrid(vec![identity.recipient()]);
    let header = NewFile::new(&recipients, rng)
        .expect("one recipient")
        .header;
    let identities = [Identity::from(identity)];
    let encapsulate = repeated("postfach", || {
        black_box(NewFile::new(&recipients, rng).expect("one recipient"));
    });
    let encapsulate = vec![encapsulate];
    let encapsulate = compare(
        "X-Wing encapsulate, as an age header",
        Amount::Operations(REPEAT),
        rounds,
        encapsulate,
    );
    let decapsulate = repeated("postfach", || {
        black_box(header.unwrap(&identities).expect("wrapped for it"));
    });
    let decapsulate = compare(
        "X-Wing decapsulate, as an age header",
        Amount::Operations(REPEAT),
        rounds,
        vec![decapsulate],
    );
    vec![encapsulate, decapsulate]
}

fn receipts(rounds: usize, rng: &mut impl CryptoRng) -> Vec<Comparison> {
    let key = SigningKey::generate(rng);
    let receipt = receipt(rng);
    let bytes = Signed::sign(receipt.clone(), &key)
        .expect("a valid receipt")
        .bytes()
        .to_vec();
    let sign = repeated("postfach", || {
        black_box(Signed::sign(receipt.clone(), &key).expect("a valid receipt"));
    });
    let sign = compare(
        "receipt: encode and sign",
        Amount::Operations(REPEAT),
        rounds,
        vec![sign],
    );
    let verify = repeated("postfach", || {
        black_box(Signed::<Receipt>::verify(&bytes).expect("signed above"));
    });
    let verify = compare(
        "receipt: decode and verify",
        Amount::Operations(REPEAT),
        rounds,
        vec![verify],
    );
    vec![sign, verify]
}

/// A submission receipt as the server issues it.
pub fn receipt(rng: &mut impl CryptoRng) -> Receipt {
    let mut hash = || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    Receipt {
        context: Context {
            origin: "postfach.markt-postbauer-heng.example/log".to_owned(),
            epoch: 1,
            time: UnixMillis(1_790_000_000_000),
            blind: Blind(hash()),
        },
        id: ReceiptId(*hash().first_chunk().expect("32 bytes hold an id")),
        events: vec![Event::SubmissionAcceptance, Event::ContentConsignment],
        header: Some(StatementHash(hash())),
        answers: None,
        certificate: Some(StatementHash(hash())),
        binding: Some(StatementHash(hash())),
        previous: None,
        reasons: None,
        checkpoint: None,
        legal_rule: Some("BayDiG-24-2".to_owned()),
        ext: None,
    }
}

fn repeated<'a>(name: &'static str, mut operation: impl FnMut() + 'a) -> Contender<'a> {
    Contender::plain(name, move || {
        for _ in 0..REPEAT {
            operation();
        }
    })
}
