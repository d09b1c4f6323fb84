//! Reads everything that a data folder must have, beside a running store or without one, and says
//! what is wrong with it.
//!
//! Invariant: nothing is written, locked or repaired; every record of the journal, every statement's
//! place in the log's tree and every large payload is read and compared with what names it. Sealed
//! segments never change, so only the end of the last one may be in the middle of a write. Absent:
//! the index, which is derived and checked when it is read; what statements mean.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use postfach_crypto::ids::PayloadHash;
use postfach_crypto::tlog::{Frontier, TreeHead};

use super::OpenError;
use super::disk::{Disk, OsDisk};
use super::folder::{JOURNAL, OBJECTS};
use super::record::{PlannedPayload, TakenUpload};
use super::recovery::segment_paths;
use super::segment::{Found, Place, Records, SegmentHeader, was_durable};
use super::uploads::chunk_path;
use crate::store::UPLOAD_CHUNK;

/// Most faults that are told one by one.
pub const MAX_FAULTS: usize = 100;

/// What reading everything found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scrubbed {
    /// Segments of the journal.
    pub segments: u64,
    /// Bytes of the journal that were read.
    pub bytes: u64,
    /// Good records.
    pub records: u64,
    /// Statements in them.
    pub statements: u64,
    /// Parts of envelopes in them.
    pub parts: u64,
    /// Large payloads that were read whole and have their hash.
    pub objects: u64,
    /// Bytes at the journal's end that are no record yet: a write under way, or one cut off.
    pub unfinished: u64,
    /// The log over all statements; none where a record could not be read.
    pub log: Option<TreeHead>,
    /// The log as it was at the size asked for; none where it has not that many statements.
    pub before: Option<TreeHead>,
    /// What is wrong, the first [`MAX_FAULTS`] of it.
    pub faults: Vec<Fault>,
    /// How many faults there are beyond those.
    pub more_faults: u64,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// Where in it, in bytes.
    pub offset: u64,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Reads the store in `folder`. `at` is a size of the log whose head is wanted, too; `progress` is
