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
//! Invariants: the server signs receipts, heads, checkpoints and what it says of its pages, nothing else; a receipt leaves only after the
//! commit that holds it is durable; the same statement again gets the same receipt; every list a
//! rule has read is named in the transaction with the length it had, so no rule is decided on
//! stale state (the mailbox behind a seen head excepted: its growth changes no answer). All state
//! is folds over append-only lists ([`crate::fold`]). Absent: sessions, passwords, and any key that
//! opens mail.

mod bundles;
mod certification;
mod closing;
mod consents;
mod contacts;
mod delivery;
mod enrolment;
mod envelopes;
mod error;
mod expiry;
mod keys;
mod log;
mod notifications;
mod plan;
mod reads;
mod remembered;
mod statements;
mod uploads;
mod vaults;

use std::sync::Arc;

use postfach_crypto::ids::{Address, UnixMillis};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::operator::{Operator, OperatorError};
use postfach_crypto::party::Party;
use postfach_crypto::statement::{Genesis, Signed};
use postfach_crypto::tlog::vkey::KeyNameError;
use postfach_crypto::tlog::{TreeHead, epoch_origin};
use postfach_storage::{List, ReadError, Store};

use self::log::PublicLog;
use self::remembered::Remembered;
use crate::fold::Certification;

pub use envelopes::{MAX_SUBMISSION, PartSubmission, Submission};
pub use error::ServiceError;
pub use expiry::{EXPIRING, Swept};
pub use log::{Cosigned, LogProof};
pub use notifications::{Notice, NotificationOutcome, Recorded};
pub use plan::Accepted;
pub(crate) use plan::list_of;
pub use reads::{
    ClaimView, EntryPage, EnvelopeView, KeyReader, LoggedStatement, PartView, PartyView, Reader,
    RelationView,
};
pub use vaults::{UNBOUND_VAULT, UNBOUND_VAULTS, Written};

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
    log: PublicLog,
    clock: Clock,
    parties: Remembered<Address, Party>,
    certifications: Remembered<Address, Certification>,
    /// Wakes whoever sends notifications when the queue grew.
    notices: tokio::sync::Notify,
}

/// What a running server has of its operator.
#[derive(Debug)]
pub struct OperatorKeys {
    /// Root key and delegations.
    pub operator: Operator,
    /// The log's epoch.
    pub epoch: u64,
    /// The first statement of that epoch.
    pub genesis: Signed<Genesis>,
    /// Signs receipts and heads.
    pub receipt: SigningKey,
    /// Signs the log's checkpoints.
    pub checkpoint: SigningKey,
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
    /// Genesis or delegations could not be stored.
    #[error("the operator's first statements could not be stored: {0}")]
    Opening(ServiceError),
    /// The origin cannot name a key.
    #[error("the log origin cannot be a key name: {0}")]
    Origin(KeyNameError),
    /// The data folder holds a log that another genesis opened.
    #[error(
        "this data folder holds another log than the one of these keys; use the keys it was made with"
    )]
    OtherGenesis,
    /// The log is shorter than one that was signed.
    #[error(
        "the log has {found} statements, but one of {marked} was signed: this data folder is an older copy. \
         Nothing is signed over it. Restore the newest copy of the data folder and start again"
    )]
    LogShrunk {
        /// Size of the checkpoint signed last.
        marked: u64,
        /// Size of the log in the data folder.
        found: u64,
    },
    /// The log's first statements are not those that were signed.
    #[error(
        "the first {size} statements are not those over which a checkpoint was signed. \
         Nothing is signed over them. Restore the data folder that belongs to these keys and start again"
    )]
    LogForked {
        /// Size of the checkpoint signed last.
        size: u64,
    },
}

impl Service {
    /// Starts the use cases: opens the log with its genesis, stores delegations not stored yet,
    /// checks that receipt and checkpoint key are delegated now, and that the log continues
    /// `marked`, the checkpoint signed last as far as is known outside the store.
    pub async fn start(
        store: Arc<dyn Store>,
        keys: OperatorKeys,
        marked: Option<TreeHead>,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let OperatorKeys {
            operator,
            epoch,
            genesis,
            receipt,
            checkpoint,
        } = keys;
        let origin = epoch_origin(operator.origin(), epoch).map_err(StartError::Origin)?;
        let mut service = Self {
            store,
            operator,
            epoch,
            receipt_key: receipt,
            log: PublicLog::new(origin, checkpoint),
            clock,
            parties: Remembered::new(),
            certifications: Remembered::new(),
            notices: tokio::sync::Notify::new(),
        };
        let backed = service.check_working_keys(None);
        backed.map_err(|_| OperatorError::NotDelegated)?;
        if let Some(marked) = marked {
            service.check_continues(marked).await?;
        }
        let opened = service.submit_statement(genesis.bytes()).await;
        let opened = opened.map_err(StartError::Opening)?;
        if opened.position != 0 {
            return Err(StartError::OtherGenesis);
        }
        let delegations: Vec<_> = service.operator.delegations().to_vec();
        for delegation in &delegations {
            let stored = service.submit_statement(delegation.bytes()).await;
            stored.map_err(StartError::Opening)?;
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

    /// Whether the store answers: how many statements the log has.
    pub async fn healthy(&self) -> Result<u64, ReadError> {
        Ok(self.store.tree_head().await?.size)
    }
}
