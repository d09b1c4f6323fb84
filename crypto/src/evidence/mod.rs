//! Evidence files (`.pfe`): everything an auditor needs about one envelope, in one file.
//!
//! Purpose: prove offline what happened to an envelope, to somebody who trusts neither the sender,
//! nor the recipient, nor the operator beyond its pinned root key, and who sees no content unless
//! the file's owner opened part 0 in it. Invariant: [`verify()`] takes nothing from the file on
//! trust; each check is named, and a check that cannot be made is *not proven*, never passed.
//! Absent: how a legal date is computed ([`crate::deadline`]), and all wording for people.
//! Specification: docs/format/evidence.md.
//!
//! Reading order: [`verify()`] is the list of checks; `log`, `timestamps` and `moment` give order and time,
//! `parties`, `relation`, `delivery`, `content` and `heads` the facts, `legal` the date;
//! [`compare()`] holds two files of one delivery against each other.

mod cause;
mod compare;
mod content;
mod delivery;
mod heads;
mod legal;
mod log;
mod log_record;
mod moment;
mod parties;
mod relation;
mod report;
mod reservations;
mod timestamps;
mod verify;

pub use compare::{Agreement, Comparison, Difference, FileList, MAX_DIFFERENCES, Side, compare};
pub use log::CLOCK_TOLERANCE;
pub use log_record::{
    Consistency, Inclusion, LogRecord, MAX_CHECKPOINTS, MAX_CONSISTENCIES, MAX_INCLUSIONS,
    MAX_TIMESTAMPS, MAX_TOKEN, Timestamp,
};

pub use report::{Cause, Check, CheckName, Gap, NotShown, Outcome, Report, TimelineEntry, Verdict};
pub use timestamps::{StampedAt, Timestamped, TokenFault, TokenReader};
pub use verify::{verify, verify_stamped};

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::age::FILE_KEY_LEN;
use crate::codec::{self, DecodeError};
use crate::ids::StatementHash;
use crate::keys::VerifyingKey;
use crate::operator::MAX_DELEGATIONS;
use crate::statement::rules::{check_ascending, check_count, check_extensions, check_text};
use crate::statement::{Extensions, Invalid, MAX_PARTS};
use crate::tlog;

/// The version in this specification.
pub const EVIDENCE_VERSION: u64 = 1;
/// Largest evidence file, in bytes.
pub const MAX_EVIDENCE: usize = 32 << 20;
/// Most entries of the envelope's list.
pub const MAX_ENTRIES: usize = 4096;
/// Most statements of any other list.
pub const MAX_RELATED: usize = 4096;
/// Most heads.
pub const MAX_HEADS: usize = 64;
/// Longest log origin, in bytes.
const MAX_ORIGIN: usize = 255;

/// What a verifier knows beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Origin of the operator's log.
    pub origin: String,
    /// The operator's root key, from the letter or another source than the file.
    pub root: VerifyingKey,
    /// The witnesses of the log, and how many are enough. Its logs are not looked at: the root
    /// key delegates the log's keys.
    pub witnesses: tlog::Policy,
}

impl Policy {
    /// A policy without witnesses, under which nothing about the log is ever proven.
    pub fn without_witnesses(origin: impl Into<String>, root: VerifyingKey) -> Self {
        Self {
            origin: origin.into(),
            root,
            witnesses: tlog::Policy::without_witnesses(),
        }
    }
}

/// The content of an evidence file. All statements are exact tagged bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// [`EVIDENCE_VERSION`].
    pub version: u64,
    /// Origin of the operator's log.
    pub origin: String,
    /// The operator's root key; must be the one that the verifier pinned.
    pub root: VerifyingKey,
    /// The operator's delegations, ascending by hash.
    pub delegations: Vec<ByteBuf>,
    /// The envelope's list in log order: header, receipt, then statements and their receipts.
    pub entries: Vec<ByteBuf>,
    /// The sender's key statements from number 0.
    pub sender: Vec<ByteBuf>,
    /// The recipient's key statements from number 0.
    pub recipient: Vec<ByteBuf>,
    /// The list between citizen and authority: bindings, consents and what ends them.
    pub relation: Vec<ByteBuf>,
    /// The citizen's list towards all authorities.
    pub relation_all: Vec<ByteBuf>,
    /// Keys and list of the binding's issuer, where that is not the sender.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issuer: Option<IssuerRecord>,
    /// The certified party's list: certificates and revocations.
    pub certificates: Vec<ByteBuf>,
    /// Receipts of key statements, bindings, consents and what ends them, ascending by hash.
    pub receipts: Vec<ByteBuf>,
    /// The server's heads of these lists, ascending by hash.
    pub heads: Vec<ByteBuf>,
    /// The age headers of all parts in order, or none.
    pub age_headers: Vec<ByteBuf>,
    /// The opened manifest, where the file's owner shows it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opened: Option<OpenedPart>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
    /// Checkpoints and proofs of the public log.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub log: Option<LogRecord>,
}

