//! A disk that refuses: full is survived, anything uncertain stops the store for good.

use std::path::Path;
use std::sync::Arc;

use postfach_storage::conformance::{append, create, hash};
use postfach_storage::embedded::Options;
use postfach_storage::{CommitError, EmbeddedStore, ReadError, Store, UploadError};

use super::disk::{Fault, FaultyDisk};
use super::{address, fill, folder, holds, list, open, options};

fn open_on(folder: &Path, disk: &FaultyDisk, options: &Options) -> EmbeddedStore {
    let store = EmbeddedStore::open_on(folder, options, Arc::new(disk.clone()), None);
    store.expect("the folder opens")
}

#[tokio::test]
async fn a_full_disk_stores_nothing_and_the_store_lives_on() {
    let dir = folder::new();
    let disk = FaultyDisk::new();
    let store = open_on(dir.path(), &disk, &options());
    let path = folder::segment(dir.path(), 1);
    for round in 0..3 {
        fill(&store, round * 2, round * 2 + 2).await;
        let length = folder::length(&path);
        for fault in [Fault::WriteFull, Fault::Free(10)] {
            disk.set(fault);
            let refused = store.commit(append(list(), 1000)).await;
            assert_eq!(refused, Err(CommitError::Full));
            assert_eq!(folder::length(&path), length);
            disk.set(Fault::None);
            holds(&store, round * 2 + 2).await;
            assert_eq!(store.statement(&hash(1000)).await, Ok(None));
        }
    }
    assert_eq!(store.failure(), None);
    drop(store);
    holds(&open(dir.path()), 6).await;
}

#[tokio::test]
async fn a_disk_too_full_for_a_new_segment_is_survived() {
    let dir = folder::new();
    let disk = FaultyDisk::new();
    let short = Options {
        segment_bytes: 100,
        ..options()
    };
    let store = open_on(dir.path(), &disk, &short);
    fill(&store, 0, 3).await;
    for fault in [Fault::CreateFull, Fault::WriteFull, Fault::Free(0)] {
        disk.set(fault);
        let refused = store.commit(append(list(), 3)).await;
        assert_eq!(refused, Err(CommitError::Full));
    }
    disk.set(Fault::None);
    fill(&store, 3, 5).await;
    drop(store);
    holds(&open(dir.path()), 5).await;
}

#[tokio::test]
async fn the_reserve_stops_uploads_too() {
    let dir = folder::new();
    let disk = FaultyDisk::new();
    let reserve = Options {
        reserve_bytes: 1000,
        ..options()
    };
    let store = open_on(dir.path(), &disk, &reserve);
    let (owner, id) = (address(1), postfach_storage::conformance::upload_id(1));
    create(&store, &owner, &id, 100)
        .await
        .expect("a new upload");
    disk.set(Fault::Free(1050));
    let append = || store.append_upload(&owner, &id, 0, vec![1; 100].into());
    assert_eq!(append().await, Err(UploadError::Full));
    disk.set(Fault::Free(1100));
    assert!(append().await.is_ok());
}

#[tokio::test]
async fn an_uncertain_write_stops_the_store_for_good() {
    for fault in [
        Fault::WriteFails,
        Fault::WriteFullAndStuck,
        Fault::SyncFails,
    ] {
        let dir = folder::new();
        let disk = FaultyDisk::new();
        let store = open_on(dir.path(), &disk, &options());
        fill(&store, 0, 3).await;
        disk.set(fault);
        assert_eq!(
            store.commit(append(list(), 3)).await,
            Err(CommitError::Stopped)
        );
        disk.set(Fault::None);
        assert_eq!(
            store.commit(append(list(), 4)).await,
            Err(CommitError::Stopped)
        );
        assert_eq!(store.head(&list()).await, Err(ReadError::Stopped));
        assert!(
            store
                .failure()
                .is_some_and(|reason| reason.contains("journal"))
        );
        store.close().await;
        drop(store);

        // "Failed": what was not confirmed is gone. "Failed but persisted": it is there, whole.
        let count = if fault == Fault::SyncFails { 4 } else { 3 };
        let store = open(dir.path());
        holds(&store, count).await;
        fill(&store, count, 6).await;
    }
}

#[tokio::test]
async fn a_failed_sync_whose_bytes_were_lost_loses_nothing_acknowledged() {
    let dir = folder::new();
    let disk = FaultyDisk::new();
    let store = open_on(dir.path(), &disk, &options());
    fill(&store, 0, 3).await;
    let path = folder::segment(dir.path(), 1);
    let length = folder::length(&path);
    disk.set(Fault::SyncFails);
    assert_eq!(
        store.commit(append(list(), 3)).await,
        Err(CommitError::Stopped)
    );
    drop(store);
    folder::cut(&path, length);
    let store = open(dir.path());
    holds(&store, 3).await;
    fill(&store, 3, 4).await;
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let dir = folder::new();
    let narrow = Options {
        queue_commits: 1,
        ..options()
    };
    let store = Arc::new(EmbeddedStore::open(dir.path(), &narrow).expect("the folder opens"));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..200 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.commit(append(list(), n)).await });
    }
    let results = tasks.join_all().await;
    let landed = results.iter().filter(|result| result.is_ok()).count();
    let busy = results
        .iter()
        .filter(|result| **result == Err(CommitError::Busy))
        .count();
    assert_eq!(landed + busy, 200);
    assert!(landed > 0 && busy > 0);
    assert_eq!(
        store.tree_head().await.map(|log| log.size),
        Ok(landed as u64)
    );
}
