//! How publishing goes, for health and metrics. Nothing here names a party.

use std::sync::{Mutex, MutexGuard, PoisonError};

use postfach_crypto::ids::UnixMillis;
use postfach_crypto::tlog::TreeHead;
use prometheus_client::metrics::counter::Counter;

use crate::service::Cosigned;

/// Shared by the publisher and whoever asks.
#[derive(Debug)]
pub(crate) struct Status {
    /// Whether cosignatures are asked for at all.
    asks: bool,
    state: Mutex<State>,
    /// Requests that a witness did not answer with a cosignature.
    pub(crate) witness_failures: Counter,
}

#[derive(Debug, Default)]
struct State {
    published: Option<TreeHead>,
    cosigned: Option<(TreeHead, UnixMillis)>,
    /// By witness: whether it answered last time.
    answered: Vec<bool>,
}

/// A view of the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) published: u64,
    pub(crate) cosigned: u64,
    pub(crate) cosigned_at: Option<UnixMillis>,
    pub(crate) witnesses_away: usize,
    pub(crate) pending: bool,
}

impl Status {
    pub(super) fn new(witnesses: usize, asks: bool) -> Self {
        Self {
            asks,
            state: Mutex::new(State {
                answered: vec![true; witnesses],
                ..State::default()
            }),
            witness_failures: Counter::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing is left to do for this head.
    pub(super) fn is_settled(&self, head: TreeHead) -> bool {
        let state = self.state();
        let cosigned = state.cosigned.is_some_and(|(cosigned, _)| cosigned == head);
        state.published == Some(head) && (cosigned || !self.asks)
    }

    pub(super) fn published(&self, head: TreeHead, cosigned: Cosigned, now: UnixMillis) {
        let mut state = self.state();
        state.published = Some(head);
        if cosigned == Cosigned::Enough {
            state.cosigned = Some((head, now));
        }
    }

    pub(super) fn answered(&self, witness: usize, answered: bool) {
        self.state().answered[witness] = answered;
        if !answered {
            self.witness_failures.inc();
        }
    }

    pub(crate) fn view(&self) -> View {
        let state = self.state();
        let published = state.published.map_or(0, |head| head.size);
        let cosigned = state.cosigned.map_or(0, |(head, _)| head.size);
        View {
            published,
            cosigned,
            cosigned_at: state.cosigned.map(|(_, at)| at),
            witnesses_away: state.answered.iter().filter(|answered| !**answered).count(),
            pending: self.asks && cosigned < published,
        }
    }
}
