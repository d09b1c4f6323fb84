//! Vaults over the interface: who reads, who writes, and what is refused.

use postfach::api::http_signature::{Covered, KeyHolder, content_digest, sign};
use postfach::api::resources::Vaults;
use postfach::server::limits::{Limits, VAULT_BODY, VAULT_WRITES};
use postfach::service::{UNBOUND_VAULT, UNBOUND_VAULTS};
use postfach_crypto::ids::{VaultId, VaultVersion};
use postfach_crypto::vault::{VaultKeys, VaultSecret};
use reqwest::{Client, Method, Response};

use crate::json;
use crate::support::{Party, World, assert_problem, with_signature};

fn keys(n: u8) -> VaultKeys {
    VaultKeys::derive(VaultSecret::Device(&[n; 32]))
}

fn target(id: VaultId) -> String {
    format!("/v1/vaults/{id}")
}

/// What a write presupposes.
enum Before {
    Nothing,
    Version(String),
}

impl Before {
    fn sealed(bytes: &[u8]) -> Self {
        Before::Version(format!("\"{}\"", VaultVersion::of(bytes)))
    }

    fn field(&self) -> (&'static str, &str) {
        match self {
            Before::Nothing => ("if-none-match", "*"),
            Before::Version(version) => ("if-match", version),
        }
    }
}

async fn get(world: &World, client: &Client, keys: &VaultKeys, id: VaultId) -> Response {
    let target = target(id);
    let covered = world.covered(&Method::GET, &target);
    let headers = sign(&covered, KeyHolder::Vault, &keys.key, world.seconds());
    let request = client.get(world.url(&target));
    with_signature(request, &headers).send().await.unwrap()
}

async fn put(
    world: &World,
    client: &Client,
    party: &Party,
    id: VaultId,
    before: &Before,
    sealed: &[u8],
) -> Response {
    let (target, digest) = (target(id), content_digest(sealed));
    let fields = [before.field(), ("content-digest", &digest)];
    let covered = Covered {
        fields: &fields,
        ..world.covered(&Method::PUT, &target)
    };
    let headers = party.sign(&covered, world.seconds());
    with_signature(client.put(world.url(&target)), &headers)
        .header("content-type", "application/octet-stream")
        .header(fields[0].0, fields[0].1)
        .header("content-digest", &digest)
        .body(sealed.to_vec())
        .send()
        .await
        .unwrap()
}

