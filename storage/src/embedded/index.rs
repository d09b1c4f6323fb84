//! The sled index: where everything in the journal is, and the state of every list.
//!
//! Invariants: one sled batch holds what a group of records adds and the mark of the last one, so
//! the index is always the journal up to some record; it is derived data and may be thrown away
//! at any time. sled is known to panic on damaged files, so every call catches that. Absent:
//! statement bytes and payloads. This is the only module that names sled. Keys and values:
//! docs/format/journal.md, section "Index".

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use postfach_crypto::ids::{Address, ChainHash, LeafHash, StatementHash, UploadId};
use sled::{Batch, Config, Db, Mode};

use super::record::{PlannedPart, PlannedPayload, PlannedStatement, TakenUpload};
use super::segment::Place;
use crate::list::{List, ListHead, take};

/// First byte of every key, by what it leads to.
const APPLIED: u8 = 0;
const STATEMENT: u8 = 1;
const LEAF: u8 = 2;
const HEAD: u8 = 3;
const ENTRY: u8 = 4;
const PART: u8 = 5;
const TAKEN: u8 = 6;

/// Changes when keys or values change; another one means: rebuild.
const LAYOUT: u8 = 1;

/// The index could not be read or written, or holds what it should not.
#[derive(Debug, Clone, thiserror::Error)]
#[error("index: {0}")]
pub(crate) struct IndexError(String);

/// Bytes in a segment file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) segment: u32,
    pub(crate) offset: u32,
    pub(crate) length: u32,
    /// CRC32C of the bytes.
    pub(crate) crc: u32,
}

/// The last record in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Where the last record begins, with its numbers.
    pub(crate) last: Place,
    /// Its checksum in the journal.
    pub(crate) crc: u32,
    /// Where the next record will begin, with its numbers.
    pub(crate) next: Place,
}

/// Where a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartEntry {
    pub(crate) age_header: Location,
    pub(crate) payload: PayloadEntry,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayloadEntry {
    Inline(Location),
    Upload {
        owner: Address,
        id: UploadId,
        length: u64,
    },
}

/// The open index.
#[derive(Debug)]
pub(crate) struct Index {
    db: Db,
}

/// What a group of records adds to the index.
#[derive(Debug, Default)]
pub(crate) struct Changes(Batch);

impl Index {
    /// Opens or creates the index, and reads its mark.
    pub(crate) fn open(path: &Path, cache: u64) -> Result<(Self, Option<Applied>), IndexError> {
        caught(|| {
            let config = Config::new().path(path).cache_capacity(cache);
            // Durability comes from the journal: no periodic flush.
            let config = config.flush_every_ms(None).mode(Mode::HighThroughput);
            let index = Self { db: config.open()? };
            let mark = index.db.get([APPLIED])?;
            Ok((index, mark))
        })
        .and_then(|(index, mark)| match mark {
            None if index.db.is_empty() => Ok((index, None)),
            None => Err(malformed("mark")),
            Some(mark) => {
                let applied = Applied::decode(&mark).ok_or_else(|| malformed("mark"))?;
                Ok((index, Some(applied)))
            }
        })
    }

    /// Adds a group of records whole.
    pub(crate) fn apply(&self, changes: Changes, applied: &Applied) -> Result<(), IndexError> {
        let mut batch = changes.0;
        batch.insert(&[APPLIED], applied.encode());
        caught(|| self.db.apply_batch(batch))
    }

    /// Writes out everything; the caller syncs the files.
    pub(crate) fn flush(&self) -> Result<(), IndexError> {
        caught(|| self.db.flush().map(drop))
    }

    /// A statement's log position and place.
    pub(crate) fn statement(
        &self,
        hash: &StatementHash,
    ) -> Result<Option<(u64, Location)>, IndexError> {
        self.read(&key(STATEMENT, &[&hash.0]), "statement", |value| {
            let (position, rest) = take(value)?;
            Some((u64::from_be_bytes(position), Location::decode(rest)?))
        })
    }

    /// Whether a statement is stored.
    pub(crate) fn has_statement(&self, hash: &StatementHash) -> Result<bool, IndexError> {
        caught(|| self.db.contains_key(key(STATEMENT, &[&hash.0])))
    }

