//! Every answer is verified as a client would, after the load, on all processors.
//!
//! Checked: status and count (by the caller), the receipt's signature under a delegated key, what it answers and says, its
//! log entry and the notice's under the checkpoint that came along, that checkpoint's signature, the signed head of the
//! list, and that no two entries have one position.

use super::Failed;
use super::drive::Driven;
use super::notices::Notices;
use postfach::api::resources::{AcceptedStatement, Base64};
use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::operator::Operator;
use postfach_crypto::statement::Event;
use postfach_crypto::tlog::proof::verify_inclusion;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{SignedCheckpoint, TreeHead, VerifierKey};
use std::collections::{HashMap, HashSet};

/// Verifies every answer; the error names the first that is wrong.
pub fn verify(
    driven: &Driven,
    notices: &Notices,
    operator: &Operator,
    epoch: u64,
) -> Result<(), Failed> {
    let keys = operator.checkpoint_keys(epoch)?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let share = driven.answers.len().div_ceil(workers).max(1);
    let keys = keys.as_slice();
    let positions: Vec<Result<Vec<u64>, Failed>> = std::thread::scope(|scope| {
        let threads: Vec<_> = driven
            .answers
            .chunks(share)
            .map(|answers| {
                scope.spawn(move || {
                    let mut check = Check {
                        operator,
                        keys,
                        checkpoints: HashMap::new(),
                        positions: Vec::with_capacity(2 * answers.len()),
                    };
                    for (n, answer) in answers {
                        check.one(notices, *n, answer).map_err(|error| {
                            format!("the answer to notice {n} is wrong: {error}")
                        })?;
                    }
                    Ok(check.positions)
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|done| done.unwrap_or_else(|_| Err("a thread panicked".into())))
            .collect()
    });
    let mut taken = HashSet::with_capacity(2 * driven.answers.len());
    for positions in positions {
        for position in positions? {
            if !taken.insert(position) {
                return Err(format!("two log entries have position {position}").into());
            }
        }
    }
    Ok(())
}

struct Check<'a> {
    operator: &'a Operator,
    keys: &'a [VerifierKey],
    /// Heads by the checkpoint that signs them: a group of submissions shares one.
    checkpoints: HashMap<String, TreeHead>,
    positions: Vec<u64>,
}

impl Check<'_> {
    fn one(&mut self, notices: &Notices, n: usize, answer: &[u8]) -> Result<(), Failed> {
        let notice = &notices.all[n];
        let answer: AcceptedStatement = serde_json::from_slice(answer)?;
        if answer.repeated || answer.statement != notice.hash.to_string() {
            return Err("it is about another notice".into());
        }
        let receipt = self.operator.receipt(&answer.receipt.statement.0)?;
        let events = [Event::SubmissionAcceptance, Event::ContentConsignment];
        if receipt.answers != Some(notice.hash)
            || receipt.header != Some(notice.hash)
            || receipt.events != events
        {
            return Err("the receipt says something else".into());
        }
        let head = answer.head.as_ref().ok_or("the list's head is missing")?;
        self.operator.head(&head.0)?;
        let tree = match self.checkpoints.get(&answer.proof.checkpoint) {
            Some(known) => *known,
            None => {
                let note = answer.proof.checkpoint.as_bytes();
                let tree = SignedCheckpoint::verify(note, self.keys)?.head();
                self.checkpoints
                    .insert(answer.proof.checkpoint.clone(), tree);
                tree
            }
        };
        included(notice.leaf, answer.position, &tree, &answer.proof.statement)?;
        let position = answer.receipt.position;
        included(receipt.leaf(), position, &tree, &answer.proof.receipt)?;
        self.positions.extend([answer.position, position]);
        Ok(())
    }
}

fn included(
    leaf: LeafHash,
    position: u64,
    tree: &TreeHead,
    proof: &[Base64],
) -> Result<(), Failed> {
    let hashes = proof
        .iter()
        .map(|hash| Some(TreeHash(hash.0.as_slice().try_into().ok()?)));
    let hashes: Option<Vec<_>> = hashes.collect();
    let hashes = hashes.ok_or("a hash of the proof is not 32 bytes")?;
    Ok(verify_inclusion(
        &leaf_hash(&leaf),
        position,
        tree,
        &hashes,
    )?)
}
