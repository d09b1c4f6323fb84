//! What a witness must never forget: the head of each log that it cosigned last.
//!
//! ```text
//! DIR/
//!   witness            which witness this is, then the origin of each log ever followed, one a line
//!   lock               held while a witness runs
//!   <hash>.head        by the origin's hash: the checkpoint cosigned last, as its log signed it
//!   forks/<hash>.note  both sides of each fork that a log was caught with
//! ```
//! Files are [`crate::checked_file`]s, notes excepted.
//!
//! Invariants: files appear whole ([`crate::durable`]); a head file exists before the log's origin
//! is listed, so a missing, cut or altered file is recognised and refused, never taken for "nothing
//! cosigned yet". Whoever restores an older copy of the folder makes the witness sign forks; a
//! backup of it is not a safety but a danger.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::checked_file::{self, ReadError, sha256_hex};
use crate::durable::{self, Access, Existing};
use postfach_crypto::tlog::note::MAX_NOTE;
use postfach_crypto::tlog::{Checkpoint, Note, SignedCheckpoint, TreeHead, VerifierKey};

/// First line of every file.
const FORM: &str = "postfach witness state v1";
const INDEX: &str = "witness";
const LOCK: &str = "lock";
const FORKS: &str = "forks";
/// Longest file of the folder.
const MAX_FILE: u64 = MAX_NOTE as u64 + 4096;
/// Most logs ever followed: those of a policy, changed often.
const MAX_ORIGINS: usize = 1024;
/// Most sides of forks that are kept; the first ones convict.
const MAX_FORKS: usize = 64;

/// The open folder.
#[derive(Debug)]
pub(super) struct State {
    folder: PathBuf,
    _lock: File,
}

/// The checkpoint cosigned last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    tree: TreeHead,
    /// As the log signed it; empty before the first.
    note: String,
}

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Another witness runs on the folder.
    #[error("another witness is running on {}", .0.display())]
    Locked(PathBuf),
    /// The folder is another witness's.
    #[error("{} is the state of another witness, {of}", folder.display())]
    OtherWitness {
        /// The folder.
        folder: PathBuf,
        /// Whose.
        of: String,
    },
    /// A file is damaged.
    #[error("{} is damaged, so it is not known what was cosigned", .0.display())]
    Damaged(PathBuf),
    /// The head of a log that was followed is missing.
    #[error("{} is missing, so it is not known what was cosigned for {origin}", file.display())]
    Missing {
        /// The log.
        origin: String,
        /// What is missing.
        file: PathBuf,
    },
    /// More logs were followed than are kept.
    #[error("more than {MAX_ORIGINS} logs")]
    TooMany,
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl Default for Head {
    fn default() -> Self {
        Self {
            tree: TreeHead::EMPTY,
            note: String::new(),
        }
    }
}

impl Head {
    pub(super) fn of(signed: &SignedCheckpoint) -> Self {
        Self {
            tree: signed.head(),
            note: signed.note().to_string(),
        }
    }

    pub(super) fn tree(&self) -> TreeHead {
        self.tree
    }

    fn read(origin: &str, note: String) -> Option<Self> {
        if note.is_empty() {
            return Some(Self::default());
        }
        let checkpoint = Checkpoint::parse(Note::parse(note.as_bytes()).ok()?.text()).ok()?;
        let tree = checkpoint.head();
        (checkpoint.origin() == origin).then_some(Self { tree, note })
    }
}

