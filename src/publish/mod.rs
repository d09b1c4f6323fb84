//! Publishing the log: at an interval the newest checkpoint is marked, shown to the witnesses, and
//! shown to the world.
//!
//! ```text
//!   newest checkpoint ─▶ mark, synced ─▶ witnesses, side by side ─▶ /log/checkpoint
//!                                          │ 200: cosignature         enough: receipts name it,
//!                                          │                          and it is kept: SIZE.note
//!                                          │ 409 larger, 422: it has seen another log; at the start
//!                                          │ the server then does not serve, later it is an alarm
//!                                          ▼ else: again at the next interval
//! ```
//!
//! Invariants: the mark is durable before a checkpoint is published; a witness's word is used only
//! after its signature was verified; a witness that is away, or contradicts once the server serves,
//! holds up nobody; cosignatures of one tree are collected over rounds; while the log rests, they are
//! renewed, so that the next receipt names a fresh one. Absent: the decision of a
//! witness (`crypto::tlog::witness`), and signing (`crate::service`).
//! C2SP tlog-witness, tlog-policy.

mod history;
mod mark;
pub mod settings;
mod size_files;
pub mod status;
pub mod timestamps;
mod witness;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use postfach_crypto::tlog::{Policy, SignedCheckpoint, TreeHead};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::service::{Cosigned, Service, ServiceError};

use self::history::{History, Keeping};
use self::mark::Mark;
pub use self::mark::MarkError;
use self::settings::Settings;
use self::status::Status;
use self::witness::{Witness, WitnessError};

/// Publishes a log for as long as the server runs.
#[derive(Debug)]
pub struct Publisher {
    settings: Settings,
    mark: Mark,
    witnesses: Vec<Witness>,
    /// The checkpoint of the last round, with the cosignatures it has so far.
    asked: Option<SignedCheckpoint>,
    history: Arc<History>,
    keeping: Keeping,
    status: Arc<Status>,
}

/// What the rest of the server sees of it.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) status: Arc<Status>,
    /// The cosigned checkpoints kept.
    pub(crate) history: Arc<History>,
}

/// Why a checkpoint could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It could not be signed.
    #[error(transparent)]
    Sign(#[from] ServiceError),
    /// The mark could not be written.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// A witness has seen another log under this name.
    #[error(
        "the witness {witness} has cosigned a log of {theirs} statements that this one of {ours} does not \
         continue. If this data folder is an older copy, restore the newest; if the witness errs, take it out \
         of the policy"
    )]
    Contradiction {
        /// The witness, as the policy names it.
        witness: String,
        /// Size of the log that it has cosigned.
        theirs: u64,
        /// Size of ours.
        ours: u64,
    },
}

impl Publisher {
    /// Sets up publishing under these settings.
    ///
    /// # Errors
    /// The folder of cosigned checkpoints cannot be made or read.
    pub fn open(settings: Settings) -> io::Result<Self> {
        let policy = settings.policy.as_ref();
        let witnesses = policy.map_or(Vec::new(), |policy| {
            let all = policy.witnesses().iter();
            all.filter_map(|named| Witness::new(named, settings.timeout))
                .collect()
        });
        Ok(Self {
            mark: Mark::new(settings.mark.clone()),
            history: Arc::new(History::open(&settings.history)?),
            keeping: Keeping::new(settings.history_interval),
            status: Arc::new(Status::new(witnesses.len(), policy.is_some())),
            witnesses,
            asked: None,
            settings,
        })
    }

    pub(crate) fn view(&self) -> View {
        View {
            status: Arc::clone(&self.status),
            history: Arc::clone(&self.history),
        }
    }

