//! The log in the index: entries as they came, and the hashes of tiles above level 0.
//!
//! Invariant: with the entries of level 0, the hashes at each eighth level of the tree are enough for
//! every tile and every proof; they are added once, by the commit that completes them.
//! docs/format/journal.md, "Index"; C2SP tlog-tiles.

use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::tlog::tile::{TILE_HEIGHT, TILE_WIDTH};
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{Frontier, Growth, Tile};

use super::{Changes, Index, IndexError, LEAF, NODE, caught, key, malformed};

/// Most leaves in one value.
const LEAVES: usize = 128;

impl Index {
    /// Entries from `from` on, at most `limit`.
    pub(crate) fn leaves(&self, from: u64, limit: usize) -> Result<Vec<LeafHash>, IndexError> {
        let from_key = key(LEAF, &[&from.to_be_bytes()]);
        let mut found = Vec::new();
        let mut next = from;
        caught(|| {
            // The value that holds `from` may begin before it.
            let start = self.db.range([LEAF].as_slice()..=&from_key[..]).next_back();
            let start = start
                .transpose()?
                .map_or_else(|| from_key.clone().into(), |(key, _)| key);
            for item in self.db.range(start..sled::IVec::from(&[LEAF + 1])) {
                let (key, value) = item?;
                let first = key[1..]
                    .try_into()
                    .map(u64::from_be_bytes)
                    .unwrap_or(u64::MAX);
                let skip = usize::try_from(next.saturating_sub(first)).unwrap_or(usize::MAX);
                for leaf in value.chunks_exact(32).skip(skip).take(limit - found.len()) {
                    found.push(LeafHash(
                        leaf.try_into().expect("chunks of exactly 32 bytes"),
                    ));
                    next += 1;
                }
                if found.len() == limit {
                    break;
                }
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The hashes of a tile, or fewer when the log is too small to have it.
    pub(crate) fn tile(&self, tile: Tile) -> Result<Vec<TreeHash>, IndexError> {
        let width = usize::from(tile.width);
        let first = tile.index.saturating_mul(u64::from(TILE_WIDTH));
        if tile.level == 0 {
            let leaves = self.leaves(first, width)?;
            return Ok(leaves.iter().map(leaf_hash).collect());
        }
        let start = node_key(tile.level, first);
        let end = [NODE, tile.level + 1];
        let hashes = caught(|| {
            let range = self.db.range(&start[..]..&end[..]).values();
            range.take(width).collect::<sled::Result<Vec<_>>>()
        })?;
        let hashes = hashes.iter().map(|hash| hash.as_ref().try_into().ok());
        let hashes = hashes.map(|hash| hash.map(TreeHash)).collect::<Option<_>>();
        hashes.ok_or_else(|| malformed("tree node"))
    }

    /// The frontier of the log's first `size` leaves.
    pub(crate) fn frontier(&self, size: u64) -> Result<Frontier, IndexError> {
        Frontier::from_nodes(size, |node| {
            let tile = Tile::holding(node, size);
            let tile = tile.ok_or_else(|| malformed("tree size"))?;
            let hash = tile.node(&self.tile(tile)?, node);
            hash.ok_or_else(|| malformed("tile"))
        })
    }
}

impl Changes {
    /// Adds the leaves from `position` on.
    pub(crate) fn leaves(&mut self, position: u64, leaves: &[LeafHash]) {
        for (first, leaves) in (position..).step_by(LEAVES).zip(leaves.chunks(LEAVES)) {
            let value: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
            self.0.insert(key(LEAF, &[&first.to_be_bytes()]), value);
        }
    }

    /// Adds the hashes of all tiles above the leaves' that the new leaves completed.
    pub(crate) fn nodes(&mut self, growth: &Growth) {
        for level in 1..TILE_HEIGHT {
            for (node, hash) in growth.completed(level * TILE_HEIGHT) {
                self.0.insert(node_key(level, node.index), &hash.0);
            }
        }
    }
}

fn node_key(tile_level: u8, index: u64) -> Vec<u8> {
    key(NODE, &[&[tile_level], &index.to_be_bytes()])
}
