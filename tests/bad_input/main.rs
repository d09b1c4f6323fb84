//! Bad input, one named test a line of the specification: each gets a clear error with what to do,
//! nothing half stored remains, and the same request again is safe.
//!
//! The real server over TLS and the embedded store, and real clients with profiles on disk.

#![allow(unreachable_pub, reason = "one binary of several files")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addressing;
mod audit;
mod bounds;
mod consent;
mod content;
mod delegation;
mod delivery;
mod encoding;
mod enrolment;
mod history;
mod keys;
mod leaving;
mod recovery;
mod relay;
mod repetition;
#[path = "../support/mod.rs"]
mod support;
mod town;
mod trust;
