//! The hashes that tokens use (RFC 5754 section 2). SHA-1 only where RFC 3161 fixed it: to name a
//! certificate, which the verifier holds, so a collision helps nobody.

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use der::Tag;
use der::asn1::ObjectIdentifier;

use super::asn1::Element;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

pub(super) const ID_SHA256: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const ID_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const ID_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

impl Hash {
    /// The hash of an AlgorithmIdentifier, with no parameters or NULL; none where it is weak or unknown.
    pub(super) fn named(
        (oid, parameters): (ObjectIdentifier, Option<Element<'_>>),
    ) -> Option<Self> {
        if parameters.is_some_and(|parameters| parameters.tag != Tag::Null) {
            return None;
        }
        match oid {
            ID_SHA256 => Some(Self::Sha256),
            ID_SHA384 => Some(Self::Sha384),
            ID_SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(super) fn of(self, bytes: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        };
        digest::digest(algorithm, bytes)
    }
}
