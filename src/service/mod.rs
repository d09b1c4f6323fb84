//! The use cases of the server, without HTTP.
//!
//! ```text
//!   statement ─▶ known already? ──yes──▶ the original receipt
//!        │no
//!        ▼
//!   rule of its kind ─▶ Plan: lists it joins, counts it relied on, events that happened
//!        ▼
//!   receipt signed ─▶ one transaction: statement, receipt, list entries ─▶ durable commit
//!        │conflict: a list grew meanwhile, start again                        │
//!        ▼                                                                    ▼
//!   at most MAX_ATTEMPTS times                                   receipt and head leave the server
//! ```
//!
//! Invariants: the server signs receipts and heads, nothing else; a receipt leaves only after the
//! commit that holds it is durable; the same statement again gets the same receipt; every list a
//! rule has read is named in the transaction with the length it had, so no rule is decided on
//! stale state (the mailbox behind a seen head excepted: its growth changes no answer). All state is folds over append-only lists ([`crate::fold`]). Absent: sessions, passwords,
//! and any key that opens mail.

mod certification;
mod consents;
mod contacts;
mod delivery;
mod enrolment;
mod envelopes;
mod error;
mod keys;
mod notifications;
mod plan;
mod reads;
mod statements;
mod uploads;

use std::sync::Arc;

use postfach_crypto::ids::UnixMillis;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::operator::{Operator, OperatorError};
use postfach_crypto::statement::DelegationPurpose;
use postfach_storage::{List, ReadError, Store};

pub use envelopes::{MAX_SUBMISSION, PartSubmission, Submission};
pub use error::ServiceError;
pub use notifications::{Notice, NotificationOutcome, Recorded};
pub use plan::Accepted;
pub(crate) use plan::list_of;
pub use reads::{
    ClaimView, EntryPage, EnvelopeView, KeyReader, LoggedStatement, PartView, PartyView, Reader,
    RelationView,
};

/// How far a statement's own time may be from the server's, in milliseconds.
pub const MAX_CLOCK_SKEW: u64 = 10 * 60 * 1000;
/// How often a commit is tried when lists grow meanwhile.
pub const MAX_ATTEMPTS: u32 = 8;

/// Tells the time; a function so that tests need no real clock.
pub type Clock = Arc<dyn Fn() -> UnixMillis + Send + Sync>;

/// The server's use cases over one store.
pub struct Service {
    store: Arc<dyn Store>,
    operator: Operator,
    epoch: u64,
    receipt_key: SigningKey,
    clock: Clock,
    /// Wakes whoever sends notifications when the queue grew.
    notices: tokio::sync::Notify,
}

/// Why a service cannot start on this data.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Stored delegations could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The delegations do not hold.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The first delegations could not be stored.
    #[error("the operator's delegations could not be stored: {0}")]
    Delegation(ServiceError),
}

impl Service {
    /// Starts the use cases: stores delegations not stored yet, then checks that the receipt key
    /// is delegated now.
    pub async fn start(
        store: Arc<dyn Store>,
        introduced: Operator,
        epoch: u64,
        receipt_key: SigningKey,
        clock: Clock,
    ) -> Result<Self, StartError> {
        introduced.delegated(
            &receipt_key.verifying_key(),
            DelegationPurpose::Receipt,
            clock(),
        )?;
        let mut service = Self {
            store,
            operator: introduced,
            epoch,
            receipt_key,
            clock,
            notices: tokio::sync::Notify::new(),
        };
        let delegations: Vec<_> = service.operator.delegations().to_vec();
        for delegation in &delegations {
            service
                .submit_statement(delegation.bytes())
                .await
                .map_err(StartError::Delegation)?;
        }
        let stored = service.statements_of(&List::Delegations).await?;
        let bytes: Vec<_> = stored.iter().map(|statement| &statement.bytes).collect();
        service.operator =
            Operator::new(service.operator.origin(), service.operator.root(), &bytes)?;
        Ok(service)
    }

    /// The operator as its root key introduces it.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The log's epoch.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The server's time.
    pub fn now(&self) -> UnixMillis {
        (self.clock)()
    }

    /// Stops taking commits and finishes those accepted.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Whether the store answers.
    pub async fn healthy(&self) -> Result<u64, ReadError> {
        self.store.log_size().await
    }
}
