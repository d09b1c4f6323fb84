//! The witness: its statuses over HTTP, what it keeps, and the program from end to end.

#![allow(unreachable_pub, reason = "one binary of several files")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/log.rs"]
mod log;
mod program;
#[path = "../support/witness.rs"]
mod running;
mod state;
mod statuses;
