//! The log's proofs in an evidence file, verified: where statements stand, and between which
//! cosigned times they were said.
//!
//! Invariants: every proof in the file is about something in the file and leads to the root of the
//! last checkpoint; a time bounds a receipt only if enough witnesses of the verifier's policy stated
//! it, or an authority that the verifier pinned (`timestamps`). Absent: the order of statements without a log (`moment`). Specification:
//! docs/format/evidence.md, "Log"; docs/format/log.md.

use std::collections::{HashMap, HashSet};

use super::report::{Cause, Gap};
use super::verify::Shortfall;
use super::{Evidence, LogRecord, timestamps};
use crate::deadline::events::Bound;
use crate::ids::{LeafHash, StatementHash, UnixMillis};
use crate::operator::{Operator, OperatorError};
use crate::statement::{DelegationPurpose, Receipt, Signed};
use crate::tlog::policy::Quorum;
use crate::tlog::proof::{verify_consistency, verify_inclusion};
use crate::tlog::tree::leaf_hash;
use crate::tlog::{
    CheckpointError, Judgement, NoteKey, Policy, TreeHead, UntrustedNote, VerifierKey,
};

/// How far the clocks of operator and witnesses may differ, in milliseconds.
pub const CLOCK_TOLERANCE: u64 = 5 * 60 * 1000;

/// Positions of the statements in the file, by their hash.
pub(super) type Positions = HashMap<StatementHash, u64>;

/// Who may sign checkpoints, and whose cosignatures count.
pub(super) struct Judge<'a> {
    operator: &'a Operator,
    keys: Vec<VerifierKey>,
    policy: &'a Policy,
}

impl<'a> Judge<'a> {
    /// For the log of one epoch.
    pub(super) fn new(
        operator: &'a Operator,
        epoch: u64,
        policy: &'a Policy,
    ) -> Result<Self, Shortfall> {
        let keys = operator.checkpoint_keys(epoch);
        Ok(Self {
            operator,
            keys: keys.map_err(|_| Cause::CheckpointForm)?,
            policy,
        })
    }

    /// Judges a checkpoint; its key must have been delegated when enough witnesses saw it.
    fn judge(&self, note: &[u8]) -> Result<Judgement, Shortfall> {
        let judgement = self.policy.judge(note, &self.keys);
        let judgement = judgement.map_err(|error| cause(&error))?;
        let Some(seen) = time_of(&judgement) else {
            return Ok(judgement);
        };
        let signed = |key: &&VerifierKey| {
            let mut lines = judgement.checkpoint().note().signatures().iter();
            lines.any(|line| line.id == key.id() && line.name == *key.name())
        };
        // Cosignatures carry whole seconds, by clocks of others.
        let earlier = UnixMillis(seen.0.saturating_sub(CLOCK_TOLERANCE));
        let later = UnixMillis(seen.0.saturating_add(CLOCK_TOLERANCE));
        let delegated = |key: &VerifierKey| match key.key() {
            NoteKey::Ed25519(public) => [seen, earlier, later].into_iter().any(|time| {
                let purpose = DelegationPurpose::Checkpoint;
                self.operator.delegated(public, purpose, time).is_ok()
            }),
            _ => false,
        };
        if self.keys.iter().filter(signed).any(delegated) {
            Ok(judgement)
        } else {
            Err(Cause::Operator(OperatorError::NotDelegated).into())
        }
    }

    /// The checkpoints outside receipts; the last is the largest.
    pub(super) fn checkpoints(&self, record: &LogRecord) -> Result<Vec<Judgement>, Shortfall> {
        let judged: Vec<Judgement> = record
            .checkpoints
            .iter()
            .map(|note| self.judge(note))
            .collect::<Result<_, _>>()?;
        let ascending = judged.is_sorted_by(|one, next| size(one) < size(next));
        if judged.is_empty() || !ascending {
            return Err(Cause::CheckpointOrder.into());
        }
        timestamps::check_used(record, &judged)?;
        Ok(judged)
    }

