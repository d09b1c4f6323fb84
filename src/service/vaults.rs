//! Vaults: a mailbox's keys, sealed by its owner for other devices; the server opens none.
//!
//! Invariants: only who holds a vault's key reads it, and a wrong key is answered like an unknown id;
//! only the owner writes, naming the version that it replaces; a repeated write gets the answer of the
//! first. Absent: receipts, places in the log. Specification: docs/format/http.md, "Vaults".

use bytes::Bytes;
use postfach_crypto::ids::{Address, VaultId, VaultVersion};
use postfach_crypto::keys::VerifyingKey;
use postfach_storage::{CommitError, List, StoredVault, Transaction, VaultChange, VaultStep};

use super::{Reader, Service, ServiceError};

/// Vaults of a party that nobody has bound or certified yet: two devices, the sheet, and one spare.
pub const UNBOUND_VAULTS: usize = 4;
/// Sealed bytes of such a party's vault: what a mailbox without old keys takes, several times.
pub const UNBOUND_VAULT: usize = 16 * 1024;

/// Whether a write made a vault or changed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// There was none.
    Created,
    /// It holds other bytes now, or held these already.
    Replaced,
}

impl Service {
    /// What a vault holds, for whoever holds its key.
    pub async fn vault(
        &self,
        id: VaultId,
        key: &VerifyingKey,
    ) -> Result<StoredVault, ServiceError> {
        if VaultId::of(&key.0) != id {
            return Err(ServiceError::UnknownVault);
        }
        let found = self.store.vault(&id).await?;
        found.ok_or(ServiceError::UnknownVault)
    }

    /// An owner's vaults with their versions, oldest first.
    pub async fn vaults(
        &self,
        owner: &Reader,
    ) -> Result<Vec<(VaultId, VaultVersion)>, ServiceError> {
        Ok(self.store.vaults(&owner.address()).await?)
    }

    /// Whether a party is or was certified, so an authority.
    pub async fn is_certified(&self, party: Address) -> Result<bool, ServiceError> {
        Ok(self.store.head(&List::Certified(party)).await?.count > 0)
    }

    /// Writes a vault over the version `before`, or where there is none.
    pub async fn put_vault(
        &self,
        owner: &Reader,
        id: VaultId,
        before: Option<VaultVersion>,
        sealed: Bytes,
    ) -> Result<(VaultVersion, Written), ServiceError> {
        let version = VaultVersion::of(&sealed);
        self.check_open(owner.address()).await?;
        self.check_room_for_vault(owner, before, sealed.len())
            .await?;
        let (step, written) = match before {
            None => (VaultStep::Create { sealed }, Written::Created),
            Some(before) => (VaultStep::Replace { before, sealed }, Written::Replaced),
        };
        match self.change_vault(owner, id, step).await {
            Err(ServiceError::VaultChanged) => {
                let found = self.store.vault(&id).await?;
                let same =
                    |vault: StoredVault| vault.owner == owner.address() && vault.version == version;
                let repeated = found.is_some_and(same);
                repeated
                    .then_some((version, Written::Replaced))
                    .ok_or(ServiceError::VaultChanged)
            }
            other => other.map(|()| (version, written)),
        }
    }

    /// Deletes a vault that has the version `before`.
    pub async fn delete_vault(
        &self,
        owner: &Reader,
        id: VaultId,
        before: VaultVersion,
    ) -> Result<(), ServiceError> {
        let found = self.store.vault(&id).await?;
        if found.is_none_or(|vault| vault.owner != owner.address()) {
            return Err(ServiceError::UnknownVault);
        }
        self.change_vault(owner, id, VaultStep::Delete { before })
            .await
    }

    async fn change_vault(
        &self,
        owner: &Reader,
        id: VaultId,
        step: VaultStep,
    ) -> Result<(), ServiceError> {
        let owner = owner.address();
        let transaction = Transaction {
            vault: Some(VaultChange { id, owner, step }),
            ..Transaction::default()
        };
        // Commit point.
        match self.store.commit(transaction).await {
            Ok(_) => Ok(()),
            Err(CommitError::VaultChanged) => Err(ServiceError::VaultChanged),
            Err(CommitError::TooManyVaults { .. }) => Err(ServiceError::TooManyVaults),
            Err(error) => Err(ServiceError::Commit(error)),
        }
    }

    /// Parties register without anybody's leave, so that alone gives little room on the disk.
    async fn check_room_for_vault(
        &self,
        owner: &Reader,
        before: Option<VaultVersion>,
        length: usize,
    ) -> Result<(), ServiceError> {
        let party = owner.address();
        for list in [List::Bindings(party), List::Certified(party)] {
            if self.store.head(&list).await?.count > 0 {
                return Ok(());
            }
        }
        if length > UNBOUND_VAULT {
            let (what, limit) = ("sealed bytes", UNBOUND_VAULT);
            return Err(ServiceError::Commit(CommitError::TooLarge { what, limit }));
        }
        if before.is_none() && self.store.vaults(&party).await?.len() >= UNBOUND_VAULTS {
            return Err(ServiceError::TooManyVaults);
        }
        Ok(())
    }
}
