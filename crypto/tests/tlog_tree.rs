//! The tree against RFC 6962 written out naively: roots, growth, proofs, and every way to spoil one.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]
#![allow(clippy::cast_possible_truncation, reason = "these trees are small")]

mod tlog_support;

use postfach_crypto::ids::TreeHash;
use postfach_crypto::tlog::proof::{
    ConsistencyError, InclusionError, MAX_PROOF_HASHES, PlanError, verify_consistency,
    verify_inclusion,
};
use postfach_crypto::tlog::tree::{EMPTY_ROOT, node_hash};
use postfach_crypto::tlog::{Frontier, Node, ProofPlan, TreeHead};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tlog_support::{Stored, leaves, naive_path, naive_root, naive_subproof};

/// Every pair of sizes up to here is tried.
const SMALL: u64 = 70;

fn inclusion(log: &Stored, index: u64, size: u64) -> Vec<TreeHash> {
    let Ok(proof) = ProofPlan::inclusion(index, size)
        .unwrap()
        .compute(|node| log.read(node));
    proof
}

fn consistency(log: &Stored, old: u64, new: u64) -> Vec<TreeHash> {
    let Ok(proof) = ProofPlan::consistency(old, new)
        .unwrap()
        .compute(|node| log.read(node));
    proof
}

/// The eight inputs of Certificate Transparency's reference test, and the roots it publishes
/// for sizes 1 to 8 (google/certificate-transparency, `merkletree/merkle_tree_test.cc`).
#[test]
fn known_roots() {
    let inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    // These inputs are not entries of 32 bytes, so they are hashed as leaves here.
    let leaves: Vec<TreeHash> = inputs
        .iter()
        .map(|input| {
            let input = hex::decode(input).unwrap();
            TreeHash(Sha256::digest([&[0], &input[..]].concat()).into())
        })
        .collect();
    let mut frontier = Frontier::EMPTY;
    assert_eq!(frontier.root(), EMPTY_ROOT);
    for (leaf, root) in leaves.iter().zip(roots) {
        frontier = frontier.grow(&[*leaf]).frontier();
        assert_eq!(frontier.root(), root.parse().unwrap());
    }
    assert_eq!(Frontier::EMPTY.grow(&leaves).head(), frontier.head());
}

#[test]
fn the_empty_root_is_the_hash_of_nothing() {
    assert_eq!(EMPTY_ROOT.0, <[u8; 32]>::from(Sha256::digest(b"")));
    assert_eq!(Frontier::EMPTY.head(), TreeHead::EMPTY);
    assert_eq!(Frontier::EMPTY.grow(&[]).head(), TreeHead::EMPTY);
}

#[test]
fn any_growth_equals_the_naive_tree() {
    let leaves = leaves(SMALL);
    for old in 0..=SMALL {
        let before = Frontier::EMPTY.grow(&leaves[..old as usize]);
        let log = Stored::new(old);
        for new in old..=SMALL {
            let growth = before.frontier().grow(&leaves[old as usize..new as usize]);
            let now = &leaves[..new as usize];
            assert_eq!(growth.head().root, naive_root(now), "{old} to {new}");
            assert_eq!(growth.frontier().head(), growth.head());
            assert_eq!(growth.old_size(), old);
            for index in 0..=new {
                let expected = (old..new)
                    .contains(&index)
                    .then(|| naive_path(index as usize, now));
                assert_eq!(
                    growth.inclusion_proof(index),
                    expected,
                    "{index} in {old} to {new}"
                );
            }
            // Stored before and completed now are all complete nodes, each once.
            let mut nodes = log.nodes.clone();
            for (node, hash) in growth.all_completed() {
                let from = (node.index << node.level) as usize;
                assert_eq!(hash, naive_root(&now[from..from + (1 << node.level)]));
                assert_eq!(growth.node(node), Some(hash));
                assert_eq!(
                    nodes.insert(node, hash),
                    None,
                    "{node:?} was complete before"
                );
            }
            let complete: u64 = (0..64).map(|level| new >> level).sum();
            assert_eq!(nodes.len() as u64, complete);
        }
    }
}

