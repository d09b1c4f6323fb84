//! Time-stamping: at an interval an authority outside says when the published checkpoint existed.
//!
//! ```text
//!   published note ─▶ text ─▶ authority ─▶ token, checked ─▶ SIZE.note, SIZE.tst ─▶ /log/timestamp/{position}
//!                                 └ any trouble: log, metric, health; again after a minute
//! ```
//!
//! Invariants: a token is kept only if it holds under the pinned certificates; nothing waits for
//! the authority; a log that has not grown is not stamped again. Absent: RFC 3161 itself
//! (`crate::timestamp`), and publishing, which goes on beside this.

mod authority;
mod folder;
pub mod settings;
mod status;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use postfach_crypto::ids::UnixMillis;
use postfach_crypto::tlog::{Checkpoint, Note};
use tokio::sync::watch;
use tokio::time::sleep;

use self::authority::Authority;
pub use self::authority::AuthorityError;
pub(crate) use self::folder::{Folder, Kept};
use self::settings::Settings;
pub(crate) use self::status::Status;
use crate::entropy::array;
use crate::service::{Service, ServiceError};
use crate::timestamp::{Request, StampedAt, TokenError, TsaCertificates, verify_token};

/// How long after a failure the next attempt is, where the interval is not shorter.
const RETRY: Duration = Duration::from_secs(60);

/// Asks for time-stamps for as long as the server runs.
#[derive(Debug)]
pub struct Stamper {
    interval: Duration,
    authority: Authority,
    certificates: TsaCertificates,
    view: View,
}

/// What the rest of the server sees of it.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) folder: Arc<Folder>,
    pub(crate) status: Arc<Status>,
}

/// Why time-stamping cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The folder.
    #[error("the folder for time-stamps: {0}")]
    Folder(#[from] io::Error),
    /// The HTTP client.
    #[error("the client of the time-stamping authority: {0}")]
    Client(#[from] reqwest::Error),
}

/// Why there is no new token.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// No checkpoint could be had.
    #[error(transparent)]
    Checkpoint(#[from] ServiceError),
    /// The published checkpoint is none.
    #[error("the published checkpoint cannot be read")]
    Note,
    /// The authority gave none.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// It could not be kept, or read.
    #[error("the folder for time-stamps: {0}")]
    Folder(#[from] io::Error),
    /// What was kept does not hold.
    #[error("the newest time-stamp kept does not hold: {0}")]
    Kept(#[from] TokenError),
}

impl Stamper {
    /// Opens the folder of tokens.
    ///
    /// # Errors
    /// [`SetUpError`].
    pub fn set_up(settings: Settings) -> Result<Self, SetUpError> {
        let folder = Folder::open(&settings.folder)?;
        let status = Status::default();
        status.stamped(folder.newest().unwrap_or(0));
        let certificates = settings.certificates;
        Ok(Self {
            interval: settings.interval,
            authority: Authority::new(settings.url, settings.timeout, certificates.clone())?,
            certificates,
            view: View {
                folder: Arc::new(folder),
                status: Arc::new(status),
            },
        })
    }

    pub(crate) fn view(&self) -> View {
        self.view.clone()
    }

    /// Stamps at every interval until `stopping`. Intervals are counted from the newest token, so
    /// that restarts cost none.
    pub(crate) async fn run(self, service: Arc<Service>, mut stopping: watch::Receiver<bool>) {
        let mut pause = self.until_due(service.now()).await;
        loop {
            let round = async {
                sleep(pause).await;
                self.stamp(&service).await
            };
            let ended = tokio::select! {
                ended = round => ended,
                _ = stopping.wait_for(|stopping| *stopping) => return,
            };
            pause = match ended {
                Ok(_) => self.interval,
                Err(error) => {
                    tracing::warn!(error = %error, "time-stamp");
                    self.interval.min(RETRY)
                }
            };
        }
    }

    /// What is left of the interval that the newest token began; nothing where there is none.
    async fn until_due(&self, now: UnixMillis) -> Duration {
        match self.newest().await {
            Ok(Some(newest)) => {
                let passed = Duration::from_millis(now.0.saturating_sub(newest.at.0));
                self.interval.saturating_sub(passed)
            }
            Ok(None) => Duration::ZERO,
            Err(error) => {
                tracing::warn!(error = %error, "time-stamp");
                Duration::ZERO
            }
        }
    }

    async fn newest(&self) -> Result<Option<StampedAt>, StampError> {
        let Some(size) = self.view.folder.newest() else {
            return Ok(None);
        };
        let kept = self.view.folder.read(size).await?;
        let note = Note::parse(kept.note.as_bytes()).map_err(|_| StampError::Note)?;
        let stamped = verify_token(&kept.token, note.text(), &self.certificates)?;
        Ok(Some(stamped))
    }

    /// Gets and keeps a token over the checkpoint published last; nothing where that has one.
    ///
    /// # Errors
    /// [`StampError`]; nothing is kept then.
    pub async fn stamp(&self, service: &Service) -> Result<Option<StampedAt>, StampError> {
        let ended = self.try_stamp(service).await;
        self.view.status.ended(ended.as_ref().err());
        ended
    }

    async fn try_stamp(&self, service: &Service) -> Result<Option<StampedAt>, StampError> {
        let published = service.published_checkpoint().await?;
        let note = Note::parse(&published).map_err(|_| StampError::Note)?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(|_| StampError::Note)?;
        let size = checkpoint.head().size;
        if self.view.folder.newest() >= Some(size) {
            return Ok(None);
        }
        let request = Request::new(note.text(), array());
        let stamped = self.authority.ask(&request).await?;
        let kept = Kept {
            size,
            note: String::from_utf8_lossy(&published).into_owned(),
            token: stamped.token,
        };
        self.view.folder.keep(kept).await?;
        self.view.status.stamped(size);
        Ok(Some(stamped.at))
    }
}
