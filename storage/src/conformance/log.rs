//! What the store promises of the log: one tree, growing at its right edge, served in tiles.

use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::tlog::proof::{verify_consistency, verify_inclusion};
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{ProofPlan, Tile, TileSet, TreeHead, tiles_for};

use super::{append, commit, hash, statement};
use crate::list::List;
use crate::store::Store;
use crate::transaction::{Committed, Transaction};

/// Each commit proves its statements, and continues the tree before it; past two full tiles.
pub async fn every_commit_is_proven(store: &dyn Store) {
    let mut before = TreeHead::EMPTY;
    let mut n = 0;
    for size in [1, 2, 0, 60, 64, 64, 64, 1, 64, 64, 64, 64, 1] {
        let transaction = Transaction {
            statements: (n..n + size).map(statement).collect(),
            appends: vec![(List::Certificates, hash(0))],
            ..Transaction::default()
        };
        let committed = commit(store, transaction).await;
        n += size;
        assert_eq!(committed.log.size, u64::from(n));
        assert_eq!(store.tree_head().await, Ok(committed.log));
        check_proofs(&committed, n - size);
        check_tiles(store, before, committed.log).await;
        before = committed.log;
    }
}

/// A tile is whole or not there: nothing is served of hashes that the log does not have.
pub async fn tiles_end_with_the_log(store: &dyn Store) {
    for n in 0..3 {
        commit(store, append(List::Certificates, n)).await;
    }
    let tile = |level, index, width| Tile {
        level,
        index,
        width,
    };
    for width in 1..=3 {
        let hashes = store.tile(tile(0, 0, width)).await;
        assert_eq!(hashes, Ok(Some((0..u32::from(width)).map(leaf).collect())));
    }
    for missing in [
        tile(0, 0, 4),
        tile(0, 1, 1),
        tile(1, 0, 1),
        tile(7, u64::MAX / 256, 256),
        tile(0, u64::MAX, 1),
    ] {
        assert_eq!(store.tile(missing).await, Ok(None), "{missing:?}");
    }
}

/// The leaf of statement `n`.
fn leaf(n: u32) -> TreeHash {
    leaf_hash(&LeafHash::of(&statement(n)))
}

fn check_proofs(committed: &Committed, first: u32) {
    assert_eq!(committed.first, u64::from(first));
    for (n, proof) in (first..).zip(&committed.proofs) {
        let verified = verify_inclusion(&leaf(n), u64::from(n), &committed.log, proof);
        assert_eq!(verified, Ok(()));
    }
}

async fn check_tiles(store: &dyn Store, before: TreeHead, head: TreeHead) {
    let plan = ProofPlan::consistency(before.size, head.size).expect("the tree has grown");
    let mut tiles = Vec::new();
    for tile in tiles_for(plan.nodes(), head.size).expect("nodes of this tree") {
        let hashes = store.tile(tile).await.expect("readable");
        let hashes = hashes.expect("every tile of this size is served");
        let content: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
        tiles.push((tile, content));
    }
    let tiles = TileSet::authenticate(head, tiles).expect("tiles are those of the head");
    let proof = plan.compute(|node| tiles.node(node));
    let proof = proof.expect("the tiles hold every node of the proof");
    assert_eq!(verify_consistency(&before, &head, &proof), Ok(()));
}