    /// Whether enough witnesses saw a checkpoint.
    pub(super) fn check_cosigned(&self, newest: &Judgement) -> Result<(), Shortfall> {
        if self.policy.quorum() == Quorum::None {
            Err(Gap::NoWitnesses.into())
        } else if newest.has_quorum() {
            Ok(())
        } else {
            Err(Gap::CosignaturePending.into())
        }
    }

    /// The trees that the last checkpoint continues, with the times at which they were seen.
    pub(super) fn trees(
        &self,
        record: &LogRecord,
        judged: &[Judgement],
        receipts: &[&Signed<Receipt>],
    ) -> Result<Trees, Shortfall> {
        let newest = judged.last().ok_or(Cause::CheckpointOrder)?;
        let mut trees = Trees::default();
        let mut needed = HashSet::new();
        for judgement in judged {
            trees.see(judgement);
            needed.insert(judgement.checkpoint().head());
        }
        for note in receipts.iter().filter_map(|it| it.checkpoint.as_deref()) {
            if !trees.notes.contains_key(note) {
                let judgement = self.judge(note)?;
                trees.see(&judgement);
                trees.notes.insert(note.to_vec(), time_of(&judgement));
                needed.insert(judgement.checkpoint().head());
            }
        }
        let newest = newest.checkpoint().head();
        needed.remove(&newest);
        let sizes: HashSet<u64> = needed.iter().map(|head| head.size).collect();
        for head in needed {
            check_continues(record, &head, &newest)?;
        }
        let used = |size: &u64| *size != newest.size && sizes.contains(size);
        if record.consistencies.iter().all(|proof| used(&proof.size)) {
            Ok(trees)
        } else {
            Err(Cause::ProofOfNothing.into())
        }
    }
}

fn check_continues(
    record: &LogRecord,
    earlier: &TreeHead,
    newest: &TreeHead,
) -> Result<(), Shortfall> {
    if earlier.size > newest.size {
        return Err(Gap::Consistency.into());
    }
    let proofs = &record.consistencies;
    let hashes = if earlier.size == newest.size {
        &[][..]
    } else {
        let found = proofs.binary_search_by_key(&earlier.size, |proof| proof.size);
        &proofs[found.map_err(|_| Gap::Consistency)?].hashes
    };
    verify_consistency(earlier, newest, hashes).map_err(|error| Cause::Consistency(error).into())
}

/// Trees that are beginnings of one log, and when enough witnesses, or a pinned time-stamping
/// authority, had seen them.
#[derive(Default)]
pub(super) struct Trees {
    /// Size and time.
    seen: Vec<(u64, UnixMillis)>,
    /// The times of the notes in receipts.
    notes: HashMap<Vec<u8>, Option<UnixMillis>>,
}

impl Trees {
    fn see(&mut self, judgement: &Judgement) {
        if let Some(time) = time_of(judgement) {
            self.seen.push((size(judgement), time));
        }
    }

    /// A pinned authority says that this tree existed before this time.
    pub(super) fn stamp(&mut self, size: u64, latest: UnixMillis) {
        self.seen.push((size, latest));
    }

    /// Between which times a receipt was signed and logged.
    pub(super) fn interval(&self, receipt: &Signed<Receipt>, position: u64) -> Interval {
        let note = receipt.checkpoint.as_deref();
        let after = self.seen.iter().filter(|(size, _)| position < *size);
        Interval {
            not_before: note.and_then(|note| self.notes.get(note).copied().flatten()),
            not_after: after.map(|(_, time)| *time).min(),
        }
    }
}

/// Cosigned times around a receipt; the later one may be a time-stamp's.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Interval {
    pub(super) not_before: Option<UnixMillis>,
    pub(super) not_after: Option<UnixMillis>,
}

impl Interval {
    /// Whether a receipt's time lies outside by more than clocks may differ.
    pub(super) fn contradicts(&self, time: UnixMillis) -> bool {
        let before = |bound: UnixMillis| time.0.saturating_add(CLOCK_TOLERANCE) < bound.0;
        let after = |bound: UnixMillis| bound.0.saturating_add(CLOCK_TOLERANCE) < time.0;
        self.not_before.is_some_and(before) || self.not_after.is_some_and(after)
    }

