//! Our log read by others, and theirs by us: Cloudflare's crates `signed_note` and `tlog_tiles` for
//! notes, checkpoints, tiles and proofs; PyPI `pymerkle` for the tree; PyPI `cryptography` for
//! cosignatures, the post-quantum ones included.
//!
//! The Python packages are installed by `tests/tools/install`.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod tlog_support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postfach_crypto::ids::TreeHash;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::note::parse_signature_lines;
use postfach_crypto::tlog::proof::{verify_consistency, verify_inclusion};
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{
    Checkpoint, Cosigner, EntryBundle, KeyName, Node, Note, NoteKey, ProofPlan, Resource,
    SignedCheckpoint, Tile, TreeHead, UnixSeconds, VerifierKey, epoch_origin,
};
use serde_json::json;
use signed_note::{StandardSigner, StandardVerifier, VerifierList};
use tlog_support::{Stored, entry};
use tlog_tiles::{Hash, HashReader, TileHashReader, TileReader};

/// One leaf; within a tile; a full tile; two levels; three levels of tiles.
const SIZES: [u64; 6] = [1, 7, 256, 300, 65_536, 66_100];

fn key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn vkey() -> VerifierKey {
    let name = epoch_origin("post.example.de", 1).unwrap();
    VerifierKey::new(name, NoteKey::Ed25519(key().verifying_key()))
}

fn sign(head: TreeHead) -> SignedCheckpoint {
    Checkpoint::new(vkey().name(), head).sign(&key()).unwrap()
}

#[test]
fn signed_note_verifies_our_checkpoint_and_we_verify_theirs() {
    let ours = sign(Stored::new(300).head());
    let verifier = StandardVerifier::new(&vkey().to_string()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let read = signed_note::Note::from_bytes(&ours.to_bytes()).unwrap();
    let (verified, unverified) = read.verify(&known).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    assert_eq!(read.text(), ours.note().text().as_bytes());
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(read.text()).unwrap();
    assert_eq!(checkpoint.origin(), "post.example.de/1");
    assert_eq!(
        (checkpoint.size(), checkpoint.hash().0),
        (300, ours.head().root.0)
    );
    assert_eq!(checkpoint.extension(), "");

    let private = STANDARD.encode([&[1], &key().seed()[..]].concat());
    let private = format!("PRIVATE+KEY+{}+{}+{private}", vkey().name(), vkey().id());
    let signer = StandardSigner::new(&private).unwrap();
    let mut theirs = signed_note::Note::new(ours.note().text().as_bytes(), &[]).unwrap();
    theirs.add_sigs(&[&signer]).unwrap();
    assert_eq!(
        theirs.to_bytes(),
        ours.to_bytes(),
        "Ed25519 signs the same bytes alike"
    );
    assert!(SignedCheckpoint::verify(&theirs.to_bytes(), &[vkey()]).is_ok());
    // With a cosignature that they do not know.
    let mut cosigned = ours.clone();
    let witness = Cosigner::new(
        KeyName::new("w.example").unwrap(),
        SigningKey::from_seed(&[2; 32]),
    );
    let line = witness.cosign(ours.checkpoint(), UnixSeconds(5));
    cosigned
        .note_mut()
        .add(vec![line], &[witness.verifier_key()])
        .unwrap();
    let read = signed_note::Note::from_bytes(&cosigned.to_bytes()).unwrap();
    let (verified, unverified) = read.verify(&known).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 1));
}

/// Our files under our paths, as their client asks for them. It names the height of tiles in paths,
/// as Go's checksum database does and tlog-tiles does not.
struct Published<'a> {
    log: &'a Stored,
    size: u64,
}

