//! The data folder: who owns it, which format it has, how it was last left.
//!
//! Invariants: one store at a time holds the lock; an unknown format is refused untouched; `STATE`
//! says `closed` only while everything, the index included, is durable and agrees.
//! Layout: docs/format/journal.md, section "Data folder".

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::OpenError;

/// Content of `FORMAT` for the layout this version reads and writes.
const FORMAT: &str = "mein-postfach storage 1\n";

/// Journal segments.
pub(crate) const JOURNAL: &str = "journal";
/// The sled index, rebuildable.
pub(crate) const INDEX: &str = "index";
/// The last index that was not trusted.
const INDEX_ASIDE: &str = "index.aside";
/// Root of the local object store.
pub(crate) const OBJECTS: &str = "objects";

/// An exclusively held data folder.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    _lock: File,
}

/// How the folder was left, as `STATE` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Left {
    /// Never opened, or the file is unreadable: trust only the journal.
    Unknown,
    /// A store is or was running, on the given boot of the machine.
    Running {
        /// Whether the machine has not been restarted since.
        same_boot: bool,
    },
    /// The index failed while running: rebuild it.
    Distrusted,
    /// Closed in order; the last segment and its exact length.
    Closed {
        /// Number of the last segment.
        segment: u32,
        /// Its length in bytes.
        length: u64,
    },
}

/// How often a lock is tried before it counts as kept by somebody else, and the pause between.
const LOCK_ATTEMPTS: u32 = 25;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Locks a file for this process alone. Waits a moment for whoever has it: a command that is just
/// ending, or a child that was forked meanwhile and has not yet begun its own program.
///
/// # Errors
/// [`TryLockError::WouldBlock`] when somebody keeps it.
fn lock_alone(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            ended => return ended,
        }
    }
    file.try_lock()
}

impl Folder {
    /// Creates the folder if needed, locks it, and refuses formats this version does not know.
    pub(crate) fn open(root: &Path) -> Result<Self, OpenError> {
        create_durably(root).map_err(|e| OpenError::io(root, &e))?;
        let lock_path = root.join("LOCK");
        let lock = File::create(&lock_path).map_err(|e| OpenError::io(&lock_path, &e))?;
        match lock_alone(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::AlreadyOpen {
                    folder: root.to_owned(),
                });
            }
            Err(TryLockError::Error(e)) => return Err(OpenError::io(&lock_path, &e)),
        }
        let folder = Self {
            root: root.to_owned(),
            _lock: lock,
        };
        for name in [JOURNAL, OBJECTS] {
            let path = folder.path(name);
            fs::create_dir_all(&path).map_err(|e| OpenError::io(&path, &e))?;
        }
        Ok(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Whether the folder has a format yet; an unknown one is an error.
    pub(crate) fn has_format(&self) -> Result<bool, OpenError> {
        let path = self.path("FORMAT");
        match fs::read_to_string(&path) {
            Ok(text) if text == FORMAT => Ok(true),
            Ok(text) => Err(OpenError::UnknownFormat {
                found: text.trim_end().chars().take(60).collect(),
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(OpenError::io(&path, &e)),
        }
    }

    /// Marks the folder as initialised, once its first segment is durable.
    pub(crate) fn write_format(&self) -> Result<(), OpenError> {
        self.replace("FORMAT", FORMAT)
            .map_err(|e| OpenError::io(&self.path("FORMAT"), &e))
    }

    /// How the folder was left.
    pub(crate) fn left(&self) -> Left {
        let Ok(text) = fs::read_to_string(self.path("STATE")) else {
            return Left::Unknown;
        };
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            ["running", boot] => Left::Running {
                same_boot: Some(boot) == boot_id().as_deref(),
            },
            ["closed", segment, length] => match (segment.parse(), length.parse()) {
                (Ok(segment), Ok(length)) => Left::Closed { segment, length },
                _ => Left::Unknown,
            },
            ["distrusted"] => Left::Distrusted,
            _ => Left::Unknown,
        }
    }

    /// Notes that a store is running on this boot of the machine.
    pub(crate) fn write_running(&self) -> io::Result<()> {
        let boot = boot_id().unwrap_or_else(|| "unknown-boot".to_owned());
        self.replace("STATE", &format!("running {boot}\n"))
    }

    /// Notes that the index must be rebuilt.
    pub(crate) fn write_distrusted(&self) -> io::Result<()> {
        self.replace("STATE", "distrusted\n")
    }

    /// Notes an orderly end, after making the index durable (sled's own flush does not).
    pub(crate) fn write_closed(&self, segment: u32, length: u64) -> io::Result<()> {
        sync_tree(&self.path(INDEX))?;
        self.replace("STATE", &format!("closed {segment} {length}\n"))
    }

    /// Moves an index that is not trusted out of the way, keeping only the latest such one.
    pub(crate) fn move_index_aside(&self) -> Result<(), OpenError> {
        let (index, aside) = (self.path(INDEX), self.path(INDEX_ASIDE));
        if !index.exists() {
            return Ok(());
        }
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(|e| OpenError::io(&aside, &e))?;
        }
        fs::rename(&index, &aside).map_err(|e| OpenError::io(&index, &e))
    }

    /// Replaces a small file durably: it has either the old or the new content.
    fn replace(&self, name: &str, content: &str) -> io::Result<()> {
        let new = self.path(&format!("{name}.new"));
        let mut file = File::create(&new)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, self.path(name))?;
        File::open(&self.root)?.sync_all()
    }
}

/// Creates a folder with those above it, and syncs what now names each of them.
fn create_durably(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        None => return fs::create_dir(path),
    };
    create_durably(above)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(above)?.sync_all()
}

/// Syncs every file and folder under `path`, deepest first.
fn sync_tree(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(path)?.sync_all()
}

/// Names the current boot of the machine, where the system tells.
fn boot_id() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}
