//! What health and metrics show of notifications: numbers, never whose.

use std::sync::atomic::{AtomicU64, Ordering};

use postfach_crypto::ids::UnixMillis;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::transport::Trouble;
use crate::service::NotificationOutcome;

/// A notification that waits longer than this, in milliseconds, is worth a look (OZG section 9(1)
/// wants it sent on the day of provision).
pub const WORTH_A_LOOK: u64 = 60 * 60 * 1000;

/// How a notification ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Ended {
    /// `sent`, `refused`, `expired`, `returned`, `delivered`.
    pub outcome: &'static str,
}

/// Why an attempt was put off.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Delayed {
    /// As [`Trouble::name`].
    pub trouble: &'static str,
}

/// Shared by worker, spool and the second listener.
#[derive(Debug, Default)]
pub struct Status {
    waiting: AtomicU64,
    /// Since when the oldest waits; 0: none does.
    oldest: AtomicU64,
    /// Notifications by how they ended, since the start.
    pub ended: Family<Ended, Counter>,
    /// Attempts that were put off, since the start.
    pub delayed: Family<Delayed, Counter>,
    /// Files that were no report on a mail of ours, since the start.
    pub unknown_reports: Counter,
}

impl Status {
    /// How many wait, and for how many milliseconds the oldest has.
    pub fn waiting(&self, now: UnixMillis) -> (u64, u64) {
        let oldest = match self.oldest.load(Ordering::Relaxed) {
            0 => 0,
            since => now.0.saturating_sub(since),
        };
        (self.waiting.load(Ordering::Relaxed), oldest)
    }

    pub(super) fn set_waiting(&self, count: u64, oldest: Option<UnixMillis>) {
        self.waiting.store(count, Ordering::Relaxed);
        let oldest = oldest.map_or(0, |since| since.0.max(1));
        self.oldest.store(oldest, Ordering::Relaxed);
    }

    pub(super) fn ended(&self, outcome: NotificationOutcome) {
        let outcome = match outcome {
            NotificationOutcome::Sent => "sent",
            NotificationOutcome::Refused => "refused",
            NotificationOutcome::Expired => "expired",
            NotificationOutcome::Returned => "returned",
            NotificationOutcome::Delivered => "delivered",
        };
        self.ended.get_or_create(&Ended { outcome }).inc();
    }

    pub(super) fn delayed(&self, trouble: Trouble) {
        let trouble = trouble.name();
        self.delayed.get_or_create(&Delayed { trouble }).inc();
    }
}
