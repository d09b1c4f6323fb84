//! Errors, one enum per operation; each variant is a cause a caller can act on.
//!
//! Absent: keys, contents and party names, so that messages may be logged.

use std::path::PathBuf;

use postfach_crypto::ids::{StatementHash, UploadId};

use crate::list::List;
use crate::store::UploadQuota;

/// Why a transaction was not committed. Unless it says [`CommitError::Stopped`], nothing of it was
/// stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// A list does not have the expected number of entries: someone else came first. Read it again.
    #[error("a list has changed since it was read; read it again and repeat the operation")]
    Conflict {
        /// The list whose precondition failed first.
        list: List,
    },
    /// A statement with the same bytes is stored already.
    #[error("this statement is stored already")]
    Duplicate {
        /// The statement.
        statement: StatementHash,
    },
    /// A list entry names a statement that is neither stored nor in the transaction.
    #[error("a list entry names a statement that is not stored")]
    UnknownStatement {
        /// The statement named.
        statement: StatementHash,
    },
    /// A part names a header that is not in the transaction, or repeats an index.
    #[error("part {index} does not belong to a header of this transaction, or is there twice")]
    StrayPart {
        /// The header named.
        header: StatementHash,
        /// The part's index.
        index: u32,
    },
    /// The vault has another version than the change names, or another owner.
    #[error("the vault was changed meanwhile; read it again and repeat the change")]
    VaultChanged,
    /// The owner has as many vaults as are kept.
    #[error("there are {limit} vaults already; remove one first")]
    TooManyVaults {
        /// Most vaults of one owner.
        limit: usize,
    },
    /// No such upload of this owner.
    #[error("there is no such upload; upload the part first")]
    UnknownUpload {
        /// The upload named.
        id: UploadId,
    },
    /// The upload has not received all its bytes.
    #[error("the upload is not complete; send the rest first")]
    IncompleteUpload {
        /// The upload named.
        id: UploadId,
    },
    /// The upload has another length than expected.
    #[error("the upload is not as long as the header says; upload the part again")]
    LengthMismatch {
        /// The upload named.
        id: UploadId,
    },
    /// The upload's bytes do not have the expected hash.
    #[error("the uploaded bytes are not those that the header names; upload them again")]
    PayloadMismatch {
        /// The upload named.
        id: UploadId,
    },
    /// The upload already belongs to another part.
    #[error("the upload already belongs to another envelope; upload the part again")]
    UploadTaken {
        /// The upload named.
        id: UploadId,
    },
    /// The transaction adds nothing.
    #[error("the transaction adds nothing")]
    Empty,
    /// The transaction exceeds a limit of `transaction.rs`.
    #[error("too many {what}: at most {limit} are accepted")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The disk is full; nothing was stored. Free space and try again.
    #[error("the disk is full; free space, then try again")]
    Full,
    /// Too many commits are waiting; nothing was stored. Try again shortly.
    #[error("too many writes are waiting; try again shortly")]
    Busy,
    /// The object store that holds uploads could not be read; nothing was stored.
    #[error("the upload could not be read; try again")]
    Objects,
    /// The store is closed, or stopped after a failed write. Whether this transaction is durable
    /// shows after the restart; repeating it is safe.
    #[error("the store has stopped; see the server's log, then restart it")]
    Stopped,
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Stored bytes do not match their checksum or hash. Restore the file from a backup.
    #[error("stored data is damaged in {file} at byte {offset}; restore this file from a backup")]
    Corrupt {
        /// The damaged file or object.
        file: PathBuf,
        /// Where in it.
        offset: u64,
    },
    /// The range begins after the end or ends before it begins.
    #[error("the range lies outside the payload of {length} bytes")]
    Range {
        /// Length of the payload.
        length: u64,
    },
    /// The operating system or object store refused the read.
    #[error("reading failed: {reason}")]
    Io {
        /// What it said.
        reason: String,
    },
    /// The store is closed, or stopped after a failed write.
    #[error("the store has stopped; see the server's log, then restart it")]
    Stopped,
}

/// Why an upload could not be created, continued, read or discarded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// No such upload of this owner.
    #[error("there is no such upload; create it first")]
    Unknown,
    /// The upload exists with another length.
    #[error("the upload exists with a length of {length} bytes; choose another id")]
    OtherLength {
        /// Length it was created with.
        length: u64,
    },
    /// The bytes do not continue where the upload stands.
    #[error("the upload continues at byte {received}")]
    Offset {
        /// Bytes received so far: the offset to continue at.
        received: u64,
    },
    /// The bytes neither fill whole chunks nor end the upload.
    #[error("send whole chunks of {chunk} bytes; only the last one may be shorter")]
    Unaligned {
        /// Chunk length in bytes.
        chunk: u64,
    },
    /// Longer than allowed, empty, or beyond the upload's length.
    #[error("the length must be between 1 and {limit} bytes")]
    Length {
        /// Most bytes that would be accepted.
        limit: u64,
    },
    /// The upload has not received all its bytes.
    #[error("the upload continues at byte {received}; send the rest first")]
    Incomplete {
        /// Bytes received so far.
        received: u64,
    },
    /// The owner's open uploads take all that its quota allows.
    #[error(
        "at most {} uploads of {} bytes together may be open; finish or discard one",
        .0.uploads,
        .0.bytes
    )]
    Quota(UploadQuota),
    /// The upload belongs to an envelope and can no longer be discarded.
    #[error("the upload belongs to an envelope")]
    Taken,
    /// The disk is full; nothing was stored. Free space and try again.
    #[error("the disk is full; free space, then try again")]
    Full,
    /// The object store refused; nothing was acknowledged. Ask for the status, then continue.
    #[error("the upload store failed: {reason}")]
    Objects {
        /// What it said.
        reason: String,
    },
    /// The store is closed, or stopped after a failed write.
    #[error("the store has stopped; see the server's log, then restart it")]
    Stopped,
}
