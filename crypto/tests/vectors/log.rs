//! The log: tree, proofs, tiles, signed texts; and proofs and texts that must be refused.

use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::proof::{verify_consistency, verify_inclusion};
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{
    AddCheckpoint, Checkpoint, Cosigner, EntryBundle, Frontier, KeyName, Node, Note, NoteKey,
    Policy, ProofPlan, Resource, SignedCheckpoint, Tile, TlogProof, TreeHead, UnixSeconds,
    VerifierKey, epoch_origin,
};
use serde_json::{Value, json};

use super::log_policies;
use super::support::seed;
use super::support::world::ORIGIN;

/// Entries of the log: three tiles at level 0, so that one tree has every kind of tile.
const SIZE: u64 = 600;
const TIME: UnixSeconds = UnixSeconds(1_790_000_000);

struct Log {
    leaves: Vec<TreeHash>,
    key: SigningKey,
    origin: KeyName,
    witness: Cosigner,
}

impl Log {
    fn new() -> Self {
        let witness = KeyName::new("witness.example/w1").unwrap();
        Self {
            leaves: (0..SIZE).map(|index| leaf_hash(&entry(index))).collect(),
            key: SigningKey::from_seed(&seed("log checkpoint key")),
            origin: epoch_origin(ORIGIN, 1).unwrap(),
            witness: Cosigner::new(witness, SigningKey::from_seed(&seed("witness key"))),
        }
    }

    fn vkey(&self) -> VerifierKey {
        VerifierKey::new(
            self.origin.clone(),
            NoteKey::Ed25519(self.key.verifying_key()),
        )
    }

    fn head(&self, size: u64) -> TreeHead {
        let size = usize::try_from(size).unwrap();
        Frontier::EMPTY.grow(&self.leaves[..size]).head()
    }

    fn proof(&self, plan: &ProofPlan) -> Vec<TreeHash> {
        let growth = Frontier::EMPTY.grow(&self.leaves);
        plan.compute(|node: Node| growth.node(node).ok_or(()))
            .unwrap()
    }

    fn inclusion(&self, index: u64, size: u64) -> Vec<TreeHash> {
        self.proof(&ProofPlan::inclusion(index, size).unwrap())
    }

    fn consistency(&self, old: u64, new: u64) -> Vec<TreeHash> {
        self.proof(&ProofPlan::consistency(old, new).unwrap())
    }

    fn signed(&self, size: u64) -> SignedCheckpoint {
        Checkpoint::new(&self.origin, self.head(size))
            .sign(&self.key)
            .unwrap()
    }

    fn cosigned(&self, size: u64) -> SignedCheckpoint {
        let mut signed = self.signed(size);
        let line = self.witness.cosign(signed.checkpoint(), TIME);
        signed
            .note_mut()
            .add(vec![line], &[self.witness.verifier_key()])
            .unwrap();
        signed
    }

    fn policy(&self) -> String {
        let witness = self.witness.verifier_key();
        format!("log {}\nwitness w1 {witness}\nquorum w1\n", self.vkey())
    }
}

/// The `index`-th entry: 24 bytes of zero, then the index.
fn entry(index: u64) -> LeafHash {
    let mut entry = [0; 32];
    entry[24..].copy_from_slice(&index.to_be_bytes());
    LeafHash(entry)
}

fn texts(hashes: &[TreeHash]) -> Vec<String> {
    hashes.iter().map(ToString::to_string).collect()
}

