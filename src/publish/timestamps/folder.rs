//! Tokens on disk: `SIZE.note`, a checkpoint note, and `SIZE.tst`, the token over its text, by tree
//! size. The ending is that of ETSI EN 319 162-1.
//!
//! Invariants: the note is durable before the token, and the token's name makes both count; neither
//! changes or goes again. Absent: checking them again, which whoever reads them does.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use postfach_crypto::tlog::note::MAX_NOTE;

use crate::durable::{self, Access, Existing};
use crate::timestamp::MAX_TOKEN;

/// The folder of tokens.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Tree sizes that have a token.
    sizes: Mutex<BTreeSet<u64>>,
}

/// A checkpoint with its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) size: u64,
    pub(crate) note: String,
    pub(crate) token: Vec<u8>,
}

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        durable::private_folder(path)?;
        let mut sizes = BTreeSet::new();
        for entry in std::fs::read_dir(path)? {
            let name = entry?.file_name();
            sizes.extend(name.to_str().and_then(size_of));
        }
        Ok(Self {
            path: path.to_owned(),
            sizes: Mutex::new(sizes),
        })
    }

    fn sizes(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn newest(&self) -> Option<u64> {
        self.sizes().last().copied()
    }

    /// Keeps a token durably.
    pub(super) async fn keep(&self, kept: Kept) -> io::Result<()> {
        let size = kept.size;
        let (note, token) = (self.file(size, NOTE), self.file(size, TOKEN));
        blocking(move || {
            let bytes = kept.note.as_bytes();
            durable::write(&note, bytes, Access::Public, Existing::Replace)?;
            // Commit point: the token gets its name.
            durable::write(&token, &kept.token, Access::Public, Existing::Refuse)
        })
        .await?;
        self.sizes().insert(size);
        Ok(())
    }

    /// The first token whose checkpoint covers the statement at this position.
    pub(crate) async fn covering(&self, position: u64) -> io::Result<Option<Kept>> {
        let first = position.checked_add(1);
        let size = first.and_then(|first| self.sizes().range(first..).next().copied());
        match size {
            None => Ok(None),
            Some(size) => self.read(size).await.map(Some),
        }
    }

    pub(super) async fn read(&self, size: u64) -> io::Result<Kept> {
        let (note, token) = (self.file(size, NOTE), self.file(size, TOKEN));
        blocking(move || {
            let note = String::from_utf8(bounded(&note, MAX_NOTE)?);
            Ok(Kept {
                size,
                note: note.map_err(io::Error::other)?,
                token: bounded(&token, MAX_TOKEN)?,
            })
        })
        .await
    }

    fn file(&self, size: u64, ending: &str) -> PathBuf {
        self.path.join(format!("{size}{ending}"))
    }
}

const NOTE: &str = ".note";
const TOKEN: &str = ".tst";

/// The size that a token's file name says, in its one spelling.
fn size_of(name: &str) -> Option<u64> {
    let size: u64 = name.strip_suffix(TOKEN)?.parse().ok()?;
    (name == format!("{size}{TOKEN}")).then_some(size)
}

fn bounded(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > most as u64 {
        return Err(io::Error::other("a file of a time-stamp is too long"));
    }
    std::fs::read(path)
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
    async fn the_first_token_that_covers_a_position_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("timestamps");
        let stamps = Folder::open(&path).unwrap();
        let kept = |size| Kept {
            size,
            note: format!("note {size}"),
            token: format!("token {size}").into_bytes(),
        };
        assert_eq!(stamps.covering(0).await.unwrap(), None);
        for size in [4, 9] {
            stamps.keep(kept(size)).await.unwrap();
        }
        assert!(stamps.keep(kept(9)).await.is_err()); // what is kept stays
        for stray in ["12.note", "012.tst", "+13.tst", "x.tst", "14.tst.1-0.tmp"] {
            std::fs::write(path.join(stray), b"").unwrap();
        }
        for stamps in [stamps, Folder::open(&path).unwrap()] {
            assert_eq!(stamps.newest(), Some(9));
            for (position, size) in [(0, Some(4)), (3, Some(4)), (4, Some(9)), (8, Some(9))] {
                assert_eq!(stamps.covering(position).await.unwrap(), size.map(kept));
            }
            for position in [9, u64::MAX - 1, u64::MAX] {
                assert_eq!(stamps.covering(position).await.unwrap(), None);
            }
        }
    }
}
