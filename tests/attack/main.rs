//! The server under attack: a process of its own, hostile requests of every kind, honest mail beside.
//!
//! Verdict: no answer 500, 502 or 504, no panic, memory under the cap of docs/operations.md, every
//! honest letter accepted, and its receipt still there afterwards. Times are printed, never judged.
//! Short inside `make test`; `make test-attack` (`ATTACK=full`) fires 40,000.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod frames;
mod kinds;
mod process;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use postfach::api::resources::AcceptedStatement;
use reqwest::{Client, Method};
use tokio::task::JoinSet;

use kinds::{KINDS, Rig, fire};
use process::Process;
use support::World;

/// Most memory of the server, in KiB: the sum in docs/operations.md, "Under attack".
const MEMORY_CAP: u64 = 512 * 1024;
/// Hostile requests of the full form, and of the short one.
const FULL: usize = 40_000;
const SHORT: usize = 3_000;
/// Kinds that are fired at the same time.
const AT_ONCE: usize = 8;
/// Honest letters before the attack.
const CALM: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_attack_memory_is_bounded_and_no_evidence_is_lost() {
    let full = std::env::var("ATTACK").is_ok_and(|form| form == "full");
    let requests = if full { FULL } else { SHORT };
    let (process, world) = Process::start().await;
    let world = Arc::new(world);
    let client = world.client();
    let mut calm = Vec::new();
    let mut letters = Vec::new();
    for _ in 0..CALM {
        letters.push(letter(&world, &client, &mut calm).await);
    }

    let rig = Arc::new(Rig::new(&world, &client).await);
    let over = Arc::new(AtomicBool::new(false));
    let honest = tokio::spawn(honest(
        Arc::clone(&world),
        client.clone(),
        Arc::clone(&over),
    ));
    let begun = Instant::now();
    let each = requests.div_ceil(KINDS.len());
    let mut fired = 0;
    let mut running = JoinSet::new();
    for (number, kind) in KINDS.iter().enumerate() {
        if running.len() >= AT_ONCE {
            fired += running.join_next().await.unwrap().unwrap();
        }
        let rig = Arc::clone(&rig);
        running.spawn(async move { fire(&rig, number, *kind, each).await });
    }
    while let Some(done) = running.join_next().await {
        fired += done.unwrap();
    }
    let took = begun.elapsed();
    over.store(true, Ordering::Release);
    let (sent, attacked) = honest.await.unwrap();
    letters.extend(sent);

    // Every receipt is there and is the one that was given: the same letter again gets it.
    for (submission, receipt) in &letters {
        let again = world.post_envelope(&client, submission.clone()).await;
        assert_eq!(again.status(), 200);
        let again: AcceptedStatement = again.json_body().await;
        assert!(again.repeated);
        assert_eq!(&again.receipt.statement.0, receipt);
    }
    let statuses = process.statuses().await;
    let memory = process.peak_memory();
    println!(
        "attack: {fired} hostile requests of {} kinds in {} s; {} honest letters, p99 {} ms calm, {} ms \
         attacked; peak memory {} MiB of {} MiB; answers {statuses:?}",
        KINDS.len(),
        took.as_secs(),
        letters.len(),
        p99(calm).as_millis(),
        p99(attacked).as_millis(),
        memory / 1024,
        MEMORY_CAP / 1024,
    );
    assert!(fired >= requests, "{fired}");
    for status in statuses.keys() {
        assert!(
            *status < 500 || matches!(status, 503 | 507),
            "answers {statuses:?}"
        );
    }
    assert!(memory <= MEMORY_CAP, "{memory} KiB");
    let said = process.end();
    assert!(!said.contains("panicked"), "{said}");
    assert!(!said.contains("127.0."), "an address in the log");
}

/// Sends letters one after the other until it is over.
async fn honest(
    world: Arc<World>,
    client: Client,
    over: Arc<AtomicBool>,
) -> (Vec<(Vec<u8>, Vec<u8>)>, Vec<Duration>) {
    let (mut letters, mut times) = (Vec::new(), Vec::new());
    while !over.load(Ordering::Acquire) {
        letters.push(letter(&world, &client, &mut times).await);
    }
    (letters, times)
}

/// One honest newcomer: a party, its letter sent, the receipt verified, the letter read.
async fn letter(world: &World, client: &Client, times: &mut Vec<Duration>) -> (Vec<u8>, Vec<u8>) {
    let party = world.party(client).await;
    let archived = world.archive(&party, &[b"manifest", &[7; 2000]], &[None, None]);
    let begun = Instant::now();
    let answer = world
        .post_envelope(client, archived.submission.clone())
        .await;
    times.push(begun.elapsed());
    assert_eq!(answer.status(), 201, "an honest letter is taken");
    let accepted: AcceptedStatement = answer.json_body().await;
    let receipt = accepted.receipt.statement.0;
    world.service.operator().receipt(&receipt).unwrap();
    let target = format!("/v1/envelopes/{}", archived.header.hash());
    let read = world.ask(client, &party, Method::GET, &target).await;
    assert_eq!(read.status(), 200, "an honest letter is read");
    (archived.submission, receipt)
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let at = (times.len() * 99).div_ceil(100).saturating_sub(1);
    times.get(at).copied().unwrap_or_default()
}

/// A JSON answer, decoded.
trait JsonBody {
    async fn json_body<T: serde::de::DeserializeOwned>(self) -> T;
}

impl JsonBody for reqwest::Response {
    async fn json_body<T: serde::de::DeserializeOwned>(self) -> T {
        serde_json::from_slice(&self.bytes().await.unwrap()).unwrap()
    }
}
