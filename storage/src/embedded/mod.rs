//! The default backend: a journal that is the truth, a sled index that can be rebuilt, and an
//! object store for large payloads.
//!
//! Order of every commit: uploads synced → journal synced → index applied → answered. Reading
//! order: `record` and `segment` are the bytes, `journal` appends them, `stage` judges, `committer`
//! is the commit path, `recovery` and `replay` the way back, `scrub` reads it all, `index` and `uploads` what stands
//! beside the journal. Absent: erasure and compaction of segments, and more than one machine.
//! Specification: docs/format/journal.md.

mod committer;
pub mod disk;
mod folder;
mod index;
mod journal;
mod options;
mod queue;
mod record;
mod recovery;
mod replay;
mod scrub;
mod segment;
mod stage;
mod uploads;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use postfach_crypto::ids::{
    Address, LeafHash, PayloadHash, StatementHash, TreeHash, UnixMillis, UploadId, VaultId,
    VaultVersion,
};
use postfach_crypto::tlog::{Tile, TreeHead};
use tokio::sync::oneshot;

use self::committer::{Committer, Request, Shared};
use self::disk::{Disk, OsDisk};
use self::folder::{Folder, JOURNAL, OBJECTS};
use self::index::{IndexError, PayloadEntry};
use self::journal::{Journal, Segments};
pub use self::options::{OpenError, Options};
use self::queue::{PushError, Queue};
pub use self::scrub::{Fault, MAX_FAULTS, Scrubbed, scrub};
use self::uploads::{Guard, Uploads};
use crate::error::{CommitError, ReadError, UploadError};
use crate::list::{List, ListHead};
use crate::store::{
    Expired, MAX_ENTRIES, MAX_LEAVES, PayloadStream, Store, StoredPart, StoredStatement,
    UploadQuota, UploadStatus, check_range,
};
use crate::transaction::{Committed, NewPayload, Transaction};
use crate::vault::StoredVault;

/// The committer thread until someone joins it; it ends with the journal's end, if in order.
type Handle = Mutex<Option<JoinHandle<Option<(u32, u64)>>>>;

/// A store in one data folder of one machine.
pub struct EmbeddedStore {
    shared: Arc<Shared>,
    segments: Arc<Segments>,
    uploads: Arc<Uploads>,
    disk: Arc<dyn Disk>,
    local_objects: Option<PathBuf>,
    reserve: u64,
    replayed: u64,
    committer: Arc<Handle>,
}

impl EmbeddedStore {
    /// Opens or creates a data folder with its large payloads inside it. Blocks while it recovers.
    pub fn open(folder: &Path, options: &Options) -> Result<Self, OpenError> {
        Self::open_on(folder, options, Arc::new(OsDisk), None)
    }

    /// Opens a data folder whose segments are on `disk`, and its large payloads in `objects` or,
    /// without, inside the folder. The object store must make writes durable before it answers.
    pub fn open_on(
        path: &Path,
        options: &Options,
        disk: Arc<dyn Disk>,
        objects: Option<Arc<dyn ObjectStore>>,
    ) -> Result<Self, OpenError> {
        let folder = Folder::open(path)?;
        let recovered = recovery::recover(&folder, &*disk, options)?;
        let journal_path = folder.path(JOURNAL);
        let (objects, local_objects) = match objects {
            Some(objects) => (objects, None),
            None => {
                let root = folder.path(OBJECTS);
                let local = LocalFileSystem::new_with_prefix(&root);
                let local = local.map_err(|e| OpenError::io(&root, &io::Error::other(e)))?;
                // `with_fsync`: LocalFileSystem syncs nothing by itself.
                (
                    Arc::new(local.with_fsync(true)) as Arc<dyn ObjectStore>,
                    Some(root),
                )
            }
        };
        let segments = Arc::new(Segments::new(Arc::clone(&disk), journal_path.clone()));
        let journal = Journal::new(
            Arc::clone(&disk),
            Arc::clone(&segments),
            recovered.next,
            options.segment_bytes.min(1 << 30),
            options.reserve_bytes,
        );
        let journal = journal.map_err(|e| OpenError::io(&journal_path, &e))?;
        let shared = Arc::new(Shared {
            folder,
            index: recovered.index,
            queue: Queue::new(options.queue_commits, options.queue_bytes),
            log: Mutex::new(recovered.frontier.head()),
            stopped: AtomicBool::new(false),
            failure: OnceLock::new(),
        });
        let committer = Committer {
            shared: Arc::clone(&shared),
            journal,
            next: recovered.next,
            frontier: recovered.frontier,
        };
        let thread = std::thread::Builder::new().name("committer".to_owned());
        let thread = thread
            .spawn(move || committer.run())
            .map_err(|e| OpenError::io(path, &e))?;
        Ok(Self {
            shared,
            segments,
            uploads: Arc::new(Uploads::new(objects)),
            disk,
            local_objects,
            reserve: options.reserve_bytes,
            replayed: recovered.replayed,
            committer: Arc::new(Mutex::new(Some(thread))),
        })
    }

