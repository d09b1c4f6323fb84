//! What an auditor remembers: of each log, the newest checkpoint and how far it was walked.
//!
//! ```text
//! DIR/<hash>.audit            by the log's name: `walked <n>`, then the checkpoint as signed
//! DIR/contradictions/…note    both sides of every contradiction found
//! ```
//! Entries below `walked` were checked in a tree that the checkpoint continues.

use std::io;
use std::path::PathBuf;

use postfach_crypto::tlog::note::MAX_NOTE;
use postfach_crypto::tlog::{Checkpoint, Note, SignedCheckpoint, TreeHead};

use crate::checked_file::{self, ReadError, sha256_hex};
use crate::durable::{self, Access, Existing};

const FORM: &str = "postfach audit state v1";
/// Longest file of the folder.
const MAX_FILE: u64 = MAX_NOTE as u64 + 4096;

/// The folder.
#[derive(Debug)]
pub(super) struct Notes {
    folder: PathBuf,
}

/// What was noted of a log.
#[derive(Debug, Clone)]
pub(super) struct LastVisit {
    checkpoint: Checkpoint,
    note: String,
    /// Entries that were checked.
    pub(super) walked: u64,
}

/// Why notes cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// They are damaged.
    #[error("{} is damaged, so it is not known what was seen at the last visit", .0.display())]
    Damaged(PathBuf),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl LastVisit {
    pub(super) fn origin(&self) -> &str {
        self.checkpoint.origin()
    }

    pub(super) fn head(&self) -> TreeHead {
        self.checkpoint.head()
    }

    pub(super) fn note(&self) -> &str {
        &self.note
    }

    fn read(content: &str) -> Option<Self> {
        let (first, note) = content.split_once('\n')?;
        let walked = first.strip_prefix("walked ")?.parse().ok()?;
        let checkpoint = Checkpoint::parse(Note::parse(note.as_bytes()).ok()?.text()).ok()?;
        (walked <= checkpoint.head().size).then(|| Self {
            checkpoint,
            note: note.to_owned(),
            walked,
        })
    }
}

impl Notes {
    pub(super) fn open(folder: PathBuf) -> Result<Self, VisitError> {
        match durable::private_folder(&folder) {
            Ok(()) => Ok(Self { folder }),
            Err(source) => Err(VisitError::Io {
                path: folder,
                source,
            }),
        }
    }

    pub(super) fn last(&self, log: &str) -> Result<Option<LastVisit>, VisitError> {
        let path = self.path(log);
        let content = match checked_file::read(&path, FORM, MAX_FILE) {
            Ok(content) => content,
            Err(ReadError::Damaged) => return Err(VisitError::Damaged(path)),
            Err(ReadError::Io(source)) => return Err(VisitError::Io { path, source }),
        };
        let Some(content) = content else {
            return Ok(None);
        };
        let last = LastVisit::read(&content);
        last.map(Some).ok_or(VisitError::Damaged(path))
    }

    pub(super) fn write(
        &self,
        log: &str,
        checkpoint: &SignedCheckpoint,
        walked: u64,
    ) -> Result<(), VisitError> {
        let path = self.path(log);
        let content = format!("walked {walked}\n{}", checkpoint.note());
        checked_file::write(&path, FORM, &content).map_err(|source| VisitError::Io { path, source })
    }

    /// Keeps both sides; each is evidence by the log's signature.
    pub(super) fn contradiction(
        &self,
        before: &str,
        now: &SignedCheckpoint,
    ) -> Result<(), VisitError> {
        let folder = self.folder.join("contradictions");
        let io = |source| VisitError::Io {
            path: folder.clone(),
            source,
        };
        durable::private_folder(&folder).map_err(io)?;
        for note in [before, &now.note().to_string()] {
            let path = folder.join(format!("{}.note", sha256_hex(note.as_bytes())));
            durable::write(&path, note.as_bytes(), Access::Private, Existing::Replace)
                .map_err(io)?;
        }
        Ok(())
    }

    fn path(&self, log: &str) -> PathBuf {
        self.folder
            .join(format!("{}.audit", sha256_hex(log.as_bytes())))
    }
}
