//! Segment files: their names, their header, and reading the records in them in order.
//!
//! Invariant: [`Records`] yields only records whose checksum, number and position are right, and
//! stops where that ends. Specification: docs/format/journal.md, "Segments".

use std::path::{Path, PathBuf};

use bytes::{BufMut, Bytes, BytesMut};

use super::OpenError;
use super::disk::DiskFile;
use super::record::{self, HEADER as RECORD_HEADER, MAX_BODY, Plan};
use crate::list::take;

/// Length of a segment's header.
pub(crate) const SEGMENT_HEADER: u64 = 48;
const MAGIC: &[u8; 8] = b"PFJOURN\n";
const VERSION: u32 = 1;
/// Bytes read at once while scanning.
const READ_AHEAD: usize = 1024 * 1024;

/// What a segment begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// Number of the segment; the first is 1, without gaps.
    pub(crate) number: u32,
    /// Number of the first record in it.
    pub(crate) first_sequence: u64,
    /// Log position of the first statement in it.
    pub(crate) first_position: u64,
    /// Final length of the segment before it; 0 in the first.
    pub(crate) previous_length: u64,
}

/// A place between records: the next one begins here, with these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) segment: u32,
    pub(crate) offset: u64,
    pub(crate) sequence: u64,
    pub(crate) position: u64,
}

/// A record as the journal holds it.
pub(crate) struct Found {
    /// Its checksum.
    pub(crate) crc: u32,
    /// Length of its body in bytes.
    pub(crate) body_length: usize,
    pub(crate) plan: Plan,
}

impl SegmentHeader {
    /// The file's name inside the journal folder.
    pub(crate) fn path(folder: &Path, number: u32) -> PathBuf {
        folder.join(format!("{number:010}.journal"))
    }

    /// The number in a file's name, if it is a segment's.
    pub(crate) fn number_of(name: &str) -> Option<u32> {
        let digits = name.strip_suffix(".journal")?;
        (digits.len() == 10).then(|| digits.parse().ok()).flatten()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(48);
        out.put_slice(MAGIC);
        out.put_u32(VERSION);
        out.put_u32(0);
        out.put_u64(u64::from(self.number));
        out.put_u64(self.first_sequence);
        out.put_u64(self.first_position);
        out.put_u64(self.previous_length);
        let crc = crc32c::crc32c_append(crc32c::crc32c(&out[..12]), &out[16..]);
        out[12..16].copy_from_slice(&crc.to_be_bytes());
        out
    }

    /// Reads and checks the header of segment `number`.
    pub(crate) fn read(file: &dyn DiskFile, path: &Path, number: u32) -> Result<Self, OpenError> {
        let mut bytes = [0; 48];
        let length = file.length().map_err(|e| OpenError::io(path, &e))?;
        if length < SEGMENT_HEADER {
            return Err(OpenError::corrupt(
                path,
                length,
                "the segment header is incomplete",
            ));
        }
        file.read_exact_at(&mut bytes, 0)
            .map_err(|e| OpenError::io(path, &e))?;
        if &bytes[..8] != MAGIC {
            return Err(OpenError::corrupt(path, 0, "this is not a journal segment"));
        }
        let (version, rest) = take(&bytes[8..]).expect("48 bytes hold every field");
        let version = u32::from_be_bytes(version);
        if version != VERSION {
            return Err(OpenError::UnknownFormat {
                found: format!("journal segment version {version}"),
            });
        }
        let mut numbers = rest[4..]
            .chunks_exact(8)
            .map(|field| u64::from_be_bytes(field.try_into().expect("chunks of exactly 8 bytes")));
        let mut next = || numbers.next().expect("48 bytes hold every field");
        let header = (next(), next(), next(), next());
        let header = SegmentHeader {
            number: u32::try_from(header.0).unwrap_or(0),
            first_sequence: header.1,
            first_position: header.2,
            previous_length: header.3,
        };
        if header.encode() != bytes || header.number != number {
            return Err(OpenError::corrupt(path, 0, "the segment header is damaged"));
        }
        Ok(header)
    }

    /// Where the first record of this segment begins.
    pub(crate) fn start(&self) -> Place {
        Place {
            segment: self.number,
            offset: SEGMENT_HEADER,
            sequence: self.first_sequence,
            position: self.first_position,
        }
    }
}

