//! A server whose receipt key is no longer delegated: it takes nothing, since its receipts would
//! count nowhere, and goes on showing what it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use postfach::server::limits::Limits;
use postfach::server::operator::load_operator;
use postfach::service::Service;
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::DelegationPurpose;
use postfach_storage::MemoryStore;
use reqwest::Method;

use crate::support::{World, assert_problem};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_delegated_receipt_key_nothing_is_accepted_and_reading_goes_on() {
    let (world, _, _) = World::with_party().await;
    let folder = world.into_folder().await;
    let operator = load_operator(&folder.path().join("keys")).unwrap();
    let ends = operator
        .operator
        .delegations()
        .iter()
        .find(|delegation| delegation.purpose == DelegationPurpose::Receipt)
        .unwrap()
        .until;
    let time = Arc::new(AtomicU64::new(ends.0 - 1000));
    let clock = Arc::clone(&time);
    let service = Service::start(
        Arc::new(MemoryStore::new()),
        operator,
        None,
        Arc::new(move || UnixMillis(clock.load(Ordering::SeqCst))),
    );
    let service = Arc::new(service.await.unwrap());
    let world = World::serve(folder, service, Limits::default(), None).await;
    let client = world.client();
    let party = world.party(&client).await;

    time.store(ends.0, Ordering::SeqCst);
    let stored = world.service.healthy().await.unwrap();
    let archived = world.archive(&party, &[b"manifest"], &[None]);
    let refused = world
        .post_envelope(&client, archived.submission.clone())
        .await;
    assert_problem(refused, 503, "key-not-delegated").await;
    assert_eq!(world.service.healthy().await.unwrap(), stored);
    // What was accepted before is answered as before, and shown.
    let again = world.post_statement(&client, party.keys.bytes()).await;
    assert_eq!(again.status(), 200);
    let own = format!("/v1/parties/{}", party.address);
    let shown = world.ask(&client, &party, Method::GET, &own).await;
    assert_eq!(shown.status(), 200);
    // The clock alone decides: once the key counts again, the same bytes are accepted.
    time.store(ends.0 - 1, Ordering::SeqCst);
    let accepted = world.post_envelope(&client, archived.submission).await;
    assert_eq!(accepted.status(), 201);
}
