//! The hot path: sealing and opening 64 KiB chunks of ChaCha20-Poly1305 on one core.
//!
//! Ours is the public age STREAM interface with its chunk numbering and length checks, not the bare cipher. Everyone
//! works in place on the same number of bytes with a 12-byte counter nonce, key schedule done before.
//!
//! A turn is four chunks: long enough for the clock, short enough to stay in the second-level cache.

use crate::measure::{Amount, Comparison, Contender, compare};
use aws_lc_rs::aead as aws;
use postfach_crypto::age::stream::{
    CHUNK_LEN, PayloadOpener, PayloadSealer, Position, SEALED_CHUNK_LEN, TAG_LEN,
};
use postfach_crypto::age::{HybridIdentity, NewFile, Recipients};
use rand_core::CryptoRng;
use ring::aead as ring;
use std::{cell::RefCell, hint::black_box};

const CHUNKS: usize = 4;

/// ChaCha20-Poly1305 over a batch of chunks, each of `CHUNK_LEN` bytes of text with room for the tag behind it.
pub trait ChunkCipher {
    /// As it stands in the table.
    const NAME: &'static str;
    /// Seals the batch; each call continues the numbering.
    fn seal(&mut self, batch: &mut [u8]);
    /// Opens a batch that was the first one sealed with this key.
    fn open(&mut self, batch: &mut [u8]);
}

/// Runs both comparisons.
pub fn run(rounds: usize, rng: &mut impl CryptoRng) -> Vec<Comparison> {
    let mut key = [0; 32];
    rng.fill_bytes(&mut key);
    let ours = RefCell::new(Bench::new(Ours::new(rng)));
    let aws_lc = RefCell::new(Bench::new(AwsLc(
        aws::LessSafeKey::new(
            aws::UnboundKey::new(&aws::CHACHA20_POLY1305, &key).expect("32 bytes"),
        ),
        0,
    )));
    let ring = RefCell::new(Bench::new(Ring(
        ring::LessSafeKey::new(
            ring::UnboundKey::new(&ring::CHACHA20_POLY1305, &key).expect("32 bytes"),
        ),
        0,
    )));
    #[cfg(feature = "libsodium")]
    let sodium = RefCell::new(Bench::new(crate::libsodium::Sodium::new(key)));

    let amount = Amount::Bytes((CHUNKS * CHUNK_LEN) as u64);
    let seal = vec![
        sealing(&ours),
        sealing(&aws_lc),
        sealing(&ring),
        #[cfg(feature = "libsodium")]
        sealing(&sodium),
    ];
    let seal = compare("seal 64 KiB chunks, one core", amount, rounds, seal);
    let open = vec![
        opening(&ours),
        opening(&aws_lc),
        opening(&ring),
        #[cfg(feature = "libsodium")]
        opening(&sodium),
    ];
    let open = compare("open 64 KiB chunks, one core", amount, rounds, open);
    vec![seal, open]
}

struct Bench<C> {
    cipher: C,
    batch: Vec<u8>,
    sealed: Vec<u8>,
}

impl<C: ChunkCipher> Bench<C> {
    /// Seals a first batch and checks that the cipher opens it again.
    fn new(mut cipher: C) -> Self {
        let mut batch = vec![0; CHUNKS * SEALED_CHUNK_LEN];
        cipher.seal(&mut batch);
        let sealed = batch.clone();
        cipher.open(&mut batch);
        for chunk in batch.chunks(SEALED_CHUNK_LEN) {
            assert!(
                chunk[..CHUNK_LEN].iter().all(|&byte| byte == 0),
                "{} opens what it sealed",
                C::NAME
            );
        }
        Self {
            cipher,
            batch,
            sealed,
        }
    }
}

fn sealing<C: ChunkCipher>(bench: &RefCell<Bench<C>>) -> Contender<'_> {
    Contender::plain(C::NAME, || {
        let Bench { cipher, batch, .. } = &mut *bench.borrow_mut();
        cipher.seal(black_box(batch));
    })
}