async fn delete(
    world: &World,
    client: &Client,
    party: &Party,
    id: VaultId,
    before: &Before,
) -> Response {
    let target = target(id);
    let fields = [before.field()];
    let covered = Covered {
        fields: &fields,
        ..world.covered(&Method::DELETE, &target)
    };
    let headers = party.sign(&covered, world.seconds());
    with_signature(client.delete(world.url(&target)), &headers)
        .header(fields[0].0, fields[0].1)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_vault_opens_to_its_key_and_changes_by_its_version() {
    let (world, client, party) = World::with_party().await;
    let vault = keys(1);
    let (one, two) = (b"sealed".as_slice(), b"sealed anew".as_slice());
    let put = async |id, before, sealed| put(&world, &client, &party, id, &before, sealed).await;
    let unknown = get(&world, &client, &vault, vault.id()).await;
    let unknown = assert_problem(unknown, 404, "unknown-vault").await;
    let created = put(vault.id(), Before::Nothing, one).await;
    assert_eq!(created.status(), 201);
    let version = created.headers()["etag"].clone();
    let read = get(&world, &client, &vault, vault.id()).await;
    assert_eq!(
        (read.status().as_u16(), &read.headers()["etag"]),
        (200, &version)
    );
    assert_eq!(read.headers()["content-type"], "application/octet-stream");
    assert_eq!(read.headers()["cache-control"], "no-store");
    assert_eq!(read.bytes().await.unwrap(), one);

    // A wrong key is told what a wrong id is told, word for word but for the time.
    let wrong = get(&world, &client, &keys(2), vault.id()).await;
    let mut wrong = assert_problem(wrong, 404, "unknown-vault").await;
    wrong["time"] = unknown["time"].clone();
    assert_eq!(wrong, unknown);
    // Nor does the owner's own key read it: the profile is another one.
    let target = target(vault.id());
    let owner = world.ask(&client, &party, Method::GET, &target).await;
    assert_problem(owner, 401, "signature-profile").await;

    let again = put(vault.id(), Before::Nothing, two).await;
    assert_problem(again, 412, "vault-changed").await;
    let repeated = put(vault.id(), Before::Nothing, one).await;
    assert_eq!(repeated.status(), 204);
    let stale = put(vault.id(), Before::sealed(b"other"), two).await;
    assert_problem(stale, 412, "vault-changed").await;
    let replaced = put(vault.id(), Before::sealed(one), two).await;
    assert_eq!(replaced.status(), 204);
    assert_ne!(replaced.headers()["etag"], version);
    let read = get(&world, &client, &vault, vault.id()).await;
    assert_eq!(read.bytes().await.unwrap(), two);

    let listed = world.ask(&client, &party, Method::GET, "/v1/vaults").await;
    let listed: Vaults = json(listed).await;
    assert_eq!(listed.vaults[0].id, vault.id().to_string());
    assert_eq!(listed.vaults[0].version, VaultVersion::of(two).to_string());
    let stale = delete(&world, &client, &party, vault.id(), &Before::sealed(one)).await;
    assert_problem(stale, 412, "vault-changed").await;
    let two = Before::sealed(two);
    let gone = delete(&world, &client, &party, vault.id(), &two).await;
    assert_eq!(gone.status(), 204);
    let gone = delete(&world, &client, &party, vault.id(), &two).await;
    assert_problem(gone, 404, "unknown-vault").await;
    let gone = get(&world, &client, &vault, vault.id()).await;
    assert_problem(gone, 404, "unknown-vault").await;
}

#[tokio::test]
async fn a_stranger_neither_replaces_nor_deletes_a_vault() {
    let (world, client, party) = World::with_party().await;
    let stranger = world.party(&client).await;
    let id = keys(1).id();
    let sealed = b"sealed".as_slice();
    put(&world, &client, &party, id, &Before::Nothing, sealed).await;
    for before in [Before::Nothing, Before::sealed(sealed)] {
        let refused = put(&world, &client, &stranger, id, &before, b"mine").await;
        assert_problem(refused, 412, "vault-changed").await;
        // Not even by the bytes that are there, which would tell whether they are.
        let refused = put(&world, &client, &stranger, id, &before, sealed).await;
        assert_problem(refused, 412, "vault-changed").await;
    }
    let refused = delete(&world, &client, &stranger, id, &Before::sealed(sealed)).await;
    assert_problem(refused, 404, "unknown-vault").await;
}

#[tokio::test]
async fn vaults_have_room_for_whom_an_authority_knows() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let unbound = world.party(&client).await;
    let large = vec![7; UNBOUND_VAULT + 1];
    let refused = put(
        &world,
        &client,
        &unbound,
        keys(0).id(),
        &Before::Nothing,
        &large,
    )
    .await;
    assert_problem(refused, 413, "too-large").await;
    for n in 0..=UNBOUND_VAULTS {
        let id = keys(u8::try_from(n).unwrap()).id();
        let answer = put(&world, &client, &unbound, id, &Before::Nothing, b"sealed").await;
        if n < UNBOUND_VAULTS {
            assert_eq!(answer.status(), 201);
        } else {
            assert_problem(answer, 409, "too-many-vaults").await;
        }
    }
    let authority = world.authority(&client).await;
    for n in 100..165 {
        let answer = put(
            &world,
            &client,
            &authority,
            keys(n).id(),
            &Before::Nothing,
            &large,
        )
        .await;
        if n < 164 {
            assert_eq!(answer.status(), 201);
        } else {
            assert_problem(answer, 409, "too-many-vaults").await;
        }
    }
    let longest = vec![7; VAULT_BODY + 1];
    let before = Before::sealed(&large);
    let refused = put(
        &world,
        &client,
        &authority,
        keys(100).id(),
        &before,
        &longest,
    )
    .await;
    assert_problem(refused, 413, "too-large").await;
    let replaced = put(
        &world,
        &client,
        &authority,
        keys(100).id(),
        &before,
        &longest[1..],
    );
    assert_eq!(replaced.await.status(), 204);
}

#[tokio::test]
async fn writes_of_vaults_are_rationed() {
    let (world, client, party) = World::with_party().await;
    let id = keys(1).id();
    for _ in 0..VAULT_WRITES {
        let answer = put(&world, &client, &party, id, &Before::Nothing, b"sealed").await;
        assert!(answer.status().is_success());
    }
    let refused = put(&world, &client, &party, id, &Before::Nothing, b"sealed").await;
    assert!(refused.headers().contains_key("retry-after"));
    assert_problem(refused, 429, "too-many-requests").await;
}

#[tokio::test]
async fn writes_of_vaults_name_what_they_replace_and_what_they_send() {
    let (world, client, party) = World::with_party().await;
    let target = target(keys(1).id());
    let digest = content_digest(b"sealed");
    let cases: [&[(&str, &str)]; 5] = [
        &[("content-digest", &digest)],
        &[("if-none-match", "*")],
        &[("if-none-match", "\"x\""), ("content-digest", &digest)],
        &[("if-match", "*"), ("content-digest", &digest)],
        &[
            ("if-match", "\"00\""),
            ("if-none-match", "*"),
            ("content-digest", &digest),
        ],
    ];
    let send = async |fields: &[(&str, &str)], body: &'static [u8]| {
        let covered = Covered {
            fields,
            ..world.covered(&Method::PUT, &target)
        };
        let headers = party.sign(&covered, world.seconds());
        let mut request = with_signature(client.put(world.url(&target)), &headers)
            .header("content-type", "application/octet-stream");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        request.body(body).send().await.unwrap()
    };
    for fields in cases {
        assert_problem(send(fields, b"sealed").await, 400, "vault-headers").await;
    }
    let good: &[(&str, &str)] = &[("if-none-match", "*"), ("content-digest", &digest)];
    assert_problem(send(good, b"altered").await, 400, "content-digest").await;
    assert_eq!(send(good, b"sealed").await.status(), 201);
}
