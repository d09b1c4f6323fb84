//! One transaction as one journal record, byte for byte.
//!
//! Invariant: [`parse_body`] accepts exactly what [`encode`] writes, consumes every byte, and
//! yields the same [`Plan`]; so applying a record while running and replaying it later are one
//! code path. All integers are big-endian. Specification: docs/format/journal.md, "Records".

use bytes::{BufMut, Bytes};
use postfach_crypto::ids::{
    Address, LeafHash, PayloadHash, StatementHash, TreeHash, UploadId, VaultId, VaultVersion,
};
use postfach_crypto::tlog::tree::leaf_hash;

use crate::list::{List, take};
use crate::transaction::{
    MAX_AGE_HEADER, MAX_APPENDS, MAX_INLINE_PAYLOAD, MAX_PARTS, MAX_STATEMENT, MAX_STATEMENTS,
    MAX_TRANSACTION, NewPayload, Transaction,
};
use crate::vault::{MAX_VAULT, VaultChange, VaultStep};

/// Length of a record's header.
pub(crate) const HEADER: usize = 36;
/// Longest body: the largest transaction with its lists and lengths.
pub(crate) const MAX_BODY: usize = MAX_TRANSACTION + 1024 * 1024;
/// The only kind so far.
const KIND_TRANSACTION: u8 = 1;

const PAYLOAD_INLINE: u8 = 0;
const PAYLOAD_UPLOAD: u8 = 1;

const VAULT_CREATE: u8 = 0;
const VAULT_REPLACE: u8 = 1;
const VAULT_DELETE: u8 = 2;

/// What stands before each body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Length of the body in bytes.
    pub(crate) length: u32,
    /// CRC32C over everything but itself.
    pub(crate) crc: u32,
    /// Number of the record; the first is 1, without gaps.
    pub(crate) sequence: u64,
    /// The last record that was durable when this one was written.
    pub(crate) durable: u64,
    /// Log position of the record's first statement.
    pub(crate) position: u64,
}

/// What a record adds, with the place of each piece inside its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) statements: Vec<PlannedStatement>,
    pub(crate) appends: Vec<(List, StatementHash)>,
    pub(crate) parts: Vec<PlannedPart>,
    pub(crate) vault: Option<PlannedVault>,
}

/// Bytes inside a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) offset: u32,
    pub(crate) length: u32,
    pub(crate) crc: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedStatement {
    pub(crate) hash: StatementHash,
    /// The log's entry.
    pub(crate) leaf: LeafHash,
    /// The entry as a leaf of the log's tree.
    pub(crate) tree_leaf: TreeHash,
    pub(crate) span: Span,
}

