//! age files end to end: what is written opens, what is altered does not.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use postfach_crypto::age::stream::{
    CHUNK_LEN, NONCE_LEN, Position, SEALED_CHUNK_LEN, TAG_LEN, payload_len, text_chunks, text_len,
};
use postfach_crypto::age::{
    DecryptError, Header, HybridIdentity, Identity, NewFile, Passphrase, PayloadError, Recipients,
    SeekableReader, StreamReader, UnwrapError, WorkFactor, X25519Identity, decrypt, encrypt,
};
use proptest::prelude::*;
use zeroize::Zeroizing;

fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

fn hybrid() -> (Identity, Recipients) {
    let identity = HybridIdentity::generate(&mut rng());
    let recipients = Recipients::Hybrid(vec![identity.recipient()]);
    (identity.into(), recipients)
}

/// Text whose chunks differ.
fn text(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| ((i / CHUNK_LEN) ^ i.wrapping_mul(31)).to_le_bytes()[0])
        .collect()
}

/// Lengths at which the number of chunks changes, and their neighbours.
const LENGTHS: [usize; 9] = [
    0,
    1,
    CHUNK_LEN - 1,
    CHUNK_LEN,
    CHUNK_LEN + 1,
    2 * CHUNK_LEN - 1,
    2 * CHUNK_LEN,
    2 * CHUNK_LEN + 1,
    5 * CHUNK_LEN + 7,
];

fn stream_encrypt(recipients: &Recipients, text: &[u8], piece: usize) -> Vec<u8> {
    let file = NewFile::new(recipients, &mut rng()).unwrap();
    let mut writer = file.into_writer(Vec::new()).unwrap();
    for part in text.chunks(piece.max(1)) {
        writer.write_all(part).unwrap();
    }
    writer.finish().unwrap()
}

fn stream_decrypt(file: &[u8], identity: &Identity) -> Result<Vec<u8>, DecryptError> {
    let mut text = Vec::new();
    StreamReader::open(file, std::slice::from_ref(identity))?.read_to_end(&mut text)?;
    Ok(text)
}

#[test]
fn every_recipient_type_round_trips() {
    let x25519 = X25519Identity::generate(&mut rng());
    let passphrase = Passphrase::new(Zeroizing::new("korrekt pferd".to_owned()))
        .with_work_factor(WorkFactor::new(10).unwrap());
    let cases: [(Identity, Recipients); 3] = [
        hybrid(),
        (
            x25519.clone().into(),
            Recipients::X25519(vec![x25519.recipient()]),
        ),
        (
            passphrase.clone().into(),
            Recipients::Passphrase(passphrase),
        ),
    ];
    for (identity, recipients) in cases {
        for length in LENGTHS {
            let text = text(length);
            let file = stream_encrypt(&recipients, &text, 50_000);
            assert_eq!(
                decrypt(&file, std::slice::from_ref(&identity)).unwrap(),
                text
            );
            assert_eq!(stream_decrypt(&file, &identity).unwrap(), text);
            let (header, payload) = encrypt(&recipients, &text, &mut rng()).unwrap();
            assert_eq!(payload.len() as u64, payload_len(length as u64).unwrap());
            assert_eq!(text_len(payload.len() as u64).unwrap(), length as u64);
            let key = header.unwrap(std::slice::from_ref(&identity)).unwrap();
            assert_eq!(key.open_payload(&payload).unwrap(), text);
        }
    }
}

#[test]
fn each_of_several_recipients_opens_and_a_stranger_does_not() {
    let identities: Vec<_> = (0..3)
        .map(|_| HybridIdentity::generate(&mut rng()))
        .collect();
    let recipients = Recipients::Hybrid(identities.iter().map(HybridIdentity::recipient).collect());
    let (header, payload) = encrypt(&recipients, b"Bescheid", &mut rng()).unwrap();
    header.check_hybrid_stanzas(3).unwrap();
    for identity in identities {
        let key = header.unwrap(&[identity.into()]).unwrap();
        assert_eq!(key.open_payload(&payload).unwrap(), b"Bescheid");
    }
    let stranger = HybridIdentity::generate(&mut rng());
    let classical = X25519Identity::generate(&mut rng());
    let refused = header.unwrap(&[stranger.into(), classical.into()]);
    assert_eq!(refused.unwrap_err(), UnwrapError::Refused);
}

