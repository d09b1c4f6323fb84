//! The public log: one Merkle tree over everything that was said, and what makes it checkable.
//!
//! Every statement leaves a 32-byte [`LeafHash`](crate::ids::LeafHash); that value is the log's
//! *entry*, and its hash in the tree is SHA-256(0x00 ‖ entry). So the log shows how many statements
//! there are and in which order, and nothing of what they say.
//!
//! Reading order: [`tree`] grows, [`proof`] convinces, [`tile`] publishes, [`tile_set`] reads what
//! was published; [`vkey`] and [`note`] sign, [`checkpoint`] and [`cosignature`] say what is signed;
//! [`witness`] decides whether to cosign, [`policy`] which cosignatures are enough, and
//! [`tlog_proof`] puts it all in one text. One module a specification.
//!
//! Invariant: nothing that a stranger sends is used before it was recomputed up to a root that a
//! known key signed. Absent: storage, HTTP, clocks, the text form of private keys. Specification:
//! docs/format/log.md, which names the documents it builds on.

pub mod checkpoint;
pub mod cosignature;
pub mod note;
pub mod policy;
pub mod policy_text;
pub mod proof;
mod text;
pub mod tile;
pub mod tile_set;
pub mod tlog_proof;
pub mod tree;
pub mod vkey;
pub mod witness;

pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint, epoch_origin};
pub use cosignature::{Cosigner, UnixSeconds};
pub use note::{Note, NoteError, NoteSignature, UntrustedNote};
pub use policy::{Judgement, Policy};
pub use proof::{ConsistencyError, InclusionError, ProofPlan};
pub use tile::{EntryBundle, Resource, Tile};
pub use tile_set::{TileSet, TileSetError, tiles_for};
pub use tlog_proof::{TlogProof, TlogProofError};
pub use tree::{Frontier, Growth, Node, TreeHead};
pub use vkey::{KeyId, KeyName, NoteKey, VerifierKey};
pub use witness::AddCheckpoint;
