//! The public log over the store's tree: checkpoints, proofs, tiles.
//!
//! Invariants: a checkpoint is signed only for a tree head that the store has made durable, so no
//! signed tree is ever taken back; the same head gets the same note. A store that does not continue
//! the checkpoint marked last is refused at the start ([`StartError::LogShrunk`],
//! [`StartError::LogForked`]). Absent: asking witnesses, and writing the mark, which the server does
//! at an interval. Specification: docs/format/log.md.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use postfach_crypto::ids::TreeHash;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::vkey::NoteKey;
use postfach_crypto::tlog::{
    Checkpoint, EntryBundle, Frontier, KeyName, Node, ProofPlan, SignedCheckpoint, Tile, TreeHead,
    VerifierKey,
};
use postfach_storage::ReadError;

use super::{Service, ServiceError, StartError};

/// The log's key, and the checkpoints signed or cosigned last.
pub(super) struct PublicLog {
    origin: KeyName,
    key: SigningKey,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The largest tree head signed so far.
    newest: Option<SignedCheckpoint>,
    /// What the world is shown at `/log/checkpoint`.
    published: Option<Bytes>,
    /// The newest checkpoint with enough cosignatures.
    cosigned: Option<Bytes>,
}

/// Where a statement and its receipt stand in the log, under one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// The signed checkpoint.
    pub checkpoint: Bytes,
    /// Inclusion proof of the statement.
    pub statement: Vec<TreeHash>,
    /// Inclusion proof of its receipt.
    pub receipt: Vec<TreeHash>,
}

impl PublicLog {
    pub(super) fn new(origin: KeyName, key: SigningKey) -> Self {
        Self {
            origin,
            key,
            state: Mutex::default(),
        }
    }

    pub(super) fn key(&self) -> &SigningKey {
        &self.key
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The checkpoint of a tree head that the store has answered.
    fn sign(&self, head: TreeHead) -> SignedCheckpoint {
        if let Some(newest) = &self.state().newest
            && newest.head() == head
        {
            return newest.clone();
        }
        let signed = Checkpoint::new(&self.origin, head)
            .sign(&self.key)
            .expect("the origin was accepted as a key name at the start");
        let mut state = self.state();
        let newest = state.newest.as_ref().map(SignedCheckpoint::head);
        if newest.is_none_or(|newest| newest.size < head.size) {
            state.newest = Some(signed.clone());
        }
        signed
    }
}

impl Service {
    /// The log's key, as others name it.
    pub fn log_key(&self) -> VerifierKey {
        let key = self.log.key.verifying_key();
        VerifierKey::new(self.log.origin.clone(), NoteKey::Ed25519(key))
    }

    /// The newest signed checkpoint, if one was signed since the start.
    pub(super) fn newest_checkpoint(&self) -> Option<Bytes> {
        let newest = self.log.state().newest.as_ref()?.to_bytes();
        Some(newest.into())
    }

    /// The newest checkpoint that enough witnesses have cosigned.
    pub(super) fn cosigned_checkpoint(&self) -> Option<Bytes> {
        self.log.state().cosigned.clone()
    }

    /// Signs the tree as it is now.
    pub async fn sign_checkpoint(&self) -> Result<SignedCheckpoint, ServiceError> {
        self.check_working_keys(None)?;
        Ok(self.log.sign(self.store.tree_head().await?))
    }

    /// What is shown at `/log/checkpoint`.
    pub async fn published_checkpoint(&self) -> Result<Bytes, ServiceError> {
        if let Some(published) = self.log.state().published.clone() {
            return Ok(published);
        }
        Ok(self.sign_checkpoint().await?.to_bytes().into())
    }

    /// Shows a checkpoint to the world; `cosigned` says whether enough witnesses stand behind it,
    /// so that receipts may name it.
    pub fn publish_checkpoint(&self, checkpoint: &SignedCheckpoint, cosigned: Cosigned) {
        let bytes = Bytes::from(checkpoint.to_bytes());
        let mut state = self.log.state();
        state.published = Some(bytes.clone());
        if cosigned == Cosigned::Enough {
            state.cosigned = Some(bytes);
        }
    }

