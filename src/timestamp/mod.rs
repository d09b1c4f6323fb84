//! Time-stamps of checkpoints by an authority outside: requests, replies, tokens (RFC 3161, RFC 5816).
//!
//! What is stamped is SHA-256 of the **text of a checkpoint note**: its bytes from the first up to and
//! including the newline before the empty line, so without any signature line (C2SP signed-note).
//! Cosignatures may be added later; the text, and with it the token, stays good.
//!
//! Invariants: a token counts only under a certificate that the verifier pinned, and says nothing
//! but "this text existed at that time"; whatever a stranger sends is bounded, read as DER and
//! refused by name.
//!
//! ```text
//!   text ─▶ request ─▶ (the authority) ─▶ reply ─▶ token ─▶ certificate, signature, tst_info ─▶ StampedAt
//! ```
//!
//! Absent: chains, revocation and trust lists: who pins a time-stamping certificate answers for it.
//! HTTP (`crate::publish`). BER with indefinite lengths: RFC 5652 allows it around the signed
//! attributes, and no authority that we know of writes it.

mod asn1;
mod certificate;
mod evidence;
mod hash;
mod reply;
mod request;
mod signature;
mod time;
mod token;
mod tst_info;

pub use self::asn1::Malformed;
pub use self::certificate::{CertificateError, FileError, MAX_CERTIFICATE_FILE, TsaCertificates};
pub use self::reply::{ReplyError, Stamped};
pub use self::request::Request;
pub use self::token::{TokenError, check_token, verify_token};
pub use postfach_crypto::evidence::StampedAt;

/// Longest token that is read, in bytes; real ones have 1 to 6 KiB.
pub const MAX_TOKEN: usize = postfach_crypto::evidence::MAX_TOKEN;
/// Longest reply that is read, in bytes: a token and its status.
pub const MAX_REPLY: usize = MAX_TOKEN + 4096;
