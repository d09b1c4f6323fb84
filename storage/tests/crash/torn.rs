//! A write that was interrupted: its record is cut off, everything before it stays.

use std::fs;

use postfach_storage::Store;
use postfach_storage::embedded::OpenError;

use super::{fill, folder, holds, open, try_open};

#[tokio::test]
async fn stopping_without_closing_loses_nothing() {
    let dir = folder::new();
    for round in 0..5 {
        let store = open(dir.path());
        holds(&store, round * 10).await;
        fill(&store, round * 10, round * 10 + 10).await;
    }
}

#[tokio::test]
async fn a_tail_torn_at_any_byte_costs_only_its_record() {
    let dir = folder::new();
    let store = open(dir.path());
    fill(&store, 0, 5).await;
    store.close().await;
    drop(store);
    // The index as it was before the last record, as an interrupted write leaves it.
    let before = folder::copy(dir.path());
    let start = folder::length(&folder::segment(dir.path(), 1));
    let store = open(dir.path());
    fill(&store, 5, 6).await;
    drop(store);
    let whole = fs::read(folder::segment(dir.path(), 1)).expect("the segment reads");
    fs::copy(dir.path().join("STATE"), before.path().join("STATE")).expect("STATE copies");

    for end in start..=whole.len() {
        // Cut off, or (now and then) zeros where the disk did not get to writing.
        let zeros = if end % 8 == 0 { whole.len() - end } else { 0 };
        let torn = folder::copy(before.path());
        let bytes = [&whole[..end], &vec![0; zeros]].concat();
        fs::write(folder::segment(torn.path(), 1), &bytes).expect("the segment writes");
        let store = open(torn.path());
        let count = if bytes == whole { 6 } else { 5 };
        holds(&store, count).await;
        assert!(folder::length(&folder::segment(torn.path(), 1)) <= bytes.len());
        fill(&store, count, 8).await;
    }
}

#[tokio::test]
async fn garbage_after_the_last_record_is_cut_off() {
    let dir = folder::new();
    let store = open(dir.path());
    fill(&store, 0, 3).await;
    drop(store);
    let path = folder::segment(dir.path(), 1);
    let bytes = fs::read(&path).expect("the segment reads");
    for garbage in [vec![0; 5000], vec![0xff; 100], bytes[48..].to_vec()] {
        fs::write(&path, [&bytes[..], &garbage].concat()).expect("the segment writes");
        holds(&open(dir.path()), 3).await;
        assert_eq!(folder::length(&path), bytes.len());
    }
}

#[tokio::test]
async fn losing_acknowledged_records_is_noticed() {
    let dir = folder::new();
    let store = open(dir.path());
    fill(&store, 0, 5).await;
    let path = folder::segment(dir.path(), 1);
    let before = folder::length(&path);
    fill(&store, 5, 7).await;
    drop(store);
    folder::cut(&path, before);
    match try_open(dir.path()).err() {
        Some(OpenError::RecordsLost { file, records }) => {
            assert_eq!((file, records), (path, 2));
        }
        other => panic!("expected lost records, got {other:?}"),
    }
}

#[tokio::test]
async fn a_half_made_segment_is_made_again() {
    let dir = folder::new();
    let store = open(dir.path());
    fill(&store, 0, 3).await;
    drop(store);
    let half = folder::segment(dir.path(), 2).with_extension("new");
    fs::write(&half, b"PFJO").expect("the file writes");
    holds(&open(dir.path()), 3).await;
}
