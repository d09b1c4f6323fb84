//! Where vaults are, and which an owner has.
//!
//! Invariant: an owner's list names exactly the vaults that have this owner, oldest first. Absent:
//! sealed bytes, which stay in the journal.

use postfach_crypto::ids::{Address, VaultId, VaultVersion};

use super::{Changes, Index, IndexError, Location, OWNED, VAULT, key};
use crate::list::take;

/// Where a vault's bytes are, and whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VaultEntry {
    pub(crate) owner: Address,
    pub(crate) version: VaultVersion,
    pub(crate) sealed: Location,
}

impl Index {
    pub(crate) fn vault(&self, id: &VaultId) -> Result<Option<VaultEntry>, IndexError> {
        self.read(&key(VAULT, &[&id.0]), "vault", VaultEntry::decode)
    }

    pub(crate) fn vaults_of(&self, owner: &Address) -> Result<Vec<VaultId>, IndexError> {
        let ids = self.read(&key(OWNED, &[&owner.0]), "owner", |value| {
            let (ids, rest) = value.as_chunks::<32>();
            rest.is_empty()
                .then(|| ids.iter().map(|id| VaultId(*id)).collect())
        })?;
        Ok(ids.unwrap_or_default())
    }
}

impl Changes {
    /// Sets where a vault is, or that there is none.
    pub(crate) fn vault(&mut self, id: &VaultId, entry: Option<&VaultEntry>) {
        let key = key(VAULT, &[&id.0]);
        match entry {
            Some(entry) => self.0.insert(key, entry.encode()),
            None => self.0.remove(key),
        }
    }

    /// Sets which vaults an owner has.
    pub(crate) fn vaults_of(&mut self, owner: &Address, ids: &[VaultId]) {
        let key = key(OWNED, &[&owner.0]);
        match ids {
            [] => self.0.remove(key),
            ids => (self.0).insert(key, ids.iter().flat_map(|id| id.0).collect::<Vec<u8>>()),
        }
    }
}

impl VaultEntry {
    fn encode(&self) -> Vec<u8> {
        [&self.owner.0[..], &self.version.0, &self.sealed.encode()].concat()
    }

    fn decode(value: &[u8]) -> Option<Self> {
        let (owner, rest) = take(value)?;
        let (version, rest) = take(rest)?;
        Some(Self {
            owner: Address(owner),
            version: VaultVersion(version),
            sealed: Location::decode(rest)?,
        })
    }
}
