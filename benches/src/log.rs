//! The public log: receipts verified with their proofs, what the log costs a submission, and the audit of a whole log.
//!
//! A verified receipt is what an auditor of evidence does for each: decode, signature, leaf, inclusion proof up to a
//! checkpoint of a million entries; the checkpoint itself is verified once. The log's part of a submission is what one
//! group of commits does besides: leaves, tree growth, two proofs for each submission, one checkpoint; it stands beside
//! the whole path in process, from the signed statement to the durable receipt, so the ratio is the log's share.

use crate::measure::{Amount, Comparison, Contender, compare};
use crate::statements::receipt;
use futures_util::future::join_all;
use postfach::server::operator::{init_operator, load_operator, open_service};
use postfach::service::Service;
use postfach_crypto::age::HybridIdentity;
use postfach_crypto::ids::{Address, Blind, LeafHash, TreeHash, UnixMillis};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{Context, KeyStatement, Receipt, RecipientKey, Signed};
use postfach_crypto::tlog::proof::verify_inclusion;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{Checkpoint, Frontier, KeyName, SignedCheckpoint, TreeHead};
use postfach_storage::embedded::Options;
use rand_core::CryptoRng;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Entries of the log below the receipts.
const LOG: u64 = 1_000_000;
/// Receipts verified in a turn.
const RECEIPTS: usize = 256;
/// Submissions of a turn, all at once, as many clients would make them.
const SUBMISSIONS: usize = 64;
const ORIGIN: &str = "postfach.example/2026";

/// Receipts with proofs, and the log's share of a submission.
pub fn run(
    rounds: usize,
    folder: &Path,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Comparison>, Box<dyn Error>> {
    Ok(vec![
        receipts(rounds, rng)?,
        submissions(rounds, folder, rng)?,
    ])
}

/// A receipt with its place in the log.
struct Proven {
    bytes: Vec<u8>,
    position: u64,
    proof: Vec<TreeHash>,
}

fn receipts(rounds: usize, rng: &mut impl CryptoRng) -> Result<Comparison, Box<dyn Error>> {
    let key = SigningKey::generate(rng);
    let signed: Vec<Vec<u8>> = (0..RECEIPTS)
        .map(|_| Ok(Signed::sign(receipt(rng), &key)?.bytes().to_vec()))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let before = grown(LOG - RECEIPTS as u64);
    let leaves: Vec<TreeHash> = signed
        .iter()
        .map(|bytes| leaf_hash(&LeafHash::of(bytes)))
        .collect();
    let growth = before.grow(&leaves);
    let head: TreeHead = growth.head();
    let all: Vec<Proven> = (before.size()..)
        .zip(signed)
        .map(|(position, bytes)| Proven {
            bytes,
            position,
            proof: growth.inclusion_proof(position).unwrap_or_default(),
        })
        .collect();
    let public = key.verifying_key();
    let verify = Contender::plain("postfach", || {
        for proven in &all {
            let receipt = Signed::<Receipt>::verify(&proven.bytes).expect("signed above");
            assert!(receipt.signer() == public);
            verify_inclusion(
                &leaf_hash(&receipt.leaf()),
                proven.position,
                &head,
                &proven.proof,
            )
            .expect("proven above");
        }
    });
    let amount = Amount::Operations(u32::try_from(RECEIPTS)?);
    let what = "receipt with inclusion proof: verify, one core";
    Ok(compare(what, amount, rounds, vec![verify]))
}

/// A tree of this many entries, as its frontier.
fn grown(size: u64) -> Frontier {
    let mut tree = Frontier::EMPTY;
    while tree.size() < size {
        let end = (tree.size() + 65_536).min(size);
        let leaves: Vec<TreeHash> = (tree.size()..end).map(|n| leaf_hash(&entry(n))).collect();
        tree = tree.grow(&leaves).frontier();
    }
    tree
}

/// The `n`-th entry of a log of no content.
pub fn entry(n: u64) -> LeafHash {
    let mut entry = [0; 32];
    entry[24..].copy_from_slice(&n.to_be_bytes());
    LeafHash(entry)
}

fn submissions(
    rounds: usize,
    folder: &Path,
    rng: &mut impl CryptoRng,
) -> Result<Comparison, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(folder)?;
    let keys = folder.path().join("keys");
    init_operator(&keys, ORIGIN, postfach::clock::now(), rng)?;
    let checkpoint_key = load_operator(&keys)?.checkpoint;
    let runtime = Runtime::new()?;
    let opening = async {
        open_service(
            &folder.path().join("data"),
            &Options::default(),
            load_operator(&keys)?,
            None,
        )
        .await
        .map_err(Box::<dyn Error>::from)
    };
    let service = runtime.block_on(opening)?;

    let name = KeyName::new(format!("{ORIGIN}/1"))?;
    let before = grown(LOG);
    let statements: Vec<Vec<u8>> = (0..2 * SUBMISSIONS)
        .map(|n| entry(n as u64).0.repeat(12))
        .collect();
    let log = Contender::plain("the log's part", || {
        black_box(log_part(&before, &statements, &name, &checkpoint_key));
    });
    let identity = HybridIdentity::generate(rng).recipient().to_bytes();
    let whole = Contender::prepared(
        "the whole path",
        || -> Vec<Vec<u8>> {
            (0..SUBMISSIONS)
                .map(|_| key_statement(&service, &identity, rng))
                .collect()
        },
        |statements| {
            let service = &service;
            let submitted = statements
                .iter()
                .map(|bytes| service.submit_statement(bytes));
            for accepted in runtime.block_on(join_all(submitted)) {
                accepted.expect("an acceptable key statement");
            }
        },
    );
    let amount = Amount::Operations(u32::try_from(SUBMISSIONS)?);
    let what = "submissions, 64 at once, synced: the log's part is 1/× of the whole";
    let compared = compare(what, amount, rounds, vec![log, whole]);
    runtime.block_on(service.close());
    Ok(compared)
}

