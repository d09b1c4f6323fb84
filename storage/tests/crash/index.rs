//! The index is derived: lost, garbled or old, it comes back the same.

use std::fs;
use std::path::Path;

use postfach_crypto::ids::PayloadHash;
use postfach_storage::conformance::{
    commit, create, hash, part, pattern, read, statement, upload_id,
};
use postfach_storage::embedded::Options;
use postfach_storage::{EmbeddedStore, NewPayload, Store, Transaction};

use super::{fill, folder, holds, open, options, tree};

/// Whether the store had been closed in order before its index was lost.
#[derive(Clone, Copy)]
enum Stop {
    Closed,
    Killed,
}

async fn filled(stop: Stop) -> tempfile::TempDir {
    let dir = folder::new();
    let short = Options {
        segment_bytes: 2000,
        ..options()
    };
    let store = EmbeddedStore::open(dir.path(), &short).expect("the folder opens");
    fill(&store, 0, 50).await;
    if let Stop::Closed = stop {
        store.close().await;
    }
    drop(store);
    dir
}

#[tokio::test]
async fn a_lost_index_is_rebuilt() {
    for stop in [Stop::Closed, Stop::Killed] {
        let dir = filled(stop).await;
        folder::remove_index(dir.path());
        let store = open(dir.path());
        assert_eq!(store.replayed(), 50);
        holds(&store, 50).await;
        fill(&store, 50, 60).await;
        drop(store);
        holds(&open(dir.path()), 60).await;
    }
}

#[tokio::test]
async fn the_log_goes_on_where_it_was_whatever_became_of_the_index() {
    const STEP: u32 = 60; // ten steps fill two tiles
    for lost in [false, true] {
        let dir = folder::new();
        for step in 0..10 {
            let store = open(dir.path());
            assert_eq!(store.tree_head().await, Ok(tree(step * STEP)));
            let statements = (step * STEP..(step + 1) * STEP).map(statement).collect();
            let transaction = Transaction {
                statements,
                ..Transaction::default()
            };
            let committed = commit(&store, transaction).await;
            assert_eq!(committed.log, tree((step + 1) * STEP));
            store.close().await;
            drop(store);
            if lost {
                folder::remove_index(dir.path());
            }
        }
    }
}

#[tokio::test]
async fn an_intact_index_is_used() {
    let dir = filled(Stop::Closed).await;
    assert_eq!(open(dir.path()).replayed(), 0);
}

#[tokio::test]
async fn after_a_restart_of_the_machine_the_index_is_not_trusted() {
    let dir = filled(Stop::Killed).await;
    folder::restarted(dir.path());
    let store = open(dir.path());
    assert_eq!(store.replayed(), 50);
    holds(&store, 50).await;
}

#[tokio::test]
async fn a_garbled_index_is_moved_aside() {
    for stop in [Stop::Closed, Stop::Killed] {
        let dir = filled(stop).await;
        garble(&dir.path().join("index"));
        let store = open(dir.path());
        holds(&store, 50).await;
        assert!(dir.path().join("index.aside").exists());
        fill(&store, 50, 55).await;
    }
}

#[tokio::test]
async fn an_old_index_catches_up() {
    let dir = filled(Stop::Closed).await;
    let old = folder::copy(dir.path());
    let store = open(dir.path());
    fill(&store, 50, 70).await;
    drop(store);
    folder::remove_index(dir.path());
    fs::rename(old.path().join("index"), dir.path().join("index")).expect("the index moves");
    let store = open(dir.path());
    assert_eq!(store.replayed(), 20);
    holds(&store, 70).await;
}

#[tokio::test]
async fn the_index_of_another_journal_is_not_used() {
    let dir = filled(Stop::Closed).await;
    let other = folder::new();
    let store = open(other.path());
    for n in 0..10 {
        commit(&store, part(1000 + n, NewPayload::Inline(pattern(100, 1)))).await;
    }
    store.close().await;
    drop(store);
    folder::remove_index(dir.path());
    fs::rename(other.path().join("index"), dir.path().join("index")).expect("the index moves");
    let store = open(dir.path());
    holds(&store, 50).await;
    assert_eq!(store.statement(&hash(1000)).await, Ok(None));
}

#[tokio::test]
async fn parts_and_uploads_survive_with_a_rebuilt_index() {
    let dir = folder::new();
    let (owner, id) = (super::address(1), upload_id(1));
    let (started, taken) = (pattern(3 << 20, 1), pattern((1 << 20) + 7, 2));
    let store = open(dir.path());
    create(&store, &owner, &upload_id(2), 3 << 20)
        .await
        .expect("a new upload");
    store
        .append_upload(&owner, &upload_id(2), 0, started.slice(..2 << 20))
        .await
        .expect("sent");
    create(&store, &owner, &id, taken.len() as u64)
        .await
        .expect("a new upload");
    store
        .append_upload(&owner, &id, 0, taken.clone())
        .await
        .expect("sent");
    let payload = NewPayload::Upload {
        owner,
        id,
        length: taken.len() as u64,
        hash: PayloadHash::of(&taken),
    };
    commit(&store, part(1, payload)).await;
    commit(&store, part(2, NewPayload::Inline(pattern(500, 3)))).await;
    drop(store);
    folder::remove_index(dir.path());

    let store = open(dir.path());
    let all = read(&store, 1, 0, 0..taken.len() as u64).await;
    assert_eq!(all, Ok(Some(taken.to_vec())));
    assert_eq!(
        read(&store, 2, 0, 10..500).await,
        Ok(Some(pattern(500, 3)[10..].to_vec()))
    );
    let status = store.upload(&owner, &id).await.expect("known");
    assert_eq!(status.taken_by, Some(hash(1)));
    let status = store.upload(&owner, &upload_id(2)).await.expect("known");
    assert_eq!((status.received, status.taken_by), (2 << 20, None));
    let rest = started.slice(2 << 20..);
    store
        .append_upload(&owner, &upload_id(2), 2 << 20, rest)
        .await
        .expect("sent");
    let hash = store.upload_hash(&owner, &upload_id(2)).await;
    assert_eq!(hash, Ok(PayloadHash::of(&started)));
}

/// Overwrites every file of the index with bytes that mean nothing.
fn garble(index: &Path) {
    for entry in fs::read_dir(index).expect("the index is there") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let length = folder::length(&path);
            fs::write(&path, pattern(length, 9)).expect("the file writes");
        }
    }
}
