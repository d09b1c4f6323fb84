//! Typed append-only lists of statement hashes: all mutable state of the system.
//!
//! A party's keys, an envelope's state and a binding's status are folds over such lists, done by
//! the caller. Invariant: entry `n` of a list never changes, and [`ListHead::last`] commits to
//! every entry up to `count`. Absent: removal, reordering, what the statements say.
//! Byte form of a list's name: docs/format/journal.md, section "Lists".

use postfach_crypto::ids::{Address, CodeId, EnvelopeId, StatementHash};
pub use postfach_crypto::statement::ListHead;

/// Names one append-only list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// Key statements of a party.
    Party(Address),
    /// Bindings, consents and what ends them, between a citizen and an authority; without an
    /// authority, those that hold towards all.
    Relation(Address, Option<Address>),
    /// Headers delivered to a party.
    Mailbox(Address),
    /// Headers a party sent.
    Sent(Address),
    /// Statements and receipts that concern a party, in log order.
    Record(Address),
    /// An envelope's header, its receipts, and what recipient and sender said of it.
    Envelope(StatementHash),
    /// The header under a sender's envelope id; at most one when callers expect 0.
    EnvelopeId(Address, EnvelopeId),
    /// Headers of one sender, signing key and recipient, in order of receipt.
    Stream(Address, [u8; 32], Address),
    /// Enrolment claims waiting for an issuer.
    Claims(Address),
    /// Claims made with one activation code of an issuer.
    Code(Address, CodeId),
    /// Receipts that answer a statement; makes every write idempotent.
    Answer(StatementHash),
    /// Every certificate and its revocation, public.
    Certificates,
    /// The operator's delegations.
    Delegations,
    /// Certificates and revocations of one party.
    Certified(Address),
    /// The first header between two parties in either direction; the first one may know the keys
    /// of the second.
    Correspondence(Address, Address),
    /// The binding or refusal that answers an enrolment claim.
    ClaimAnswer(StatementHash),
    /// Bindings of a person, by any issuer.
    Bindings(Address),
    /// Where a party wants to be notified; the last one counts.
    Contact(Address),
    /// Headers whose recipient wants to be notified, in log order: a durable queue.
    Notify,
    /// Headers whose recipient is asked to acknowledge receipt, in log order.
    Acceptance,
    /// What the server said of the pages that it serves; the last one counts.
    Bundles,
}

impl List {
    /// The longest name: one tag byte and three 32-byte values.
    pub const MAX_NAME: usize = 97;

    /// Appends the list's name: a tag byte and the fixed-length values of its variant, so no name
    /// is a prefix of another.
    pub fn write_name(&self, out: &mut Vec<u8>) {
        let (tag, fields): (u8, [&[u8]; 3]) = match self {
            List::Party(party) => (1, [&party.0, &[], &[]]),
            List::Relation(citizen, None) => (2, [&citizen.0, &[], &[]]),
            List::Relation(citizen, Some(authority)) => (3, [&citizen.0, &authority.0, &[]]),
            List::Mailbox(party) => (4, [&party.0, &[], &[]]),
            List::Sent(party) => (5, [&party.0, &[], &[]]),
            List::Record(party) => (6, [&party.0, &[], &[]]),
            List::Envelope(header) => (7, [&header.0, &[], &[]]),
            List::EnvelopeId(sender, id) => (8, [&sender.0, &id.0, &[]]),
            List::Stream(sender, signer, recipient) => (9, [&sender.0, signer, &recipient.0]),
            List::Claims(issuer) => (10, [&issuer.0, &[], &[]]),
            List::Code(issuer, code) => (11, [&issuer.0, &code.0, &[]]),
            List::Answer(statement) => (12, [&statement.0, &[], &[]]),
            List::Certificates => (13, [&[], &[], &[]]),
            List::Delegations => (14, [&[], &[], &[]]),
            List::Certified(party) => (15, [&party.0, &[], &[]]),
            List::Correspondence(party, other) => (16, [&party.0, &other.0, &[]]),
            List::ClaimAnswer(claim) => (17, [&claim.0, &[], &[]]),
            List::Bindings(person) => (18, [&person.0, &[], &[]]),
            List::Contact(party) => (19, [&party.0, &[], &[]]),
            List::Notify => (20, [&[], &[], &[]]),
            List::Acceptance => (21, [&[], &[], &[]]),
            List::Bundles => (22, [&[], &[], &[]]),
        };
        out.push(tag);
        for field in fields {
            out.extend_from_slice(field);
        }
    }

