//! The auditor against honest logs and against every lie that an operator with the real key can tell.

#![allow(unreachable_pub, reason = "one binary of several files")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod honest;
mod lies;
#[path = "../support/log.rs"]
mod log;
mod operator;
mod program;
