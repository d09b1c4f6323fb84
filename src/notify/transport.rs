//! The port through which notifications leave, and how it may fail.
//!
//! Invariant: an error names a cause, never an address or what a mail system said in words.

use async_trait::async_trait;

use super::mail::Mail;

/// Takes a mail, so that this server need not keep it.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Hands the mail over. After `Ok` another system has taken responsibility for it, or to bring
    /// it back (RFC 5321 section 6.1).
    async fn send(&self, mail: &Mail) -> Result<(), SendError>;
}

/// Why a mail was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// The mail system refuses this recipient or this mail for good, with this code.
    Refused(u16),
    /// It may be taken later.
    Later(Trouble),
}

/// What stands in the way for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A wait was over.
    Timeout,
    /// No connection, or it broke.
    Connection,
    /// No TLS, or not with this certificate.
    Tls,
    /// The mail system answered with this code: greylisting, full, or a quarrel with *us*.
    Answer(u16),
    /// The mail system does not speak the protocol.
    Protocol,
    /// The folder cannot be written.
    Folder,
}

impl Trouble {
    /// A name for logs and health.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Answer(_) => "answer",
            Self::Protocol => "protocol",
            Self::Folder => "folder",
        }
    }

    /// The mail system's code, where it gave one.
    #[must_use]
    pub fn code(self) -> Option<u16> {
        match self {
            Self::Answer(code) => Some(code),
            _ => None,
        }
    }
}
