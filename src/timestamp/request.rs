//! TimeStampReq: SHA-256 of a checkpoint's text, a nonce, and the wish for the certificate
//! (RFC 3161 section 2.4.1).
//!
//! The request has one length, so it is a template. Its nonce is eight bytes that begin with the
//! bits 01: an INTEGER in its one spelling, with 62 random bits.

use sha2::{Digest as _, Sha256};

/// SEQUENCE of version 1 and the imprint: SEQUENCE of id-sha256 without parameters (RFC 5754
/// section 2) and 32 bytes.
const BEFORE_IMPRINT: [u8; 22] = [
    0x30, 0x41, 0x02, 0x01, 0x01, 0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x02, 0x01, 0x04, 0x20,
];
/// An INTEGER of eight bytes.
const BEFORE_NONCE: [u8; 2] = [0x02, 0x08];
/// `certReq` TRUE: so that a token can be checked by tools that don't know the certificate.
const CERT_REQ: [u8; 3] = [0x01, 0x01, 0xff];

/// A request for a time-stamp, and what its reply is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    text: String,
    nonce: [u8; 8],
}

impl Request {
    /// Media type of a request (RFC 3161 section 3.4).
    pub const MEDIA_TYPE: &'static str = "application/timestamp-query";

    /// Asks for a stamp on the text of a checkpoint note; `random` makes the nonce.
    #[must_use]
    pub fn new(checkpoint_text: &str, random: [u8; 8]) -> Self {
        let mut nonce = random;
        nonce[0] = 0x40 | (nonce[0] & 0x3f);
        Self {
            text: checkpoint_text.to_owned(),
            nonce,
        }
    }

    /// The bytes that the authority gets.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let imprint = imprint(&self.text);
        [
            &BEFORE_IMPRINT[..],
            &imprint,
            &BEFORE_NONCE,
            &self.nonce,
            &CERT_REQ,
        ]
        .concat()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn nonce(&self) -> &[u8] {
        &self.nonce
    }
}

/// What is stamped.
pub(super) fn imprint(checkpoint_text: &str) -> [u8; 32] {
    Sha256::digest(checkpoint_text.as_bytes()).into()
}