#[test]
fn a_disclosed_file_key_opens_its_own_file_only() {
    let (identity, recipients) = hybrid();
    let (header, payload) = encrypt(&recipients, b"Bescheid", &mut rng()).unwrap();
    let (other, _) = encrypt(&recipients, b"Bescheid", &mut rng()).unwrap();
    let disclosed = header.unwrap(&[identity]).unwrap().disclose();
    let key = header.accept_disclosed(&disclosed).unwrap();
    assert_eq!(key.open_payload(&payload).unwrap(), b"Bescheid");
    assert_eq!(
        other.accept_disclosed(&disclosed).unwrap_err(),
        UnwrapError::Refused
    );
}

/// A file of three full chunks and one short one, cut into its parts.
struct Parts {
    identity: Identity,
    header: Vec<u8>,
    nonce: Vec<u8>,
    chunks: Vec<Vec<u8>>,
}

fn parts(text_len: usize) -> Parts {
    let (identity, recipients) = hybrid();
    let (header, payload) = encrypt(&recipients, &text(text_len), &mut rng()).unwrap();
    let (nonce, sealed) = payload.split_at(NONCE_LEN);
    Parts {
        identity,
        header: header.as_bytes().to_vec(),
        nonce: nonce.to_vec(),
        chunks: sealed
            .chunks(SEALED_CHUNK_LEN)
            .map(<[u8]>::to_vec)
            .collect(),
    }
}

impl Parts {
    fn file(&self, chunks: &[&[u8]]) -> Vec<u8> {
        [&self.header, &self.nonce, &chunks.concat()]
            .map(Vec::as_slice)
            .concat()
    }

    /// All three ways of reading must refuse, and the stream must not reach its end.
    fn assert_refused(&self, chunks: &[&[u8]]) {
        let file = self.file(chunks);
        let identities = std::slice::from_ref(&self.identity);
        assert!(matches!(
            decrypt(&file, identities),
            Err(DecryptError::Payload(_))
        ));
        let Err(DecryptError::Io(error)) = stream_decrypt(&file, &self.identity) else {
            panic!("the stream was read to its end");
        };
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let (header, length) = Header::parse(&file).unwrap();
        let key = header.unwrap(identities).unwrap();
        let mut payload = Cursor::new(&file);
        payload.seek(SeekFrom::Start(length as u64)).unwrap();
        let sought = SeekableReader::new(&key, payload)
            .and_then(|mut reader| Ok(reader.read_to_end(&mut Vec::new())?));
        assert!(
            sought.is_err(),
            "the seekable reader served a damaged payload"
        );
    }
}

#[test]
fn truncation_at_a_chunk_boundary_is_refused() {
    let parts = parts(3 * CHUNK_LEN + 5);
    let [a, b, c, _] = &parts.chunks[..] else {
        panic!()
    };
    parts.assert_refused(&[a, b, c]);
    parts.assert_refused(&[a]);
    parts.assert_refused(&[]);
}

#[test]
fn truncation_within_a_chunk_is_refused() {
    let parts = parts(CHUNK_LEN + 500);
    let [a, b] = &parts.chunks[..] else { panic!() };
    for kept in [0, 1, TAG_LEN - 1, TAG_LEN, TAG_LEN + 1, b.len() - 1] {
        parts.assert_refused(&[a, &b[..kept]]);
    }
    parts.assert_refused(&[&a[..a.len() - 1]]);
}

#[test]
fn reordered_chunks_are_refused() {
    let parts = parts(3 * CHUNK_LEN);
    let [a, b, c] = &parts.chunks[..] else {
        panic!()
    };
    parts.assert_refused(&[b, a, c]);
    parts.assert_refused(&[a, c, b]);
}