/// What the log adds to one group of commits.
fn log_part(
    before: &Frontier,
    statements: &[Vec<u8>],
    name: &KeyName,
    key: &SigningKey,
) -> (SignedCheckpoint, Vec<Option<Vec<TreeHash>>>) {
    let entries = statements.iter().map(|bytes| LeafHash::of(bytes));
    let leaves: Vec<TreeHash> = entries.map(|entry| leaf_hash(&entry)).collect();
    let growth = before.grow(&leaves);
    let positions = before.size()..growth.head().size;
    let proofs = positions.map(|position| growth.inclusion_proof(position));
    let proofs = proofs.collect();
    let signed = Checkpoint::new(name, growth.head()).sign(key);
    (signed.expect("the name is a key name"), proofs)
}

/// Number 0 of a new party.
fn key_statement(service: &Arc<Service>, recipient: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let key = SigningKey::generate(rng);
    let recovery = SigningKey::generate(rng).verifying_key().recovery_hash();
    let mut blind = Blind([0; 32]);
    rng.fill_bytes(&mut blind.0);
    let statement = KeyStatement {
        context: Context {
            origin: ORIGIN.to_owned(),
            epoch: service.epoch(),
            time: UnixMillis(service.now().0),
            blind,
        },
        address: Address::of(&key.verifying_key(), &recovery),
        number: 0,
        previous: None,
        identity: key.verifying_key(),
        recovery,
        recipients: vec![RecipientKey::x_wing(
            recipient.try_into().expect("a recipient's bytes"),
        )],
        signers: Vec::new(),
        possession: None,
        recovered_with: None,
        home: None,
        ext: None,
    };
    let signed = Signed::sign(statement, &key).expect("a valid key statement");
    signed.bytes().to_vec()
}
