//! What every request shares: the service, the configured authority, and what is counted.
//!
//! Absent: sessions, caches of answers, anything about one party.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use super::allowance::Allowances;
use super::limits::{ALLOWANCES, Limits};
use super::metrics::Metrics;
use super::strangers::Strangers;
use super::waiting::Waiters;
use crate::notify::status::Status;
use crate::publish::{self, timestamps};
use crate::service::Service;

/// Shared by all requests; cheap to clone.
pub(super) type App = Arc<Shared>;

/// Host and port that the signatures of a connection's requests cover, in lower case. Which door a
/// connection came through decides it; what the client calls the server does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authority(pub(super) Arc<str>);

/// See [`App`].
pub(super) struct Shared {
    pub(super) service: Arc<Service>,
    pub(super) limits: Limits,
    pub(super) metrics: Metrics,
    /// How publishing the log goes, and what was cosigned, where it is published.
    pub(super) publishing: Option<publish::View>,
    /// The tokens over checkpoints, where they are time-stamped.
    pub(super) timestamps: Option<timestamps::View>,
    /// What waits to be notified, where notifications are sent.
    pub(super) notices: Option<Arc<Status>>,
    pub(super) waiters: Waiters,
    /// Connections by where they come from, or whose they are.
    pub(super) strangers: Strangers,
    /// Memory of request bodies, in KiB.
    pub(super) body_memory: Arc<Semaphore>,
    /// How often each party wrote vaults, and each vault was read, of late.
    pub(super) vault_writes: Allowances,
    pub(super) vault_reads: Allowances,
    /// Writes under way.
    pub(super) writes: Semaphore,
    /// Becomes true when the server is told to stop.
    pub(super) stopping: watch::Receiver<bool>,
}

impl Shared {
    pub(super) fn new(
        service: Arc<Service>,
        limits: Limits,
        stopping: watch::Receiver<bool>,
        publishing: Option<publish::View>,
        timestamps: Option<timestamps::View>,
        notices: Option<Arc<Status>>,
    ) -> Self {
        Self {
            service,
            metrics: Metrics::new(
                publishing.as_ref().map(|view| &*view.status),
                timestamps.as_ref().map(|view| &*view.status),
                notices.as_deref(),
            ),
            publishing,
            timestamps,
            notices,
            waiters: Waiters::new(limits.waiters),
            strangers: Strangers::new(&limits),
            body_memory: Arc::new(Semaphore::new(limits.body_memory.div_ceil(1024))),
            vault_writes: Allowances::new(ALLOWANCES),
            vault_reads: Allowances::new(ALLOWANCES),
            writes: Semaphore::new(limits.writes),
            stopping,
            limits,
        }
    }
}
