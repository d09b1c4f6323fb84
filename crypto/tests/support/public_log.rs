//! The public log of the small world, with its witnesses: every tree that was ever signed can be
//! proved.

use std::collections::HashMap;
use std::convert::Infallible;

use postfach_crypto::evidence::{Consistency, Evidence, Inclusion, LogRecord};
use postfach_crypto::ids::{LeafHash, TreeHash, UnixMillis};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{
    Checkpoint, Cosigner, Frontier, KeyName, Node, Policy, ProofPlan, SignedCheckpoint, TreeHead,
    UnixSeconds, VerifierKey, epoch_origin,
};
use serde_bytes::ByteBuf;

use super::world::{ORIGIN, key};

/// A log as its operator keeps it.
#[derive(Clone)]
pub struct PublicLog {
    frontier: Frontier,
    nodes: HashMap<Node, TreeHash>,
    positions: HashMap<LeafHash, u64>,
    key: SigningKey,
    witnesses: Vec<Cosigner>,
    /// What was cosigned, oldest first.
    pub cosigned: Vec<SignedCheckpoint>,
}

impl PublicLog {
    /// A log with its genesis leaf.
    pub fn new(key_of_log: SigningKey) -> Self {
        let witness = |name: &str| {
            Cosigner::new(KeyName::new(name).unwrap(), key(&format!("witness {name}")))
        };
        let mut log = Self {
            frontier: Frontier::EMPTY,
            nodes: HashMap::new(),
            positions: HashMap::new(),
            key: key_of_log,
            witnesses: vec![witness("district.example"), witness("press.example")],
            cosigned: Vec::new(),
        };
        log.append(b"genesis");
        log
    }

    /// Appends a statement, unless it is there.
    pub fn append(&mut self, statement: &[u8]) {
        let entry = LeafHash::of(statement);
        if self.positions.contains_key(&entry) {
            return;
        }
        self.positions.insert(entry, self.frontier.size());
        let growth = self.frontier.grow(&[leaf_hash(&entry)]);
        self.nodes.extend(growth.all_completed());
        self.frontier = growth.frontier();
    }

    pub fn head(&self) -> TreeHead {
        self.frontier.head()
    }

    /// The head of the tree when it had this size.
    pub fn head_at(&self, size: u64) -> TreeHead {
        let read = |node: Node| Ok::<_, Infallible>(self.nodes[&node]);
        let Ok(frontier) = Frontier::from_nodes(size, read);
        frontier.head()
    }

    /// Where a statement stands.
    pub fn position(&self, statement: &[u8]) -> u64 {
        self.positions[&LeafHash::of(statement)]
    }

    pub fn sign(&self, head: TreeHead) -> SignedCheckpoint {
        let origin = epoch_origin(ORIGIN, 1).unwrap();
        Checkpoint::new(&origin, head).sign(&self.key).unwrap()
    }

    /// A checkpoint with the cosignatures of the first `count` witnesses.
    pub fn cosign_by(&self, head: TreeHead, time: UnixMillis, count: usize) -> SignedCheckpoint {
        let mut signed = self.sign(head);
        for witness in &self.witnesses[..count] {
            let line = witness.cosign(signed.checkpoint(), UnixSeconds::of(time));
            let known = [witness.verifier_key()];
            signed.note_mut().add(vec![line], &known).unwrap();
        }
        signed
    }

    /// All witnesses see the log as it is.
    pub fn publish(&mut self, time: UnixMillis) {
        let signed = self.cosign_by(self.head(), time, self.witnesses.len());
        self.cosigned.push(signed);
    }

    pub fn newest(&self) -> Option<Vec<u8>> {
        self.cosigned.last().map(SignedCheckpoint::to_bytes)
    }

    pub fn witness_keys(&self) -> Vec<VerifierKey> {
        self.witnesses.iter().map(Cosigner::verifier_key).collect()
    }

    /// Both witnesses are asked for.
    pub fn policy(&self) -> Policy {
        let mut text = String::new();
        for (name, key) in ["district", "press"].iter().zip(self.witness_keys()) {
            text += &format!("witness {name} {key}\n");
        }
        Policy::parse((text + "group both all district press\nquorum both\n").as_bytes()).unwrap()
    }

    fn prove(&self, plan: &ProofPlan) -> Vec<TreeHash> {
        let read = |node: Node| Ok::<_, Infallible>(self.nodes[&node]);
        let Ok(hashes) = plan.compute(read);
        hashes
    }

    pub fn consistency(&self, old: u64, new: u64) -> Consistency {
        Consistency {
            size: old,
            hashes: self.prove(&ProofPlan::consistency(old, new).unwrap()),
        }
    }

    pub fn inclusion(&self, statement: &[u8], size: u64) -> Option<Inclusion> {
        let entry = LeafHash::of(statement);
        let position = *self.positions.get(&entry)?;
        Some(Inclusion {
            position,
            entry,
            hashes: self.prove(&ProofPlan::inclusion(position, size).ok()?),
        })
    }

    /// All proofs that a file needs, under the checkpoint cosigned last.
    pub fn record(&self, evidence: &Evidence) -> LogRecord {
        self.record_under(evidence, self.cosigned.last().unwrap())
    }

    pub fn record_under(&self, evidence: &Evidence, newest: &SignedCheckpoint) -> LogRecord {
        let size = newest.head().size;
        let mut inclusions: Vec<Inclusion> = evidence
            .logged()
            .filter_map(|statement| self.inclusion(statement, size))
            .collect();
        inclusions.sort_by_key(|proof| proof.position);
        inclusions.dedup();
        let statements: Vec<&ByteBuf> = evidence.logged().collect();
        let named = |note: &[u8]| {
            let mut parts = statements.iter().flat_map(|it| it.windows(note.len()));
            parts.any(|part| part == note)
        };
        let earlier = self
            .cosigned
            .iter()
            .filter(|it| it.head().size < size && named(&it.to_bytes()));
        let mut sizes: Vec<u64> = earlier.map(|it| it.head().size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        LogRecord {
            checkpoints: vec![ByteBuf::from(newest.to_bytes())],
            inclusions,
            consistencies: sizes
                .into_iter()
                .map(|earlier| self.consistency(earlier, size))
                .collect(),
            timestamps: None,
        }
    }
}
