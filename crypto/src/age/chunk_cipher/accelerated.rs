//! ChaCha20 of the crate `chacha20` and our Poly1305, put together as RFC 8439, section 2.8, says.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::poly1305_ifma::{Instructions, Poly1305};
use super::{KEY_LEN, NONCE_LEN, Refused, TAG_LEN};

/// One chunk at work. Its key and nonce are spent with it.
pub(super) struct Chunk {
    keystream: ChaCha20,
    authenticator: Poly1305,
}

impl Chunk {
    /// `None` where the processor lacks the instructions.
    pub(super) fn begin(key: &[u8; KEY_LEN], nonce: &[u8; NONCE_LEN]) -> Option<Self> {
        let instructions = Instructions::detect()?;
        let mut keystream = ChaCha20::new(key.into(), nonce.into());
        // Half of block 0 is the Poly1305 key (section 2.6); the text begins with block 1.
        let mut block = Zeroizing::new([0; 64]);
        keystream.apply_keystream(block.as_mut_slice());
        let authenticator = Poly1305::new(instructions, block.first_chunk()?);
        Some(Self {
            keystream,
            authenticator,
        })
    }

    pub(super) fn seal(mut self, text: &mut [u8]) -> [u8; TAG_LEN] {
        self.keystream.apply_keystream(text);
        tag(self.authenticator, text)
    }

    pub(super) fn open(mut self, text: &mut [u8], expected: &[u8; TAG_LEN]) -> Result<(), Refused> {
        if tag(self.authenticator, text).ct_ne(expected).into() {
            return Err(Refused);
        }
        self.keystream.apply_keystream(text);
        Ok(())
    }
}

/// Poly1305 over no additional data, the sealed text, and the lengths of both.
fn tag(mut authenticator: Poly1305, sealed: &[u8]) -> [u8; TAG_LEN] {
    let mut lengths = [0; 16];
    lengths[8..].copy_from_slice(&(sealed.len() as u64).to_le_bytes());
    authenticator.update_padded(sealed);
    authenticator.update_padded(&lengths);
    authenticator.finalize()
}
