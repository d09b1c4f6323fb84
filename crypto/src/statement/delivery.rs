//! What recipients and senders say about an envelope after it was sent.
//!
//! Each names the header it is about. Clients sign these; only the server turns them into events,
//! by its receipts. Specification: docs/format/statements.md, "Delivery".

use serde::{Deserialize, Serialize};

use crate::ids::{Address, AgeHeaderHash, ManifestHash, StatementHash};
use crate::statement::common::check_count;
use crate::statement::{Context, Extensions, Invalid, ListHead, MAX_PARTS, Reason, statement};

/// Most reasons in one statement.
pub(crate) const MAX_REASONS: usize = 8;

/// A recipient asks for an envelope: the handover of registered mail, the opening of ordinary mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandoverRequest {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The envelope's header.
    pub header: StatementHash,
    /// The recipient.
    pub recipient: Address,
    /// The age headers asked for, all of them, in order.
    pub age_headers: Vec<AgeHeaderHash>,
    /// Head of the recipient's mailbox as last seen.
    pub seen: ListHead,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// A recipient opened an envelope and found in it what the header names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The envelope's header.
    pub header: StatementHash,
    /// The recipient.
    pub recipient: Address,
    /// The manifest that was found.
    pub manifest: ManifestHash,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// A recipient could not open an envelope, or found something else in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The envelope's header.
    pub header: StatementHash,
    /// The recipient.
    pub recipient: Address,
    /// Why; at least one.
    pub reasons: Vec<Reason>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// A recipient accepts a registered delivery (Empfangsbekenntnis).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The envelope's header.
    pub header: StatementHash,
    /// The recipient.
    pub recipient: Address,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// A recipient refuses a registered delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The envelope's header.
    pub header: StatementHash,
    /// The recipient.
    pub recipient: Address,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// A recipient deletes an envelope: its content is not served to the recipient any more. Says
/// nothing of the time line, which goes on. Signed as what changes the mailbox itself, because it
/// takes the content from every key of the party, not only from the one that signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The envelope's header.
    pub header: StatementHash,
    /// The recipient.
    pub recipient: Address,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// A sender takes back an envelope that was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The envelope's header.
    pub header: StatementHash,
    /// The sender.
    pub sender: Address,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

impl HandoverRequest {
    fn rules(&self) -> Result<(), Invalid> {
        check_count("age headers", self.age_headers.len(), 1, MAX_PARTS)
    }
}

impl Access {
    fn rules(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl Failure {
    fn rules(&self) -> Result<(), Invalid> {
        check_count("reasons", self.reasons.len(), 1, MAX_REASONS)
    }
}

impl Acceptance {
    fn rules(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl Rejection {
    fn rules(&self) -> Result<(), Invalid> {
        check_count("reasons", self.reasons.len(), 1, MAX_REASONS)
    }
}

impl Deletion {
    fn rules(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl Withdrawal {
    fn rules(&self) -> Result<(), Invalid> {
        check_count("reasons", self.reasons.len(), 1, MAX_REASONS)
    }
}

statement!(HandoverRequest, HandoverRequest);
statement!(Access, Access);
statement!(Failure, Failure);
statement!(Acceptance, Acceptance);
statement!(Rejection, Rejection);
statement!(Deletion, Deletion);
statement!(Withdrawal, Withdrawal);