#[test]
fn a_dropped_or_doubled_chunk_is_refused() {
    let parts = parts(3 * CHUNK_LEN);
    let [a, b, c] = &parts.chunks[..] else {
        panic!()
    };
    parts.assert_refused(&[a, c]);
    parts.assert_refused(&[a, b, b, c]);
}

#[test]
fn two_final_chunks_are_refused() {
    let parts = parts(2 * CHUNK_LEN);
    let [a, b] = &parts.chunks[..] else { panic!() };
    parts.assert_refused(&[a, b, b]);
}

#[test]
fn trailing_bytes_are_refused() {
    for length in [0, 5, CHUNK_LEN, CHUNK_LEN + 5] {
        let parts = parts(length);
        let mut chunks: Vec<&[u8]> = parts.chunks.iter().map(Vec::as_slice).collect();
        chunks.push(b"x");
        parts.assert_refused(&chunks);
        *chunks.last_mut().unwrap() = &[0; 100];
        parts.assert_refused(&chunks);
    }
}

#[test]
fn an_empty_last_chunk_after_others_is_neither_sealed_nor_opened() {
    let (identity, recipients) = hybrid();
    let mut file = NewFile::new(&recipients, &mut rng()).unwrap();
    let mut chunk = vec![0; SEALED_CHUNK_LEN];
    file.payload
        .next_batch(chunk.len())
        .unwrap()
        .seal(&mut chunk)
        .unwrap();
    assert_eq!(
        file.payload.last_batch(TAG_LEN).unwrap_err(),
        PayloadError::Length
    );
    let key = file.header.unwrap(&[identity]).unwrap();
    let opener = key.payload_opener(&[0; NONCE_LEN]);
    let mut empty = [0; TAG_LEN];
    let refused = opener.open_chunk(1, Position::Last, &mut empty);
    assert_eq!(refused.unwrap_err(), PayloadError::Length);
}

#[test]
fn a_payload_of_another_file_is_refused() {
    let (identity, recipients) = hybrid();
    let (header, _) = encrypt(&recipients, b"one", &mut rng()).unwrap();
    let (_, payload) = encrypt(&recipients, b"two", &mut rng()).unwrap();
    let key = header.unwrap(&[identity]).unwrap();
    assert_eq!(
        key.open_payload(&payload).unwrap_err(),
        PayloadError::Refused
    );
}

#[test]
fn a_batch_sealed_in_pieces_equals_the_stream() {
    let (identity, recipients) = hybrid();
    let mut file = NewFile::new(&recipients, &mut rng()).unwrap();
    let nonce = *file.payload.nonce();
    let mut first = vec![7; 2 * SEALED_CHUNK_LEN];
    let mut last = vec![8; SEALED_CHUNK_LEN + 30];
    let first_batch = file.payload.next_batch(first.len()).unwrap();
    let last_batch = file.payload.last_batch(last.len()).unwrap();
    // Batches may be sealed in any order, on any thread.
    last_batch.seal(&mut last).unwrap();
    first_batch.seal(&mut first).unwrap();
    let payload = [&nonce[..], &first, &last].concat();
    let key = file.header.unwrap(&[identity]).unwrap();
    let text = key.open_payload(&payload).unwrap();
    assert_eq!(text.len(), 3 * CHUNK_LEN + 30 - TAG_LEN);
    let opener = key.payload_opener(&nonce);
    opener.open_batch(2, Position::Last, &mut last).unwrap();
    assert_eq!(
        text_chunks(&last).map(<[u8]>::len).sum::<usize>(),
        CHUNK_LEN + 30 - TAG_LEN
    );
    assert!(text_chunks(&last).flatten().all(|byte| *byte == 8));
}

#[test]
fn a_writer_dropped_without_finish_leaves_no_valid_file() {
    let (identity, recipients) = hybrid();
    let mut file = Vec::new();
    let mut writer = NewFile::new(&recipients, &mut rng())
        .unwrap()
        .into_writer(&mut file)
        .unwrap();
    writer.write_all(&text(3 * CHUNK_LEN)).unwrap();
    writer.flush().unwrap();
    drop(writer);
    assert!(stream_decrypt(&file, &identity).is_err());
}

