//! Files that appear whole or not at all, and folders that are private.
//!
//! Invariant: a name never shows half of its new content: the bytes go to a new file beside it,
//! are synced, and take the name by one rename; then the folder is synced. A crash leaves the old
//! content or the new one, and at most a stray `.tmp` file. POSIX.1-2024 rename().
//!
//! Absent: what is locked (`client::profile`), large parts and the server's data (`storage`).

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often a lock is tried before it counts as kept by somebody else, and the pause between.
const LOCK_ATTEMPTS: u32 = 25;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The owner only, 0600.
    Private,
    /// Everybody, 0644.
    Public,
}

/// What to do when the name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Fail with [`io::ErrorKind::AlreadyExists`].
    Refuse,
    /// Replace it.
    Replace,
    /// Replace it and keep the previous version as `NAME.old`.
    KeepOld,
}

/// Writes a file durably: when this returns, content and name survive a power cut.
///
/// # Errors
/// What the file system returns; the old content, if any, is then still there.
pub fn write(path: &Path, bytes: &[u8], access: Access, existing: Existing) -> io::Result<()> {
    write_with(path, access, existing, |file| file.write_all(bytes))
}

/// As [`write()`], for content that is produced while it is written.
///
/// # Errors
/// What the file system or `produce` returns.
pub fn write_with(
    path: &Path,
    access: Access,
    existing: Existing,
    produce: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let temporary = Temporary::beside(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(access.mode())
        .open(&temporary.0)?;
    produce(&mut file)?;
    file.sync_all()?;
    match existing {
        // A hard link fails where the name exists; rename would replace it.
        Existing::Refuse => fs::hard_link(&temporary.0, path)?,
        Existing::Replace => fs::rename(&temporary.0, path)?,
        Existing::KeepOld => {
            keep_old(path)?;
            fs::rename(&temporary.0, path)?;
        }
    }
    sync_folder(path)
}

/// Where [`Existing::KeepOld`] leaves the previous version.
#[must_use]
pub fn old_path(path: &Path) -> PathBuf {
    with_suffix(path, ".old")
}

/// Makes a folder, and those above it, that only the owner may enter.
///
/// # Errors
/// What the file system returns.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A temporary file that is gone when its content has a name, or when that failed.
struct Temporary(PathBuf);

impl Temporary {
    fn beside(path: &Path) -> Self {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let suffix = format!(".{}-{number}.tmp", std::process::id());
        Self(with_suffix(path, &suffix))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove; after an error it is the best we can do.
        let _ = fs::remove_file(&self.0);
    }
}

impl Access {
    fn mode(self) -> u32 {
        match self {
            Access::Private => 0o600,
            Access::Public => 0o644,
        }
    }
}

/// A second name for the current content, so that the first is never missing.
fn keep_old(path: &Path) -> io::Result<()> {
    let old = Temporary::beside(path);
    match fs::hard_link(path, &old.0) {
        Ok(()) => fs::rename(&old.0, old_path(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

/// Locks a file for this process alone. Waits a moment for whoever has it: a command that is just
/// ending, or a child that was forked meanwhile and has not yet begun its own program.
///
/// # Errors
/// [`TryLockError::WouldBlock`] when somebody keeps it.
pub(crate) fn lock_alone(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            ended => return ended,
        }
    }
    file.try_lock()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn an_existing_name_is_refused_replaced_or_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, b"one", Access::Private, Existing::Refuse).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let refused = write(&path, b"two", Access::Private, Existing::Refuse).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write(&path, b"two", Access::Private, Existing::KeepOld).unwrap();
        write(&path, b"three", Access::Private, Existing::KeepOld).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(fs::read(old_path(&path)).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn content_that_fails_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let fail = |_: &mut File| Err(io::Error::other("disk full"));
        assert!(write_with(&path, Access::Private, Existing::Replace, fail).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