/// told how many bytes of the journal were read, and of how many.
///
/// # Errors
/// [`OpenError::Io`] where the journal cannot be listed. Everything else is a fault in the answer.
pub fn scrub(
    folder: &Path,
    at: Option<u64>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Scrubbed, OpenError> {
    let journal = folder.join(JOURNAL);
    let paths = segment_paths(&journal)?;
    let length = |path: &Path| path.metadata().map_or(0, |file| file.len());
    let total = paths.iter().map(|(_, path)| length(path)).sum();
    let mut scrub = Scrub {
        objects: folder.join(OBJECTS),
        at,
        frontier: Some(Frontier::EMPTY),
        found: Scrubbed::default(),
    };
    let mut end: Option<Place> = None;
    if paths.is_empty() {
        scrub.fault(
            &SegmentHeader::path(&journal, 1),
            0,
            "this segment is missing",
        );
    }
    for (n, (number, path)) in paths.iter().enumerate() {
        let last = n + 1 == paths.len();
        end = scrub.segment(*number, path, end, last, |done| progress(done, total));
    }
    if scrub.found.faults.is_empty() {
        scrub.found.log = scrub.frontier.as_ref().map(Frontier::head);
    }
    Ok(scrub.found)
}

struct Scrub {
    objects: PathBuf,
    at: Option<u64>,
    /// The right edge of the log's tree; none after a gap.
    frontier: Option<Frontier>,
    found: Scrubbed,
}

impl Scrub {
    fn fault(&mut self, file: &Path, offset: u64, what: &'static str) {
        if self.found.faults.len() < MAX_FAULTS {
            let file = file.to_owned();
            self.found.faults.push(Fault { file, offset, what });
        } else {
            self.found.more_faults += 1;
        }
    }

    /// Reads a segment; answers where it ends, unless it could not be read to its end.
    fn segment(
        &mut self,
        number: u32,
        path: &Path,
        before: Option<Place>,
        last: bool,
        mut progress: impl FnMut(u64),
    ) -> Option<Place> {
        self.found.segments += 1;
        let ended = self.records(number, path, before, last, &mut progress);
        let ended = ended.unwrap_or_else(|error| {
            let (offset, what) = match error {
                OpenError::Corrupt { offset, what, .. } => (offset, what),
                OpenError::UnknownFormat { .. } => (8, "the segment has an unknown version"),
                _ => (0, "the file cannot be read"),
            };
            self.fault(path, offset, what);
            None
        });
        if ended.is_none() {
            self.frontier = None;
        }
        ended
    }

    fn records(
        &mut self,
        number: u32,
        path: &Path,
        before: Option<Place>,
        last: bool,
        progress: &mut impl FnMut(u64),
    ) -> Result<Option<Place>, OpenError> {
        let file = OsDisk
            .open(path)
            .map_err(|error| OpenError::io(path, &error))?;
        let header = SegmentHeader::read(&*file, path, number)?;
        if let Some(before) = before {
            let expected = (
                before.segment + 1,
                before.sequence,
                before.position,
                before.offset,
            );
            let found = (
                header.number,
                header.first_sequence,
                header.first_position,
                header.previous_length,
            );
            if expected != found {
                self.fault(path, 0, "the segment does not continue the one before");
                self.frontier = None;
            }
        } else if self.found.segments == 1 && number != 1 {
            self.fault(path, 0, "segments before this one are missing");
            self.frontier = None;
        }
        let started = self.found.bytes;
        let mut records = Records::new(&*file, path, header.start())?;
        while let Some(found) = records.next()? {
            self.record(&found, path, records.place());
            progress(started + records.place().offset);
        }
        let end = records.place();
        self.found.bytes = started + end.offset;
        if records.at_end() {
            return Ok(Some(end));
        }
        if last && !was_durable(&*file, path, end)? {
            let length = file.length().map_err(|error| OpenError::io(path, &error))?;
            self.found.unfinished = length.saturating_sub(end.offset);
            return Ok(Some(end));
        }
        Err(OpenError::corrupt(
            path,
            end.offset,
            "a durable record is damaged",
        ))
    }

    fn record(&mut self, found: &Found, path: &Path, next: Place) {
        let plan = &found.plan;
        self.found.records += 1;
        self.found.statements += plan.statements.len() as u64;
        self.found.parts += plan.parts.len() as u64;
        for statement in &plan.statements {
            let Some(frontier) = &self.frontier else {
                break;
            };
            if self.at == Some(frontier.size()) {
                self.found.before = Some(frontier.head());
            }
            self.frontier = Some(frontier.grow(&[statement.tree_leaf]).frontier());
        }
        if let Some(frontier) = &self.frontier {
            if frontier.size() != next.position {
                self.fault(path, next.offset, "the log's positions have a gap");
                self.frontier = None;
            } else if self.at == Some(frontier.size()) {
                self.found.before = Some(frontier.head());
            }
        }
        for part in &plan.parts {
            if let PlannedPayload::Upload(upload) = &part.payload {
                match self.object(upload) {
                    Ok(()) => self.found.objects += 1,
                    Err((file, what)) => self.fault(&file, 0, what),
                }
            }
        }
    }

    /// Reads a large payload and compares length and hash with what its record names.
    fn object(&self, upload: &TakenUpload) -> Result<(), (PathBuf, &'static str)> {
        let mut hasher = PayloadHash::hasher();
        let mut left = upload.length;
        let mut number = 0;
        let mut bytes = Vec::new();
        while left > 0 {
            let path = chunk_path(&upload.owner, &upload.id, number);
            let path = self.objects.join(path.as_ref());
            let expected = left.min(UPLOAD_CHUNK);
            bytes.clear();
            let read = File::open(&path).and_then(|file| {
                // One byte more than there should be, so that a longer file shows.
                file.take(expected + 1).read_to_end(&mut bytes)
            });
            match read {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err((path, "a piece of a large payload is missing"));
                }
                Err(_) => return Err((path, "the file cannot be read")),
                Ok(length) if length as u64 != expected => {
                    return Err((path, "a piece of a large payload has another length"));
                }
                Ok(_) => hasher.update(&bytes),
            }
            left -= expected;
            number += 1;
        }
        if PayloadHash(hasher.finish()) == upload.hash {
            Ok(())
        } else {
            let folder = chunk_path(&upload.owner, &upload.id, 0);
            let file = self.objects.join(folder.as_ref());
            Err((file, "a large payload is not what its envelope names"))
        }
    }
}
