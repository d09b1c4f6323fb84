//! Vaults: sealed bytes under an id, each with an owner and a version; the one thing that is replaced.
//!
//! Invariant: a change names the version that it replaces, or that there was none, and is refused
//! where that is not so at the commit point. No vault has a place in the log. Absent: keys, meaning
//! of the bytes, who may read. Specification: docs/format/vault.md, "Record".

use bytes::Bytes;
use postfach_crypto::ids::{Address, VaultId, VaultVersion};

/// Most sealed bytes of one vault.
pub const MAX_VAULT: usize = 1024 * 1024;
/// Most vaults of one owner.
pub const MAX_VAULTS: usize = 64;

/// A stored vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVault {
    /// Who may write it.
    pub owner: Address,
    /// Names its bytes.
    pub version: VaultVersion,
    /// What it holds.
    pub sealed: Bytes,
}

/// What a transaction does to one vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultChange {
    /// Which vault.
    pub id: VaultId,
    /// Its owner; another owner's vault is not changed.
    pub owner: Address,
    /// What happens to it.
    pub step: VaultStep,
}

/// What happens to a vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultStep {
    /// There was none.
    Create {
        /// What it will hold; 1 to [`MAX_VAULT`] bytes.
        sealed: Bytes,
    },
    /// It holds other bytes from now on.
    Replace {
        /// The version that it has.
        before: VaultVersion,
        /// What it will hold; 1 to [`MAX_VAULT`] bytes.
        sealed: Bytes,
    },
    /// It is gone.
    Delete {
        /// The version that it has.
        before: VaultVersion,
    },
}

impl VaultStep {
    /// The version presupposed; `None` where there must be no vault.
    pub fn before(&self) -> Option<VaultVersion> {
        match self {
            VaultStep::Create { .. } => None,
            VaultStep::Replace { before, .. } | VaultStep::Delete { before } => Some(*before),
        }
    }

    /// The new bytes, unless it is deleted.
    pub fn sealed(&self) -> Option<&Bytes> {
        match self {
            VaultStep::Create { sealed } | VaultStep::Replace { sealed, .. } => Some(sealed),
            VaultStep::Delete { .. } => None,
        }
    }
}
