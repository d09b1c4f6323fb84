//! What a commit promises: order, preconditions, all or nothing, limits.

use bytes::Bytes;
use postfach_crypto::ids::PayloadHash;
use postfach_crypto::tlog::TreeHead;

use super::{address, append, commit, create, hash, part, statement, upload_id};
use crate::error::CommitError;
use crate::list::{List, ListHead};
use crate::store::{Store, StoredStatement};
use crate::transaction::{
    MAX_AGE_HEADER, MAX_APPENDS, MAX_INLINE_PAYLOAD, MAX_PARTS, MAX_STATEMENT, MAX_STATEMENTS,
    MAX_TRANSACTION, NewPart, NewPayload, Transaction,
};

/// Statements get gapless positions in order of commit, visible as soon as it resolves.
pub async fn positions_follow_commits(store: &dyn Store) {
    assert_eq!(store.tree_head().await, Ok(TreeHead::EMPTY));
    let mut expected = 0;
    for size in [1, 3, 0, 2] {
        let numbers: Vec<u32> = (expected..expected + size).collect();
        let transaction = Transaction {
            statements: numbers.iter().map(|n| statement(*n)).collect(),
            appends: vec![(List::Certificates, hash(0))],
            ..Transaction::default()
        };
        let committed = commit(store, transaction).await;
        assert_eq!(committed.first, u64::from(expected));
        expected += size;
        assert_eq!(
            store.tree_head().await.map(|log| log.size),
            Ok(u64::from(expected))
        );
        for n in numbers {
            let stored = StoredStatement {
                bytes: statement(n),
                position: u64::from(n),
            };
            assert_eq!(store.statement(&hash(n)).await, Ok(Some(stored)));
        }
    }
}

/// A precondition holds only for exactly the number of entries before the transaction.
pub async fn preconditions_count_entries(store: &dyn Store) {
    let list = List::Party(address(1));
    for n in 0..3u64 {
        for wrong in [n.wrapping_sub(1), n + 1, u64::MAX] {
            let mut transaction = append(list, 100);
            transaction.expect = vec![(list, wrong)];
            let refused = store.commit(transaction).await;
            assert_eq!(refused, Err(CommitError::Conflict { list }));
        }
        let number = u32::try_from(n).expect("small");
        let mut transaction = append(list, number);
        transaction.expect = vec![(list, n), (List::Delegations, 0)];
        let committed = commit(store, transaction).await;
        assert_eq!(committed.heads[0].1.count, n + 1);
    }
    let mut both = append(list, 100);
    both.expect = vec![(list, 3), (list, 4)];
    assert_eq!(
        store.commit(both).await,
        Err(CommitError::Conflict { list })
    );
}

/// A statement is stored once; repeating it says so.
pub async fn duplicates_are_refused(store: &dyn Store) {
    commit(store, append(List::Delegations, 1)).await;
    let duplicate = CommitError::Duplicate { statement: hash(1) };
    let again = store.commit(append(List::Certificates, 1)).await;
    assert_eq!(again, Err(duplicate.clone()));
    let with_new = Transaction {
        statements: vec![statement(2), statement(1)],
        ..Transaction::default()
    };
    assert_eq!(store.commit(with_new).await, Err(duplicate));
    let twice = Transaction {
        statements: vec![statement(3), statement(3)],
        ..Transaction::default()
    };
    let duplicate = CommitError::Duplicate { statement: hash(3) };
    assert_eq!(store.commit(twice).await, Err(duplicate));
    assert_eq!(store.tree_head().await.map(|log| log.size), Ok(1));
}

/// List entries name statements of earlier transactions or of this one, never unknown ones.
pub async fn entries_name_stored_statements(store: &dyn Store) {
    commit(store, append(List::Delegations, 1)).await;
    let mut transaction = append(List::Certificates, 2);
    transaction.appends.push((List::Certificates, hash(1)));
    let committed = commit(store, transaction).await;
    assert_eq!(committed.heads.len(), 1);
    assert_eq!(committed.heads[0].1.count, 2);
    let mut transaction = append(List::Certificates, 3);
    transaction.appends.push((List::Certificates, hash(4)));
    let unknown = CommitError::UnknownStatement { statement: hash(4) };
    assert_eq!(store.commit(transaction).await, Err(unknown));
}

/// A refused transaction changes nothing: no statement, entry, part, position or upload.
pub async fn refused_transactions_leave_nothing(store: &dyn Store) {
    let (owner, id) = (address(1), upload_id(1));
    let bytes = Bytes::from_static(b"payload");
    create(store, &owner, &id, 7).await.expect("a new upload");
    store
        .append_upload(&owner, &id, 0, bytes.clone())
        .await
        .expect("all of it");
    let list = List::Mailbox(address(2));
    let hash_of_upload = PayloadHash::of(&bytes);
    let mut transaction = part(
        1,
        NewPayload::Upload {
            owner,
            id,
            length: 7,
            hash: hash_of_upload,
        },
    );
    transaction.appends = vec![(list, hash(1)), (List::Sent(owner), hash(1))];
    transaction.expect = vec![(list, 0), (List::Sent(owner), 1)];
    let refused = store.commit(transaction.clone()).await;
    assert_eq!(
        refused,
        Err(CommitError::Conflict {
            list: List::Sent(owner)
        })
    );

    assert_eq!(store.tree_head().await, Ok(TreeHead::EMPTY));
    assert_eq!(store.statement(&hash(1)).await, Ok(None));
    assert_eq!(store.head(&list).await, Ok(ListHead::EMPTY));
    assert_eq!(store.entries(&list, 0, 10).await, Ok(vec![]));
    assert_eq!(store.leaves(0, 10).await, Ok(vec![]));
    assert_eq!(store.part(&hash(1), 0).await, Ok(None));
    assert_eq!(
        store
            .upload(&owner, &id)
            .await
            .map(|status| status.taken_by),
        Ok(None)
    );

    transaction.expect.clear();
    assert_eq!(commit(store, transaction).await.first, 0);
}

