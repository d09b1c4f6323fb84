//! How an embedded store is sized, and why one may not open.

use std::io;
use std::path::{Path, PathBuf};

/// Sizes of an embedded store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes after which a new journal segment begins; at most 1 GiB. An unclean stop costs a copy
    /// of the last segment at the next start.
    pub segment_bytes: u64,
    /// Bytes of memory for the index.
    pub index_cache: u64,
    /// Most commits that wait; more are told to come back.
    pub queue_commits: usize,
    /// Most bytes of commits that wait.
    pub queue_bytes: usize,
    /// Bytes that stay free on the disk: below it commits and uploads answer `Full`, while the
    /// index and the next recovery still have room.
    pub reserve_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self {
            segment_bytes: 128 * MIB,
            index_cache: 256 * MIB,
            queue_commits: 4096,
            queue_bytes: 64 * 1024 * 1024,
            reserve_bytes: 256 * MIB,
        }
    }
}

/// Why a data folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another store has the folder open.
    #[error("{} is in use by another server; stop it first", folder.display())]
    AlreadyOpen {
        /// The data folder.
        folder: PathBuf,
    },
    /// The folder was written by another version.
    #[error(
        "the data folder has a format this version does not know ({found}); use a newer version"
    )]
    UnknownFormat {
        /// What it says.
        found: String,
    },
    /// A journal file is damaged or missing.
    #[error("{} is damaged at byte {offset}: {what}; restore it from a backup", file.display())]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The journal ends before records that had been durable.
    #[error("{} lost its last {records} records; restore it from a backup", file.display())]
    RecordsLost {
        /// The last segment.
        file: PathBuf,
        /// How many records are missing.
        records: u64,
    },
    /// No room to begin.
    #[error("the disk of {} is full; free space, then start again", folder.display())]
    Full {
        /// The folder.
        folder: PathBuf,
    },
    /// A new index could not be made.
    #[error("the index could not be rebuilt: {reason}")]
    Index {
        /// What went wrong.
        reason: String,
    },
    /// The operating system refused.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
}

impl OpenError {
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        OpenError::Io {
            path: path.to_owned(),
            reason: error.to_string(),
        }
    }

    pub(crate) fn corrupt(file: &Path, offset: u64, what: &'static str) -> Self {
        OpenError::Corrupt {
            file: file.to_owned(),
            offset,
            what,
        }
    }
}
