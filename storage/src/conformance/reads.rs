//! What reads promise: heads, pages, log order.

use postfach_crypto::ids::{CodeId, EnvelopeId, LeafHash};

use super::{address, append, commit, hash, statement};
use crate::list::{List, ListHead};
use crate::store::{MAX_ENTRIES, Store};
use crate::transaction::Transaction;

/// Heads count and chain the entries, in the commit's answer and in reads alike.
pub async fn heads_chain_entries(store: &dyn Store) {
    let (a, b) = (List::Record(address(1)), List::Record(address(2)));
    let transaction = Transaction {
        statements: vec![statement(0), statement(1)],
        appends: vec![(a, hash(0)), (b, hash(1)), (a, hash(1)), (a, hash(1))],
        ..Transaction::default()
    };
    let committed = commit(store, transaction).await;
    let head_a = ListHead::EMPTY
        .append(&hash(0))
        .append(&hash(1))
        .append(&hash(1));
    let head_b = ListHead::EMPTY.append(&hash(1));
    assert_eq!(committed.heads, vec![(a, head_a), (b, head_b)]);
    assert_eq!(store.head(&a).await, Ok(head_a));
    assert_eq!(store.head(&b).await, Ok(head_b));
    let committed = commit(store, append(a, 2)).await;
    assert_eq!(committed.heads, vec![(a, head_a.append(&hash(2)))]);
    assert_eq!(store.head(&a).await, Ok(head_a.append(&hash(2))));
}

/// Pages are gapless, ordered, bounded, and empty at the end.
pub async fn entries_come_in_pages(store: &dyn Store) {
    let list = List::Sent(address(1));
    let mut all = Vec::new();
    for n in 0..40 {
        let numbers: Vec<u32> = (n * 60..n * 60 + 60).collect();
        let new: Vec<_> = numbers.iter().map(|n| hash(*n)).collect();
        commit(
            store,
            Transaction {
                statements: numbers.iter().map(|n| statement(*n)).collect(),
                appends: new.iter().map(|hash| (list, *hash)).collect(),
                ..Transaction::default()
            },
        )
        .await;
        all.extend(new);
    }
    assert_eq!(store.entries(&list, 0, 0).await, Ok(vec![]));
    assert_eq!(
        store.entries(&list, 255, 3).await,
        Ok(all[255..258].to_vec())
    );
    assert_eq!(
        store.entries(&list, 0, usize::MAX).await,
        Ok(all[..MAX_ENTRIES].to_vec())
    );
    assert_eq!(
        store.entries(&list, 2390, 100).await,
        Ok(all[2390..].to_vec())
    );
    for beyond in [2400, u64::MAX] {
        assert_eq!(store.entries(&list, beyond, 100).await, Ok(vec![]));
    }
    let mut paged = Vec::new();
    while let Ok(page) = store.entries(&list, paged.len() as u64, 7).await
        && !page.is_empty()
    {
        paged.extend(page);
    }
    assert_eq!(paged, all);
}

/// Every kind of list, and every value of its fields, is a list of its own.
pub async fn lists_are_separate(store: &dyn Store) {
    let (a, b) = (address(1), address(2));
    let lists = [
        List::Party(a),
        List::Party(b),
        List::Relation(a, None),
        List::Relation(a, Some(a)),
        List::Relation(a, Some(b)),
        List::Relation(b, Some(a)),
        List::Mailbox(a),
        List::Sent(a),
        List::Record(a),
        List::Envelope(hash(0)),
        List::Answer(hash(0)),
        List::EnvelopeId(a, EnvelopeId([1; 16])),
        List::EnvelopeId(a, EnvelopeId([2; 16])),
        List::Code(a, CodeId([1; 16])),
        List::Claims(a),
        List::Stream(a, [1; 32], b),
        List::Stream(a, [2; 32], b),
        List::Stream(b, [1; 32], a),
        List::Certificates,
        List::Delegations,
    ];
    for (n, list) in (0..).zip(lists) {
        let mut transaction = append(list, n);
        transaction.expect = vec![(list, 0)];
        commit(store, transaction).await;
    }
    for (n, list) in (0..).zip(lists) {
        assert_eq!(
            store.entries(&list, 0, 10).await,
            Ok(vec![hash(n)]),
            "{list:?}"
        );
        assert_eq!(
            store.head(&list).await,
            Ok(ListHead::EMPTY.append(&hash(n)))
        );
    }
}

/// Leaves follow the log, whatever the pages.
pub async fn leaves_come_in_log_order(store: &dyn Store) {
    for n in 0..300 {
        commit(store, append(List::Delegations, n)).await;
    }
    let all: Vec<LeafHash> = (0..300).map(|n| LeafHash::of(&statement(n))).collect();
    assert_eq!(store.leaves(0, usize::MAX).await, Ok(all.clone()));
    assert_eq!(store.leaves(254, 4).await, Ok(all[254..258].to_vec()));
    assert_eq!(store.leaves(299, 4).await, Ok(all[299..].to_vec()));
    assert_eq!(store.leaves(5, 0).await, Ok(vec![]));
    for beyond in [300, u64::MAX] {
        assert_eq!(store.leaves(beyond, 4).await, Ok(vec![]));
    }
}

/// What was never stored is absent, not an error.
pub async fn unknown_things_are_none(store: &dyn Store) {
    commit(store, append(List::Delegations, 1)).await;
    assert_eq!(store.statement(&hash(2)).await, Ok(None));
    assert_eq!(store.head(&List::Certificates).await, Ok(ListHead::EMPTY));
    assert_eq!(store.entries(&List::Certificates, 0, 10).await, Ok(vec![]));
    assert_eq!(store.part(&hash(1), 0).await, Ok(None));
    assert!(matches!(store.payload(&hash(1), 0, 0..1).await, Ok(None)));
    assert_eq!(store.failure(), None);
}
