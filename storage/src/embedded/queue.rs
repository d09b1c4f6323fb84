//! Commits that wait for the committer, bounded in number and bytes.
//!
//! Invariant: what was pushed is taken exactly once, in order, also after [`Queue::close`];
//! nothing is pushed after it. Absent: waiting for room; a full queue refuses at once, so the
//! caller can tell the client to come back.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Something that waits and takes room while it does.
pub(crate) trait Weighed {
    /// Bytes it holds.
    fn bytes(&self) -> usize;
}

/// A bounded queue with one consumer that takes what is there in groups.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    max_items: usize,
    max_bytes: usize,
}

struct State<T> {
    items: VecDeque<T>,
    bytes: usize,
    closed: bool,
}

/// Why something was not pushed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PushError {
    /// No room.
    Busy,
    /// Closed.
    Closed,
}

impl<T: Weighed> Queue<T> {
    pub(crate) fn new(max_items: usize, max_bytes: usize) -> Self {
        let state = State {
            items: VecDeque::new(),
            bytes: 0,
            closed: false,
        };
        Self {
            state: Mutex::new(state),
            filled: Condvar::new(),
            max_items,
            max_bytes,
        }
    }

    /// Adds an item. A single one always finds room in an empty queue.
    pub(crate) fn push(&self, item: T) -> Result<(), PushError> {
        let mut state = self.lock();
        if state.closed {
            return Err(PushError::Closed);
        }
        let bytes = state.bytes + item.bytes();
        let full = state.items.len() >= self.max_items || bytes > self.max_bytes;
        if full && !state.items.is_empty() {
            return Err(PushError::Busy);
        }
        state.bytes = bytes;
        state.items.push_back(item);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for items and takes those that are there, up to about `max_bytes`; `None` once the
    /// queue is closed and empty.
    pub(crate) fn take(&self, max_bytes: usize) -> Option<Vec<T>> {
        let mut state = self.lock();
        while state.items.is_empty() {
            if state.closed {
                return None;
            }
            state = self
                .filled
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let mut taken = Vec::with_capacity(state.items.len());
        let mut bytes = 0;
        while bytes < max_bytes
            && let Some(item) = state.items.pop_front()
        {
            bytes += item.bytes();
            taken.push(item);
        }
        state.bytes -= bytes;
        Some(taken)
    }

    /// Refuses further items; those inside are still taken.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Refuses further items and drops those inside.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.closed = true;
        let dropped = std::mem::take(&mut state.items);
        state.bytes = 0;
        drop(state);
        drop(dropped);
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weighed for usize {
        fn bytes(&self) -> usize {
            *self
        }
    }

    #[test]
    fn bounded_in_number_and_bytes_and_drained_after_close() {
        let queue = Queue::new(3, 10);
        assert_eq!(queue.push(20), Ok(())); // alone it always fits
        assert_eq!(queue.push(1), Err(PushError::Busy));
        assert_eq!(queue.take(100), Some(vec![20]));
        for item in [4, 3, 2] {
            assert_eq!(queue.push(item), Ok(()));
        }
        assert_eq!(queue.push(0), Err(PushError::Busy));
        assert_eq!(queue.take(5), Some(vec![4, 3]));
        queue.close();
        assert_eq!(queue.push(1), Err(PushError::Closed));
        assert_eq!(queue.take(5), Some(vec![2]));
        assert_eq!(queue.take(5), None);
    }
}
