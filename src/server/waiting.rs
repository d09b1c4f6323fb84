//! Waiting for a list to grow: long-polls, woken by commits of this process.
//!
//! Invariant: whoever registers before reading a list misses no growth after that read. A commit
//! of another node wakes nobody here; such a wait ends at its deadline and the client asks again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postfach_storage::List;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::limits::MAX_WAITERS_PER_LIST;
use super::refusal::Refusal;

/// Everyone who waits.
pub(super) struct Waiters {
    lists: Arc<Mutex<HashMap<List, Waited>>>,
    room: Arc<Semaphore>,
}

struct Waited {
    grown: watch::Sender<()>,
    waiters: usize,
}

/// A registration; dropping it ends it.
pub(super) struct Waiter {
    list: List,
    lists: Arc<Mutex<HashMap<List, Waited>>>,
    grown: watch::Receiver<()>,
    _room: OwnedSemaphorePermit,
}

impl Waiters {
    pub(super) fn new(most: usize) -> Self {
        Self {
            lists: Arc::default(),
            room: Arc::new(Semaphore::new(most)),
        }
    }

    /// Registers for growth of `list` from now on.
    pub(super) fn register(&self, list: List) -> Result<Waiter, Refusal> {
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_| Refusal::Busy)?;
        let mut lists = lock(&self.lists);
        let waited = lists.entry(list).or_insert_with(|| Waited {
            grown: watch::channel(()).0,
            waiters: 0,
        });
        if waited.waiters >= MAX_WAITERS_PER_LIST {
            return Err(Refusal::Waiters);
        }
        waited.waiters += 1;
        let grown = waited.grown.subscribe();
        drop(lists);
        Ok(Waiter {
            list,
            lists: Arc::clone(&self.lists),
            grown,
            _room: room,
        })
    }

    /// Wakes those who wait for one of these lists.
    pub(super) fn announce(&self, grown: &[List]) {
        let lists = lock(&self.lists);
        for waited in grown.iter().filter_map(|list| lists.get(list)) {
            waited.grown.send_replace(());
        }
    }

    /// How many wait.
    pub(super) fn count(&self) -> usize {
        lock(&self.lists)
            .values()
            .map(|waited| waited.waiters)
            .sum()
    }
}

impl Waiter {
    /// Resolves when the list grew, the time is over, or the server stops.
    pub(super) async fn grown(mut self, most: Duration, mut stopping: watch::Receiver<bool>) {
        tokio::select! {
            _ = self.grown.changed() => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = tokio::time::sleep(most) => {}
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut lists = lock(&self.lists);
        if let Some(waited) = lists.get_mut(&self.list) {
            waited.waiters -= 1;
            if waited.waiters == 0 {
                lists.remove(&self.list);
            }
        }
    }
}

/// No code between lock and unlock can panic half-way through a change.
fn lock(lists: &Mutex<HashMap<List, Waited>>) -> MutexGuard<'_, HashMap<List, Waited>> {
    lists.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use postfach_crypto::ids::Address;

    const LIST: List = List::Mailbox(Address([1; 32]));

    #[tokio::test]
    async fn growth_after_registration_wakes_and_leaves_nothing_behind() {
        let (_keep, stopping) = watch::channel(false);
        let waiters = Waiters::new(4);
        let waiter = waiters.register(LIST).unwrap();
        waiters.announce(&[List::Certificates, LIST]);
        waiter.grown(Duration::MAX, stopping.clone()).await;
        assert_eq!(waiters.count(), 0);
        let (stop, stopping) = watch::channel(false);
        let waiter = waiters.register(LIST).unwrap();
        stop.send_replace(true);
        waiter.grown(Duration::MAX, stopping).await;
        assert!(lock(&waiters.lists).is_empty());
    }

    #[test]
    fn waiters_are_bounded_for_one_list_and_for_all() {
        let waiters = Waiters::new(MAX_WAITERS_PER_LIST + 1);
        let mut held: Vec<_> = (0..MAX_WAITERS_PER_LIST)
            .map(|_| waiters.register(LIST).unwrap())
            .collect();
        assert_eq!(waiters.register(LIST).err(), Some(Refusal::Waiters));
        held.push(waiters.register(List::Certificates).unwrap());
        assert_eq!(
            waiters.register(List::Delegations).err(),
            Some(Refusal::Busy)
        );
        held.clear();
        assert!(waiters.register(LIST).is_ok());
    }
}
