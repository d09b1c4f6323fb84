//! Time-stamps by a real authority: `openssl ts` makes the tokens and checks what we kept.
//!
//! `lab` makes the authority with its certificates and its HTTP server, `tokens` judges tokens,
//! `publishing` has a running server's log stamped, `evidence` carries a token to whoever verifies.
//! Nothing here signs but openssl.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub)] // support is shared
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod evidence;
mod lab;
mod publishing;
#[path = "../bad_input/relay.rs"]
#[allow(dead_code, reason = "shared with the tests of bad input")]
mod relay;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
#[path = "../bad_input/town.rs"]
#[allow(dead_code, reason = "shared with the tests of bad input")]
mod town;
mod vectors;
