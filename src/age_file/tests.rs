use std::fs;
use std::io::{Cursor, Read};
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use postfach_crypto::age::stream::{CHUNK_LEN, SEALED_CHUNK_LEN, payload_len};
use postfach_crypto::age::{HybridIdentity, Recipients, X25519Identity};
use sha2::{Digest, Sha256};

use super::*;
use crate::entropy::entropy;

fn identity() -> HybridIdentity {
    HybridIdentity::from_seed(&[7; 32])
}

fn new_file() -> NewFile {
    NewFile::new(
        &Recipients::Hybrid(vec![identity().recipient()]),
        &mut entropy(),
    )
    .unwrap()
}

fn options<'a>(workers: usize) -> Options<'a> {
    Options::default().workers(NonZeroUsize::new(workers).unwrap())
}

fn text(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| ((i / CHUNK_LEN) ^ i.wrapping_mul(31)).to_le_bytes()[0])
        .collect()
}

fn encrypted(text: &[u8], workers: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let lengths = encrypt(new_file(), text, &mut file, options(workers)).unwrap();
    assert_eq!(lengths.text, text.len() as u64);
    assert_eq!(Some(lengths.payload), payload_len(lengths.text));
    file
}

const BATCH: usize = 16 * CHUNK_LEN;

/// Around chunk and batch boundaries, and more batches than workers.
const LENGTHS: [usize; 12] = [
    0,
    1,
    CHUNK_LEN - 1,
    CHUNK_LEN,
    CHUNK_LEN + 1,
    BATCH - 1,
    BATCH,
    BATCH + 1,
    BATCH + CHUNK_LEN,
    2 * BATCH,
    7 * BATCH - 3,
    7 * BATCH,
];

#[test]
fn any_number_of_workers_gives_the_same_text() {
    for length in LENGTHS {
        let text = text(length);
        for workers in [1, 2, 5] {
            let file = encrypted(&text, workers);
            let whole = postfach_crypto::age::decrypt(&file, &[identity().into()]).unwrap();
            assert_eq!(whole, text, "{length} bytes sealed by {workers}");
            let mut opened = Vec::new();
            let lengths = decrypt(
                &[identity().into()],
                &file[..],
                &mut opened,
                options(workers),
            )
            .unwrap();
            assert_eq!(opened, text, "{length} bytes opened by {workers}");
            assert_eq!(lengths.text, length as u64);
        }
    }
}

/// A reader that gives what a slow pipe gives.
struct Trickle<R>(R);

impl<R: Read> Read for Trickle<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(4093);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn short_reads_change_nothing() {
    let text = text(3 * BATCH + 77);
    let mut payload = Vec::new();
    let file = new_file();
    seal_payload(file.payload, Trickle(&text[..]), &mut payload, options(3)).unwrap();
    let mut opened = Vec::new();
    open_payload(
        &file.file_key,
        Trickle(&payload[..]),
        &mut opened,
        options(3),
    )
    .unwrap();
    assert_eq!(opened, text);
}

#[test]
fn the_tap_sees_the_payload_once_and_in_order_both_ways() {
    let text = text(5 * BATCH + 1);
    let file = new_file();
    let mut payload = Vec::new();
    let (mut sealed, mut read) = (Sha256::new(), Sha256::new());
    let mut tap = |bytes: &[u8]| sealed.update(bytes);
    let mut done = Vec::new();
    let mut progress = |bytes| done.push(bytes);
    let watched = options(2).tap(&mut tap).progress(&mut progress);
    seal_payload(file.payload, &text[..], &mut payload, watched).unwrap();
    let mut tap = |bytes: &[u8]| read.update(bytes);
    open_payload(
        &file.file_key,
        &payload[..],
        io::sink(),
        options(2).tap(&mut tap),
    )
    .unwrap();
    let expected = Sha256::digest(&payload);
    assert_eq!(sealed.finalize(), expected);
    assert_eq!(read.finalize(), expected);
    assert!(done.is_sorted());
    assert_eq!(done.last(), Some(&(text.len() as u64)));
}

