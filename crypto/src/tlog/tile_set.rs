//! Tiles that were fetched from somewhere, checked against a signed tree head before use.
//!
//! The frontier of a tree lies in its partial tiles, so they alone must give the root; a full tile's
//! subtree root is a hash of the tile above it. So each tile is authenticated by the tiles that
//! [`tiles_for`] lists with it. Invariant: [`TileSet::node`] answers only from tiles whose content
//! was recomputed up to the root. Absent: fetching; the caller fetches what [`tiles_for`] lists.
//! Specification: C2SP tlog-tiles, "Merkle Tree" and "Partial Tiles".

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{LeafHash, TreeHash};
use crate::tlog::tile::{Resource, Tile, TileContentError, complete_root};
use crate::tlog::tree::{Frontier, Node, TreeHead, leaf_hash};

/// Most tiles of one set: 128 MiB of hashes.
pub const MAX_TILES: usize = 16 * 1024;

/// Why tiles are not those of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileSetError {
    /// There are more tiles than are read at once.
    #[error("more than {MAX_TILES} tiles at once")]
    TooMany,
    /// The tree has no such tile in this width.
    #[error("{0} does not exist at this size of the log")]
    NotThisSize(Resource),
    /// The content has another length than the tile.
    #[error("{0}: {1}")]
    Content(Resource, TileContentError),
    /// A tile that is needed to check the others is not among them.
    #[error("{0} is missing")]
    Missing(Resource),
    /// The partial tiles do not give the signed root.
    #[error("tiles at the right edge do not lead to the signed root")]
    OtherRoot,
    /// A full tile is not the one that the tile above it commits to.
    #[error("{0} is not the tile of this log")]
    OtherTile(Resource),
    /// The node is not complete in this tree.
    #[error("node {index} of level {level} is not complete at this size of the log")]
    NotComplete {
        /// Height above the leaves.
        level: u8,
        /// Nodes of this level to the left.
        index: u64,
    },
}

/// The tiles that give `nodes` in a tree of `size`, with all that authenticate them: the tiles at
/// the right edge, and those above.
pub fn tiles_for(
    nodes: impl IntoIterator<Item = Node>,
    size: u64,
) -> Result<BTreeSet<Tile>, TileSetError> {
    let mut tiles: BTreeSet<Tile> = Tile::edge(size).collect();
    for node in nodes {
        let mut tile = Tile::holding(node, size).ok_or(TileSetError::NotComplete {
            level: node.level,
            index: node.index,
        })?;
        while tiles.insert(tile) {
            match parent(tile, size) {
                Some(above) => tile = above,
                None => break,
            }
        }
    }
    Ok(tiles)
}

/// The tile one level up that commits to a full tile.
fn parent(tile: Tile, size: u64) -> Option<Tile> {
    Tile::holding(tile.root_node()?, size)
}

/// Tiles of one tree, all authenticated.
#[derive(Debug, Clone)]
pub struct TileSet {
    head: TreeHead,
    tiles: BTreeMap<Tile, Vec<TreeHash>>,
}

impl TileSet {
    /// Reads and authenticates tiles of the tree of `head`, which the caller has verified. Every
    /// tile must be among those of [`tiles_for`], and every one that authenticates it be there.
    pub fn authenticate<C: AsRef<[u8]>>(
        head: TreeHead,
        contents: impl IntoIterator<Item = (Tile, C)>,
    ) -> Result<Self, TileSetError> {
        let mut tiles = BTreeMap::new();
        for (tile, content) in contents {
            if Tile::at(tile.level, tile.index, head.size) != Some(tile) {
                return Err(TileSetError::NotThisSize(Resource::Tile(tile)));
            }
            if tiles.len() == MAX_TILES {
                return Err(TileSetError::TooMany);
            }
            let hashes = tile
                .read(content.as_ref())
                .map_err(|error| TileSetError::Content(Resource::Tile(tile), error))?;
            tiles.insert(tile, hashes);
        }
        let set = Self { head, tiles };
        set.check_edge()?;
        set.check_full_tiles()?;
        Ok(set)
    }

    fn check_edge(&self) -> Result<(), TileSetError> {
        let frontier = Frontier::from_nodes(self.head.size, |node| self.node(node))?;
        if frontier.root() == self.head.root {
            Ok(())
        } else {
            Err(TileSetError::OtherRoot)
        }
    }

    /// Each full tile's root stands in the tile above, which is checked likewise.
    fn check_full_tiles(&self) -> Result<(), TileSetError> {
        for (tile, hashes) in &self.tiles {
            let Some(root) = tile.root_node() else {
                continue; // partial: its hashes are the frontier's, and gave the root
            };
            if self.node(root)? != complete_root(hashes) {
                return Err(TileSetError::OtherTile(Resource::Tile(*tile)));
            }
        }
        Ok(())
    }

    /// The head against which the tiles were checked.
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// The frontier of the tree.
    pub fn frontier(&self) -> Result<Frontier, TileSetError> {
        Frontier::from_nodes(self.head.size, |node| self.node(node))
    }

    /// The hash of a complete node; what [`crate::tlog::ProofPlan::compute`] asks for.
    pub fn node(&self, node: Node) -> Result<TreeHash, TileSetError> {
        let not_complete = TileSetError::NotComplete {
            level: node.level,
            index: node.index,
        };
        let tile = Tile::holding(node, self.head.size).ok_or(not_complete)?;
        let hashes = self.hashes(tile)?;
        tile.node(hashes, node).ok_or(not_complete)
    }

    /// The hashes of a tile.
    pub fn hashes(&self, tile: Tile) -> Result<&[TreeHash], TileSetError> {
        self.tiles
            .get(&tile)
            .map(Vec::as_slice)
            .ok_or(TileSetError::Missing(Resource::Tile(tile)))
    }
}

/// Checks the entries of a bundle against the hashes of the level-0 tile of the same index and
/// width; answers the place of the first entry that is not the log's.
pub fn check_entries(entries: &[LeafHash], leaves: &[TreeHash]) -> Result<(), usize> {
    let shorter = entries.len().min(leaves.len());
    match (0..shorter).find(|place| leaf_hash(&entries[*place]) != leaves[*place]) {
        Some(place) => Err(place),
        None if entries.len() != leaves.len() => Err(shorter),
        None => Ok(()),
    }
}
