//! Walks the queue in order, hands mails over, records what became of them, tries again.
//!
//! Invariants: an entry is finished when its envelope's receipts say so, never by this module's
//! memory; an outcome that could not be recorded is recorded before anything is sent again; at most
//! [`MAX_OPEN`] entries are held and [`Settings::connections`] handed over at the same time. The
//! cursor is the first entry not known to be finished: losing it costs time, not mails.
//!
//! [`Settings::connections`]: super::settings::Settings::connections

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_storage::ReadError;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::Notifier;
use super::mail::compose;
use super::transport::SendError;
use crate::durable::{self, Access, Existing};
use crate::service::{NotificationOutcome, Service, ServiceError};

/// Entries that are held: those that wait for another attempt must not stop the rest.
const MAX_OPEN: usize = 10_000;
/// Entries read at once.
const BATCH: usize = 500;
/// The wait before a failed read or commit of our own store is tried again.
const STORE_PAUSE: Duration = Duration::from_secs(5);
/// The longest sleep; a queue that grew wakes earlier.
const IDLE: Duration = Duration::from_secs(60);

/// A queued notification that is not known to be finished.
struct Open {
    header: StatementHash,
    state: State,
    attempts: u32,
    /// When the letter was accepted, once it was looked at.
    since: Option<UnixMillis>,
    /// What became of it, where that could not be recorded yet.
    unrecorded: Option<NotificationOutcome>,
}

enum State {
    Due(Instant),
    UnderWay,
}

/// What an attempt led to.
enum Attempt {
    /// Nothing is left to do.
    Finished,
    /// The mail was not taken.
    Later(UnixMillis),
    /// Our own store did not work; what became of the mail, if it is known.
    Store(Option<NotificationOutcome>, ServiceError),
}

/// Runs until the server stops, then finishes what is under way.
pub(super) async fn run(
    notifier: Arc<Notifier>,
    service: Arc<Service>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut walk = Walk {
        next: read_cursor(&notifier.cursor).await,
        saved: 0,
        open: BTreeMap::new(),
        notifier,
        service,
    };
    walk.saved = walk.next;
    let mut attempts = JoinSet::new();
    loop {
        if walk.fill().await.is_err() {
            break;
        }
        walk.start(&mut attempts);
        walk.report().await;
        let wake = walk.wake();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => break,
            Some(done) = attempts.join_next() => {
                let (number, attempt) = done.expect("attempts are not cancelled");
                walk.finish(number, attempt);
            }
            () = walk.service.notices_grew() => {}
            () = sleep_until(wake) => {}
        }
    }
    while let Some(done) = attempts.join_next().await {
        let (number, attempt) = done.expect("attempts are not cancelled");
        walk.finish(number, attempt);
    }
    walk.save().await;
}

/// Where the walk is.
struct Walk {
    notifier: Arc<Notifier>,
    service: Arc<Service>,
    /// Number of the next entry to read.
    next: u64,
    /// The cursor on disk.
    saved: u64,
    open: BTreeMap<u64, Open>,
}

impl Walk {
    /// Reads entries while there is room.
    ///
    /// # Errors
    /// Where the store stopped for good.
    async fn fill(&mut self) -> Result<(), ReadError> {
        while self.open.len() + BATCH <= MAX_OPEN {
            let headers = match self.service.notice_queue(self.next, BATCH).await {
                Ok(headers) => headers,
                Err(ReadError::Stopped) => return Err(ReadError::Stopped),
                Err(error) => {
                    tracing::error!(error = %error, "the queue of notifications cannot be read");
                    return Ok(());
                }
            };
            if headers.is_empty() {
                break;
            }
            for header in headers {
                let open = Open {
                    header,
                    state: State::Due(Instant::now()),
                    attempts: 0,
                    since: None,
                    unrecorded: None,
                };
                self.open.insert(self.next, open);
                self.next += 1;
            }
        }
        Ok(())
    }

    /// Starts attempts that are due, oldest entry first.
    fn start(&mut self, attempts: &mut JoinSet<(u64, Attempt)>) {
        let now = Instant::now();
        for (number, open) in &mut self.open {
            if attempts.len() >= self.notifier.settings.connections {
                return;
            }
            if !matches!(open.state, State::Due(due) if due <= now) {
                continue;
            }
            open.state = State::UnderWay;
            let (notifier, service) = (Arc::clone(&self.notifier), Arc::clone(&self.service));
            let (number, header, unrecorded) = (*number, open.header, open.unrecorded);
            attempts.spawn(async move {
                let attempt = attempt(&notifier, &service, number, header, unrecorded).await;
                (number, attempt)
            });
        }
    }

