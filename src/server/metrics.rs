//! What is counted, in the OpenMetrics text format.
//!
//! Labels are methods, route templates and statuses: never addresses, hashes or hosts.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::notify::status::Status;
use crate::publish::status::Status as Publishing;
use crate::publish::timestamps::Status as Timestamps;

/// Labels of an answered request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Answered {
    pub(super) method: &'static str,
    pub(super) route: String,
    pub(super) status: u16,
}

/// Labels of a route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Route {
    pub(super) route: String,
}

/// Why a connection ended before its first request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Ended {
    pub(super) reason: &'static str,
}

/// All metrics of a server; no globals, so tests run several servers in one process.
pub(super) struct Metrics {
    registry: Registry,
    pub(super) requests: Family<Answered, Counter>,
    pub(super) duration: Family<Route, Histogram>,
    pub(super) sent: Counter,
    pub(super) connections: Gauge,
    pub(super) refused: Family<Ended, Counter>,
    pub(super) waiters: Gauge,
    pub(super) log_size: Gauge<u64, AtomicU64>,
    pub(super) log_published: Gauge<u64, AtomicU64>,
    pub(super) log_cosigned: Gauge<u64, AtomicU64>,
    pub(super) log_timestamped: Gauge<u64, AtomicU64>,
    pub(super) notices_waiting: Gauge<u64, AtomicU64>,
    pub(super) notices_oldest: Gauge<u64, AtomicU64>,
}

impl Metrics {
    /// `publishing` where the log is published, `timestamps` where it is time-stamped, `notices`
    /// where notifications are sent.
    pub(super) fn new(
        publishing: Option<&Publishing>,
        timestamps: Option<&Timestamps>,
        notices: Option<&Status>,
    ) -> Self {
        let mut registry = Registry::with_prefix("postfach");
        // 1 ms to 33 s.
        let histogram = || Histogram::new(exponential_buckets(0.001, 2.0, 16));
        let metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            duration: Family::new_with_constructor(histogram),
            sent: Counter::default(),
            connections: Gauge::default(),
            refused: Family::default(),
            waiters: Gauge::default(),
            log_size: Gauge::default(),
            log_published: Gauge::default(),
            log_cosigned: Gauge::default(),
            log_timestamped: Gauge::default(),
            notices_waiting: Gauge::default(),
            notices_oldest: Gauge::default(),
        };
        registry.register(
            "http_requests",
            "Requests answered",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "Time until an answer was sent whole",
            Unit::Seconds,
            metrics.duration.clone(),
        );
        registry.register_with_unit(
            "http_sent",
            "Bytes of answer bodies",
            Unit::Bytes,
            metrics.sent.clone(),
        );
        registry.register(
            "connections",
            "Connections being served",
            metrics.connections.clone(),
        );
        registry.register(
            "connections_refused",
            "Connections that ended before a request, by reason",
            metrics.refused.clone(),
        );
        registry.register(
            "waiters",
            "Requests waiting for a list",
            metrics.waiters.clone(),
        );
        registry.register(
            "log_size",
            "Statements in the log",
            metrics.log_size.clone(),
        );
        if let Some(publishing) = publishing {
            metrics.register_publishing(&mut registry, publishing);
        }
        if let Some(timestamps) = timestamps {
            registry.register(
                "log_timestamped_size",
                "Statements under the newest checkpoint with a time-stamp",
                metrics.log_timestamped.clone(),
            );
            registry.register(
                "log_timestamp_failures",
                "Attempts to get a time-stamp that gave none",
                timestamps.failures.clone(),
            );
        }
        if let Some(notices) = notices {
            metrics.register_notices(&mut registry, notices);
        }
        Self {
            registry,
            ..metrics
        }
    }

    fn register_publishing(&self, registry: &mut Registry, publishing: &Publishing) {
        registry.register(
            "log_published_size",
            "Statements under the checkpoint published last",
            self.log_published.clone(),
        );
        registry.register(
            "log_cosigned_size",
            "Statements under the newest checkpoint with enough cosignatures",
            self.log_cosigned.clone(),
        );
        registry.register(
            "log_witness_failures",
            "Requests that a witness did not answer with a cosignature",
            publishing.witness_failures.clone(),
        );
    }

    fn register_notices(&self, registry: &mut Registry, notices: &Status) {
        registry.register(
            "notifications_waiting",
            "Notifications that are not sent yet",
            self.notices_waiting.clone(),
        );
        registry.register_with_unit(
            "notifications_oldest",
            "How long the oldest of those that were put off has waited",
            Unit::Seconds,
            self.notices_oldest.clone(),
        );
        registry.register(
            "notifications",
            "Notifications by how they ended",
            notices.ended.clone(),
        );
        registry.register(
            "notifications_delayed",
            "Attempts that were put off, by trouble",
            notices.delayed.clone(),
        );
        registry.register(
            "notifications_unknown_reports",
            "Files in the spool that were no report on a mail of ours",
            notices.unknown_reports.clone(),
        );
    }

    /// Counts a connection that ended before a request.
    pub(super) fn refuse(&self, reason: &'static str) {
        self.refused.get_or_create(&Ended { reason }).inc();
    }

    /// The text that a scrape gets.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)
            .expect("a String takes all");
        text
    }
}
