//! A witness of other people's logs (C2SP tlog-witness): it cosigns a checkpoint if, and only if, it
//! continues the one that it cosigned before.
//!
//! ```text
//! POST /add-checkpoint ─▶ parse ─▶ turn of its origin ─▶ decide ─▶ head stored, synced ─▶ cosign ─▶ 200
//!                           │400         │               404 403 400 409 422
//!                           ▼            ▼ one decision at a time for each log, none is cut off half-way
//! ```
//!
//! Invariants: the head is durable before the cosignature is made; a head that could not be stored is
//! never signed, and the log is then refused until the next start, which reads what the disk has;
//! damaged state never starts. Absent: the decision itself (`postfach_crypto::tlog::witness`),
//! `sign-subtree`, mail, and anything about who asks. Specification: docs/format/log.md, "Witness".

mod http;
pub mod key;
pub mod listen;
pub mod logs;
pub mod state;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use postfach_crypto::ids::UnixMillis;
use postfach_crypto::tlog::proof::ConsistencyError;
use postfach_crypto::tlog::witness::{BodyError, Refusal};
use postfach_crypto::tlog::{
    AddCheckpoint, Cosigner, SignedCheckpoint, TreeHead, UnixSeconds, VerifierKey,
};
use tokio::sync::Mutex;

use self::state::{Head, State, StateError};

/// A witness with its key, the logs that it knows and where it has followed them to.
#[derive(Debug)]
pub struct Witness {
    cosigner: Cosigner,
    state: State,
    logs: BTreeMap<String, Log>,
}

/// One log.
#[derive(Debug)]
struct Log {
    keys: Vec<VerifierKey>,
    /// The turn: whoever holds it decides. [`Latest::Unknown`] after a failed write.
    latest: Mutex<Latest>,
}

/// The head that was cosigned last.
#[derive(Debug, Clone)]
enum Latest {
    Known(Head),
    /// It was being written when the disk failed; only the disk knows.
    Unknown,
}

/// How far the witness has followed a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The log's origin line.
    pub origin: String,
    /// What was cosigned last; none after a failed write.
    pub head: Option<TreeHead>,
}

/// Why nothing was cosigned.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The request is not one.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The witness refuses, as the specification says.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The new head could not be stored, now or before; nothing was signed.
    #[error("the witness cannot store its state; it needs its operator")]
    Storage(#[source] Option<io::Error>),
}

impl Witness {
    /// Opens the state of a witness; logs that it does not know yet begin empty.
    ///
    /// # Errors
    /// [`StateError`]: among others where anything in the folder is damaged or missing.
    pub fn open(
        cosigner: Cosigner,
        logs: BTreeMap<String, Vec<VerifierKey>>,
        folder: &Path,
    ) -> Result<Self, StateError> {
        let (state, mut heads) = State::open(folder, &cosigner.verifier_key(), logs.keys())?;
        let logs = logs.into_iter().map(|(origin, keys)| {
            let head = heads.remove(&origin).unwrap_or_default();
            let latest = Mutex::new(Latest::Known(head));
            (origin, Log { keys, latest })
        });
        Ok(Self {
            cosigner,
            state,
            logs: logs.collect(),
        })
    }

    /// The key by which others know this witness.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.cosigner.verifier_key()
    }

    /// How far each log was followed. Waits for decisions under way.
    pub async fn followed(&self) -> Vec<Followed> {
        let mut followed = Vec::with_capacity(self.logs.len());
        for (origin, log) in &self.logs {
            let head = match &*log.latest.lock().await {
                Latest::Known(head) => Some(head.tree()),
                Latest::Unknown => None,
            };
            let origin = origin.clone();
            followed.push(Followed { origin, head });
        }
        followed
    }

    /// Answers an `add-checkpoint` request with signature lines. A caller that goes away does not
    /// cut the decision off.
    ///
    /// # Errors
    /// [`AddError`].
    pub async fn add_checkpoint(
        self: Arc<Self>,
        body: &[u8],
        now: UnixMillis,
    ) -> Result<String, AddError> {
        let request = AddCheckpoint::parse(body)?;
        let deciding = tokio::spawn(async move { self.decide(&request, now).await });
        let decided = deciding.await;
        decided.unwrap_or_else(|error| Err(AddError::Storage(Some(io::Error::other(error)))))
    }

    async fn decide(&self, request: &AddCheckpoint, now: UnixMillis) -> Result<String, AddError> {
        let origin = request.checkpoint().origin();
        let log = self.logs.get(origin).ok_or(Refusal::UnknownLog)?;
        let mut latest = log.latest.lock().await;
        let Latest::Known(before) = &*latest else {
            return Err(AddError::Storage(None));
        };
        let signed = match request.decide(&log.keys, &before.tree()) {
            Ok(signed) => signed,
            Err(refusal) => {
                self.remember_fork(before, request, &refusal);
                return Err(refusal.into());
            }
        };
        if signed.head() != before.tree() {
            let head = Head::of(&signed);
            *latest = Latest::Unknown; // until the disk has it
            let stored = self.state.store(origin, &head).await;
            // The commit point was the write above; nothing is signed before it.
            stored.map_err(|error| AddError::Storage(Some(error)))?;
            *latest = Latest::Known(head);
        }
        Ok(self.cosign(&signed, now))
    }

    fn cosign(&self, signed: &SignedCheckpoint, now: UnixMillis) -> String {
        let time = UnixSeconds::of(now);
        self.cosigner.cosign(signed.checkpoint(), time).to_string()
    }

    /// Two trees of one size, both signed by the log, convict it: both sides are kept.
    fn remember_fork(&self, before: &Head, request: &AddCheckpoint, refusal: &Refusal) {
        if *refusal == Refusal::Inconsistent(ConsistencyError::SameSizeOtherRoot) {
            let origin = request.checkpoint().origin();
            match self.state.keep_fork(origin, before, request.note()) {
                Ok(()) => tracing::error!("log forked"),
                Err(error) => tracing::error!(error = %error, "log forked"),
            }
        }
    }
}