impl TileReader for Published<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = tiles.iter().map(|tile| {
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            let Ok(Resource::Tile(ours)) = path.parse() else {
                panic!("{path}");
            };
            assert_eq!(Tile::at(ours.level, ours.index, self.size), Some(ours));
            self.log.tile(ours)
        });
        Ok(read.collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn theirs(hashes: &[TreeHash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

fn ours(hashes: &[Hash]) -> Vec<TreeHash> {
    hashes.iter().map(|hash| TreeHash(hash.0)).collect()
}

fn compute(log: &Stored, plan: &ProofPlan) -> Vec<TreeHash> {
    let Ok(proof) = plan.compute(|node: Node| log.read(node));
    proof
}

#[test]
fn tlog_tiles_reads_our_tiles_and_makes_and_checks_the_same_proofs() {
    let log = Stored::new(66_100);
    for size in SIZES {
        let head = log.head_at(size);
        let root = Hash(head.root.0);
        let published = Published { log: &log, size };
        let reader = TileHashReader::new(size, root, &published);
        assert_eq!(tlog_tiles::tree_hash(size, &reader).unwrap(), root);
        let places = [0, 1, size / 3, size / 2, size - 1];
        for index in places.into_iter().filter(|index| *index < size) {
            let leaf = leaf_hash(&entry(index));
            let stored = reader
                .read_hashes(&[tlog_tiles::stored_hash_index(0, index)])
                .unwrap();
            assert_eq!(stored, [Hash(leaf.0)]);
            assert_eq!(tlog_tiles::record_hash(&entry(index).0), Hash(leaf.0));
            let proof = compute(&log, &ProofPlan::inclusion(index, size).unwrap());
            let made = tlog_tiles::prove_record(size, index, &reader).unwrap();
            assert_eq!(ours(&made), proof, "{index} in {size}");
            tlog_tiles::check_record(&theirs(&proof), size, root, index, Hash(leaf.0)).unwrap();
            verify_inclusion(&leaf, index, &head, &ours(&made)).unwrap();
        }
        for old in [1, 2, size / 3, size / 2, size - 1, size] {
            if old == 0 || old > size {
                continue;
            }
            let old_head = log.head_at(old);
            let proof = compute(&log, &ProofPlan::consistency(old, size).unwrap());
            let made = tlog_tiles::prove_tree(size, old, &reader).unwrap();
            assert_eq!(ours(&made), proof, "{old} in {size}");
            tlog_tiles::check_tree(&theirs(&proof), size, root, old, Hash(old_head.root.0))
                .unwrap();
            verify_consistency(&old_head, &head, &ours(&made)).unwrap();
        }
    }
}

/// A size whose frontier is one node: `tlog_tiles` 0.2.0 leaves as many tiles unchecked as the
/// frontier has nodes, though several of them lie in one tile. Ours checks each
/// (`every_flipped_bit_and_every_missing_tile_is_named`).
#[test]
fn a_spoilt_tile_is_refused_by_their_client() {
    let log = Stored::new(512);
    let mut spoilt = Stored::new(512);
    let leaf = Node { level: 0, index: 9 };
    spoilt.nodes.get_mut(&leaf).unwrap().0[0] ^= 1;
    let root = Hash(log.head().root.0);
    let published = Published {
        log: &spoilt,
        size: 512,
    };
    let reader = TileHashReader::new(512, root, &published);
    assert!(tlog_tiles::prove_record(512, 9, &reader).is_err());
}

#[test]
fn tile_paths_are_theirs() {
    for index in [0, 999, 1000, 1_234_067, u64::MAX] {
        for width in [1, 255, 256] {
            let path = |level, data| {
                let tile = tlog_tiles::Tile::new(8, level, index, u32::from(width), data);
                tile.path()
                    .replacen("tile/8/", "tile/", 1)
                    .replacen("data/", "entries/", 1)
            };
            let tile = Resource::Tile(Tile {
                level: 2,
                index,
                width,
            });
            assert_eq!(tile.to_string(), path(2, false));
            let bundle = Resource::Entries(EntryBundle { index, width });
            assert_eq!(bundle.to_string(), path(0, true));
        }
    }
}

fn tools() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/tools")
}

/// Calls `check_log.py` with `content` as its file.
fn check_log(name: &str, content: &[u8], arguments: &[&str]) -> Output {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, content).unwrap();
    let python = tools().join("venv/bin/python");
    let output = Command::new(&python)
        .arg(tools().join("check_log.py"))
        .args(arguments)
        .arg(&file)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; run tests/tools/install", python.display()));
    fs::remove_file(&file).unwrap();
    output
}

#[track_caller]
fn holds(output: Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn pymerkle_has_the_same_roots_and_proofs() {
    const SIZE: u64 = 40;
    let log = Stored::new(SIZE);
    let mut inclusion = Vec::new();
    let mut consistency = Vec::new();
    for size in 1..=SIZE {
        for index in 0..size {
            let proof = compute(&log, &ProofPlan::inclusion(index, size).unwrap());
            let hashes: Vec<String> = proof.iter().map(ToString::to_string).collect();
            inclusion.push(json!([index, size, hashes]));
        }
        consistency.extend((1..=size).map(|old| json!([old, size])));
    }
    let heads: Vec<_> = (1..=SIZE)
        .map(|size| json!([size, log.head_at(size).root.to_string()]))
        .collect();
    let entries: Vec<String> = (0..SIZE).map(|index| entry(index).to_string()).collect();
    let mut file = json!({
        "entries": entries, "heads": heads, "inclusion": inclusion, "consistency": consistency,
    });
    holds(check_log(
        "proofs.json",
        file.to_string().as_bytes(),
        &["proofs"],
    ));
    // And it does look: another root is refused.
    file["heads"][20] = json!([21, log.head_at(20).root.to_string()]);
    let spoilt = check_log("spoilt.json", file.to_string().as_bytes(), &["proofs"]);
    assert_eq!(spoilt.status.code(), Some(1));
}

#[test]
fn cryptography_verifies_our_cosignature_and_we_its_post_quantum_one() {
    let mut signed = sign(Stored::new(300).head());
    let name = "witness.example/w1";
    let witness = Cosigner::new(KeyName::new(name).unwrap(), SigningKey::from_seed(&[2; 32]));
    let line = witness.cosign(signed.checkpoint(), UnixSeconds(1_790_000_000));
    signed
        .note_mut()
        .add(vec![line], &[witness.verifier_key()])
        .unwrap();
    let ours = witness.verifier_key().to_string();
    holds(check_log(
        "cosigned.note",
        &signed.to_bytes(),
        &["cosigned", "--vkey", &ours],
    ));

    let time = UnixSeconds(1_790_000_001);
    let arguments = ["cosign", "--name", "pq.example", "--time", "1790000001"];
    let answer = holds(check_log("cosign.note", &signed.to_bytes(), &arguments));
    let (theirs, line) = answer.split_once('\n').unwrap();
    let theirs: VerifierKey = theirs.parse().unwrap();
    assert!(matches!(theirs.key(), NoteKey::MlDsa44Cosigner(_)));
    let lines = parse_signature_lines(line).unwrap();
    assert_eq!(
        signed.note_mut().add(lines, std::slice::from_ref(&theirs)),
        Ok(1)
    );
    let read = Note::parse(&signed.to_bytes()).unwrap();
    let verified = read.verify(&[theirs]).unwrap();
    assert_eq!((verified[0].line, verified[0].time), (2, Some(time)));
}