/// What is known of an issuer who is not the sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerRecord {
    /// The issuer's key statements from number 0.
    pub keys: Vec<ByteBuf>,
    /// The list between citizen and issuer.
    pub relation: Vec<ByteBuf>,
}

/// Part 0 with the key of this one file: anyone can check that it is what the header names.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedPart {
    /// The disclosed age file key of part 0.
    #[serde(with = "serde_bytes")]
    pub file_key: [u8; FILE_KEY_LEN],
    /// The age payload of part 0.
    #[serde(with = "serde_bytes")]
    pub payload: Vec<u8>,
}

impl fmt::Debug for OpenedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedPart(payload of {} bytes)", self.payload.len())
    }
}

/// Why bytes are not an evidence file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The encoding is wrong.
    #[error("evidence file: {0}")]
    Encoding(#[from] DecodeError),
    /// The file is of another version.
    #[error("evidence file of version {0}; update the software")]
    Version(u64),
    /// A rule is broken.
    #[error("evidence file breaks a rule: {0}")]
    Rule(#[from] Invalid),
}

impl Evidence {
    /// Checks limits and encodes.
    pub fn encode(&self) -> Result<Vec<u8>, EvidenceError> {
        self.check()?;
        let bytes = codec::encode(self);
        if bytes.len() > MAX_EVIDENCE {
            return Err(EvidenceError::Encoding(DecodeError::TooLarge {
                actual: bytes.len(),
                limit: MAX_EVIDENCE,
            }));
        }
        Ok(bytes)
    }

    /// Decodes a file and checks its limits; what it says is checked by [`verify()`].
    pub fn decode(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let evidence: Self = codec::decode(bytes, MAX_EVIDENCE)?;
        evidence.check()?;
        Ok(evidence)
    }

    fn check(&self) -> Result<(), EvidenceError> {
        if self.version != EVIDENCE_VERSION {
            return Err(EvidenceError::Version(self.version));
        }
        check_text("origin", &self.origin, MAX_ORIGIN)?;
        check_count("delegations", self.delegations.len(), 0, MAX_DELEGATIONS)?;
        check_count("entries", self.entries.len(), 1, MAX_ENTRIES)?;
        let none: &[ByteBuf] = &[];
        let (issuer_keys, issuer_relation) = self
            .issuer
            .as_ref()
            .map_or((none, none), |issuer| (&issuer.keys, &issuer.relation));
        for (name, list) in [
            ("sender", self.sender.as_slice()),
            ("recipient", &self.recipient),
            ("relation", &self.relation),
            ("relation to all", &self.relation_all),
            ("issuer keys", issuer_keys),
            ("issuer relation", issuer_relation),
            ("certificates", &self.certificates),
            ("receipts", &self.receipts),
        ] {
            check_count(name, list.len(), 0, MAX_RELATED)?;
        }
        check_count("heads", self.heads.len(), 0, MAX_HEADS)?;
        check_count("age headers", self.age_headers.len(), 0, MAX_PARTS)?;
        for (name, set) in [
            ("delegations", &self.delegations),
            ("receipts", &self.receipts),
            ("heads", &self.heads),
        ] {
            check_ascending(name, set.iter().map(|bytes| StatementHash::of(bytes)))?;
        }
        check_extensions(self.ext.as_ref())?;
        self.log.as_ref().map_or(Ok(()), LogRecord::check)?;
        Ok(())
    }

    /// Brings the lists without an order of their own into the one that files have.
    pub fn sort(&mut self) {
        for set in [&mut self.delegations, &mut self.receipts, &mut self.heads] {
            set.sort_by_cached_key(|bytes| StatementHash::of(bytes));
            set.dedup();
        }
    }

    /// The statements that the log proves: all but delegations and heads.
    pub fn logged(&self) -> impl Iterator<Item = &ByteBuf> {
        log::lists(self).flatten().chain(&self.receipts)
    }
}
