//! Watches the folder to which the mail system delivers bounces, as a Maildir.
//!
//! ```text
//!   SPOOL/new/   ─▶ a genuine report ─▶ recorded, then removed
//!                ─▶ anything else    ─▶ SPOOL/aside/, of which the latest MAX_ASIDE are kept
//! ```
//!
//! Invariants: a file is removed only after what it says is durable, so a crash reads it again,
//! which records nothing twice; a file that is too large, no file, forged or unknown changes no
//! receipt. Files hold personal data: none is kept longer than needed.
//!
//! Absent: Maildir's `cur` and flags, subfolders, any answer to a report.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::fs;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::Notifier;
use super::dsn::{self, Fate, Report};
use crate::service::{NotificationOutcome, Recorded, Service, ServiceError};

/// Largest report that is read, in bytes: a delivery status and the header of our mail.
const MAX_REPORT: u64 = 256 * 1024;
/// Files read in one round.
const MAX_ROUND: usize = 1000;
/// Files that are kept aside.
const MAX_ASIDE: usize = 1000;
/// How long a report may precede the record of its sending: the store had to work again meanwhile.
const MAX_EARLY: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Folders of a Maildir, and ours.
const FOLDERS: &[&str] = &["new", "cur", "tmp", ASIDE];
const ASIDE: &str = "aside";

/// What to do with a file.
enum Verdict {
    /// It is dealt with.
    Remove,
    /// It is none of ours.
    Aside,
    /// It is read again in the next round.
    Keep,
}

/// Looks into the spool until the server stops.
pub(super) async fn run(
    notifier: Arc<Notifier>,
    service: Arc<Service>,
    mut stopping: watch::Receiver<bool>,
) {
    let Some(spool) = notifier.settings.spool.clone() else {
        return;
    };
    let mut ticks = interval(notifier.settings.spool_interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = round(&notifier, &service, &spool).await {
            tracing::error!(error = %error.kind(), "the spool of bounces cannot be read");
        }
    }
}

async fn round(notifier: &Notifier, service: &Service, spool: &Path) -> io::Result<()> {
    for folder in FOLDERS {
        fs::create_dir_all(spool.join(folder)).await?;
    }
    for path in oldest(&spool.join("new"), MAX_ROUND).await? {
        match judge(notifier, service, &path).await? {
            Verdict::Remove => fs::remove_file(&path).await?,
            Verdict::Keep => {}
            Verdict::Aside => {
                notifier.status.unknown_reports.inc();
                let name = path.file_name().unwrap_or_default();
                fs::rename(&path, spool.join(ASIDE).join(name)).await?;
            }
        }
    }
    let mut aside = oldest(&spool.join(ASIDE), usize::MAX).await?;
    aside.truncate(aside.len().saturating_sub(MAX_ASIDE));
    for path in aside {
        fs::remove_file(path).await?;
    }
    Ok(())
}

/// The first `most` entries of a folder by name, which begins with the time in a Maildir.
async fn oldest(folder: &Path, most: usize) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder).await?;
    let mut paths = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_type().await?.is_dir() {
            continue;
        }
        paths.push(entry.path());
    }
    paths.sort();
    paths.truncate(most);
    Ok(paths)
}

async fn judge(notifier: &Notifier, service: &Service, path: &Path) -> io::Result<Verdict> {
    let metadata = fs::symlink_metadata(path).await?;
    if !metadata.is_file() || metadata.len() > MAX_REPORT {
        return Ok(Verdict::Aside);
    }
    let bytes = fs::read(path).await?;
    let Some(report) = dsn::read(&bytes, &notifier.settings.bounces_to) else {
        return Ok(Verdict::Aside);
    };
    match record(notifier, service, &report).await {
        Ok(Some(Recorded::TooEarly)) => {
            let age = metadata.modified().ok();
            let age = age.and_then(|time| SystemTime::now().duration_since(time).ok());
            Ok(match age {
                Some(age) if age > MAX_EARLY => Verdict::Aside,
                _ => Verdict::Keep,
            })
        }
        Ok(Some(Recorded::Now | Recorded::Before)) => Ok(Verdict::Remove),
        Ok(None) => Ok(Verdict::Aside),
        Err(error) => {
            tracing::error!(error = %error, "a bounce is not recorded yet");
            Ok(Verdict::Keep)
        }
    }
}

/// Records what a report says of the letter that its token leads to, if there is one.
async fn record(
    notifier: &Notifier,
    service: &Service,
    report: &Report,
) -> Result<Option<Recorded>, ServiceError> {
    for token in &report.tokens {
        let Some(claimed) = notifier.key.read(token) else {
            continue;
        };
        let queued = service.notice_queue(claimed.number, 1).await?;
        let Some(header) = queued.first() else {
            continue;
        };
        if !notifier.key.genuine(&claimed, header) {
            continue;
        }
        let outcome = match report.fate {
            Fate::Failed => NotificationOutcome::Returned,
            Fate::Delivered => NotificationOutcome::Delivered,
            Fate::Open => return Ok(Some(Recorded::Before)),
        };
        let recorded = service.record_notification(*header, outcome).await?;
        if recorded == Recorded::Now {
            notifier.status.ended(outcome);
        }
        return Ok(Some(recorded));
    }
    Ok(None)
}
