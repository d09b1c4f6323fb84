//! The log never forks or rewinds: older and other data folders are refused, by mark or by witness.

use std::fs;
use std::path::Path;

use postfach::publish::{PublishError, Publisher};
use postfach::server::operator::OpenServiceError;
use postfach::service::StartError;
use postfach::witness::listen::limits;

use crate::running::{Running, seed};
use crate::{Operator, policy, until_health, witness};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn an_older_copy_and_another_folder_are_refused_by_the_mark() {
    let operator = Operator::found();
    let settings = operator.settings(None);
    let world = operator.serve(settings.clone()).await;
    world.party(&world.client()).await;
    let operator = Operator {
        folder: world.into_folder().await,
    };
    let path = |name: &str| operator.folder.path().join(name);
    copy(&path("data"), &path("older"));

    let settings_again = settings.clone();
    let world = operator.serve(settings_again).await;
    world.party(&world.client()).await;
    let operator = Operator {
        folder: world.into_folder().await,
    };
    let refused = operator.open("older", &settings).await;
    assert!(matches!(
        refused,
        Err(OpenServiceError::Start(StartError::LogShrunk { marked, found })) if marked > found
    ));
    // Another log of the same operator, as long as this one.
    let other = Operator {
        folder: tempfile::tempdir().unwrap(),
    };
    copy(
        &operator.folder.path().join("keys"),
        &other.folder.path().join("keys"),
    );
    copy(
        &operator.folder.path().join("tls"),
        &other.folder.path().join("tls"),
    );
    fs::remove_file(other.folder.path().join("keys/checkpoint.mark")).unwrap();
    let other_settings = other.settings(None);
    let world = other.serve(other_settings).await;
    for _ in 0..3 {
        world.party(&world.client()).await;
    }
    let other = world.into_folder().await;
    copy(
        &other.path().join("data"),
        &operator.folder.path().join("other"),
    );
    let refused = operator.open("other", &settings).await;
    assert!(matches!(
        refused,
        Err(OpenServiceError::Start(StartError::LogForked { .. }))
    ));
    // The right folder still opens.
    operator
        .open("data", &settings)
        .await
        .unwrap()
        .close()
        .await;
}

#[tokio::test]
async fn without_the_mark_a_witness_that_is_ahead_refuses_the_start() {
    let operator = Operator::found();
    let (log, state) = (operator.log_key(), tempfile::tempdir().unwrap());
    let ahead = Running::start(witness(&log, seed(), state.path()), limits()).await;
    let policy = policy(&log, &[(ahead.vkey.clone(), ahead.address)], 1);
    let settings = operator.settings(Some(&policy));
    let world = operator.serve(settings.clone()).await;
    let operator = Operator {
        folder: world.into_folder().await,
    };
    let path = |name: &str| operator.folder.path().join(name);
    copy(&path("data"), &path("older"));
    let world = operator.serve(settings.clone()).await;
    world.party(&world.client()).await;
    until_health(&world, 200, "0 witnesses away").await;
    let size = world.service.sign_checkpoint().await.unwrap().head().size;
    let operator = Operator {
        folder: world.into_folder().await,
    };

    fs::remove_file(operator.folder.path().join("keys/checkpoint.mark")).unwrap();
    let service = operator.open("older", &settings).await.unwrap();
    let begun = Publisher::open(settings).unwrap().begin(&service).await;
    let Err(error @ PublishError::Contradiction { theirs, ours, .. }) = &begun else {
        panic!("{begun:?}");
    };
    assert!(*theirs == size && *ours < size);
    assert!(error.to_string().contains("restore the newest"), "{error}");
    service.close().await;
    ahead.stop().await;
}
