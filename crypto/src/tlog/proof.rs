//! Inclusion and consistency proofs (RFC 6962 §2.1.1 and §2.1.2; verified as RFC 9162 §2.1.3.2 and
//! §2.1.4.2 write it out).
//!
//! A proof is a list of subtree roots. [`ProofPlan`] says which ones, as the complete nodes that
//! each folds together: whoever keeps nodes elsewhere first reads what [`ProofPlan::nodes`] lists,
//! then computes. Verification needs no plan and no storage.
//!
//! Invariant: a proof is accepted in exactly one length for its sizes; every hash of it is used.

use crate::ids::TreeHash;
use crate::tlog::tree::{EMPTY_ROOT, Node, TreeHead, cover, fold, node_hash};

/// Most hashes of a proof (tlog-witness, "add-checkpoint"; enough for 2^63 entries).
pub const MAX_PROOF_HASHES: usize = 63;

/// Why an inclusion proof does not convince.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InclusionError {
    /// The tree is empty or has fewer entries.
    #[error("entry {index} is not within a log of {size} entries")]
    IndexBeyondSize {
        /// Index of the entry, from 0.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// There are more hashes than in the largest tree.
    #[error("inclusion proof has more than {MAX_PROOF_HASHES} hashes")]
    TooLong,
    /// There are fewer hashes than index and size need.
    #[error("inclusion proof has too few hashes")]
    TooFewHashes,
    /// There are more hashes than index and size need.
    #[error("inclusion proof has too many hashes")]
    TooManyHashes,
    /// The hashes lead to another root.
    #[error("inclusion proof leads to another root: the entry is not in this log at this index")]
    OtherRoot,
}

/// Why a consistency proof does not convince.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsistencyError {
    /// The old tree is larger than the new one.
    #[error("log of {new} entries cannot continue one of {old}")]
    Shrunk {
        /// Size of the old tree.
        old: u64,
        /// Size of the new tree.
        new: u64,
    },
    /// A tree without entries has the root of another.
    #[error("a log without entries has another root than the empty one")]
    EmptyRoot,
    /// Two trees of one size have two roots.
    #[error("two logs of the same size have different roots: the log was forked")]
    SameSizeOtherRoot,
    /// Equal sizes, or an empty old tree, need no hash.
    #[error("consistency proof must be empty for equal sizes and from an empty log")]
    NotEmpty,
    /// There are more hashes than in the largest tree.
    #[error("consistency proof has more than {MAX_PROOF_HASHES} hashes")]
    TooLong,
    /// There are fewer hashes than the sizes need.
    #[error("consistency proof has too few hashes")]
    TooFewHashes,
    /// There are more hashes than the sizes need.
    #[error("consistency proof has too many hashes")]
    TooManyHashes,
    /// The hashes lead to another old root.
    #[error("consistency proof does not lead to the old root")]
    OtherOldRoot,
    /// The hashes lead to another new root.
    #[error("consistency proof does not lead to the new root: the log does not continue the old")]
    OtherNewRoot,
}