#[test]
fn seeking_reads_any_range() {
    let (identity, recipients) = hybrid();
    for length in LENGTHS {
        let text = text(length);
        let (header, payload) = encrypt(&recipients, &text, &mut rng()).unwrap();
        let key = header.unwrap(std::slice::from_ref(&identity)).unwrap();
        let mut reader = SeekableReader::new(&key, Cursor::new(&payload)).unwrap();
        assert_eq!(reader.text_len(), length as u64);
        for start in [
            0,
            1,
            CHUNK_LEN - 1,
            CHUNK_LEN,
            length / 2,
            length.saturating_sub(1),
            length,
        ] {
            let expected = text.get(start..).unwrap_or_default();
            reader.seek(SeekFrom::Start(start as u64)).unwrap();
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest).unwrap();
            assert_eq!(rest, expected);
        }
        assert!(reader.seek(SeekFrom::Current(i64::MIN)).is_err());
    }
}

#[test]
fn a_cut_payload_is_noticed_before_the_first_byte_is_served() {
    let (identity, recipients) = hybrid();
    let (header, payload) = encrypt(&recipients, &text(3 * CHUNK_LEN), &mut rng()).unwrap();
    let key = header.unwrap(&[identity]).unwrap();
    for kept in [
        0,
        NONCE_LEN,
        NONCE_LEN + 2 * SEALED_CHUNK_LEN,
        payload.len() - 1,
    ] {
        assert!(SeekableReader::new(&key, Cursor::new(&payload[..kept])).is_err());
    }
}

#[test]
fn lengths_at_the_end_of_the_number_range_do_not_overflow() {
    assert_eq!(payload_len(u64::MAX), None);
    assert!(
        text_len(u64::MAX).is_ok_and(|length| payload_len(length) == Some(u64::MAX))
            || text_len(u64::MAX).is_err()
    );
    for short in 0..(NONCE_LEN + TAG_LEN) as u64 {
        assert_eq!(text_len(short), Err(PayloadError::Length));
    }
    let empty_last_chunk = (NONCE_LEN + SEALED_CHUNK_LEN + TAG_LEN) as u64;
    assert_eq!(text_len(empty_last_chunk), Err(PayloadError::Length));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_in_any_pieces_round_trips(length in 0usize..300_000, piece in 1usize..200_000) {
        let (identity, recipients) = hybrid();
        let text = text(length);
        let file = stream_encrypt(&recipients, &text, piece);
        prop_assert_eq!(stream_decrypt(&file, &identity).unwrap(), text);
    }

    #[test]
    fn any_flipped_bit_is_refused(length in 0usize..140_000, at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (identity, recipients) = hybrid();
        let mut file = stream_encrypt(&recipients, &text(length), 1 << 16);
        let at = at.index(file.len());
        file[at] ^= 1 << bit;
        prop_assert!(decrypt(&file, std::slice::from_ref(&identity)).is_err());
        prop_assert!(stream_decrypt(&file, &identity).is_err());
    }

    #[test]
    fn any_cut_is_refused(length in 0usize..140_000, at in any::<prop::sample::Index>()) {
        let (identity, recipients) = hybrid();
        let mut file = stream_encrypt(&recipients, &text(length), 1 << 16);
        file.truncate(at.index(file.len()));
        prop_assert!(decrypt(&file, std::slice::from_ref(&identity)).is_err());
        prop_assert!(stream_decrypt(&file, &identity).is_err());
    }

    #[test]
    fn text_and_payload_lengths_are_inverse(length in 0u64..1 << 48) {
        prop_assert_eq!(text_len(payload_len(length).unwrap()), Ok(length));
    }

    #[test]
    fn a_payload_length_is_refused_or_comes_from_one_text(length in 0u64..1_000_000) {
        if let Ok(text) = text_len(length) {
            prop_assert_eq!(payload_len(text), Some(length));
        }
    }
}