impl State {
    /// Opens the folder of the witness `key`, makes room for `logs` that are new, and answers the
    /// head of every log ever followed.
    pub(super) fn open<'a>(
        folder: &Path,
        key: &VerifierKey,
        logs: impl Iterator<Item = &'a String>,
    ) -> Result<(Self, BTreeMap<String, Head>), StateError> {
        durable::private_folder(folder).map_err(|error| at(folder, error))?;
        let state = Self {
            _lock: lock(folder)?,
            folder: folder.to_owned(),
        };
        let mut origins = state.origins(key)?;
        let known = origins.len();
        for origin in logs {
            if !origins.contains(origin) {
                origins.push(origin.clone());
            }
        }
        if origins.len() > MAX_ORIGINS {
            return Err(StateError::TooMany);
        }
        let mut heads = BTreeMap::new();
        for (place, origin) in origins.iter().enumerate() {
            let head = match state.head(origin)? {
                Some(head) => head,
                None if place < known => {
                    let (origin, file) = (origin.clone(), state.head_path(origin));
                    return Err(StateError::Missing { origin, file });
                }
                None => {
                    let head = Head::default();
                    state.write(&state.head_path(origin), &head.note)?;
                    head
                }
            };
            heads.insert(origin.clone(), head);
        }
        if origins.len() > known || known == 0 {
            let mut index = format!("{key}\n");
            for origin in &origins {
                index.push_str(origin);
                index.push('\n');
            }
            state.write(&state.folder.join(INDEX), &index)?;
        }
        Ok((state, heads))
    }

    /// Replaces the head of a log, durably.
    pub(super) async fn store(&self, origin: &str, head: &Head) -> io::Result<()> {
        let (path, note) = (self.head_path(origin), head.note.clone());
        let written = tokio::task::spawn_blocking(move || checked_file::write(&path, FORM, &note));
        written
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Keeps both sides of a fork, each once.
    pub(super) fn keep_fork(&self, origin: &str, one: &Head, other: &Note) -> io::Result<()> {
        let folder = self.folder.join(FORKS);
        durable::private_folder(&folder)?;
        if fs::read_dir(&folder)?.count() >= MAX_FORKS {
            return Err(io::Error::other(format!(
                "{MAX_FORKS} sides of forks are kept already; this one of {} is not",
                origin.escape_debug()
            )));
        }
        for note in [one.note.as_str(), &other.to_string()] {
            let path = folder.join(format!("{}.note", sha256_hex(note.as_bytes())));
            match durable::write(&path, note.as_bytes(), Access::Public, Existing::Refuse) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// The logs followed so far; checks whose folder this is.
    fn origins(&self, key: &VerifierKey) -> Result<Vec<String>, StateError> {
        let path = self.folder.join(INDEX);
        let Some(text) = read(&path)? else {
            // A new folder, or one whose index is lost: then there is something else in it.
            return match self.has_heads()? {
                true => Err(StateError::Damaged(path)),
                false => Ok(Vec::new()),
            };
        };
        let mut lines = text.lines().map(str::to_owned);
        let of = lines.next().unwrap_or_default();
        if of != key.to_string() {
            let folder = self.folder.clone();
            return Err(StateError::OtherWitness { folder, of });
        }
        Ok(lines.collect())
    }

    /// Whether a head with something in it lies here; empty ones are left by a start cut short.
    fn has_heads(&self) -> Result<bool, StateError> {
        let io = |error| at(&self.folder, error);
        for entry in fs::read_dir(&self.folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let is_head = path
                .extension()
                .is_some_and(|extension| extension == "head");
            if is_head && read(&path)?.is_some_and(|note| !note.is_empty()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn head(&self, origin: &str) -> Result<Option<Head>, StateError> {
        let path = self.head_path(origin);
        let Some(note) = read(&path)? else {
            return Ok(None);
        };
        let head = Head::read(origin, note);
        head.map(Some).ok_or(StateError::Damaged(path))
    }

    fn write(&self, path: &Path, content: &str) -> Result<(), StateError> {
        checked_file::write(path, FORM, content).map_err(|error| at(path, error))
    }

    fn head_path(&self, origin: &str) -> PathBuf {
        self.folder
            .join(format!("{}.head", sha256_hex(origin.as_bytes())))
    }
}

fn lock(folder: &Path) -> Result<File, StateError> {
    let path = folder.join(LOCK);
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.map_err(|error| at(&path, error))?;
    match durable::lock_alone(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StateError::Locked(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(at(&path, error)),
    }
}

/// Reads a file's content, if it is there and whole.
fn read(path: &Path) -> Result<Option<String>, StateError> {
    checked_file::read(path, FORM, MAX_FILE).map_err(|error| match error {
        ReadError::Damaged => StateError::Damaged(path.to_owned()),
        ReadError::Io(error) => at(path, error),
    })
}

fn at(path: &Path, source: io::Error) -> StateError {
    StateError::Io {
        path: path.to_owned(),
        source,
    }
}