/// Checks that `leaf` is the `index`-th leaf of the tree of `head` (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(
    leaf: &TreeHash,
    index: u64,
    head: &TreeHead,
    proof: &[TreeHash],
) -> Result<(), InclusionError> {
    if index >= head.size {
        return Err(InclusionError::IndexBeyondSize {
            index,
            size: head.size,
        });
    }
    if proof.len() > MAX_PROOF_HASHES {
        return Err(InclusionError::TooLong);
    }
    let (mut at, mut last) = (index, head.size - 1);
    let mut root = *leaf;
    for hash in proof {
        if last == 0 {
            return Err(InclusionError::TooManyHashes);
        }
        if at & 1 == 1 || at == last {
            root = node_hash(hash, &root);
            skip_missing_siblings(&mut at, &mut last);
        } else {
            root = node_hash(&root, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(InclusionError::TooFewHashes);
    }
    if root == head.root {
        Ok(())
    } else {
        Err(InclusionError::OtherRoot)
    }
}

/// Checks that the tree of `new` begins with the whole tree of `old` (RFC 9162 §2.1.4.2).
///
/// From an empty tree the proof is empty (tlog-witness, "add-checkpoint"): it begins every tree.
pub fn verify_consistency(
    old: &TreeHead,
    new: &TreeHead,
    proof: &[TreeHash],
) -> Result<(), ConsistencyError> {
    if old.size > new.size {
        return Err(ConsistencyError::Shrunk {
            old: old.size,
            new: new.size,
        });
    }
    if [old, new]
        .iter()
        .any(|head| head.size == 0 && head.root != EMPTY_ROOT)
    {
        return Err(ConsistencyError::EmptyRoot);
    }
    if old.size == new.size && old.root != new.root {
        return Err(ConsistencyError::SameSizeOtherRoot);
    }
    if proof.len() > MAX_PROOF_HASHES {
        return Err(ConsistencyError::TooLong);
    }
    if old.size == 0 || old.size == new.size {
        return if proof.is_empty() {
            Ok(())
        } else {
            Err(ConsistencyError::NotEmpty)
        };
    }
    verify_growth(old, new, proof)
}

/// [`verify_consistency`] for `0 < old.size < new.size`.
fn verify_growth(
    old: &TreeHead,
    new: &TreeHead,
    proof: &[TreeHash],
) -> Result<(), ConsistencyError> {
    // A complete old tree is itself the first node; otherwise the proof begins with that node.
    let (start, hashes) = if old.size.is_power_of_two() {
        (old.root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ConsistencyError::TooFewHashes)?;
        (*first, rest)
    };
    let (mut at, mut last) = (old.size - 1, new.size - 1);
    let right_edge = at.trailing_ones();
    at >>= right_edge;
    last >>= right_edge;
    let (mut old_root, mut new_root) = (start, start);
    for hash in hashes {
        if last == 0 {
            return Err(ConsistencyError::TooManyHashes);
        }
        if at & 1 == 1 || at == last {
            old_root = node_hash(hash, &old_root);
            new_root = node_hash(hash, &new_root);
            skip_missing_siblings(&mut at, &mut last);
        } else {
            new_root = node_hash(&new_root, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ConsistencyError::TooFewHashes);
    }
    if old_root != old.root {
        return Err(ConsistencyError::OtherOldRoot);
    }
    if new_root != new.root {
        return Err(ConsistencyError::OtherNewRoot);
    }
    Ok(())
}

/// At the tree's right edge a node without a right sibling is its own parent: the levels until the
/// node is a right child again take no hash.
fn skip_missing_siblings(at: &mut u64, last: &mut u64) {
    while *at & 1 == 0 && *at != 0 {
        *at >>= 1;
        *last >>= 1;
    }
}

/// A proof that these sizes cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The entry is not in the tree.
    #[error("entry {index} is not within a log of {size} entries")]
    IndexBeyondSize {
        /// Index of the entry, from 0.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The old tree is larger than the new one.
    #[error("log of {new} entries cannot continue one of {old}")]
    Shrunk {
        /// Size of the old tree.
        old: u64,
        /// Size of the new tree.
        new: u64,
    },
}

/// Which subtree roots make up a proof, each as the complete nodes it folds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofPlan {
    /// Leaf ranges, in the order of the proof.
    ranges: Vec<(u64, u64)>,
}

impl ProofPlan {
    /// The plan of `PATH(index, D[size])` (RFC 6962 §2.1.1).
    pub fn inclusion(index: u64, size: u64) -> Result<Self, PlanError> {
        if index >= size {
            return Err(PlanError::IndexBeyondSize { index, size });
        }
        let mut ranges = Vec::new();
        let (mut from, mut to) = (0, size);
        while to - from > 1 {
            let middle = from + split(to - from);
            if index < middle {
                ranges.push((middle, to));
                to = middle;
            } else {
                ranges.push((from, middle));
                from = middle;
            }
        }
        ranges.reverse();
        Ok(Self { ranges })
    }

    /// The plan of `PROOF(old, D[new])` (RFC 6962 §2.1.2); empty from 0 and for equal sizes.
    pub fn consistency(old: u64, new: u64) -> Result<Self, PlanError> {
        if old > new {
            return Err(PlanError::Shrunk { old, new });
        }
        let mut ranges = Vec::new();
        let (mut from, mut to) = (0, new);
        if old > 0 {
            while to != old {
                let middle = from + split(to - from);
                if old <= middle {
                    ranges.push((middle, to));
                    to = middle;
                } else {
                    ranges.push((from, middle));
                    from = middle;
                }
            }
            if from > 0 {
                ranges.push((from, to)); // not the old tree itself, whose root the verifier has
            }
        }
        ranges.reverse();
        Ok(Self { ranges })
    }

    /// The complete nodes that the proof is computed from.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        self.ranges.iter().flat_map(|(from, to)| cover(*from, *to))
    }

    /// The proof; `read` is asked for each of [`ProofPlan::nodes`] once, in that order.
    pub fn compute<E>(
        &self,
        mut read: impl FnMut(Node) -> Result<TreeHash, E>,
    ) -> Result<Vec<TreeHash>, E> {
        self.ranges
            .iter()
            .map(|(from, to)| {
                let nodes: Vec<TreeHash> =
                    cover(*from, *to).map(&mut read).collect::<Result<_, E>>()?;
                Ok(fold(&nodes))
            })
            .collect()
    }
}

/// The largest power of two below `count`, which is at least 2 (RFC 6962 §2.1).
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}
