//! What vaults promise: versions, owners, limits, and nothing in the log.

use bytes::Bytes;
use postfach_crypto::ids::{Address, VaultId, VaultVersion};
use postfach_crypto::tlog::TreeHead;

use super::{address, append, commit, hash, pattern};
use crate::error::CommitError;
use crate::list::List;
use crate::store::Store;
use crate::transaction::Transaction;
use crate::vault::{MAX_VAULT, MAX_VAULTS, StoredVault, VaultChange, VaultStep};

/// A distinct vault for each number.
pub fn vault_id(n: u8) -> VaultId {
    VaultId([n; 32])
}

/// A transaction that does this to a vault, and nothing else.
pub fn change(owner: Address, id: VaultId, step: VaultStep) -> Transaction {
    let vault = Some(VaultChange { id, owner, step });
    Transaction {
        vault,
        ..Transaction::default()
    }
}

fn create(owner: u8, id: VaultId, sealed: &Bytes) -> Transaction {
    let sealed = sealed.clone();
    change(address(owner), id, VaultStep::Create { sealed })
}

fn replace(owner: u8, id: VaultId, before: &Bytes, sealed: &Bytes) -> Transaction {
    let (before, sealed) = (VaultVersion::of(before), sealed.clone());
    change(address(owner), id, VaultStep::Replace { before, sealed })
}

fn delete(owner: u8, id: VaultId, before: &Bytes) -> Transaction {
    let before = VaultVersion::of(before);
    change(address(owner), id, VaultStep::Delete { before })
}

/// A vault is created once, changed by who knows its version, and gone when it is deleted.
pub async fn a_vault_changes_by_its_version(store: &dyn Store) {
    let (one, two, other) = (pattern(300, 1), pattern(MAX_VAULT, 2), pattern(5, 3));
    let id = vault_id(1);
    assert_eq!(store.vault(&id).await, Ok(None));
    let refused = |transaction| async {
        let refused = store.commit(transaction).await;
        assert_eq!(refused, Err(CommitError::VaultChanged));
    };
    let holds = |sealed: Bytes| async move {
        let stored = StoredVault {
            owner: address(1),
            version: VaultVersion::of(&sealed),
            sealed,
        };
        assert_eq!(store.vault(&id).await, Ok(Some(stored)));
    };
    refused(replace(1, id, &one, &two)).await;
    refused(delete(1, id, &one)).await;
    commit(store, create(1, id, &one)).await;
    holds(one.clone()).await;
    refused(create(1, id, &two)).await;
    refused(replace(1, id, &other, &two)).await;
    refused(delete(1, id, &other)).await;
    holds(one.clone()).await;
    commit(store, replace(1, id, &one, &two)).await;
    holds(two.clone()).await;
    refused(replace(1, id, &one, &other)).await;
    commit(store, delete(1, id, &two)).await;
    assert_eq!(store.vault(&id).await, Ok(None));
    assert_eq!(store.vaults(&address(1)).await, Ok(vec![]));
    refused(replace(1, id, &two, &other)).await;
    commit(store, create(1, id, &one)).await;
    holds(one).await;
    assert_eq!(store.tree_head().await, Ok(TreeHead::EMPTY));
}

/// Nobody changes another owner's vault, whatever they know of it.
pub async fn a_vault_is_its_owners(store: &dyn Store) {
    let (one, two) = (pattern(10, 1), pattern(10, 2));
    let id = vault_id(1);
    commit(store, create(1, id, &one)).await;
    for foreign in [
        create(2, id, &two),
        replace(2, id, &one, &two),
        delete(2, id, &one),
    ] {
        let refused = store.commit(foreign).await;
        assert_eq!(refused, Err(CommitError::VaultChanged));
    }
    commit(store, create(2, vault_id(2), &two)).await;
    assert_eq!(
        store.vaults(&address(1)).await,
        Ok(vec![(id, VaultVersion::of(&one))])
    );
    assert_eq!(
        store.vaults(&address(2)).await,
        Ok(vec![(vault_id(2), VaultVersion::of(&two))])
    );
}

/// Vaults have a largest size and an owner a largest number of them; one that goes makes room.
pub async fn vaults_are_limited(store: &dyn Store) {
    let sealed = pattern(3, 1);
    let empty = store.commit(create(1, vault_id(1), &Bytes::new())).await;
    assert_eq!(empty, Err(CommitError::Empty));
    let long = pattern(MAX_VAULT + 1, 1);
    let (what, limit) = ("sealed bytes", MAX_VAULT);
    let refused = store.commit(create(1, vault_id(1), &long)).await;
    assert_eq!(refused, Err(CommitError::TooLarge { what, limit }));
    let ids: Vec<_> = (0..=MAX_VAULTS)
        .map(|n| vault_id(u8::try_from(n).expect("small")))
        .collect();
    for id in &ids[..MAX_VAULTS] {
        commit(store, create(1, *id, &sealed)).await;
    }
    let one_more = || create(1, ids[MAX_VAULTS], &sealed);
    let limit = MAX_VAULTS;
    let refused = store.commit(one_more()).await;
    assert_eq!(refused, Err(CommitError::TooManyVaults { limit }));
    commit(store, replace(1, ids[0], &sealed, &pattern(4, 4))).await;
    commit(store, delete(1, ids[1], &sealed)).await;
    commit(store, one_more()).await;
    let left: Vec<_> = ids.iter().copied().filter(|id| *id != ids[1]).collect();
    let found = store.vaults(&address(1)).await.expect("the store reads");
    assert!(found.iter().map(|(id, _)| *id).eq(left));
}

/// A vault's change and what is committed with it happen together or not at all.
pub async fn a_vault_changes_with_its_transaction(store: &dyn Store) {
    let sealed = pattern(3, 1);
    let with_vault = |n, expected| {
        let mut transaction = append(List::Certificates, n);
        transaction.expect = vec![(List::Certificates, expected)];
        transaction.vault = create(1, vault_id(1), &sealed).vault;
        transaction
    };
    let list = List::Certificates;
    let refused = store.commit(with_vault(1, 1)).await;
    assert_eq!(refused, Err(CommitError::Conflict { list }));
    assert_eq!(store.vault(&vault_id(1)).await, Ok(None));
    commit(store, with_vault(1, 0)).await;
    assert!(matches!(store.vault(&vault_id(1)).await, Ok(Some(_))));
    let refused = store.commit(with_vault(2, 1)).await;
    assert_eq!(refused, Err(CommitError::VaultChanged));
    assert_eq!(store.statement(&hash(2)).await, Ok(None));
}