impl PlannedStatement {
    fn new(hash: StatementHash, bytes: &[u8], span: Span) -> Self {
        let leaf = LeafHash::of(bytes);
        let tree_leaf = leaf_hash(&leaf);
        Self {
            hash,
            leaf,
            tree_leaf,
            span,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedPart {
    pub(crate) header: StatementHash,
    pub(crate) index: u32,
    pub(crate) age_header: Span,
    pub(crate) payload: PlannedPayload,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlannedPayload {
    Inline(Span),
    Upload(TakenUpload),
}

/// An upload as a part's record names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TakenUpload {
    pub(crate) owner: Address,
    pub(crate) id: UploadId,
    pub(crate) length: u64,
    pub(crate) hash: PayloadHash,
}

/// What happens to a vault: from `before`, where there was one, to `after`, unless it is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedVault {
    pub(crate) id: VaultId,
    pub(crate) owner: Address,
    pub(crate) before: Option<VaultVersion>,
    pub(crate) after: Option<(VaultVersion, Span)>,
}

/// Encodes a checked transaction. `hashes` are its statements' hashes.
pub(crate) fn encode(tx: &Transaction, hashes: &[StatementHash]) -> (Bytes, Plan) {
    let mut body = Vec::with_capacity(body_length(tx));
    body.put_u16(count(tx.statements.len()));
    let statements = tx.statements.iter().zip(hashes);
    let statements = statements
        .map(|(bytes, hash)| PlannedStatement::new(*hash, bytes, put_bytes(&mut body, bytes)))
        .collect();
    body.put_u16(count(tx.appends.len()));
    for (list, statement) in &tx.appends {
        list.write_name(&mut body);
        body.put_slice(&statement.0);
    }
    body.put_u16(count(tx.parts.len()));
    let mut parts = Vec::with_capacity(tx.parts.len());
    for part in &tx.parts {
        body.put_slice(&part.header.0);
        body.put_u32(part.index);
        let age_header = put_bytes(&mut body, &part.age_header);
        let payload = match &part.payload {
            NewPayload::Inline(bytes) => {
                body.put_u8(PAYLOAD_INLINE);
                PlannedPayload::Inline(put_bytes(&mut body, bytes))
            }
            NewPayload::Upload {
                owner,
                id,
                length,
                hash,
            } => {
                let length = *length;
                body.put_u8(PAYLOAD_UPLOAD);
                body.put_slice(&owner.0);
                body.put_slice(&id.0);
                body.put_u64(length);
                body.put_slice(&hash.0);
                let (owner, id, hash) = (*owner, *id, *hash);
                PlannedPayload::Upload(TakenUpload {
                    owner,
                    id,
                    length,
                    hash,
                })
            }
        };
        let (header, index) = (part.header, part.index);
        parts.push(PlannedPart {
            header,
            index,
            age_header,
            payload,
        });
    }
    let vault = tx.vault.as_ref().map(|change| put_vault(&mut body, change));
    let appends = tx.appends.clone();
    (
        body.into(),
        Plan {
            statements,
            appends,
            parts,
            vault,
        },
    )
}

/// Reads a body back; `None` when it is not exactly what [`encode`] writes.
pub(crate) fn parse_body(body: &[u8]) -> Option<Plan> {
    let mut cursor = Cursor { body, rest: body };
    let statements = cursor.list(MAX_STATEMENTS, |cursor| {
        let (bytes, span) = cursor.bytes(MAX_STATEMENT)?;
        Some(PlannedStatement::new(StatementHash::of(bytes), bytes, span))
    })?;
    let appends = cursor.list(MAX_APPENDS, |cursor| {
        let (list, rest) = List::read_name(cursor.rest)?;
        cursor.rest = rest;
        Some((list, StatementHash(cursor.array()?)))
    })?;
    let parts = cursor.list(MAX_PARTS, |cursor| {
        let header = StatementHash(cursor.array()?);
        let index = u32::from_be_bytes(cursor.array()?);
        let (_, age_header) = cursor.bytes(MAX_AGE_HEADER)?;
        let payload = match cursor.array::<1>()? {
            [PAYLOAD_INLINE] => PlannedPayload::Inline(cursor.bytes(MAX_INLINE_PAYLOAD)?.1),
            [PAYLOAD_UPLOAD] => PlannedPayload::Upload(TakenUpload {
                owner: Address(cursor.array()?),
                id: UploadId(cursor.array()?),
                length: u64::from_be_bytes(cursor.array()?),
                hash: PayloadHash(cursor.array()?),
            }),
            _ => return None,
        };
        Some(PlannedPart {
            header,
            index,
            age_header,
            payload,
        })
    })?;
    let vault = match cursor.rest {
        [] => None,
        _ => Some(cursor.vault()?),
    };
    cursor.rest.is_empty().then_some(Plan {
        statements,
        appends,
        parts,
        vault,
    })
}

/// Appends a whole record to a group; returns its checksum.
pub(crate) fn put_record(
    out: &mut Vec<u8>,
    sequence: u64,
    durable: u64,
    position: u64,
    body: &[u8],
) -> u32 {
    let start = out.len();
    out.put_u32(u32::try_from(body.len()).expect("limits keep bodies below MAX_BODY"));
    out.put_u32(0);
    out.put_u8(KIND_TRANSACTION);
    out.put_slice(&[0; 3]);
    out.put_u64(sequence);
    out.put_u64(durable);
    out.put_u64(position);
    out.put_slice(body);
    let crc = crc(&out[start..]);
    out[start + 4..start + 8].copy_from_slice(&crc.to_be_bytes());
    crc
}

/// Reads a header; `None` when no record can begin with these bytes.
pub(crate) fn parse_header(bytes: &[u8; HEADER]) -> Option<Header> {
    let (length, rest) = take(bytes)?;
    let (crc, rest) = take(rest)?;
    let (kind, rest) = take::<4>(rest)?;
    let (sequence, rest) = take(rest)?;
    let (durable, rest) = take(rest)?;
    let (position, _) = take(rest)?;
    let header = Header {
        length: u32::from_be_bytes(length),
        crc: u32::from_be_bytes(crc),
        sequence: u64::from_be_bytes(sequence),
        durable: u64::from_be_bytes(durable),
        position: u64::from_be_bytes(position),
    };
    let plausible = kind == [KIND_TRANSACTION, 0, 0, 0]
        && header.length as usize <= MAX_BODY
        && header.durable < header.sequence;
    plausible.then_some(header)
}

/// The checksum of a whole record: CRC32C over all its bytes but the checksum's own.
pub(crate) fn crc(record: &[u8]) -> u32 {
    let (length, rest) = record.split_at(4);
    crc32c::crc32c_append(crc32c::crc32c(length), &rest[4..])
}

fn body_length(tx: &Transaction) -> usize {
    let statements: usize = tx.statements.iter().map(|bytes| 4 + bytes.len()).sum();
    let appends = tx.appends.len() * (List::MAX_NAME + 32);
    let parts = tx.parts.iter().map(|part| match &part.payload {
        NewPayload::Inline(payload) => 45 + part.age_header.len() + payload.len(),
        NewPayload::Upload { .. } => 129 + part.age_header.len(),
    });
    let vault = tx.vault.as_ref().map_or(0, |change| {
        101 + change.step.sealed().map_or(0, |sealed| sealed.len())
    });
    6 + statements + appends + parts.sum::<usize>() + vault
}

fn count(items: usize) -> u16 {
    u16::try_from(items).expect("Transaction::check keeps every count below 65536")
}

fn put_vault(body: &mut Vec<u8>, change: &VaultChange) -> PlannedVault {
    body.put_slice(&change.id.0);
    body.put_slice(&change.owner.0);
    body.put_u8(match change.step {
        VaultStep::Create { .. } => VAULT_CREATE,
        VaultStep::Replace { .. } => VAULT_REPLACE,
        VaultStep::Delete { .. } => VAULT_DELETE,
    });
    let before = change.step.before();
    if let Some(before) = before {
        body.put_slice(&before.0);
    }
    let after = change
        .step
        .sealed()
        .map(|sealed| (VaultVersion::of(sealed), put_bytes(body, sealed)));
    PlannedVault {
        id: change.id,
        owner: change.owner,
        before,
        after,
    }
}

fn put_bytes(body: &mut Vec<u8>, bytes: &[u8]) -> Span {
    let small = |n| u32::try_from(n).expect("Transaction::check keeps lengths below MAX_BODY");
    body.put_u32(small(bytes.len()));
    let offset = small(body.len());
    body.put_slice(bytes);
    Span {
        offset,
        length: small(bytes.len()),
        crc: crc32c::crc32c(bytes),
    }
}

struct Cursor<'a> {
    body: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = take(self.rest)?;
        self.rest = rest;
        Some(bytes)
    }

