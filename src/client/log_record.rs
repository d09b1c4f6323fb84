//! The log's part of an evidence file: the newest checkpoint, and proofs for all that the file holds.
//!
//! Invariants: every proof was verified here before it is handed on; the published checkpoint, with
//! its cosignatures, is used wherever it covers the file, and otherwise joins a larger one that the
//! log has signed; those under which witnesses first saw each statement stand before it. Absent: whether the cosignatures are enough, which the verifier's policy decides.
//! docs/format/evidence.md, "Log".

use std::collections::{BTreeMap, BTreeSet};

use postfach_crypto::evidence::{Consistency, Evidence, Inclusion, LogRecord, MAX_CHECKPOINTS};
use postfach_crypto::ids::LeafHash;
use postfach_crypto::tlog::proof::verify_inclusion;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{ProofPlan, Resource, SignedCheckpoint, VerifierKey};
use serde_bytes::ByteBuf;

use super::error::{ClientError, Dishonest};
use super::kept::Seen;
use super::log::tiles;
use super::session::Session;

/// Most earlier checkpoints that are fetched for one file; others join them.
const MAX_FIRST_SEEN: usize = MAX_CHECKPOINTS - 16;

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
        let mut checkpoints = self.covering(evidence, places, &keys).await?;
        let timestamps = self.timestamps(evidence, places, &keys, &mut checkpoints);
        let timestamps = timestamps.await?;
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
            timestamps,
        })
    }

    /// The checkpoints under which enough witnesses first saw what is in the file, the published one,
    /// and a larger signed one where that does not cover the file. Ascending by size, one or more.
    async fn covering(
        &self,
        evidence: &Evidence,
        places: &Places,
        keys: &[VerifierKey],
    ) -> Result<Vec<SignedCheckpoint>, ClientError> {
        let bytes = self.http.log_file(Resource::Checkpoint).await?;
        let published = SignedCheckpoint::verify(&bytes, keys).map_err(Dishonest::Checkpoint)?;
        let position = |bytes: &ByteBuf| places.get(&LeafHash::of(bytes)).copied();
        let last = evidence.logged().filter_map(position).max();

        // The envelope's own events come first: legal dates hang on them.
        let all = evidence.entries.iter().chain(evidence.logged());
        let all = all.filter_map(position);
        let mut by_size = self.first_seen(all, published.head().size, keys).await?;
        by_size.entry(published.head().size).or_insert(published);

        let mut checkpoints: Vec<_> = by_size.into_values().collect();
        for seen in [Seen::Followed, Seen::Answered] {
            let largest = checkpoints.last().map(|largest| largest.head().size);
            if last >= largest {
                let kept = self.kept().checkpoint(seen, keys)?;
                checkpoints.extend(kept.filter(|kept| Some(kept.head().size) > largest));
            }
        }
        Ok(checkpoints)
    }

    /// For each position the first cosigned checkpoint that the server has kept; nothing where it
    /// has none yet.
    async fn first_seen(
        &self,
        positions: impl Iterator<Item = u64>,
        published: u64,
        keys: &[VerifierKey],
    ) -> Result<BTreeMap<u64, SignedCheckpoint>, ClientError> {
        let mut by_size: BTreeMap<u64, SignedCheckpoint> = BTreeMap::new();
        let mut asked = BTreeSet::new();
        for position in positions.filter(|position| *position < published) {
            // The first that covers an earlier position and this one is this one's first, too.
            let earlier = asked.range(..=position).next_back();
            let known = earlier.is_some_and(|earlier| {
                let first = by_size.range(earlier + 1..).next();
                first.is_some_and(|(size, _)| *size > position)
            });
            if known || by_size.len() == MAX_FIRST_SEEN || !asked.insert(position) {
                continue;
            }
            let file = format!("checkpoint/{position}");
            let Some(note) = self.http.find_log_file(file).await? else {
                continue;
            };
            let first = SignedCheckpoint::verify(&note, keys).map_err(Dishonest::Checkpoint)?;
            let size = first.head().size;
            if (position + 1..=published).contains(&size) {
                by_size.insert(size, first);
            }
        }
        Ok(by_size)
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
