//! Age payloads under a fixed file key: the input as a payload, and as a text with one flipped bit.
#![no_main]

use std::io::{Cursor, Read, Write};
use std::sync::LazyLock;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use libfuzzer_sys::fuzz_target;
use postfach_crypto::age::{
    FileKey, NewFile, Recipients, SeekableReader, X25519Identity, stream::NONCE_LEN,
};

/// Classical, because wrapping for it is quick and the payload does not depend on it.
static RECIPIENTS: LazyLock<Recipients> =
    LazyLock::new(|| Recipients::X25519(vec![X25519Identity::from_seed(&[1; 32]).recipient()]));
static FILE_KEY: LazyLock<FileKey> = LazyLock::new(|| new_file().file_key);

fn new_file() -> NewFile {
    NewFile::new(&RECIPIENTS, &mut ChaCha20Rng::from_seed([2; 32])).expect("one recipient")
}

fn seek(payload: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let mut reader = SeekableReader::new(&FILE_KEY, Cursor::new(payload)).ok()?;
    reader.read_to_end(&mut text).ok()?;
    Some(text)
}

fuzz_target!(|bytes: &[u8]| {
    assert!(FILE_KEY.open_payload(bytes).is_err(), "nobody sealed this");
    assert!(seek(bytes).is_none());

    let Some((&[high, low], text)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let mut file = Vec::new();
    let new = new_file();
    let header_len = new.header.as_bytes().len();
    let mut writer = new.into_writer(&mut file).expect("memory");
    writer.write_all(text).expect("memory");
    writer.finish().expect("memory");
    let mut payload = file.split_off(header_len);
    assert_eq!(FILE_KEY.open_payload(&payload).as_deref(), Ok(text));
    assert_eq!(seek(&payload).as_deref(), Some(text));

    let place = usize::from(u16::from_be_bytes([high, low])) % (payload.len() - NONCE_LEN);
    payload[NONCE_LEN + place] ^= 1 << (high % 8);
    assert!(FILE_KEY.open_payload(&payload).is_err());
    payload.truncate(NONCE_LEN + place);
    assert!(FILE_KEY.open_payload(&payload).is_err());
});
