//! The log as its clients see it: files over HTTP, believed only under the log's signature.
//!
//! Invariants: a tile is used after it was recomputed up to a signed root; of two signed trees one
//! must continue the other, and where the server cannot show that, both stay kept as evidence. So a
//! server that forks or shortens its log is noticed by everybody who comes back. Absent: walking the
//! whole log (`client::audit`), and cosignatures, which evidence needs and a mailbox does not.
//! C2SP tlog-tiles; docs/format/log.md.

use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::tlog::proof::{verify_consistency, verify_inclusion};
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{
    Node, ProofPlan, Resource, SignedCheckpoint, TileSet, TreeHead, VerifierKey, tiles_for,
};

use super::error::{ClientError, Dishonest};
use super::http::Http;
use super::kept::Seen;
use super::session::{Session, contradiction};
use crate::api::resources::{Base64, LogProofResource};

/// Fetches tiles that hold `nodes` of the tree of `head`, and authenticates them.
pub(super) async fn tiles(
    http: &Http,
    head: TreeHead,
    nodes: impl IntoIterator<Item = Node>,
) -> Result<TileSet, ClientError> {
    let wanted = tiles_for(nodes, head.size).map_err(Dishonest::Tiles)?;
    let mut fetched = Vec::with_capacity(wanted.len());
    for tile in wanted {
        fetched.push((tile, http.log_file(Resource::Tile(tile)).await?));
    }
    Ok(TileSet::authenticate(head, fetched).map_err(Dishonest::Tiles)?)
}

/// Checks that the larger of two signed trees continues the smaller.
pub(super) async fn check_consistent(
    http: &Http,
    one: TreeHead,
    other: TreeHead,
) -> Result<(), ClientError> {
    let (old, new) = if one.size <= other.size {
        (one, other)
    } else {
        (other, one)
    };
    let forked = || Dishonest::LogForked { size: old.size };
    let proof = if old.size == new.size {
        Vec::new()
    } else {
        let plan = ProofPlan::consistency(old.size, new.size).map_err(|_| forked())?;
        let tiles = match tiles(http, new, plan.nodes()).await {
            // The server no longer has what it signed.
            Err(ClientError::Refused(_)) => {
                return Err(Dishonest::LogShrunk { signed: new.size }.into());
            }
            fetched => fetched?,
        };
        plan.compute(|node| tiles.node(node))
            .map_err(Dishonest::Tiles)?
    };
    Ok(verify_consistency(&old, &new, &proof).map_err(|_| forked())?)
}

impl Session {
    /// The keys that may sign this log's checkpoints.
    pub(super) fn log_keys(&self) -> Vec<VerifierKey> {
        let epoch = self.profile().settings().epoch;
        // An origin that names no key has signed nothing.
        self.operator().checkpoint_keys(epoch).unwrap_or_default()
    }

    /// The largest checkpoint that came with an answer.
    pub(super) fn answered_checkpoint(&self) -> Result<Option<SignedCheckpoint>, ClientError> {
        Ok(self.kept().checkpoint(Seen::Answered, &self.log_keys())?)
    }

    /// Reads the published checkpoint and checks that it and the one kept are of one log.
    pub(super) async fn follow_log(&self) -> Result<(), ClientError> {
        let bytes = self.http.log_file(Resource::Checkpoint).await?;
        let keys = self.log_keys();
        let published = SignedCheckpoint::verify(&bytes, &keys).map_err(Dishonest::Checkpoint)?;
        let mut largest = published.clone();
        for seen in [Seen::Followed, Seen::Answered] {
            let Some(kept) = self.kept().checkpoint(seen, &keys)? else {
                continue;
            };
            let consistent = check_consistent(&self.http, kept.head(), published.head()).await;
            if let Err(error @ ClientError::Dishonest(_)) = consistent {
                self.kept().contradicting([&kept, &published])?;
                return Err(error);
            }
            consistent?;
            if kept.head().size > largest.head().size {
                largest = kept;
            }
        }
        Ok(self.kept().followed(&largest)?)
    }

    /// Checks that a statement and its receipt are in the log that the answer's checkpoint signs.
    pub(super) fn check_logged(
        &self,
        proof: &LogProofResource,
        statement: (LeafHash, u64),
        receipt: (LeafHash, u64),
    ) -> Result<(), ClientError> {
        let (note, keys) = (proof.checkpoint.as_bytes(), self.log_keys());
        let signed = SignedCheckpoint::verify(note, &keys).map_err(Dishonest::Checkpoint)?;
        for ((leaf, position), hashes) in [(statement, &proof.statement), (receipt, &proof.receipt)]
        {
            verify_inclusion(
                &leaf_hash(&leaf),
                position,
                &signed.head(),
                &hashes_of(hashes)?,
            )
            .map_err(Dishonest::NotLogged)?;
        }
        self.kept().answered(&signed, &keys).map_err(contradiction)
    }
}

fn hashes_of(encoded: &[Base64]) -> Result<Vec<TreeHash>, ClientError> {
    let hashes = encoded.iter().map(|hash| hash.0.as_slice().try_into().ok());
    let hashes = hashes.map(|hash| hash.map(TreeHash)).collect::<Option<_>>();
    hashes.ok_or_else(|| ClientError::Answer("a hash of the proof is not 32 bytes".into()))
}
