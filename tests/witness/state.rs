//! What a witness keeps: after any stop it goes on exactly there, and damage is refused.

use std::fs;
use std::path::{Path, PathBuf};

use postfach::witness::listen::limits;
use postfach::witness::state::StateError;
use postfach_crypto::tlog::AddCheckpoint;

use crate::log::Log;
use crate::running::{Running, open, seed};

/// The one file that holds a head.
fn head_file(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder).unwrap();
    let mut heads = entries.map(|entry| entry.unwrap().path()).filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "head")
    });
    let head = heads.next().unwrap();
    assert!(heads.next().is_none());
    head
}

#[tokio::test]
async fn after_a_restart_it_never_cosigns_less_or_other_than_before() {
    let folder = tempfile::tempdir().unwrap();
    let seed = seed();
    let log = Log::new("post.example/1").grown(0, 40);
    let first = Running::start(open(seed, &[log.vkey()], folder.path()).unwrap(), limits()).await;
    assert_eq!(first.add(&log.request(0, 30)).await.status, 200);
    assert!(matches!(
        open(seed, &[log.vkey()], folder.path()),
        Err(StateError::Locked(_))
    ));
    first.stop().await;

    let second = Running::start(open(seed, &[log.vkey()], folder.path()).unwrap(), limits()).await;
    let answer = second.add(&log.request(0, 20)).await;
    assert_eq!((answer.status, answer.text.as_str()), (409, "30\n"));
    let fork = log.clone().refounded().grown(1, 40);
    let same_size = AddCheckpoint::new(30, Vec::new(), &fork.checkpoint_at(30));
    assert_eq!(second.add(&same_size).await.status, 422);
    assert_eq!(second.add(&fork.request(30, 40)).await.status, 422);
    assert_eq!(second.add(&log.request(30, 40)).await.status, 200);
    second.stop().await;

    // A log that is not in the file any more, and then is again, is where it was.
    let another = Log::new("another.example/1").grown(0, 3);
    drop(open(seed, &[another.vkey()], folder.path()).unwrap());
    let third = Running::start(open(seed, &[log.vkey()], folder.path()).unwrap(), limits()).await;
    assert_eq!(third.about().await["logs"][0]["size"], 40);
    third.stop().await;
}

#[tokio::test]
async fn damaged_missing_and_foreign_state_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let seed = seed();
    let log = Log::new("post.example/1").grown(0, 40);
    let witness = Running::start(open(seed, &[log.vkey()], folder.path()).unwrap(), limits()).await;
    assert_eq!(witness.add(&log.request(0, 30)).await.status, 200);
    witness.stop().await;
    let (head, index) = (head_file(folder.path()), folder.path().join("witness"));
    for file in [&head, &index] {
        let whole = fs::read(file).unwrap();
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(file, &damaged).unwrap();
            let opened = open(seed, &[log.vkey()], folder.path());
            assert!(
                matches!(opened, Err(StateError::Damaged(_))),
                "byte {place}"
            );
        }
        for length in [0, 10, whole.len() - 1] {
            fs::write(file, &whole[..length]).unwrap();
            let opened = open(seed, &[log.vkey()], folder.path());
            assert!(
                matches!(opened, Err(StateError::Damaged(_))),
                "{length} bytes"
            );
        }
        fs::remove_file(file).unwrap();
        let opened = open(seed, &[log.vkey()], folder.path());
        assert!(
            matches!(
                opened,
                Err(StateError::Missing { .. } | StateError::Damaged(_))
            ),
            "{opened:?}"
        );
        fs::write(file, &whole).unwrap();
    }
    assert!(matches!(
        open(crate::running::seed(), &[log.vkey()], folder.path()),
        Err(StateError::OtherWitness { .. })
    ));
    drop(open(seed, &[log.vkey()], folder.path()).unwrap());
}

#[tokio::test]
async fn a_head_that_cannot_be_stored_is_not_signed() {
    let folder = tempfile::tempdir().unwrap();
    let seed = seed();
    let log = Log::new("post.example/1").grown(0, 40);
    let witness = Running::start(open(seed, &[log.vkey()], folder.path()).unwrap(), limits()).await;
    assert_eq!(witness.add(&log.request(0, 30)).await.status, 200);
    // A folder in the place of the head: the rename fails.
    let head = head_file(folder.path());
    let whole = fs::read(&head).unwrap();
    fs::remove_file(&head).unwrap();
    fs::create_dir(&head).unwrap();
    assert_eq!(witness.add(&log.request(30, 40)).await.status, 500);
    // What the disk has is not known, so nothing is signed for this log any more.
    assert_eq!(witness.add(&log.request(30, 30)).await.status, 500);
    let url = format!("http://{}/", witness.address);
    let about = witness.client.get(url).send().await.unwrap();
    assert_eq!(about.status().as_u16(), 503);
    witness.stop().await;
    fs::remove_dir(&head).unwrap();
    fs::write(&head, whole).unwrap();
    let again = Running::start(open(seed, &[log.vkey()], folder.path()).unwrap(), limits()).await;
    assert_eq!(again.add(&log.request(30, 40)).await.status, 200);
    again.stop().await;
}
