//! Whether everything that was acknowledged is there, and the log goes on where it was.

use std::collections::BTreeMap;

use postfach::api::resources::{AcceptedStatement, UploadResource};
use postfach_crypto::ids::{LeafHash, TreeHash};
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{Checkpoint, EntryBundle, Frontier, Resource};
use reqwest::Method;

use crate::load::{Acknowledged, Sender};

/// The log as far as it was acknowledged and compared.
#[derive(Default)]
pub(crate) struct Seen {
    frontier: Option<Frontier>,
    /// Roots of the checkpoints in answers, by size.
    heads: BTreeMap<u64, TreeHash>,
}

impl Seen {
    /// Asks for everything that was acknowledged; how many things that were.
    pub(crate) async fn check(&mut self, everything: &[Acknowledged]) -> usize {
        let mut latest = None;
        for one in everything {
            match one {
                Acknowledged::Statement { .. } => {}
                Acknowledged::Envelope {
                    archived,
                    answer,
                    sender,
                } => {
                    self.note(answer);
                    let again = sender
                        .accepted(sender.post_envelope(archived))
                        .await
                        .expect("an answer");
                    same(answer, &again);
                    for (number, payload) in archived.payloads.iter().enumerate() {
                        let path =
                            format!("/v1/envelopes/{}/parts/{number}", archived.header.hash());
                        let part = sender
                            .answer(sender.signed(Method::GET, &path))
                            .await
                            .expect("a part");
                        assert!(part == payload[..], "another part {number}");
                    }
                    latest = Some((sender, again));
                }
                Acknowledged::Upload {
                    id,
                    received,
                    sender,
                } => {
                    let path = format!("/v1/uploads/{id}");
                    let status = sender
                        .answer(sender.signed(Method::GET, &path))
                        .await
                        .expect("an upload");
                    let status: UploadResource = serde_json::from_slice(&status).unwrap();
                    assert!(
                        status.received >= *received,
                        "{} of {received} bytes of an upload",
                        status.received
                    );
                }
            }
        }
        if let Some((sender, newest)) = latest {
            self.note(&newest);
            self.check_log(sender).await;
        }
        everything.len()
    }

    /// Asks for the statements of parties, which concern nobody's envelope.
    pub(crate) async fn check_statements(&mut self, sender: &Sender, everything: &[Acknowledged]) {
        for one in everything {
            if let Acknowledged::Statement { bytes, answer } = one {
                self.note(answer);
                same(
                    answer,
                    &sender
                        .accepted(sender.post_statement(bytes))
                        .await
                        .expect("an answer"),
                );
            }
        }
    }

    fn note(&mut self, answer: &AcceptedStatement) {
        let text = answer
            .proof
            .checkpoint
            .split_inclusive("\n\n")
            .next()
            .unwrap();
        let head = Checkpoint::parse(text.strip_suffix('\n').unwrap())
            .unwrap()
            .head();
        let before = self.heads.insert(head.size, head.root);
        assert!(
            before.is_none_or(|root| root == head.root),
            "two logs of size {}",
            head.size
        );
    }

    /// Every checkpoint that was handed out is a prefix of the log as it is now.
    async fn check_log(&mut self, sender: &Sender) {
        let size = *self.heads.keys().next_back().unwrap();
        let mut frontier = self.frontier.take().unwrap_or(Frontier::EMPTY);
        let mut entries: Vec<LeafHash> = Vec::new();
        let first = frontier.size() / 256;
        for index in first.. {
            let Some(bundle) = EntryBundle::at(index, size) else {
                break;
            };
            let path = format!("/log/{}", Resource::Entries(bundle));
            let content = sender
                .answer(sender.signed(Method::GET, &path))
                .await
                .expect("entries");
            entries.extend(bundle.read(&content).unwrap());
        }
        let at = |size: u64| usize::try_from(size - first * 256).unwrap();
        for (size, root) in std::mem::take(&mut self.heads) {
            if size < frontier.size() {
                continue; // compared when it was new, and the frontier holds it
            }
            let new: Vec<_> = entries[at(frontier.size())..at(size)]
                .iter()
                .map(leaf_hash)
                .collect();
            frontier = frontier.grow(&new).frontier();
            assert_eq!(frontier.root(), root, "the log of size {size} was another");
        }
        self.frontier = Some(frontier);
    }
}

/// The same request again got the same receipt, at the same place.
fn same(first: &AcceptedStatement, again: &AcceptedStatement) {
    assert!(again.repeated, "an acknowledged statement was not known");
    assert_eq!(first.statement, again.statement);
    assert_eq!(first.position, again.position);
    assert_eq!(first.receipt.position, again.receipt.position);
    assert_eq!(
        first.receipt.statement.0, again.receipt.statement.0,
        "another receipt"
    );
}
