//! The one trait that every backend implements.
//!
//! Invariants that all backends keep, and the conformance suite checks:
//! - a commit is durable, and visible to every read, before its future resolves;
//! - it happens as a whole or not at all, and preconditions hold at that moment;
//! - log positions are gapless, start at 0, and follow the order of commits;
//! - the log's tree only grows: every [`TreeHead`] it answers is a prefix of every later one;
//! - an upload is seen only through its owner, and belongs to at most one part;
//! - a vault changes only for its owner, who names the version that it has.
//!
//! Absent: generic get and put, removal of statements, meaning of statements, access rules.

use std::ops::Range;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use postfach_crypto::ids::{
    Address, LeafHash, PayloadHash, StatementHash, TreeHash, UnixMillis, UploadId, VaultId,
    VaultVersion,
};
use postfach_crypto::tlog::{Tile, TreeHead};

use crate::error::{CommitError, ReadError, UploadError};
use crate::list::{List, ListHead};
use crate::transaction::{Committed, Transaction};
use crate::vault::StoredVault;

/// Most entries that one call of [`Store::entries`] returns.
pub const MAX_ENTRIES: usize = 1000;
/// Most leaves that one call of [`Store::leaves`] returns: 256 full tiles.
pub const MAX_LEAVES: usize = 65_536;
/// Length of every chunk of an upload but the last, in bytes.
pub const UPLOAD_CHUNK: u64 = 1024 * 1024;
/// Most bytes that one call of [`Store::append_upload`] takes.
pub const MAX_UPLOAD_APPEND: usize = 8 * 1024 * 1024;
/// Longest upload, in bytes.
pub const MAX_UPLOAD: u64 = 16 * 1024 * 1024 * 1024;

/// How many open uploads, those that no envelope took, one owner may have at a time, and how long
/// they may be together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadQuota {
    /// Open uploads.
    pub uploads: usize,
    /// Sum of their lengths in bytes, received or not.
    pub bytes: u64,
}

impl Default for UploadQuota {
    /// 256 uploads of 64 GiB together: a batch under way on a dozen machines.
    fn default() -> Self {
        Self {
            uploads: 256,
            bytes: 64 * 1024 * 1024 * 1024,
        }
    }
}

/// What [`Store::expire_uploads`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Open uploads that are gone.
    pub discarded: usize,
    /// Open uploads that could not be read or removed; another call tries again.
    pub failed: usize,
}

/// Pieces of a payload, each of at most [`UPLOAD_CHUNK`] bytes, read as they are polled.
pub type PayloadStream = Pin<Box<dyn Stream<Item = Result<Bytes, ReadError>> + Send>>;

/// A stored statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStatement {
    /// Its exact tagged bytes; they hash to the statement hash asked for.
    pub bytes: Bytes,
    /// Its position in the log.
    pub position: u64,
}

/// A stored part without its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// The age header's exact bytes.
    pub age_header: Bytes,
    /// Length of the payload in bytes.
    pub payload_length: u64,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadStatus {
    /// Bytes it will have.
    pub length: u64,
    /// Bytes durably received: the offset to continue at.
    pub received: u64,
    /// The envelope it belongs to since a commit took it.
    pub taken_by: Option<StatementHash>,
}

/// Durable storage of statements, lists, parts and uploads.
///
/// Futures may be dropped at any time; a commit that was accepted before still takes place.
#[async_trait]
pub trait Store: Send + Sync {
    /// Commits a transaction as a whole, or nothing of it.
    ///
    /// Checks in this order, and the first failure is the answer: limits and shape
    /// ([`Transaction::check`]), preconditions, new statements being new, list entries naming
    /// stored statements, the vault, uploads.
    async fn commit(&self, transaction: Transaction) -> Result<Committed, CommitError>;

    /// A statement's bytes and log position; `None` when it is not stored.
    async fn statement(&self, hash: &StatementHash) -> Result<Option<StoredStatement>, ReadError>;

    /// A list's head; [`ListHead::EMPTY`] when nothing was appended.
    async fn head(&self, list: &List) -> Result<ListHead, ReadError>;

