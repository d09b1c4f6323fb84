//! The door of this machine alone, and the pages behind both doors.

use postfach::api::http_signature::Covered;
use postfach::api::resources::Info;
use postfach::server::limits::Limits;
use postfach::server::listen::Server;

use crate::support::{World, assert_problem, with_signature};

#[tokio::test]
async fn the_local_door_speaks_plain_http_and_has_an_authority_of_its_own() {
    let (world, client, party) = World::with_party().await;
    let authority = format!("localhost:{}", world.local.port());
    let local = |path: &str| format!("http://127.0.0.1:{}{path}", world.local.port());
    let info = client.get(local("/v1/info")).send().await.unwrap();
    let info: Info = serde_json::from_slice(&info.bytes().await.unwrap()).unwrap();
    assert_eq!(info.authority, authority);

    let path = format!("/v1/mailboxes/{}/envelopes", party.address);
    let signed_for = |authority: &str| {
        let covered = Covered {
            method: "GET",
            authority,
            path: &path,
            query: None,
            fields: &[],
        };
        let headers = party.sign(&covered, world.seconds());
        with_signature(client.get(local(&path)), &headers)
    };
    let answer = signed_for(&authority).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    // What was signed for one door does not open the other.
    let answer = signed_for(&world.authority).send().await.unwrap();
    assert_problem(answer, 401, "signature-invalid").await;
}

#[tokio::test]
async fn pages_are_behind_both_doors_and_never_a_cookie() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let local = format!("http://127.0.0.1:{}/enrol", world.local.port());
    for url in [world.url("/enrol"), local] {
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let headers = answer.headers();
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        assert!(!headers.contains_key("set-cookie"));
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
    }
    let answer = client.get(world.url("/no/such/page")).send().await.unwrap();
    assert_problem(answer, 404, "no-such-path").await;
}

#[tokio::test]
async fn plain_http_is_never_served_to_others() {
    let server = Server::bind(([127, 0, 0, 1], 0).into(), None)
        .await
        .unwrap();
    let refused = server
        .locally(Some(([0, 0, 0, 0], 0).into()))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("this machine only"));
}
