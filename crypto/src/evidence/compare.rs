//! Two files about one delivery, the sender's and the recipient's, held against each other.
//!
//! Purpose: name where the stories part. Invariant: only what is signed counts, so each
//! contradiction convicts somebody; that one file ends earlier is none. Absent: whether each file
//! holds by itself ([`super::verify()`]), and whether checkpoints continue each other where the
//! files do not show it (`postfach audit`). Specification: docs/format/evidence.md, "Comparison".

use std::collections::HashMap;

use serde_bytes::ByteBuf;

use super::report::named;
use super::{Evidence, Policy};
use crate::ids::{LeafHash, StatementHash};
use crate::operator::Operator;
use crate::statement::{EnvelopeHeader, Head, Kind, Receipt, Signed, Subject, kind_of};
use crate::tlog::{SignedCheckpoint, TreeHead};

/// Most differences that are named.
pub const MAX_DIFFERENCES: usize = 256;

/// One of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first.
    First,
    /// The second.
    Second,
}

impl Side {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Side::First => "first",
            Side::Second => "second",
        }
    }
}

named! {
    /// A list that both files hold.
    pub enum FileList {
        /// The envelope's list.
        Entries = "entries",
        /// The sender's key statements.
        Sender = "sender",
        /// The recipient's key statements.
        Recipient = "recipient",
        /// Bindings and consents between recipient and sender.
        Relation = "relation",
        /// The recipient's consents towards all.
        RelationAll = "relation-all",
        /// Certificates and revocations.
        Certificates = "certificates",
    }
}

/// Where two files differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// They are about two envelopes; nothing else is compared.
    OtherEnvelope,
    /// They are of two operators or logs; nothing else is compared.
    OtherOperator,
    /// One file's list goes on where the other's ends.
    OnlyIn {
        /// Which list.
        list: FileList,
        /// Which file has more.
        side: Side,
        /// Place in the list.
        place: usize,
        /// What stands there, where it is a statement.
        kind: Option<Kind>,
        /// Its hash.
        hash: StatementHash,
    },
    /// From a place on the lists hold different entries.
    PartsAt {
        /// Which list.
        list: FileList,
        /// The first place that differs.
        place: usize,
        /// The entry in each file.
        entries: [StatementHash; 2],
    },
    /// The server's heads say two things of one list.
    Heads {
        /// Of which list.
        subject: Subject,
        /// How many entries both count.
        count: u64,
    },
    /// The log showed two trees of one size: it was forked.
    Forked {
        /// The size.
        size: u64,
    },
    /// The log showed two statements in one place, or one statement in two.
    Places {
        /// The place in the first file.
        position: u64,
    },
}

impl Difference {
    /// The name in JSON and in documents.
    pub fn name(&self) -> &'static str {
        match self {
            Difference::OtherEnvelope => "other-envelope",
            Difference::OtherOperator => "other-operator",
            Difference::OnlyIn { .. } => "only-in",
            Difference::PartsAt { .. } => "parts-at",
            Difference::Heads { .. } => "heads-contradict",
            Difference::Forked { .. } => "log-forked",
            Difference::Places { .. } => "places-contradict",
        }
    }
}

named! {
    /// How two files stand to each other.
    pub enum Agreement {
        /// They hold the same.
        Same = "same",
        /// One goes on where the other ends, and nothing contradicts.
        OneGoesOn = "one-goes-on",
        /// They are not about the same delivery.
        NotComparable = "not-comparable",
        /// They contradict each other.
        Contradict = "contradict",
    }
}

/// What the comparison gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Where they differ; at most [`MAX_DIFFERENCES`].
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// The comparison in one word.
    pub fn agreement(&self) -> Agreement {
        let found = |difference: &Difference| match difference {
            Difference::OtherEnvelope | Difference::OtherOperator => Agreement::NotComparable,
            Difference::OnlyIn { .. } => Agreement::OneGoesOn,
            _ => Agreement::Contradict,
        };
        let all = self.differences.iter().map(found);
        all.max().unwrap_or(Agreement::Same)
    }
}

/// Compares two files about one delivery.
///
/// Statements whose own signature does not hold are left out: that is [`super::verify()`]'s to
/// name.
pub fn compare(first: &Evidence, second: &Evidence, policy: &Policy) -> Comparison {
    let differences = if (&first.origin, first.root) == (&second.origin, second.root) {
        match first.entries.first() == second.entries.first() {
            true => differences(first, second, policy),
            false => vec![Difference::OtherEnvelope],
        }
    } else {
        vec![Difference::OtherOperator]
    };
    Comparison { differences }
}

fn differences(first: &Evidence, second: &Evidence, policy: &Policy) -> Vec<Difference> {
    let mut found = Vec::new();
    for (list, one, other) in [
        (FileList::Entries, &first.entries, &second.entries),
        (FileList::Sender, &first.sender, &second.sender),
        (FileList::Recipient, &first.recipient, &second.recipient),
        (FileList::Relation, &first.relation, &second.relation),
        (
            FileList::RelationAll,
            &first.relation_all,
            &second.relation_all,
        ),
        (
            FileList::Certificates,
            &first.certificates,
            &second.certificates,
        ),
    ] {
        in_lists(list, one, other, &mut found);
    }
    let sides = [first, second].map(|evidence| OperatorsWord::of(evidence, policy));
    let [one, other] = &sides;
    for (head, evidence, heads) in one
        .heads
        .iter()
        .map(|head| (head, second, &other.heads))
        .chain(other.heads.iter().map(|head| (head, first, &one.heads)))
    {
        if !found.contains(&contradiction(head)) && contradicts(head, evidence, heads) {
            found.push(contradiction(head));
        }
    }
    for tree in &one.trees {
        let forked = |other: &TreeHead| other.size == tree.size && other.root != tree.root;
        let difference = Difference::Forked { size: tree.size };
        if other.trees.iter().any(forked) && !found.contains(&difference) {
            found.push(difference);
        }
    }
    places(first, second, &mut found);
    found.truncate(MAX_DIFFERENCES);
    found
}

