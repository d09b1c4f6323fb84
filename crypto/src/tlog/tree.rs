//! The Merkle tree of the log (RFC 6962 §2.1), as it grows at its right edge.
//!
//! A [`Node`] is the root of a *complete* subtree of 2^level leaves; once complete it never changes,
//! and only complete nodes are ever stored. A tree of any size is its [`Frontier`]: one complete
//! node for each bit set in the size. [`Frontier::grow`] hashes new leaves in, and the [`Growth`]
//! that comes back answers by look-up what a committer needs: new head, new frontier, nodes to
//! store, and a proof for each new leaf.
//!
//! Invariant: a frontier has as many nodes as its size has bits set. Absent: leaves before the
//! frontier; a proof for those is computed from stored nodes ([`crate::tlog::proof`]).

use sha2::{Digest, Sha256};

use crate::ids::{LeafHash, TreeHash};

/// Prefix of a leaf's hash input (RFC 6962 §2.1).
const LEAF_PREFIX: u8 = 0;
/// Prefix of an inner node's hash input (RFC 6962 §2.1).
const NODE_PREFIX: u8 = 1;

/// The root of the tree without leaves: the hash of the empty string (RFC 6962 §2.1).
pub const EMPTY_ROOT: TreeHash = TreeHash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// The hash of an entry as a leaf: SHA-256(0x00 ‖ entry).
pub fn leaf_hash(entry: &LeafHash) -> TreeHash {
    let mut input = [LEAF_PREFIX; 33];
    input[1..].copy_from_slice(&entry.0);
    TreeHash(Sha256::digest(input).into())
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    let mut input = [NODE_PREFIX; 65];
    input[1..33].copy_from_slice(&left.0);
    input[33..].copy_from_slice(&right.0);
    TreeHash(Sha256::digest(input).into())
}

/// A complete subtree of 2^`level` leaves, the `index`-th of its level from the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Height above the leaves: 0 is a leaf, at most 63.
    pub level: u8,
    /// Number of nodes of this level to the left.
    pub index: u64,
}

/// What a log says of itself at one moment: how many entries, and the root over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TreeHead {
    /// Number of entries.
    pub size: u64,
    /// Merkle tree hash over them.
    pub root: TreeHash,
}

impl TreeHead {
    /// The head of the tree without leaves.
    pub const EMPTY: Self = Self {
        size: 0,
        root: EMPTY_ROOT,
    };
}

/// The complete nodes whose leaves are `from..to`, left to right.
///
/// `from` is a multiple of the largest power of two that is at most `to - from`, as it is for every
/// subtree that RFC 6962 splits off.
pub(crate) fn cover(from: u64, to: u64) -> impl Iterator<Item = Node> {
    let mut at = from;
    std::iter::from_fn(move || {
        let level = to.checked_sub(at)?.checked_ilog2()?;
        let node = Node {
            level: u8::try_from(level).expect("a logarithm of u64 is below 64"),
            index: at >> level,
        };
        at += 1 << level;
        Some(node)
    })
}

/// The root over a run of complete nodes, the leftmost being the largest.
pub(crate) fn fold(nodes: &[TreeHash]) -> TreeHash {
    let mut from_the_right = nodes.iter().rev();
    let Some(last) = from_the_right.next() else {
        return EMPTY_ROOT;
    };
    from_the_right.fold(*last, |right, left| node_hash(left, &right))
}

/// All that is needed to go on with a tree: its size, and its complete nodes, largest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    nodes: Vec<TreeHash>,
}

impl Frontier {
    /// The frontier of the tree without leaves.
    pub const EMPTY: Self = Self {
        size: 0,
        nodes: Vec::new(),
    };

    /// The complete nodes of a tree of `size` leaves, largest first.
    pub fn nodes_of(size: u64) -> impl Iterator<Item = Node> {
        cover(0, size)
    }

