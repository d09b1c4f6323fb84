//! The audit of a whole log, as an outsider: everything that can be fetched is fetched and checked.
//!
//! ```text
//! checkpoint ─▶ signature, cosignatures ─▶ continues the last visit? ─▶ walk what is new ─▶ own entries
//!      every tile against the signed root, every entry against its leaf ──┘      noted after each stretch
//! ```
//! Invariants: nothing counts that was not recomputed up to the signed root; an interrupted audit
//! continues where it was, and a finding never moves the noted state; memory is bounded by one
//! `walk::STRETCH`, whatever the log's size. Absent: deciding what a finding means in law; what
//! statements say. Specification: docs/format/log.md; C2SP tlog-tiles, tlog-policy.

mod own;
mod pages;
mod visit;
mod walk;

use std::path::{Path, PathBuf};

use postfach_crypto::ids::StatementHash;
use postfach_crypto::keys::VerifyingKey;
use postfach_crypto::operator::Operator;
use postfach_crypto::tlog::proof::verify_consistency;
use postfach_crypto::tlog::tile::TileContentError;
use postfach_crypto::tlog::{
    CheckpointError, Policy, ProofPlan, Resource, SignedCheckpoint, TileSetError, TreeHead,
    UnixSeconds, VerifierKey,
};

use self::own::Seeker;
use self::visit::{LastVisit, Notes};
use self::walk::Walk;
use super::error::{ClientError, Dishonest};
use super::http::Http;
use super::session::Session;
use crate::api::resources::Info;

pub use self::own::Own;
pub use self::pages::{Built, Pages};
pub use self::visit::VisitError;

/// Bytes fetched for one leaf: its hash in a tile, its entry in a bundle.
pub const LEAF_BYTES: u64 = 66;

/// Whom an auditor trusts to name the log's key.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// The operator's root key and origin, whose delegations the server shows.
    pub operator: Option<(VerifyingKey, String)>,
    /// Logs, witnesses and quorum. Without `operator`, its logs are the ones accepted.
    pub policy: Option<Policy>,
}

/// An auditor of one log.
pub struct Auditor {
    http: Http,
    pinned: Pinned,
    notes: Option<Notes>,
    built: Option<PathBuf>,
}

/// What a visit found in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The log's origin line.
    pub origin: String,
    /// Size and root, as signed and as recomputed.
    pub head: TreeHead,
    /// Size at the last visit; none at the first.
    pub before: Option<u64>,
    /// Entries read at this visit.
    pub read: u64,
    /// Cosigning witnesses, as the policy names them.
    pub cosigned: Vec<String>,
    /// Whether they are enough; none without a policy.
    pub quorum: Option<bool>,
    /// By when enough of them had seen the log.
    pub seen_by: Option<UnixSeconds>,
    /// What belongs to the party that audits; none without one.
    pub own: Option<Own>,
    /// The pages in the browser; none where the server has none, or no operator is pinned.
    pub pages: Option<Pages>,
}

/// What convicts a log. Each is proven by signed bytes or by their absence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The checkpoint is not one of the log.
    #[error("the checkpoint is not signed by the log: {0}")]
    Checkpoint(CheckpointError),
    /// The checkpoint is another log's or epoch's than at the last visit.
    #[error("the log was {before} at the last visit and is {now} now")]
    OtherLog {
        /// Origin then.
        before: String,
        /// Origin now.
        now: String,
    },
    /// The log is smaller than it was.
    #[error("the log had {before} entries at the last visit and has {now} now: it was rewound")]
    Rewound {
        /// Size then.
        before: u64,
        /// Size now.
        now: u64,
    },
    /// The log does not continue what it was.
    #[error("the log does not continue its first {size} entries as they were: it was forked")]
    Forked {
        /// Size at the last visit.
        size: u64,
    },
    /// A file that the log must have is not there.
    #[error("{0} is missing")]
    Missing(Resource),
    /// Tiles do not lead to the signed root.
    #[error("the log's tiles do not fit its checkpoint: {0}")]
    Tiles(TileSetError),
    /// A bundle cannot be read.
    #[error("{0}: {1}")]
    Content(Resource, TileContentError),
    /// An entry is not the one of its leaf.
    #[error("entry {position} is not the one that the log signed: it was dropped or changed")]
    Entry {
        /// Its position.
        position: u64,
    },
    /// An own statement or receipt is not in the log.
    #[error("{statement} is not in the log")]
    NotInLog {
        /// Which.
        statement: StatementHash,
    },
    /// An own statement is at another position than the server said.
    #[error("{statement} is at position {log} of the log, not at {said} as the server says")]
    OtherPosition {
        /// Which.
        statement: StatementHash,
        /// As the server says.
        said: u64,
        /// As it is.
        log: u64,
    },
    /// The server serves scripts without saying which.
    #[error("the server serves pages that it says nothing about in its log")]
    PagesUnstated,
    /// The list of files is not the one that the statement names.
    #[error("the list of the pages' files is not the one that the operator signed")]
    PagesList,
    /// A file that was stated is not served.
    #[error("the server does not serve {0}, which it states in its log")]
    PagesMissing(String),
    /// Another file is served than was stated.
    #[error("the server serves another {0} than it states in its log")]
    PagesChanged(String),
    /// The record is not in the order of the log.
    #[error("{statement} is not after the entry before it in the record")]
    RecordOrder {
        /// Which.
        statement: StatementHash,
    },
}

