//! The server over real TLS on loopback: what works, and each kind of bad request.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod connections;
mod log;
mod pages;
mod requests;
#[path = "../support/mod.rs"]
mod support;
mod uploads;
mod vaults;

use std::collections::BTreeSet;

use postfach::api::http_signature::content_digest;
use postfach::api::resources::{AcceptedStatement, EnvelopeResource, Page, UploadResource};
use postfach::server::limits::Limits;
use postfach_crypto::ids::UploadId;
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use support::{World, assert_problem};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_statement_is_accepted_once_and_answered_alike_again() {
    let (world, client, party) = World::with_party().await;
    let again = world.post_statement(&client, party.keys.bytes()).await;
    assert_eq!(again.status(), 200);
    let again: AcceptedStatement = json(again).await;
    assert!(again.repeated);
    assert_eq!(again.statement, party.keys.hash().to_string());
    world
        .service
        .operator()
        .receipt(&again.receipt.statement.0)
        .unwrap();
}

#[tokio::test]
async fn an_envelope_goes_in_and_its_parts_come_out_in_ranges() {
    let (world, client, party) = World::with_party().await;
    let text = vec![7; 30_000];
    let archived = world.archive(&party, &[b"manifest", &text], &[None, None]);
    let accepted = world
        .post_envelope(&client, archived.submission.clone())
        .await;
    assert_eq!(accepted.status(), 201);
    let repeated = world
        .post_envelope(&client, archived.submission.clone())
        .await;
    assert_eq!(repeated.status(), 200);

    let page: Page = json(mailbox(&world, &client, &party, "").await).await;
    assert_eq!(page.entries[0].statement.0, archived.header.bytes());
    let hash = archived.header.hash();
    let target = format!("/v1/envelopes/{hash}");
    let envelope = world.ask(&client, &party, Method::GET, &target).await;
    let envelope: EnvelopeResource = json(envelope).await;
    assert_eq!(envelope.age_headers.unwrap().len(), 2);

    let target = format!("/v1/envelopes/{hash}/parts/1");
    let payload = &archived.payloads[1];
    let get = |range: Option<&str>| {
        let request = world.signed(&client, &party, Method::GET, &target);
        match range {
            Some(range) => request.header("range", range),
            None => request,
        }
    };
    let whole = get(None).send().await.unwrap();
    assert_eq!(
        (whole.status(), whole.headers()["accept-ranges"].as_bytes()),
        (StatusCode::OK, &b"bytes"[..])
    );
    let etag = whole.headers()["etag"].clone();
    assert_eq!(whole.bytes().await.unwrap(), payload);
    for (range, expected) in [
        ("bytes=0-99", &payload[..100]),
        ("bytes=20000-", &payload[20_000..]),
    ] {
        let part = get(Some(range))
            .header("if-range", &etag)
            .send()
            .await
            .unwrap();
        assert_eq!(part.status(), 206);
        assert!(
            part.headers()["content-range"]
                .to_str()
                .unwrap()
                .ends_with(&format!("/{}", payload.len()))
        );
        assert_eq!(part.bytes().await.unwrap(), expected);
    }
    let other = get(Some("bytes=0-9"))
        .header("if-range", "\"x\"")
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), 200);
    for range in [
        "bytes=9-3",
        "bytes=0-1,5-6",
        "bytes=99999999-",
        "bytes=x",
        "nonsense",
    ] {
        let answer = get(Some(range)).send().await.unwrap();
        assert_eq!(
            answer.headers()["content-range"],
            format!("bytes */{}", payload.len())
        );
        assert_problem(answer, 416, "range").await;
    }
    let head = world.ask(&client, &party, Method::HEAD, &target).await;
    assert_eq!(head.headers()["content-length"], payload.len().to_string());
    assert!(head.bytes().await.unwrap().is_empty());

    let stranger = world.party(&client).await;
    let answer = world.ask(&client, &stranger, Method::GET, &target).await;
    assert_problem(answer, 404, "unknown-envelope").await;
}

