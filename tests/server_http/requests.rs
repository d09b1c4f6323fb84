//! Requests that are refused: signatures, paths, bodies.

use postfach::api::http_signature::content_digest;
use postfach::api::resources::Page;
use postfach::server::limits::Limits;
use postfach_crypto::ids::UploadId;
use reqwest::Method;

use crate::support::{World, assert_problem, with_signature};
use crate::{MIB, json, mailbox};

#[tokio::test]
async fn requests_that_are_not_signed_as_required_are_refused() {
    let (world, client, party) = World::with_party().await;
    let target = format!("/v1/mailboxes/{}/envelopes?after=0", party.address);
    let method = Method::GET;
    let covered = world.covered(&method, &target);
    let good = party.sign(&covered, world.seconds());
    let get = || client.get(world.url(&target));
    assert!(
        with_signature(get(), &good)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );

    let unsigned = get().send().await.unwrap();
    assert!(unsigned.headers().contains_key("www-authenticate"));
    assert_problem(unsigned, 401, "unsigned").await;
    let half = get()
        .header("signature-input", &good.input)
        .send()
        .await
        .unwrap();
    assert_problem(half, 401, "signature-profile").await;
    let twice = with_signature(with_signature(get(), &good), &good)
        .send()
        .await
        .unwrap();
    assert_problem(twice, 401, "signature-profile").await;

    let mut other = covered;
    other.authority = "evil.example";
    let foreign = party.sign(&other, world.seconds());
    assert_problem(
        with_signature(get(), &foreign).send().await.unwrap(),
        401,
        "signature-invalid",
    )
    .await;
    for seconds in [world.seconds() - 3600, world.seconds() + 3600] {
        let wrong = party.sign(&covered, seconds);
        assert_problem(
            with_signature(get(), &wrong).send().await.unwrap(),
            401,
            "signature-time",
        )
        .await;
    }
    let mut less = good.clone();
    less.input = less.input.replace(" \"@query\"", "");
    assert_problem(
        with_signature(get(), &less).send().await.unwrap(),
        401,
        "signature-profile",
    )
    .await;
    let moved = client.get(world.url(&target.replace("after=0", "after=1")));
    assert_problem(
        with_signature(moved, &good).send().await.unwrap(),
        401,
        "signature-invalid",
    )
    .await;

    let stranger = world.party(&client).await;
    let answer = world.ask(&client, &stranger, Method::GET, &target).await;
    assert_problem(answer, 404, "unknown-party").await;
    let mut nobody = world.party(&client).await;
    nobody.key = party.key;
    let answer = world.ask(&client, &nobody, Method::GET, &target).await;
    assert_problem(answer, 403, "not-allowed").await;
}

#[tokio::test]
async fn damaged_statements_and_submissions_are_refused() {
    let (world, client, party) = World::with_party().await;
    let mut damaged = party.keys.bytes().to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let truncated = &damaged[..damaged.len() - 1];
    for bytes in [&damaged[..], truncated, b"", b"\xa0"] {
        let answer = world.post_statement(&client, bytes).await;
        assert_problem(answer, 400, "bad-statement").await;
    }
    let archived = world.archive(&party, &[b"manifest"], &[None]);
    let mut trailing = archived.submission.clone();
    trailing.push(0);
    let mut indefinite = archived.submission.clone();
    indefinite[0] = 0xbf; // a map of indefinite length is the same map, not canonical
    indefinite.push(0xff);
    for bytes in [trailing, indefinite, archived.submission[..100].to_vec()] {
        let answer = world.post_envelope(&client, bytes).await;
        assert_problem(answer, 400, "bad-submission").await;
    }
    let header = archived.header.bytes();
    assert_problem(
        world.post_statement(&client, header).await,
        400,
        "wrong-door",
    )
    .await;
    let page: Page = json(mailbox(&world, &client, &party, "").await).await;
    assert_eq!(page.count, 0);
}

#[tokio::test]
async fn unknown_paths_methods_and_parameters_are_problems() {
    let (world, client, party) = World::with_party().await;
    let get = |path: &str| client.get(world.url(path)).send();
    assert_problem(get("/nothing").await.unwrap(), 404, "no-such-path").await;
    assert_problem(get("/v1/info/").await.unwrap(), 404, "no-such-path").await;
    assert_problem(
        get("/v1/parties/pf1nonsense").await.unwrap(),
        400,
        "bad-path",
    )
    .await;
    assert_problem(
        get("/v1/certificates?after=x").await.unwrap(),
        400,
        "bad-query",
    )
    .await;
    assert_problem(
        get("/v1/certificates?from=1").await.unwrap(),
        400,
        "bad-query",
    )
    .await;
    let unknown = get(&format!("/v1/parties/{}", party.address))
        .await
        .unwrap();
    assert_problem(unknown, 404, "unknown-party").await;
    let long = mailbox(&world, &client, &party, "?wait=31").await;
    assert_problem(long, 400, "bad-query").await;
    for method in [Method::DELETE, Method::OPTIONS, Method::TRACE] {
        let answer = client
            .request(method, world.url("/v1/info"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["allow"], "GET,HEAD");
        assert!(
            !answer
                .headers()
                .contains_key("access-control-allow-methods")
        );
        assert_problem(answer, 405, "method").await;
    }
    let page: Page = json(get("/v1/certificates").await.unwrap()).await;
    assert_eq!(page.count, 0);
}

#[tokio::test]
async fn bodies_that_are_too_large_get_a_problem_over_both_versions() {
    let world = World::start(Limits::default()).await;
    for client in [
        world.client(),
        world.client_with(reqwest::ClientBuilder::http1_only),
    ] {
        let party = world.party(&client).await;
        let large = world.post_envelope(&client, vec![0; 9 * MIB]).await;
        assert_problem(large, 413, "too-large").await;
        let statement = world.post_statement(&client, &vec![0; 100_000]).await;
        assert_problem(statement, 413, "too-large").await;
        let bytes = vec![0; 9 * MIB];
        let digest = content_digest(&bytes);
        let piece = world.piece(&client, &party, UploadId([1; 16]), 0, &digest, bytes);
        assert_problem(piece.send().await.unwrap(), 413, "too-large").await;
        let unsigned = client
            .patch(world.url("/v1/uploads/01010101010101010101010101010101"))
            .body(vec![0; 8 * MIB]);
        assert_problem(unsigned.send().await.unwrap(), 401, "unsigned").await;
    }
}
