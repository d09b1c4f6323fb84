//! What an evidence file holds of the public log: checkpoints and proofs.
//!
//! Invariant: entries ascend by position, consistency proofs by size, so one set of proofs has one
//! form. Absent: whether they hold ([`super::log`]). Specification: docs/format/evidence.md, "Log".

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{MAX_ENTRIES, MAX_RELATED};
use crate::ids::{LeafHash, TreeHash};
use crate::statement::Invalid;
use crate::statement::rules::{check_ascending, check_count};
use crate::tlog::note::MAX_NOTE;
use crate::tlog::proof::MAX_PROOF_HASHES;

/// Most checkpoints outside receipts.
pub const MAX_CHECKPOINTS: usize = 64;
/// Most statements that are proved: all lists full.
pub const MAX_INCLUSIONS: usize = MAX_ENTRIES + 8 * MAX_RELATED;
/// Most time-stamps.
pub const MAX_TIMESTAMPS: usize = 16;
/// Longest time-stamp token, in bytes; real ones have 1 to 6 KiB.
pub const MAX_TOKEN: usize = 64 * 1024;
/// Most earlier trees that are proved: one in each receipt, and those outside.
pub const MAX_CONSISTENCIES: usize = MAX_ENTRIES + MAX_RELATED + MAX_CHECKPOINTS;

/// The part of the log that concerns this file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRecord {
    /// Signed notes with their cosignatures, ascending by size; all is proved under the last.
    pub checkpoints: Vec<ByteBuf>,
    /// Where each statement stands in the log.
    pub inclusions: Vec<Inclusion>,
    /// That the last checkpoint continues the earlier ones, those in receipts included.
    pub consistencies: Vec<Consistency>,
    /// Time-stamps of the checkpoints above, ascending by size and token; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub timestamps: Option<Vec<Timestamp>>,
}

/// Where a statement stands under the last checkpoint (RFC 6962 §2.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inclusion {
    /// Position, from 0.
    pub position: u64,
    /// The statement's entry.
    pub entry: LeafHash,
    /// The inclusion proof.
    pub hashes: Vec<TreeHash>,
}

/// That the last checkpoint's tree begins with a smaller one (RFC 6962 §2.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consistency {
    /// Size of the smaller tree.
    pub size: u64,
    /// The consistency proof.
    pub hashes: Vec<TreeHash>,
}

/// That the text of a checkpoint note existed at a time (RFC 3161).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timestamp {
    /// Size of the checkpoint, which is one of those above.
    pub size: u64,
    /// The time-stamp token over the checkpoint's text.
    pub token: ByteBuf,
}

impl LogRecord {
    /// The time-stamps, if any.
    pub fn timestamps(&self) -> &[Timestamp] {
        self.timestamps.as_deref().unwrap_or_default()
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        check_count("checkpoints", self.checkpoints.len(), 1, MAX_CHECKPOINTS)?;
        for note in &self.checkpoints {
            check_count("checkpoint", note.len(), 1, MAX_NOTE)?;
        }
        check_count("inclusions", self.inclusions.len(), 0, MAX_INCLUSIONS)?;
        check_count(
            "consistencies",
            self.consistencies.len(),
            0,
            MAX_CONSISTENCIES,
        )?;
        let inclusions = self.inclusions.iter().map(|proof| &proof.hashes);
        let consistencies = self.consistencies.iter().map(|proof| &proof.hashes);
        for hashes in inclusions.chain(consistencies) {
            check_count("proof", hashes.len(), 0, MAX_PROOF_HASHES)?;
        }
        check_ascending("inclusions", self.inclusions.iter().map(|it| it.position))?;
        check_ascending("consistencies", self.consistencies.iter().map(|it| it.size))?;
        let Some(timestamps) = &self.timestamps else {
            return Ok(());
        };
        check_count("timestamps", timestamps.len(), 1, MAX_TIMESTAMPS)?;
        for stamp in timestamps {
            check_count("token", stamp.token.len(), 1, MAX_TOKEN)?;
        }
        let order = timestamps.iter().map(|it| (it.size, &it.token));
        check_ascending("timestamps", order)
    }
}
