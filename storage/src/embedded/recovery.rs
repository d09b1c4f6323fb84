//! From files on disk to a journal that may be written and an index that agrees with it.
//!
//! The journal decides. Its last segment may end in a torn record after an unclean stop: that end
//! is cut off, and the good part is copied to a new file and synced, because what the page cache
//! shows may not be on the disk. Anything else that is not right is a named error, never repaired
//! silently. The index is used when it was closed in order, or when the machine has not restarted
//! since and the index points at a record that the journal has; else it is rebuilt by applying the
//! journal from the start. Specification: docs/format/journal.md, "Recovery".

use std::fs;
use std::path::{Path, PathBuf};

use postfach_crypto::tlog::Frontier;

use super::disk::{Disk, DiskFile};
use super::folder::{Folder, INDEX, JOURNAL, Left};
use super::index::Index;
use super::journal::{AppendError, create_segment};
use super::replay::{Replay, ReplayError, Replayed};
use super::segment::{Place, Records, SEGMENT_HEADER, SegmentHeader, was_durable};
use super::{OpenError, Options};

/// Bytes copied at once.
const COPY: usize = 1024 * 1024;

/// What recovery found.
pub(crate) struct Recovered {
    pub(crate) index: Index,
    /// Where the next record begins.
    pub(crate) next: Place,
    /// The right edge of the log's tree there.
    pub(crate) frontier: Frontier,
    /// How many records were applied to the index.
    pub(crate) replayed: u64,
}

impl Recovered {
    fn new(index: Index, replayed: Replayed) -> Self {
        Self {
            index,
            next: replayed.next,
            frontier: replayed.frontier,
            replayed: replayed.records,
        }
    }
}

/// Checks the journal, repairs its end if the last stop was unclean, and brings the index up to it.
pub(crate) fn recover(
    folder: &Folder,
    disk: &dyn Disk,
    options: &Options,
) -> Result<Recovered, OpenError> {
    let journal = folder.path(JOURNAL);
    if !folder.has_format()? {
        begin(folder, disk, &journal)?;
    }
    let left = folder.left();
    let headers = segment_headers(disk, &journal)?;
    let tail = *headers
        .last()
        .expect("segment_headers refuses an empty journal");
    let end = match left {
        Left::Closed { segment, length } => {
            check_closed_end(disk, &journal, &tail, segment, length)?;
            None
        }
        _ => Some(repair_tail(disk, &journal, &tail)?),
    };
    folder
        .write_running()
        .map_err(|e| OpenError::io(&folder.path("STATE"), &e))?;

    let trusted = matches!(
        left,
        Left::Closed { .. } | Left::Running { same_boot: true }
    );
    let replay = Replay {
        disk,
        journal: &journal,
        headers: &headers,
    };
    if trusted
        && let Ok((index, applied)) = Index::open(&folder.path(INDEX), options.index_cache)
        && let Some(from) = replay.resume(applied, end)?
    {
        match replay.run(&index, from) {
            Ok(replayed) => return Ok(Recovered::new(index, replayed)),
            Err(ReplayError::Journal(error)) => return Err(error),
            Err(ReplayError::Index) => {} // it disagrees with the journal: rebuild it
        }
    }
    folder.move_index_aside()?;
    let opened = Index::open(&folder.path(INDEX), options.index_cache);
    let (index, _) = opened.map_err(|e| OpenError::Index {
        reason: e.to_string(),
    })?;
    match replay.run(&index, headers[0].start()) {
        Ok(replayed) => Ok(Recovered::new(index, replayed)),
        Err(ReplayError::Journal(error)) => Err(error),
        Err(ReplayError::Index) => Err(OpenError::Index {
            reason: "the journal could not be applied to a new index".to_owned(),
        }),
    }
}

/// Initialises a folder, unless it holds records of an unknown format.
fn begin(folder: &Folder, disk: &dyn Disk, journal: &Path) -> Result<(), OpenError> {
    for (_, path) in segment_paths(journal)? {
        let length = fs::metadata(&path)
            .map_err(|e| OpenError::io(&path, &e))?
            .len();
        if length > SEGMENT_HEADER {
            return Err(OpenError::UnknownFormat {
                found: "records but no FORMAT file".into(),
            });
        }
    }
    let header = SegmentHeader {
        number: 1,
        first_sequence: 1,
        first_position: 0,
        previous_length: 0,
    };
    match create_segment(disk, journal, &header) {
        Ok(_) => folder.write_format(),
        Err(AppendError::Full) => Err(OpenError::Full {
            folder: journal.to_owned(),
        }),
        Err(AppendError::Failed(e)) => Err(OpenError::io(journal, &e)),
    }
}

