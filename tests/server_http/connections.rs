//! Connections: versions, slowness, waiting, stopping, fullness.

use std::sync::Arc;
use std::time::Duration;

use postfach::api::resources::Page;
use postfach::server::limits::Limits;
use reqwest::{Method, StatusCode};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::support::{World, assert_problem};
use crate::{json, mailbox};

#[tokio::test]
async fn the_server_introduces_itself_over_both_versions_of_http() {
    let world = World::start(Limits::default()).await;
    let two = world.client();
    let one = world.client_with(reqwest::ClientBuilder::http1_only);
    for (client, version) in [
        (two, reqwest::Version::HTTP_2),
        (one, reqwest::Version::HTTP_11),
    ] {
        let answer = client.get(world.url("/v1/info")).send().await.unwrap();
        assert_eq!(
            (answer.status(), answer.version()),
            (StatusCode::OK, version)
        );
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
        assert!(headers.contains_key("strict-transport-security"));
        assert!(!headers.contains_key("access-control-allow-origin"));
        let info: serde_json::Value = json(answer).await;
        assert_eq!(info["authority"], world.authority);
        assert_eq!(info["delegations"].as_array().unwrap().len(), 3);
    }
    world.ended().await.unwrap();
}

#[tokio::test]
async fn tls_1_2_is_refused_and_the_hybrid_group_is_chosen() {
    let world = World::start(Limits::default()).await;
    let old = world.client_with(|builder| builder.tls_version_max(reqwest::tls::Version::TLS_1_2));
    assert!(old.get(world.url("/v1/info")).send().await.is_err());
    let stream = by_hand(&world).await;
    let group = stream.get_ref().1.negotiated_key_exchange_group().unwrap();
    assert_eq!(group.name(), rustls::NamedGroup::X25519MLKEM768);
}

/// A TLS connection on which tests speak HTTP/1.1 by hand.
async fn by_hand(world: &World) -> TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(&world.root_certificate).unwrap())
        .unwrap();
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let socket = TcpStream::connect(world.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, socket)
        .await
        .unwrap()
}

async fn answer_by_hand(world: &World, request: &[u8]) -> String {
    let mut stream = by_hand(world).await;
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // A server that closes without close_notify is as good as one that says goodbye.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn slow_and_truncated_bodies_and_heads_end() {
    let limits = Limits {
        body_grace: Duration::from_millis(200),
        head: Duration::from_millis(200),
        ..Limits::default()
    };
    let world = World::start(limits).await;
    let opened = world.service.healthy().await.unwrap();
    let head = format!(
        "POST /v1/statements HTTP/1.1\r\nhost: {}\r\ncontent-type: application/cose\r\n\
         connection: close\r\ncontent-length: 1000\r\n\r\nabc",
        world.authority
    );
    let slow = answer_by_hand(&world, head.as_bytes()).await;
    assert!(slow.starts_with("HTTP/1.1 408"), "{slow}");
    assert!(slow.contains("urn:postfach:problem:slow-body"));
    let silent = answer_by_hand(&world, b"GET /v1/info HTT").await;
    assert!(
        silent.is_empty() || silent.starts_with("HTTP/1.1 408"),
        "{silent}"
    );
    let mut truncated = by_hand(&world).await;
    truncated.write_all(head.as_bytes()).await.unwrap();
    truncated.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = truncated.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 2"));
    let many: String = (0..100).map(|n| format!("x-{n}: y\r\n")).collect();
    let many = format!("GET /v1/info HTTP/1.1\r\nhost: x\r\n{many}\r\n");
    let refused = answer_by_hand(&world, many.as_bytes()).await;
    assert!(refused.starts_with("HTTP/1.1 431"), "{refused}");
    assert_eq!(world.service.healthy().await.unwrap(), opened);
}

#[tokio::test]
async fn a_waiting_list_answers_when_mail_arrives_and_when_the_server_stops() {
    let mut world = World::start(Limits::default()).await;
    let client = world.client();
    let party = world.party(&client).await;
    let archived = world.archive(&party, &[b"manifest"], &[None]);
    let waiting = |after: u64| {
        let target = format!(
            "/v1/mailboxes/{}/envelopes?after={after}&wait=30",
            party.address
        );
        tokio::spawn(world.signed(&client, &party, Method::GET, &target).send())
    };
    let waiter = waiting(0);
    wait_for_metric(&world, "postfach_waiters 1").await;
    assert_eq!(
        world
            .post_envelope(&client, archived.submission)
            .await
            .status(),
        201
    );
    let page: Page = json(waiter.await.unwrap().unwrap()).await;
    assert_eq!(page.entries.len(), 1);
    let waiter = waiting(1);
    wait_for_metric(&world, "postfach_waiters 1").await;
    world.stop();
    let page: Page = json(waiter.await.unwrap().unwrap()).await;
    assert!(page.entries.is_empty());
    world.ended().await.unwrap();
}

