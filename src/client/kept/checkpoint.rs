//! Checkpoints that this client has seen: the one whose log it has followed, and the largest that
//! came with an answer since.
//!
//! Invariant: the followed one is replaced only after the caller has checked that the new one
//! continues it; of two trees of one size both are kept.

use std::fs;
use std::io;

use postfach_crypto::ids::StatementHash;
use postfach_crypto::tlog::note::MAX_NOTE;
use postfach_crypto::tlog::{SignedCheckpoint, VerifierKey};

use super::{Contradiction, KeepError, Kept};
use crate::durable::{self, Access, Existing};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Its log was followed up to here.
    Followed,
    /// It came with an answer, and is checked when the log is followed next.
    Answered,
}

impl Seen {
    fn file(self) -> &'static str {
        match self {
            Seen::Followed => "followed.note",
            Seen::Answered => "answered.note",
        }
    }
}

impl Kept {
    /// A checkpoint seen before; `keys` are the log's.
    ///
    /// # Errors
    /// [`KeepError`].
    pub fn checkpoint(
        &self,
        seen: Seen,
        keys: &[VerifierKey],
    ) -> Result<Option<SignedCheckpoint>, KeepError> {
        let path = self.folder.join(seen.file());
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
            Ok(file) if file.len() > MAX_NOTE as u64 => {
                return Err(io::Error::from(io::ErrorKind::FileTooLarge).into());
            }
            Ok(_) => {}
        }
        let checkpoint = SignedCheckpoint::verify(&fs::read(&path)?, keys);
        checkpoint
            .map(Some)
            .map_err(|error| KeepError::Checkpoint(path, error))
    }

    /// Keeps a checkpoint whose log the caller has followed.
    ///
    /// # Errors
    /// What the file system returns.
    pub fn followed(&self, checkpoint: &SignedCheckpoint) -> Result<(), KeepError> {
        self.write_note(Seen::Followed, checkpoint)
    }

    /// Keeps a checkpoint that came with an answer, if it is larger than those before.
    ///
    /// # Errors
    /// [`KeepError::Contradiction`]; both checkpoints are then kept as evidence.
    pub fn answered(
        &self,
        checkpoint: &SignedCheckpoint,
        keys: &[VerifierKey],
    ) -> Result<(), KeepError> {
        let _step = self.step();
        for seen in [Seen::Followed, Seen::Answered] {
            let Some(kept) = self.checkpoint(seen, keys)? else {
                continue;
            };
            let (kept_head, head) = (kept.head(), checkpoint.head());
            if kept_head.size == head.size && kept_head.root != head.root {
                self.contradicting([&kept, checkpoint])?;
                return Err(Contradiction::LogForked { size: head.size }.into());
            }
            if kept_head.size >= head.size {
                return Ok(());
            }
        }
        self.write_note(Seen::Answered, checkpoint)
    }

    /// Keeps two signed trees that are not of one log: each is evidence by the log's signature.
    ///
    /// # Errors
    /// What the file system returns.
    pub fn contradicting(&self, checkpoints: [&SignedCheckpoint; 2]) -> Result<(), KeepError> {
        let folder = self.folder.join("contradictions");
        durable::private_folder(&folder)?;
        for checkpoint in checkpoints {
            let bytes = checkpoint.to_bytes();
            let path = folder.join(format!("{}.note", StatementHash::of(&bytes)));
            durable::write(&path, &bytes, Access::Private, Existing::Replace)?;
        }
        Ok(())
    }

    fn write_note(&self, seen: Seen, checkpoint: &SignedCheckpoint) -> Result<(), KeepError> {
        let path = self.folder.join(seen.file());
        let bytes = checkpoint.to_bytes();
        Ok(durable::write(
            &path,
            &bytes,
            Access::Private,
            Existing::Replace,
        )?)
    }
}
