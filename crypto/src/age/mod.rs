//! age v1 files: how every content of this system is encrypted.
//!
//! A file is `header ‖ payload`. The header wraps a 16-byte file key once per recipient and is
//! authenticated by it; the payload is a 16-byte nonce and a STREAM of 64 KiB chunks. Mail stores
//! and hashes the two separately, so both have their own type: [`Header`] and the payload types of
//! [`stream`].
//!
//! Invariants:
//! - A file key and a payload nonce are made together by [`NewFile`], and sealing is reachable from
//!   there only: no key ever seals a second payload, no chunk number is sealed twice.
//! - A [`FileKey`] in hand has already passed the header MAC. It opens, it never seals.
//! - Post-quantum hybrid and classical recipients never share a file ([`Recipients`]).
//! - Parsed headers hold well-formed native stanzas only, without low-order X25519 shares.
//!
//! Absent by intent: ASCII armor, plugins, the tagged recipient types, threads, the clock, the
//! operating system's randomness. The parallel driver lives in the root crate.
//!
//! Specification: C2SP age (`age-encryption.org/v1`), "Encrypted file format", "Native recipient
//! types"; the subset and its limits are in `docs/format/age.md`.

mod bech32;
mod chunk_cipher;
mod file;
mod file_key;
mod header;
mod hybrid;
mod scrypt;
mod seek;
mod stanza;
pub mod stream;
#[cfg(test)]
mod tests;
mod x25519;

pub use file::{DecryptError, NewFile, SealError, StreamReader, StreamWriter, decrypt, encrypt};
pub use file_key::FileKey;
pub use header::{Header, HeaderError, ReadHeaderError, StanzaCheckError, UnwrapError};
pub use hybrid::{HybridIdentity, HybridRecipient};
pub use scrypt::{Passphrase, WorkFactor};
pub use seek::SeekableReader;
pub use stanza::{Stanza, StanzaType};
pub use stream::PayloadError;
pub use x25519::{X25519Identity, X25519Recipient};

use zeroize::Zeroizing;

/// Length of a file key in bytes.
pub const FILE_KEY_LEN: usize = 16;
/// Most recipient stanzas a header may carry, written or read.
pub const MAX_RECIPIENTS: usize = 32;
/// Longest header accepted, in bytes; [`MAX_RECIPIENTS`] hybrid stanzas need 50,362.
pub const MAX_HEADER_LEN: usize = 64 * 1024;

/// Whom a new file is encrypted to. Types never mix within a file: a classical stanza would undo
/// the post-quantum ones ("The MLKEM768-X25519 … recipient type"), and a passphrase stands alone
/// ("scrypt recipient stanza").
#[derive(Debug, Clone)]
pub enum Recipients {
    /// Post-quantum hybrid keys: every piece of mail.
    Hybrid(Vec<HybridRecipient>),
    /// Classical keys: backups and exports for tools that do not know the hybrid stanza.
    X25519(Vec<X25519Recipient>),
    /// One passphrase: key files that stay on their device.
    Passphrase(Passphrase),
}

/// What opens a header.
#[derive(Debug, Clone)]
pub enum Identity {
    /// Post-quantum hybrid secret key.
    Hybrid(HybridIdentity),
    /// Classical secret key.
    X25519(X25519Identity),
    /// Passphrase.
    Passphrase(Passphrase),
}

impl Identity {
    /// Parses a secret key string of either type, as found on the lines of an age key file.
    ///
    /// # Errors
    /// [`KeyError`] when the string is no identity of this format.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.starts_with(hybrid::IDENTITY_PREFIX) {
            HybridIdentity::parse(text).map(Self::Hybrid)
        } else {
            X25519Identity::parse(text).map(Self::X25519)
        }
    }

    fn unwrap(&self, stanza: &Stanza) -> Result<Option<FileKey>, UnwrapError> {
        match (self, stanza.wrapped()) {
            (Self::Hybrid(identity), stanza::Wrapped::Hybrid(wrapped)) => {
                Ok(identity.unwrap(wrapped))
            }
            (Self::X25519(identity), stanza::Wrapped::X25519(wrapped)) => {
                Ok(identity.unwrap(wrapped))
            }
            (Self::Passphrase(passphrase), stanza::Wrapped::Scrypt(wrapped)) => {
                passphrase.unwrap(wrapped)
            }
            _ => Ok(None),
        }
    }
}

impl From<HybridIdentity> for Identity {
    fn from(identity: HybridIdentity) -> Self {
        Self::Hybrid(identity)
    }
}

impl From<X25519Identity> for Identity {
    fn from(identity: X25519Identity) -> Self {
        Self::X25519(identity)
    }
}

impl From<Passphrase> for Identity {
    fn from(passphrase: Passphrase) -> Self {
        Self::Passphrase(passphrase)
    }
}

/// Why bytes or a string are no usable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not Bech32, or not in the one spelling that encoding produces.
    #[error("not a valid Bech32 key string; copy the whole key, without spaces")]
    Encoding,
    /// Bech32 of something else: another key type, or a secret where a recipient belongs.
    #[error("key string of another type; expected one beginning with {0}1")]
    Prefix(&'static str),
    /// Wrong number of bytes.
    #[error("key of the wrong length")]
    Length,
    /// Coefficients or coordinates outside their field, so one key would have several spellings.
    #[error("key is not in canonical form; ask its owner for a new one")]
    NotCanonical,
    /// The X25519 part is a low-order point: anyone would know the shared secret.
    #[error("key is a low-order point and protects nothing; ask its owner for a new one")]
    LowOrder,
}

/// A secret string: zeroised on drop, never printed by accident.
pub type SecretString = Zeroizing<String>;
