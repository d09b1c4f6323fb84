//! The log's part of an evidence file: the newest checkpoint, and proofs for all that the file holds.
//!
//! Invariants: every proof was verified here before it is handed on; the published checkpoint, with
//! its cosignatures, is used wherever it covers the file, and otherwise joins a larger one that the
//! log has signed. Absent: whether the cosignatures are enough, which the verifier's policy decides.
//! docs/format/evidence.md, "Log".

use std::collections::{BTreeMap, BTreeSet};

use postfach_crypto::evidence::{Consistency, Evidence, Inclusion, LogRecord};
use postfach_crypto::ids::LeafHash;
use postfach_crypto::tlog::proof::verify_inclusion;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{ProofPlan, Resource, SignedCheckpoint, VerifierKey};
use serde_bytes::ByteBuf;

use super::error::{ClientError, Dishonest};
use super::kept::Seen;
use super::log::tiles;
use super::session::Session;

/// Positions in the log by entry, as the server states them.
pub(super) type Places = BTreeMap<LeafHash, u64>;

/// Whether witnesses have yet to cosign what an evidence file rests on: its last checkpoint has no
/// signature but the log's.
#[must_use]
pub fn cosignature_pending(evidence: &Evidence) -> bool {
    let newest = evidence.log.as_ref().and_then(|log| log.checkpoints.last());
    let note = newest.and_then(|note| postfach_crypto::tlog::Note::parse(note).ok());
    note.is_none_or(|note| note.signatures().len() < 2)
}

impl Session {
    /// Proves everything in `evidence` under the newest checkpoint.
    pub(super) async fn log_record(
        &self,
        evidence: &Evidence,
        places: &Places,
    ) -> Result<LogRecord, ClientError> {
        self.follow_log().await?;
        let keys = self.log_keys();
        let checkpoints = self.covering(evidence, places, &keys).await?;
        let newest = checkpoints.last().expect("the published one is there");
        let head = newest.head();

        let entries: BTreeSet<LeafHash> =
            evidence.logged().map(|bytes| LeafHash::of(bytes)).collect();
        let mut included = BTreeMap::new();
        for entry in entries {
            let position = places.get(&entry).copied();
            // What the checkpoint does not cover yet stays without proof: a gap, not an error.
            if let Some(position) = position.filter(|position| *position < head.size) {
                let plan = ProofPlan::inclusion(position, head.size);
                included.insert(
                    position,
                    (
                        entry,
                        plan.map_err(|_| Dishonest::LogForked { size: head.size })?,
                    ),
                );
            }
        }
        let mut earlier: BTreeSet<u64> = self.checkpoints_in_receipts(evidence, &keys);
        earlier.extend(checkpoints.iter().map(|checkpoint| checkpoint.head().size));
        let continued: BTreeMap<u64, ProofPlan> = earlier
            .into_iter()
            .filter(|size| *size < head.size)
            .filter_map(|size| Some((size, ProofPlan::consistency(size, head.size).ok()?)))
            .collect();

        let plans = included
            .values()
            .map(|(_, plan)| plan)
            .chain(continued.values());
        let nodes: BTreeSet<_> = plans.flat_map(ProofPlan::nodes).collect();
        let tiles = tiles(&self.http, head, nodes).await?;
        let prove = |plan: &ProofPlan| {
            plan.compute(|node| tiles.node(node))
                .map_err(Dishonest::Tiles)
        };
        let mut inclusions = Vec::with_capacity(included.len());
        for (position, (entry, plan)) in &included {
            let (position, entry, hashes) = (*position, *entry, prove(plan)?);
            verify_inclusion(&leaf_hash(&entry), position, &head, &hashes)
                .map_err(Dishonest::NotLogged)?;
            inclusions.push(Inclusion {
                position,
                entry,
                hashes,
            });
        }
        let consistencies = continued.iter().map(|(size, plan)| {
            let (size, hashes) = (*size, prove(plan)?);
            Ok(Consistency { size, hashes })
        });
        Ok(LogRecord {
            inclusions,
            consistencies: consistencies.collect::<Result<_, Dishonest>>()?,
            checkpoints: checkpoints
                .iter()
                .map(|checkpoint| ByteBuf::from(checkpoint.to_bytes()))
                .collect(),
        })
    }

    /// The published checkpoint, and a larger signed one where it does not cover the file.
    async fn covering(
        &self,
        evidence: &Evidence,
        places: &Places,
        keys: &[VerifierKey],
    ) -> Result<Vec<SignedCheckpoint>, ClientError> {
        let bytes = self.http.log_file(Resource::Checkpoint).await?;
        let published = SignedCheckpoint::verify(&bytes, keys).map_err(Dishonest::Checkpoint)?;
        let entries = evidence.logged().map(|bytes| LeafHash::of(bytes));
        let last = entries
            .filter_map(|entry| places.get(&entry).copied())
            .max();
        let mut checkpoints = vec![published];
        if last >= Some(checkpoints[0].head().size) {
            let seen = [Seen::Followed, Seen::Answered];
            for seen in seen {
                let kept = self.kept().checkpoint(seen, keys)?;
                let largest = checkpoints.last().map(|largest| largest.head().size);
                checkpoints.extend(kept.filter(|kept| Some(kept.head().size) > largest));
            }
        }
        Ok(checkpoints)
    }

    /// Sizes of the trees that the receipts in the file name.
    fn checkpoints_in_receipts(&self, evidence: &Evidence, keys: &[VerifierKey]) -> BTreeSet<u64> {
        let receipts = evidence.entries.iter().chain(&evidence.receipts);
        receipts
            .filter_map(|bytes| self.operator.receipt(bytes).ok()?.checkpoint.clone())
            .filter_map(|note| SignedCheckpoint::verify(&note, keys).ok())
            .map(|checkpoint| checkpoint.head().size)
            .collect()
    }
}
