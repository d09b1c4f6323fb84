//! The mark: the newest checkpoint that was published, kept beside the operator's keys and not with
//! the data, so that a restored older copy of the data is recognised.
//!
//! Invariant: the mark only grows; it is durable before the checkpoint is published. It is the
//! signed note itself, so nobody can move it but the log's key.

use std::fs;
use std::io;
use std::path::PathBuf;

use postfach_crypto::tlog::note::MAX_NOTE;
use postfach_crypto::tlog::{SignedCheckpoint, TreeHead};

use crate::durable::{self, Access, Existing};
use crate::service::OperatorKeys;

#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
}

/// Why the mark cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The mark.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The file is no checkpoint of this log.
    #[error("{} is not a checkpoint of this log; restore it, or remove it if you know that the data folder is the newest", .0.display())]
    Foreign(PathBuf),
}

impl Mark {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// What the mark says; none before the first one.
    pub(super) fn read(&self, keys: &OperatorKeys) -> Result<Option<TreeHead>, MarkError> {
        let bytes = match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.io(error)),
            Ok(file) if file.len() > MAX_NOTE as u64 => return Err(self.foreign()),
            Ok(_) => fs::read(&self.path).map_err(|error| self.io(error))?,
        };
        let own = keys
            .operator
            .checkpoint_keys(keys.epoch)
            .map_err(|_| self.foreign())?;
        let marked = SignedCheckpoint::verify(&bytes, &own).map_err(|_| self.foreign())?;
        Ok(Some(marked.head()))
    }

    /// Moves the mark, durably.
    pub(super) async fn write(&self, signed: &SignedCheckpoint) -> Result<(), MarkError> {
        let (path, bytes) = (self.path.clone(), signed.to_bytes());
        let written = tokio::task::spawn_blocking(move || {
            durable::write(&path, &bytes, Access::Public, Existing::Replace)
        });
        let written = written
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)));
        written.map_err(|error| self.io(error))
    }

    fn io(&self, source: io::Error) -> MarkError {
        MarkError::Io {
            path: self.path.clone(),
            source,
        }
    }

    fn foreign(&self) -> MarkError {
        MarkError::Foreign(self.path.clone())
    }
}