    /// A tile's bytes; none when the log is too small to have it.
    pub async fn tile(&self, tile: Tile) -> Result<Option<Bytes>, ServiceError> {
        let hashes = self.store.tile(tile).await?;
        Ok(hashes.map(|hashes| hashes.iter().flat_map(|hash| hash.0).collect()))
    }

    /// An entry bundle's bytes; none when the log is too small to have it.
    pub async fn entry_bundle(&self, bundle: EntryBundle) -> Result<Option<Bytes>, ServiceError> {
        let width = usize::from(bundle.width);
        let Some(first) = bundle.index.checked_mul(256) else {
            return Ok(None);
        };
        let entries = self.store.leaves(first, width).await?;
        Ok((entries.len() == width).then(|| EntryBundle::write(&entries).into()))
    }

    /// Proves that the tree of `new` begins with the first `old` statements.
    pub async fn consistency(&self, old: u64, new: u64) -> Result<Vec<TreeHash>, ServiceError> {
        let plan = ProofPlan::consistency(old, new).map_err(|_| ServiceError::UnknownReference)?;
        self.prove(&plan, new).await
    }

    /// The proof under the current tree of a statement and its receipt, stored before.
    pub(super) async fn proof_of(
        &self,
        statement: u64,
        receipt: u64,
    ) -> Result<LogProof, ServiceError> {
        // What was accepted once is proven again even when nothing new is accepted.
        let checkpoint = self.log.sign(self.store.tree_head().await?);
        let size = checkpoint.head().size;
        let plan = |position| {
            ProofPlan::inclusion(position, size).map_err(|_| ServiceError::UnknownReference)
        };
        Ok(LogProof {
            statement: self.prove(&plan(statement)?, size).await?,
            receipt: self.prove(&plan(receipt)?, size).await?,
            checkpoint: checkpoint.to_bytes().into(),
        })
    }

    /// The proof of a statement and its receipt that were just committed.
    pub(super) fn proof_of_commit(&self, head: TreeHead, proofs: Vec<Vec<TreeHash>>) -> LogProof {
        let mut proofs = proofs.into_iter();
        LogProof {
            checkpoint: self.log.sign(head).to_bytes().into(),
            statement: proofs.next().unwrap_or_default(),
            receipt: proofs.next().unwrap_or_default(),
        }
    }

    /// Refuses a store that does not continue what was signed before.
    pub(super) async fn check_continues(&self, marked: TreeHead) -> Result<(), StartError> {
        let found = self.store.tree_head().await?;
        if marked.size > found.size {
            return Err(StartError::LogShrunk {
                marked: marked.size,
                found: found.size,
            });
        }
        let nodes: Vec<Node> = Frontier::nodes_of(marked.size).collect();
        let hashes = self.nodes(nodes.into_iter(), found.size).await?;
        let frontier = Frontier::from_nodes(marked.size, |node| {
            hashes.get(&node).copied().ok_or(ReadError::Stopped)
        })?;
        if frontier.head() == marked {
            Ok(())
        } else {
            Err(StartError::LogForked { size: marked.size })
        }
    }

    async fn prove(&self, plan: &ProofPlan, size: u64) -> Result<Vec<TreeHash>, ServiceError> {
        let hashes = self.nodes(plan.nodes(), size).await?;
        plan.compute(|node| hashes.get(&node).copied().ok_or(ServiceError::Damaged))
    }

    /// The hashes of complete nodes of the tree of `size`.
    async fn nodes(
        &self,
        nodes: impl Iterator<Item = Node> + Send,
        size: u64,
    ) -> Result<HashMap<Node, TreeHash>, ReadError> {
        let mut hashes = HashMap::new();
        for node in nodes {
            let Some(tile) = Tile::holding(node, size) else {
                continue;
            };
            let tile_hashes = self.store.tile(tile).await?.unwrap_or_default();
            hashes.extend(tile.node(&tile_hashes, node).map(|hash| (node, hash)));
        }
        Ok(hashes)
    }
}

/// Whether a checkpoint has the cosignatures that the policy asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cosigned {
    /// As many as the policy asks for.
    Enough,
    /// Fewer, or the policy asks for none.
    TooFew,
}
