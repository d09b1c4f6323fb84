//! Every bound of the HTTP server, each with its reason.
//!
//! Invariant: no body, queue, wait, header or connection is without one. [`Limits`] carries those
//! that an operator may lower or that tests shorten; the rest are constants. Sizes of statements,
//! submissions and uploads are the service's and the store's own, named there.

use std::time::Duration;

use postfach_storage::UploadQuota;
use postfach_storage::store::MAX_UPLOAD_APPEND;

use crate::service::MAX_SUBMISSION;

/// Bytes of a request head over HTTP/1.1: signatures take 1 KiB, the rest is generous.
pub const MAX_HEAD: usize = 16 * 1024;
/// Header lines of a request: ours have fewer than 20.
pub const MAX_HEADERS: usize = 64;
/// Streams that one HTTP/2 connection may have open: a client fetches the parts of one envelope.
pub const MAX_STREAMS: u32 = 64;
/// Streams that were reset by the client before they were accepted (CVE-2023-44487).
pub const MAX_RESET_STREAMS: usize = 16;
/// Body of `PUT /v1/vaults/{id}`.
pub const VAULT_BODY: usize = postfach_storage::vault::MAX_VAULT;
/// Writes of vaults that one party may make in an hour: several renewals with as many devices as
/// there may be.
pub const VAULT_WRITES: u32 = 256;
/// Reads of one vault in an hour: a device asks when it starts and when its keys are refused.
pub const VAULT_READS: u32 = 600;
/// The same for an authority, whose clerks share a vault and work all day.
pub const OFFICE_WRITES: u32 = 4096;
/// The same for an authority's vault.
pub const OFFICE_READS: u32 = 20_000;
/// Parties and vaults whose allowance is remembered at a time; 64 bytes each.
pub const ALLOWANCES: usize = 65_536;
/// Bytes that one HTTP/2 stream may have in flight.
pub const STREAM_WINDOW: u32 = 1024 * 1024;
/// Bytes that one HTTP/2 connection may have in flight.
pub const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;
/// Body of `POST /v1/statements`: the largest statement that is read.
pub const STATEMENT_BODY: usize = postfach_crypto::statement::MAX_STATEMENT;
/// Body of `POST /v1/envelopes`.
pub const SUBMISSION_BODY: usize = MAX_SUBMISSION;
/// Body of `PATCH /v1/uploads/{id}`.
pub const APPEND_BODY: usize = MAX_UPLOAD_APPEND;
/// Body of `POST /v1/uploads`: two short fields.
pub const NEW_UPLOAD_BODY: usize = 1024;
/// Unread bytes of a refused HTTP/1.1 request that are read and dropped, so that the client gets
/// the refusal instead of a reset connection: one largest body and its overshoot.
pub const MAX_DRAIN: usize = 2 * MAX_UPLOAD_APPEND;
/// Longest wait of a list for growth, in seconds: below the idle limits of common proxies.
pub const MAX_WAIT_SECONDS: u64 = 30;
/// Requests that wait for one list: a person's devices.
pub const MAX_WAITERS_PER_LIST: usize = 16;
/// What `Retry-After` says, in seconds, when waiting a moment helps.
pub const RETRY_AFTER_SECONDS: u64 = 2;
/// Connections beyond [`Limits::connections`] that are told so before they are closed; more are
/// closed at once.
pub const REFUSED_CONNECTIONS: usize = 64;
/// How long a connection that was told to end may take to say goodbye.
pub const GOODBYE: Duration = Duration::from_secs(5);

/// A day.
pub const DAY: Duration = Duration::from_secs(24 * 3600);
/// Time between two sweeps for uploads that no envelope took.
pub const UPLOAD_SWEEP: Duration = DAY;
/// Pause between two looks for letters out of time, unread or unanswered.
pub const UNREAD_SWEEP: Duration = Duration::from_secs(15 * 60);

/// The bounds that an operator may set.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections that are served; each costs some 100 KiB at most while idle.
    pub connections: usize,
    /// Of these, connections on which no known party has signed a request yet: half, so that
    /// whoever is known finds room however many knock.
    pub unauthenticated: usize,
    /// Of those, connections of one network address (IPv6: of one /64). A browser opens 6; a town
    /// hall behind one address has few at a time that have not signed yet.
    pub unauthenticated_per_address: usize,
    /// Connections that count to one party and no longer to their address; more count to both
    /// limits above. A bulk sender fits 64 requests into each.
    pub connections_per_party: usize,
    /// Request bodies that are read at the same time, in bytes: this is what floods fill.
    pub body_memory: usize,
    /// Writes that are decided and committed at the same time; the store's queue is as long.
    pub writes: usize,
    /// Requests that wait for a list to grow.
    pub waiters: usize,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a request head may take (Slowloris).
    pub head: Duration,
    /// Head start of a body before its rate is looked at.
    pub body_grace: Duration,
    /// Slowest body, in bytes a second, after the head start: a line that carries hardly anything
    /// still sends a statement. Memory is taken as bytes arrive, so slowness costs a place only.
    pub body_rate: u64,
    /// How long a use case may take once its body is read.
    pub handling: Duration,
    /// How long a client may take no byte of an answer.
    pub stall: Duration,
    /// How long a connection may be idle.
    pub idle: Duration,
    /// How long a connection may live; downloads continue on the next one (Range).
    pub lifetime: Duration,
    /// How long requests may go on after the server was told to stop.
    pub shutdown: Duration,
    /// Uploads that no envelope took yet, of one sender: this is what fills the disk.
    pub upload_quota: UploadQuota,
    /// How long an upload may stay without an envelope; a letter in an outbox begins it again.
    pub upload_life: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            unauthenticated: 5_000,
            unauthenticated_per_address: 32,
            connections_per_party: 64,
            body_memory: 256 * 1024 * 1024,
            writes: 4096,
            waiters: 8192,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body_grace: Duration::from_secs(10),
            body_rate: 1000,
            handling: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            lifetime: Duration::from_secs(4 * 3600),
            shutdown: Duration::from_secs(20),
            upload_quota: UploadQuota::default(),
            upload_life: 7 * DAY,
        }
    }
}

impl Limits {
    /// How long reading `bytes` of a body may have taken.
    pub(super) fn body_time(&self, bytes: usize) -> Duration {
        let at_rate = (bytes as u64).saturating_mul(1000) / self.body_rate.max(1);
        self.body_grace + Duration::from_millis(at_rate)
    }
}

/// What one route may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct RouteLimits {
    /// Largest body.
    pub(super) body: usize,
    /// Time that the route may wait by itself, beside handling.
    pub(super) wait: Duration,
}

impl RouteLimits {
    /// A route without body.
    pub(super) const READ: Self = Self {
        body: 0,
        wait: Duration::ZERO,
    };
    /// A route that waits for a list to grow.
    pub(super) const LIST: Self = Self {
        body: 0,
        wait: Duration::from_secs(MAX_WAIT_SECONDS),
    };

    /// A route with a body of at most this many bytes.
    pub(super) const fn body(bytes: usize) -> Self {
        Self {
            body: bytes,
            wait: Duration::ZERO,
        }
    }

    /// Longest time until the answer begins.
    pub(super) fn total(&self, limits: &Limits) -> Duration {
        let body = match self.body {
            0 => Duration::ZERO,
            bytes => limits.body_time(bytes),
        };
        body + self.wait + limits.handling
    }
}
