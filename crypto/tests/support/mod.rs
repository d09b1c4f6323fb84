//! A small world for tests: an operator, an authority with a clerk, a citizen, and one letter.
//!
//! Everything comes from named seeds and a counted clock, so two runs give the same bytes on every
//! machine; the vectors in `docs/format/vectors` are made here.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)] // each test binary uses its own part

pub mod diagnostic;
pub mod failures;
pub mod findings;
pub mod forge;
pub mod public_log;
pub mod samples;
mod samples_relation;
pub mod story;
pub mod world;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// A random generator whose output depends on the name alone.
pub fn rng(name: &str) -> ChaCha20Rng {
    ChaCha20Rng::from_seed(seed(name))
}

/// 32 bytes that depend on the name alone.
pub fn seed(name: &str) -> [u8; 32] {
    Sha256::digest(name).into()
}
