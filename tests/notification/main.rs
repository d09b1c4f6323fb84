//! Notifications from end to end: the real server and store, real clients, and a mail server that
//! nobody here wrote (npm `smtp-server`): it accepts, refuses, greylists, hangs; reports come back.

#![allow(unreachable_pub, reason = "one binary of several files")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acceptance;
mod bounces;
mod contact;
mod post;
#[path = "../bad_input/relay.rs"]
#[allow(dead_code, reason = "shared with the tests of bad input")]
mod relay;
mod sending;
#[path = "../support/mod.rs"]
mod support;
#[path = "../bad_input/town.rs"]
#[allow(dead_code, reason = "shared with the tests of bad input")]
mod town;
mod unread;