/// Asks for the metrics until this line is there.
async fn wait_for_metric(world: &World, line: &str) {
    let url = format!("http://{}/metrics", world.observation);
    let client = reqwest::Client::new();
    loop {
        let text = client.get(&url).send().await.unwrap().text().await.unwrap();
        if text.lines().any(|known| known == line) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn stopping_finishes_the_request_under_way_and_takes_no_other() {
    let mut world = World::start(Limits::default()).await;
    let client = world.client();
    let party = world.party(&client).await;
    let bytes = party.keys.bytes();
    let head = format!(
        "POST /v1/statements HTTP/1.1\r\nhost: {}\r\ncontent-type: application/cose\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        world.authority,
        bytes.len()
    );
    let mut stream = by_hand(&world).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap(); // the handler is reading the body now
    assert!(go_on.starts_with(b"HTTP/1.1 100"));
    world.stop();
    while TcpStream::connect(world.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"repeated\":true"));
    let service = Arc::clone(&world.service);
    world.ended().await.unwrap();
    assert!(service.healthy().await.is_err()); // closed
}

#[tokio::test]
async fn a_full_server_says_so() {
    let world = World::start(Limits {
        connections: 1,
        ..Limits::default()
    })
    .await;
    let first = world.client();
    assert!(
        first
            .get(world.url("/v1/info"))
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    let second = world
        .client()
        .get(world.url("/v1/info"))
        .send()
        .await
        .unwrap();
    assert_problem(second, 503, "busy").await;
}

#[tokio::test]
async fn health_and_metrics_have_a_listener_of_their_own() {
    let (world, client, party) = World::with_party().await;
    assert!(
        mailbox(&world, &client, &party, "")
            .await
            .status()
            .is_success()
    );
    let get = async |path: &str| {
        let url = format!("http://{}{path}", world.observation);
        let answer = reqwest::get(url).await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    assert_eq!(get("/health/live").await.0, 200);
    assert_eq!(get("/health/ready").await.0, 200);
    let (_, metrics) = get("/metrics").await;
    assert!(
        metrics.contains("route=\"/v1/mailboxes/{address}/envelopes\",status=\"200\""),
        "{metrics}"
    );
    let size = world.service.healthy().await.unwrap();
    assert!(metrics.contains(&format!("postfach_log_size {size}\n")));
    assert!(!metrics.contains(&party.address.to_string()));
    assert_problem(
        client.get(world.url("/metrics")).send().await.unwrap(),
        404,
        "no-such-path",
    )
    .await;
}

#[tokio::test]
async fn strangers_of_one_address_have_their_share_and_signers_count_to_their_party() {
    let world = World::start(Limits {
        unauthenticated_per_address: 2,
        ..Limits::default()
    })
    .await;
    let known = world.client_with(reqwest::ClientBuilder::http2_prior_knowledge);
    let party = world.party(&known).await; // the first stranger
    let stranger = world.client();
    assert_eq!(status(&world, &stranger).await, 200);
    let third = world.client();
    assert_eq!(status(&world, &third).await, 503);
    assert_eq!(mailbox(&world, &known, &party, "").await.status(), 200); // now a party's
    let fourth = world.client();
    assert_eq!(status(&world, &fourth).await, 200);
    let fifth = world.client();
    assert_eq!(status(&world, &fifth).await, 503);
    assert_eq!(mailbox(&world, &known, &party, "").await.status(), 200); // served all the time
    wait_for_metric(
        &world,
        "postfach_connections_refused_total{reason=\"address\"} 2",
    )
    .await;
}

async fn status(world: &World, client: &reqwest::Client) -> StatusCode {
    let answer = client.get(world.url("/v1/info")).send().await.unwrap();
    answer.status()
}

#[tokio::test]
async fn an_announced_length_takes_no_memory() {
    let limits = Limits {
        body_memory: 64 * 1024, // four bodies that have hardly begun
        ..Limits::default()
    };
    let world = World::start(limits).await;
    let client = world.client();
    let head = format!(
        "POST /v1/envelopes HTTP/1.1\r\nhost: {}\r\ncontent-type: application/cbor\r\n\
         expect: 100-continue\r\ncontent-length: 8000000\r\n\r\n",
        world.authority
    );
    let mut announced = Vec::new();
    for _ in 0..3 {
        let mut stream = by_hand(&world).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap(); // its body is being read now
        announced.push(stream);
    }
    world.party(&client).await; // still finds room
}
