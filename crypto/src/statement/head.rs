//! Heads: the server's signed word on how long a list is and what it holds.
//!
//! Heads come with every list and every answer and are not logged themselves. Clients keep them;
//! two heads of one subject that do not fit together convict the server.
//! Specification: docs/format/statements.md, "Head".

use serde::{Deserialize, Serialize};

use crate::ids::{Address, ChainHash, StatementHash};
use crate::statement::common::{check_count, codes};
use crate::statement::{Context, Extensions, Invalid, MAX_CHECKPOINT, statement};

codes! {
    /// What kind of list a head is about.
    pub enum SubjectKind {
        /// A party's key statements.
        Party = 1, "party";
        /// The headers delivered to a party.
        Mailbox = 2, "mailbox";
        /// The headers a party sent.
        Sent = 3, "sent";
        /// Everything said by or about a party, receipts included.
        Record = 4, "record";
        /// An envelope's header, receipts and what was said of it.
        Envelope = 5, "envelope";
        /// Bindings and consents between a citizen and an authority.
        Relation = 6, "relation";
        /// Every certificate and revocation.
        Certificates = 7, "certificates";
        /// Certificates and revocations of one party.
        Certified = 8, "certified";
        /// Where a party wants to be notified; the last one counts.
        Contact = 9, "contact";
    }
}

/// The list that a head is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A party's key statements.
    Party(Address),
    /// The headers delivered to a party.
    Mailbox(Address),
    /// The headers a party sent.
    Sent(Address),
    /// Everything said by or about a party, receipts included.
    Record(Address),
    /// An envelope's header, receipts and what was said of it.
    Envelope(StatementHash),
    /// Bindings and consents between a citizen and an authority, or all authorities.
    Relation(Address, Option<Address>),
    /// Every certificate and revocation.
    Certificates,
    /// Certificates and revocations of one party.
    Certified(Address),
    /// Where a party wants to be notified; the last one counts.
    Contact(Address),
}

impl Subject {
    /// What kind of list it is.
    pub fn kind(&self) -> SubjectKind {
        match self {
            Subject::Party(_) => SubjectKind::Party,
            Subject::Mailbox(_) => SubjectKind::Mailbox,
            Subject::Sent(_) => SubjectKind::Sent,
            Subject::Record(_) => SubjectKind::Record,
            Subject::Envelope(_) => SubjectKind::Envelope,
            Subject::Relation(..) => SubjectKind::Relation,
            Subject::Certificates => SubjectKind::Certificates,
            Subject::Certified(_) => SubjectKind::Certified,
            Subject::Contact(_) => SubjectKind::Contact,
        }
    }
}

/// The wire form of a subject: `[kind, ids …]`.
#[derive(Serialize, Deserialize)]
struct SubjectForm(SubjectKind, Vec<StatementHash>);

impl Serialize for Subject {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let id = |address: &Address| StatementHash(address.0);
        let form = match self {
            Subject::Party(a) => SubjectForm(SubjectKind::Party, vec![id(a)]),
            Subject::Mailbox(a) => SubjectForm(SubjectKind::Mailbox, vec![id(a)]),
            Subject::Sent(a) => SubjectForm(SubjectKind::Sent, vec![id(a)]),
            Subject::Record(a) => SubjectForm(SubjectKind::Record, vec![id(a)]),
            Subject::Envelope(header) => SubjectForm(SubjectKind::Envelope, vec![*header]),
            Subject::Relation(citizen, authority) => {
                let ids = std::iter::once(citizen).chain(authority).map(id).collect();
                SubjectForm(SubjectKind::Relation, ids)
            }
            Subject::Certificates => SubjectForm(SubjectKind::Certificates, vec![]),
            Subject::Certified(a) => SubjectForm(SubjectKind::Certified, vec![id(a)]),
            Subject::Contact(a) => SubjectForm(SubjectKind::Contact, vec![id(a)]),
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let SubjectForm(kind, ids) = SubjectForm::deserialize(deserializer)?;
        let address = |id: &StatementHash| Address(id.0);
        Ok(match (kind, ids.as_slice()) {
            (SubjectKind::Party, [a]) => Subject::Party(address(a)),
            (SubjectKind::Mailbox, [a]) => Subject::Mailbox(address(a)),
            (SubjectKind::Sent, [a]) => Subject::Sent(address(a)),
            (SubjectKind::Record, [a]) => Subject::Record(address(a)),
            (SubjectKind::Envelope, [header]) => Subject::Envelope(*header),
            (SubjectKind::Relation, [a]) => Subject::Relation(address(a), None),
            (SubjectKind::Relation, [a, b]) => Subject::Relation(address(a), Some(address(b))),
            (SubjectKind::Certificates, []) => Subject::Certificates,
            (SubjectKind::Certified, [a]) => Subject::Certified(address(a)),
            (SubjectKind::Contact, [a]) => Subject::Contact(address(a)),
            _ => {
                return Err(serde::de::Error::custom(
                    "subject has other ids than its kind",
                ));
            }
        })
    }
}

/// Length and running hash of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListHead {
    /// How many entries.
    pub count: u64,
    /// Running hash over them ([`ChainHash::append`]).
    pub last: ChainHash,
}

impl ListHead {
    /// The head of an empty list.
    pub const EMPTY: Self = Self {
        count: 0,
        last: ChainHash::EMPTY,
    };

    /// The head after `entry` is appended.
    #[must_use]
    pub fn append(&self, entry: &StatementHash) -> Self {
        Self {
            count: self.count + 1,
            last: self.last.append(entry),
        }
    }

    /// The head of a list with these entries.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a StatementHash>) -> Self {
        entries
            .into_iter()
            .fold(Self::EMPTY, |head, entry| head.append(entry))
    }
}

/// The server's word on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// Which list.
    pub subject: Subject,
    /// How long it is and what it holds.
    pub head: ListHead,
    /// The newest checkpoint, as a signed note.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "serde_bytes")]
    pub checkpoint: Option<Vec<u8>>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

impl Head {
    fn rules(&self) -> Result<(), Invalid> {
        if let Some(checkpoint) = &self.checkpoint {
            check_count("checkpoint", checkpoint.len(), 1, MAX_CHECKPOINT)?;
        }
        if (self.head.count == 0) != (self.head.last == ChainHash::EMPTY) {
            return Err(Invalid::Contradiction(
                "an empty list has the empty running hash",
            ));
        }
        Ok(())
    }
}

statement!(Head, Head);