#[test]
fn every_proof_equals_the_naive_one_and_verifies() {
    let leaves = leaves(SMALL);
    let log = Stored::new(SMALL);
    for size in 0..=SMALL {
        let now = &leaves[..size as usize];
        let head = log.head_at(size);
        assert_eq!(head.root, naive_root(now));
        for index in 0..size {
            let proof = inclusion(&log, index, size);
            assert_eq!(proof, naive_path(index as usize, now));
            assert_eq!(
                verify_inclusion(&leaves[index as usize], index, &head, &proof),
                Ok(())
            );
        }
        for old in 0..=size {
            let proof = consistency(&log, old, size);
            if old > 0 {
                assert_eq!(proof, naive_subproof(old as usize, now, true));
            }
            assert_eq!(verify_consistency(&log.head_at(old), &head, &proof), Ok(()));
        }
    }
}

/// No proof for one index or size convinces for another, and no other length does.
#[test]
fn proofs_hold_for_one_place_and_one_length() {
    const SIZES: u64 = 20;
    let leaves = leaves(SIZES);
    let log = Stored::new(SIZES);
    for size in 1..=SIZES {
        let head = log.head_at(size);
        for index in 0..size {
            let leaf = &leaves[index as usize];
            let proof = inclusion(&log, index, size);
            for other in (0..size + 2).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, &head, &proof).is_err());
            }
            let longer = [&proof[..], &[head.root]].concat();
            assert_eq!(
                verify_inclusion(leaf, index, &head, &longer),
                Err(InclusionError::TooManyHashes)
            );
            if let Some((_, shorter)) = proof.split_last() {
                assert_eq!(
                    verify_inclusion(leaf, index, &head, shorter),
                    Err(InclusionError::TooFewHashes)
                );
            }
        }
        for old in 1..size {
            let old_head = log.head_at(old);
            let proof = consistency(&log, old, size);
            let longer = [&proof[..], &[head.root]].concat();
            assert_eq!(
                verify_consistency(&old_head, &head, &longer),
                Err(ConsistencyError::TooManyHashes)
            );
            let (_, shorter) = proof.split_last().unwrap();
            assert_eq!(
                verify_consistency(&old_head, &head, shorter),
                Err(ConsistencyError::TooFewHashes)
            );
            for place in 0..proof.len() {
                let mut spoilt = proof.clone();
                spoilt[place].0[7] ^= 1;
                assert!(matches!(
                    verify_consistency(&old_head, &head, &spoilt),
                    Err(ConsistencyError::OtherOldRoot | ConsistencyError::OtherNewRoot)
                ));
            }
        }
    }
}

#[test]
fn a_log_without_entries_includes_nothing() {
    let leaf = leaves(1)[0];
    assert_eq!(
        verify_inclusion(&leaf, 0, &TreeHead::EMPTY, &[]),
        Err(InclusionError::IndexBeyondSize { index: 0, size: 0 })
    );
    assert_eq!(
        ProofPlan::inclusion(0, 0),
        Err(PlanError::IndexBeyondSize { index: 0, size: 0 })
    );
}

#[test]
fn a_single_leaf_is_the_root_and_has_no_proof() {
    let leaf = leaves(1)[0];
    let head = TreeHead {
        size: 1,
        root: leaf,
    };
    assert_eq!(Stored::new(1).head(), head);
    assert_eq!(verify_inclusion(&leaf, 0, &head, &[]), Ok(()));
    assert_eq!(
        verify_inclusion(&EMPTY_ROOT, 0, &head, &[]),
        Err(InclusionError::OtherRoot)
    );
    assert_eq!(
        verify_inclusion(&leaf, 0, &head, &[leaf]),
        Err(InclusionError::TooManyHashes)
    );
    assert_eq!(
        verify_inclusion(&leaf, 1, &head, &[]),
        Err(InclusionError::IndexBeyondSize { index: 1, size: 1 })
    );
}

#[test]
fn proofs_longer_than_any_tree_are_refused_unread() {
    let hashes = [EMPTY_ROOT; MAX_PROOF_HASHES + 1];
    let [old, head] = [1 << 62, u64::MAX].map(|size| TreeHead {
        size,
        root: EMPTY_ROOT,
    });
    assert_eq!(
        verify_inclusion(&EMPTY_ROOT, 5, &head, &hashes),
        Err(InclusionError::TooLong)
    );
    assert_eq!(
        verify_consistency(&old, &head, &hashes),
        Err(ConsistencyError::TooLong)
    );
}

