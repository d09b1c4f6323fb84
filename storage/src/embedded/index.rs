//! The sled index: where everything in the journal is, and the state of every list.
//!
//! Invariants: one sled batch holds what a group of records adds and the mark of the last one, so
//! the index is always the journal up to some record; it is derived data and may be thrown away
//! at any time. sled is known to panic on damaged files, so every call catches that. Absent:
//! statement bytes and payloads. Only here and below is sled named. Keys and values:
//! docs/format/journal.md, section "Index".

mod log;
mod vault;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use postfach_crypto::ids::{Address, ChainHash, StatementHash, UploadId};
use sled::{Batch, Config, Db, Mode};

pub(crate) use self::vault::VaultEntry;
use super::record::{PlannedPart, PlannedPayload, PlannedStatement, TakenUpload};
use super::segment::Place;
use crate::list::{List, ListHead, take};

/// First byte of every key, by what it leads to.
const APPLIED: u8 = 0;
const STATEMENT: u8 = 1;
const LEAF: u8 = 2;
const LIST: u8 = 3;
const PAGE: u8 = 4;
const PART: u8 = 5;
const TAKEN: u8 = 6;
const NODE: u8 = 7;
const VAULT: u8 = 8;
const OWNED: u8 = 9;

/// Entries in a full page of a list; those after the last full page stand beside its head, so
/// that appending to a list, short or long, writes one value.
const PAGE_ENTRIES: usize = 32;

/// Changes when keys or values change; another one means: rebuild.
const LAYOUT: u8 = 2;

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

/// A list's head, and its entries after the last full page.
#[derive(Debug, Clone)]
pub(crate) struct ListState {
    pub(crate) head: ListHead,
    tail: Vec<StatementHash>,
}

impl Default for ListState {
    fn default() -> Self {
        Self {
            head: ListHead::EMPTY,
            tail: Vec::new(),
        }
    }
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

    /// A list's head and the entries after its last full page.
    pub(crate) fn list(&self, list: &List) -> Result<ListState, IndexError> {
        let state = self.read(&list_key(LIST, list), "list", ListState::decode)?;
        Ok(state.unwrap_or_default())
    }

    pub(crate) fn entries(
        &self,
        list: &List,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StatementHash>, IndexError> {
        let state = self.list(list)?;
        let end = state.head.count.min(after.saturating_add(limit as u64));
        let mut entries = Vec::new();
        let mut at = after;
        while at < end {
            let (number, skip) = (at / PAGE_ENTRIES as u64, at % PAGE_ENTRIES as u64);
            let take = (end - at).min(PAGE_ENTRIES as u64 - skip);
            let page = if number == state.head.count / PAGE_ENTRIES as u64 {
                state.tail.clone()
            } else {
                let page = self.read(&page_key(list, number), "page", decode_entries)?;
                page.ok_or_else(|| malformed("list without page"))?
            };
            let skip = usize::try_from(skip).expect("less than PAGE_ENTRIES");
            let take = usize::try_from(take).expect("at most PAGE_ENTRIES");
            entries.extend_from_slice(&page[skip..skip + take]);
            at += take as u64;
        }
        Ok(entries)
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
}

impl Changes {
    pub(crate) fn statement(&mut self, new: &PlannedStatement, position: u64, at: Location) {
        let value = [&position.to_be_bytes()[..], &at.encode()].concat();
        self.0.insert(key(STATEMENT, &[&new.hash.0]), value);
    }

    /// Appends to a list whose state is `state`.
    pub(crate) fn append(&mut self, list: &List, state: &mut ListState, entry: &StatementHash) {
        state.tail.push(*entry);
        if state.tail.len() == PAGE_ENTRIES {
            let number = state.head.count / PAGE_ENTRIES as u64;
            let page: Vec<u8> = state.tail.drain(..).flat_map(|entry| entry.0).collect();
            self.0.insert(page_key(list, number), page);
        }
        state.head = state.head.append(entry);
    }

    /// Sets a list's state after all appends.
    pub(crate) fn list(&mut self, list: &List, state: &ListState) {
        self.0.insert(list_key(LIST, list), state.encode());
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

impl ListState {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(40 + 32 * self.tail.len());
        out.extend_from_slice(&self.head.count.to_be_bytes());
        out.extend_from_slice(&self.head.last.0);
        out.extend(self.tail.iter().flat_map(|entry| entry.0));
        out
    }

    fn decode(value: &[u8]) -> Option<Self> {
        let (count, rest) = take(value)?;
        let (last, rest) = take(rest)?;
        let head = ListHead {
            count: u64::from_be_bytes(count),
            last: ChainHash(last),
        };
        let tail = decode_entries(rest)?;
        let fits = tail.len() as u64 == head.count % PAGE_ENTRIES as u64;
        fits.then_some(Self { head, tail })
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

fn page_key(list: &List, number: u64) -> Vec<u8> {
    let mut key = list_key(PAGE, list);
    key.extend_from_slice(&number.to_be_bytes());
    key
}

fn decode_entries(bytes: &[u8]) -> Option<Vec<StatementHash>> {
    let (entries, rest) = bytes.as_chunks::<32>();
    rest.is_empty()
        .then(|| entries.iter().map(|entry| StatementHash(*entry)).collect())
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
