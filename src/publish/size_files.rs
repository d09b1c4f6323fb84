//! Files of one kind named by a tree's size, such as `600.note`: found again by the first that
//! covers a position in the log.
//!
//! Invariants: a file appears whole or not at all, is durable before it is found, and neither
//! changes nor goes again. Absent: what is in them.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::durable::{self, Access, Existing};

/// A folder of such files.
#[derive(Debug)]
pub(crate) struct SizeFiles {
    folder: PathBuf,
    ending: &'static str,
    /// Longest file that is read, in bytes.
    longest: usize,
    sizes: Mutex<BTreeSet<u64>>,
}

impl SizeFiles {
    /// Opens the folder, or makes it.
    pub(super) fn open(folder: &Path, ending: &'static str, longest: usize) -> io::Result<Self> {
        durable::private_folder(folder)?;
        let mut sizes = BTreeSet::new();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name();
            sizes.extend(name.to_str().and_then(|name| size_of(name, ending)));
        }
        Ok(Self {
            folder: folder.to_owned(),
            ending,
            longest,
            sizes: Mutex::new(sizes),
        })
    }

    fn sizes(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The largest size that has a file.
    pub(super) fn newest(&self) -> Option<u64> {
        self.sizes().last().copied()
    }

    pub(super) fn has(&self, size: u64) -> bool {
        self.sizes().contains(&size)
    }

    /// The smallest size with a file whose tree holds this position.
    pub(super) fn covering(&self, position: u64) -> Option<u64> {
        let first = position.checked_add(1)?;
        self.sizes().range(first..).next().copied()
    }

    /// Keeps a file for this size; what is kept stays.
    ///
    /// # Errors
    /// What the file system returns, so also that there is one.
    pub(super) async fn keep(&self, size: u64, bytes: Vec<u8>) -> io::Result<()> {
        let path = self.path(size);
        // Commit point: the file gets its name.
        blocking(move || durable::write(&path, &bytes, Access::Public, Existing::Refuse)).await?;
        self.sizes().insert(size);
        Ok(())
    }

    /// The file of this size.
    pub(super) async fn read(&self, size: u64) -> io::Result<Vec<u8>> {
        let (path, longest) = (self.path(size), self.longest as u64);
        blocking(move || {
            if std::fs::metadata(&path)?.len() > longest {
                return Err(io::Error::other("a file kept of the log is too long"));
            }
            std::fs::read(&path)
        })
        .await
    }

    fn path(&self, size: u64) -> PathBuf {
        self.folder.join(format!("{size}{}", self.ending))
    }
}

/// The size that a file's name says, in its one spelling.
fn size_of(name: &str, ending: &str) -> Option<u64> {
    let size: u64 = name.strip_suffix(ending)?.parse().ok()?;
    (name == format!("{size}{ending}")).then_some(size)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_file_that_covers_a_position_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes");
        let files = SizeFiles::open(&path, ".note", 100).unwrap();
        assert_eq!(files.covering(0), None);
        for size in [4, 9] {
            files.keep(size, size.to_string().into()).await.unwrap();
        }
        assert!(files.keep(9, Vec::new()).await.is_err());
        for strange in ["07.note", "7.note.tmp", "x.note", "7.tst"] {
            std::fs::write(path.join(strange), "").unwrap();
        }
        for files in [files, SizeFiles::open(&path, ".note", 100).unwrap()] {
            let covering = [0, 3, 4, 8, 9, u64::MAX].map(|position| files.covering(position));
            assert_eq!(covering, [Some(4), Some(4), Some(9), Some(9), None, None]);
            assert_eq!(files.newest(), Some(9));
            assert_eq!(files.read(4).await.unwrap(), b"4");
        }
        let short = SizeFiles::open(&path, ".note", 0).unwrap();
        assert!(short.read(4).await.is_err());
    }
}
