//! Tiles: paths in one spelling, widths, and nothing used that the signed root does not cover.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod tlog_support;

use std::collections::{BTreeSet, HashMap};

use postfach_crypto::ids::TreeHash;
use postfach_crypto::tlog::tile::{TILE_WIDTH, TileContentError};
use postfach_crypto::tlog::tile_set::{TileSetError, check_entries};
use postfach_crypto::tlog::{
    EntryBundle, Frontier, Node, ProofPlan, Resource, Tile, TileSet, tiles_for,
};
use proptest::prelude::*;
use tlog_support::{Stored, entry, leaves};

fn tile(level: u8, index: u64, width: u16) -> Tile {
    Tile {
        level,
        index,
        width,
    }
}

#[test]
fn paths_are_those_of_the_specification() {
    let full = TILE_WIDTH;
    for (resource, path) in [
        (Resource::Checkpoint, "checkpoint"),
        (Resource::Tile(tile(0, 0, full)), "tile/0/000"),
        (Resource::Tile(tile(0, 1234, full)), "tile/0/x001/234"),
        (
            Resource::Tile(tile(1, 1_234_067, 8)),
            "tile/1/x001/x234/067.p/8",
        ),
        (Resource::Tile(tile(63, 999, 255)), "tile/63/999.p/255"),
        (
            Resource::Tile(tile(0, u64::MAX, 1)),
            "tile/0/x018/x446/x744/x073/x709/x551/615.p/1",
        ),
        (
            Resource::Entries(EntryBundle {
                index: 1000,
                width: full,
            }),
            "tile/entries/x001/000",
        ),
        (
            Resource::Entries(EntryBundle {
                index: 7,
                width: 16,
            }),
            "tile/entries/007.p/16",
        ),
    ] {
        assert_eq!(resource.to_string(), path);
        assert_eq!(path.parse(), Ok(resource));
    }
}

#[test]
fn other_spellings_of_paths_are_refused() {
    for path in [
        "",
        "/checkpoint",
        "checkpoint/",
        "Checkpoint",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/x000/001",
        "tile/0/001/234",
        "tile/0/x001",
        "tile/0/x01/234",
        "tile/0/+01",
        "tile/0/-01",
        "tile/0/xx01/234",
        "tile/0/ 01",
        "tile/0/000/",
        "tile/0//000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/+1",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/entries/0",
        "tile/entries/000.p/256",
        "tile/Entries/000",
        "tile/0/../checkpoint",
        "tile/0/٠٠٠",
    ] {
        assert!(path.parse::<Resource>().is_err(), "{path} was read");
    }
}

/// The example of tlog-tiles, "Partial Tiles".
#[test]
fn a_tree_of_70000_has_the_tiles_of_the_specification() {
    let size = 70_000;
    assert!(Tile::at(0, 272, size).unwrap().is_full());
    let edge: Vec<Tile> = Tile::edge(size).collect();
    assert_eq!(edge, [tile(0, 273, 112), tile(1, 1, 17), tile(2, 0, 1)]);
    assert_eq!(Tile::at(1, 0, size), Some(tile(1, 0, TILE_WIDTH)));
    assert_eq!(Tile::at(0, 274, size), None);
    assert_eq!(Tile::at(3, 0, size), None);
    assert_eq!(Tile::at(40, 0, size), None);
    assert_eq!(Tile::edge(256).collect::<Vec<_>>(), [tile(1, 0, 1)]);
    assert_eq!(Tile::edge(0).count(), 0);
}

#[test]
fn tiles_added_are_all_of_the_new_tree_that_the_old_one_had_not() {
    let all = |size: u64| -> BTreeSet<Tile> {
        (0..8)
            .flat_map(|level| (0..).map_while(move |index| Tile::at(level, index, size)))
            .collect()
    };
    for (old, new) in [
        (0, 0),
        (0, 1),
        (0, 70_000),
        (255, 256),
        (256, 257),
        (300, 300),
        (65_535, 65_537),
    ] {
        let expected: Vec<Tile> = all(new).difference(&all(old)).copied().collect();
        let added: Vec<Tile> = Tile::added(old, new).collect();
        assert_eq!(added, expected, "{old} to {new}");
    }
}

