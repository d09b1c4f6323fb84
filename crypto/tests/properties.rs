//! Round trips: whatever can be said can be read back, and nothing else can.

mod support;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use postfach_crypto::codec;
use postfach_crypto::enrolment::ActivationCode;
use postfach_crypto::envelope::{Attachment, MANIFEST_VERSION, MAX_MANIFEST, Manifest};
use postfach_crypto::ids::{
    Address, Blind, ContentHash, EnvelopeId, LeafHash, ManifestHash, StatementHash,
};
use postfach_crypto::statement::{Kind, kind_of};
use proptest::prelude::*;
use support::failures::verify_as;
use support::forge::Forge;
use support::samples::{Draw, Options};

fn draw(seed: u64) -> Draw {
    Draw {
        rng: ChaCha20Rng::seed_from_u64(seed),
        options: Options::Some,
    }
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_statement_verifies_as_its_own_kind_only(kind in any_kind(), seed: u64) {
        let sample = draw(seed).statement(kind);
        prop_assert_eq!(kind_of(&sample.statement), Ok(kind));
        for other in Kind::ALL {
            prop_assert_eq!(verify_as(*other, &sample.statement).is_ok(), *other == kind);
        }
    }

    #[test]
    fn a_second_encoder_writes_the_same_bytes(kind in any_kind(), seed: u64) {
        let sample = draw(seed).statement(kind);
        let forged = Forge::new(kind, &sample.payload, sample.seed);
        if kind != Kind::Key { // key statements may be signed by another key than the drawn one
            prop_assert_eq!(forged.build(), sample.statement);
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused(kind in any_kind(), seed: u64, place: prop::sample::Index, bit in 0..8) {
        let mut bytes = draw(seed).statement(kind).statement;
        let place = place.index(bytes.len());
        bytes[place] ^= 1u8 << bit;
        prop_assert!(verify_as(kind, &bytes).is_err());
    }

    #[test]
    fn a_cut_or_extended_statement_is_refused(kind in any_kind(), seed: u64, cut: prop::sample::Index, extra: u8) {
        let mut bytes = draw(seed).statement(kind).statement;
        prop_assert!(verify_as(kind, &bytes[..cut.index(bytes.len())]).is_err());
        bytes.push(extra);
        prop_assert!(verify_as(kind, &bytes).is_err());
    }

    #[test]
    fn hash_and_leaf_are_of_the_exact_bytes_and_differ(kind in any_kind(), seed: u64) {
        let bytes = draw(seed).statement(kind).statement;
        prop_assert_ne!(StatementHash::of(&bytes).0, LeafHash::of(&bytes).0);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for kind in Kind::ALL {
            prop_assert!(verify_as(*kind, &bytes).is_err());
        }
        prop_assert!(Manifest::decode(&bytes).is_err());
        prop_assert!(codec::decode::<Vec<u64>>(&bytes, 400).map_or(true, |list| codec::encode(&list) == bytes));
    }

    #[test]
    fn manifests_are_padded_and_read_back(
        subject in "[a-zA-ZäöüÄÖÜß0-9 ]{1,100}",
        text in "\\PC{0,2000}",
        names in prop::collection::vec("[a-zA-Z0-9äöü._-]{1,60}", 0..6),
        blind: [u8; 32],
    ) {
        let attachments = names.into_iter().map(|name| Attachment {
            name,
            media_type: "application/pdf".into(),
            content: ContentHash(blind),
            blind: Blind(blind),
            size: 1 << 40,
        }).collect();
        let manifest = Manifest {
            version: MANIFEST_VERSION,
            blind: Blind(blind),
            envelope_id: EnvelopeId([1; 16]),
            sender: Address([2; 32]),
            recipient: Address([3; 32]),
            subject,
            text,
            attachments,
            padding: vec![],
            in_reply_to: None,
            replies: None,
            act: None,
            set: None,
            ext: None,
            copy_of: None,
        };
        let (bytes, hash) = manifest.clone().encode().unwrap();
        prop_assert_eq!(ManifestHash::of(&bytes), hash);
        // Two sizes cannot be reached, where the padding's own length prefix grows.
        prop_assert!(bytes.len() % 512 == 0 || bytes.len() % 512 == 511);
        prop_assert!(bytes.len() <= MAX_MANIFEST);
        let mut read = Manifest::decode(&bytes).unwrap();
        read.padding.clear();
        prop_assert_eq!(read, manifest);
    }

    #[test]
    fn codes_survive_careless_typing(seed: u64, lower: bool) {
        let code = ActivationCode::generate(&mut ChaCha20Rng::seed_from_u64(seed));
        let text = code.to_text();
        let typed = text.replace('-', " ").replace('0', "O").replace('1', "l");
        let typed = if lower { typed.to_lowercase() } else { typed };
        prop_assert_eq!(typed.parse::<ActivationCode>().unwrap().id(), code.id());
    }

    #[test]
    fn addresses_survive_a_round_trip(bytes: [u8; 32]) {
        let text = Address(bytes).to_string();
        prop_assert_eq!(text.parse::<Address>(), Ok(Address(bytes)));
        prop_assert_eq!(text.to_uppercase().parse::<Address>(), Ok(Address(bytes)));
    }
}