    fn finish(&mut self, number: u64, attempt: Attempt) {
        let Some(open) = self.open.get_mut(&number) else {
            return;
        };
        let pause = match attempt {
            Attempt::Finished => {
                self.open.remove(&number);
                return;
            }
            Attempt::Later(since) => {
                open.since = Some(since);
                let settings = &self.notifier.settings;
                let pause = back_off(settings.retry, settings.retry_most, open.attempts);
                open.attempts = open.attempts.saturating_add(1);
                pause
            }
            Attempt::Store(outcome, error) => {
                tracing::error!(error = %error, "a notification is not recorded yet");
                open.unrecorded = outcome;
                STORE_PAUSE
            }
        };
        open.state = State::Due(Instant::now() + pause);
    }

    /// When the next attempt is due, if nothing happens before.
    fn wake(&self) -> Instant {
        let idle = Instant::now() + IDLE;
        self.open
            .values()
            .filter_map(|open| match open.state {
                State::Due(due) => Some(due),
                State::UnderWay => None,
            })
            // Those that are due now wait for a connection; its end wakes us.
            .filter(|due| *due > Instant::now())
            .fold(idle, Instant::min)
    }

    /// Tells how much waits, and moves the cursor.
    async fn report(&mut self) {
        let queued = self.service.queued_notices().await.unwrap_or(self.next);
        let unread = queued.saturating_sub(self.next);
        let oldest = self.open.values().filter_map(|open| open.since).min();
        let count = self.open.len() as u64 + unread;
        self.notifier.status.set_waiting(count, oldest);
        if self.cursor() >= self.saved + BATCH as u64 || self.open.is_empty() {
            self.save().await;
        }
    }

    /// The first entry not known to be finished.
    fn cursor(&self) -> u64 {
        self.open.keys().next().copied().unwrap_or(self.next)
    }

    async fn save(&mut self) {
        let cursor = self.cursor();
        if cursor == self.saved {
            return;
        }
        let (path, text) = (self.notifier.cursor.clone(), format!("{cursor}\n"));
        let write =
            move || durable::write(&path, text.as_bytes(), Access::Private, Existing::Replace);
        if let Ok(Ok(())) = tokio::task::spawn_blocking(write).await {
            self.saved = cursor;
        }
    }
}

/// One entry: finished already, or to be sent now.
async fn attempt(
    notifier: &Notifier,
    service: &Service,
    number: u64,
    header: StatementHash,
    unrecorded: Option<NotificationOutcome>,
) -> Attempt {
    let outcome = match unrecorded {
        Some(outcome) => outcome,
        None => match send(notifier, service, number, header).await {
            Ok(outcome) => outcome,
            Err(attempt) => return attempt,
        },
    };
    match service.record_notification(header, outcome).await {
        Ok(_) => {
            notifier.status.ended(outcome);
            Attempt::Finished
        }
        Err(error) => Attempt::Store(Some(outcome), error),
    }
}

async fn send(
    notifier: &Notifier,
    service: &Service,
    number: u64,
    header: StatementHash,
) -> Result<NotificationOutcome, Attempt> {
    let notice = service.notice(header).await;
    let notice = notice
        .map_err(|error| Attempt::Store(None, error))?
        .ok_or(Attempt::Finished)?;
    let settings = &notifier.settings;
    let now = service.now();
    let mail = compose(&notice, number, settings, &notifier.key, now);
    match notifier.transport.send(&mail).await {
        Ok(()) => Ok(NotificationOutcome::Sent),
        Err(SendError::Refused(code)) => {
            tracing::warn!(code, "a notification was refused");
            Ok(NotificationOutcome::Refused)
        }
        Err(SendError::Later(trouble)) => {
            let (kind, code) = (trouble.name(), trouble.code().unwrap_or(0));
            tracing::warn!(kind, code, "a notification is put off");
            notifier.status.delayed(trouble);
            let waited = Duration::from_millis(now.0.saturating_sub(notice.since.0));
            if waited >= settings.give_up {
                Ok(NotificationOutcome::Expired)
            } else {
                Err(Attempt::Later(notice.since))
            }
        }
    }
}

/// Twice as long after each attempt, up to `most`.
fn back_off(first: Duration, most: Duration, attempts: u32) -> Duration {
    first
        .saturating_mul(2u32.saturating_pow(attempts))
        .min(most.max(first))
}

/// The cursor is a hint: without it, or with nonsense in it, the walk begins at the beginning.
async fn read_cursor(path: &Path) -> u64 {
    let text = tokio::fs::read_to_string(path).await.unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_limit() {
        let (first, most) = (Duration::from_secs(60), Duration::from_secs(3600));
        let waits: Vec<_> = [0, 1, 2, 5, 6, 7, 40, u32::MAX]
            .map(|attempts| back_off(first, most, attempts).as_secs())
            .into();
        assert_eq!(waits, [60, 120, 240, 1920, 3600, 3600, 3600, 3600]);
    }
}
