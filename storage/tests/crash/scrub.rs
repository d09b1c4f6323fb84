//! Reading everything finds every kind of damage, and none where there is none.

use std::fs;
use std::path::{Path, PathBuf};

use postfach_crypto::ids::PayloadHash;
use postfach_storage::conformance::{address, commit, create, part, pattern, upload_id};
use postfach_storage::embedded::{MAX_FAULTS, Options, Scrubbed, scrub};
use postfach_storage::{EmbeddedStore, NewPayload, Store};

use super::{fill, folder, options, tree};

const COUNT: u32 = 12;
/// Two pieces of an upload, the second one short.
const LARGE: usize = (1 << 20) + 777;

fn read(folder: &Path, at: Option<u64>) -> Scrubbed {
    scrub(folder, at, |_, _| ()).expect("the journal can be listed")
}

/// Twelve statements in several segments, one more with a large payload, and an upload nobody took.
async fn store(folder: &Path) -> EmbeddedStore {
    let short = Options {
        segment_bytes: 400,
        ..options()
    };
    let store = EmbeddedStore::open(folder, &short).expect("the folder opens");
    fill(&store, 0, COUNT).await;
    let (owner, payload) = (address(1), pattern(LARGE, 3));
    for (id, text) in [(1, payload.clone()), (2, pattern(10, 1))] {
        let id = upload_id(id);
        let length = text.len() as u64;
        create(&store, &owner, &id, length)
            .await
            .expect("a new upload");
        store
            .append_upload(&owner, &id, 0, text)
            .await
            .expect("it fits");
    }
    let taken = NewPayload::Upload {
        owner,
        id: upload_id(1),
        length: LARGE as u64,
        hash: PayloadHash::of(&payload),
    };
    commit(&store, part(COUNT, taken)).await;
    store
}

/// The pieces of the payload that an envelope took.
fn pieces(folder: &Path) -> [PathBuf; 2] {
    let upload = folder
        .join("objects/parts")
        .join(address(1).to_string())
        .join(upload_id(1).to_string());
    [upload.join("00000000"), upload.join("00000001")]
}

#[tokio::test]
async fn a_sound_folder_is_sound_while_it_is_served_and_after() {
    let dir = folder::new();
    let running = store(dir.path()).await;
    let expected = tree(COUNT + 1);
    for served in [true, false] {
        let mut told = Vec::new();
        let found = scrub(dir.path(), Some(5), |done, total| told.push((done, total)));
        let found = found.expect("the journal can be listed");
        assert_eq!(found.faults, [], "served: {served}");
        assert_eq!((found.log, found.before), (Some(expected), Some(tree(5))));
        assert_eq!((found.records, found.statements), (13, 13));
        assert_eq!((found.parts, found.objects, found.unfinished), (1, 1, 0));
        assert!(found.segments > 2);
        assert!(told.is_sorted() && told.last().is_some_and(|(done, total)| done == total));
        assert_eq!(told.last().map(|(done, _)| *done), Some(found.bytes));
        running.close().await;
    }
    assert_eq!(read(dir.path(), Some(0)).before, Some(tree(0)));
    assert_eq!(read(dir.path(), Some(13)).before, Some(expected));
    assert_eq!(read(dir.path(), Some(14)).before, None, "not so many");
}

#[tokio::test]
async fn any_flipped_bit_of_the_journal_is_found_and_the_rest_is_read() {
    let dir = folder::new();
    store(dir.path()).await.close().await;
    let sound = read(dir.path(), None);
    let path = folder::segment(dir.path(), 2);
    for at in (0..folder::length(&path)).step_by(5) {
        let damaged = folder::copy(dir.path());
        let path = folder::segment(damaged.path(), 2);
        folder::flip(&path, at);
        let found = read(damaged.path(), None);
        assert!(!found.faults.is_empty(), "byte {at}");
        assert!(found.faults.iter().any(|fault| fault.file == path));
        assert_eq!((found.log, found.objects), (None, 1), "byte {at}");
        assert!(found.records < sound.records);
        assert_eq!(found.segments, sound.segments);
    }
}

#[tokio::test]
async fn lost_and_shortened_segments_are_found() {
    let dir = folder::new();
    store(dir.path()).await.close().await;
    for lost in 1..4 {
        let damaged = folder::copy(dir.path());
        fs::remove_file(folder::segment(damaged.path(), lost)).expect("it was there");
        let found = read(damaged.path(), None);
        assert_eq!(found.log, None);
        assert_eq!(found.faults.len(), 1, "{:?}", found.faults);
    }
    let shorter = folder::copy(dir.path());
    let path = folder::segment(shorter.path(), 2);
    folder::cut(&path, folder::length(&path) - 1);
    assert_eq!(read(shorter.path(), None).faults[0].file, path);
    let empty = folder::copy(dir.path());
    fs::remove_dir_all(empty.path().join("journal")).expect("it was there");
    fs::create_dir(empty.path().join("journal")).expect("a folder");
    assert_eq!(read(empty.path(), None).faults.len(), 1);
}

#[tokio::test]
async fn the_end_of_a_write_under_way_is_no_fault() {
    let dir = folder::new();
    store(dir.path()).await.close().await;
    let last = read(dir.path(), None).segments;
    let path = folder::segment(dir.path(), u32::try_from(last).expect("a few"));
    folder::cut(&path, folder::length(&path) - 3);
    let found = read(dir.path(), None);
    assert_eq!((found.faults.len(), found.records), (0, 12));
    assert!(found.unfinished > 0);
    assert_eq!(found.log, Some(tree(COUNT)));
}

#[tokio::test]
async fn damage_to_a_large_payload_is_found_by_its_file() {
    let dir = folder::new();
    store(dir.path()).await.close().await;
    for piece in 0..2 {
        let flipped = folder::copy(dir.path());
        folder::flip(&pieces(flipped.path())[piece], 5);
        assert_eq!(read(flipped.path(), None).faults.len(), 1);

        let shorter = folder::copy(dir.path());
        let path = &pieces(shorter.path())[piece];
        folder::cut(path, folder::length(path) - 1);
        assert_eq!(&read(shorter.path(), None).faults[0].file, path);

        let longer = folder::copy(dir.path());
        let path = &pieces(longer.path())[piece];
        let mut bytes = fs::read(path).expect("it reads");
        bytes.push(0);
        fs::write(path, bytes).expect("it writes");
        assert_eq!(&read(longer.path(), None).faults[0].file, path);

        let lost = folder::copy(dir.path());
        let path = &pieces(lost.path())[piece];
        fs::remove_file(path).expect("it was there");
        let found = read(lost.path(), None);
        assert_eq!(&found.faults[0].file, path);
        assert_eq!((found.objects, found.records), (0, 13));
    }
}

#[tokio::test]
async fn only_so_many_faults_are_told_one_by_one() {
    let dir = folder::new();
    let short = Options {
        segment_bytes: 100,
        ..options()
    };
    let store = EmbeddedStore::open(dir.path(), &short).expect("the folder opens");
    let count = u32::try_from(MAX_FAULTS).expect("small") + 10;
    fill(&store, 0, count).await;
    store.close().await;
    for number in 1..=count {
        folder::flip(&folder::segment(dir.path(), number), 60);
    }
    let found = read(dir.path(), None);
    assert_eq!(found.faults.len(), MAX_FAULTS);
    assert!(found.more_faults >= 9);
}
