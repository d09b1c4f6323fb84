//! Lies, each signed with the log's real key, each noticed by its name.

use postfach::client::audit::{AuditError, Finding};
use postfach_crypto::ids::TreeHash;
use postfach_crypto::tlog::{EntryBundle, Resource, Tile, TileSetError, TreeHead};

use crate::log::{Log, entry};
use crate::operator::Operator;

const SIZE: u64 = 66_000;

async fn finding(operator: &Operator, state: &str) -> Finding {
    match operator.auditor(state).visit(None, |_, _| {}).await {
        Err(AuditError::Finding(finding)) => finding,
        other => panic!("{other:?}"),
    }
}

/// The log with one entry changed, and all hashes after it honest about that.
fn changed(operator: &Operator, size: u64, place: u64) -> Log {
    let mut log = operator.fresh();
    log.append((0..size).map(|n| entry(u8::from(n == place), n)));
    log
}

/// The log without one entry.
fn dropped(operator: &Operator, size: u64, place: u64) -> Log {
    let mut log = operator.fresh();
    log.append((0..=size).filter(|n| *n != place).map(|n| entry(0, n)));
    log
}

#[tokio::test]
async fn a_log_that_forked_is_named_and_both_sides_kept() {
    for size in [300, SIZE] {
        let operator = Operator::serving(size).await;
        operator
            .auditor("state")
            .visit(None, |_, _| {})
            .await
            .unwrap();
        for (log, grown) in [
            (changed(&operator, size, 7), size),
            (changed(&operator, size + 500, size - 1), size + 500),
            (dropped(&operator, size + 500, 0), size + 500),
            (dropped(&operator, size, size - 1), size),
        ] {
            assert_eq!(log.size(), grown);
            operator.show(log);
            assert_eq!(finding(&operator, "state").await, Finding::Forked { size });
        }
        let sides = operator.folder.path().join("state/contradictions");
        assert_eq!(std::fs::read_dir(sides).unwrap().count(), 5);
    }
}

#[tokio::test]
async fn a_log_that_was_rewound_is_named() {
    let operator = Operator::serving(600).await;
    let honest = operator.log();
    operator
        .auditor("state")
        .visit(None, |_, _| {})
        .await
        .unwrap();
    operator.show(operator.fresh().grown(0, 599));
    let rewound = Finding::Rewound {
        before: 600,
        now: 599,
    };
    assert_eq!(finding(&operator, "state").await, rewound);
    // The finding is not forgotten by what was seen meanwhile: the notes stand where they stood.
    assert_eq!(finding(&operator, "state").await, rewound);
    operator.show(honest.grown(0, 700));
    let visit = operator
        .auditor("state")
        .visit(None, |_, _| {})
        .await
        .unwrap();
    assert_eq!(visit.before, Some(600));
}

#[tokio::test]
async fn a_changed_or_dropped_entry_is_named_by_its_position() {
    let operator = Operator::serving(SIZE).await;
    for place in [0u64, 255, 256, 65_535, 65_536, SIZE - 1] {
        operator.tamper(move |resource, file| {
            let mut file = file?;
            if let Resource::Entries(bundle) = resource
                && bundle.index == place / 256
            {
                file[usize::try_from(place % 256).unwrap() * 34 + 2] ^= 1;
            }
            Some(file)
        });
        let found = finding(&operator, &format!("changed-{place}")).await;
        assert_eq!(found, Finding::Entry { position: place });
    }
    // Entry 300 is left out of its bundle, and the rest moved up.
    operator.tamper(|resource, file| match resource {
        Resource::Entries(EntryBundle { index: 1, .. }) => {
            let mut file = file?;
            file.drain(44 * 34..45 * 34);
            file.extend([0, 32]);
            file.extend(entry(0, 512).0);
            Some(file)
        }
        _ => file,
    });
    let found = finding(&operator, "dropped").await;
    assert_eq!(found, Finding::Entry { position: 300 });
}

#[tokio::test]
async fn tiles_that_do_not_lead_to_the_signed_root_are_named() {
    let operator = Operator::serving(SIZE).await;
    for (level, index) in [(0u8, 0u64), (0, 200), (0, 256), (1, 0), (1, 1), (2, 0)] {
        operator.tamper(move |resource, file| {
            let mut file = file?;
            if let Resource::Tile(tile) = resource
                && (tile.level, tile.index) == (level, index)
            {
                file[5] ^= 1;
            }
            Some(file)
        });
        let found = finding(&operator, &format!("tile-{level}-{index}")).await;
        let tile = Tile::at(level, index, SIZE).unwrap();
        match found {
            Finding::Tiles(TileSetError::OtherTile(Resource::Tile(named))) => {
                // A changed full tile of level 1 shows first where its children do not fit.
                assert!(named.level <= tile.level, "{named:?} for {tile:?}");
            }
            Finding::Tiles(TileSetError::OtherRoot) => assert!(!tile.is_full(), "{tile:?}"),
            other => panic!("{other:?} for {tile:?}"),
        }
    }
    // A root that belongs to nothing.
    let head = TreeHead {
        size: SIZE,
        root: TreeHash([3; 32]),
    };
    let note = operator.log().sign(head).to_bytes();
    operator.tamper(move |resource, file| match resource {
        Resource::Checkpoint => Some(note.clone()),
        _ => file,
    });
    let found = finding(&operator, "root").await;
    assert_eq!(found, Finding::Tiles(TileSetError::OtherRoot));
}

#[tokio::test]
async fn gaps_are_named() {
    let operator = Operator::serving(SIZE).await;
    for path in [
        "tile/0/012",
        "tile/1/000",
        "tile/entries/255",
        "tile/entries/257.p/208",
        "checkpoint",
    ] {
        let gone: Resource = path.parse().unwrap();
        operator.tamper(move |resource, file| (resource != gone).then_some(file)?);
        let found = finding(&operator, "gaps").await;
        assert_eq!(found, Finding::Missing(gone));
    }
    // A partial file that is gone may be replaced by the full one, which has grown meanwhile.
    let later = operator.log().grown(0, SIZE + 500);
    operator.tamper(move |resource, file| match resource {
        Resource::Entries(EntryBundle { width, .. }) if width < 256 => None,
        Resource::Entries(_) => later.file(resource),
        _ => file,
    });
    operator
        .auditor("full")
        .visit(None, |_, _| {})
        .await
        .unwrap();
}

#[tokio::test]
async fn another_key_another_log_and_another_operator_are_refused() {
    let operator = Operator::serving(300).await;
    operator
        .auditor("state")
        .visit(None, |_, _| {})
        .await
        .unwrap();
    let origin = operator.log().name.as_str().to_owned();
    operator.show(Log::new(&origin).grown(0, 300));
    let found = finding(&operator, "state").await;
    assert!(matches!(found, Finding::Checkpoint(_)), "{found:?}");
    // A tree of another epoch under the same operator is not this log.
    operator.show(Log::new("post.example/2").grown(0, 300));
    let found = finding(&operator, "state").await;
    assert!(matches!(found, Finding::Checkpoint(_)), "{found:?}");
}
