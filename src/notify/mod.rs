//! Notifications: the mail that says that a letter waits, and what becomes of it.
//!
//! ```text
//!   letter accepted ─▶ List::Notify ─▶ worker ─▶ transport ──250──▶ receipt: sent (D.3)
//!   (one transaction)      ▲             │  ├─ 5xx to the recipient ─▶ receipt: failed (D.4)
//!                          └── later ◀───┘  └─ else: again, with longer and longer waits
//!   spool ◀─ mail system: a report on a mail of ours ─▶ receipt: failed (came back), or delivered
//! ```
//!
//! Invariants: what is to be sent is decided by the log alone, the cursor file is a hint; nothing is
//! sent before the letter is durable; a receipt says *sent* only after the transport took the mail.
//! A stop or time-out between the two sends the mail **twice, never zero times**, with one Message-ID.
//! A mail names neither sender, subject nor reference, and its return path is an unguessable token
//! (`token.rs`), so no database maps bounces to letters. Every wait, queue, file and retry has a
//! limit. Addresses stay out of logs, metrics, errors and file names.
//!
//! Absent: any claim that a mail arrived because it was sent (BayDiG Art. 24(2): the authority proves
//! arrival); proof that an address is its party's; other channels than e-mail.
//! BayDiG Art. 24; RFC 5321, 5322, 3464, 3834.

mod dsn;
mod folder;
mod mail;
pub mod settings;
mod smtp;
mod spool;
pub mod status;
mod token;
mod transport;
mod worker;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use crate::durable;
use crate::service::Service;

use settings::{Settings, TransportSettings};
use status::Status;
use token::TokenKey;

pub use folder::FolderTransport;
pub use mail::Mail;
pub use smtp::SmtpTransport;
pub use transport::{SendError, Transport, Trouble};

/// File of the token key in the operator's key folder.
pub const TOKEN_KEY: &str = "notify.key";
/// Folder of the cursor inside the data folder.
const FOLDER: &str = "notify";

/// Everything that sends notifications and reads what comes back; runs beside the server.
pub struct Notifier {
    settings: Settings,
    transport: Arc<dyn Transport>,
    key: TokenKey,
    cursor: std::path::PathBuf,
    status: Arc<Status>,
}

/// Why notifications cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// A file or folder cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The token key is not one.
    #[error("{} is no token key; restore it from a backup, or remove it: bounces of mails already sent are then not recognised", .0.display())]
    Key(std::path::PathBuf),
    /// TLS towards the mail system cannot be set up.
    #[error("TLS for the mail system: {0}")]
    Tls(String),
}

impl Notifier {
    /// Makes folders and, the first time, the token key.
    ///
    /// # Errors
    /// [`SetUpError`].
    pub fn set_up(settings: Settings, data: &Path, keys: &Path) -> Result<Self, SetUpError> {
        let transport: Arc<dyn Transport> = match &settings.transport {
            TransportSettings::Folder(folder) => Arc::new(FolderTransport::new(folder)?),
            TransportSettings::Smtp(server) => {
                Arc::new(SmtpTransport::new(server, settings.timeout)?)
            }
        };
        let folder = data.join(FOLDER);
        durable::private_folder(&folder).map_err(SetUpError::file(&folder))?;
        Ok(Self {
            transport,
            key: TokenKey::open(&keys.join(TOKEN_KEY))?,
            cursor: folder.join("cursor"),
            status: Arc::new(Status::default()),
            settings,
        })
    }

    /// What health and metrics show.
    #[must_use]
    pub fn status(&self) -> Arc<Status> {
        Arc::clone(&self.status)
    }

    /// Sends and listens until the server stops; what is under way then is finished.
    pub async fn run(self, service: Arc<Service>, stopping: watch::Receiver<bool>) {
        let this = Arc::new(self);
        tokio::join!(
            worker::run(Arc::clone(&this), Arc::clone(&service), stopping.clone()),
            spool::run(Arc::clone(&this), service, stopping),
        );
    }
}

impl std::fmt::Debug for Notifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notifier").finish_non_exhaustive()
    }
}

impl SetUpError {
    fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