    /// As the rules of legal dates take it: what clocks may differ contradicts nothing.
    pub(super) fn bound(&self, time: UnixMillis) -> Bound {
        if self.contradicts(time) {
            let not_before = self.not_before;
            return match self.not_after {
                Some(not_after) => Bound::Between {
                    not_before: not_before.unwrap_or(UnixMillis(0)),
                    not_after,
                },
                None => Bound::Pending { not_before },
            };
        }
        let not_before = self.not_before.map(|bound| bound.min(time));
        match self.not_after {
            Some(not_after) => Bound::Between {
                not_before: not_before.unwrap_or(UnixMillis(0)),
                not_after: not_after.max(time),
            },
            None => Bound::Pending { not_before },
        }
    }
}

/// Every proof is about a statement in the file and holds; every statement has one; lists stand in
/// the log's order.
pub(super) fn positions(
    evidence: &Evidence,
    record: &LogRecord,
    head: &TreeHead,
) -> Result<Positions, Shortfall> {
    let mut places = HashMap::with_capacity(record.inclusions.len());
    for proof in &record.inclusions {
        let leaf = leaf_hash(&proof.entry);
        verify_inclusion(&leaf, proof.position, head, &proof.hashes).map_err(Cause::Inclusion)?;
        places.insert(proof.entry, proof.position);
    }
    let mut positions = Positions::with_capacity(places.len());
    let mut proved = HashSet::with_capacity(places.len());
    let mut missing = false;
    for list in lists(evidence) {
        let mut last = None;
        for bytes in list {
            let entry = LeafHash::of(bytes);
            let Some(position) = places.get(&entry).copied() else {
                missing = true;
                continue;
            };
            if last >= Some(position) {
                return Err(Cause::OtherOrder.into());
            }
            last = Some(position);
            proved.insert(entry);
            positions.insert(StatementHash::of(bytes), position);
        }
    }
    for bytes in &evidence.receipts {
        let entry = LeafHash::of(bytes);
        match places.get(&entry) {
            Some(position) => {
                proved.insert(entry);
                positions.insert(StatementHash::of(bytes), *position);
            }
            None => missing = true,
        }
    }
    if proved.len() < record.inclusions.len() {
        Err(Cause::ProofOfNothing.into())
    } else if missing {
        Err(Gap::Inclusion.into())
    } else {
        Ok(positions)
    }
}

/// The lists that stand in the log's order. Delegations are the root key's word, whenever given.
pub(super) fn lists(evidence: &Evidence) -> impl Iterator<Item = &[serde_bytes::ByteBuf]> {
    let issuer = evidence.issuer.iter();
    [
        evidence.entries.as_slice(),
        &evidence.sender,
        &evidence.recipient,
        &evidence.relation,
        &evidence.relation_all,
        &evidence.certificates,
    ]
    .into_iter()
    .chain(issuer.flat_map(|issuer| [issuer.keys.as_slice(), &issuer.relation]))
}

fn size(judgement: &Judgement) -> u64 {
    judgement.checkpoint().head().size
}

/// When enough witnesses had seen a checkpoint.
fn time_of(judgement: &Judgement) -> Option<UnixMillis> {
    judgement.quorum_time().map(|time| time.to_millis())
}

fn cause(error: &CheckpointError) -> Shortfall {
    match error {
        CheckpointError::Note(_) | CheckpointError::Text(_) => Cause::CheckpointForm,
        CheckpointError::UnknownOrigin => Cause::CheckpointOfOther,
        CheckpointError::Untrusted(UntrustedNote::NoKnownSignature) => Cause::CheckpointUnsigned,
        CheckpointError::Untrusted(UntrustedNote::FalseSignature(_)) => {
            Cause::CheckpointFalseSignature
        }
    }
    .into()
}
