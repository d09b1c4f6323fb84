//! What one commit adds: statements, list entries, envelope parts and a vault's change, all or nothing.
//!
//! Invariant: a transaction that passed [`Transaction::check`] is within every named limit and
//! refers to itself consistently; what depends on stored state (preconditions, uploads) is checked
//! at the commit point. Absent: sequence numbers and positions, which only the committer knows.

use bytes::Bytes;
use postfach_crypto::ids::{Address, PayloadHash, StatementHash, TreeHash, UploadId};
use postfach_crypto::tlog::TreeHead;

use crate::error::CommitError;
use crate::list::{List, ListHead};
use crate::vault::{MAX_VAULT, VaultChange};

pub use postfach_crypto::statement::{MAX_AGE_HEADER, MAX_PARTS, MAX_STATEMENT};

/// Most statements in one transaction.
pub const MAX_STATEMENTS: usize = 64;
/// Most list entries, and most preconditions, in one transaction.
pub const MAX_APPENDS: usize = 1024;
/// Longest payload kept in the transaction itself, in bytes; longer ones are uploads.
pub const MAX_INLINE_PAYLOAD: usize = 64 * 1024;
/// Most bytes of statements, age headers, inline payloads and a vault in one transaction.
pub const MAX_TRANSACTION: usize = 8 * 1024 * 1024;

/// Everything one commit adds, and what must hold for it to be added.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// Exact tagged bytes of new statements, in log order.
    pub statements: Vec<Bytes>,
    /// Entries to append, in order; each names a statement that is stored already or is in
    /// [`Transaction::statements`].
    pub appends: Vec<(List, StatementHash)>,
    /// Number of entries that a list must have before this transaction.
    pub expect: Vec<(List, u64)>,
    /// Parts of envelopes whose header is in [`Transaction::statements`].
    pub parts: Vec<NewPart>,
    /// What happens to a vault.
    pub vault: Option<VaultChange>,
}

/// One age file of an envelope: its header, and its payload or the upload that holds it.
#[derive(Debug, Clone)]
pub struct NewPart {
    /// The envelope this part belongs to.
    pub header: StatementHash,
    /// Number of the part; 0 is the manifest.
    pub index: u32,
    /// The age header, from its version line to the end of its MAC line.
    pub age_header: Bytes,
    /// Nonce and STREAM chunks.
    pub payload: NewPayload,
}

/// Where a new part's payload is.
#[derive(Debug, Clone)]
pub enum NewPayload {
    /// In the transaction; at most [`MAX_INLINE_PAYLOAD`] bytes.
    Inline(Bytes),
    /// In a complete upload, which this commit takes: no second envelope can name it.
    Upload {
        /// Who uploaded it: the envelope's sender.
        owner: Address,
        /// The sender's name for the upload.
        id: UploadId,
        /// How long the upload must be in bytes, as the header says.
        length: u64,
        /// What the upload must hash to, as the header says.
        hash: PayloadHash,
    },
}

/// What a successful commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Log position of the transaction's first statement; the others follow it.
    pub first: u64,
    /// Heads, after this commit, of the lists it appended to; in order of first append.
    pub heads: Vec<(List, ListHead)>,
    /// The log as it is with this commit, and perhaps others of the same group.
    pub log: TreeHead,
    /// For each new statement, the inclusion proof of its leaf in the tree of `log`.
    pub proofs: Vec<Vec<TreeHash>>,
}

impl Transaction {
    /// The hashes of the new statements, in order; refuses what no store accepts.
    ///
    /// Backends call this before anything else, so all of them refuse alike.
    pub fn check(&self) -> Result<Vec<StatementHash>, CommitError> {
        if self.statements.is_empty() && self.appends.is_empty() && self.vault.is_none() {
            return Err(CommitError::Empty);
        }
        at_most("statements", self.statements.len(), MAX_STATEMENTS)?;
        at_most("appends", self.appends.len(), MAX_APPENDS)?;
        at_most("preconditions", self.expect.len(), MAX_APPENDS)?;
        at_most("parts", self.parts.len(), MAX_PARTS)?;
        let mut total = 0;
        for statement in &self.statements {
            at_most("statement bytes", statement.len(), MAX_STATEMENT)?;
            total += statement.len();
        }
        for part in &self.parts {
            at_most("age header bytes", part.age_header.len(), MAX_AGE_HEADER)?;
            total += part.age_header.len();
            if let NewPayload::Inline(payload) = &part.payload {
                at_most("inline payload bytes", payload.len(), MAX_INLINE_PAYLOAD)?;
                total += payload.len();
            }
        }
        if let Some(sealed) = self.vault.as_ref().and_then(|change| change.step.sealed()) {
            if sealed.is_empty() {
                return Err(CommitError::Empty);
            }
            at_most("sealed bytes", sealed.len(), MAX_VAULT)?;
            total += sealed.len();
        }
        at_most("transaction bytes", total, MAX_TRANSACTION)?;

        let hashes: Vec<_> = self
            .statements
            .iter()
            .map(|s| StatementHash::of(s))
            .collect();
        for (n, hash) in hashes.iter().enumerate() {
            if hashes[..n].contains(hash) {
                return Err(CommitError::Duplicate { statement: *hash });
            }
        }
        for (n, part) in self.parts.iter().enumerate() {
            let (header, index) = (part.header, part.index);
            let repeated = |other: &NewPart| (other.header, other.index) == (header, index);
            if !hashes.contains(&header) || self.parts[..n].iter().any(repeated) {
                return Err(CommitError::StrayPart { header, index });
            }
            if let Some(upload) = part.payload.upload()
                && self.parts[..n]
                    .iter()
                    .any(|p| p.payload.upload() == Some(upload))
            {
                return Err(CommitError::UploadTaken { id: upload.1 });
            }
        }
        Ok(hashes)
    }
}

impl NewPayload {
    /// Owner and id of the upload, if it is one.
    pub fn upload(&self) -> Option<(Address, UploadId)> {
        match self {
            NewPayload::Inline(_) => None,
            NewPayload::Upload { owner, id, .. } => Some((*owner, *id)),
        }
    }
}

fn at_most(what: &'static str, actual: usize, limit: usize) -> Result<(), CommitError> {
    if actual > limit {
        return Err(CommitError::TooLarge { what, limit });
    }
    Ok(())
}
