//! The tail of the journal: appending groups of records durably, beginning new segments, and
//! reading back what was written.
//!
//! Invariants: [`Journal::append`] returns `Ok` only after one write and one sync of the whole
//! group; after [`AppendError::Full`] the file ends where it ended before; after
//! [`AppendError::Failed`] the journal is never written again by this process. A segment has its
//! final name only once its header is durable. Specification: docs/format/journal.md.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::{Bytes, BytesMut};

use super::disk::{Disk, DiskFile, is_full};
use super::index::Location;
use super::segment::{Place, SEGMENT_HEADER, SegmentHeader};
use crate::error::ReadError;

/// Why a group of records was not appended.
#[derive(Debug)]
pub(crate) enum AppendError {
    /// No room; nothing of it is in the journal.
    Full,
    /// What is on the disk is uncertain. The store must stop.
    Failed(io::Error),
}

/// The journal as its one writer sees it.
pub(crate) struct Journal {
    disk: Arc<dyn Disk>,
    segments: Arc<Segments>,
    tail: Arc<dyn DiskFile>,
    number: u32,
    length: u64,
    segment_bytes: u64,
    reserve: u64,
}

/// The journal as readers see it.
pub(crate) struct Segments {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    open: RwLock<HashMap<u32, Arc<dyn DiskFile>>>,
}

impl Journal {
    /// Continues at the end of the segment that `next` names.
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        segments: Arc<Segments>,
        next: Place,
        segment_bytes: u64,
        reserve: u64,
    ) -> io::Result<Self> {
        let tail = segments.file(next.segment)?;
        let (number, length) = (next.segment, next.offset);
        Ok(Self {
            disk,
            segments,
            tail,
            number,
            length,
            segment_bytes,
            reserve,
        })
    }

    /// Begins a new segment when the current one has its length; returns where `next` begins now.
    pub(crate) fn make_room(&mut self, next: Place) -> Result<Place, AppendError> {
        if self.length < self.segment_bytes {
            return Ok(next);
        }
        self.check_free(SEGMENT_HEADER)?;
        let header = SegmentHeader {
            number: self.number + 1,
            first_sequence: next.sequence,
            first_position: next.position,
            previous_length: self.length,
        };
        self.tail = create_segment(&*self.disk, &self.segments.folder, &header)?;
        self.number = header.number;
        self.length = SEGMENT_HEADER;
        self.segments.insert(self.number, Arc::clone(&self.tail));
        Ok(header.start())
    }

    /// Writes and syncs a group of records: the commit point of everything in it.
    pub(crate) fn append(&mut self, records: &[u8]) -> Result<(), AppendError> {
        self.check_free(records.len() as u64)?;
        if let Err(error) = self.tail.write_all_at(records, self.length) {
            if !is_full(&error) {
                return Err(AppendError::Failed(error));
            }
            self.tail
                .set_len(self.length)
                .map_err(AppendError::Failed)?;
            return Err(AppendError::Full);
        }
        // A failed sync is never repeated: the kernel may have dropped the pages it could not write.
        self.tail.sync_data().map_err(AppendError::Failed)?;
        self.length += records.len() as u64;
        Ok(())
    }

    /// The last segment and its length.
    pub(crate) fn end(&self) -> (u32, u64) {
        (self.number, self.length)
    }

    /// Keeps the reserve free that index and recovery need, so a full disk stops writes, not the
    /// store.
    fn check_free(&self, bytes: u64) -> Result<(), AppendError> {
        let free = self
            .disk
            .free_bytes(&self.segments.folder)
            .map_err(AppendError::Failed)?;
        if free < bytes.saturating_add(self.reserve) {
            return Err(AppendError::Full);
        }
        Ok(())
    }
}

impl Segments {
    /// Reads segments of `folder`.
    pub(crate) fn new(disk: Arc<dyn Disk>, folder: PathBuf) -> Self {
        Self {
            disk,
            folder,
            open: RwLock::default(),
        }
    }

    /// Reads bytes and verifies their checksum.
    pub(crate) fn read(&self, at: &Location) -> Result<Bytes, ReadError> {
        let path = SegmentHeader::path(&self.folder, at.segment);
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => corrupt(&path, at),
            _ => ReadError::Io {
                reason: error.to_string(),
            },
        };
        let file = self.file(at.segment).map_err(failed)?;
        let mut bytes = BytesMut::zeroed(at.length as usize);
        file.read_exact_at(&mut bytes, u64::from(at.offset))
            .map_err(failed)?;
        if crc32c::crc32c(&bytes) != at.crc {
            return Err(corrupt(&path, at));
        }
        Ok(bytes.freeze())
    }

    /// The open file of a segment.
    fn file(&self, number: u32) -> io::Result<Arc<dyn DiskFile>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&number) {
            return Ok(Arc::clone(file));
        }
        drop(open);
        let file = self.disk.open(&SegmentHeader::path(&self.folder, number))?;
        self.insert(number, Arc::clone(&file));
        Ok(file)
    }

    fn insert(&self, number: u32, file: Arc<dyn DiskFile>) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(number, file);
    }
}

/// Creates a segment with a durable header, then gives it its name, durably.
///
/// `Full` leaves at most a file without its final name, which the next attempt replaces.
pub(crate) fn create_segment(
    disk: &dyn Disk,
    folder: &Path,
    header: &SegmentHeader,
) -> Result<Arc<dyn DiskFile>, AppendError> {
    let path = SegmentHeader::path(folder, header.number);
    let new = path.with_extension("new");
    let file = disk.create(&new).map_err(AppendError::from_write)?;
    file.write_all_at(&header.encode(), 0)
        .map_err(AppendError::from_write)?;
    file.sync_data().map_err(AppendError::Failed)?;
    disk.rename(&new, &path).map_err(AppendError::Failed)?;
    disk.sync_folder(folder).map_err(AppendError::Failed)?;
    Ok(file)
}

impl AppendError {
    fn from_write(error: io::Error) -> Self {
        if is_full(&error) {
            AppendError::Full
        } else {
            AppendError::Failed(error)
        }
    }
}

fn corrupt(path: &Path, at: &Location) -> ReadError {
    ReadError::Corrupt {
        file: path.to_owned(),
        offset: u64::from(at.offset),
    }
}