pub fn vectors() -> Value {
    let log = Log::new();
    let proof = TlogProof {
        extra: Some(b"Bescheid".to_vec()),
        index: 300,
        hashes: log.inclusion(300, SIZE),
        checkpoint: log.cosigned(SIZE).note().clone(),
    };
    let policy = Policy::parse(log.policy().as_bytes()).unwrap();
    let judged = proof.verify(&entry(300), &[log.vkey()], &policy).unwrap();
    assert_eq!(judged.quorum_time(), Some(TIME));
    json!({
        "entries": { "0": entry(0).to_string(), "1": entry(1).to_string(), "599": entry(599).to_string() },
        "leaves": { "0": log.leaves[0].to_string(), "599": log.leaves[599].to_string() },
        "roots": roots(&log),
        "inclusion": inclusion(&log),
        "consistency": consistency(&log),
        "tiles": tiles(&log),
        "paths": paths(),
        "log_key": log.vkey().to_string(),
        "witness_key": log.witness.verifier_key().to_string(),
        "checkpoint": log.cosigned(SIZE).note().to_string(),
        "bad_checkpoints": bad_checkpoints(&log),
        "witness_request": AddCheckpoint::new(256, log.consistency(256, SIZE), &log.signed(SIZE)).to_body(),
        "policy": log.policy(),
        "proof_file": proof.to_string(),
        "judgements": log_policies::judgements(&log.signed(SIZE), &log.vkey()),
        "bad_policies": log_policies::bad_policies(&log.vkey()),
        "bad_keys": log_policies::bad_keys(&log.vkey()),
        "bad_proof_files": log_policies::bad_proof_files(&proof.to_string()),
    })
}

fn roots(log: &Log) -> Vec<Value> {
    [0, 1, 2, 3, 7, 8, 255, 256, 257, SIZE]
        .map(|size| json!({ "size": size, "root": log.head(size).root.to_string() }))
        .to_vec()
}

fn inclusion(log: &Log) -> Value {
    let good: Vec<Value> = [(0, 1), (0, 2), (6, 7), (255, 257), (256, 257), (300, SIZE)]
        .map(|(index, size)| {
            let proof = log.inclusion(index, size);
            json!({ "index": index, "size": size, "proof": texts(&proof) })
        })
        .to_vec();
    let proof = log.inclusion(300, SIZE);
    let (_, shorter) = proof.split_last().unwrap();
    let longer = [&proof[..], &[proof[0]]].concat();
    let bad: Vec<Value> = [
        ("nothing is in an empty log", 0, 0, vec![]),
        ("index equal to the size", SIZE, SIZE, proof.clone()),
        ("one hash missing", 300, SIZE, shorter.to_vec()),
        ("one hash too many", 300, SIZE, longer),
        ("a hash in a log of one entry", 0, 1, vec![proof[0]]),
        ("64 hashes", 300, SIZE, vec![proof[0]; 64]),
        ("the neighbour's index", 301, SIZE, proof.clone()),
        ("reversed", 300, SIZE, proof.iter().rev().copied().collect()),
    ]
    .into_iter()
    .map(|(name, index, size, proof)| {
        let leaf = &log.leaves[usize::try_from(index.min(SIZE - 1)).unwrap()];
        let fails = verify_inclusion(leaf, index, &log.head(size), &proof).unwrap_err();
        json!({ "name": name, "index": index, "size": size, "proof": texts(&proof), "fails": fails.to_string() })
    })
    .collect();
    json!({ "good": good, "bad": bad })
}

fn consistency(log: &Log) -> Value {
    let good: Vec<Value> = [
        (0, 0),
        (0, 7),
        (7, 7),
        (1, 2),
        (6, 8),
        (255, 257),
        (256, SIZE),
        (300, SIZE),
    ]
    .map(|(old, new)| {
        let proof = log.consistency(old, new);
        verify_consistency(&log.head(old), &log.head(new), &proof).unwrap();
        json!({ "old": old, "new": new, "proof": texts(&proof) })
    })
    .to_vec();
    let proof = log.consistency(300, SIZE);
    let (_, shorter) = proof.split_last().unwrap();
    let longer = [&proof[..], &[proof[0]]].concat();
    let root = |size| log.head(size).root;
    let bad: Vec<Value> = [
        ("shrunk", 300, root(300), 299, root(299), vec![]),
        (
            "forked at the same size",
            300,
            root(300),
            300,
            root(299),
            vec![],
        ),
        (
            "hash between equal sizes",
            300,
            root(300),
            300,
            root(300),
            vec![proof[0]],
        ),
        (
            "hash from the empty log",
            0,
            root(0),
            300,
            root(300),
            vec![proof[0]],
        ),
        (
            "empty log with another root",
            0,
            root(1),
            300,
            root(300),
            vec![],
        ),
        (
            "one hash missing",
            300,
            root(300),
            SIZE,
            root(SIZE),
            shorter.to_vec(),
        ),
        (
            "one hash too many",
            300,
            root(300),
            SIZE,
            root(SIZE),
            longer,
        ),
        (
            "64 hashes",
            300,
            root(300),
            SIZE,
            root(SIZE),
            vec![proof[0]; 64],
        ),
        (
            "other old root",
            300,
            root(299),
            SIZE,
            root(SIZE),
            proof.clone(),
        ),
        ("other new root", 300, root(300), SIZE, root(299), proof),
    ]
    .into_iter()
    .map(|(name, old, old_root, new, new_root, proof)| {
        let [from, to] =
            [(old, old_root), (new, new_root)].map(|(size, root)| TreeHead { size, root });
        let fails = verify_consistency(&from, &to, &proof).unwrap_err();
        json!({
            "name": name, "old": old, "old_root": old_root.to_string(), "new": new,
            "new_root": new_root.to_string(), "proof": texts(&proof), "fails": fails.to_string(),
        })
    })
    .collect();
    json!({ "good": good, "bad": bad })
}

