//! Folds that the next request would make again: keys and certificates of whoever sends much.
//!
//! Invariant: a fold is used only while the list it was made from has the head it had then, so it is what reading the list
//! again would give; every commit still states the list's length. Bounded by [`MAX_REMEMBERED`]; when full, all is
//! forgotten, which costs a busy sender one more reading now and then.
//!
//! Absent: folds about what changes with each letter, and anything that is served to readers.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use postfach_crypto::statement::ListHead;

/// Folds of one kind that are remembered, some 4 KiB each.
pub(super) const MAX_REMEMBERED: usize = 1024;

/// Folds by whom they are about, each with the head of its list.
pub(super) struct Remembered<K, T>(Mutex<HashMap<K, (ListHead, T)>>);

impl<K: Eq + Hash, T: Clone> Remembered<K, T> {
    /// Nothing remembered.
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// The fold of the list that has this head now.
    pub(super) fn recall(&self, about: &K, head: ListHead) -> Option<T> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (then, fold) = known.get(about)?;
        (*then == head).then(|| fold.clone())
    }

    /// Remembers the fold of a list that had this head.
    pub(super) fn keep(&self, about: K, head: ListHead, fold: &T) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_REMEMBERED {
            known.clear();
        }
        known.insert(about, (head, fold.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postfach_crypto::ids::StatementHash;

    #[test]
    fn a_fold_counts_under_the_head_it_was_made_from() {
        let remembered = Remembered::new();
        let before = ListHead::EMPTY;
        let after = before.append(&StatementHash([1; 32]));
        remembered.keep(7, before, &"fold");
        assert_eq!(remembered.recall(&7, before), Some("fold"));
        assert_eq!(remembered.recall(&7, after), None);
        assert_eq!(remembered.recall(&8, before), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let remembered = Remembered::new();
        for about in 0..=MAX_REMEMBERED {
            remembered.keep(about, ListHead::EMPTY, &());
        }
        let known = remembered.0.lock().unwrap();
        assert_eq!(known.len(), 1);
        assert!(known.contains_key(&MAX_REMEMBERED));
    }
}
