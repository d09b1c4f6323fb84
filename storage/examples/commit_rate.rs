//! Prints durable commits per second, beside the same bytes written raw and synced.
//!
//! `cargo run --release -p postfach-storage --example commit_rate -- [FOLDER] [SECONDS]`
//!
//! Each commit stores two statements and a part, 4 KiB together, and appends nine list entries, as
//! the delivery of a short notice does. The raw figure writes one 4 KiB block and calls fdatasync,
//! over and over; no store can make more single commits durable one after the other.

#![allow(clippy::print_stdout, reason = "an example that prints")]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use postfach_crypto::ids::{Address, EnvelopeId, StatementHash};
use postfach_storage::embedded::Options;
use postfach_storage::{EmbeddedStore, List, NewPart, NewPayload, Store, Transaction};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let parent = args.next().unwrap_or_else(|| ".".to_owned());
    let seconds = args.next().map_or(Ok(5), |text| text.parse())?;
    let time = Duration::from_secs(seconds);
    let folder = tempfile::TempDir::new_in(parent)?;
    println!(
        "raw write + fdatasync of 4 KiB: {:>8.0} /s",
        raw(folder.path(), time)?
    );
    for committers in [1, 8, 64, 256] {
        let path = folder.path().join(committers.to_string());
        let rate = commits(&path, committers, time).await?;
        println!("{committers:>3} concurrent committers:      {rate:>8.0} /s");
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a rate to print")]
fn raw(folder: &Path, time: Duration) -> std::io::Result<f64> {
    let mut file = File::create(folder.join("raw"))?;
    let block = [7; 4096];
    let (start, mut count) = (Instant::now(), 0u64);
    while start.elapsed() < time {
        file.write_all(&block)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

#[allow(clippy::cast_precision_loss, reason = "a rate to print")]
async fn commits(
    folder: &Path,
    committers: u64,
    time: Duration,
) -> Result<f64, Box<dyn std::error::Error>> {
    let store = Arc::new(EmbeddedStore::open(folder, &Options::default())?);
    let done = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let tasks: Vec<_> = (0..committers)
        .map(|committer| {
            let (store, done) = (Arc::clone(&store), Arc::clone(&done));
            tokio::spawn(async move {
                let mut n = 0;
                while start.elapsed() < time {
                    store.commit(delivery(committer, n)).await?;
                    done.fetch_add(1, Ordering::Relaxed);
                    n += 1;
                }
                Ok::<_, postfach_storage::CommitError>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let rate = done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
    store.close().await;
    Ok(rate)
}

/// A header, a receipt and part 0 of a notice, with the lists they belong to.
fn delivery(committer: u64, n: u64) -> Transaction {
    let unique = [committer.to_be_bytes(), n.to_be_bytes()].concat();
    let statement = |kind: u8, length: usize| {
        let mut bytes = vec![kind; length];
        bytes[..16].copy_from_slice(&unique);
        Bytes::from(bytes)
    };
    let (header, receipt) = (statement(1, 900), statement(2, 500));
    let (header_hash, receipt_hash) = (StatementHash::of(&header), StatementHash::of(&receipt));
    let mut id = [0; 16];
    id.copy_from_slice(&unique);
    let mut recipient = [9; 32];
    recipient[..16].copy_from_slice(&unique);
    let (sender, recipient) = (
        Address([committer.to_be_bytes()[7]; 32]),
        Address(recipient),
    );
    let stream = List::Stream(sender, [3; 32], recipient);
    let id = List::EnvelopeId(sender, EnvelopeId(id));
    Transaction {
        statements: vec![header, receipt],
        appends: vec![
            (id, header_hash),
            (stream, header_hash),
            (List::Sent(sender), header_hash),
            (List::Mailbox(recipient), header_hash),
            (List::Envelope(header_hash), header_hash),
            (List::Envelope(header_hash), receipt_hash),
            (List::Record(sender), receipt_hash),
            (List::Record(recipient), receipt_hash),
            (List::Answer(header_hash), receipt_hash),
        ],
        expect: vec![(id, 0), (stream, 0)],
        parts: vec![NewPart {
            header: header_hash,
            index: 0,
            age_header: Bytes::from(vec![4; 1800]),
            payload: NewPayload::Inline(Bytes::from(vec![5; 896])),
        }],
        vault: None,
    }
}
