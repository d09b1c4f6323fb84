//! A log of any content in memory, with a real key: whoever has that can lie as an operator could.
#![allow(dead_code, unreachable_pub)] // each test binary uses its own part of it
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;

use postfach::entropy::entropy;
use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{
    AddCheckpoint, Checkpoint, EntryBundle, Frontier, KeyName, Node, NoteKey, ProofPlan, Resource,
    SignedCheckpoint, TreeHead, VerifierKey,
};

/// The log.
#[derive(Clone)]
pub struct Log {
    pub name: KeyName,
    seed: [u8; 32],
    entries: Vec<LeafHash>,
    nodes: HashMap<Node, TreeHash>,
    frontier: Frontier,
}

/// The `n`-th entry of the `branch`-th version of a log.
pub fn entry(branch: u8, n: u64) -> LeafHash {
    let mut entry = [branch; 32];
    entry[..8].copy_from_slice(&n.to_be_bytes());
    LeafHash(entry)
}

impl Log {
    /// A log with a key of its own.
    pub fn new(origin: &str) -> Self {
        Self::with_key(origin, &SigningKey::generate(&mut entropy()))
    }

    /// A log with this key.
    pub fn with_key(origin: &str, key: &SigningKey) -> Self {
        Self {
            name: KeyName::new(origin).unwrap(),
            seed: *key.seed(),
            entries: Vec::new(),
            nodes: HashMap::new(),
            frontier: Frontier::EMPTY,
        }
    }

    /// An empty log of the same name and key: where a fork begins.
    pub fn refounded(&self) -> Self {
        Self::with_key(self.name.as_str(), &self.key())
    }

    /// The same log under the same key, grown to `size` with entries of this branch.
    pub fn grown(mut self, branch: u8, size: u64) -> Self {
        let from = self.size();
        self.append((from..size).map(|n| entry(branch, n)));
        self
    }

    pub fn append(&mut self, entries: impl IntoIterator<Item = LeafHash>) {
        let new: Vec<LeafHash> = entries.into_iter().collect();
        let leaves: Vec<TreeHash> = new.iter().map(leaf_hash).collect();
        let growth = self.frontier.grow(&leaves);
        self.nodes.extend(growth.all_completed());
        self.frontier = growth.frontier();
        self.entries.extend(new);
    }

    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    pub fn entries(&self) -> &[LeafHash] {
        &self.entries
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_seed(&self.seed)
    }

    pub fn vkey(&self) -> VerifierKey {
        let key = self.key().verifying_key();
        VerifierKey::new(self.name.clone(), NoteKey::Ed25519(key))
    }

    /// The head at an earlier size.
    pub fn head_at(&self, size: u64) -> TreeHead {
        let read = |node| self.nodes.get(&node).copied().ok_or(());
        Frontier::from_nodes(size, read).unwrap().head()
    }

    pub fn checkpoint_at(&self, size: u64) -> SignedCheckpoint {
        self.sign(self.head_at(size))
    }

    pub fn checkpoint(&self) -> SignedCheckpoint {
        self.sign(self.frontier.head())
    }

    /// Signs whatever it is told to.
    pub fn sign(&self, head: TreeHead) -> SignedCheckpoint {
        Checkpoint::new(&self.name, head).sign(&self.key()).unwrap()
    }

    pub fn consistency(&self, old: u64, new: u64) -> Vec<TreeHash> {
        let plan = ProofPlan::consistency(old, new).unwrap();
        plan.compute(|node| self.nodes.get(&node).copied().ok_or(()))
            .unwrap()
    }

    /// The request of an honest log that wants `old` to be continued to `new`.
    pub fn request(&self, old: u64, new: u64) -> AddCheckpoint {
        AddCheckpoint::new(old, self.consistency(old, new), &self.checkpoint_at(new))
    }

    /// A published file; none where the log has no such thing.
    pub fn file(&self, resource: Resource) -> Option<Vec<u8>> {
        match resource {
            Resource::Checkpoint => Some(self.checkpoint().to_bytes()),
            Resource::Tile(tile) => {
                let hashes = tile.nodes().map(|node| self.nodes.get(&node));
                let hashes: Vec<&TreeHash> = hashes.collect::<Option<_>>()?;
                Some(hashes.iter().flat_map(|hash| hash.0).collect())
            }
            Resource::Entries(bundle) => {
                let from = usize::try_from(bundle.index * 256).unwrap();
                let to = from + usize::from(bundle.width);
                Some(EntryBundle::write(self.entries.get(from..to)?))
            }
        }
    }
}
