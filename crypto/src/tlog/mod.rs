//! The public log: one Merkle tree over everything that was said, and what makes it checkable.
//!
//! Every statement leaves a 32-byte [`LeafHash`](crate::ids::LeafHash); that value is the log's
//! *entry*, and its hash in the tree is SHA-256(0x00 ‖ entry). So the log shows how many statements
//! there are and in which order, and nothing of what they say.
//!
//! Reading order: [`tree`] grows, [`proof`] convinces, [`tile`] publishes, [`tile_set`] reads
//! what was published. One module a
//! specification. Invariant: nothing that a stranger sends is used before it was recomputed up to a
//! root that somebody signed. Absent: storage, HTTP, clocks, private keys other than as arguments.
//! Specification: docs/format/log.md, which names the versions of RFC 6962, RFC 9162 and of the C2SP
//! documents it builds on.

pub mod proof;
pub mod tile;
pub mod tile_set;
pub mod tree;

pub use proof::{ConsistencyError, InclusionError, ProofPlan};
pub use tile::{EntryBundle, Resource, Tile};
pub use tile_set::{TileSet, TileSetError, tiles_for};
pub use tree::{Frontier, Growth, Node, TreeHead};
