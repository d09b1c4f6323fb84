//! The real thing: a process that commits is killed without warning, a disk really runs full.
//!
//! The process is this test program itself, running [`child`], which is ignored otherwise.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use postfach_storage::conformance::{append, commit, hash};
use postfach_storage::embedded::Options;
use postfach_storage::{CommitError, EmbeddedStore, Store, Transaction};

use super::{folder, holds, list, open, options};

const FOLDER: &str = "POSTFACH_TEST_FOLDER";

#[tokio::test]
async fn killed_while_committing_nothing_acknowledged_is_lost() {
    let dir = folder::new();
    let mut acknowledged = 0;
    for _ in 0..5 {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "kill::child", "--ignored", "--nocapture"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the child starts");
        let output = child.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(output).lines();
        for line in lines.by_ref().map_while(Result::ok).take(40) {
            acknowledged = acknowledged.max(count(&line));
        }
        child.kill().expect("the child is killed");
        child.wait().expect("the child ends");
        for line in lines.map_while(Result::ok) {
            acknowledged = acknowledged.max(count(&line));
        }
        let store = open(dir.path());
        let stored = store.tree_head().await.expect("readable").size;
        let stored = u32::try_from(stored).expect("small");
        assert!(
            stored >= acknowledged,
            "{stored} stored, {acknowledged} acknowledged"
        );
        holds(&store, stored).await;
    }
    assert!(acknowledged > 100);
}

/// How many commits a line acknowledges; none, if the kill cut it off.
fn count(line: &str) -> u32 {
    let digits = line
        .strip_prefix("committed ")
        .and_then(|rest| rest.strip_suffix('.'));
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[tokio::test]
#[ignore = "the process that is killed"]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let store = open(&folder);
    let size = store.tree_head().await.expect("readable").size;
    let mut n = u32::try_from(size).expect("small");
    loop {
        commit(&store, append(list(), n)).await;
        n += 1;
        let mut out = std::io::stdout();
        writeln!(out, "committed {n}.")
            .and_then(|()| out.flush())
            .expect("the parent reads");
    }
}

/// Run with a file system of about 64 MiB mounted at `POSTFACH_TEST_FOLDER`.
#[tokio::test]
#[ignore = "needs a small file system of its own"]
async fn a_disk_that_really_runs_full() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let folder = folder.join("store");
    let small = Options {
        reserve_bytes: 16 << 20,
        segment_bytes: 4 << 20,
        ..options()
    };
    let store = EmbeddedStore::open(&folder, &small).expect("the folder opens");
    let big = |n: u32| Transaction {
        statements: vec![[&n.to_be_bytes()[..], &[7; 20_000]].concat().into()],
        ..Transaction::default()
    };
    let mut stored = 0;
    let refused = loop {
        match store.commit(big(stored)).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, CommitError::Full);
    for _ in 0..100 {
        assert_eq!(store.commit(big(stored)).await, Err(CommitError::Full));
    }
    assert_eq!(
        store.tree_head().await.map(|log| log.size),
        Ok(u64::from(stored))
    );
    assert_eq!(store.statement(&hash(0)).await, Ok(None));
    store.close().await;
    drop(store);
    folder::remove_index(&folder);
    let store = EmbeddedStore::open(&folder, &small).expect("the folder opens");
    assert_eq!(
        store.tree_head().await.map(|log| log.size),
        Ok(u64::from(stored))
    );
    assert_eq!(store.failure(), None);
}
