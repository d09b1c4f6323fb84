//! Payloads on their way to become parts: chunk objects in an object store.
//!
//! An upload is a descriptor with its length and chunks of exactly [`UPLOAD_CHUNK`] bytes, the
//! last one shorter, each an object of its own; so it resumes without a rewriting copy, on a local
//! folder and on S3 alike. Invariants: a chunk is durable before it counts as received; every
//! operation on one upload holds its lock, and a commit holds it until the upload is taken, so no
//! upload is changed or discarded under a commit; all names begin with the owner, so no one
//! reaches another's; every upload that no envelope took has a mark ([`open`]). Absent: sharing between parties, removal of taken uploads. This is the only module, with `open`,
//! that names object_store. Layout: docs/format/journal.md, section "Uploads".

mod open;

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use postfach_crypto::hash::DomainHasher;
use postfach_crypto::ids::{Address, PayloadHash, UnixMillis, UploadId};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use self::open::Mark;
use super::disk::is_full;
use crate::error::{ReadError, UploadError};
use crate::list::take;
use crate::store::{
    Expired, PayloadStream, UPLOAD_CHUNK, UploadQuota, UploadStatus, check_append, check_create,
};

const MAGIC: &[u8; 8] = b"PFUPLD1\n";
/// Chunks of one append that are written at the same time.
const PARALLEL_PUTS: usize = 4;
/// Uploads remembered in memory; beyond it, idle ones are forgotten and read again when needed.
const MAX_LIVE: usize = 4096;

/// Owners whose creating of uploads is ordered by one lock each; a quota is counted under it.
const CREATING: usize = 64;

type Key = (Address, UploadId);
type Slot = Arc<AsyncMutex<Option<Live>>>;

/// All uploads.
pub(crate) struct Uploads {
    objects: Arc<dyn ObjectStore>,
    slots: Mutex<HashMap<Key, Slot>>,
    creating: [AsyncMutex<()>; CREATING],
}

/// What is known of one upload while it is in use.
pub(crate) struct Live {
    pub(crate) length: u64,
    pub(crate) received: u64,
    /// Over the first `hashed` bytes.
    hasher: DomainHasher,
    hashed: u64,
}

/// What expiring an open upload's mark came to.
enum Closed {
    Discarded,
    /// The upload belongs to an envelope, or was never begun.
    MarkOnly,
}

/// An upload's lock and, if it exists, its state.
pub(crate) type Guard = OwnedMutexGuard<Option<Live>>;

impl Uploads {
    pub(crate) fn new(objects: Arc<dyn ObjectStore>) -> Self {
        Self {
            objects,
            slots: Mutex::default(),
            creating: std::array::from_fn(|_| AsyncMutex::default()),
        }
    }

    /// Waits for the upload's lock and reads its state if it is not in memory.
    pub(crate) async fn lock(&self, owner: &Address, id: &UploadId) -> Result<Guard, UploadError> {
        let slot = self.slot((*owner, *id));
        let mut guard = slot.lock_owned().await;
        if guard.is_none() {
            *guard = self.load(owner, id).await?;
        }
        Ok(guard)
    }

    /// Creates an upload; `taken` says which of the owner's an envelope took.
    pub(crate) async fn create(
        &self,
        owner: &Address,
        id: &UploadId,
        length: u64,
        now: UnixMillis,
        quota: &UploadQuota,
        taken: impl Fn(&UploadId) -> Result<bool, UploadError>,
    ) -> Result<UploadStatus, UploadError> {
        let mut guard = self.lock(owner, id).await?;
        check_create(guard.as_ref().map(|live| live.length), length)?;
        if let Some(live) = &*guard {
            return Ok(live.status());
        }
        let mark = Mark {
            owner: *owner,
            id: *id,
            length,
            created: now,
        };
        let creating = &self.creating[usize::from(owner.0[0]) % CREATING];
        let creating = creating.lock().await;
        open::mark(&*self.objects, mark, quota, taken).await?;
        drop(creating);
        let descriptor = PutPayload::from(encode_descriptor(length));
        let path = path(owner, id, None);
        self.objects.put(&path, descriptor).await.map_err(refused)?;
        Ok(guard.insert(Live::new(length, 0)).status())
    }

