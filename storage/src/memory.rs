//! The obviously correct model: everything in maps behind one lock, nothing durable.
//!
//! The conformance suite runs against it, and property tests compare other backends with it.
//! Invariant: each method is the plainest reading of its documentation in [`crate::store`].
//! Absent: durability, bounds on memory, speed.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use postfach_crypto::ids::{
    Address, LeafHash, PayloadHash, StatementHash, TreeHash, UnixMillis, UploadId, VaultId,
    VaultVersion,
};
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{Frontier, Growth, Tile, TreeHead};

use crate::error::{CommitError, ReadError, UploadError};
use crate::list::{List, ListHead};
use crate::store::{
    Expired, MAX_ENTRIES, MAX_LEAVES, PayloadStream, Store, StoredPart, StoredStatement,
    UPLOAD_CHUNK, UploadQuota, UploadStatus, check_append, check_create, check_quota, check_range,
};
use crate::transaction::{Committed, NewPayload, Transaction};
use crate::vault::{MAX_VAULTS, StoredVault, VaultChange};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    log: Vec<Bytes>,
    positions: HashMap<StatementHash, usize>,
    lists: HashMap<List, Vec<StatementHash>>,
    parts: BTreeMap<(StatementHash, u32), (Bytes, Bytes)>,
    uploads: HashMap<(Address, UploadId), Upload>,
    /// Vaults in the order in which they were created.
    vaults: Vec<(VaultId, StoredVault)>,
}

#[derive(Debug)]
struct Upload {
    length: u64,
    created: UnixMillis,
    bytes: Vec<u8>,
    taken_by: Option<StatementHash>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> Result<MutexGuard<'_, State>, ReadError> {
        let state = self.lock();
        if state.stopped {
            Err(ReadError::Stopped)
        } else {
            Ok(state)
        }
    }

    fn uploads(&self) -> Result<MutexGuard<'_, State>, UploadError> {
        let state = self.lock();
        if state.stopped {
            Err(UploadError::Stopped)
        } else {
            Ok(state)
        }
    }
}

impl State {
    fn entries(&self, list: &List) -> &[StatementHash] {
        self.lists.get(list).map_or(&[], Vec::as_slice)
    }

    fn head(&self, list: &List) -> ListHead {
        let entries = self.entries(list).iter();
        entries.fold(ListHead::EMPTY, |head, entry| head.append(entry))
    }

    fn upload(&self, owner: &Address, id: &UploadId) -> Result<&Upload, UploadError> {
        self.uploads.get(&(*owner, *id)).ok_or(UploadError::Unknown)
    }

    /// The upload that a new part wants to take.
    fn offered(
        &self,
        owner: &Address,
        id: &UploadId,
        length: u64,
        hash: &PayloadHash,
    ) -> Result<&Upload, CommitError> {
        let id = *id;
        let upload = self
            .upload(owner, &id)
            .map_err(|_| CommitError::UnknownUpload { id })?;
        if upload.taken_by.is_some() {
            return Err(CommitError::UploadTaken { id });
        }
        if upload.length != length {
            return Err(CommitError::LengthMismatch { id });
        }
        if upload.status().received != upload.length {
            return Err(CommitError::IncompleteUpload { id });
        }
        if PayloadHash::of(&upload.bytes) != *hash {
            return Err(CommitError::PayloadMismatch { id });
        }
        Ok(upload)
    }

    /// Everything that can refuse a transaction, before anything changes.
    fn check(&self, tx: &Transaction, new: &[StatementHash]) -> Result<(), CommitError> {
        for (list, count) in &tx.expect {
            if self.entries(list).len() as u64 != *count {
                return Err(CommitError::Conflict { list: *list });
            }
        }
        for statement in new {
            if self.positions.contains_key(statement) {
                return Err(CommitError::Duplicate {
                    statement: *statement,
                });
            }
        }
        for (_, statement) in &tx.appends {
            if !self.positions.contains_key(statement) && !new.contains(statement) {
                return Err(CommitError::UnknownStatement {
                    statement: *statement,
                });
            }
        }
        if let Some(change) = &tx.vault {
            self.check_vault(change)?;
        }
        for part in &tx.parts {
            if let NewPayload::Upload {
                owner,
                id,
                length,
                hash,
            } = &part.payload
            {
                self.offered(owner, id, *length, hash)?;
            }
        }
        Ok(())
    }

    fn vault(&self, id: &VaultId) -> Option<&StoredVault> {
        let found = self.vaults.iter().find(|(other, _)| other == id);
        found.map(|(_, vault)| vault)
    }

    fn vaults_of(&self, owner: &Address) -> Vec<(VaultId, VaultVersion)> {
        let vaults = self.vaults.iter();
        let owned = vaults.filter(|(_, vault)| vault.owner == *owner);
        owned.map(|(id, vault)| (*id, vault.version)).collect()
    }