    /// How many records had to be applied to the index when the folder was opened.
    pub fn replayed(&self) -> u64 {
        self.replayed
    }

    fn read(&self) -> Result<&Shared, ReadError> {
        if self.shared.is_stopped() {
            Err(ReadError::Stopped)
        } else {
            Ok(&self.shared)
        }
    }

    fn for_uploads(&self) -> Result<&Shared, UploadError> {
        if self.shared.is_stopped() {
            Err(UploadError::Stopped)
        } else {
            Ok(&self.shared)
        }
    }

    /// Locks the uploads a transaction takes, and says what the first unfit one lacks.
    async fn claim(&self, tx: &Transaction) -> (Vec<Guard>, Result<(), CommitError>) {
        let mut wanted: Vec<_> = tx
            .parts
            .iter()
            .filter_map(|part| part.payload.upload())
            .collect();
        wanted.sort_unstable(); // one order for all, so that no two commits wait for each other
        let mut guards = Vec::with_capacity(wanted.len());
        for (owner, id) in &wanted {
            match self.uploads.lock(owner, id).await {
                Ok(guard) => guards.push(guard),
                Err(_) => return (guards, Err(CommitError::Objects)),
            }
        }
        for part in &tx.parts {
            let NewPayload::Upload {
                owner,
                id,
                length,
                hash,
            } = &part.payload
            else {
                continue;
            };
            let slot = wanted.binary_search(&(*owner, *id));
            let guard = &mut guards[slot.expect("every upload of a part was wanted")];
            if let Err(error) = self.offered(owner, id, *length, hash, guard).await {
                return (guards, Err(error));
            }
        }
        (guards, Ok(()))
    }

    /// Whether an upload may be taken as what the header names.
    async fn offered(
        &self,
        owner: &Address,
        id: &UploadId,
        length: u64,
        hash: &PayloadHash,
        guard: &mut Guard,
    ) -> Result<(), CommitError> {
        let id = *id;
        let live = guard.as_mut().ok_or(CommitError::UnknownUpload { id })?;
        let taken = self
            .shared
            .index
            .taken_by(owner, &id)
            .map_err(|_| CommitError::Stopped)?;
        if taken.is_some() {
            return Err(CommitError::UploadTaken { id });
        }
        if live.length != length {
            return Err(CommitError::LengthMismatch { id });
        }
        match self.uploads.hash(owner, &id, live).await {
            Ok(actual) if actual == *hash => Ok(()),
            Ok(_) => Err(CommitError::PayloadMismatch { id }),
            Err(UploadError::Incomplete { .. }) => Err(CommitError::IncompleteUpload { id }),
            Err(_) => Err(CommitError::Objects),
        }
    }

    fn with_taken(
        &self,
        owner: &Address,
        id: &UploadId,
        status: UploadStatus,
    ) -> Result<UploadStatus, UploadError> {
        let taken_by = self.shared.index.taken_by(owner, id)?;
        Ok(UploadStatus { taken_by, ..status })
    }
}

impl From<IndexError> for ReadError {
    fn from(error: IndexError) -> Self {
        ReadError::Io {
            reason: error.to_string(),
        }
    }
}