    /// Entries `after`, `after + 1`, … of a list (counted from 0), at most `limit` and
    /// [`MAX_ENTRIES`] of them; empty at and beyond the end.
    async fn entries(
        &self,
        list: &List,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StatementHash>, ReadError>;

    /// Size and root of the log over everything committed.
    async fn tree_head(&self) -> Result<TreeHead, ReadError>;

    /// The hashes of a tile; `None` when the log is too small to have it.
    async fn tile(&self, tile: Tile) -> Result<Option<Vec<TreeHash>>, ReadError>;

    /// Leaves of the statements at positions `from`, `from + 1`, …, at most `limit` and
    /// [`MAX_LEAVES`] of them; empty at and beyond the end.
    async fn leaves(&self, from: u64, limit: usize) -> Result<Vec<LeafHash>, ReadError>;

    /// A part's age header and payload length; `None` when the envelope has no such part.
    async fn part(
        &self,
        header: &StatementHash,
        index: u32,
    ) -> Result<Option<StoredPart>, ReadError>;

    /// Bytes `range` of a part's payload; `None` when the envelope has no such part.
    ///
    /// Memory stays bounded by one piece whatever the range.
    async fn payload(
        &self,
        header: &StatementHash,
        index: u32,
        range: Range<u64>,
    ) -> Result<Option<PayloadStream>, ReadError>;

    /// A vault as it stands.
    async fn vault(&self, id: &VaultId) -> Result<Option<StoredVault>, ReadError>;

    /// An owner's vaults with their versions, oldest first; at most [`crate::vault::MAX_VAULTS`].
    async fn vaults(&self, owner: &Address) -> Result<Vec<(VaultId, VaultVersion)>, ReadError>;

    /// Creates an upload of `length` bytes, or finds it as it stands when it exists with the same
    /// length.
    ///
    /// A new one counts against its owner's `quota` until an envelope takes it, it is discarded,
    /// or it expires, counted from `now`.
    async fn create_upload(
        &self,
        owner: &Address,
        id: &UploadId,
        length: u64,
        now: UnixMillis,
        quota: &UploadQuota,
    ) -> Result<UploadStatus, UploadError>;

    /// Continues an upload at `offset`, durably before this resolves.
    ///
    /// `bytes` fills whole chunks of [`UPLOAD_CHUNK`] bytes or reaches the upload's end, and is at
    /// most [`MAX_UPLOAD_APPEND`] long. An `offset` other than the bytes received so far stores
    /// nothing and answers with the right one.
    async fn append_upload(
        &self,
        owner: &Address,
        id: &UploadId,
        offset: u64,
        bytes: Bytes,
    ) -> Result<UploadStatus, UploadError>;

    /// How far an upload is.
    async fn upload(&self, owner: &Address, id: &UploadId) -> Result<UploadStatus, UploadError>;

    /// The hash over all bytes of a complete upload.
    async fn upload_hash(&self, owner: &Address, id: &UploadId)
    -> Result<PayloadHash, UploadError>;

    /// Discards an upload that no envelope took; the id may then be used again.
    async fn discard_upload(&self, owner: &Address, id: &UploadId) -> Result<(), UploadError>;

    /// Discards at most `limit` uploads that no envelope took and that were created before
    /// `before`, whoever owns them. Fewer than `limit`: there are no more.
    async fn expire_uploads(
        &self,
        before: UnixMillis,
        limit: usize,
    ) -> Result<Expired, UploadError>;

    /// Why the store stopped by itself, for the operator; `None` while it works or after
    /// [`Store::close`].
    fn failure(&self) -> Option<String>;

    /// Finishes the commits accepted so far, then stops; every later call answers `Stopped`.
    async fn close(&self);
}

/// Checks the shape of an append against the upload's state; shared, so backends refuse alike.
pub(crate) fn check_append(
    status: &UploadStatus,
    offset: u64,
    length: usize,
) -> Result<(), UploadError> {
    let length = length as u64;
    if offset != status.received {
        return Err(UploadError::Offset {
            received: status.received,
        });
    }
    let limit = (status.length - offset).min(MAX_UPLOAD_APPEND as u64);
    if length == 0 || length > limit {
        return Err(UploadError::Length { limit });
    }
    if !length.is_multiple_of(UPLOAD_CHUNK) && offset + length != status.length {
        return Err(UploadError::Unaligned {
            chunk: UPLOAD_CHUNK,
        });
    }
    Ok(())
}

/// Checks a new upload's length and, if it exists, that it was created with the same.
pub(crate) fn check_create(existing: Option<u64>, length: u64) -> Result<(), UploadError> {
    if length == 0 || length > MAX_UPLOAD {
        return Err(UploadError::Length { limit: MAX_UPLOAD });
    }
    match existing {
        Some(existing) if existing != length => Err(UploadError::OtherLength { length: existing }),
        _ => Ok(()),
    }
}

/// Checks that an owner with these open uploads may have one more of `length` bytes.
pub(crate) fn check_quota(
    open: impl Iterator<Item = u64>,
    length: u64,
    quota: &UploadQuota,
) -> Result<(), UploadError> {
    let (uploads, bytes) = open.fold((0, length), |(uploads, bytes), open| {
        (uploads + 1, bytes.saturating_add(open))
    });
    if uploads >= quota.uploads || bytes > quota.bytes {
        return Err(UploadError::Quota(*quota));
    }
    Ok(())
}

/// Checks a payload range.
pub(crate) fn check_range(range: &Range<u64>, length: u64) -> Result<(), ReadError> {
    if range.start > range.end || range.end > length {
        return Err(ReadError::Range { length });
    }
    Ok(())
}