#[test]
fn consistency_at_the_corners() {
    let log = Stored::new(4);
    let [one, two, four] = [1, 2, 4].map(|size| log.head_at(size));
    let check = verify_consistency;
    // From nothing, and to the same: no hash.
    assert_eq!(check(&TreeHead::EMPTY, &TreeHead::EMPTY, &[]), Ok(()));
    assert_eq!(check(&TreeHead::EMPTY, &four, &[]), Ok(()));
    assert_eq!(check(&four, &four, &[]), Ok(()));
    assert_eq!(
        check(&TreeHead::EMPTY, &four, &[one.root]),
        Err(ConsistencyError::NotEmpty)
    );
    assert_eq!(
        check(&four, &four, &[one.root]),
        Err(ConsistencyError::NotEmpty)
    );
    // Forked, rewound, emptied.
    let fork = TreeHead {
        root: one.root,
        ..four
    };
    assert_eq!(
        check(&four, &fork, &[]),
        Err(ConsistencyError::SameSizeOtherRoot)
    );
    assert_eq!(
        check(&four, &two, &consistency(&log, 2, 4)),
        Err(ConsistencyError::Shrunk { old: 4, new: 2 })
    );
    let false_empty = TreeHead {
        root: one.root,
        ..TreeHead::EMPTY
    };
    assert_eq!(
        check(&false_empty, &four, &[]),
        Err(ConsistencyError::EmptyRoot)
    );
    assert_eq!(
        check(&false_empty, &false_empty, &[]),
        Err(ConsistencyError::EmptyRoot)
    );
    // Something else grew.
    let proof = consistency(&log, 2, 4);
    let other_old = TreeHead {
        root: one.root,
        ..two
    };
    assert_eq!(
        check(&other_old, &four, &proof),
        Err(ConsistencyError::OtherNewRoot)
    );
    assert_eq!(
        check(&two, &fork, &proof),
        Err(ConsistencyError::OtherNewRoot)
    );
    let three = log.head_at(3);
    let other_old = TreeHead {
        root: one.root,
        ..three
    };
    let proof = consistency(&log, 3, 4);
    assert_eq!(
        check(&other_old, &four, &proof),
        Err(ConsistencyError::OtherOldRoot)
    );
    assert_eq!(
        ProofPlan::consistency(4, 2),
        Err(PlanError::Shrunk { old: 4, new: 2 })
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_larger_trees(sizes in prop::array::uniform3(0u64..3000), pick: prop::sample::Index) {
        let mut sizes = sizes;
        sizes.sort_unstable();
        let [first, second, size] = sizes;
        let leaves = leaves(size);
        let mut log = Stored::new(first);
        log.grow(second - first);
        let growth = log.frontier.grow(&leaves[second as usize..]);
        log.grow(size - second);
        prop_assert_eq!(growth.head(), log.head());
        prop_assert_eq!(log.head().root, naive_root(&leaves));
        prop_assert_eq!(growth.frontier(), log.frontier.clone());
        for (old, new) in [(first, second), (first, size), (second, size)] {
            let proof = consistency(&log, old, new);
            prop_assert_eq!(verify_consistency(&log.head_at(old), &log.head_at(new), &proof), Ok(()));
        }
        if size > 0 {
            let index = pick.index(size as usize) as u64;
            let proof = inclusion(&log, index, size);
            prop_assert_eq!(&proof, &naive_path(index as usize, &leaves));
            prop_assert_eq!(verify_inclusion(&leaves[index as usize], index, &log.head(), &proof), Ok(()));
            if index >= second {
                prop_assert_eq!(growth.inclusion_proof(index), Some(proof));
            }
        }
    }

    /// Sizes that no machine holds: plans stay within the tree, and their proofs within the limit. From
    /// 2^62 on a consistency proof may have one hash more than C2SP tlog-witness allows.
    #[test]
    fn plans_of_huge_trees(a in any::<u64>(), b in any::<u64>(), shift in 2..64u32) {
        let (small, large) = ((a >> shift).min(b >> shift), (a >> shift).max(b >> shift));
        let read = |node: Node| -> Result<TreeHash, std::convert::Infallible> {
            assert!(node.index < large >> node.level, "not complete");
            Ok(node_hash(&EMPTY_ROOT, &TreeHash([node.level; 32])))
        };
        let Ok(proof) = ProofPlan::consistency(small, large).unwrap().compute(read);
        prop_assert!(proof.len() <= MAX_PROOF_HASHES);
        if small < large {
            let Ok(proof) = ProofPlan::inclusion(small, large).unwrap().compute(read);
            prop_assert!(proof.len() <= MAX_PROOF_HASHES);
        }
    }
}