impl From<IndexError> for UploadError {
    fn from(error: IndexError) -> Self {
        UploadError::Objects {
            reason: error.to_string(),
        }
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn commit(&self, transaction: Transaction) -> Result<Committed, CommitError> {
        let hashes = transaction.check()?;
        if self.shared.is_stopped() {
            return Err(CommitError::Stopped);
        }
        let (uploads, claimed) = self.claim(&transaction).await;
        let (body, plan) = record::encode(&transaction, &hashes);
        let (answer, answered) = oneshot::channel();
        let pushed = self.shared.queue.push(Request {
            body: claimed.map(|()| body),
            plan,
            expect: transaction.expect,
            uploads,
            answer,
        });
        match pushed {
            Ok(()) => answered.await.unwrap_or(Err(CommitError::Stopped)),
            Err(PushError::Busy) => Err(CommitError::Busy),
            Err(PushError::Closed) => Err(CommitError::Stopped),
        }
    }

    async fn statement(&self, hash: &StatementHash) -> Result<Option<StoredStatement>, ReadError> {
        let Some((position, location)) = self.read()?.index.statement(hash)? else {
            return Ok(None);
        };
        let bytes = self.segments.read(&location)?;
        Ok(Some(StoredStatement { bytes, position }))
    }

    async fn head(&self, list: &List) -> Result<ListHead, ReadError> {
        Ok(self.read()?.index.list(list)?.head)
    }

    async fn entries(
        &self,
        list: &List,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StatementHash>, ReadError> {
        Ok(self
            .read()?
            .index
            .entries(list, after, limit.min(MAX_ENTRIES))?)
    }

    async fn tree_head(&self) -> Result<TreeHead, ReadError> {
        Ok(*self.read()?.log())
    }

    async fn tile(&self, tile: Tile) -> Result<Option<Vec<TreeHash>>, ReadError> {
        let hashes = self.read()?.index.tile(tile)?;
        Ok((hashes.len() == usize::from(tile.width)).then_some(hashes))
    }

    async fn leaves(&self, from: u64, limit: usize) -> Result<Vec<LeafHash>, ReadError> {
        Ok(self.read()?.index.leaves(from, limit.min(MAX_LEAVES))?)
    }

    async fn part(
        &self,
        header: &StatementHash,
        index: u32,
    ) -> Result<Option<StoredPart>, ReadError> {
        let Some(part) = self.read()?.index.part(header, index)? else {
            return Ok(None);
        };
        let age_header = self.segments.read(&part.age_header)?;
        let payload_length = part.payload.length();
        Ok(Some(StoredPart {
            age_header,
            payload_length,
        }))
    }

    async fn payload(
        &self,
        header: &StatementHash,
        index: u32,
        range: Range<u64>,
    ) -> Result<Option<PayloadStream>, ReadError> {
        let Some(part) = self.read()?.index.part(header, index)? else {
            return Ok(None);
        };
        check_range(&range, part.payload.length())?;
        Ok(Some(match part.payload {
            PayloadEntry::Upload { owner, id, .. } => self.uploads.read(&owner, &id, range),
            PayloadEntry::Inline(_) if range.is_empty() => Box::pin(stream::empty()),
            PayloadEntry::Inline(location) => {
                let to_index = |at| usize::try_from(at).expect("within MAX_INLINE_PAYLOAD");
                let bytes = self.segments.read(&location)?;
                let bytes = bytes.slice(to_index(range.start)..to_index(range.end));
                Box::pin(stream::iter([Ok(bytes)]))
            }
        }))
    }

    async fn vault(&self, id: &VaultId) -> Result<Option<StoredVault>, ReadError> {
        let Some(vault) = self.read()?.index.vault(id)? else {
            return Ok(None);
        };
        Ok(Some(StoredVault {
            owner: vault.owner,
            version: vault.version,
            sealed: self.segments.read(&vault.sealed)?,
        }))
    }

    async fn vaults(&self, owner: &Address) -> Result<Vec<(VaultId, VaultVersion)>, ReadError> {
        let index = &self.read()?.index;
        let mut vaults = Vec::new();
        for id in index.vaults_of(owner)? {
            let found = index.vault(&id)?; // or gone since
            vaults.extend(found.map(|vault| (id, vault.version)));
        }
        Ok(vaults)
    }

    async fn create_upload(
        &self,
        owner: &Address,
        id: &UploadId,
        length: u64,
        now: UnixMillis,
        quota: &UploadQuota,
    ) -> Result<UploadStatus, UploadError> {
        let shared = self.for_uploads()?;
        let taken = |id: &UploadId| Ok(shared.index.taken_by(owner, id)?.is_some());
        let created = self.uploads.create(owner, id, length, now, quota, taken);
        self.with_taken(owner, id, created.await?)
    }

    async fn append_upload(
        &self,
        owner: &Address,
        id: &UploadId,
        offset: u64,
        bytes: Bytes,
    ) -> Result<UploadStatus, UploadError> {
        self.for_uploads()?;
        if let Some(folder) = &self.local_objects {
            let free = self.disk.free_bytes(folder);
            let free = free.map_err(|e| UploadError::Objects {
                reason: e.to_string(),
            })?;
            if free < self.reserve.saturating_add(bytes.len() as u64) {
                return Err(UploadError::Full);
            }
        }
        let status = self.uploads.append(owner, id, offset, bytes).await?;
        self.with_taken(owner, id, status)
    }

    async fn upload(&self, owner: &Address, id: &UploadId) -> Result<UploadStatus, UploadError> {
        self.for_uploads()?;
        let guard = self.uploads.lock(owner, id).await?;
        let status = guard.as_ref().ok_or(UploadError::Unknown)?.status();
        self.with_taken(owner, id, status)
    }

    async fn upload_hash(
        &self,
        owner: &Address,
        id: &UploadId,
    ) -> Result<PayloadHash, UploadError> {
        self.for_uploads()?;
        let mut guard = self.uploads.lock(owner, id).await?;
        let live = guard.as_mut().ok_or(UploadError::Unknown)?;
        self.uploads.hash(owner, id, live).await
    }

    async fn discard_upload(&self, owner: &Address, id: &UploadId) -> Result<(), UploadError> {
        let shared = self.for_uploads()?;
        let guard = self.uploads.lock(owner, id).await?;
        if guard.is_some() && shared.index.taken_by(owner, id)?.is_some() {
            return Err(UploadError::Taken);
        }
        self.uploads.discard(owner, id, guard).await
    }

    async fn expire_uploads(
        &self,
        before: UnixMillis,
        limit: usize,
    ) -> Result<Expired, UploadError> {
        let shared = self.for_uploads()?;
        let taken =
            |owner: &Address, id: &UploadId| Ok(shared.index.taken_by(owner, id)?.is_some());
        self.uploads.expire(before, limit, taken).await
    }

    fn failure(&self) -> Option<String> {
        self.shared.failure.get().cloned()
    }

    async fn close(&self) {
        let (shared, committer) = (Arc::clone(&self.shared), Arc::clone(&self.committer));
        let done = tokio::task::spawn_blocking(move || {
            let Some((segment, length)) = join(&shared, &committer) else {
                return; // closed before, or it failed: the next start recovers
            };
            // Without the note the next start only takes longer.
            if shared.index.flush().is_ok() {
                let _ = shared.folder.write_closed(segment, length);
            }
        });
        let _ = done.await;
    }
}

impl Drop for EmbeddedStore {
    /// Finishes accepted commits; without [`Store::close`] the next start takes the stop for an
    /// unclean one.
    fn drop(&mut self) {
        join(&self.shared, &self.committer);
    }
}

/// Lets the committer finish; where the journal ends, if it ended in order and just now.
fn join(shared: &Shared, committer: &Handle) -> Option<(u32, u64)> {
    shared.queue.close();
    let thread = committer
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()?;
    thread.join().ok().flatten()
}

impl PayloadEntry {
    fn length(&self) -> u64 {
        match self {
            PayloadEntry::Inline(location) => u64::from(location.length),
            PayloadEntry::Upload { length, .. } => *length,
        }
    }
}