    /// Reads a name from the start of `bytes`; also returns what follows it.
    pub fn read_name(bytes: &[u8]) -> Option<(List, &[u8])> {
        let (&tag, rest) = bytes.split_first()?;
        let address = |rest| take(rest).map(|(bytes, rest)| (Address(bytes), rest));
        let statement = |rest| take(rest).map(|(bytes, rest)| (StatementHash(bytes), rest));
        Some(match tag {
            1 => address(rest).map(|(party, rest)| (List::Party(party), rest))?,
            2 => address(rest).map(|(citizen, rest)| (List::Relation(citizen, None), rest))?,
            3 => {
                let (citizen, rest) = address(rest)?;
                let (authority, rest) = address(rest)?;
                (List::Relation(citizen, Some(authority)), rest)
            }
            4 => address(rest).map(|(party, rest)| (List::Mailbox(party), rest))?,
            5 => address(rest).map(|(party, rest)| (List::Sent(party), rest))?,
            6 => address(rest).map(|(party, rest)| (List::Record(party), rest))?,
            7 => statement(rest).map(|(header, rest)| (List::Envelope(header), rest))?,
            8 => {
                let (sender, rest) = address(rest)?;
                let (id, rest) = take(rest)?;
                (List::EnvelopeId(sender, EnvelopeId(id)), rest)
            }
            9 => {
                let (sender, rest) = address(rest)?;
                let (signer, rest) = take(rest)?;
                let (recipient, rest) = address(rest)?;
                (List::Stream(sender, signer, recipient), rest)
            }
            10 => address(rest).map(|(issuer, rest)| (List::Claims(issuer), rest))?,
            11 => {
                let (issuer, rest) = address(rest)?;
                let (code, rest) = take(rest)?;
                (List::Code(issuer, CodeId(code)), rest)
            }
            12 => statement(rest).map(|(answered, rest)| (List::Answer(answered), rest))?,
            13 => (List::Certificates, rest),
            14 => (List::Delegations, rest),
            15 => address(rest).map(|(party, rest)| (List::Certified(party), rest))?,
            16 => {
                let (party, rest) = address(rest)?;
                let (other, rest) = address(rest)?;
                (List::Correspondence(party, other), rest)
            }
            17 => statement(rest).map(|(claim, rest)| (List::ClaimAnswer(claim), rest))?,
            18 => address(rest).map(|(person, rest)| (List::Bindings(person), rest))?,
            19 => address(rest).map(|(party, rest)| (List::Contact(party), rest))?,
            20 => (List::Notify, rest),
            21 => (List::Acceptance, rest),
            22 => (List::Bundles, rest),
            _ => return None,
        })
    }
}

/// Splits a fixed-length value from the start of `bytes`.
pub(crate) fn take<const N: usize>(bytes: &[u8]) -> Option<([u8; N], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    Some((*head, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_none_is_a_prefix_of_another() {
        let (a, b) = (Address([1; 32]), Address([2; 32]));
        let lists = [
            List::Party(a),
            List::Relation(a, None),
            List::Relation(a, Some(b)),
            List::Mailbox(a),
            List::Sent(a),
            List::Record(a),
            List::Envelope(StatementHash([3; 32])),
            List::EnvelopeId(a, EnvelopeId([4; 16])),
            List::Stream(a, [5; 32], b),
            List::Claims(a),
            List::Code(a, CodeId([6; 16])),
            List::Answer(StatementHash([7; 32])),
            List::Certificates,
            List::Delegations,
            List::Certified(a),
            List::Correspondence(a, b),
            List::ClaimAnswer(StatementHash([8; 32])),
            List::Bindings(a),
            List::Contact(a),
            List::Notify,
            List::Acceptance,
            List::Bundles,
        ];
        let names: Vec<Vec<u8>> = lists
            .iter()
            .map(|list| {
                let mut name = Vec::new();
                list.write_name(&mut name);
                name
            })
            .collect();
        for (list, name) in lists.iter().zip(&names) {
            assert!(name.len() <= List::MAX_NAME);
            assert_eq!(List::read_name(name), Some((*list, &[][..])));
            assert_eq!(List::read_name(&name[..name.len() - 1]), None);
            assert_eq!(names.iter().filter(|n| n.starts_with(name)).count(), 1);
        }
        assert_eq!(List::read_name(&[0; 97]), None);
        assert_eq!(List::read_name(&[99; 97]), None);
    }
}