/// Every node of trees with one, two and three levels of tiles comes back from its tile.
#[test]
fn nodes_come_from_the_tile_that_holds_them() {
    for size in [1, 2, 255, 256, 257, 1000, 65_536, 66_000] {
        let log = Stored::new(size);
        let mut read = HashMap::new();
        for (node, hash) in &log.nodes {
            let tile = Tile::holding(*node, size).unwrap();
            let hashes: &Vec<TreeHash> = read
                .entry(tile)
                .or_insert_with(|| tile.read(&log.tile(tile)).unwrap());
            assert_eq!(tile.node(hashes, *node), Some(*hash), "{node:?} of {size}");
        }
        let next = Node {
            level: 0,
            index: size,
        };
        assert_eq!(Tile::holding(next, size), None);
    }
}

fn fetch(log: &Stored, tiles: &BTreeSet<Tile>) -> Vec<(Tile, Vec<u8>)> {
    tiles.iter().map(|tile| (*tile, log.tile(*tile))).collect()
}

fn proof_from_tiles(log: &Stored, plan: &ProofPlan, size: u64) -> Vec<TreeHash> {
    let tiles = tiles_for(plan.nodes(), size).unwrap();
    let set = TileSet::authenticate(log.head_at(size), fetch(log, &tiles)).unwrap();
    plan.compute(|node| set.node(node)).unwrap()
}

#[test]
fn proofs_from_tiles_equal_proofs_from_nodes() {
    let log = Stored::new(66_100);
    for (a, size) in [
        (0, 1),
        (3, 256),
        (255, 300),
        (256, 300),
        (70, 65_536),
        (65_535, 66_100),
        (65_600, 66_100),
        (66_099, 66_100),
    ] {
        for plan in [
            ProofPlan::inclusion(a, size).unwrap(),
            ProofPlan::consistency(a, size).unwrap(),
        ] {
            let Ok(expected) = plan.compute(|node| log.read(node));
            assert_eq!(
                proof_from_tiles(&log, &plan, size),
                expected,
                "{a} of {size}"
            );
        }
    }
}

#[test]
fn every_flipped_bit_and_every_missing_tile_is_named() {
    let size = 66_100;
    let log = Stored::new(size);
    let head = log.head();
    let plan = ProofPlan::inclusion(300, size).unwrap();
    let tiles = tiles_for(plan.nodes(), size).unwrap();
    assert_eq!(
        tiles.len(),
        5,
        "one full on each of two levels, and three at the edge"
    );
    for spoilt in &tiles {
        let length = spoilt.content_length();
        for place in [0, 31, length / 2, length - 1] {
            let mut contents = fetch(&log, &tiles);
            let (_, content) = contents
                .iter_mut()
                .find(|(tile, _)| tile == spoilt)
                .unwrap();
            content[place] ^= 0x10;
            let expected = if spoilt.is_full() {
                TileSetError::OtherTile(Resource::Tile(*spoilt))
            } else {
                TileSetError::OtherRoot
            };
            let refused = TileSet::authenticate(head, contents).unwrap_err();
            // A flipped hash that stands for the tile below makes that one look foreign, too.
            assert!(
                refused == expected || matches!(refused, TileSetError::OtherTile(_)),
                "{spoilt:?}: {refused}"
            );
        }
        let without: Vec<_> = fetch(&log, &tiles)
            .into_iter()
            .filter(|(t, _)| t != spoilt)
            .collect();
        match TileSet::authenticate(head, without) {
            Err(TileSetError::Missing(missing)) => assert_eq!(missing, Resource::Tile(*spoilt)),
            Ok(set) => {
                assert_eq!(
                    spoilt.level, 0,
                    "only the leaves' tile authenticates no other"
                );
                let needed = plan
                    .nodes()
                    .find(|node| Tile::holding(*node, size) == Some(*spoilt));
                assert!(set.node(needed.unwrap()).is_err());
            }
            Err(other) => panic!("{spoilt:?}: {other}"),
        }
    }
}