/// The files of the tree of [`SIZE`] by the hash of their content, the small ones in full.
fn tiles(log: &Log) -> Vec<Value> {
    use sha2::{Digest, Sha256};
    let growth = Frontier::EMPTY.grow(&log.leaves);
    let tile = |tile: Tile| {
        let hashes = tile.nodes().map(|node| growth.node(node).unwrap().0);
        (Resource::Tile(tile), hashes.collect::<Vec<_>>().concat())
    };
    let bundle = EntryBundle::at(2, SIZE).unwrap();
    let entries: Vec<LeafHash> = (512..SIZE).map(entry).collect();
    Tile::added(0, SIZE)
        .map(tile)
        .chain([(Resource::Entries(bundle), EntryBundle::write(&entries))])
        .map(|(resource, content)| {
            let whole = (content.len() <= 64).then(|| hex::encode(&content));
            json!({
                "path": resource.to_string(), "length": content.len(),
                "sha256": hex::encode(Sha256::digest(&content)), "content": whole,
            })
        })
        .collect()
}

fn paths() -> Vec<Value> {
    [
        ("tile/0/000", true),
        ("tile/1/x001/x234/067.p/8", true),
        ("tile/entries/x001/000.p/255", true),
        ("tile/0/0", false),
        ("tile/0/x000/001", false),
        ("tile/00/000", false),
        ("tile/64/000", false),
        ("tile/0/000.p/256", false),
        ("tile/0/000.p/0", false),
        ("tile/0/000.p/01", false),
        ("tile/0/x018/x446/x744/x073/x709/x551/616", false),
    ]
    .map(|(path, good)| {
        assert_eq!(path.parse::<Resource>().is_ok(), good, "{path}");
        json!({ "path": path, "good": good })
    })
    .to_vec()
}

fn bad_checkpoints(log: &Log) -> Vec<Value> {
    let good = log.cosigned(SIZE).note().to_string();
    let (_, last) = good.trim_end().rsplit_once('\n').unwrap();
    let (text, _) = good.split_once("\n\n").unwrap();
    [
        (
            "size with a leading zero",
            good.replacen("\n600\n", "\n0600\n", 1),
        ),
        ("another size", good.replacen("\n600\n", "\n601\n", 1)),
        ("another epoch", good.replacen("/1\n", "/2\n", 1)),
        ("carriage returns", good.replace('\n', "\r\n")),
        ("no newline at the end", good.trim_end().to_owned()),
        ("hyphen in place of the dash", good.replace('\u{2014}', "-")),
        ("cosigned but not signed", format!("{text}\n\n{last}\n")),
        ("no signature", format!("{text}\n\n")),
    ]
    .into_iter()
    .map(|(name, note)| {
        let fails = SignedCheckpoint::verify(note.as_bytes(), &[log.vkey()]).unwrap_err();
        assert!(Note::parse(good.as_bytes()).is_ok());
        json!({ "name": name, "note": note, "fails": fails.to_string() })
    })
    .collect()
}
