//! Cosigned checkpoints after their time: kept, found by position, renewed while the log rests, and
//! what an evidence file made late gains by them.

use std::time::Duration;

use postfach::client::evidence::Content;
use postfach::publish::settings::Settings;
use postfach_crypto::evidence::{self, CheckName, Outcome};
use postfach_crypto::tlog::{Judgement, Policy, SignedCheckpoint};
use reqwest::StatusCode;
use tempfile::TempDir;

use crate::running::{Running, seed};
use crate::support::World;
use crate::town::{Town, send};
use crate::{Operator, PATIENCE, judged, policy, until_health, witness};
use postfach::witness::listen::limits;

/// An operator, a witness, and settings under which it is asked.
async fn witnessed() -> (Operator, Running, String, TempDir) {
    let (operator, folder) = (Operator::found(), tempfile::tempdir().unwrap());
    let log = operator.log_key();
    let witness = Running::start(witness(&log, seed(), folder.path()), limits()).await;
    let policy = policy(&log, &[(witness.vkey.clone(), witness.address)], 1);
    (operator, witness, policy, folder)
}

/// The checkpoint kept for this position.
async fn kept(world: &World, position: u64) -> Option<Vec<u8>> {
    let url = world.url(&format!("/log/checkpoint/{position}"));
    let answer = world.client().get(url).send().await.unwrap();
    match answer.status() {
        StatusCode::NOT_FOUND => None,
        StatusCode::OK => {
            let cached = answer.headers()["cache-control"].to_str().unwrap();
            assert!(cached.contains("immutable"));
            Some(answer.bytes().await.unwrap().to_vec())
        }
        other => panic!("{other}"),
    }
}

async fn until_kept(world: &World, position: u64) -> Vec<u8> {
    for _ in 0..PATIENCE {
        if let Some(note) = kept(world, position).await {
            return note;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not kept");
}

fn judge(note: &[u8], policy: &str) -> Judgement {
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    policy.judge(note, &policy.log_keys()).unwrap()
}

async fn size(world: &World) -> u64 {
    world.service.sign_checkpoint().await.unwrap().head().size
}

#[tokio::test]
async fn the_first_that_covers_a_position_stays_the_answer() {
    let (operator, witness, policy, _folder) = witnessed().await;
    let settings = Settings {
        history_interval: Duration::ZERO,
        ..operator.settings(Some(&policy))
    };
    let world = operator.serve(settings.clone()).await;
    let client = world.client();
    world.party(&client).await;
    let last = size(&world).await - 1;
    let first = until_kept(&world, last).await;
    let judgement = judge(&first, &policy);
    assert!(judgement.has_quorum() && judgement.checkpoint().head().size > last);

    let beyond = judgement.checkpoint().head().size;
    assert_eq!(kept(&world, beyond).await, None);
    assert_eq!(kept(&world, u64::MAX).await, None);
    world.party(&client).await;
    until_kept(&world, beyond).await;
    assert_eq!(kept(&world, last).await, Some(first.clone()));

    let operator = Operator {
        folder: world.into_folder().await,
    };
    let world = operator.serve(settings).await;
    assert_eq!(kept(&world, last).await, Some(first));
    world.ended().await.unwrap();
    witness.stop().await;
}

#[tokio::test]
async fn within_the_interval_only_the_last_is_kept_when_the_server_stops() {
    let (operator, witness, policy, _folder) = witnessed().await;
    let settings = operator.settings(Some(&policy));
    let folder = settings.history.clone();
    let world = operator.serve(settings.clone()).await;
    until_kept(&world, 0).await;
    let mut sizes = Vec::new();
    for _ in 0..3 {
        world.party(&world.client()).await;
        sizes.push(size(&world).await);
        until_health(&world, 200, &format!("{} published", sizes.last().unwrap())).await;
    }
    let operator = world.into_folder().await;
    let names = std::fs::read_dir(folder).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let last = format!("{}.note", sizes.last().unwrap());
    assert!(names.iter().any(|name| *name == *last), "{names:?}");
    drop(operator);
    witness.stop().await;
}

#[tokio::test]
async fn cosignatures_are_renewed_while_the_log_rests_and_outlast_a_witness() {
    let (operator, witness, policy, _folder) = witnessed().await;
    let settings = Settings {
        renew: Duration::ZERO,
        ..operator.settings(Some(&policy))
    };
    let world = operator.serve(settings).await;
    let size = size(&world).await;
    until_health(&world, 200, &format!("{size} published")).await;
    let before = judged(&world, &policy).await.quorum_time().unwrap();
    let mut now = before;
    for _ in 0..PATIENCE {
        tokio::time::sleep(Duration::from_millis(10)).await;
        now = judged(&world, &policy).await.quorum_time().unwrap();
        if now > before {
            break;
        }
    }
    assert!(now > before);
    // What is kept is the first time that the tree was seen.
    let first = judge(&until_kept(&world, 0).await, &policy);
    assert!(first.quorum_time().unwrap() <= before);

    witness.stop().await;
    until_health(&world, 200, "1 witnesses away").await;
    let judgement = judged(&world, &policy).await;
    assert!(judgement.has_quorum() && judgement.checkpoint().head().size == size);
    world.ended().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evidence_file_made_late_shows_when_its_receipts_were_first_seen() {
    let (operator, witness, policy, _folder) = witnessed().await;
    let settings = Settings {
        history_interval: Duration::ZERO,
        ..operator.settings(Some(&policy))
    };
    let town = Town::around(async |public| operator.serve_as(settings, Some(public)).await);
    let town = town.await.enrolled().await.consenting().await;
    let header = send(&town.authority, &town.to_citizen()).await.unwrap();
    let position = size(&town.world).await - 1;
    let first = until_kept(&town.world, position).await;
    // The log goes on; the newest checkpoint covers the letter too, but was seen later.
    town.world.party(&town.world.client()).await;
    let grown = size(&town.world).await;
    until_health(&town.world, 200, &format!("{grown} published")).await;

    let evidence = town
        .citizen
        .evidence(header.statement, Content::Sealed)
        .await
        .unwrap();
    let record = evidence.log.as_ref().unwrap();
    assert!(record.checkpoints.iter().any(|note| ***note == *first));
    let mut sizes = record.checkpoints.iter().map(|note| {
        let keys = Policy::parse(policy.as_bytes()).unwrap().log_keys();
        SignedCheckpoint::verify(note, &keys).unwrap().head().size
    });
    assert!(sizes.clone().is_sorted_by(|one, next| one < next));
    assert_eq!(sizes.next_back(), Some(grown));

    let operator = town.citizen.operator();
    let pinned = evidence::Policy {
        witnesses: Policy::parse(policy.as_bytes()).unwrap(),
        ..evidence::Policy::without_witnesses(operator.origin(), operator.root())
    };
    let report = evidence::verify(&evidence, &pinned);
    assert_eq!(
        report.outcome(CheckName::TimesBounded),
        Some(Outcome::Passed)
    );
    town.world.ended().await.unwrap();
    witness.stop().await;
}
