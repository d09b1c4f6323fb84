//! The public log over HTTP: proofs with every answer, tiles and checkpoint as static files.

use postfach::api::resources::{AcceptedStatement, Info};
use postfach::server::limits::Limits;
use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::tlog::proof::verify_inclusion;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{EntryBundle, Resource, SignedCheckpoint, Tile, TileSet, VerifierKey};
use reqwest::Client;

use super::json;
use crate::support::World;

async fn fetch(world: &World, client: &Client, file: Resource) -> reqwest::Response {
    let url = world.url(&format!("/log/{file}"));
    client.get(url).send().await.unwrap()
}

#[tokio::test]
async fn every_answer_proves_that_statement_and_receipt_are_in_the_log() {
    let (world, client, party) = World::with_party().await;
    let info: Info = json(client.get(world.url("/v1/info")).send().await.unwrap()).await;
    let log: VerifierKey = info.log_key.parse().unwrap();
    let statement = party.keys.bytes();
    let mut checkpoints = Vec::new();
    for _ in 0..2 {
        let answer = world.post_statement(&client, statement).await;
        let answer: AcceptedStatement = json(answer).await;
        let note = answer.proof.checkpoint.as_bytes();
        let signed = SignedCheckpoint::verify(note, std::slice::from_ref(&log)).unwrap();
        for (bytes, position, proof) in [
            (statement, answer.position, &answer.proof.statement),
            (
                answer.receipt.statement.as_ref(),
                answer.receipt.position,
                &answer.proof.receipt,
            ),
        ] {
            let proof: Vec<_> = proof
                .iter()
                .map(|hash| TreeHash(hash.0.as_slice().try_into().unwrap()))
                .collect();
            let leaf = leaf_hash(&LeafHash::of(bytes));
            assert_eq!(
                verify_inclusion(&leaf, position, &signed.head(), &proof),
                Ok(())
            );
        }
        checkpoints.push(signed.head());
    }
    assert_eq!(checkpoints[0], checkpoints[1]); // known before: nothing was added
}

#[tokio::test]
async fn the_log_is_served_as_files_that_may_be_cached() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let checkpoint = fetch(&world, &client, Resource::Checkpoint).await;
    assert_eq!(checkpoint.headers()["cache-control"], "public, max-age=1");
    let checkpoint = checkpoint.bytes().await.unwrap();
    let log = world.service.log_key();
    let head = SignedCheckpoint::verify(&checkpoint, &[log])
        .unwrap()
        .head();
    let tile = Tile::at(0, 0, head.size).unwrap();
    let answer = fetch(&world, &client, Resource::Tile(tile)).await;
    let cached = &answer.headers()["cache-control"];
    assert_eq!(cached, "public, max-age=31536000, immutable");
    let content = answer.bytes().await.unwrap();
    let tiles = TileSet::authenticate(head, [(tile, content)]).unwrap();
    let bundle = EntryBundle::at(0, head.size).unwrap();
    let answer = fetch(&world, &client, Resource::Entries(bundle)).await;
    let entries = bundle.read(&answer.bytes().await.unwrap()).unwrap();
    let leaves: Vec<_> = entries.iter().map(leaf_hash).collect();
    assert_eq!(tiles.hashes(tile).unwrap(), leaves);
    for missing in [
        "0/000.p/200",
        "0/001",
        "1/000.p/1",
        "entries/000",
        "0/0",
        "x",
        "0/000.p/0",
    ] {
        let url = world.url(&format!("/log/tile/{missing}"));
        assert_eq!(
            client.get(url).send().await.unwrap().status(),
            404,
            "{missing}"
        );
    }
}