    /// Continues an upload. Runs to its end even when the caller goes away, so that no late write
    /// can overtake a repeated one.
    pub(crate) async fn append(
        self: &Arc<Self>,
        owner: &Address,
        id: &UploadId,
        offset: u64,
        bytes: Bytes,
    ) -> Result<UploadStatus, UploadError> {
        let mut guard = self.lock(owner, id).await?;
        let live = guard.as_ref().ok_or(UploadError::Unknown)?;
        check_append(&live.status(), offset, bytes.len())?;
        let (this, owner, id) = (Arc::clone(self), *owner, *id);
        let task = tokio::spawn(async move {
            this.put_chunks(&owner, &id, offset, &bytes).await?;
            let live = guard.as_mut().expect("checked above, under this same lock");
            live.received += bytes.len() as u64;
            if live.hashed == offset {
                live.hasher.update(&bytes);
                live.hashed = live.received;
            }
            Ok(live.status())
        });
        task.await.map_err(|error| UploadError::Objects {
            reason: error.to_string(),
        })?
    }

    /// The hash over all bytes; reads those again that were received before a restart.
    pub(crate) async fn hash(
        &self,
        owner: &Address,
        id: &UploadId,
        live: &mut Live,
    ) -> Result<PayloadHash, UploadError> {
        if live.received != live.length {
            return Err(UploadError::Incomplete {
                received: live.received,
            });
        }
        while live.hashed < live.length {
            let chunk = path(owner, id, Some(live.hashed / UPLOAD_CHUNK));
            let bytes = self.objects.get(&chunk).await.map_err(refused)?;
            let bytes = bytes.bytes().await.map_err(refused)?;
            live.hasher.update(&bytes);
            live.hashed += bytes.len() as u64;
        }
        Ok(PayloadHash(live.hasher.clone().finish()))
    }

    /// Discards an upload that the caller found not to be taken.
    pub(crate) async fn discard(
        &self,
        owner: &Address,
        id: &UploadId,
        mut guard: Guard,
    ) -> Result<(), UploadError> {
        let live = guard.take().ok_or(UploadError::Unknown)?;
        // In this order an interrupted discard leaves an upload that starts again at 0. Chunks
        // beyond `received` may be there from an append that failed half way.
        for number in 0..live.length.div_ceil(UPLOAD_CHUNK) {
            match self.objects.delete(&path(owner, id, Some(number))).await {
                Ok(()) => {}
                Err(object_store::Error::NotFound { .. })
                    if number * UPLOAD_CHUNK >= live.received =>
                {
                    break;
                }
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(refused(error)),
            }
        }
        self.objects
            .delete(&path(owner, id, None))
            .await
            .map_err(refused)?;
        open::unmark(&*self.objects, owner, id).await
    }

    /// Discards open uploads that were created before `before`; `taken` says which uploads an
    /// envelope took, of which only the mark goes.
    pub(crate) async fn expire(
        &self,
        before: UnixMillis,
        limit: usize,
        taken: impl Fn(&Address, &UploadId) -> Result<bool, UploadError>,
    ) -> Result<Expired, UploadError> {
        let mut expired = Expired::default();
        // Marks of taken uploads do not count, so that a full round of them is not taken for the end.
        while expired.discarded + expired.failed < limit {
            let left = limit - expired.discarded - expired.failed;
            let marks = open::older(&*self.objects, before, left).await?;
            let (found, mut gone) = (marks.len(), 0);
            for mark in marks {
                match self.expire_one(&mark, &taken).await {
                    Ok(Closed::Discarded) => {
                        expired.discarded += 1;
                        gone += 1;
                    }
                    Ok(Closed::MarkOnly) => gone += 1,
                    Err(_) => expired.failed += 1,
                }
            }
            if found < left || gone == 0 {
                break;
            }
        }
        Ok(expired)
    }

    async fn expire_one(
        &self,
        mark: &Mark,
        taken: impl Fn(&Address, &UploadId) -> Result<bool, UploadError>,
    ) -> Result<Closed, UploadError> {
        let guard = self.lock(&mark.owner, &mark.id).await?;
        if guard.is_none() || taken(&mark.owner, &mark.id)? {
            open::remove(&*self.objects, mark).await?;
            return Ok(Closed::MarkOnly);
        }
        self.discard(&mark.owner, &mark.id, guard).await?;
        Ok(Closed::Discarded)
    }

    /// Bytes `range` of a taken upload, read chunk by chunk.
    pub(crate) fn read(&self, owner: &Address, id: &UploadId, range: Range<u64>) -> PayloadStream {
        let (objects, owner, id) = (Arc::clone(&self.objects), *owner, *id);
        Box::pin(stream::try_unfold(range.start, move |at| {
            let objects = Arc::clone(&objects);
            let end = range.end;
            async move {
                if at >= end {
                    return Ok(None);
                }
                let number = at / UPLOAD_CHUNK;
                let start = at - number * UPLOAD_CHUNK;
                let length = (UPLOAD_CHUNK - start).min(end - at);
                let chunk = path(&owner, &id, Some(number));
                let read = objects.get_range(&chunk, start..start + length).await;
                match read {
                    Ok(bytes) if bytes.len() as u64 == length => Ok(Some((bytes, at + length))),
                    Ok(_) | Err(object_store::Error::NotFound { .. }) => Err(ReadError::Corrupt {
                        file: chunk.to_string().into(),
                        offset: start,
                    }),
                    Err(error) => Err(ReadError::Io {
                        reason: root_cause(&error).to_string(),
                    }),
                }
            }
        }))
    }

