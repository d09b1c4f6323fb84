//! Files that changed on their own: named with file and place, never passed over.

use std::fs;

use postfach_storage::conformance::hash;
use postfach_storage::embedded::{OpenError, Options};
use postfach_storage::{EmbeddedStore, ReadError, Store};

use super::{fill, folder, holds, open, options, try_open};

#[tokio::test]
async fn any_flipped_bit_in_a_durable_record_is_named() {
    let dir = folder::new();
    let store = open(dir.path());
    let path = folder::segment(dir.path(), 1);
    fill(&store, 0, 2).await;
    let start = folder::length(&path);
    fill(&store, 2, 3).await;
    let end = folder::length(&path);
    fill(&store, 3, 5).await;
    drop(store);
    for at in start..end {
        let damaged = folder::copy(dir.path());
        folder::restarted(damaged.path());
        let path = folder::segment(damaged.path(), 1);
        folder::flip(&path, at);
        match try_open(damaged.path()).err() {
            Some(OpenError::Corrupt { file, offset, .. }) => {
                assert_eq!((file, offset), (path, start as u64), "byte {at}");
            }
            other => panic!("byte {at}: expected damage, got {other:?}"),
        }
    }
}

#[tokio::test]
async fn any_flipped_bit_in_a_segment_header_is_refused() {
    let dir = folder::new();
    let store = open(dir.path());
    fill(&store, 0, 2).await;
    drop(store);
    for at in 0..48 {
        let damaged = folder::copy(dir.path());
        folder::flip(&folder::segment(damaged.path(), 1), at);
        let refused = try_open(damaged.path()).err();
        let expected = matches!(
            refused,
            Some(OpenError::Corrupt { .. } | OpenError::UnknownFormat { .. })
        );
        assert!(expected, "byte {at}: {refused:?}");
    }
}

#[tokio::test]
async fn damage_met_while_reading_is_named() {
    let dir = folder::new();
    let store = open(dir.path());
    fill(&store, 0, 3).await;
    let path = folder::segment(dir.path(), 1);
    let bytes = fs::read(&path).expect("the segment reads");
    let wanted = b"statement 1,";
    let at = bytes
        .windows(wanted.len())
        .position(|window| window == wanted);
    let at = at.expect("statements are in the journal as they are");
    folder::flip(&path, at);
    let corrupt = ReadError::Corrupt {
        file: path,
        offset: at as u64,
    };
    assert_eq!(store.statement(&hash(1)).await, Err(corrupt));
    assert!(matches!(store.statement(&hash(2)).await, Ok(Some(_))));
}

#[tokio::test]
async fn missing_shortened_and_foreign_segments_are_named() {
    let dir = folder::new();
    let short = Options {
        segment_bytes: 500,
        ..options()
    };
    let store = EmbeddedStore::open(dir.path(), &short).expect("the folder opens");
    fill(&store, 0, 20).await;
    drop(store);
    assert!(folder::segment(dir.path(), 4).exists());

    for missing in [1, 2, 3] {
        let damaged = folder::copy(dir.path());
        let path = folder::segment(damaged.path(), missing);
        fs::remove_file(&path).expect("the segment was there");
        let refused = try_open(damaged.path()).err();
        let named = matches!(&refused, Some(OpenError::Corrupt { file, .. }) if *file == path);
        assert!(named, "segment {missing}: {refused:?}");
    }
    let damaged = folder::copy(dir.path());
    let path = folder::segment(damaged.path(), 2);
    folder::cut(&path, folder::length(&path) - 1);
    let refused = try_open(damaged.path()).err();
    assert!(matches!(&refused, Some(OpenError::Corrupt { file, .. }) if *file == path));

    let damaged = folder::copy(dir.path());
    fs::copy(
        folder::segment(damaged.path(), 2),
        folder::segment(damaged.path(), 3),
    )
    .expect("the segment copies");
    assert!(matches!(
        try_open(damaged.path()).err(),
        Some(OpenError::Corrupt { .. })
    ));

    let damaged = folder::copy(dir.path());
    fs::remove_dir_all(damaged.path().join("journal")).expect("the journal was there");
    assert!(matches!(
        try_open(damaged.path()).err(),
        Some(OpenError::Corrupt { .. })
    ));
    holds(&open(dir.path()), 20).await;
}

#[tokio::test]
async fn a_journal_changed_after_closing_is_refused() {
    let dir = folder::new();
    let store = open(dir.path());
    fill(&store, 0, 3).await;
    store.close().await;
    drop(store);
    let path = folder::segment(dir.path(), 1);
    let whole = fs::read(&path).expect("the segment reads");
    for changed in [&whole[..whole.len() - 1], &[&whole[..], b"x"].concat()] {
        fs::write(&path, changed).expect("the segment writes");
        let refused = try_open(dir.path()).err();
        assert!(matches!(&refused, Some(OpenError::Corrupt { file, .. }) if *file == path));
    }
    fs::write(&path, whole).expect("the segment writes");
    holds(&open(dir.path()), 3).await;
}

#[tokio::test]
async fn unknown_formats_and_second_servers_are_refused() {
    let dir = folder::new();
    let store = open(dir.path());
    fill(&store, 0, 1).await;
    assert!(matches!(
        try_open(dir.path()).err(),
        Some(OpenError::AlreadyOpen { .. })
    ));
    drop(store);
    let format = dir.path().join("FORMAT");
    let known = fs::read(&format).expect("FORMAT reads");
    fs::write(&format, "mein-postfach storage 2\n").expect("FORMAT writes");
    assert!(matches!(
        try_open(dir.path()).err(),
        Some(OpenError::UnknownFormat { .. })
    ));
    fs::remove_file(&format).expect("FORMAT was there");
    assert!(matches!(
        try_open(dir.path()).err(),
        Some(OpenError::UnknownFormat { .. })
    ));
    fs::write(&format, known).expect("FORMAT writes");
    holds(&open(dir.path()), 1).await;
}
