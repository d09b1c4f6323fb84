//! The decision of a witness (C2SP tlog-witness, "add-checkpoint").
//!
//! ```text
//! body ──parse──▶ AddCheckpoint ──decide(keys of its origin, latest head)──▶ Accepted | Refusal
//! Accepted ──store, synced──▶ cosign ──▶ 200
//! ```
//! Invariant: a checkpoint is accepted only if it continues the latest one that this witness
//! accepted. Comparing with the latest and storing the new one is one step for whoever stores;
//! the cosignature is made after it. Absent: storage, HTTP, `sign-subtree` (optional).

use crate::ids::TreeHash;
use crate::tlog::checkpoint::{
    Checkpoint, CheckpointError, MAX_TREE_SIZE, ParseCheckpointError, SignedCheckpoint,
};
use crate::tlog::note::{MAX_NOTE, Note, NoteError, UntrustedNote};
use crate::tlog::proof::{ConsistencyError, MAX_PROOF_HASHES, verify_consistency};
use crate::tlog::text::{parse_decimal, parse_hash, to_base64};
use crate::tlog::tree::TreeHead;
use crate::tlog::vkey::VerifierKey;

/// Media type of the body that answers a conflict.
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";
/// Longest request body in bytes.
pub const MAX_BODY: usize = MAX_NOTE + (MAX_PROOF_HASHES + 1) * 64;

/// Why a body is not an `add-checkpoint` request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Longer than is read.
    #[error("request is longer than {MAX_BODY} bytes")]
    TooLong,
    /// Not UTF-8.
    #[error("request is not UTF-8 text")]
    Characters,
    /// The first line is not `old` and a size.
    #[error("first line is not the word old and a size")]
    OldSize,
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

/// A request to cosign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    old_size: u64,
    proof: Vec<TreeHash>,
    note: Note,
    checkpoint: Checkpoint,
}

/// Why a witness does not cosign. Each has its status in the specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The log is not among those that this witness knows.
    #[error("this log is not known to the witness")]
    UnknownLog,
    /// The log did not sign, or a signature in its name is false.
    #[error(transparent)]
    NotSigned(UntrustedNote),
    /// The request contradicts itself.
    #[error("old size {old} is larger than the size {new} of the checkpoint")]
    Shrunk {
        /// Size that the request starts from.
        old: u64,
        /// Size of the checkpoint.
        new: u64,
    },
    /// The request starts from another size than the latest cosigned one.
    #[error("the latest checkpoint cosigned here has size {size}")]
    Conflict {
        /// Size of the latest cosigned checkpoint.
        size: u64,
    },
    /// The checkpoint does not continue the latest cosigned one.
    #[error(transparent)]
    Inconsistent(ConsistencyError),
}

impl Refusal {
    /// The HTTP status that the specification demands.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::UnknownLog => 404,
            Refusal::NotSigned(_) => 403,
            Refusal::Shrunk { .. } => 400,
            Refusal::Conflict { .. } => 409,
            Refusal::Inconsistent(_) => 422,
        }
    }

    /// The body that must be sent with a conflict, of type [`SIZE_MEDIA_TYPE`].
    pub fn conflict_body(&self) -> Option<String> {
        match self {
            Refusal::Conflict { size } => Some(format!("{size}\n")),
            _ => None,
        }
    }
}

/// Reads the body of a conflict: the size from which a witness wants to go on.
pub fn parse_conflict(body: &str) -> Option<u64> {
    parse_decimal(body.strip_suffix('\n')?)
}

impl AddCheckpoint {
    /// A request to go on from `old_size` to a signed checkpoint.
    pub fn new(old_size: u64, proof: Vec<TreeHash>, signed: &SignedCheckpoint) -> Self {
        Self {
            old_size,
            proof,
            note: signed.note().clone(),
            checkpoint: signed.checkpoint().clone(),
        }
    }

    /// Reads a request body. Whatever fails here is answered with status 400.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        if body.len() > MAX_BODY {
            return Err(BodyError::TooLong);
        }
        let body = std::str::from_utf8(body).map_err(|_| BodyError::Characters)?;
        let (first, mut rest) = body.split_once('\n').ok_or(BodyError::OldSize)?;
        let old_size = first
            .strip_prefix("old ")
            .and_then(parse_decimal)
            .filter(|size| *size <= MAX_TREE_SIZE)
            .ok_or(BodyError::OldSize)?;
        let mut proof = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n').ok_or(BodyError::NoCheckpoint)?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if proof.len() == MAX_PROOF_HASHES {
                return Err(BodyError::TooManyProofLines);
            }
            proof.push(parse_hash(line).ok_or(BodyError::ProofLine(proof.len() + 1))?);
        }
        let note = Note::parse(rest.as_bytes())?;
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok(Self {
            old_size,
            proof,
            note,
            checkpoint,
        })
    }

    /// The request body.
    pub fn to_body(&self) -> String {
        let mut body = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            body.push_str(&to_base64(&hash.0));
            body.push('\n');
        }
        body.push('\n');
        body.push_str(&self.note.to_string());
        body
    }

    /// The note, with all its signatures; unverified.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// What the log says; unverified.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Decides as a witness: `log_keys` are the keys that it knows, `latest` is the head that it
    /// last cosigned for this origin, [`TreeHead::EMPTY`] if none. What comes back is to be stored
    /// as the latest, durably and only if `latest` still is, before it is cosigned.
    pub fn decide(
        &self,
        log_keys: &[VerifierKey],
        latest: &TreeHead,
    ) -> Result<SignedCheckpoint, Refusal> {
        let signed =
            SignedCheckpoint::verify_note(self.note.clone(), log_keys).map_err(|refused| {
                match refused {
                    CheckpointError::Untrusted(why) => Refusal::NotSigned(why),
                    CheckpointError::UnknownOrigin
                    | CheckpointError::Note(_)
                    | CheckpointError::Text(_) => Refusal::UnknownLog, // both were read before
                }
            })?;
        let new = signed.head();
        if self.old_size > new.size {
            return Err(Refusal::Shrunk {
                old: self.old_size,
                new: new.size,
            });
        }
        if self.old_size != latest.size {
            return Err(Refusal::Conflict { size: latest.size });
        }
        verify_consistency(latest, &new, &self.proof).map_err(Refusal::Inconsistent)?;
        Ok(signed)
    }
}
