//! Identifiers: each hash, number and name that formats use is a type of its own.
//!
//! Invariant: a value of a type here has the right length and, for [`Address`], the right
//! checksum. Fixed-length values are CBOR byte strings. Times are Unix milliseconds.

use std::fmt;
use std::str::FromStr;

use bech32::{Bech32m, Hrp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::hash::{Domain, DomainHasher, domain_hash};

/// Declares fixed-length byte strings with their serde form, hex `Display` and `FromStr`.
macro_rules! byte_strings {
    ($($(#[$doc:meta])* $name:ident[$len:literal];)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), HexBytes(&self.0[..4]))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let bytes = serde_bytes::ByteBuf::deserialize(deserializer)?;
                bytes.as_slice().try_into().map($name).map_err(|_| {
                    de::Error::invalid_length(bytes.len(), &concat!(stringify!($len), " bytes"))
                })
            }
        }
    )*};
}

/// Gives a byte string its lower-case hex text form.
macro_rules! hex_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                HexBytes(&self.0).fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_hex(text).map($name)
            }
        }
    )*};
}

byte_strings! {
    /// Names a party: hash of its first identity key and its recovery-key hash.
    Address[32];
    /// Names a recovery key before it is used.
    RecoveryKeyHash[32];
    /// Names a signed statement by its exact tagged bytes.
    StatementHash[32];
    /// A statement's entry in the public log.
    LeafHash[32];
    /// A node of the log's Merkle tree (RFC 6962 §2.1): a leaf's, an inner node's or a root's hash.
    TreeHash[32];
    /// A list's running hash over its entries.
    ChainHash[32];
    /// Names an age file's header.
    AgeHeaderHash[32];
    /// Names an age file's payload.
    PayloadHash[32];
    /// Names the plaintext of part 0.
    ManifestHash[32];
    /// Names an attachment's plaintext, blinded.
    ContentHash[32];
    /// A salted commitment to a person's identity data.
    PersonCommitment[32];
    /// Names a text shown before consent.
    TextHash[32];
    /// Names a vault by its public key.
    VaultId[32];
    /// Names what a vault holds, by its sealed bytes.
    VaultVersion[32];
    /// Names the pages in the browser: the list of their files.
    BundleHash[32];
    /// Randomness that makes equal statements unequal and hashes unguessable.
    Blind[32];
    /// The sender's name for an envelope; unique per sender.
    EnvelopeId[16];
    /// The server's name for a receipt.
    ReceiptId[16];
    /// Names an activation code without revealing it.
    CodeId[16];
    /// Names an upload; chosen by the sender, unique per sender.
    UploadId[16];
}

hex_text!(
    RecoveryKeyHash,
    StatementHash,
    LeafHash,
    TreeHash,
    ChainHash,
    AgeHeaderHash,
    PayloadHash,
    ManifestHash,
    ContentHash,
    PersonCommitment,
    TextHash,
    VaultId,
    VaultVersion,
    BundleHash,
    EnvelopeId,
    ReceiptId,
    CodeId,
    UploadId
);

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// Not hexadecimal digits of the right number.
    #[error("expected lower-case hexadecimal digits of the right number")]
    Hex,
    /// Not a bech32m string with the prefix `pf`.
    #[error("not an address: it starts with pf1 and its checksum must match; copy it again")]
    Address,
}

/// Prefix of addresses in bech32m.
const ADDRESS_HRP: Hrp = Hrp::parse_unchecked("pf");

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_lower_to_fmt::<Bech32m, _>(f, ADDRESS_HRP, &self.0).map_err(|_| fmt::Error)
    }
}

impl FromStr for Address {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(text)
            .map_err(|_| ParseIdError::Address)?;
        if checked.hrp() != ADDRESS_HRP {
            return Err(ParseIdError::Address);
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        bytes
            .try_into()
            .map(Address)
            .map_err(|_| ParseIdError::Address)
    }
}

impl StatementHash {
    /// The hash of a statement's exact tagged bytes.
    pub fn of(tagged: &[u8]) -> Self {
        Self(domain_hash(Domain::Statement, &[tagged]))
    }
}

impl LeafHash {
    /// The log entry of a statement: 32 bytes that mean nothing once the statement is destroyed.
    pub fn of(tagged: &[u8]) -> Self {
        Self(domain_hash(Domain::Leaf, &[tagged]))
    }
}

impl ChainHash {
    /// The running hash of an empty list.
    pub const EMPTY: Self = Self([0; 32]);

    /// The running hash after `entry` is appended.
    #[must_use]
    pub fn append(&self, entry: &StatementHash) -> Self {
        Self(domain_hash(Domain::Chain, &[&self.0, &entry.0]))
    }
}

impl AgeHeaderHash {
    /// The hash of an age header, from its version line to the end of its MAC line.
    pub fn of(header: &[u8]) -> Self {
        Self(domain_hash(Domain::AgeHeader, &[header]))
    }
}

impl PayloadHash {
    /// The hash of an age payload: nonce and STREAM chunks.
    pub fn of(payload: &[u8]) -> Self {
        Self(domain_hash(Domain::Payload, &[payload]))
    }

    /// Starts the hash of a payload that arrives in pieces; end with `PayloadHash(h.finish())`.
    pub fn hasher() -> DomainHasher {
        DomainHasher::new(Domain::Payload)
    }
}

impl ManifestHash {
    /// The hash of the manifest's encoding, which is the plaintext of part 0.
    pub fn of(manifest: &[u8]) -> Self {
        Self(domain_hash(Domain::Manifest, &[manifest]))
    }
}

impl ContentHash {
    /// Starts the hash of an attachment's plaintext under its blind.
    pub fn hasher(blind: &Blind) -> DomainHasher {
        let mut hasher = DomainHasher::new(Domain::Content);
        hasher.update(&blind.0);
        hasher
    }
}

impl VaultId {
    /// Whose vault it is: of whoever holds the key to this public key.
    pub fn of(key: &[u8; 32]) -> Self {
        Self(domain_hash(Domain::Vault, &[key]))
    }
}

impl VaultVersion {
    /// The version that these sealed bytes are.
    pub fn of(sealed: &[u8]) -> Self {
        Self(domain_hash(Domain::VaultVersion, &[sealed]))
    }
}

impl TextHash {
    /// The hash of a text as it was shown, in UTF-8.
    pub fn of(text: &str) -> Self {
        Self(domain_hash(Domain::Text, &[text.as_bytes()]))
    }
}

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub u64);

/// Lower-case hexadecimal digits of a byte slice.
struct HexBytes<'a>(&'a [u8]);

impl fmt::Display for HexBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], ParseIdError> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return Err(ParseIdError::Hex);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
    }
    Ok(bytes)
}

fn hex_digit(digit: u8) -> Result<u8, ParseIdError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(ParseIdError::Hex),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_a_round_trip_and_typing_errors_do_not() {
        let address = Address([7; 32]);
        let text = address.to_string();
        assert!(text.starts_with("pf1"));
        assert_eq!(text.parse(), Ok(address));
        let mistyped = text.replacen('r', "s", 1);
        assert_ne!(mistyped, text);
        assert_eq!(mistyped.parse::<Address>(), Err(ParseIdError::Address));
    }

    #[test]
    fn hex_is_lower_case_and_exact() {
        let id = EnvelopeId([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().to_uppercase().parse::<EnvelopeId>().is_err());
        assert!("ab".parse::<EnvelopeId>().is_err());
    }
}
