//! How time-stamping goes, for health and metrics.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use prometheus_client::metrics::counter::Counter;

/// Shared by the stamper and whoever asks.
#[derive(Debug, Default)]
pub(crate) struct Status {
    stamped: AtomicU64,
    failing: AtomicBool,
    /// Attempts that gave no token.
    pub(crate) failures: Counter,
}

impl Status {
    pub(super) fn stamped(&self, size: u64) {
        self.stamped.store(size, Ordering::Relaxed);
    }

    pub(super) fn ended(&self, failed: Option<&super::StampError>) {
        self.failing.store(failed.is_some(), Ordering::Relaxed);
        if failed.is_some() {
            self.failures.inc();
        }
    }

    /// Statements under the newest checkpoint with a token.
    pub(crate) fn size(&self) -> u64 {
        self.stamped.load(Ordering::Relaxed)
    }

    /// Whether the last attempt gave no token.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }
}
