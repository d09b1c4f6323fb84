//! RFC 6962 §2.1 as the RFC writes it, recursive and slow, to compare the log with; and logs to
//! compare.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::HashMap;
use std::convert::Infallible;

use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::tree::{leaf_hash, node_hash};
use postfach_crypto::tlog::{
    Checkpoint, Cosigner, Frontier, KeyName, Node, NoteKey, SignedCheckpoint, Tile, TreeHead,
    VerifierKey, epoch_origin,
};
use sha2::{Digest, Sha256};

/// The `index`-th entry of every log in these tests.
pub(crate) fn entry(index: u64) -> LeafHash {
    LeafHash(Sha256::digest(index.to_be_bytes()).into())
}

/// The hashes of the first `size` entries as leaves.
pub(crate) fn leaves(size: u64) -> Vec<TreeHash> {
    (0..size).map(|index| leaf_hash(&entry(index))).collect()
}

fn split(count: usize) -> usize {
    let mut k = 1;
    while k * 2 < count {
        k *= 2;
    }
    k
}

/// `MTH(D)`.
pub(crate) fn naive_root(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => TreeHash(Sha256::digest(b"").into()),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

/// `PATH(m, D)`.
pub(crate) fn naive_path(m: usize, leaves: &[TreeHash]) -> Vec<TreeHash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, other) = if m < k {
        (naive_path(m, left), right)
    } else {
        (naive_path(m - k, right), left)
    };
    path.push(naive_root(other));
    path
}

/// `SUBPROOF(m, D, b)`.
pub(crate) fn naive_subproof(m: usize, leaves: &[TreeHash], whole: bool) -> Vec<TreeHash> {
    if m == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![naive_root(leaves)]
        };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) = if m <= k {
        (naive_subproof(m, left, whole), right)
    } else {
        (naive_subproof(m - k, right, false), left)
    };
    proof.push(naive_root(other));
    proof
}

/// A log that keeps every complete node, as storage would.
pub(crate) struct Stored {
    pub(crate) frontier: Frontier,
    pub(crate) nodes: HashMap<Node, TreeHash>,
}

impl Stored {
    /// A log of the first `size` entries, grown at once.
    pub(crate) fn new(size: u64) -> Self {
        let mut log = Self {
            frontier: Frontier::EMPTY,
            nodes: HashMap::new(),
        };
        log.grow(size);
        log
    }

    pub(crate) fn grow(&mut self, count: u64) {
        let old = self.frontier.size();
        let new: Vec<TreeHash> = (old..old + count).map(|at| leaf_hash(&entry(at))).collect();
        let growth = self.frontier.grow(&new);
        self.nodes.extend(growth.all_completed());
        self.frontier = growth.frontier();
    }

    pub(crate) fn head(&self) -> TreeHead {
        self.frontier.head()
    }

    pub(crate) fn head_at(&self, size: u64) -> TreeHead {
        let Ok(frontier) = Frontier::from_nodes(size, |node| self.read(node));
        frontier.head()
    }

    pub(crate) fn read(&self, node: Node) -> Result<TreeHash, Infallible> {
        Ok(self.nodes[&node])
    }

    pub(crate) fn tile(&self, tile: Tile) -> Vec<u8> {
        tile.nodes().flat_map(|node| self.nodes[&node].0).collect()
    }
}

pub(crate) fn log_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

pub(crate) fn origin() -> KeyName {
    epoch_origin("post.example.de", 1).unwrap()
}

pub(crate) fn log_vkey() -> VerifierKey {
    VerifierKey::new(origin(), NoteKey::Ed25519(log_key().verifying_key()))
}

pub(crate) fn sign(head: TreeHead) -> SignedCheckpoint {
    Checkpoint::new(&origin(), head).sign(&log_key()).unwrap()
}

pub(crate) fn cosigner(seed: u8) -> Cosigner {
    let name = KeyName::new(format!("witness.example/{seed}")).unwrap();
    Cosigner::new(name, SigningKey::from_seed(&[seed; 32]))
}
