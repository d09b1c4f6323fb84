//! The system clock: the one place that reads the time of day.
//!
//! Everything else takes [`UnixMillis`] as an argument. Absent: time zones (`cli::lang` knows
//! them for people) and durations, for which `std::time::Instant` is right.

use std::time::{SystemTime, UNIX_EPOCH};

use postfach_crypto::ids::UnixMillis;

/// Now, in Unix milliseconds. A clock set before 1970 reads as 0, which every peer refuses.
#[must_use]
pub fn now() -> UnixMillis {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UnixMillis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
