//! Checkpoints (C2SP tlog-checkpoint): a tree head as the text of a signed note.
//!
//! The origin line of epoch n of the log of an operator with origin O is `O/n`, and that is also the
//! name of every key that signs it ([`epoch_origin`]). We never write extension lines; foreign ones
//! are kept, and mean nothing. Invariant: a [`SignedCheckpoint`] carries a valid signature by a key
//! that is named like its origin. Specification: docs/format/log.md, "Checkpoint".

use std::fmt;

use crate::ids::TreeHash;
use crate::keys::SigningKey;
use crate::tlog::cosignature;
use crate::tlog::note::{Note, NoteError, UntrustedNote};
use crate::tlog::text::{parse_decimal, parse_hash, to_base64};
use crate::tlog::tree::TreeHead;
use crate::tlog::vkey::{KeyName, KeyNameError, VerifierKey};

/// Largest tree that a checkpoint may state: its proofs stay within 63 hashes.
pub const MAX_TREE_SIZE: u64 = (1 << 63) - 1;
/// Longest origin line in bytes (tlog-cosignature, "ML-DSA-44 signed message").
pub const MAX_ORIGIN_LINE: usize = 255;

/// The origin line, and key name, of one epoch of an operator's log.
pub fn epoch_origin(origin: &str, epoch: u64) -> Result<KeyName, KeyNameError> {
    KeyName::new(format!("{origin}/{epoch}"))
}

/// Why a text is not a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseCheckpointError {
    /// Fewer than three lines, or no newline at the end.
    #[error("checkpoint needs an origin, a size and a root, each on its line")]
    Lines,
    /// The origin is empty or longer than is read.
    #[error("origin of the checkpoint is empty or longer than {MAX_ORIGIN_LINE} bytes")]
    Origin,
    /// The size is not a plain decimal within bounds.
    #[error("size of the checkpoint is not a decimal up to {MAX_TREE_SIZE} without leading zeros")]
    Size,
    /// The root is not 32 bytes in base64.
    #[error("root of the checkpoint is not a hash in base64")]
    Root,
    /// An extension line is empty.
    #[error("checkpoint has an empty line")]
    Extension,
}

/// What a log says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint of a log of ours.
    pub fn new(origin: &KeyName, head: TreeHead) -> Self {
        Self {
            origin: origin.as_str().to_owned(),
            head,
            extensions: Vec::new(),
        }
    }

    /// Reads a note's text, which ends in a newline.
    pub fn parse(text: &str) -> Result<Self, ParseCheckpointError> {
        use ParseCheckpointError as Error;
        let lines = text.strip_suffix('\n').ok_or(Error::Lines)?;
        let mut lines = lines.split('\n');
        let mut line = || lines.next().ok_or(Error::Lines);
        let (origin, size, root) = (line()?, line()?, line()?);
        if origin.is_empty() || origin.len() > MAX_ORIGIN_LINE {
            return Err(Error::Origin);
        }
        let size = parse_decimal(size)
            .filter(|size| *size <= MAX_TREE_SIZE)
            .ok_or(Error::Size)?;
        let root: TreeHash = parse_hash(root).ok_or(Error::Root)?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(Error::Extension);
        }
        Ok(Self {
            origin: origin.to_owned(),
            head: TreeHead { size, root },
            extensions,
        })
    }

    /// Which log speaks.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// Lines after the third. Nobody vouches for them.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Signs as the log, with the origin as key name.
    pub fn sign(self, key: &SigningKey) -> Result<SignedCheckpoint, KeyNameError> {
        let name = KeyName::new(&*self.origin)?;
        let text = self.to_string();
        let signature = cosignature::sign_text(&text, name, key);
        Ok(SignedCheckpoint {
            checkpoint: self,
            note: Note::new(text, vec![signature]),
        })
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = to_base64(&self.head.root.0);
        write!(f, "{}\n{}\n{root}\n", self.origin, self.head.size)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Why a note is not a checkpoint of a known log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The bytes are not a note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note's text is not a checkpoint.
    #[error(transparent)]
    Text(#[from] ParseCheckpointError),
    /// No key of this origin is known.
    #[error("checkpoint is of a log that is not known here")]
    UnknownOrigin,
    /// The log did not sign it.
    #[error(transparent)]
    Untrusted(#[from] UntrustedNote),
}

/// A checkpoint that its log signed, with all signature lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Accepts a note that one of `logs` signed: a key named like the checkpoint's origin.
    pub fn verify(bytes: &[u8], logs: &[VerifierKey]) -> Result<Self, CheckpointError> {
        Self::verify_note(Note::parse(bytes)?, logs)
    }

    /// Accepts a note that was read already.
    pub fn verify_note(note: Note, logs: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let checkpoint = Checkpoint::parse(note.text())?;
        let own: Vec<VerifierKey> = logs
            .iter()
            .filter(|key| key.name().as_str() == checkpoint.origin)
            .cloned()
            .collect();
        if own.is_empty() {
            return Err(CheckpointError::UnknownOrigin);
        }
        note.verify(&own)?;
        Ok(Self { checkpoint, note })
    }

    /// What the log says.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        self.checkpoint.head
    }

    /// The note with all its signatures.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The note, to add cosignatures to ([`Note::add`]).
    pub fn note_mut(&mut self) -> &mut Note {
        &mut self.note
    }

    /// The note's bytes, as they are published.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }
}