    fn check_vault(&self, change: &VaultChange) -> Result<(), CommitError> {
        let found = self.vault(&change.id);
        let fits = found.map(|vault| vault.version) == change.step.before()
            && found.is_none_or(|vault| vault.owner == change.owner);
        if !fits {
            return Err(CommitError::VaultChanged);
        }
        if found.is_none() && self.vaults_of(&change.owner).len() >= MAX_VAULTS {
            return Err(CommitError::TooManyVaults { limit: MAX_VAULTS });
        }
        Ok(())
    }

    fn apply_vault(&mut self, change: &VaultChange) {
        let place = self.vaults.iter().position(|(id, _)| *id == change.id);
        let new = change.step.sealed().map(|sealed| StoredVault {
            owner: change.owner,
            version: VaultVersion::of(sealed),
            sealed: sealed.clone(),
        });
        match (place, new) {
            (Some(place), Some(vault)) => self.vaults[place].1 = vault,
            (None, Some(vault)) => self.vaults.push((change.id, vault)),
            (Some(place), None) => drop(self.vaults.remove(place)),
            (None, None) => {}
        }
    }

    fn apply(&mut self, tx: Transaction, new: &[StatementHash]) -> Committed {
        let first = self.log.len();
        let before = self.tree().frontier();
        let leaves: Vec<_> = (tx.statements.iter().map(|bytes| LeafHash::of(bytes)))
            .map(|entry| leaf_hash(&entry))
            .collect();
        let growth = before.grow(&leaves);
        for (bytes, hash) in tx.statements.into_iter().zip(new) {
            self.positions.insert(*hash, self.log.len());
            self.log.push(bytes);
        }
        let mut lists: Vec<List> = Vec::new();
        for (list, statement) in tx.appends {
            self.lists.entry(list).or_default().push(statement);
            if !lists.contains(&list) {
                lists.push(list);
            }
        }
        if let Some(change) = &tx.vault {
            self.apply_vault(change);
        }
        for part in tx.parts {
            let payload = match part.payload {
                NewPayload::Inline(payload) => payload,
                NewPayload::Upload { owner, id, .. } => {
                    let upload = self.uploads.get_mut(&(owner, id));
                    let upload = upload.expect("check found every upload, under the same lock");
                    upload.taken_by = Some(part.header);
                    Bytes::copy_from_slice(&upload.bytes)
                }
            };
            self.parts
                .insert((part.header, part.index), (part.age_header, payload));
        }
        Committed {
            first: first as u64,
            heads: lists.iter().map(|list| (*list, self.head(list))).collect(),
            log: growth.head(),
            proofs: (first as u64..growth.head().size)
                .filter_map(|position| growth.inclusion_proof(position))
                .collect(),
        }
    }

    /// The log's tree, grown from nothing.
    fn tree(&self) -> Growth {
        let leaves: Vec<_> = (self.log.iter().map(|bytes| LeafHash::of(bytes)))
            .map(|entry| leaf_hash(&entry))
            .collect();
        Frontier::EMPTY.grow(&leaves)
    }
}

