//! Every backend passes the same suite.

use std::sync::Arc;

use postfach_storage::embedded::Options;
use postfach_storage::{EmbeddedStore, MemoryStore, Store, conformance};
use tempfile::TempDir;

#[tokio::test]
async fn memory() {
    conformance::suite(async || Arc::new(MemoryStore::new()) as Arc<dyn Store>).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn embedded() {
    let folder = TempDir::new().expect("a temporary folder");
    let number = std::sync::atomic::AtomicU32::new(0);
    conformance::suite(async || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = folder.path().join(number.to_string());
        let store = EmbeddedStore::open(&folder, &Options::default());
        Arc::new(store.expect("a new folder opens")) as Arc<dyn Store>
    })
    .await;
}

/// The same with segments so short that every few commits begin a new one.
#[tokio::test(flavor = "multi_thread")]
async fn embedded_with_short_segments() {
    let folder = TempDir::new().expect("a temporary folder");
    let number = std::sync::atomic::AtomicU32::new(0);
    let options = Options {
        segment_bytes: 1000,
        ..Options::default()
    };
    conformance::suite(async || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = folder.path().join(number.to_string());
        let store = EmbeddedStore::open(&folder, &options);
        Arc::new(store.expect("a new folder opens")) as Arc<dyn Store>
    })
    .await;
}