/// Why an audit does not end well.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The log is convicted.
    #[error(transparent)]
    Finding(#[from] Finding),
    /// The server could not be asked, or lied about something else than its log.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The notes of the last visit.
    #[error(transparent)]
    Visit(#[from] VisitError),
}

impl Auditor {
    /// Audits the log of `service`, trusting the system's certificate authorities or the one in
    /// `ca`; `state` keeps what was seen between visits.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn new(
        service: &str,
        ca: Option<&Path>,
        pinned: Pinned,
        state: Option<PathBuf>,
    ) -> Result<Self, AuditError> {
        Ok(Self {
            http: Http::new(service, ca)?,
            pinned,
            notes: state.map(Notes::open).transpose()?,
            built: None,
        })
    }

    /// Compares the pages with those in a folder, too: what was built from source.
    #[must_use]
    pub fn with_built_pages(self, folder: Option<PathBuf>) -> Self {
        Self {
            built: folder,
            ..self
        }
    }

    /// Visits the log once. With a `party`, proves besides that all it holds is in the log.
    /// `progress` gets the bytes done and those of the whole walk.
    ///
    /// # Errors
    /// [`AuditError`]; the same visit again continues where this one ended.
    pub async fn visit(
        &self,
        party: Option<&Session>,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Visit, AuditError> {
        let (operator, keys) = self.log_keys().await?;
        // What the server says of the party's entries must be in a checkpoint shown afterwards.
        let mut seeker = match party {
            Some(party) => Seeker::of(party).await?,
            None => Seeker::default(),
        };
        let published = self.checkpoint(&keys).await?;
        let last = match &self.notes {
            Some(notes) => notes.last(self.log_name(&published))?,
            None => None,
        };
        let walk = Walk::new(&self.http, published.head());
        if let Some(last) = &last {
            self.check_continues(&walk, last, &published).await?;
        }
        let walked = last.as_ref().map_or(0, |last| last.walked);
        let head = published.head();
        let total = (head.size - walked) * LEAF_BYTES;
        progress(0, total);
        walk.range(walked, head.size, &mut seeker, |to| {
            progress((to - walked) * LEAF_BYTES, total);
            self.note(&published, to)
        })
        .await?;
        self.note(&published, head.size)?;
        // Own entries that were logged before the last visit.
        walk.bundles(seeker.bundles_before(walked), &mut seeker)
            .await?;
        if walked > 0 && seeker.lacks(head.size) {
            walk.range(0, walked, &mut seeker, |_| Ok(())).await?;
        }
        let own = party.map(|_| seeker.finish(head.size)).transpose()?;
        let pages = match &operator {
            None => None,
            Some(operator) => {
                pages::visit(&self.http, operator, &walk, head, self.built.as_deref()).await?
            }
        };
        let mut visit = self.result(&published, &keys, last.as_ref(), head.size - walked, own)?;
        visit.pages = pages;
        Ok(visit)
    }

    /// The operator, where one is pinned, and the keys that may sign the log's checkpoints.
    async fn log_keys(&self) -> Result<(Option<Operator>, Vec<VerifierKey>), AuditError> {
        let Some((root, origin)) = &self.pinned.operator else {
            let policy = self.pinned.policy.as_ref();
            return Ok((None, policy.map(Policy::log_keys).unwrap_or_default()));
        };
        let info: Info = self.http.get("/v1/info", None).await?;
        if info.root != StatementHash(root.0).to_string() {
            return Err(ClientError::from(Dishonest::RootKey).into());
        }
        if info.origin != *origin {
            return Err(ClientError::from(Dishonest::Origin).into());
        }
        let operator =
            Operator::new(origin, *root, &info.delegations).map_err(ClientError::from)?;
        let keys = operator.checkpoint_keys(info.epoch);
        // An origin that names no key has signed nothing.
        Ok((Some(operator), keys.unwrap_or_default()))
    }

    async fn checkpoint(&self, keys: &[VerifierKey]) -> Result<SignedCheckpoint, AuditError> {
        let resource = Resource::Checkpoint;
        let bytes = self.http.find_log_file(resource).await?;
        let bytes = bytes.ok_or(Finding::Missing(resource))?;
        Ok(SignedCheckpoint::verify(&bytes, keys).map_err(Finding::Checkpoint)?)
    }

    /// Under which name the notes of this log are kept: all epochs of an operator are one.
    fn log_name<'a>(&'a self, published: &'a SignedCheckpoint) -> &'a str {
        match &self.pinned.operator {
            Some((_, origin)) => origin,
            None => published.checkpoint().origin(),
        }
    }

    /// Checks that the log continues what it was; keeps both sides where it does not.
    async fn check_continues(
        &self,
        walk: &Walk<'_>,
        last: &LastVisit,
        published: &SignedCheckpoint,
    ) -> Result<(), AuditError> {
        let (before, now) = (last.head(), published.head());
        let origins = (last.origin(), published.checkpoint().origin());
        let finding = if origins.0 != origins.1 {
            let (before, now) = (origins.0.to_owned(), origins.1.to_owned());
            Finding::OtherLog { before, now }
        } else if now.size < before.size {
            let (before, now) = (before.size, now.size);
            Finding::Rewound { before, now }
        } else {
            let proof = match now.size == before.size || before.size == 0 {
                true => Vec::new(),
                false => {
                    let plan = ProofPlan::consistency(before.size, now.size);
                    let plan = plan.map_err(|_| Finding::Forked { size: before.size })?;
                    let tiles = walk.tiles(plan.nodes()).await?;
                    plan.compute(|node| tiles.node(node))
                        .map_err(Finding::Tiles)?
                }
            };
            match verify_consistency(&before, &now, &proof) {
                Ok(()) => return Ok(()),
                Err(_) => Finding::Forked { size: before.size },
            }
        };
        if let Some(notes) = &self.notes {
            notes.contradiction(last.note(), published)?;
        }
        Err(finding.into())
    }

    fn note(&self, published: &SignedCheckpoint, walked: u64) -> Result<(), AuditError> {
        if let Some(notes) = &self.notes {
            notes.write(self.log_name(published), published, walked)?;
        }
        Ok(())
    }

    fn result(
        &self,
        published: &SignedCheckpoint,
        keys: &[VerifierKey],
        last: Option<&LastVisit>,
        read: u64,
        own: Option<Own>,
    ) -> Result<Visit, AuditError> {
        let mut visit = Visit {
            origin: published.checkpoint().origin().to_owned(),
            head: published.head(),
            before: last.map(|last| last.head().size),
            read,
            cosigned: Vec::new(),
            quorum: None,
            seen_by: None,
            own,
            pages: None,
        };
        if let Some(policy) = &self.pinned.policy {
            let judgement = policy.judge_note(published.note().clone(), keys);
            let judgement = judgement.map_err(Finding::Checkpoint)?;
            let name = |place: usize| {
                let name = policy.witnesses().get(place).map(|w| w.name.as_slice());
                String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
            };
            visit.cosigned = judgement
                .cosigned()
                .iter()
                .map(|c| name(c.witness))
                .collect();
            visit.quorum = Some(judgement.has_quorum());
            visit.seen_by = judgement.quorum_time();
        }
        Ok(visit)
    }
}
