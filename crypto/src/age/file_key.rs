//! The file key and what is derived from it.
//!
//! Specification: C2SP age, "File key", "Header MAC", "Payload".

use core::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::FILE_KEY_LEN;
use super::chunk_cipher::ChunkCipher;
use super::stream::{NONCE_LEN, PayloadError, PayloadOpener};

/// The symmetric key of one file, confirmed by that file's header MAC.
///
/// It opens the payload and, once disclosed, lets anyone check header and payload without the
/// recipient's private key. It cannot seal: see [`NewFile`](super::NewFile).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct FileKey([u8; FILE_KEY_LEN]);

impl FileKey {
    pub(super) fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut bytes = Zeroizing::new([0u8; FILE_KEY_LEN]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self(*bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8; FILE_KEY_LEN]) -> Self {
        Self(*bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8; FILE_KEY_LEN] {
        &self.0
    }

    /// The 16 bytes, for handing this one file's content to someone else. Check them again with
    /// [`Header::accept_disclosed`](super::Header::accept_disclosed).
    #[must_use]
    pub fn disclose(&self) -> Zeroizing<[u8; FILE_KEY_LEN]> {
        Zeroizing::new(self.0)
    }

    /// Opens chunks of the payload that begins with `nonce`.
    #[must_use]
    pub fn payload_opener(&self, nonce: &[u8; NONCE_LEN]) -> PayloadOpener {
        PayloadOpener::new(self.payload_cipher(nonce))
    }

    /// Opens a whole payload (nonce and STREAM) in memory; nothing is returned unless its last
    /// chunk passed.
    ///
    /// # Errors
    /// [`PayloadError`] when the payload is damaged, cut, extended or sealed with another key.
    pub fn open_payload(&self, payload: &[u8]) -> Result<Vec<u8>, PayloadError> {
        let (nonce, sealed) = payload
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(PayloadError::Length)?;
        self.payload_opener(nonce).open_all(sealed)
    }

    /// `HKDF-SHA-256(ikm = file key, salt = nonce, info = "payload")`.
    pub(super) fn payload_cipher(&self, nonce: &[u8; NONCE_LEN]) -> ChunkCipher {
        let key = derive_key(&self.0, nonce, b"payload");
        ChunkCipher::new(&key)
    }

    /// HMAC over the header up to and including `---`, keyed with
    /// `HKDF-SHA-256(ikm = file key, salt = empty, info = "header")`.
    pub(super) fn header_mac(&self, authenticated: &[u8]) -> Hmac<Sha256> {
        let key = derive_key(&self.0, &[], b"header");
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_slice())
            .expect("HMAC takes keys of any length");
        mac.update(authenticated);
        mac
    }
}

/// The one shape of HKDF that age uses: SHA-256, 32 bytes out.
pub(super) fn derive_key(ikm: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0u8; 32]);
    Hkdf::<Sha256>::new(Some(salt), ikm)
        .expand(info, key.as_mut_slice())
        .expect("32 bytes are within HKDF-SHA-256's output limit");
    key
}

impl PartialEq for FileKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for FileKey {}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(redacted)")
    }
}
