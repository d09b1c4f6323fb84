//! Post-quantum hybrid recipients: X-Wing (ML-KEM-768 with X25519) through HPKE.
//!
//! Invariant: no low-order X25519 part passes, neither in a recipient nor in a stanza. The `hpke`
//! crate alone accepts them; age forbids them.
//!
//! Specification: C2SP age, "The MLKEM768-X25519 … recipient type"; RFC 9180, section 6.1
//! (SealBase, OpenBase); FIPS 203, section 7.2 (encapsulation key check).

use core::fmt;
use core::str::FromStr;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::header::HeaderError;
use super::stanza::{WRAPPED_KEY_LEN, decode_argument, decode_body, encode_argument};
use super::x25519::{check_public_key, is_contributory};
use super::{FILE_KEY_LEN, FileKey, KeyError, bech32};

pub(super) const STANZA: &str = "mlkem768x25519";
pub(super) const IDENTITY_PREFIX: &str = "AGE-SECRET-KEY-PQ-";
const RECIPIENT_PREFIX: &str = "age1pq";
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";

/// ML-KEM-768 encapsulation key, then the X25519 public key.
const ML_KEM_KEY_LEN: usize = 1184;
/// ML-KEM-768 ciphertext, then the X25519 share.
const ML_KEM_CIPHERTEXT_LEN: usize = 1088;
const ENC_LEN: usize = ML_KEM_CIPHERTEXT_LEN + 32;

type PublicKey = <XWing as Kem>::PublicKey;
type PrivateKey = <XWing as Kem>::PrivateKey;
type EncappedKey = <XWing as Kem>::EncappedKey;

/// A hybrid public key: canonical in both parts, its X25519 part not of low order.
#[derive(Clone, PartialEq, Eq)]
pub struct HybridRecipient(Box<PublicKey>);

impl HybridRecipient {
    /// Length of the encoded key in bytes.
    pub const LEN: usize = ML_KEM_KEY_LEN + 32;

    /// Accepts the 1216-byte encapsulation key.
    ///
    /// # Errors
    /// [`KeyError::Length`], [`KeyError::NotCanonical`] or [`KeyError::LowOrder`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let (_, x25519) = bytes.split_last_chunk::<32>().ok_or(KeyError::Length)?;
        if bytes.len() != Self::LEN {
            return Err(KeyError::Length);
        }
        check_public_key(x25519)?;
        let key = PublicKey::from_bytes(bytes).map_err(|_| KeyError::NotCanonical)?;
        // FIPS 203's modulus check by its definition, whatever the library does.
        if key.to_bytes().as_slice() != bytes {
            return Err(KeyError::NotCanonical);
        }
        Ok(Self(Box::new(key)))
    }

    /// Parses `age1pq1…`.
    ///
    /// # Errors
    /// [`KeyError`] when the string is not exactly that, or the key is refused.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(bech32::decode::<{ Self::LEN }>(RECIPIENT_PREFIX, text)?.as_slice())
    }

    /// The 1216-byte encapsulation key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        self.0.to_bytes().into()
    }

    pub(super) fn wrap<R: CryptoRng + ?Sized>(
        &self,
        file_key: &FileKey,
        mut rng: &mut R,
    ) -> Result<WrappedKey, hpke::HpkeError> {
        let mut body = [0u8; WRAPPED_KEY_LEN];
        let (text, tag) = body.split_at_mut(FILE_KEY_LEN);
        text.copy_from_slice(file_key.as_bytes());
        let (enc, sealed) = hpke::single_shot_seal_inout_detached_with_rng::<
            ChaCha20Poly1305,
            HkdfSha256,
            XWing,
        >(&OpModeS::Base, &self.0, INFO, text.into(), &[], &mut rng)?;
        tag.copy_from_slice(&sealed.to_bytes());
        Ok(WrappedKey {
            enc: Box::new(enc.to_bytes().into()),
            body,
        })
    }
}

impl fmt::Display for HybridRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bech32::encode_recipient(
            RECIPIENT_PREFIX,
            &self.to_bytes(),
        ))
    }
}

impl fmt::Debug for HybridRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_string();
        write!(f, "HybridRecipient({}…)", &text[..24])
    }
}

impl FromStr for HybridRecipient {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::parse(text)
    }
}

/// A hybrid secret key: a 32-byte seed.
#[derive(Clone)]
pub struct HybridIdentity(Box<PrivateKey>);

impl HybridIdentity {
    /// A new secret key.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_seed(&seed)
    }

    /// The secret key that this seed expands to.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = PrivateKey::from_bytes(seed).expect("X-Wing private keys are any 32 bytes");
        Self(Box::new(key))
    }

    /// Parses `AGE-SECRET-KEY-PQ-1…`.
    ///
    /// # Errors
    /// [`KeyError`] when the string is not exactly that.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Ok(Self::from_seed(&*bech32::decode::<32>(
            IDENTITY_PREFIX,
            text,
        )?))
    }

    /// The seed, for a vault.
    #[must_use]
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        let mut seed = Zeroizing::new([0u8; 32]);
        self.0.write_exact(seed.as_mut_slice());
        seed
    }

    /// `AGE-SECRET-KEY-PQ-1…`, for a key file or a vault.
    #[must_use]
    pub fn to_secret_string(&self) -> Zeroizing<String> {
        bech32::encode_identity(IDENTITY_PREFIX, self.to_seed().as_slice())
    }

    /// The matching public key.
    #[must_use]
    pub fn recipient(&self) -> HybridRecipient {
        HybridRecipient(Box::new(XWing::sk_to_pk(&self.0)))
    }

    pub(super) fn unwrap(&self, wrapped: &WrappedKey) -> Option<FileKey> {
        let (text, tag) = wrapped.body.split_first_chunk::<FILE_KEY_LEN>()?;
        let enc = EncappedKey::from_bytes(wrapped.enc.as_slice()).ok()?;
        let tag = hpke::aead::AeadTag::<ChaCha20Poly1305>::from_bytes(tag).ok()?;
        let mut key = Zeroizing::new(*text);
        hpke::single_shot_open_inout_detached::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.0,
            &enc,
            INFO,
            key.as_mut_slice().into(),
            &[],
            &tag,
        )
        .ok()?;
        Some(FileKey::from_bytes(&key))
    }
}

impl fmt::Debug for HybridIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HybridIdentity(redacted)")
    }
}

/// Content of an `mlkem768x25519` stanza; the X25519 share in `enc` is contributory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrappedKey {
    enc: Box<[u8; ENC_LEN]>,
    body: [u8; WRAPPED_KEY_LEN],
}

impl WrappedKey {
    pub(super) fn parse(arguments: &[String], body: &[u8]) -> Result<Self, HeaderError> {
        let [enc] = arguments else {
            return Err(HeaderError::Stanza);
        };
        let enc = Box::new(decode_argument::<ENC_LEN>(enc)?);
        let body = decode_body(body)?;
        let share = enc.last_chunk::<32>().expect("enc is 1120 bytes long");
        if !is_contributory(share) {
            return Err(HeaderError::LowOrderShare);
        }
        Ok(Self { enc, body })
    }

    pub(super) fn to_parts(&self) -> (Vec<String>, Vec<u8>) {
        (
            vec![STANZA.to_owned(), encode_argument(self.enc.as_slice())],
            self.body.to_vec(),
        )
    }
}
