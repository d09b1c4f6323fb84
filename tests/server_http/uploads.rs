//! Uploads that no envelope took: limited for each sender, and gone after a while.

use std::time::Duration;

use postfach::api::http_signature::content_digest;
use postfach::api::resources::UploadResource;
use postfach::server::limits::Limits;
use postfach_crypto::ids::UploadId;
use postfach_storage::UploadQuota;
use reqwest::{Client, Method, Response};

use crate::json;
use crate::support::{Party, World, assert_problem, small_store};

async fn create(
    world: &World,
    client: &Client,
    party: &Party,
    id: UploadId,
    length: usize,
) -> Response {
    let request = world.signed(client, party, Method::POST, "/v1/uploads");
    request
        .header("content-type", "application/json")
        .body(format!("{{\"id\":\"{id}\",\"length\":{length}}}"))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn open_uploads_are_limited_and_expire() {
    let world = World::start(Limits {
        upload_quota: UploadQuota {
            uploads: 2,
            bytes: 100_000,
        },
        ..Limits::default()
    })
    .await;
    let client = world.client();
    let party = world.authority(&client).await;
    let [one, two, three] = [1, 2, 3].map(|n| UploadId([n; 16]));
    let text = vec![5; 40_000];
    let archived = world.archive(&party, &[b"manifest", &text], &[None, Some(one)]);
    let payload = archived.payloads[1].clone();
    let new = async |id, length| create(&world, &client, &party, id, length).await;
    json::<UploadResource>(new(one, payload.len()).await).await;
    let refused = new(two, 100_000).await;
    assert_problem(refused, 409, "too-many-uploads").await;
    json::<UploadResource>(new(two, 1000).await).await;
    assert_problem(new(three, 1).await, 409, "too-many-uploads").await;

    // What an envelope took does not count any more, nor what was discarded.
    let digest = content_digest(&payload);
    let piece = world.piece(&client, &party, one, 0, &digest, payload);
    json::<UploadResource>(piece.send().await.unwrap()).await;
    let sent = world.post_envelope(&client, archived.submission).await;
    assert_eq!(sent.status(), 201);
    json::<UploadResource>(new(three, 1).await).await;
    let four = UploadId([4; 16]);
    assert_problem(new(four, 1).await, 409, "too-many-uploads").await;
    let target = |id: UploadId| format!("/v1/uploads/{id}");
    let third = target(three);
    let discarded = world.ask(&client, &party, Method::DELETE, &third).await;
    assert_eq!(discarded.status(), 204);
    json::<UploadResource>(new(four, 1).await).await;

    // The next start looks for what is too old.
    let folder = world.into_folder().await;
    let limits = Limits {
        upload_life: Duration::ZERO,
        ..Limits::default()
    };
    let world = World::start_in(folder, limits, &small_store(), None).await;
    let client = world.client();
    for id in [two, four] {
        loop {
            let answer = world.ask(&client, &party, Method::GET, &target(id)).await;
            if answer.status() == 404 {
                assert_problem(answer, 404, "unknown-upload").await;
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    let taken = world.ask(&client, &party, Method::GET, &target(one)).await;
    assert!(json::<UploadResource>(taken).await.taken);
    let part = format!("/v1/envelopes/{}/parts/1", archived.header.hash());
    let part = world.ask(&client, &party, Method::GET, &part).await;
    assert_eq!(part.bytes().await.unwrap(), archived.payloads[1]);
}