    /// The first round, before anything is accepted: a log that contradicts a witness never serves.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn begin(&mut self, service: &Service) -> Result<(), PublishError> {
        match self.round(service).await? {
            None => Ok(()),
            Some(contradiction) => Err(contradiction),
        }
    }

    /// Publishes at every interval until `stopping`, and once more then.
    pub(crate) async fn run(mut self, service: Arc<Service>, mut stopping: watch::Receiver<bool>) {
        let mut ticks = interval(self.settings.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let last = tokio::select! {
                _ = ticks.tick() => false,
                _ = stopping.wait_for(|stopping| *stopping) => true,
            };
            match self.round(&service).await {
                Ok(None) => {}
                // The running store cannot go back, so this is a false or a deceived witness: an alarm.
                Ok(Some(contradiction)) => tracing::error!(error = %contradiction, "log"),
                Err(error) => tracing::warn!(error = %error, "log"),
            }
            // Nobody waits for this: a folder that is full today is tried again at the next round.
            if let Err(error) = self.keeping.keep(&self.history, last).await {
                tracing::warn!(error = %error, "checkpoint kept");
            }
            if last {
                return;
            }
        }
    }

    /// Signs, marks, asks the witnesses, publishes; nothing where nothing has changed and the
    /// cosignatures are fresh. Answers the first witness that contradicts; the checkpoint is
    /// published all the same.
    async fn round(&mut self, service: &Service) -> Result<Option<PublishError>, PublishError> {
        let mut signed = service.sign_checkpoint().await?;
        let head = signed.head();
        let settled = self.status.is_settled(head);
        if settled && !self.is_stale(service) {
            return Ok(None);
        }
        match self.asked.take().filter(|asked| asked.head() == head) {
            // Cosignatures of a renewal are new ones.
            Some(_) if settled => {}
            Some(asked) => signed = asked,
            None => self.mark.write(&signed).await?,
        }
        let contradiction = self.ask(service, &mut signed).await;
        let policy = self.settings.policy.as_ref();
        let enough = policy.is_some_and(|policy| has_quorum(policy, &signed, service));
        if enough {
            self.keeping.cosigned(&signed);
        } else if settled {
            // A renewal without enough witnesses takes nothing away.
            return Ok(contradiction);
        }
        let cosigned = if enough {
            Cosigned::Enough
        } else {
            Cosigned::TooFew
        };
        service.publish_checkpoint(&signed, cosigned);
        self.status.published(head, cosigned, service.now());
        self.asked = Some(signed);
        Ok(contradiction)
    }

    /// Whether the newest cosignatures are so old that they are asked for again.
    fn is_stale(&self, service: &Service) -> bool {
        let cosigned = self.status.view().cosigned_at;
        cosigned.is_some_and(|at| {
            let age = service.now().0.saturating_sub(at.0);
            Duration::from_millis(age) >= self.settings.renew
        })
    }

    /// Asks every witness that has not cosigned this tree, and adds what they sign.
    async fn ask(
        &mut self,
        service: &Service,
        signed: &mut SignedCheckpoint,
    ) -> Option<PublishError> {
        let asked = signed.clone();
        let answers = self.witnesses.iter_mut().map(async |witness| {
            match asked.note().verify(std::slice::from_ref(witness.key())) {
                Ok(_) => None,
                Err(_) => Some(witness.ask(service, &asked).await),
            }
        });
        let mut contradiction = None;
        for (place, answer) in join_all(answers).await.into_iter().enumerate() {
            let (witness, Some(answer)) = (&self.witnesses[place], answer) else {
                continue;
            };
            let cosigned = match answer {
                Ok(lines) => {
                    let added = signed
                        .note_mut()
                        .add(lines, std::slice::from_ref(witness.key()));
                    added.is_ok_and(|added| added > 0)
                }
                Err(WitnessError::Contradiction { theirs }) => {
                    contradiction.get_or_insert(PublishError::Contradiction {
                        witness: witness.name().to_owned(),
                        theirs,
                        ours: asked.head().size,
                    });
                    false
                }
                Err(error) => {
                    tracing::warn!(error = %error, "witness");
                    false
                }
            };
            self.status.answered(place, cosigned);
        }
        contradiction
    }
}

fn has_quorum(policy: &Policy, signed: &SignedCheckpoint, service: &Service) -> bool {
    let judged = policy.judge_note(signed.note().clone(), &[service.log_key()]);
    judged.is_ok_and(|judgement| judgement.has_quorum() && !judgement.cosigned().is_empty())
}

/// The checkpoint marked last, which a store must continue; none at the first start.
///
/// # Errors
/// [`MarkError`].
pub fn marked(
    mark: &Path,
    keys: &crate::service::OperatorKeys,
) -> Result<Option<TreeHead>, MarkError> {
    Mark::new(mark.to_owned()).read(keys)
}
