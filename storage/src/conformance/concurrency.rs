//! What holds when many commit at once.

use std::sync::Arc;

use postfach_crypto::ids::PayloadHash;
use tokio::task::JoinSet;

use super::uploads::upload_all;
use super::{address, append, create, hash, part, pattern, statement, upload_id};
use crate::error::{CommitError, ReadError, UploadError};
use crate::list::List;
use crate::store::Store;
use crate::transaction::{Committed, NewPayload, Transaction};

const COMMITTERS: u32 = 64;

async fn all_at_once(
    store: &Arc<dyn Store>,
    transaction: impl Fn(u32) -> Transaction,
) -> Vec<Result<Committed, CommitError>> {
    let mut tasks = JoinSet::new();
    for n in 0..COMMITTERS {
        let (store, transaction) = (Arc::clone(store), transaction(n));
        tasks.spawn(async move { store.commit(transaction).await });
    }
    tasks.join_all().await
}

/// Of many that expect the same state of a list, exactly one wins, round after round.
pub async fn exactly_one_wins(store: Arc<dyn Store>) {
    let list = List::Party(address(1));
    for round in 0..10 {
        let results = all_at_once(&store, |n| {
            let mut transaction = append(list, round * COMMITTERS + n);
            transaction.expect = vec![(list, u64::from(round))];
            transaction
        });
        let mut won = 0;
        for result in results.await {
            match result {
                Ok(committed) => {
                    won += 1;
                    assert_eq!(committed.first, u64::from(round));
                    assert_eq!(committed.heads[0].1.count, u64::from(round) + 1);
                }
                Err(error) => assert_eq!(error, CommitError::Conflict { list }),
            }
        }
        assert_eq!(won, 1, "round {round}");
        assert_eq!(
            store.tree_head().await.map(|log| log.size),
            Ok(u64::from(round) + 1)
        );
    }
}

/// Without preconditions all land, each at positions of its own, its statements together.
pub async fn all_land_without_preconditions(store: Arc<dyn Store>) {
    let list = List::Certificates;
    let results = all_at_once(&store, |n| Transaction {
        statements: vec![statement(2 * n), statement(2 * n + 1)],
        appends: vec![(list, hash(2 * n)), (list, hash(2 * n + 1))],
        ..Transaction::default()
    });
    let mut firsts: Vec<u64> = results
        .await
        .into_iter()
        .map(|r| r.expect("it lands").first)
        .collect();
    firsts.sort_unstable();
    let expected: Vec<u64> = (0..u64::from(COMMITTERS)).map(|n| 2 * n).collect();
    assert_eq!(firsts, expected);
    for n in 0..COMMITTERS {
        let first = store
            .statement(&hash(2 * n))
            .await
            .expect("readable")
            .expect("stored");
        let second = store
            .statement(&hash(2 * n + 1))
            .await
            .expect("readable")
            .expect("stored");
        assert_eq!(second.position, first.position + 1);
        let at = store.entries(&list, first.position, 2).await;
        assert_eq!(at, Ok(vec![hash(2 * n), hash(2 * n + 1)]));
    }
}

/// An upload named by many envelopes at once goes to exactly one of them.
pub async fn one_upload_goes_to_one_envelope(store: Arc<dyn Store>) {
    let (owner, id) = (address(1), upload_id(1));
    let bytes = pattern(1000, 1);
    upload_all(&*store, &owner, &id, &bytes).await;
    let hash_of_upload = PayloadHash::of(&bytes);
    let payload = NewPayload::Upload {
        owner,
        id,
        length: 1000,
        hash: hash_of_upload,
    };
    let results = all_at_once(&store, |n| part(n, payload.clone())).await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 1);
    for result in results.into_iter().filter_map(Result::err) {
        assert_eq!(result, CommitError::UploadTaken { id });
    }
}

/// After closing, everything answers `Stopped`; what was accepted before landed.
pub async fn closing_finishes_accepted_commits(store: Arc<dyn Store>) {
    let list = List::Certificates;
    let closing = Arc::clone(&store);
    let commits = all_at_once(&store, |n| append(list, n));
    let (results, ()) = tokio::join!(commits, async move {
        tokio::task::yield_now().await;
        closing.close().await;
    });
    for result in results {
        assert!(
            matches!(result, Ok(_) | Err(CommitError::Stopped)),
            "{result:?}"
        );
    }
    store.close().await;
    let (owner, id) = (address(1), upload_id(1));
    assert_eq!(
        store.commit(append(list, 1)).await,
        Err(CommitError::Stopped)
    );
    assert_eq!(store.head(&list).await, Err(ReadError::Stopped));
    assert_eq!(
        create(&*store, &owner, &id, 1).await,
        Err(UploadError::Stopped)
    );
    assert_eq!(store.failure(), None);
}