    pub(crate) fn leaves(&self, from: u64, limit: usize) -> Result<Vec<LeafHash>, IndexError> {
        let start = key(LEAF, &[&from.to_be_bytes()]);
        self.range(start, &[LEAF], limit, |value| {
            <[u8; 32]>::try_from(value).ok().map(LeafHash)
        })
    }

    pub(crate) fn head(&self, list: &List) -> Result<ListHead, IndexError> {
        let head = self.read(&list_key(HEAD, list), "head", |value| {
            let (count, rest) = take(value)?;
            Some(ListHead {
                count: u64::from_be_bytes(count),
                last: ChainHash(rest.try_into().ok()?),
            })
        })?;
        Ok(head.unwrap_or(ListHead::EMPTY))
    }

    pub(crate) fn entries(
        &self,
        list: &List,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StatementHash>, IndexError> {
        let prefix = list_key(ENTRY, list);
        let mut start = prefix.clone();
        start.extend_from_slice(&after.to_be_bytes());
        self.range(start, &prefix, limit, |value| {
            <[u8; 32]>::try_from(value).ok().map(StatementHash)
        })
    }

    pub(crate) fn part(
        &self,
        header: &StatementHash,
        index: u32,
    ) -> Result<Option<PartEntry>, IndexError> {
        let key = key(PART, &[&header.0, &index.to_be_bytes()]);
        self.read(&key, "part", PartEntry::decode)
    }

    /// The envelope that took an upload.
    pub(crate) fn taken_by(
        &self,
        owner: &Address,
        id: &UploadId,
    ) -> Result<Option<StatementHash>, IndexError> {
        self.read(&key(TAKEN, &[&owner.0, &id.0]), "upload", |value| {
            value.try_into().ok().map(StatementHash)
        })
    }

    fn read<T>(
        &self,
        key: &[u8],
        what: &'static str,
        decode: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, IndexError> {
        match caught(|| self.db.get(key))? {
            None => Ok(None),
            Some(value) => decode(&value).map(Some).ok_or_else(|| malformed(what)),
        }
    }

    /// Values from `start` on, as long as keys begin with `prefix`.
    fn range<T>(
        &self,
        start: Vec<u8>,
        prefix: &[u8],
        limit: usize,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Vec<T>, IndexError> {
        let mut values = Vec::new();
        caught(|| {
            for item in self.db.range(start..).take(limit) {
                let (key, value) = item?;
                if !key.starts_with(prefix) {
                    break;
                }
                values.push(decode(&value));
            }
            Ok(())
        })?;
        let decoded: Option<Vec<T>> = values.into_iter().collect();
        decoded.ok_or_else(|| malformed("range"))
    }
}

impl Changes {
    pub(crate) fn statement(&mut self, new: &PlannedStatement, position: u64, at: Location) {
        let value = [&position.to_be_bytes()[..], &at.encode()].concat();
        self.0.insert(key(STATEMENT, &[&new.hash.0]), value);
        self.0
            .insert(key(LEAF, &[&position.to_be_bytes()]), &new.leaf.0);
    }

    pub(crate) fn entry(&mut self, list: &List, number: u64, entry: &StatementHash) {
        let mut key = list_key(ENTRY, list);
        key.extend_from_slice(&number.to_be_bytes());
        self.0.insert(key, &entry.0);
    }

    pub(crate) fn head(&mut self, list: &List, head: &ListHead) {
        let value = [&head.count.to_be_bytes()[..], &head.last.0].concat();
        self.0.insert(list_key(HEAD, list), value);
    }

    pub(crate) fn part(&mut self, part: &PlannedPart, age_header: Location, payload: Location) {
        let key_of_part = key(PART, &[&part.header.0, &part.index.to_be_bytes()]);
        let mut value = age_header.encode().to_vec();
        match &part.payload {
            PlannedPayload::Inline(_) => {
                value.push(0);
                value.extend_from_slice(&payload.encode());
            }
            PlannedPayload::Upload(TakenUpload {
                owner, id, length, ..
            }) => {
                value.push(1);
                value.extend_from_slice(&owner.0);
                value.extend_from_slice(&id.0);
                value.extend_from_slice(&length.to_be_bytes());
                self.0
                    .insert(key(TAKEN, &[&owner.0, &id.0]), &part.header.0);
            }
        }
        self.0.insert(key_of_part, value);
    }
}

impl PartEntry {
    fn decode(value: &[u8]) -> Option<Self> {
        let (age_header, rest) = value.split_at_checked(16)?;
        let age_header = Location::decode(age_header)?;
        let payload = match rest.split_first()? {
            (0, rest) => PayloadEntry::Inline(Location::decode(rest)?),
            (1, rest) => {
                let (owner, rest) = take(rest)?;
                let (id, rest) = take(rest)?;
                let length = u64::from_be_bytes(rest.try_into().ok()?);
                PayloadEntry::Upload {
                    owner: Address(owner),
                    id: UploadId(id),
                    length,
                }
            }
            _ => return None,
        };
        Some(Self {
            age_header,
            payload,
        })
    }
}

impl Location {
    fn encode(self) -> [u8; 16] {
        let mut out = [0; 16];
        for (field, number) in
            out.chunks_exact_mut(4)
                .zip([self.segment, self.offset, self.length, self.crc])
        {
            field.copy_from_slice(&number.to_be_bytes());
        }
        out
    }

    fn decode(value: &[u8]) -> Option<Self> {
        let (segment, rest) = take(value)?;
        let (offset, rest) = take(rest)?;
        let (length, rest) = take(rest)?;
        let (crc, rest) = take(rest)?;
        rest.is_empty().then_some(Self {
            segment: u32::from_be_bytes(segment),
            offset: u32::from_be_bytes(offset),
            length: u32::from_be_bytes(length),
            crc: u32::from_be_bytes(crc),
        })
    }
}

impl Applied {
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![LAYOUT];
        for place in [&self.last, &self.next] {
            out.extend_from_slice(&place.segment.to_be_bytes());
            out.extend_from_slice(&place.offset.to_be_bytes());
            out.extend_from_slice(&place.sequence.to_be_bytes());
            out.extend_from_slice(&place.position.to_be_bytes());
        }
        out.extend_from_slice(&self.crc.to_be_bytes());
        let check = crc32c::crc32c(&out);
        out.extend_from_slice(&check.to_be_bytes());
        out
    }

    fn decode(value: &[u8]) -> Option<Self> {
        let rest = value.strip_prefix(&[LAYOUT])?;
        let (last, rest) = decode_place(rest)?;
        let (next, rest) = decode_place(rest)?;
        let (crc, _) = take(rest)?;
        let applied = Self {
            last,
            next,
            crc: u32::from_be_bytes(crc),
        };
        (applied.encode() == value).then_some(applied)
    }
}

fn decode_place(bytes: &[u8]) -> Option<(Place, &[u8])> {
    let (segment, rest) = take(bytes)?;
    let (offset, rest) = take(rest)?;
    let (sequence, rest) = take(rest)?;
    let (position, rest) = take(rest)?;
    let place = Place {
        segment: u32::from_be_bytes(segment),
        offset: u64::from_be_bytes(offset),
        sequence: u64::from_be_bytes(sequence),
        position: u64::from_be_bytes(position),
    };
    Some((place, rest))
}

fn key(kind: u8, fields: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + fields.iter().map(|field| field.len()).sum::<usize>());
    key.push(kind);
    for field in fields {
        key.extend_from_slice(field);
    }
    key
}

fn list_key(kind: u8, list: &List) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + List::MAX_NAME + 8);
    key.push(kind);
    list.write_name(&mut key);
    key
}

fn malformed(what: &str) -> IndexError {
    IndexError(format!("malformed {what}"))
}

/// Turns sled's errors and panics into one error.
fn caught<T>(call: impl FnOnce() -> sled::Result<T>) -> Result<T, IndexError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(IndexError(error.to_string())),
        Err(_) => Err(IndexError("sled panicked".to_owned())),
    }
}