    /// The frontier of a stored tree; `read` is asked for each of [`Frontier::nodes_of`] once.
    ///
    /// Whoever reads from a place that could be wrong compares [`Frontier::head`] with a signed one.
    pub fn from_nodes<E>(
        size: u64,
        read: impl FnMut(Node) -> Result<TreeHash, E>,
    ) -> Result<Self, E> {
        let nodes = Self::nodes_of(size).map(read).collect::<Result<_, _>>()?;
        Ok(Self { size, nodes })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The complete nodes with their hashes, largest first.
    pub fn nodes(&self) -> impl Iterator<Item = (Node, TreeHash)> {
        Self::nodes_of(self.size).zip(self.nodes.iter().copied())
    }

    /// The tree's root.
    pub fn root(&self) -> TreeHash {
        fold(&self.nodes)
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        TreeHead {
            size: self.size,
            root: self.root(),
        }
    }

    /// Appends `leaves` ([`leaf_hash`] of each entry, in order). Hashes each new node once.
    pub fn grow(&self, leaves: &[TreeHash]) -> Growth {
        let size = self.size + leaves.len() as u64; // 2^64 entries of 32 bytes do not exist
        let mut levels = Vec::new();
        let mut completed = leaves.to_vec();
        let mut level = 0;
        loop {
            let old = self.size.checked_shr(level).unwrap_or(0);
            let mut hashes = Vec::with_capacity(completed.len() + 1);
            if old & 1 == 1 {
                hashes.push(self.node_at(level));
            }
            let first = old & !1;
            hashes.append(&mut completed);
            completed = hashes
                .chunks_exact(2)
                .map(|pair| node_hash(&pair[0], &pair[1]))
                .collect();
            levels.push(Level { first, hashes });
            level += 1;
            if size.checked_shr(level).unwrap_or(0) == 0 {
                break;
            }
        }
        Growth::new(self.size, size, levels)
    }

    /// The frontier's node of a level whose bit is set in the size.
    fn node_at(&self, level: u32) -> TreeHash {
        let larger = (self.size >> level).count_ones() as usize - 1;
        self.nodes[larger]
    }
}

/// One level of a grown tree: the frontier's node, if it had one, and the nodes that were completed.
#[derive(Debug, Clone)]
struct Level {
    /// Index of the first hash. Even, so pairs within `hashes` are siblings.
    first: u64,
    hashes: Vec<TreeHash>,
}

impl Level {
    fn at(&self, index: u64) -> Option<TreeHash> {
        let place = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.hashes.get(place).copied()
    }
}

/// A tree that has just grown: everything about its new part, by look-up.
#[derive(Debug, Clone)]
pub struct Growth {
    old_size: u64,
    new_size: u64,
    levels: Vec<Level>,
    /// The new tree's complete nodes, largest first.
    edge: Vec<(Node, TreeHash)>,
    /// For each of `edge`, the root over it and everything to its right.
    from_here: Vec<TreeHash>,
}

impl Growth {
    fn new(old_size: u64, new_size: u64, levels: Vec<Level>) -> Self {
        let edge: Vec<(Node, TreeHash)> = cover(0, new_size)
            .map(|node| {
                let hash = levels
                    .get(usize::from(node.level))
                    .and_then(|level| level.at(node.index))
                    .expect("a complete node at the edge is completed just now or was the edge");
                (node, hash)
            })
            .collect();
        let mut from_here = Vec::with_capacity(edge.len());
        for (_, hash) in edge.iter().rev() {
            let root = from_here
                .last()
                .map_or(*hash, |right| node_hash(hash, right));
            from_here.push(root);
        }
        from_here.reverse();
        Self {
            old_size,
            new_size,
            levels,
            edge,
            from_here,
        }
    }

    /// Size and root of the grown tree.
    pub fn head(&self) -> TreeHead {
        TreeHead {
            size: self.new_size,
            root: self.from_here.first().copied().unwrap_or(EMPTY_ROOT),
        }
    }

    /// Number of leaves before.
    pub fn old_size(&self) -> u64 {
        self.old_size
    }

    /// The grown tree's frontier, from which the next growth starts.
    pub fn frontier(&self) -> Frontier {
        Frontier {
            size: self.new_size,
            nodes: self.edge.iter().map(|(_, hash)| *hash).collect(),
        }
    }

    /// The inclusion proof of a *new* leaf at the new size (RFC 6962 §2.1.1); none for other leaves.
    pub fn inclusion_proof(&self, index: u64) -> Option<Vec<TreeHash>> {
        if !(self.old_size..self.new_size).contains(&index) {
            return None;
        }
        let place = self
            .edge
            .iter()
            .position(|(node, _)| index >> node.level == node.index)?;
        let height = usize::from(self.edge[place].0.level);
        let mut proof = Vec::with_capacity(height + self.edge.len());
        for (level, stored) in self.levels.iter().enumerate().take(height) {
            proof.push(stored.at(index >> level ^ 1)?);
        }
        proof.extend(self.from_here.get(place + 1));
        proof.extend(self.edge[..place].iter().rev().map(|(_, hash)| *hash));
        Some(proof)
    }

    /// The nodes of one level that the new leaves completed, left to right.
    pub fn completed(&self, level: u8) -> impl Iterator<Item = (Node, TreeHash)> {
        let index = self.old_size.checked_shr(u32::from(level)).unwrap_or(0);
        let stored = self.levels.get(usize::from(level));
        let hashes = stored.map_or(&[][..], |stored| {
            let from = usize::from(index > stored.first); // the frontier's node was there before
            &stored.hashes[from..]
        });
        (index..)
            .zip(hashes)
            .map(move |(index, hash)| (Node { level, index }, *hash))
    }

    /// The nodes of all levels that the new leaves completed, leaves included, level by level.
    pub fn all_completed(&self) -> impl Iterator<Item = (Node, TreeHash)> {
        (0u8..)
            .take(self.levels.len())
            .flat_map(|level| self.completed(level))
    }

    /// A node of the grown tree, if it is complete and either new or at the old frontier.
    pub fn node(&self, node: Node) -> Option<TreeHash> {
        self.levels.get(usize::from(node.level))?.at(node.index)
    }
}