impl Upload {
    fn status(&self) -> UploadStatus {
        UploadStatus {
            length: self.length,
            received: self.bytes.len() as u64,
            taken_by: self.taken_by,
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, transaction: Transaction) -> Result<Committed, CommitError> {
        let new = transaction.check()?;
        let mut state = self.lock();
        if state.stopped {
            return Err(CommitError::Stopped);
        }
        state.check(&transaction, &new)?;
        Ok(state.apply(transaction, &new))
    }

    async fn statement(&self, hash: &StatementHash) -> Result<Option<StoredStatement>, ReadError> {
        let state = self.read()?;
        Ok(state.positions.get(hash).map(|&position| StoredStatement {
            bytes: state.log[position].clone(),
            position: position as u64,
        }))
    }

    async fn head(&self, list: &List) -> Result<ListHead, ReadError> {
        Ok(self.read()?.head(list))
    }

    async fn entries(
        &self,
        list: &List,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StatementHash>, ReadError> {
        let state = self.read()?;
        let entries = state.entries(list).iter().copied();
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(entries.skip(after).take(limit.min(MAX_ENTRIES)).collect())
    }

    async fn tree_head(&self) -> Result<TreeHead, ReadError> {
        Ok(self.read()?.tree().head())
    }

    async fn tile(&self, tile: Tile) -> Result<Option<Vec<TreeHash>>, ReadError> {
        let tree = self.read()?.tree();
        let hashes: Option<Vec<_>> = tile.nodes().map(|node| tree.node(node)).collect();
        Ok(hashes.filter(|hashes| hashes.len() == usize::from(tile.width)))
    }

    async fn leaves(&self, from: u64, limit: usize) -> Result<Vec<LeafHash>, ReadError> {
        let state = self.read()?;
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let log = state.log.iter().skip(from).take(limit.min(MAX_LEAVES));
        Ok(log.map(|bytes| LeafHash::of(bytes)).collect())
    }

    async fn part(
        &self,
        header: &StatementHash,
        index: u32,
    ) -> Result<Option<StoredPart>, ReadError> {
        let state = self.read()?;
        let part = state.parts.get(&(*header, index));
        Ok(part.map(|(age_header, payload)| StoredPart {
            age_header: age_header.clone(),
            payload_length: payload.len() as u64,
        }))
    }

    async fn payload(
        &self,
        header: &StatementHash,
        index: u32,
        range: Range<u64>,
    ) -> Result<Option<PayloadStream>, ReadError> {
        let state = self.read()?;
        let Some((_, payload)) = state.parts.get(&(*header, index)) else {
            return Ok(None);
        };
        check_range(&range, payload.len() as u64)?;
        let to_index = |at| usize::try_from(at).expect("within a length in memory, as checked");
        let mut rest = payload.slice(to_index(range.start)..to_index(range.end));
        let piece = to_index(UPLOAD_CHUNK);
        let pieces = std::iter::from_fn(move || {
            let next = rest.split_to(rest.len().min(piece));
            (!next.is_empty()).then_some(Ok(next))
        });
        Ok(Some(Box::pin(stream::iter(pieces))))
    }

    async fn vault(&self, id: &VaultId) -> Result<Option<StoredVault>, ReadError> {
        Ok(self.read()?.vault(id).cloned())
    }

    async fn vaults(&self, owner: &Address) -> Result<Vec<(VaultId, VaultVersion)>, ReadError> {
        Ok(self.read()?.vaults_of(owner))
    }

    async fn create_upload(
        &self,
        owner: &Address,
        id: &UploadId,
        length: u64,
        now: UnixMillis,
        quota: &UploadQuota,
    ) -> Result<UploadStatus, UploadError> {
        let mut state = self.uploads()?;
        let existing = state.upload(owner, id).ok().map(|upload| upload.length);
        check_create(existing, length)?;
        if existing.is_none() {
            let uploads = state.uploads.iter();
            let open = uploads.filter(|((of, _), upload)| of == owner && upload.taken_by.is_none());
            check_quota(open.map(|(_, upload)| upload.length), length, quota)?;
        }
        let upload = state.uploads.entry((*owner, *id)).or_insert(Upload {
            length,
            created: now,
            bytes: Vec::new(),
            taken_by: None,
        });
        Ok(upload.status())
    }

    async fn append_upload(
        &self,
        owner: &Address,
        id: &UploadId,
        offset: u64,
        bytes: Bytes,
    ) -> Result<UploadStatus, UploadError> {
        let mut state = self.uploads()?;
        let upload = state
            .uploads
            .get_mut(&(*owner, *id))
            .ok_or(UploadError::Unknown)?;
        check_append(&upload.status(), offset, bytes.len())?;
        upload.bytes.extend_from_slice(&bytes);
        Ok(upload.status())
    }

    async fn upload(&self, owner: &Address, id: &UploadId) -> Result<UploadStatus, UploadError> {
        Ok(self.uploads()?.upload(owner, id)?.status())
    }

    async fn upload_hash(
        &self,
        owner: &Address,
        id: &UploadId,
    ) -> Result<PayloadHash, UploadError> {
        let state = self.uploads()?;
        let upload = state.upload(owner, id)?;
        let received = upload.status().received;
        if received != upload.length {
            return Err(UploadError::Incomplete { received });
        }
        Ok(PayloadHash::of(&upload.bytes))
    }

    async fn discard_upload(&self, owner: &Address, id: &UploadId) -> Result<(), UploadError> {
        let mut state = self.uploads()?;
        if state.upload(owner, id)?.taken_by.is_some() {
            return Err(UploadError::Taken);
        }
        state.uploads.remove(&(*owner, *id));
        Ok(())
    }

    async fn expire_uploads(
        &self,
        before: UnixMillis,
        limit: usize,
    ) -> Result<Expired, UploadError> {
        let mut state = self.uploads()?;
        let uploads = state.uploads.iter();
        let expired: Vec<_> = uploads
            .filter(|(_, upload)| upload.taken_by.is_none() && upload.created < before)
            .map(|(key, _)| *key)
            .take(limit)
            .collect();
        for key in &expired {
            state.uploads.remove(key);
        }
        Ok(Expired {
            discarded: expired.len(),
            failed: 0,
        })
    }

    fn failure(&self) -> Option<String> {
        None
    }

    async fn close(&self) {
        self.lock().stopped = true;
    }
}
