//! What a log, a witness or a policy file may send: notes, paths, requests, policies, proofs, tiles.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::proof::{verify_consistency, verify_inclusion};
use postfach_crypto::tlog::{
    AddCheckpoint, Checkpoint, EntryBundle, NoteKey, Note, Policy, Resource, Tile, TileSet,
    TlogProof, TreeHead, VerifierKey, epoch_origin,
};

fn log_key() -> VerifierKey {
    let name = epoch_origin("post.example.de", 1).expect("a name");
    VerifierKey::new(name, NoteKey::Ed25519(SigningKey::from_seed(&[1; 32]).verifying_key()))
}

/// What was read is written back as it was; what nobody signed convinces nobody.
fuzz_target!(|bytes: &[u8]| {
    let keys = [log_key()];
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_bytes(), bytes);
        let _ = note.verify(&keys);
        if let Ok(checkpoint) = Checkpoint::parse(note.text()) {
            assert_eq!(checkpoint.to_string(), note.text());
        }
    }
    if let Ok(request) = AddCheckpoint::parse(bytes) {
        assert_eq!(request.to_body().as_bytes(), bytes);
        let _ = request.decide(&keys, &TreeHead::EMPTY);
    }
    if let Ok(proof) = TlogProof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
        let anyone = Policy::parse(b"quorum none\n").expect("a policy");
        let _ = proof.verify(&LeafHash([0; 32]), &keys, &anyone);
    }
    if let Ok(policy) = Policy::parse(bytes) {
        assert_eq!(Policy::parse(&policy.to_bytes()), Ok(policy));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(resource) = text.parse::<Resource>() {
            assert_eq!(resource.to_string(), text);
        }
        if let Ok(key) = text.parse::<VerifierKey>() {
            assert_eq!(key.to_string(), text);
        }
    }
    // Two numbers, then hashes: proofs and tiles of trees that do not exist.
    let Some((numbers, rest)) = bytes.split_first_chunk::<16>() else {
        return;
    };
    let number = |at: usize| u64::from_be_bytes(numbers[at..at + 8].try_into().expect("8 bytes"));
    let (small, large) = (number(0), number(8));
    let hashes: Vec<TreeHash> = rest
        .chunks_exact(32)
        .map(|hash| TreeHash(hash.try_into().expect("32 bytes")))
        .collect();
    let head = |size| TreeHead { size, root: TreeHash([1; 32]) };
    let _ = verify_inclusion(&TreeHash([0; 32]), small, &head(large), &hashes);
    if small != large && small != 0 {
        assert!(verify_consistency(&head(small), &head(large), &hashes).is_err());
    }
    if let Some(bundle) = EntryBundle::at(small, large)
        && let Ok(entries) = bundle.read(rest)
    {
        assert_eq!(entries.len(), usize::from(bundle.width));
    }
    let tiles = Tile::edge(large).map(|tile| (tile, rest));
    assert!(large == 0 || TileSet::authenticate(head(large), tiles).is_err());
});
