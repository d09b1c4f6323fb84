//! Tiles and entry bundles (C2SP tlog-tiles): how a log is published as static files.
//!
//! A tile holds up to 256 hashes, each the root of a complete subtree of 256^level leaves; an entry
//! bundle holds up to 256 entries. A full one never changes; the rightmost of a level may be partial
//! and exists in the width of each signed tree size.
//!
//! Invariants: a path has one spelling; a width is 1 to 256. Whether a tile's content belongs to a
//! log is decided by [`crate::tlog::TileSet`], not here.

use std::fmt;
use std::str::FromStr;

use crate::ids::{LeafHash, TreeHash};
use crate::tlog::tree::{Node, fold, node_hash};

/// Hashes of a full tile and entries of a full bundle.
pub const TILE_WIDTH: u16 = 256;
/// Tree levels that one tile level stands for.
pub const TILE_HEIGHT: u8 = 8;
/// Highest tile level that a path can name (tlog-tiles, "Merkle Tree"). Trees of 2^64 entries end at 7.
pub const MAX_TILE_LEVEL: u8 = 63;
/// Bytes of an entry: a [`LeafHash`].
pub const ENTRY_LENGTH: usize = 32;
/// Bytes of an entry in a bundle: its length in two bytes, then the entry.
const BUNDLED_LENGTH: usize = 2 + ENTRY_LENGTH;
/// Longest path of a tile or bundle in bytes: level 63, 7 groups of digits and a width.
pub const MAX_PATH: usize = 64;

/// Names a tile: `level`, `index` within the level, and how many hashes wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// Tile level, 0 to 63: its hashes are roots over 256^level leaves.
    pub level: u8,
    /// Number of tiles of this level to the left.
    pub index: u64,
    /// Number of hashes, 1 to 256.
    pub width: u16,
}

/// Names an entry bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryBundle {
    /// Number of bundles to the left.
    pub index: u64,
    /// Number of entries, 1 to 256.
    pub width: u16,
}

/// A static file of a log, below its URL prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The newest signed checkpoint; the only one that changes.
    Checkpoint,
    /// Hashes.
    Tile(Tile),
    /// Entries.
    Entries(EntryBundle),
}

/// The path names no file that a log could have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a checkpoint, tile or entry bundle")]
pub struct ParseResourceError;

/// Why bytes are not the content of a tile or bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileContentError {
    /// The bytes are not as many as the width needs.
    #[error("tile or bundle of width {width} has {actual} bytes")]
    Length {
        /// Width of the tile or bundle.
        width: u16,
        /// Bytes given.
        actual: usize,
    },
    /// An entry is not 32 bytes long.
    #[error("entry {0} of the bundle is not 32 bytes long")]
    EntryLength(usize),
}

/// Number of hashes that a level of tiles has at a tree size.
fn hashes_at(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT))
        .unwrap_or(0)
}

/// Width of the `index`-th group of 256 out of `count`, or none if there is nothing in it.
fn width_of(index: u64, count: u64) -> Option<u16> {
    let width_full = u64::from(TILE_WIDTH);
    let before = index.checked_mul(width_full)?;
    let rest = count.checked_sub(before)?.min(width_full);
    (rest > 0).then(|| u16::try_from(rest).expect("at most 256"))
}

impl Tile {
    /// The tile at this place in a tree of `size`, in the width it has there; none if it is empty.
    pub fn at(level: u8, index: u64, size: u64) -> Option<Self> {
        let width = width_of(index, hashes_at(level, size))?;
        Some(Self {
            level,
            index,
            width,
        })
    }

    /// The tile that holds `node` in a tree of `size`; none if the node is not complete there.
    pub fn holding(node: Node, size: u64) -> Option<Self> {
        let level = node.level / TILE_HEIGHT;
        let within = node.level % TILE_HEIGHT;
        let end = node.index.checked_add(1)?.checked_mul(1 << within)?;
        if end > hashes_at(level, size) {
            return None;
        }
        Self::at(level, (end - 1) / u64::from(TILE_WIDTH), size)
    }

    /// The partial tiles at the right edge of a tree of `size`, lowest first. Together they hold
    /// its frontier, so they alone yield its root.
    pub fn edge(size: u64) -> impl Iterator<Item = Self> {
        (0..TILE_HEIGHT).filter_map(move |level| {
            let count = hashes_at(level, size);
            let tile = Self::at(level, count / u64::from(TILE_WIDTH), size)?;
            Some(tile)
        })
    }

    /// Every tile that a tree grown from `old` to `new` has and the old one had not, lowest first:
    /// the full ones, and the partial ones at the new edge.
    pub fn added(old: u64, new: u64) -> impl Iterator<Item = Self> {
        (0..TILE_HEIGHT).flat_map(move |level| {
            let before = hashes_at(level, old);
            let after = hashes_at(level, new);
            let indices = if after > before {
                before / u64::from(TILE_WIDTH)..after.div_ceil(u64::from(TILE_WIDTH))
            } else {
                0..0
            };
            indices.filter_map(move |index| Self::at(level, index, new))
        })
    }

    /// Whether the tile has all 256 hashes and will never change.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The node that a full tile is the whole subtree of: one hash of the level above.
    pub fn root_node(&self) -> Option<Node> {
        (self.is_full() && self.level < TILE_HEIGHT - 1).then(|| Node {
            level: (self.level + 1) * TILE_HEIGHT,
            index: self.index,
        })
    }

