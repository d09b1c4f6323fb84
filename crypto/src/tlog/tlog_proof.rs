//! Proofs that travel alone (C2SP tlog-proof): index, inclusion proof and signed checkpoint in one
//! text, to be kept beside a receipt as `.tlog-proof`.
//!
//! Invariant: [`TlogProof::verify`] succeeds only for the entry that the caller computed from the
//! statement itself; nothing in the file says which entry it is about.

use std::fmt;

use crate::ids::{LeafHash, TreeHash};
use crate::tlog::checkpoint::{CheckpointError, MAX_TREE_SIZE, ParseCheckpointError};
use crate::tlog::note::{MAX_NOTE, Note, NoteError};
use crate::tlog::policy::{Judgement, Policy};
use crate::tlog::proof::{InclusionError, MAX_PROOF_HASHES, verify_inclusion};
use crate::tlog::text::{parse_base64, parse_decimal, parse_hash, to_base64};
use crate::tlog::tree::leaf_hash;
use crate::tlog::vkey::VerifierKey;

/// The first line.
const MAGIC: &str = "c2sp.org/tlog-proof@v1";
/// Longest extra data in bytes.
pub const MAX_EXTRA: usize = 64 * 1024;
/// Longest proof file in bytes.
pub const MAX_TLOG_PROOF: usize = MAX_NOTE + MAX_EXTRA * 2 + (MAX_PROOF_HASHES + 3) * 64;

/// Why bytes are not a proof file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseTlogProofError {
    /// Longer than is read.
    #[error("proof file is longer than {MAX_TLOG_PROOF} bytes")]
    TooLong,
    /// Not UTF-8, or of another format.
    #[error("not a proof file: the first line is not {MAGIC}")]
    Magic,
    /// The extra line is not base64.
    #[error("extra line is not base64 of 1 to {MAX_EXTRA} bytes")]
    Extra,
    /// The index line is missing or misspelt.
    #[error("index line is not the word index and a decimal")]
    Index,
    /// A proof line is not a hash.
    #[error("proof line {0} is not a hash in base64")]
    ProofLine(usize),
    /// More proof lines than a proof can have.
    #[error("more than {MAX_PROOF_HASHES} proof lines")]
    TooManyProofLines,
    /// The empty line before the checkpoint is missing.
    #[error("no empty line before the checkpoint")]
    NoCheckpoint,
    /// What follows is not a note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note is not a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] ParseCheckpointError),
}

/// Why a proof does not convince.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// The checkpoint is not that of a known log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Too few witnesses saw the checkpoint.
    #[error("checkpoint is not cosigned by as many witnesses as the policy demands")]
    NoQuorum,
    /// The entry is not in the log at this index.
    #[error(transparent)]
    Inclusion(#[from] InclusionError),
}

/// An entry's place in a log, with the checkpoint that covers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Data of the application, which nobody vouches for.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry, from 0.
    pub index: u64,
    /// Inclusion proof, from the leaf's sibling up.
    pub hashes: Vec<TreeHash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl TlogProof {
    /// Reads a proof file.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseTlogProofError> {
        use ParseTlogProofError as Error;
        if bytes.len() > MAX_TLOG_PROOF {
            return Err(Error::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Error::Magic)?;
        let mut rest = text
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or(Error::Magic)?;
        let mut extra = None;
        let (mut line, mut after) = rest.split_once('\n').ok_or(Error::Index)?;
        if let Some(encoded) = line.strip_prefix("extra ") {
            let bytes = parse_base64(encoded).ok_or(Error::Extra)?;
            if bytes.is_empty() || bytes.len() > MAX_EXTRA {
                return Err(Error::Extra);
            }
            extra = Some(bytes);
            (line, after) = after.split_once('\n').ok_or(Error::Index)?;
        }
        let index = line
            .strip_prefix("index ")
            .and_then(parse_decimal)
            .filter(|index| *index < MAX_TREE_SIZE)
            .ok_or(Error::Index)?;
        rest = after;
        let mut hashes = Vec::new();
        loop {
            (line, rest) = rest.split_once('\n').ok_or(Error::NoCheckpoint)?;
            if line.is_empty() {
                break;
            }
            if hashes.len() == MAX_PROOF_HASHES {
                return Err(Error::TooManyProofLines);
            }
            hashes.push(parse_hash(line).ok_or(Error::ProofLine(hashes.len() + 1))?);
        }
        let checkpoint = Note::parse(rest.as_bytes())?;
        crate::tlog::checkpoint::Checkpoint::parse(checkpoint.text())?;
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint,
        })
    }

    /// Checks that `entry` is in the log: the checkpoint against `logs` and the policy's quorum,
    /// then the inclusion proof (tlog-proof, "Verifying a tlog proof").
    pub fn verify(
        &self,
        entry: &LeafHash,
        logs: &[VerifierKey],
        policy: &Policy,
    ) -> Result<Judgement, TlogProofError> {
        let judgement = policy.judge_note(self.checkpoint.clone(), logs)?;
        if !judgement.has_quorum() {
            return Err(TlogProofError::NoQuorum);
        }
        let head = judgement.checkpoint().head();
        verify_inclusion(&leaf_hash(entry), self.index, &head, &self.hashes)?;
        Ok(judgement)
    }
}

/// The file.
impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{MAGIC}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", to_base64(&hash.0))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
