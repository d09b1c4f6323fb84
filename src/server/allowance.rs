//! How often something may be done for one party or one vault within an hour.
//!
//! Each name has a bucket that holds as much as an hour allows and fills evenly; how much that is, says the caller. Invariant: memory is
//! bounded; full buckets are forgotten, since a new one is full. Absent: the peer's network address.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use postfach_crypto::ids::UnixMillis;

/// Milliseconds of an hour.
const HOUR: u64 = 3_600_000;

/// Buckets of one kind.
pub(super) struct Allowances {
    names: usize,
    /// When each bucket will be full again, in Unix milliseconds.
    full_at: Mutex<HashMap<[u8; 32], u64>>,
}

/// Nothing is left for this name, or too many names are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exhausted;

impl Allowances {
    /// At most `names` that are not full are remembered.
    pub(super) fn new(names: usize) -> Self {
        Self {
            names,
            full_at: Mutex::new(HashMap::new()),
        }
    }

    /// Takes one from the bucket of `name`, of which there are `an_hour`.
    pub(super) fn take(
        &self,
        name: &[u8; 32],
        an_hour: u32,
        now: UnixMillis,
    ) -> Result<(), Exhausted> {
        let step = HOUR / u64::from(an_hour.max(1));
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let after = full_at.get(name).copied().unwrap_or(0).max(now.0) + step;
        if after > now.0 + HOUR {
            return Err(Exhausted);
        }
        if full_at.len() >= self.names && !full_at.contains_key(name) {
            full_at.retain(|_, full| *full > now.0);
            if full_at.len() >= self.names {
                return Err(Exhausted);
            }
        }
        full_at.insert(*name, after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_an_hours_worth_and_fills_again() {
        let allowances = Allowances::new(2);
        let at = |minutes: u64| UnixMillis(1_790_000_000_000 + minutes * 60_000);
        let (a, b, c) = ([1; 32], [2; 32], [3; 32]);
        for _ in 0..4 {
            assert_eq!(allowances.take(&a, 4, at(0)), Ok(()));
        }
        assert_eq!(allowances.take(&a, 4, at(0)), Err(Exhausted));
        assert_eq!(allowances.take(&a, 4, at(14)), Err(Exhausted));
        assert_eq!(allowances.take(&a, 4, at(15)), Ok(()));
        assert_eq!(allowances.take(&b, 4, at(15)), Ok(()));
        assert_eq!(allowances.take(&c, 4, at(15)), Err(Exhausted)); // two are remembered
        assert_eq!(allowances.take(&c, 4, at(31)), Ok(())); // the second is full again
    }
}
