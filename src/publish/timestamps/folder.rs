//! Tokens on disk: `SIZE.note`, a checkpoint note, and `SIZE.tst`, the token over its text, by tree
//! size. The ending is that of ETSI EN 319 162-1.
//!
//! Invariant: the note is durable before the token, and the token's name makes both count. Absent:
//! checking them again, which whoever reads them does.

use std::io;
use std::path::Path;

use postfach_crypto::tlog::note::MAX_NOTE;

use crate::publish::size_files::SizeFiles;
use crate::timestamp::MAX_TOKEN;

/// The folder of tokens.
#[derive(Debug)]
pub(crate) struct Folder {
    notes: SizeFiles,
    tokens: SizeFiles,
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
        Ok(Self {
            notes: SizeFiles::open(path, ".note", MAX_NOTE)?,
            tokens: SizeFiles::open(path, ".tst", MAX_TOKEN)?,
        })
    }

    pub(super) fn newest(&self) -> Option<u64> {
        self.tokens.newest()
    }

    /// Keeps a token durably.
    pub(super) async fn keep(&self, kept: Kept) -> io::Result<()> {
        // A note without a token is left where this was cut off; its text is that of this one.
        if !self.notes.has(kept.size) {
            self.notes.keep(kept.size, kept.note.into_bytes()).await?;
        }
        self.tokens.keep(kept.size, kept.token).await
    }

    /// The first token whose checkpoint covers the statement at this position.
    pub(crate) async fn covering(&self, position: u64) -> io::Result<Option<Kept>> {
        match self.tokens.covering(position) {
            None => Ok(None),
            Some(size) => self.read(size).await.map(Some),
        }
    }

    pub(super) async fn read(&self, size: u64) -> io::Result<Kept> {
        let note = String::from_utf8(self.notes.read(size).await?);
        Ok(Kept {
            size,
            note: note.map_err(io::Error::other)?,
            token: self.tokens.read(size).await?,
        })
    }
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
        std::fs::write(path.join("12.note"), "note 12").unwrap();
        for stray in ["012.tst", "+13.tst", "x.tst", "14.tst.1-0.tmp"] {
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
        // The note that was left without a token does not stand in the way.
        let stamps = Folder::open(&path).unwrap();
        stamps.keep(kept(12)).await.unwrap();
        assert_eq!(stamps.newest(), Some(12));
    }
}
