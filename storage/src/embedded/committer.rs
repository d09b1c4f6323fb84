//! The one thread that writes: takes what waits, judges it, makes it durable, answers.
//!
//! ```text
//! take a group ─ judge each ─ one write, one sync ─ apply to the index ─ answer all
//!                    │               │                     │
//!                 refused      Full: all refused,     failed: stopped,
//!              (told at the    nothing stored;        index distrusted
//!               group's end)   failed: stopped
//! ```
//!
//! Invariants: nobody hears of success before the sync; nobody hears of a refusal that rests on a
//! transaction which then was not stored; after a failed sync, write or index nothing is accepted
//! until the folder is opened anew. Absent: retries, positions assigned anywhere else.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use postfach_crypto::tlog::{Frontier, TreeHead};
use tokio::sync::{OwnedMutexGuard, oneshot};

use super::folder::Folder;
use super::index::{Index, IndexError};
use super::journal::{AppendError, Journal};
use super::queue::{Queue, Weighed};
use super::record::{Plan, put_record};
use super::segment::Place;
use super::stage::{Admitted, Refused, Stage};
use super::uploads::Live;
use crate::error::CommitError;
use crate::list::List;
use crate::transaction::Committed;

/// Bytes of transactions in one group, about; more wait for the next one.
const GROUP_BYTES: usize = 8 * 1024 * 1024;

/// A transaction that waits.
pub(crate) struct Request {
    /// The encoded transaction, or what its uploads lack, which counts only when nothing else
    /// refuses it.
    pub(crate) body: Result<Bytes, CommitError>,
    pub(crate) plan: Plan,
    pub(crate) expect: Vec<(List, u64)>,
    /// Held until the transaction is in the index, so that no upload changes or is taken twice.
    pub(crate) uploads: Vec<OwnedMutexGuard<Option<Live>>>,
    pub(crate) answer: oneshot::Sender<Result<Committed, CommitError>>,
}

impl Weighed for Request {
    fn bytes(&self) -> usize {
        self.body.as_ref().map_or(0, Bytes::len) + size_of::<Self>()
    }
}

/// What the committer shares with the store.
pub(crate) struct Shared {
    pub(crate) folder: Folder,
    pub(crate) index: Index,
    pub(crate) queue: Queue<Request>,
    /// The log as far as it is durable and in the index.
    pub(crate) log: Mutex<TreeHead>,
    pub(crate) stopped: AtomicBool,
    /// Why the store stopped, if not because it was told to.
    pub(crate) failure: OnceLock<String>,
}

impl Shared {
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, TreeHead> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accepts nothing from now on; what waits is answered by dropping it.
    fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.queue.abandon();
    }
}

/// The committer's state between groups.
pub(crate) struct Committer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) journal: Journal,
    pub(crate) next: Place,
    /// The right edge of the log's tree at `next`.
    pub(crate) frontier: Frontier,
}

/// Why the committer ends before it is told to.
enum Fatal {
    Journal(io::Error),
    Index(IndexError),
}

impl From<IndexError> for Fatal {
    fn from(error: IndexError) -> Self {
        Fatal::Index(error)
    }
}

/// Stops the store however the thread ends, a panic included.
struct StopOnExit(Arc<Shared>);

impl Drop for StopOnExit {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Committer {
    /// Works until the queue is closed and empty, or something fails; returns the journal's end
    /// if all is in order.
    pub(crate) fn run(mut self) -> Option<(u32, u64)> {
        let _stop = StopOnExit(Arc::clone(&self.shared));
        let mut buffer = Vec::new();
        let shared = Arc::clone(&self.shared);
        while let Some(group) = shared.queue.take(GROUP_BYTES) {
            let done = self.commit(group, &mut buffer);
            if let Err(fatal) = done {
                let _ = shared.failure.set(match fatal {
                    Fatal::Journal(error) => format!("writing the journal failed: {error}"),
                    Fatal::Index(error) => {
                        // The journal is ahead; the next start rebuilds the index. If this note
                        // cannot be written, the index's own mark tells where to go on.
                        let _ = shared.folder.write_distrusted();
                        error.to_string()
                    }
                });
                shared.stop();
                return None;
            }
            buffer.clear();
            buffer.shrink_to(2 * GROUP_BYTES);
        }
        Some(self.journal.end())
    }

    /// Commits a group of transactions.
    fn commit(&mut self, group: Vec<Request>, buffer: &mut Vec<u8>) -> Result<(), Fatal> {
        match self.journal.make_room(self.next) {
            Ok(next) => self.next = next,
            Err(error) => return refuse_all(group, error),
        }
        let shared = Arc::clone(&self.shared);
        let mut stage = Stage::new(&shared.index, self.next, &self.frontier);
        let durable = self.next.sequence - 1;
        let mut verdicts = Vec::with_capacity(group.len());
        let mut crc = 0;
        for request in &group {
            verdicts.push(match judge(&mut stage, request, durable, buffer) {
                Ok((admitted, record_crc)) => {
                    crc = record_crc;
                    Ok(admitted)
                }
                Err(Refused::By(error)) => Err(error),
                Err(Refused::Index(error)) => return Err(error.into()),
            });
        }
        let next = stage.next();
        if !stage.is_empty()
            // Commit point: after this write and sync every admitted transaction is durable.
            && let Err(error) = self.journal.append(buffer)
        {
            return refuse_all(group, error);
        }
        let growth = stage.apply(crc)?;
        self.next = next;
        self.frontier = growth.frontier();
        *shared.log() = growth.head();
        for (request, verdict) in group.into_iter().zip(verdicts) {
            drop(request.uploads);
            let committed = verdict.map(|admitted: Admitted| admitted.committed(&growth));
            let _ = request.answer.send(committed); // the caller may have gone
        }
        Ok(())
    }
}

/// Admits a transaction and appends its record to the group, or says why not.
fn judge(
    stage: &mut Stage<'_>,
    request: &Request,
    durable: u64,
    buffer: &mut Vec<u8>,
) -> Result<(Admitted, u32), Refused> {
    stage.check(&request.plan, &request.expect)?;
    let body = request
        .body
        .as_ref()
        .map_err(|error| Refused::By(error.clone()))?;
    let at = stage.next();
    let admitted = stage.admit(&request.plan, body.len())?;
    let crc = put_record(buffer, at.sequence, durable, at.position, body);
    Ok((admitted, crc))
}

/// Answers a group of which nothing was stored.
fn refuse_all(group: Vec<Request>, error: AppendError) -> Result<(), Fatal> {
    match error {
        AppendError::Full => {
            for request in group {
                let _ = request.answer.send(Err(CommitError::Full));
            }
            Ok(())
        }
        AppendError::Failed(error) => Err(Fatal::Journal(error)), // dropping the group answers `Stopped`
    }
}