#[test]
fn damage_anywhere_is_refused_by_any_number_of_workers() {
    let text = text(3 * BATCH);
    let file = encrypted(&text, 2);
    let payload_start =
        file.len() - usize::try_from(payload_len(text.len() as u64).unwrap()).unwrap();
    for workers in [1, 2, 4] {
        let refused = |file: &[u8]| {
            let result = decrypt(&[identity().into()], file, io::sink(), options(workers));
            assert!(
                matches!(result, Err(DecryptError::Payload(_))),
                "{result:?}"
            );
        };
        for at in [
            payload_start,
            payload_start + 16,
            file.len() / 2,
            file.len() - 1,
        ] {
            let mut damaged = file.clone();
            damaged[at] ^= 1;
            refused(&damaged);
        }
        // Cut within the nonce, within a chunk, and at chunk and batch boundaries.
        let first_batch = payload_start + 16 + 16 * SEALED_CHUNK_LEN;
        for length in [
            payload_start,
            payload_start + 15,
            payload_start + 16,
            first_batch,
            first_batch + SEALED_CHUNK_LEN,
            file.len() - 1,
        ] {
            refused(&file[..length]);
        }
        refused(&[&file[..], b"x"].concat());
    }
}

#[test]
fn a_stranger_and_a_foreign_file_are_told_apart() {
    let file = encrypted(b"Bescheid", 1);
    let stranger = X25519Identity::generate(&mut entropy()).into();
    let result = decrypt(&[stranger], &file[..], io::sink(), options(1));
    assert!(matches!(
        result,
        Err(DecryptError::Unwrap(UnwrapError::Refused))
    ));
    let result = decrypt(
        &[identity().into()],
        &b"%PDF-1.7\n"[..],
        io::sink(),
        options(1),
    );
    assert!(matches!(
        result,
        Err(DecryptError::Header(HeaderError::NotAge))
    ));
}

#[test]
fn a_decrypted_file_appears_whole_and_private_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("bescheid.pdf");
    let text = text(2 * BATCH + 9);
    let mut file = encrypted(&text, 2);
    decrypt_to_file(&[identity().into()], &file[..], &target, options(2)).unwrap();
    assert_eq!(fs::read(&target).unwrap(), text);
    assert_eq!(
        fs::metadata(&target).unwrap().permissions().mode() & 0o777,
        0o600
    );

    // The last byte is damaged: nearly all of the text passed, and none of it may stay.
    *file.last_mut().unwrap() ^= 1;
    let second = folder.path().join("zweiter.pdf");
    for target in [&target, &second] {
        let result = decrypt_to_file(&[identity().into()], &file[..], target, options(2));
        assert!(matches!(
            result,
            Err(DecryptError::Payload(PayloadError::Refused))
        ));
    }
    assert_eq!(
        fs::read(&target).unwrap(),
        text,
        "the earlier file is still there"
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing else is left"
    );
}

/// Fails after so many bytes.
struct Failing(Cursor<Vec<u8>>, u64);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.position() >= self.1 {
            return Err(io::Error::other("disk"));
        }
        self.0.read(buffer)
    }
}

impl Write for Failing {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.0.position() >= self.1 {
            return Err(io::Error::other("disk"));
        }
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failing_reader_or_writer_ends_all_workers() {
    let text = text(8 * BATCH);
    for fails_after in [0, 1, BATCH as u64, 3 * BATCH as u64 + 5] {
        let reader = Failing(Cursor::new(text.clone()), fails_after);
        let result = encrypt(new_file(), reader, io::sink(), options(3));
        assert!(matches!(result, Err(EncryptError::Read(_))));
        let writer = Failing(Cursor::new(Vec::new()), fails_after);
        let result = encrypt(new_file(), &text[..], writer, options(3));
        assert!(matches!(result, Err(EncryptError::Write(_))));
    }
}

#[test]
fn a_panicking_callback_ends_all_workers() {
    let text = text(8 * BATCH);
    let mut calls = 0;
    let mut progress = |_| {
        calls += 1;
        assert!(calls < 3, "stop here");
    };
    let watched = options(3).progress(&mut progress);
    let run = catch_unwind(AssertUnwindSafe(|| {
        encrypt(new_file(), &text[..], io::sink(), watched)
    }));
    assert!(run.is_err());
}
