//! A store may stop at any moment, its disk may refuse or lie, its files may rot.
//!
//! The story these tests tell: what was acknowledged is still there; what was not acknowledged is
//! there whole or not at all; damage is named with its file and place, never passed over; the
//! index may be lost at any time; and no one ever sees less of the log than before.

mod damage;
mod disk;
mod faults;
mod folder;
mod index;
mod kill;
mod scrub;
mod torn;

use std::path::Path;

use postfach_crypto::ids::LeafHash;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{Frontier, TreeHead};
use postfach_storage::conformance::{address, append, commit, hash, statement};
use postfach_storage::embedded::{OpenError, Options};
use postfach_storage::{EmbeddedStore, List, Store, StoredStatement};

/// No reserve, so that tests run on nearly full machines, and a small cache, to open quickly.
fn options() -> Options {
    Options {
        reserve_bytes: 0,
        index_cache: 1024 * 1024,
        ..Options::default()
    }
}

/// Opens a folder that was closed. Another test of this process may be between fork and exec, and
/// its child then holds our lock for that moment.
fn open(folder: &Path) -> EmbeddedStore {
    for _ in 0..500 {
        match try_open(folder) {
            Err(OpenError::AlreadyOpen { .. }) => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            opened => return opened.expect("the folder opens"),
        }
    }
    panic!("the folder stays locked")
}

fn try_open(folder: &Path) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(folder, &options())
}

fn list() -> List {
    List::Party(address(1))
}

/// The log's tree over statements `0..count`.
fn tree(count: u32) -> TreeHead {
    let leaves: Vec<_> = (0..count)
        .map(|n| leaf_hash(&LeafHash::of(&statement(n))))
        .collect();
    Frontier::EMPTY.grow(&leaves).head()
}

/// Commits statements `from..to`, one by one, so each is a group of its own.
async fn fill(store: &dyn Store, from: u32, to: u32) {
    for n in from..to {
        let committed = commit(store, append(list(), n)).await;
        assert_eq!(committed.first, u64::from(n));
    }
}

/// Statements `0..count` are there with their list and leaves, and nothing else.
async fn holds(store: &dyn Store, count: u32) {
    assert_eq!(store.tree_head().await, Ok(tree(count)));
    for n in 0..count {
        let stored = StoredStatement {
            bytes: statement(n),
            position: u64::from(n),
        };
        assert_eq!(store.statement(&hash(n)).await, Ok(Some(stored)));
    }
    assert_eq!(store.statement(&hash(count)).await, Ok(None));
    let entries: Vec<_> = (0..count).map(hash).collect();
    assert_eq!(store.entries(&list(), 0, 1000).await, Ok(entries));
    assert_eq!(
        store.leaves(0, 1000).await.map(|leaves| leaves.len()),
        Ok(count as usize)
    );
    assert_eq!(
        store.head(&list()).await.map(|head| head.count),
        Ok(u64::from(count))
    );
}
