//! libsodium as a contender.
//!
//! Unsafe: its safe wrappers allocate an output for every call, which would make it look slower than it is. The two
//! functions called here read and write exactly the slices named in their arguments.

#![allow(unsafe_code)]

use crate::chunk::{ChunkCipher, counter};
use libsodium_sys as sodium;
use postfach_crypto::age::stream::{CHUNK_LEN, SEALED_CHUNK_LEN};
use std::ptr::{null, null_mut};

pub struct Sodium {
    key: [u8; 32],
    next: u64,
}

impl Sodium {
    pub fn new(key: [u8; 32]) -> Self {
        // SAFETY: takes no arguments, and may be called from any thread at any time.
        let status = unsafe { sodium::sodium_init() };
        assert!(status >= 0, "libsodium finds its implementations");
        Self { key, next: 0 }
    }
}

impl ChunkCipher for Sodium {
    const NAME: &'static str = "libsodium";

    fn seal(&mut self, batch: &mut [u8]) {
        for chunk in batch.chunks_mut(SEALED_CHUNK_LEN) {
            let (text, tag) = chunk.split_at_mut(CHUNK_LEN);
            let nonce = counter(self.next);
            self.next += 1;
            // SAFETY: `text` is read and written over its own length, which libsodium allows to be the same buffer;
            // `tag` has 16 bytes, the nonce 12, the key 32; there is no additional data.
            let status = unsafe {
                sodium::crypto_aead_chacha20poly1305_ietf_encrypt_detached(
                    text.as_mut_ptr(),
                    tag.as_mut_ptr(),
                    null_mut(),
                    text.as_ptr(),
                    CHUNK_LEN as u64,
                    null(),
                    0,
                    null(),
                    nonce.as_ptr(),
                    self.key.as_ptr(),
                )
            };
            assert_eq!(status, 0);
        }
    }

    fn open(&mut self, batch: &mut [u8]) {
        for (index, chunk) in (0..).zip(batch.chunks_mut(SEALED_CHUNK_LEN)) {
            let (text, tag) = chunk.split_at_mut(CHUNK_LEN);
            let nonce = counter(index);
            // SAFETY: as above, and the tag is only read.
            let status = unsafe {
                sodium::crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                    text.as_mut_ptr(),
                    null_mut(),
                    text.as_ptr(),
                    CHUNK_LEN as u64,
                    tag.as_ptr(),
                    null(),
                    0,
                    nonce.as_ptr(),
                    self.key.as_ptr(),
                )
            };
            assert_eq!(status, 0);
        }
    }
}