    fn slot(&self, key: Key) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_LIVE && !slots.contains_key(&key) {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry(key).or_default())
    }

    async fn put_chunks(
        &self,
        owner: &Address,
        id: &UploadId,
        offset: u64,
        bytes: &Bytes,
    ) -> Result<(), UploadError> {
        let chunk = usize::try_from(UPLOAD_CHUNK).expect("1 MiB");
        let first = offset / UPLOAD_CHUNK;
        let puts = (first..)
            .zip((0..bytes.len()).step_by(chunk))
            .map(|(number, start)| {
                let piece = bytes.slice(start..bytes.len().min(start + chunk));
                let path = path(owner, id, Some(number));
                async move { self.objects.put(&path, piece.into()).await.map_err(refused) }
            });
        let done = stream::iter(puts).buffered(PARALLEL_PUTS);
        done.try_for_each(|_| async { Ok(()) }).await
    }

    /// Reads an upload's state from the object store; `None` when there is no descriptor.
    async fn load(&self, owner: &Address, id: &UploadId) -> Result<Option<Live>, UploadError> {
        let descriptor = match self.objects.get(&path(owner, id, None)).await {
            Ok(object) => object.bytes().await.map_err(refused)?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(refused(error)),
        };
        let length = decode_descriptor(&descriptor).ok_or_else(|| UploadError::Objects {
            reason: "the upload's descriptor is damaged".to_owned(),
        })?;
        let prefix = folder(owner, id);
        let mut sizes = HashMap::new();
        let mut list = self.objects.list(Some(&prefix));
        while let Some(object) = list.next().await {
            let object = object.map_err(refused)?;
            let number = object
                .location
                .filename()
                .and_then(|name| name.parse::<u64>().ok());
            sizes.extend(number.map(|number| (number, object.size)));
        }
        let mut received = 0;
        while received < length {
            let expected = UPLOAD_CHUNK.min(length - received);
            if sizes.get(&(received / UPLOAD_CHUNK)) != Some(&expected) {
                break;
            }
            received += expected;
        }
        Ok(Some(Live::new(length, received)))
    }
}

impl Live {
    fn new(length: u64, received: u64) -> Self {
        Self {
            length,
            received,
            hasher: PayloadHash::hasher(),
            hashed: 0,
        }
    }

    pub(crate) fn status(&self) -> UploadStatus {
        UploadStatus {
            length: self.length,
            received: self.received,
            taken_by: None,
        }
    }
}

fn folder(owner: &Address, id: &UploadId) -> Path {
    Path::from_iter(["parts".to_owned(), owner.to_string(), id.to_string()])
}

/// The object of a chunk.
pub(crate) fn chunk_path(owner: &Address, id: &UploadId, number: u64) -> Path {
    path(owner, id, Some(number))
}

/// The object of a chunk, or of the descriptor.
fn path(owner: &Address, id: &UploadId, chunk: Option<u64>) -> Path {
    let name = chunk.map_or_else(|| "upload".to_owned(), |number| format!("{number:08}"));
    folder(owner, id).join(name)
}

fn encode_descriptor(length: u64) -> Vec<u8> {
    let mut out = [&MAGIC[..], &length.to_be_bytes()].concat();
    let crc = crc32c::crc32c(&out);
    out.extend_from_slice(&crc.to_be_bytes());
    out
}

fn decode_descriptor(bytes: &[u8]) -> Option<u64> {
    let (length, _) = take(bytes.strip_prefix(MAGIC)?)?;
    let length = u64::from_be_bytes(length);
    (encode_descriptor(length) == bytes).then_some(length)
}

/// Object store errors, without the object's name.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that `map_err` takes"
)]
fn refused(error: object_store::Error) -> UploadError {
    let cause = root_cause(&error);
    match cause.downcast_ref::<io::Error>() {
        Some(error) if is_full(error) => UploadError::Full,
        _ => UploadError::Objects {
            reason: cause.to_string(),
        },
    }
}

fn root_cause(error: &object_store::Error) -> &(dyn Error + 'static) {
    let mut cause: &(dyn Error + 'static) = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause
}
