//! Recipient stanzas, typed.
//!
//! Invariant: a [`Stanza`] whose first argument names a native type has that type's exact shape;
//! everything else is kept as an unknown stanza, which identities ignore.
//!
//! Specification: C2SP age, "Recipient stanza" and the stanza section of each native type.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use super::header::HeaderError;
use super::{FILE_KEY_LEN, hybrid, scrypt, x25519};

/// Body of every native stanza: a sealed file key.
pub(super) const WRAPPED_KEY_LEN: usize = FILE_KEY_LEN + 16;

/// A recipient stanza: arguments and body, both in canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    arguments: Vec<String>,
    body: Vec<u8>,
    wrapped: Wrapped,
}

/// The type named by a stanza's first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StanzaType {
    /// `mlkem768x25519`
    Hybrid,
    /// `X25519`
    X25519,
    /// `scrypt`
    Scrypt,
    /// Anything else.
    Unknown,
}

/// A native stanza's decoded content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrapped {
    Hybrid(hybrid::WrappedKey),
    X25519(x25519::WrappedKey),
    Scrypt(scrypt::WrappedKey),
    Unknown,
}

impl Stanza {
    /// Interprets arguments and body; the grammar has been checked by the header parser.
    pub(super) fn parse(arguments: Vec<String>, body: Vec<u8>) -> Result<Self, HeaderError> {
        let rest = arguments.get(1..).unwrap_or_default();
        let wrapped = match arguments.first().map(String::as_str) {
            Some(hybrid::STANZA) => Wrapped::Hybrid(hybrid::WrappedKey::parse(rest, &body)?),
            Some(x25519::STANZA) => Wrapped::X25519(x25519::WrappedKey::parse(rest, &body)?),
            Some(scrypt::STANZA) => Wrapped::Scrypt(scrypt::WrappedKey::parse(rest, &body)?),
            Some(_) => Wrapped::Unknown,
            None => return Err(HeaderError::Grammar),
        };
        Ok(Self {
            arguments,
            body,
            wrapped,
        })
    }

    pub(super) fn from_wrapped(wrapped: Wrapped) -> Self {
        let (arguments, body) = match &wrapped {
            Wrapped::Hybrid(key) => key.to_parts(),
            Wrapped::X25519(key) => key.to_parts(),
            Wrapped::Scrypt(key) => key.to_parts(),
            Wrapped::Unknown => unreachable!("only native stanzas are written"),
        };
        Self {
            arguments,
            body,
            wrapped,
        }
    }

    /// The first argument as written.
    #[must_use]
    pub fn type_name(&self) -> &str {
        self.arguments.first().map_or("", String::as_str)
    }

    /// The type that name stands for.
    #[must_use]
    pub fn stanza_type(&self) -> StanzaType {
        match self.wrapped {
            Wrapped::Hybrid(_) => StanzaType::Hybrid,
            Wrapped::X25519(_) => StanzaType::X25519,
            Wrapped::Scrypt(_) => StanzaType::Scrypt,
            Wrapped::Unknown => StanzaType::Unknown,
        }
    }

    /// All arguments, the type name first.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// The decoded body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn wrapped(&self) -> &Wrapped {
        &self.wrapped
    }
}

/// Decodes a canonical, unpadded base64 argument of exactly `N` bytes.
pub(super) fn decode_argument<const N: usize>(argument: &str) -> Result<[u8; N], HeaderError> {
    // Decoding into a larger buffer than the length permits is refused before anything is written.
    if argument.len() != (N * 8).div_ceil(6) {
        return Err(HeaderError::Stanza);
    }
    let bytes = STANDARD_NO_PAD
        .decode(argument)
        .map_err(|_| HeaderError::Stanza)?;
    bytes.try_into().map_err(|_| HeaderError::Stanza)
}

pub(super) fn encode_argument(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

/// The body must be 32 bytes *before* anything is decrypted (partitioning oracles).
pub(super) fn decode_body(body: &[u8]) -> Result<[u8; WRAPPED_KEY_LEN], HeaderError> {
    body.try_into().map_err(|_| HeaderError::Stanza)
}
