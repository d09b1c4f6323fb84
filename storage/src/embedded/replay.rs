//! Applying journal records to an index, by the same judgement that committed them.
//!
//! Invariant: after [`Replay::run`] the index is what it would be had it never been lost. Absent:
//! repair of the journal, which [`super::recovery`] does first.

use std::path::Path;
use std::sync::Arc;

use postfach_crypto::tlog::Frontier;

use super::OpenError;
use super::disk::{Disk, DiskFile};
use super::index::{Applied, Index, IndexError};
use super::segment::{Place, Records, SegmentHeader};
use super::stage::{Refused, Stage};

/// Bytes of records applied to the index at once.
const BATCH: u64 = 4 * 1024 * 1024;

/// The journal to apply.
pub(crate) struct Replay<'a> {
    pub(crate) disk: &'a dyn Disk,
    pub(crate) journal: &'a Path,
    pub(crate) headers: &'a [SegmentHeader],
}

/// The journal, applied to its end.
pub(crate) struct Replayed {
    /// Where the journal ends.
    pub(crate) next: Place,
    /// The right edge of the log's tree there.
    pub(crate) frontier: Frontier,
    /// How many records were applied.
    pub(crate) records: u64,
}

/// Why records could not be applied.
pub(crate) enum ReplayError {
    /// The journal is at fault.
    Journal(OpenError),
    /// The index failed, or is at odds with the journal.
    Index,
}

impl From<OpenError> for ReplayError {
    fn from(error: OpenError) -> Self {
        ReplayError::Journal(error)
    }
}

impl From<Refused> for ReplayError {
    fn from(_: Refused) -> Self {
        ReplayError::Index
    }
}

impl From<IndexError> for ReplayError {
    fn from(_: IndexError) -> Self {
        ReplayError::Index
    }
}

impl Replay<'_> {
    /// Where to go on after what the index has; `None` when it does not belong to this journal.
    ///
    /// `end` is the end of a repaired journal. An index beyond it proves that records are lost
    /// that had been durable and acknowledged, which no one may pass over.
    pub(crate) fn resume(
        &self,
        applied: Option<Applied>,
        end: Option<Place>,
    ) -> Result<Option<Place>, OpenError> {
        let Some(applied) = applied else {
            return Ok(Some(self.headers[0].start()));
        };
        if let Some(end) = end
            && applied.next.sequence > end.sequence
        {
            return Err(OpenError::RecordsLost {
                file: SegmentHeader::path(self.journal, end.segment),
                records: applied.next.sequence - end.sequence,
            });
        }
        if !self
            .headers
            .iter()
            .any(|header| header.number == applied.last.segment)
        {
            return Ok(None);
        }
        let path = SegmentHeader::path(self.journal, applied.last.segment);
        let file = self.open(&path)?;
        let mut records = Records::new(&*file, &path, applied.last)?;
        let found = records.next()?;
        let agrees = found.is_some_and(|found| found.crc == applied.crc);
        Ok((agrees && records.place() == applied.next).then_some(applied.next))
    }

    /// Applies every record from `from` on.
    pub(crate) fn run(&self, index: &Index, from: Place) -> Result<Replayed, ReplayError> {
        let first = self
            .headers
            .iter()
            .position(|header| header.number == from.segment);
        let remaining = &self.headers[first.ok_or(ReplayError::Index)?..];
        let mut frontier = index.frontier(from.position)?;
        let (mut next, mut replayed) = (from, 0);
        for (n, header) in remaining.iter().enumerate() {
            let start = if n == 0 { from } else { header.start() };
            let path = SegmentHeader::path(self.journal, header.number);
            let file = self.open(&path)?;
            let mut records = Records::new(&*file, &path, start)?;
            loop {
                let applied = apply_batch(index, &mut records, &mut frontier)?;
                replayed += applied;
                if applied == 0 {
                    break;
                }
            }
            self.check_end(&records, &path, remaining.get(n + 1))?;
            next = records.place();
        }
        Ok(Replayed {
            next,
            frontier,
            records: replayed,
        })
    }

    /// A segment's records fill it, and the next one goes on with the next numbers.
    fn check_end(
        &self,
        records: &Records<'_>,
        path: &Path,
        following: Option<&SegmentHeader>,
    ) -> Result<(), OpenError> {
        let end = records.place();
        if !records.at_end() {
            return Err(OpenError::corrupt(
                path,
                end.offset,
                "a durable record is damaged",
            ));
        }
        match following {
            Some(next)
                if (next.first_sequence, next.first_position) != (end.sequence, end.position) =>
            {
                let path = SegmentHeader::path(self.journal, next.number);
                Err(OpenError::corrupt(
                    &path,
                    0,
                    "the segment does not continue the one before",
                ))
            }
            _ => Ok(()),
        }
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn DiskFile>, OpenError> {
        self.disk.open(path).map_err(|e| OpenError::io(path, &e))
    }
}

/// Applies the next records, at most about [`BATCH`] bytes of them; returns how many.
fn apply_batch(
    index: &Index,
    records: &mut Records<'_>,
    frontier: &mut Frontier,
) -> Result<u64, ReplayError> {
    let start = records.place();
    let before = frontier.clone();
    let mut stage = Stage::new(index, start, &before);
    let mut last_crc = 0;
    while records.place().offset - start.offset < BATCH {
        let Some(found) = records.next()? else {
            break;
        };
        stage.check(&found.plan, &[])?;
        stage.admit(&found.plan, found.body_length)?;
        last_crc = found.crc;
    }
    *frontier = stage.apply(last_crc)?.frontier();
    Ok(records.place().sequence - start.sequence)
}
