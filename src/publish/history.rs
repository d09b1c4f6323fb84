//! Cosigned checkpoints kept for good: when witnesses had first seen a statement can be shown long
//! after it was logged, so a receipt's time keeps its upper bound (docs/format/evidence.md, "Log").
//!
//! Invariants: only checkpoints with enough cosignatures are kept, one at most in each interval, and
//! the last of a busy time too. Absent: the newest checkpoint, which `/log/checkpoint` shows.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use postfach_crypto::tlog::SignedCheckpoint;
use postfach_crypto::tlog::note::MAX_NOTE;

use super::size_files::SizeFiles;

const NOTE: &str = ".note";

/// The folder of notes, `SIZE.note`.
#[derive(Debug)]
pub(crate) struct History(SizeFiles);

impl History {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        SizeFiles::open(folder, NOTE, MAX_NOTE).map(Self)
    }

    /// The first note kept whose tree holds the statement at this position.
    pub(crate) async fn covering(&self, position: u64) -> io::Result<Option<Vec<u8>>> {
        match self.0.covering(position) {
            None => Ok(None),
            Some(size) => self.0.read(size).await.map(Some),
        }
    }
}

/// Decides which cosigned checkpoints are kept.
#[derive(Debug)]
pub(super) struct Keeping {
    interval: Duration,
    /// When one was kept last.
    kept: Option<Instant>,
    /// The newest that is not kept yet.
    waiting: Option<SignedCheckpoint>,
}

impl Keeping {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            kept: None,
            waiting: None,
        }
    }

    /// A checkpoint has enough cosignatures; of a tree that was seen before the earlier ones count.
    pub(super) fn cosigned(&mut self, signed: &SignedCheckpoint) {
        let waiting = self.waiting.as_ref().map(SignedCheckpoint::head);
        if waiting != Some(signed.head()) {
            self.waiting = Some(signed.clone());
        }
    }

    /// Keeps what waits, if it is its turn or the last chance.
    pub(super) async fn keep(&mut self, history: &History, last: bool) -> io::Result<()> {
        let due = self.kept.is_none_or(|kept| kept.elapsed() >= self.interval);
        let Some(signed) = self.waiting.as_ref().filter(|_| due || last) else {
            return Ok(());
        };
        let size = signed.head().size;
        if history.0.newest() < Some(size) {
            history.0.keep(size, signed.to_bytes()).await?;
            self.kept = Some(Instant::now());
        }
        self.waiting = None;
        Ok(())
    }
}