#[test]
fn tiles_of_another_size_or_length_are_refused() {
    let log = Stored::new(300);
    let head = log.head();
    let edge: Vec<(Tile, Vec<u8>)> = Tile::edge(300).map(|tile| (tile, log.tile(tile))).collect();
    assert!(TileSet::authenticate(head, edge.clone()).is_ok());
    let narrow = tile(0, 1, 43);
    let refused = TileSet::authenticate(head, [(narrow, log.tile(narrow))]).unwrap_err();
    assert_eq!(refused, TileSetError::NotThisSize(Resource::Tile(narrow)));
    let mut short = edge.clone();
    short[0].1.pop();
    assert!(matches!(
        TileSet::authenticate(head, short),
        Err(TileSetError::Content(..))
    ));
    // The full tile, fetched later, stands for the partial one.
    let later = Stored::new(512);
    let wider = edge.iter().map(|(tile, content)| {
        if tile.level == 0 {
            (*tile, later.tile(Tile::at(0, tile.index, 512).unwrap()))
        } else {
            (*tile, content.clone())
        }
    });
    assert!(TileSet::authenticate(head, wider).is_ok());
    // The tiles of a tree of the same size with one other leaf are not ours.
    let mut other = leaves(300);
    other[77] = other[78];
    let growth = Frontier::EMPTY.grow(&other);
    let foreign = Tile::edge(300).map(|tile| {
        let content: Vec<u8> = tile
            .nodes()
            .flat_map(|node| growth.node(node).unwrap().0)
            .collect();
        (tile, content)
    });
    assert_eq!(
        TileSet::authenticate(head, foreign).unwrap_err(),
        TileSetError::OtherRoot
    );
    let beyond = tiles_for(
        [Node {
            level: 0,
            index: 300,
        }],
        300,
    )
    .unwrap_err();
    assert_eq!(
        beyond,
        TileSetError::NotComplete {
            level: 0,
            index: 300
        }
    );
}

#[test]
fn entry_bundles_hash_to_the_tile_beside_them() {
    let log = Stored::new(300);
    let bundle = EntryBundle::at(1, 300).unwrap();
    assert_eq!(bundle.width, 44);
    let entries: Vec<_> = (256..300).map(entry).collect();
    let content = EntryBundle::write(&entries);
    assert_eq!(bundle.read(&content).unwrap(), entries);
    let tile = Tile::at(0, 1, 300).unwrap();
    let leaves = tile.read(&log.tile(tile)).unwrap();
    assert_eq!(check_entries(&entries, &leaves), Ok(()));
    let mut other = entries.clone();
    other[5].0[0] ^= 1;
    assert_eq!(check_entries(&other, &leaves), Err(5));
    assert_eq!(check_entries(&entries[..40], &leaves), Err(40));
    let mut spoilt = content.clone();
    spoilt[34 * 3 + 1] = 31;
    assert_eq!(bundle.read(&spoilt), Err(TileContentError::EntryLength(3)));
    assert!(bundle.read(&content[..content.len() - 1]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_name_has_one_path(level in 0u8..64, index: u64, width in 1u16..=256) {
        for resource in [
            Resource::Tile(Tile { level, index, width }),
            Resource::Entries(EntryBundle { index, width }),
        ] {
            prop_assert_eq!(resource.to_string().parse(), Ok(resource));
        }
    }

    #[test]
    fn any_text_is_a_path_in_its_one_spelling_or_none(path in "(tile|entries|checkpoint|x|[0-9]{1,4}|/|\\.p|.){0,9}") {
        if let Ok(resource) = path.parse::<Resource>() {
            prop_assert_eq!(resource.to_string(), path);
        }
    }

    #[test]
    fn tiles_nobody_can_have_do_no_harm(level: u8, index: u64, width: u16, node_level in 0u8..64, node_index: u64, size: u64) {
        let tile = Tile { level, index, width };
        let _ = tile.nodes().count();
        let _ = tile.root_node();
        let node = Node { level: node_level, index: node_index };
        let _ = tile.node(&[TreeHash([0; 32]); 256], node);
        let _ = Tile::at(level, index, size);
        if let Some(held) = Tile::holding(node, size) {
            prop_assert_eq!(Tile::at(held.level, held.index, size), Some(held));
        }
        prop_assert!(tiles_for([], size).is_ok());
    }
}