    /// The nodes whose hashes the tile consists of, in order; none for a tile no tree can have.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        let level = self
            .level
            .checked_mul(TILE_HEIGHT)
            .filter(|level| *level < 64);
        let first = self.index.checked_mul(u64::from(TILE_WIDTH));
        let start = level.zip(first);
        (0..u64::from(self.width)).filter_map(move |place| {
            let (level, first) = start?;
            let index = first.checked_add(place)?;
            Some(Node { level, index })
        })
    }

    /// Length of the content in bytes.
    pub fn content_length(&self) -> usize {
        usize::from(self.width) * 32
    }

    /// Reads the tile's hashes. The full tile, fetched because the partial one is gone, may stand
    /// for it: its first hashes are the same.
    pub fn read(&self, content: &[u8]) -> Result<Vec<TreeHash>, TileContentError> {
        let full = usize::from(TILE_WIDTH) * 32;
        if content.len() != self.content_length() && content.len() != full {
            return Err(TileContentError::Length {
                width: self.width,
                actual: content.len(),
            });
        }
        Ok(content[..self.content_length()]
            .chunks_exact(32)
            .map(|hash| TreeHash(hash.try_into().expect("chunks of 32 bytes")))
            .collect())
    }

    /// The hash of `node` from the hashes of the tile that holds it; none if another tile does.
    pub fn node(&self, hashes: &[TreeHash], node: Node) -> Option<TreeHash> {
        if node.level / TILE_HEIGHT != self.level {
            return None;
        }
        let count = 1usize << (node.level % TILE_HEIGHT);
        let first = node.index.checked_mul(count as u64)?;
        let place = first.checked_sub(self.index.checked_mul(u64::from(TILE_WIDTH))?)?;
        let place = usize::try_from(place).ok()?;
        Some(complete_root(hashes.get(place..place.checked_add(count)?)?))
    }
}

/// The root over a tile's hashes as a full tile.
pub(crate) fn complete_root(hashes: &[TreeHash]) -> TreeHash {
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node_hash(left, right),
                _ => fold(pair),
            })
            .collect();
    }
    fold(&level)
}

impl EntryBundle {
    /// The bundle at this place in a log of `size`, in the width it has there; none if it is empty.
    pub fn at(index: u64, size: u64) -> Option<Self> {
        let width = width_of(index, size)?;
        Some(Self { index, width })
    }

    /// The bundle's content: each entry after its length as two bytes, most significant first.
    pub fn write(entries: &[LeafHash]) -> Vec<u8> {
        let mut content = Vec::with_capacity(entries.len() * BUNDLED_LENGTH);
        for entry in entries {
            content.extend([0, 32]);
            content.extend(entry.0);
        }
        content
    }

    /// Reads the bundle's entries; a full bundle may stand for a partial one, as with tiles.
    pub fn read(&self, content: &[u8]) -> Result<Vec<LeafHash>, TileContentError> {
        let length = usize::from(self.width) * BUNDLED_LENGTH;
        if content.len() != length && content.len() != usize::from(TILE_WIDTH) * BUNDLED_LENGTH {
            return Err(TileContentError::Length {
                width: self.width,
                actual: content.len(),
            });
        }
        content[..length]
            .chunks_exact(BUNDLED_LENGTH)
            .enumerate()
            .map(|(place, bundled)| match bundled {
                [0, 32, entry @ ..] => Ok(LeafHash(entry.try_into().expect("chunks of 34 bytes"))),
                _ => Err(TileContentError::EntryLength(place)),
            })
            .collect()
    }
}

/// Writes an index as groups of three digits, all but the last behind an `x`, and the width.
fn write_index(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let mut power = 1u64;
    while index / power >= 1000 {
        power *= 1000;
    }
    while power > 1 {
        write!(f, "x{:03}/", index / power % 1000)?;
        power /= 1000;
    }
    write!(f, "{:03}", index % 1000)?;
    if width < TILE_WIDTH {
        write!(f, ".p/{width}")?;
    }
    Ok(())
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resource::Checkpoint => f.write_str("checkpoint"),
            Resource::Tile(tile) => {
                write!(f, "tile/{}/", tile.level)?;
                write_index(f, tile.index, tile.width)
            }
            Resource::Entries(bundle) => {
                f.write_str("tile/entries/")?;
                write_index(f, bundle.index, bundle.width)
            }
        }
    }
}

impl FromStr for Resource {
    type Err = ParseResourceError;

    fn from_str(path: &str) -> Result<Self, ParseResourceError> {
        if path.len() > MAX_PATH {
            return Err(ParseResourceError);
        }
        let read = read_resource(path).ok_or(ParseResourceError)?;
        // One spelling: signs, missing or additional zeros and groups do not come back alike.
        if read.to_string() == path {
            Ok(read)
        } else {
            Err(ParseResourceError)
        }
    }
}

fn read_resource(path: &str) -> Option<Resource> {
    if path == "checkpoint" {
        return Some(Resource::Checkpoint);
    }
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let (index, width) = match rest.split_once(".p/") {
        None => (rest, TILE_WIDTH),
        Some((index, width)) => (index, width.parse().ok()?),
    };
    if !(1..=TILE_WIDTH).contains(&width) {
        return None;
    }
    let mut number = 0u64;
    for group in index.split('/') {
        let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        number = number.checked_mul(1000)?.checked_add(digits)?;
    }
    if level == "entries" {
        return Some(Resource::Entries(EntryBundle {
            index: number,
            width,
        }));
    }
    let level = level
        .parse()
        .ok()
        .filter(|level| *level <= MAX_TILE_LEVEL)?;
    Some(Resource::Tile(Tile {
        level,
        index: number,
        width,
    }))
}
