//! C2SP CCTV age vectors: every file that the reference test kit accepts or refuses gets the same
//! verdict here, in memory and as a stream. Armored files and plugins are no part of our format.
//!
//! Source: npm `cctv-age`, unpacked by `tests/tools/install` into `tests/tools/cctv`.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::{env, fs};

use postfach_crypto::age::stream::{Position, SEALED_CHUNK_LEN};
use postfach_crypto::age::{
    DecryptError, Header, Identity, Passphrase, StreamReader, UnwrapError, decrypt,
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Vectors of cctv-age 0.2.0 that are not armored. A newer package may have more, never fewer.
const VECTORS: usize = 110;

/// Vectors for the pitfalls that our format names; they must be among those that ran.
const REQUIRED: [&str; 12] = [
    "hybrid",
    "hybrid_identity",
    "hybrid_low_order",
    "hybrid_not_canonical_enc",
    "x25519_low_order",
    "scrypt_and_x25519",
    "scrypt_work_factor_23",
    "stream_last_chunk_empty",
    "stream_no_final_full",
    "stream_trailing_garbage_short",
    "stream_two_final_chunks",
    "stream_257_chunks_full",
];

fn folder() -> PathBuf {
    env::var_os("CCTV_AGE_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/tools/cctv"),
        PathBuf::from,
    )
}

struct Vector {
    name: String,
    expect: String,
    payload_hash: Option<String>,
    identities: Vec<Identity>,
    file: Vec<u8>,
}

/// Key-value lines, an empty line, then the file. `None` for vectors out of scope.
fn parse(name: &str, bytes: &[u8]) -> Option<Vector> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let mut file = bytes[end + 2..].to_vec();
    let mut vector = Vector {
        name: name.to_owned(),
        expect: String::new(),
        payload_hash: None,
        identities: Vec::new(),
        file: Vec::new(),
    };
    for line in str::from_utf8(&bytes[..end]).unwrap().lines() {
        match line.split_once(": ").unwrap() {
            ("expect", value) => vector.expect = value.to_owned(),
            ("payload", value) => vector.payload_hash = Some(value.to_owned()),
            ("identity", value) => vector.identities.push(Identity::parse(value).unwrap()),
            ("passphrase", value) => {
                let passphrase = Passphrase::new(Zeroizing::new(value.to_owned()));
                vector.identities.push(passphrase.into());
            }
            ("compressed", "zlib") => {
                file = miniz_oxide::inflate::decompress_to_vec_zlib(&file).unwrap();
            }
            ("armored", _) => return None,
            ("file key" | "comment", _) => (),
            (key, _) => panic!("{name}: unknown key {key}"),
        }
    }
    vector.file = file;
    Some(vector)
}

/// The verdict in the test kit's words, and the text released before an error.
fn stream(vector: &Vector) -> (&'static str, Vec<u8>) {
    let mut text = Vec::new();
    let opened = StreamReader::open(&vector.file[..], &vector.identities);
    match opened {
        Ok(mut reader) => match reader.read_to_end(&mut text) {
            Ok(_) => ("success", text),
            Err(_) => ("payload failure", text),
        },
        // We do not tell a wrong MAC from a wrong key.
        Err(DecryptError::Unwrap(UnwrapError::Refused)) => ("no match", text),
        Err(DecryptError::Io(error)) => panic!("{}: {error}", vector.name),
        Err(_) => ("header failure", text),
    }
}

/// The text of all chunks up to a last one or a refusal, whatever follows.
fn release_without_looking_ahead(vector: &Vector) -> Vec<u8> {
    let (header, length) = Header::parse(&vector.file).unwrap();
    let key = header.unwrap(&vector.identities).unwrap();
    let (nonce, sealed) = vector.file[length..].split_first_chunk().unwrap();
    let opener = key.payload_opener(nonce);
    let mut text = Vec::new();
    for (index, chunk) in (0..).zip(sealed.chunks(SEALED_CHUNK_LEN)) {
        let mut chunk = chunk.to_vec();
        if let Ok(opened) = opener.open_chunk(index, Position::Inner, &mut chunk) {
            text.extend_from_slice(opened);
            continue;
        }
        if let Ok(opened) = opener.open_chunk(index, Position::Last, &mut chunk) {
            text.extend_from_slice(opened);
        }
        break;
    }
    text
}

#[test]
fn every_vector_gets_its_verdict() {
    let folder = folder();
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| {
        panic!(
            "no CCTV vectors in {}: {error}; run tests/tools/install",
            folder.display()
        )
    });
    let mut vectors = BTreeMap::new();
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if let Some(vector) = parse(&name, &fs::read(entry.path()).unwrap()) {
            vectors.insert(name, vector);
        }
    }
    let mut wrong = Vec::new();
    for vector in vectors.values() {
        let expected = if vector.expect == "HMAC failure" {
            "no match"
        } else {
            &vector.expect
        };
        let (verdict, released) = stream(vector);
        if verdict != expected {
            wrong.push(format!("{}: {verdict}, expected {expected}", vector.name));
        }
        let hash = hex::encode(Sha256::digest(&released));
        if let Some(expected_hash) = &vector.payload_hash {
            // Looking ahead, we refuse a chunk that is not followed as its flag says, where the
            // reference releases it first; then ours must be the beginning of what it releases.
            let lenient = release_without_looking_ahead(vector);
            let reference = hex::encode(Sha256::digest(&lenient)) == *expected_hash;
            if hash != *expected_hash && !(reference && lenient.starts_with(&released)) {
                wrong.push(format!("{}: released other text", vector.name));
            }
        }
        let whole = decrypt(&vector.file, &vector.identities);
        if whole.is_ok() != (expected == "success") {
            wrong.push(format!(
                "{}: in memory {whole:?}, expected {expected}",
                vector.name
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong verdicts:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        vectors.len() >= VECTORS,
        "only {} vectors; run tests/tools/install",
        vectors.len()
    );
    for name in REQUIRED {
        assert!(vectors.contains_key(name), "vector {name} did not run");
    }
}