/// Reads the records of one segment in order.
pub(crate) struct Records<'a> {
    window: Window<'a>,
    place: Place,
}

impl<'a> Records<'a> {
    /// Begins at `from`.
    pub(crate) fn new(
        file: &'a dyn DiskFile,
        path: &'a Path,
        from: Place,
    ) -> Result<Self, OpenError> {
        let end = file.length().map_err(|e| OpenError::io(path, &e))?;
        let window = Window {
            file,
            path,
            end,
            start: from.offset,
            bytes: Bytes::new(),
        };
        Ok(Self {
            window,
            place: from,
        })
    }

    /// Where the next record begins, or the bytes begin that are none.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Whether all bytes of the file were read as records.
    pub(crate) fn at_end(&self) -> bool {
        self.place.offset == self.window.end
    }

    /// The next record; `None` at the end of the file or before bytes that are not one.
    pub(crate) fn next(&mut self) -> Result<Option<Found>, OpenError> {
        let at = self.place;
        let Some(head) = self.window.slice(at.offset, RECORD_HEADER)? else {
            return Ok(None);
        };
        let Some(header) = head.first_chunk().and_then(record::parse_header) else {
            return Ok(None);
        };
        let length = RECORD_HEADER + header.length as usize;
        let Some(bytes) = self.window.slice(at.offset, length)? else {
            return Ok(None);
        };
        let numbers = (header.sequence, header.position);
        if record::crc(&bytes) != header.crc || numbers != (at.sequence, at.position) {
            return Ok(None);
        }
        let body = &bytes[RECORD_HEADER..];
        let Some(plan) = record::parse_body(body) else {
            let path = self.window.path;
            return Err(OpenError::corrupt(
                path,
                at.offset,
                "the record's body is malformed",
            ));
        };
        self.place.offset += length as u64;
        self.place.sequence += 1;
        self.place.position += plan.statements.len() as u64;
        Ok(Some(Found {
            crc: header.crc,
            body_length: body.len(),
            plan,
        }))
    }
}

/// Whether somewhere after a bad record lies one that was written when record `sequence` was
/// durable already; then the bad record is damage, not the torn end of an interrupted write.
pub(crate) fn was_durable(file: &dyn DiskFile, path: &Path, bad: Place) -> Result<bool, OpenError> {
    let end = file.length().map_err(|e| OpenError::io(path, &e))?;
    let length = usize::try_from(end.saturating_sub(bad.offset)).unwrap_or(usize::MAX);
    let mut rest = vec![0; length];
    file.read_exact_at(&mut rest, bad.offset)
        .map_err(|e| OpenError::io(path, &e))?;
    let proves = |start: usize| {
        let head = rest.get(start..)?.first_chunk::<RECORD_HEADER>()?;
        let header = record::parse_header(head)?;
        let record = rest.get(start..start + RECORD_HEADER + header.length as usize)?;
        (header.durable >= bad.sequence && record::crc(record) == header.crc).then_some(())
    };
    Ok((1..length).any(|start| proves(start).is_some()))
}

/// A sliding view of a file, so that scanning reads it once in large pieces.
struct Window<'a> {
    file: &'a dyn DiskFile,
    path: &'a Path,
    end: u64,
    start: u64,
    bytes: Bytes,
}

impl Window<'_> {
    /// `length` bytes at `offset`, or `None` beyond the file's end.
    fn slice(&mut self, offset: u64, length: usize) -> Result<Option<Bytes>, OpenError> {
        let left = usize::try_from(self.end.saturating_sub(offset)).unwrap_or(usize::MAX);
        if left < length || length > RECORD_HEADER + MAX_BODY {
            return Ok(None);
        }
        let begin = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        if begin
            .checked_add(length)
            .is_none_or(|end| end > self.bytes.len())
        {
            let mut bytes = BytesMut::zeroed(left.min(length.max(READ_AHEAD)));
            let read = self.file.read_exact_at(&mut bytes, offset);
            read.map_err(|e| OpenError::io(self.path, &e))?;
            self.start = offset;
            self.bytes = bytes.freeze();
            return Ok(Some(self.bytes.slice(..length)));
        }
        Ok(Some(self.bytes.slice(begin..begin + length)))
    }
}
