//! Classical X25519 recipients, for backups and exports.
//!
//! Specification: C2SP age, "The X25519 recipient type"; RFC 7748, section 5.

use core::fmt;
use core::str::FromStr;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use rand_core::CryptoRng;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

use super::file_key::derive_key;
use super::header::HeaderError;
use super::stanza::{WRAPPED_KEY_LEN, decode_argument, decode_body, encode_argument};
use super::{FILE_KEY_LEN, FileKey, KeyError, bech32};

pub(super) const STANZA: &str = "X25519";
const RECIPIENT_PREFIX: &str = "age";
const IDENTITY_PREFIX: &str = "AGE-SECRET-KEY-";
const INFO: &[u8] = b"age-encryption.org/v1/X25519";

/// A classical public key: canonical and not of low order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct X25519Recipient(PublicKey);

impl X25519Recipient {
    /// Accepts the 32-byte u-coordinate.
    ///
    /// # Errors
    /// [`KeyError::NotCanonical`] or [`KeyError::LowOrder`].
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, KeyError> {
        check_public_key(&bytes)?;
        Ok(Self(PublicKey::from(bytes)))
    }

    /// Parses `age1…`.
    ///
    /// # Errors
    /// [`KeyError`] when the string is not exactly that, or the key is refused.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(*bech32::decode::<32>(RECIPIENT_PREFIX, text)?)
    }

    /// The 32-byte u-coordinate.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    pub(super) fn wrap<R: CryptoRng + ?Sized>(
        &self,
        file_key: &FileKey,
        rng: &mut R,
    ) -> WrappedKey {
        let ephemeral = StaticSecret::random_from_rng(rng);
        let share = PublicKey::from(&ephemeral);
        let shared = ephemeral.diffie_hellman(&self.0);
        let key = wrap_key(&shared, &share, &self.0);
        WrappedKey {
            share: share.to_bytes(),
            body: seal_file_key(&key, file_key),
        }
    }
}

impl fmt::Display for X25519Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bech32::encode_recipient(
            RECIPIENT_PREFIX,
            self.0.as_bytes(),
        ))
    }
}

impl fmt::Debug for X25519Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X25519Recipient({self})")
    }
}

impl FromStr for X25519Recipient {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::parse(text)
    }
}

/// A classical secret key.
#[derive(Clone)]
pub struct X25519Identity {
    secret: StaticSecret,
    public: PublicKey,
}

impl X25519Identity {
    /// A new secret key.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_seed(&seed)
    }

    /// The secret key with these 32 bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let secret = StaticSecret::from(*seed);
        let public = PublicKey::from(&secret);
        Self { secret, public }
    }

    /// Parses `AGE-SECRET-KEY-1…`.
    ///
    /// # Errors
    /// [`KeyError`] when the string is not exactly that.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Ok(Self::from_seed(&*bech32::decode::<32>(
            IDENTITY_PREFIX,
            text,
        )?))
    }

    /// `AGE-SECRET-KEY-1…`, for a key file or a vault.
    #[must_use]
    pub fn to_secret_string(&self) -> Zeroizing<String> {
        bech32::encode_identity(IDENTITY_PREFIX, self.secret.as_bytes())
    }

    /// The matching public key.
    #[must_use]
    pub fn recipient(&self) -> X25519Recipient {
        X25519Recipient(self.public)
    }

    pub(super) fn unwrap(&self, wrapped: &WrappedKey) -> Option<FileKey> {
        let share = PublicKey::from(wrapped.share);
        let shared = self.secret.diffie_hellman(&share);
        // "If the shared secret is all 0x00 bytes, the identity implementation MUST abort."
        if !shared.was_contributory() {
            return None;
        }
        open_file_key(&wrap_key(&shared, &share, &self.public), &wrapped.body)
    }
}

impl fmt::Debug for X25519Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X25519Identity(redacted, {})", self.recipient())
    }
}

/// Content of an `X25519` stanza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrappedKey {
    share: [u8; 32],
    body: [u8; WRAPPED_KEY_LEN],
}

impl WrappedKey {
    pub(super) fn parse(arguments: &[String], body: &[u8]) -> Result<Self, HeaderError> {
        let [share] = arguments else {
            return Err(HeaderError::Stanza);
        };
        let share = decode_argument::<32>(share)?;
        let body = decode_body(body)?;
        if !is_contributory(&share) {
            return Err(HeaderError::LowOrderShare);
        }
        Ok(Self { share, body })
    }

    pub(super) fn to_parts(&self) -> (Vec<String>, Vec<u8>) {
        (
            vec![STANZA.to_owned(), encode_argument(&self.share)],
            self.body.to_vec(),
        )
    }
}

/// `HKDF-SHA-256(ikm = shared secret, salt = ephemeral share ‖ recipient, info)`.
fn wrap_key(
    shared: &SharedSecret,
    share: &PublicKey,
    recipient: &PublicKey,
) -> Zeroizing<[u8; 32]> {
    let mut salt = [0u8; 64];
    salt[..32].copy_from_slice(share.as_bytes());
    salt[32..].copy_from_slice(recipient.as_bytes());
    derive_key(shared.as_bytes(), &salt, INFO)
}

/// ChaCha20-Poly1305 with an all-zero nonce: each wrap key seals once.
pub(super) fn seal_file_key(wrap_key: &[u8; 32], file_key: &FileKey) -> [u8; WRAPPED_KEY_LEN] {
    let mut body = [0u8; WRAPPED_KEY_LEN];
    let (text, tag) = body.split_at_mut(FILE_KEY_LEN);
    text.copy_from_slice(file_key.as_bytes());
    let sealed = ChaCha20Poly1305::new(wrap_key.into())
        .encrypt_inout_detached(&[0u8; 12].into(), &[], text.into())
        .expect("16 bytes are within the cipher's limit");
    tag.copy_from_slice(&sealed);
    body
}

pub(super) fn open_file_key(wrap_key: &[u8; 32], body: &[u8; WRAPPED_KEY_LEN]) -> Option<FileKey> {
    let (text, tag) = body.split_first_chunk::<FILE_KEY_LEN>()?;
    let tag: &[u8; 16] = tag.try_into().ok()?;
    let mut key = Zeroizing::new(*text);
    ChaCha20Poly1305::new(wrap_key.into())
        .decrypt_inout_detached(
            &[0u8; 12].into(),
            &[],
            key.as_mut_slice().into(),
            tag.into(),
        )
        .ok()?;
    Some(FileKey::from_bytes(&key))
}

/// Refuses public keys that are non-canonical (several spellings of one key) or of low order.
pub(super) fn check_public_key(bytes: &[u8; 32]) -> Result<(), KeyError> {
    // p = 2^255 - 19, little-endian: ed, then thirty times ff, then 7f.
    let top =
        bytes[31] == 0x7f && bytes[1..31].iter().all(|byte| *byte == 0xff) && bytes[0] >= 0xed;
    if bytes[31] > 0x7f || top {
        return Err(KeyError::NotCanonical);
    }
    if is_contributory(bytes) {
        Ok(())
    } else {
        Err(KeyError::LowOrder)
    }
}

/// Whether the point has a component of large order. Clamping makes every scalar a multiple of the
/// cofactor, so whether the product is zero depends on the point alone and any scalar can tell.
pub(super) fn is_contributory(share: &[u8; 32]) -> bool {
    StaticSecret::from([1u8; 32])
        .diffie_hellman(&PublicKey::from(*share))
        .was_contributory()
}