/// Numbers and paths of all segments, in order.
pub(crate) fn segment_paths(journal: &Path) -> Result<Vec<(u32, PathBuf)>, OpenError> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(journal).map_err(|e| OpenError::io(journal, &e))? {
        let entry = entry.map_err(|e| OpenError::io(journal, &e))?;
        numbers.extend(
            entry
                .file_name()
                .to_str()
                .and_then(SegmentHeader::number_of),
        );
    }
    numbers.sort_unstable();
    let path = |number| (number, SegmentHeader::path(journal, number));
    Ok(numbers.into_iter().map(path).collect())
}

/// The headers of all segments: gapless from 1, each agreeing with the one before it.
fn segment_headers(disk: &dyn Disk, journal: &Path) -> Result<Vec<SegmentHeader>, OpenError> {
    let mut headers: Vec<SegmentHeader> = Vec::new();
    let mut previous_length = 0;
    for (number, path) in segment_paths(journal)? {
        let file = disk.open(&path).map_err(|e| OpenError::io(&path, &e))?;
        let header = SegmentHeader::read(&*file, &path, number)?;
        let expected = headers.last().map_or(1, |last| last.number + 1);
        if number != expected {
            let missing = SegmentHeader::path(journal, expected);
            return Err(OpenError::corrupt(&missing, 0, "this segment is missing"));
        }
        if header.previous_length != previous_length {
            let shorter = SegmentHeader::path(journal, number - 1);
            let what = "the segment does not have the length it was completed with";
            return Err(OpenError::corrupt(&shorter, previous_length, what));
        }
        previous_length = file.length().map_err(|e| OpenError::io(&path, &e))?;
        headers.push(header);
    }
    if headers.is_empty() {
        let first = SegmentHeader::path(journal, 1);
        return Err(OpenError::corrupt(&first, 0, "this segment is missing"));
    }
    Ok(headers)
}

/// After an orderly end the last segment is exactly as it was left.
fn check_closed_end(
    disk: &dyn Disk,
    journal: &Path,
    tail: &SegmentHeader,
    segment: u32,
    length: u64,
) -> Result<(), OpenError> {
    let path = SegmentHeader::path(journal, tail.number);
    let file = disk.open(&path).map_err(|e| OpenError::io(&path, &e))?;
    let actual = file.length().map_err(|e| OpenError::io(&path, &e))?;
    if (tail.number, actual) != (segment, length) {
        let what = "the journal does not end where it was closed";
        return Err(OpenError::corrupt(&path, actual.min(length), what));
    }
    Ok(())
}

/// Finds the end of the good records in the last segment and rewrites the file up to there.
fn repair_tail(disk: &dyn Disk, journal: &Path, tail: &SegmentHeader) -> Result<Place, OpenError> {
    let path = SegmentHeader::path(journal, tail.number);
    let file = disk.open(&path).map_err(|e| OpenError::io(&path, &e))?;
    let mut records = Records::new(&*file, &path, tail.start())?;
    while records.next()?.is_some() {}
    let end = records.place();
    if !records.at_end() && was_durable(&*file, &path, end)? {
        return Err(OpenError::corrupt(
            &path,
            end.offset,
            "a durable record is damaged",
        ));
    }
    let new = path.with_extension("new");
    copy(disk, &*file, &new, end.offset).map_err(|e| OpenError::io(&new, &e))?;
    let renamed = disk
        .rename(&new, &path)
        .and_then(|()| disk.sync_folder(journal));
    renamed.map_err(|e| OpenError::io(&path, &e))?;
    Ok(end)
}

fn copy(disk: &dyn Disk, from: &dyn DiskFile, to: &Path, length: u64) -> std::io::Result<()> {
    let copy = disk.create(to)?;
    let mut buffer = vec![0; COPY];
    let mut offset = 0;
    while offset < length {
        let left = usize::try_from(length - offset).unwrap_or(COPY);
        let piece = &mut buffer[..left.min(COPY)];
        from.read_exact_at(piece, offset)?;
        copy.write_all_at(piece, offset)?;
        offset += piece.len() as u64;
    }
    copy.sync_data()
}