    fn bytes(&mut self, limit: usize) -> Option<(&'a [u8], Span)> {
        let length = u32::from_be_bytes(self.array()?);
        let offset = u32::try_from(self.body.len() - self.rest.len()).ok()?;
        if length as usize > limit {
            return None;
        }
        let (bytes, rest) = self.rest.split_at_checked(length as usize)?;
        self.rest = rest;
        Some((
            bytes,
            Span {
                offset,
                length,
                crc: crc32c::crc32c(bytes),
            },
        ))
    }

    fn vault(&mut self) -> Option<PlannedVault> {
        let id = VaultId(self.array()?);
        let owner = Address(self.array()?);
        let [step] = self.array()?;
        let before = match step {
            VAULT_CREATE => None,
            VAULT_REPLACE | VAULT_DELETE => Some(VaultVersion(self.array()?)),
            _ => return None,
        };
        let after = match step {
            VAULT_DELETE => None,
            _ => {
                let (sealed, span) = self.bytes(MAX_VAULT)?;
                (!sealed.is_empty()).then_some(())?;
                Some((VaultVersion::of(sealed), span))
            }
        };
        Some(PlannedVault {
            id,
            owner,
            before,
            after,
        })
    }

    fn list<T>(
        &mut self,
        limit: usize,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = u16::from_be_bytes(self.array()?);
        if usize::from(count) > limit {
            return None;
        }
        (0..count).map(|_| item(self)).collect()
    }
}