fn opening<C: ChunkCipher>(bench: &RefCell<Bench<C>>) -> Contender<'_> {
    let prepare = || {
        let Bench { batch, sealed, .. } = &mut *bench.borrow_mut();
        batch.copy_from_slice(sealed);
    };
    Contender::prepared(C::NAME, prepare, |()| {
        let Bench { cipher, batch, .. } = &mut *bench.borrow_mut();
        cipher.open(black_box(batch));
    })
}

struct Ours {
    sealer: PayloadSealer,
    opener: PayloadOpener,
}

impl Ours {
    fn new(rng: &mut impl CryptoRng) -> Self {
        let recipient = HybridIdentity::generate(rng).recipient();
        let file = NewFile::new(&Recipients::Hybrid(vec![recipient]), rng).expect("one recipient");
        Self {
            opener: file.file_key.payload_opener(file.payload.nonce()),
            sealer: file.payload,
        }
    }
}

impl ChunkCipher for Ours {
    const NAME: &'static str = "postfach";

    fn seal(&mut self, batch: &mut [u8]) {
        let numbers = self.sealer.next_batch(batch.len()).expect("full chunks");
        numbers.seal(batch).expect("the length just taken");
    }

    fn open(&mut self, batch: &mut [u8]) {
        self.opener
            .open_batch(0, Position::Inner, batch)
            .expect("sealed above");
    }
}

struct AwsLc(aws::LessSafeKey, u64);

impl ChunkCipher for AwsLc {
    const NAME: &'static str = "aws-lc-rs";

    fn seal(&mut self, batch: &mut [u8]) {
        for chunk in batch.chunks_mut(SEALED_CHUNK_LEN) {
            let (text, tag) = chunk.split_at_mut(CHUNK_LEN);
            let nonce = aws::Nonce::assume_unique_for_key(counter(self.1));
            let sealed = self
                .0
                .seal_in_place_separate_tag(nonce, aws::Aad::empty(), text);
            tag.copy_from_slice(sealed.expect("within the cipher's limit").as_ref());
            self.1 += 1;
        }
    }

    fn open(&mut self, batch: &mut [u8]) {
        for (index, chunk) in (0..).zip(batch.chunks_mut(SEALED_CHUNK_LEN)) {
            let nonce = aws::Nonce::assume_unique_for_key(counter(index));
            self.0
                .open_in_place(nonce, aws::Aad::empty(), chunk)
                .expect("sealed above");
        }
    }
}

struct Ring(ring::LessSafeKey, u64);

impl ChunkCipher for Ring {
    const NAME: &'static str = "ring";

    fn seal(&mut self, batch: &mut [u8]) {
        for chunk in batch.chunks_mut(SEALED_CHUNK_LEN) {
            let (text, tag) = chunk.split_at_mut(CHUNK_LEN);
            let nonce = ring::Nonce::assume_unique_for_key(counter(self.1));
            let sealed = self
                .0
                .seal_in_place_separate_tag(nonce, ring::Aad::empty(), text);
            tag.copy_from_slice(sealed.expect("within the cipher's limit").as_ref());
            self.1 += 1;
        }
    }

    fn open(&mut self, batch: &mut [u8]) {
        for (index, chunk) in (0..).zip(batch.chunks_mut(SEALED_CHUNK_LEN)) {
            let nonce = ring::Nonce::assume_unique_for_key(counter(index));
            self.0
                .open_in_place(nonce, ring::Aad::empty(), chunk)
                .expect("sealed above");
        }
    }
}

/// The peers' nonce: a big-endian counter, as in age, never the last chunk.
pub fn counter(index: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&index.to_be_bytes());
    nonce
}

const _: () = assert!(SEALED_CHUNK_LEN == CHUNK_LEN + TAG_LEN);
