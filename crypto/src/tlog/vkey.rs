//! Names and public keys of whoever signs notes (C2SP signed-note, "Signatures" and "Verifier
//! keys").
//!
//! Three signature types are known: Ed25519 over the note text (0x01), and the cosignatures over a
//! checkpoint in Ed25519 (0x04) and ML-DSA-44 (0x06). Invariant: a [`VerifierKey`]'s id is computed
//! from its name, type and key, and its Ed25519 key is strong. Absent: the text form of private
//! keys; those are kept as all others are (docs/format/keyfile.md).

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::keys::VerifyingKey;
use crate::tlog::text::{parse_base64, to_base64};

/// Longest key name in bytes (tlog-cosignature, "ML-DSA-44 signed message").
pub const MAX_KEY_NAME: usize = 255;
/// Longest verifier key in bytes: the longest name and an ML-DSA-44 key.
pub const MAX_VKEY: usize = 2048 + MAX_KEY_NAME;
/// Length of an ML-DSA-44 public key (FIPS 204 §4, table 2).
pub const ML_DSA_44_KEY: usize = 1312;

/// The name of a key or log: not empty, without spaces, plus signs and control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

/// A text that cannot be a key name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "key name is empty, longer than {MAX_KEY_NAME} bytes, or has a space, plus or control character"
)]
pub struct KeyNameError;

impl KeyName {
    /// Accepts a text as a name.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyNameError> {
        let text = text.into();
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if text.is_empty() || text.len() > MAX_KEY_NAME || text.chars().any(forbidden) {
            return Err(KeyNameError);
        }
        Ok(Self(text))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells keys of one name apart. Not a hash to rely on: anybody can make another key with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// A public key with what its signatures are over.
#[derive(Clone, PartialEq, Eq)]
pub enum NoteKey {
    /// Signs the note text itself (type 0x01).
    Ed25519(VerifyingKey),
    /// Cosigns a checkpoint with a time (type 0x04).
    Ed25519Cosigner(VerifyingKey),
    /// Cosigns a checkpoint with a time, post-quantum (type 0x06).
    MlDsa44Cosigner(Box<[u8; ML_DSA_44_KEY]>),
}

impl NoteKey {
    /// The signature type's identifier byte (signed-note, "Signature types").
    pub fn signature_type(&self) -> u8 {
        match self {
            NoteKey::Ed25519(_) => 0x01,
            NoteKey::Ed25519Cosigner(_) => 0x04,
            NoteKey::MlDsa44Cosigner(_) => 0x06,
        }
    }

    /// The public key's encoding.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            NoteKey::Ed25519(key) | NoteKey::Ed25519Cosigner(key) => &key.0,
            NoteKey::MlDsa44Cosigner(key) => key.as_slice(),
        }
    }

    fn parse(typed: &[u8]) -> Result<Self, VkeyError> {
        let (signature_type, bytes) = typed.split_first().ok_or(VkeyError::Form)?;
        let ed25519 = || {
            let key = VerifyingKey(bytes.try_into().map_err(|_| VkeyError::Length)?);
            key.check_strong().map_err(|_| VkeyError::Weak)?;
            Ok(key)
        };
        match signature_type {
            0x01 => ed25519().map(NoteKey::Ed25519),
            0x04 => ed25519().map(NoteKey::Ed25519Cosigner),
            0x06 => {
                let key: [u8; ML_DSA_44_KEY] = bytes.try_into().map_err(|_| VkeyError::Length)?;
                Ok(NoteKey::MlDsa44Cosigner(Box::new(key)))
            }
            other => Err(VkeyError::UnknownType(*other)),
        }
    }
}

impl fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoteKey::Ed25519(key) => write!(f, "Ed25519({key:?})"),
            NoteKey::Ed25519Cosigner(key) => write!(f, "Ed25519Cosigner({key:?})"),
            NoteKey::MlDsa44Cosigner(_) => f.write_str("MlDsa44Cosigner(…)"),
        }
    }
}

/// A named public key, as configured by whoever trusts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    key: NoteKey,
}

/// Why a text is not a verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VkeyError {
    /// Not name, id and key joined by `+`, or one of them is misspelt.
    #[error("not a verifier key: expected name+id+key, the id in 8 hexadecimal digits")]
    Form,
    /// The name cannot be a key name.
    #[error(transparent)]
    Name(#[from] KeyNameError),
    /// The id is not that of name and key.
    #[error("verifier key has another id than its name and key give; copy it again")]
    Id,
    /// Another signature type.
    #[error("verifier key is of signature type {0:#04x}, which is not known here")]
    UnknownType(u8),
    /// The key is not as long as its type needs.
    #[error("verifier key is of the wrong length for its type")]
    Length,
    /// The key must not be trusted.
    #[error("verifier key is weak, not canonically encoded, or outside the prime-order group")]
    Weak,
}

impl VerifierKey {
    /// Names a key.
    pub fn new(name: KeyName, key: NoteKey) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(name.as_str());
        hasher.update([b'\n', key.signature_type()]);
        hasher.update(key.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.finalize());
        let id = KeyId(u32::from_be_bytes([a, b, c, d]));
        Self { name, id, key }
    }

    /// The key's name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key's id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key.
    pub fn key(&self) -> &NoteKey {
        &self.key
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[self.key.signature_type()], self.key.as_bytes()].concat();
        write!(f, "{}+{}+{}", self.name, self.id, to_base64(&typed))
    }
}

impl FromStr for VerifierKey {
    type Err = VkeyError;

    fn from_str(text: &str) -> Result<Self, VkeyError> {
        if text.len() > MAX_VKEY {
            return Err(VkeyError::Form);
        }
        let mut parts = text.splitn(3, '+'); // base64 has plus signs of its own
        let mut part = || parts.next().ok_or(VkeyError::Form);
        let (name, id, key) = (part()?, part()?, part()?);
        let name = KeyName::new(name)?;
        let key = NoteKey::parse(&parse_base64(key).ok_or(VkeyError::Form)?)?;
        let read = Self::new(name, key);
        if id.len() != 8
            || id
                .bytes()
                .any(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            return Err(VkeyError::Form);
        }
        if read.id.to_string() == id {
            Ok(read)
        } else {
            Err(VkeyError::Id)
        }
    }
}