fn in_lists(list: FileList, one: &[ByteBuf], other: &[ByteBuf], found: &mut Vec<Difference>) {
    let parts = one.iter().zip(other).position(|(one, other)| one != other);
    if let Some(place) = parts {
        found.push(Difference::PartsAt {
            list,
            place,
            entries: [&one[place], &other[place]].map(|bytes| StatementHash::of(bytes)),
        });
        return;
    }
    let (side, longer, common) = match one.len() < other.len() {
        true => (Side::Second, other, one.len()),
        false => (Side::First, one, other.len()),
    };
    let only = longer.iter().enumerate().skip(common);
    found.extend(
        only.take(MAX_DIFFERENCES)
            .map(|(place, bytes)| Difference::OnlyIn {
                list,
                side,
                place,
                kind: kind_of(bytes).ok(),
                hash: StatementHash::of(bytes),
            }),
    );
}

/// What the operator signed in a file.
struct OperatorsWord {
    heads: Vec<Signed<Head>>,
    trees: Vec<TreeHead>,
}

impl OperatorsWord {
    fn of(evidence: &Evidence, policy: &Policy) -> Self {
        let operator = Operator::new(&policy.origin, policy.root, &evidence.delegations);
        let epoch = evidence.entries.first().and_then(|header| {
            let header: Signed<EnvelopeHeader> = Signed::verify(header).ok()?;
            Some(header.context.epoch)
        });
        let (Ok(operator), Some(epoch)) = (operator, epoch) else {
            let (heads, trees) = (Vec::new(), Vec::new());
            return Self { heads, trees };
        };
        let keys = operator.checkpoint_keys(epoch).unwrap_or_default();
        let receipts = evidence.entries.iter().chain(&evidence.receipts);
        let receipts = receipts.filter_map(|bytes| operator.receipt(bytes).ok());
        let in_receipts = receipts.filter_map(|receipt| named_checkpoint(&receipt));
        let record = evidence.log.iter().flat_map(|record| &record.checkpoints);
        let notes = record.map(|note| note.to_vec()).chain(in_receipts);
        let trees = notes.filter_map(|note| {
            let checkpoint = SignedCheckpoint::verify(&note, &keys).ok()?;
            Some(checkpoint.head())
        });
        Self {
            trees: trees.collect(),
            heads: evidence
                .heads
                .iter()
                .filter_map(|bytes| operator.head(bytes).ok())
                .collect(),
        }
    }
}

fn named_checkpoint(receipt: &Signed<Receipt>) -> Option<Vec<u8>> {
    receipt.checkpoint.clone()
}

fn contradiction(head: &Signed<Head>) -> Difference {
    Difference::Heads {
        subject: head.subject,
        count: head.head.count,
    }
}

/// Whether a head says something else than the other file's heads or its list.
fn contradicts(head: &Signed<Head>, evidence: &Evidence, heads: &[Signed<Head>]) -> bool {
    let differs = |other: &Signed<Head>| {
        other.subject == head.subject
            && other.head.count == head.head.count
            && other.head.last != head.head.last
    };
    let list = list_of(&head.subject, evidence);
    let counted = usize::try_from(head.head.count).ok();
    let known = list.and_then(|list| super::parties::head_of(list).get(counted?).copied());
    heads.iter().any(differs) || known.is_some_and(|known| known != head.head)
}

/// The list that a head is about, where the file holds it.
fn list_of<'a>(subject: &Subject, evidence: &'a Evidence) -> Option<&'a [ByteBuf]> {
    let header: Signed<EnvelopeHeader> = Signed::verify(evidence.entries.first()?).ok()?;
    match *subject {
        Subject::Envelope(hash) if hash == header.hash() => Some(&evidence.entries),
        Subject::Party(party) if party == header.sender => Some(&evidence.sender),
        Subject::Party(party) if party == header.recipient => Some(&evidence.recipient),
        Subject::Relation(citizen, Some(authority))
            if citizen == header.recipient && authority == header.sender =>
        {
            Some(&evidence.relation)
        }
        Subject::Relation(citizen, None) if citizen == header.recipient => {
            Some(&evidence.relation_all)
        }
        _ => None,
    }
}

/// One statement in two places, or two in one.
fn places(first: &Evidence, second: &Evidence, found: &mut Vec<Difference>) {
    let of = |evidence: &Evidence| -> HashMap<u64, LeafHash> {
        let proofs = evidence.log.iter().flat_map(|record| &record.inclusions);
        proofs.map(|proof| (proof.position, proof.entry)).collect()
    };
    let (one, other) = (of(first), of(second));
    let positions: HashMap<LeafHash, u64> = other
        .iter()
        .map(|(position, entry)| (*entry, *position))
        .collect();
    let mut differing: Vec<u64> = one
        .iter()
        .filter(|(position, entry)| {
            let same_place = other.get(position).is_none_or(|there| there == *entry);
            let same_entry = positions.get(entry).is_none_or(|there| there == *position);
            !(same_place && same_entry)
        })
        .map(|(position, _)| *position)
        .collect();
    differing.sort_unstable();
    found.extend(
        differing
            .into_iter()
            .map(|position| Difference::Places { position }),
    );
}
