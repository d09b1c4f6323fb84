//! TimeStampResp: granted with a token, or refused with reasons (RFC 3161 section 2.4.2).

use der::Tag;

use super::asn1::{Element, Elements, Malformed};
use super::request::Request;
use super::token::{TokenError, verify};
use super::{MAX_REPLY, StampedAt, TsaCertificates};

/// What a request got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// The token: a CMS ContentInfo in DER.
    pub token: Vec<u8>,
    /// What it says.
    pub at: StampedAt,
}

/// Why a reply is no time-stamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Longer than [`MAX_REPLY`].
    #[error("the reply is longer than {MAX_REPLY} bytes")]
    TooLong,
    /// It is no reply.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The authority refused.
    #[error("the time-stamping authority refused: status {status}, {failure}")]
    Refused {
        /// PKIStatus.
        status: u32,
        /// PKIFailureInfo in words.
        failure: &'static str,
    },
    /// The token does not hold.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token answers another request.
    #[error("the token answers another request: its nonce is not ours")]
    Nonce,
}

/// PKIFailureInfo by bit (RFC 3161 section 2.4.2).
const FAILURES: &[(usize, &str)] = &[
    (0, "badAlg: the hash is not accepted"),
    (2, "badRequest: the request is not permitted"),
    (5, "badDataFormat: the request cannot be read"),
    (14, "timeNotAvailable: its clock is not available"),
    (15, "unacceptedPolicy: the policy is not accepted"),
    (16, "unacceptedExtension: an extension is not accepted"),
    (
        17,
        "addInfoNotAvailable: information asked for is not available",
    ),
    (25, "systemFailure: it does not work now"),
];

impl Request {
    /// Checks the reply to this request, from its status to the authority's signature.
    ///
    /// # Errors
    /// [`ReplyError`].
    pub fn check(
        &self,
        reply: &[u8],
        certificates: &TsaCertificates,
    ) -> Result<Stamped, ReplyError> {
        if reply.len() > MAX_REPLY {
            return Err(ReplyError::TooLong);
        }
        const NAME: &str = "TimeStampResp";
        let mut inside = Element::read(reply, Tag::Sequence, NAME)?.elements(NAME)?;
        granted(inside.sequence("PKIStatusInfo")?)?;
        let token = inside.next(Tag::Sequence)?.whole;
        inside.end()?;
        let (at, nonce) = verify(token, self.text(), certificates)?;
        if nonce != Some(self.nonce()) {
            return Err(ReplyError::Nonce);
        }
        let token = token.to_vec();
        Ok(Stamped { token, at })
    }
}

/// PKIStatus 0, granted, and 1, granted with modifications, are good ones.
fn granted(mut info: Elements<'_>) -> Result<(), ReplyError> {
    let status = info.small()?;
    info.optional(Tag::Sequence)?; // statusString: a stranger's words, which we don't repeat
    let failure = info.optional(Tag::BitString)?;
    info.end()?;
    if status <= 1 && failure.is_none() {
        return Ok(());
    }
    let bits = failure.map_or(&[][..], |failure| failure.content);
    let bits = bits.get(1..).unwrap_or_default(); // the first byte counts unused bits
    let is_set = |bit: usize| {
        let byte = bits.get(bit / 8);
        byte.is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0)
    };
    let known = FAILURES.iter().find(|(bit, _)| is_set(*bit));
    let failure = known.map_or("no reason that RFC 3161 knows", |(_, words)| *words);
    Err(ReplyError::Refused { status, failure })
}
