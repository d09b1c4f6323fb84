//! Transcripts of the real program: its server, its verbs, its words and exit codes.

#![allow(unreachable_pub, reason = "one binary of several files")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batch;
mod check;
mod help;
mod keys;
mod leaving;
mod machine;
mod notification;
mod pages;
mod story;
mod trouble;