#[tokio::test]
async fn an_upload_continues_at_its_offset_and_belongs_to_its_sender() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let (party, stranger) = (world.party(&client).await, world.party(&client).await);
    let text = vec![9; 2 * MIB];
    let id = UploadId([4; 16]);
    let archived = world.archive(&party, &[b"manifest", &text], &[None, Some(id)]);
    let payload = &archived.payloads[1];
    let target = format!("/v1/uploads/{id}");

    let create = |length: usize, body_type: &'static str| {
        world
            .signed(&client, &party, Method::POST, "/v1/uploads")
            .header("content-type", body_type)
            .body(format!("{{\"id\":\"{id}\",\"length\":{length}}}"))
            .send()
    };
    let unknown = create(payload.len(), "application/json").await.unwrap();
    assert_problem(unknown, 403, "upload-not-allowed").await;
    world.certify(&client, &party).await;
    let wrong = create(payload.len(), "text/plain").await.unwrap();
    assert_problem(wrong, 415, "media-type").await;
    let created: UploadResource =
        json(create(payload.len(), "application/json").await.unwrap()).await;
    assert_eq!(created.received, 0);
    let other = create(payload.len() + 1, "application/json").await.unwrap();
    assert_problem(other, 409, "upload-length").await;
    let taken_early = world
        .post_envelope(&client, archived.submission.clone())
        .await;
    assert_problem(taken_early, 409, "incomplete-upload").await;

    let first = payload[..2 * MIB].to_vec();
    let digest = content_digest(&first);
    let send = |party, offset, digest: &str, bytes: Vec<u8>| {
        world
            .piece(&client, party, id, offset, digest, bytes)
            .send()
    };
    let bad = send(&party, 0, &content_digest(b"other"), first.clone())
        .await
        .unwrap();
    assert_problem(bad, 400, "content-digest").await;
    let foreign = send(&stranger, 0, &digest, first.clone()).await.unwrap();
    assert_problem(foreign, 404, "unknown-upload").await;
    let unaligned = payload[..1000].to_vec();
    let unaligned = send(&party, 0, &content_digest(&unaligned), unaligned)
        .await
        .unwrap();
    assert_problem(unaligned, 400, "upload-unaligned").await;
    let stored: UploadResource = json(send(&party, 0, &digest, first.clone()).await.unwrap()).await;
    assert_eq!(stored.received, 2 * MIB as u64);
    let replayed = send(&party, 0, &digest, first.clone()).await.unwrap();
    let problem = assert_problem(replayed, 409, "upload-offset").await;
    assert_eq!(problem["received"], 2 * MIB);
    let twice = world
        .piece(&client, &party, id, 0, &digest, first.clone())
        .header("upload-offset", "0");
    assert_problem(twice.send().await.unwrap(), 400, "upload-headers").await;

    let status = world.ask(&client, &party, Method::HEAD, &target).await;
    assert_eq!(status.headers()["upload-offset"], (2 * MIB).to_string());
    let unseen = world.ask(&client, &stranger, Method::GET, &target).await;
    assert_problem(unseen, 404, "unknown-upload").await;
    let rest = payload[2 * MIB..].to_vec();
    let digest = content_digest(&rest);
    json::<UploadResource>(send(&party, 2 * MIB as u64, &digest, rest).await.unwrap()).await;
    assert_eq!(
        world
            .post_envelope(&client, archived.submission.clone())
            .await
            .status(),
        201
    );
    let kept = world.ask(&client, &party, Method::DELETE, &target).await;
    assert_problem(kept, 409, "upload-taken").await;
    let target = format!("/v1/envelopes/{}/parts/1", archived.header.hash());
    let part = world.ask(&client, &party, Method::GET, &target).await;
    assert_eq!(part.bytes().await.unwrap(), payload);
}

/// The description is made from the routes, so the document is what could drift.
#[tokio::test]
async fn routes_description_and_document_agree() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let answer = client
        .get(world.url("/v1/openapi.json"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["cache-control"], "public, max-age=3600");
    let description: serde_json::Value = json(answer).await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut routes = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            routes.insert(format!("{} {path}", method.to_uppercase()));
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let url = path.replace("{path}", "0/000.p/1");
            let url = world.url(&url.replace(['{', '}'], ""));
            let status = client.request(method, url).send().await.unwrap().status();
            assert!(status != 404 && status != 405, "{path}: {status}");
        }
    }
    let sent = &description["paths"]["/v1/mailboxes/{address}/sent"]["get"]["parameters"];
    let optional: Vec<_> = sent
        .as_array()
        .unwrap()
        .iter()
        .filter(|parameter| parameter["in"] == "query" && parameter["required"] != true)
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert_eq!(optional, ["after", "limit", "wait"]);
    let document = include_str!("../../docs/format/http.md");
    let documented: BTreeSet<String> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(route, _)| route.to_owned())
        .filter(|route| route.contains(" /v1/") || route.contains(" /log/"))
        .collect();
    assert_eq!(routes, documented);
}

async fn json<T: DeserializeOwned>(answer: reqwest::Response) -> T {
    assert!(answer.status().is_success(), "{}", answer.status());
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

async fn mailbox(
    world: &World,
    client: &reqwest::Client,
    party: &support::Party,
    query: &str,
) -> reqwest::Response {
    let target = format!("/v1/mailboxes/{}/envelopes{query}", party.address);
    world
        .signed(client, party, Method::GET, &target)
        .send()
        .await
        .unwrap()
}
