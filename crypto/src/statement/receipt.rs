//! The server's receipt: which events happened at one commit.
//!
//! It names what it answers and what came before, but no log index, so it can be signed before the
//! commit is sequenced; it leaves the server only after the commit is durable. Events are those of
//! ETSI EN 319 522-1 §6. Specification: docs/format/statements.md, "Receipt".

use serde::{Deserialize, Serialize};

use crate::ids::{ReceiptId, StatementHash};
use crate::statement::common::{check_ascending, check_count, check_text, codes};
use crate::statement::delivery::MAX_REASONS;
use crate::statement::{Context, Extensions, Invalid, MAX_CHECKPOINT, Reason, statement};

codes! {
    /// Events of ETSI EN 319 522; numbers of our own, the clause beside each.
    pub enum Event {
        /// A.1: the server accepted the envelope.
        SubmissionAcceptance = 1, "SubmissionAcceptance";
        /// A.2: the server refused the envelope.
        SubmissionRejection = 2, "SubmissionRejection";
        /// C.1: the recipient was asked to accept.
        NotificationForAcceptance = 10, "NotificationForAcceptance";
        /// C.3: the recipient accepted.
        ConsignmentAcceptance = 12, "ConsignmentAcceptance";
        /// C.4: the recipient refused.
        ConsignmentRejection = 13, "ConsignmentRejection";
        /// C.5: the recipient did neither in time.
        AcceptanceRejectionExpiry = 14, "AcceptanceRejectionExpiry";
        /// D.1: the envelope is available in the mailbox (Bereitstellung).
        ContentConsignment = 20, "ContentConsignment";
        /// D.2: it could not be made available.
        ContentConsignmentFailure = 21, "ContentConsignmentFailure";
        /// D.3: the notification was sent.
        ConsignmentNotification = 22, "ConsignmentNotification";
        /// D.4: the notification could not be sent, or came back.
        ConsignmentNotificationFailure = 23, "ConsignmentNotificationFailure";
        /// The notification reached the recipient's mail system.
        NotificationDelivered = 24, "NotificationDelivered";
        /// D.6: the recipient opened the content.
        ContentAccessTracking = 25, "ContentAccessTracking";
        /// E.1: the content reached the recipient's client (Abruf).
        ContentHandover = 30, "ContentHandover";
        /// E.2: it did not, or could not be opened there.
        ContentHandoverFailure = 31, "ContentHandoverFailure";
        /// Extension of ours: a statement that is not mail was accepted.
        StatementAcceptance = 100, "StatementAcceptance";
        /// Extension of ours: the sender withdrew the envelope before handover.
        EnvelopeWithdrawal = 101, "EnvelopeWithdrawal";
        /// Extension of ours: the recipient deleted the envelope; it is not served there any more.
        EnvelopeDeletion = 102, "EnvelopeDeletion";
    }
}

impl Event {
    /// The event's URI in ETSI EN 319 522-3, or none for our extensions.
    pub fn uri(self) -> Option<String> {
        let extension = self as u64 >= Event::StatementAcceptance as u64;
        (!extension).then(|| format!("http://uri.etsi.org/19522/Event/{}", self.name()))
    }
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Origin, epoch, time of the events, blind.
    pub context: Context,
    /// The server's name for this receipt.
    pub id: ReceiptId,
    /// What happened; ascending.
    pub events: Vec<Event>,
    /// The envelope's header.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub header: Option<StatementHash>,
    /// The statement that this receipt answers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answers: Option<StatementHash>,
    /// The certificate that was in force and checked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub certificate: Option<StatementHash>,
    /// The binding that was in force and checked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub binding: Option<StatementHash>,
    /// The previous receipt of this envelope.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<StatementHash>,
    /// Why, on negative events.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reasons: Option<Vec<Reason>>,
    /// The newest cosigned checkpoint, as a signed note.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "serde_bytes")]
    pub checkpoint: Option<Vec<u8>>,
    /// The legal rule that the sender named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub legal_rule: Option<String>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

impl Receipt {
    fn rules(&self) -> Result<(), Invalid> {
        check_count("events", self.events.len(), 1, Event::ALL.len())?;
        check_ascending("events", &self.events)?;
        if self.header.is_none() && self.answers.is_none() {
            return Err(Invalid::Contradiction("a receipt is about something"));
        }
        if let Some(reasons) = &self.reasons {
            check_count("reasons", reasons.len(), 1, MAX_REASONS)?;
        }
        if let Some(checkpoint) = &self.checkpoint {
            check_count("checkpoint", checkpoint.len(), 1, MAX_CHECKPOINT)?;
        }
        if let Some(rule) = &self.legal_rule {
            check_text("legal rule", rule, 100)?;
        }
        Ok(())
    }
}

statement!(Receipt, Receipt);
