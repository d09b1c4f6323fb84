//! How many witnesses are enough, and what is said while there are too few.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use postfach::api::resources::AcceptedStatement;
use postfach::publish::Publisher;
use postfach::witness::Witness;
use postfach::witness::listen::{Server, limits};
use postfach_crypto::statement::{Receipt, Signed};
use postfach_crypto::tlog::{Policy, VerifierKey};
use reqwest::Client;
use tokio::net::TcpListener;

use crate::running::{Running, seed};
use crate::support::World;
use crate::{Operator, judged, observed, policy, until_health, witness};

/// The receipt of one more statement.
async fn receipt(world: &World, client: &Client) -> Signed<Receipt> {
    let party = world.party(client).await;
    let again = world.post_statement(client, party.keys.bytes()).await;
    let body = again.bytes().await.unwrap();
    let accepted: AcceptedStatement = serde_json::from_slice(&body).unwrap();
    Signed::verify(accepted.receipt.statement.as_ref()).unwrap()
}

/// An address where nothing listens.
async fn nowhere() -> SocketAddr {
    let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    server.address()
}

#[tokio::test]
async fn two_of_three_are_enough_and_receipts_carry_what_they_cosigned() {
    let operator = Operator::found();
    let (log, folder) = (operator.log_key(), tempfile::tempdir().unwrap());
    let mut named = Vec::new();
    let mut running = Vec::new();
    for number in 0..2 {
        let state = folder.path().join(number.to_string());
        let serving = Running::start(witness(&log, seed(), &state), limits()).await;
        named.push((serving.vkey.clone(), serving.address));
        running.push(serving);
    }
    let third = witness(&log, seed(), &folder.path().join("third"));
    named.push((third.verifier_key(), nowhere().await));
    let policy = policy(&log, &named, 2);
    let settings = operator.settings(Some(&policy));
    let world = operator.serve(settings).await;
    let client = world.client();

    let first = receipt(&world, &client).await;
    until_health(&world, 200, "1 witnesses away").await;
    let judgement = judged(&world, &policy).await;
    assert!(judgement.has_quorum() && judgement.quorum_time().is_some());
    assert_eq!(judgement.cosigned().len(), 2);
    // The genesis was cosigned before anybody was served, so even the first receipt carries that.
    for receipt in [first, receipt(&world, &client).await] {
        let checkpoint = receipt.checkpoint.clone().unwrap();
        let rules = Policy::parse(policy.as_bytes()).unwrap();
        let carried = rules.judge(&checkpoint, &rules.log_keys()).unwrap();
        assert!(carried.has_quorum());
    }
    let (_, metrics) = observed(&world, "/metrics").await;
    assert!(metrics.contains("log_witness_failures_total"), "{metrics}");
    world.ended().await.unwrap();
    for witness in running {
        witness.stop().await;
    }
}

#[tokio::test]
async fn too_few_are_said_so_until_enough_have_come_one_after_the_other() {
    let operator = Operator::found();
    let (log, folder) = (operator.log_key(), tempfile::tempdir().unwrap());
    let seeds = [seed(), seed()];
    let states = ["one", "two"].map(|name| folder.path().join(name));
    let first = Running::start(witness(&log, seeds[0], &states[0]), limits()).await;
    let second = witness(&log, seeds[1], &states[1]);
    let (address, key) = (nowhere().await, second.verifier_key());
    let policy = policy(
        &log,
        &[(first.vkey.clone(), first.address), (key, address)],
        2,
    );
    let settings = operator.settings(Some(&policy));
    let world = operator.serve(settings).await;
    let client = world.client();

    assert!(receipt(&world, &client).await.checkpoint.is_none());
    until_health(&world, 503, "cosignature pending").await;
    let (_, metrics) = observed(&world, "/metrics").await;
    assert!(metrics.contains("log_cosigned_size 0"), "{metrics}");
    let judgement = judged(&world, &policy).await;
    assert!(!judgement.has_quorum());
    // The tree does not grow any more: what the first has cosigned still counts when it is gone.
    until_cosigned(
        &world,
        &policy,
        world.service.sign_checkpoint().await.unwrap().head().size,
    )
    .await;
    first.stop().await;
    let server = Server::bind(address).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(second.into(), None, limits(), async {
        let _ = stopped.await;
    }));
    until_health(&world, 200, "published").await;
    assert!(judged(&world, &policy).await.has_quorum());
    assert!(receipt(&world, &client).await.checkpoint.is_some());
    world.ended().await.unwrap();
    drop(stop);
    serving.await.unwrap();
}

/// Until the first witness stands behind the whole log.
async fn until_cosigned(world: &World, policy: &str, size: u64) {
    for _ in 0..crate::PATIENCE {
        let judgement = judged(world, policy).await;
        if judgement.checkpoint().head().size == size && judgement.cosigned().len() == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not cosigned");
}

#[tokio::test]
async fn a_witness_that_contradicts_later_is_an_alarm_and_holds_up_nobody() {
    let operator = Operator::found();
    let (log, folder) = (operator.log_key(), tempfile::tempdir().unwrap());
    let good = Running::start(witness(&log, seed(), &folder.path().join("good")), limits()).await;
    let bad = Liar::start(&log, folder.path()).await;
    let named = [(good.vkey.clone(), good.address), (bad.vkey(), bad.address)];
    let policy = policy(&log, &named, 1);
    let settings = operator.settings(Some(&policy));
    let service = operator.open("data", &settings).await.unwrap();
    let mut publisher = Publisher::open(settings).unwrap();
    publisher.begin(&service).await.unwrap();
    bad.lie();
    let limits = postfach::server::Limits::default();
    let world =
        World::serve_published(operator.folder, service, limits, None, Some(publisher)).await;
    let client = world.client();
    receipt(&world, &client).await;
    let size = world.service.sign_checkpoint().await.unwrap().head().size;
    until_health(&world, 200, &format!("{size} published; 1 witnesses away")).await;
    assert!(judged(&world, &policy).await.has_quorum());
    world.ended().await.unwrap();
    good.stop().await;
}

/// A witness that cosigns as it should until it says that the log does not continue.
struct Liar {
    witness: Arc<Witness>,
    address: SocketAddr,
    lies: Arc<AtomicBool>,
}

impl Liar {
    async fn start(log: &VerifierKey, folder: &Path) -> Self {
        let witness = Arc::new(witness(log, seed(), &folder.join("liar")));
        let lies = Arc::new(AtomicBool::new(false));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (honest, lying) = (Arc::clone(&witness), Arc::clone(&lies));
        let app = Router::new().route(
            "/add-checkpoint",
            post(async move |body: Bytes| {
                if lying.load(Ordering::SeqCst) {
                    return (StatusCode::UNPROCESSABLE_ENTITY, String::new());
                }
                let lines = honest.add_checkpoint(&body, postfach::clock::now()).await;
                lines.map_or((StatusCode::CONFLICT, "0\n".to_owned()), |lines| {
                    (StatusCode::OK, lines)
                })
            }),
        );
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            witness,
            address,
            lies,
        }
    }

    fn vkey(&self) -> VerifierKey {
        self.witness.verifier_key()
    }

    fn lie(&self) {
        self.lies.store(true, Ordering::SeqCst);
    }
}
