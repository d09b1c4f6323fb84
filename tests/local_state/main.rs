//! What lies on a party's own machine and on the server's: keys, profile, evidence, address book,
//! certificates. Real files in a temporary folder, real encryption, real TLS handshakes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod book;
mod kept;
mod keyfile;
mod profile;
mod tls;

use postfach_crypto::ids::{Blind, UnixMillis};
use postfach_crypto::statement::Context;

/// 23 November 2026.
const NOW: UnixMillis = UnixMillis(1_795_442_640_000);
const DAY: u64 = 86_400_000;

fn context(time: u64, number: u8) -> Context {
    Context {
        origin: "postfach.example".to_owned(),
        epoch: 1,
        time: UnixMillis(time),
        blind: Blind([number; 32]),
    }
}