/// Every limit is enforced where it says, and not one below.
pub async fn limits_are_named(store: &dyn Store) {
    let too_large = |what, limit| Err(CommitError::TooLarge { what, limit });
    assert_eq!(
        store.commit(Transaction::default()).await,
        Err(CommitError::Empty)
    );
    let long = |length| Transaction {
        statements: vec![vec![1; length].into()],
        ..Transaction::default()
    };
    let refused = store.commit(long(MAX_STATEMENT + 1)).await;
    assert_eq!(refused, too_large("statement bytes", MAX_STATEMENT));
    assert_eq!(commit(store, long(MAX_STATEMENT)).await.first, 0);

    let many = |count: usize| Transaction {
        statements: (0..count)
            .map(|n| statement(u32::try_from(n).expect("small")))
            .collect(),
        ..Transaction::default()
    };
    let refused = store.commit(many(MAX_STATEMENTS + 1)).await;
    assert_eq!(refused, too_large("statements", MAX_STATEMENTS));
    assert_eq!(commit(store, many(MAX_STATEMENTS)).await.first, 1);

    let entries = |count| Transaction {
        appends: vec![(List::Certificates, hash(0)); count],
        ..Transaction::default()
    };
    let refused = store.commit(entries(MAX_APPENDS + 1)).await;
    assert_eq!(refused, too_large("appends", MAX_APPENDS));
    assert_eq!(
        commit(store, entries(MAX_APPENDS)).await.heads[0].1.count,
        1024
    );
    let mut expecting = entries(1);
    expecting.expect = vec![(List::Delegations, 0); MAX_APPENDS + 1];
    assert_eq!(
        store.commit(expecting).await,
        too_large("preconditions", MAX_APPENDS)
    );

    let inline = |n, length| part(n, NewPayload::Inline(vec![0; length].into()));
    let refused = store.commit(inline(1000, MAX_INLINE_PAYLOAD + 1)).await;
    assert_eq!(
        refused,
        too_large("inline payload bytes", MAX_INLINE_PAYLOAD)
    );
    commit(store, inline(1000, MAX_INLINE_PAYLOAD)).await;
    let mut header = inline(1001, 0);
    header.parts[0].age_header = vec![0; MAX_AGE_HEADER + 1].into();
    assert_eq!(
        store.commit(header).await,
        too_large("age header bytes", MAX_AGE_HEADER)
    );

    let parts = |n, count, length: usize| Transaction {
        statements: vec![statement(n)],
        parts: (0..count)
            .map(|index| NewPart {
                header: hash(n),
                index,
                age_header: Bytes::from_static(b"h"),
                payload: NewPayload::Inline(vec![0; length].into()),
            })
            .collect(),
        ..Transaction::default()
    };
    let most = u32::try_from(MAX_PARTS).expect("small");
    assert_eq!(
        store.commit(parts(1002, most + 1, 1)).await,
        too_large("parts", MAX_PARTS)
    );
    commit(store, parts(1002, most, 1)).await;
    let refused = store.commit(parts(1003, 128, MAX_INLINE_PAYLOAD)).await;
    assert_eq!(refused, too_large("transaction bytes", MAX_TRANSACTION));
    commit(store, parts(1003, 127, MAX_INLINE_PAYLOAD)).await;
}

/// The first failing check is the answer: shape, preconditions, new, known, uploads.
pub async fn checks_have_one_order(store: &dyn Store) {
    commit(store, append(List::Delegations, 1)).await;
    let (owner, id) = (address(1), upload_id(1));
    let hash_of_upload = PayloadHash([0; 32]);
    let mut transaction = part(
        1,
        NewPayload::Upload {
            owner,
            id,
            length: 1,
            hash: hash_of_upload,
        },
    );
    transaction.appends = vec![(List::Certificates, hash(9))];
    transaction.expect = vec![(List::Delegations, 0)];
    let mut stray = transaction.clone();
    stray.parts[0].header = hash(5);
    let (header, index) = (hash(5), 0);
    assert_eq!(
        store.commit(stray).await,
        Err(CommitError::StrayPart { header, index })
    );
    let list = List::Delegations;
    assert_eq!(
        store.commit(transaction.clone()).await,
        Err(CommitError::Conflict { list })
    );
    transaction.expect.clear();
    let duplicate = CommitError::Duplicate { statement: hash(1) };
    assert_eq!(store.commit(transaction.clone()).await, Err(duplicate));
    transaction.statements = vec![statement(2)];
    transaction.parts[0].header = hash(2);
    let unknown = CommitError::UnknownStatement { statement: hash(9) };
    assert_eq!(store.commit(transaction.clone()).await, Err(unknown));
    transaction.appends.clear();
    assert_eq!(
        store.commit(transaction).await,
        Err(CommitError::UnknownUpload { id })
    );
}
