//! Key histories in an evidence file, and which of their statements was current at a receipt.
//!
//! A key statement counts as current at a receipt when its own receipt came before and its
//! successor's after. Where receipts are missing, every statement that may have been current must
//! give the same answer.

use std::ops::Range;

use serde_bytes::ByteBuf;

use super::moment::{Accepted, Moment};
use super::report::{Cause, Gap};
use super::verify::{Shortfall, check_origin};
use crate::ids::{Address, StatementHash, UnixMillis};
use crate::keys::VerifyingKey;
use crate::party::{NotAllowed, Party};
use crate::statement::{KeyStatement, ListHead, Role, Signed};

/// A verified key history with the acceptance times that are known.
pub(super) struct KeyHistory {
    statements: Vec<Signed<KeyStatement>>,
    accepted: Vec<Option<Moment>>,
}

impl KeyHistory {
    /// Verifies all key statements of `address`.
    pub(super) fn verify(
        address: Address,
        statements: &[ByteBuf],
        origin: &str,
        accepted: &Accepted,
    ) -> Result<Self, Shortfall> {
        let statements = statements
            .iter()
            .map(|bytes| {
                let signed: Signed<KeyStatement> =
                    Signed::verify(bytes).map_err(Cause::Statement)?;
                check_origin(&signed.context, origin)?;
                Ok(signed)
            })
            .collect::<Result<Vec<_>, Shortfall>>()?;
        Party::from_history(address, statements.iter().cloned()).map_err(Cause::History)?;
        let accepted = statements
            .iter()
            .map(|statement| accepted.get(&statement.hash()).copied())
            .collect();
        Ok(Self {
            statements,
            accepted,
        })
    }

    /// Number 0, which bindings name.
    pub(super) fn first(&self) -> StatementHash {
        self.statements[0].hash()
    }

    /// Where a key statement stands in the history.
    pub(super) fn position(&self, hash: &StatementHash) -> Result<usize, Shortfall> {
        self.statements
            .iter()
            .position(|statement| statement.hash() == *hash)
            .ok_or_else(|| Cause::KeyStatementUnknown.into())
    }

    /// The key statement at a position.
    pub(super) fn at(&self, position: usize) -> &Signed<KeyStatement> {
        &self.statements[position]
    }

    /// Whether the statement at `position` was the newest at a moment.
    pub(super) fn check_current(&self, position: usize, at: &Moment) -> Result<(), Shortfall> {
        let candidates = self.current_at(at);
        if !candidates.contains(&position) {
            Err(Cause::KeysNotCurrent.into())
        } else if candidates.len() > 1 {
            Err(Gap::Order.into())
        } else {
            Ok(())
        }
    }

    /// Whether `key` was allowed to say what needs `role`, accepted at `accepted` or, where
    /// that is not known, at some time before the file was made.
    pub(super) fn check_signer(
        &self,
        key: &VerifyingKey,
        role: Role,
        accepted: Option<Moment>,
        claimed: UnixMillis,
    ) -> Result<(), Shortfall> {
        let candidates = accepted
            .as_ref()
            .map_or(0..self.statements.len(), |at| self.current_at(at));
        let answers = candidates.map(|position| {
            let statement = &self.statements[position];
            let time = accepted.map_or(claimed, |at| at.time);
            let answer = statement.allows(key, role, time);
            (answer, statement.identity == *key)
        });
        let (mut refusal, mut allowed, mut timeless) = (None, false, true);
        for (answer, identity) in answers {
            match answer {
                Ok(()) => allowed = true,
                Err(error) => refusal = Some(error),
            }
            timeless &= identity;
        }
        match (allowed, refusal) {
            (true, None) if accepted.is_some() || timeless => Ok(()),
            (true, _) => Err(Gap::Order.into()),
            (false, refusal) => {
                let error = refusal.unwrap_or(NotAllowed::UnknownKey);
                Err(Cause::NotAllowed(error).into())
            }
        }
    }

    /// Whether `seen` is the head of some beginning of this history that includes `position`.
    pub(super) fn check_seen(&self, position: usize, seen: ListHead) -> Result<(), Shortfall> {
        let mut head = ListHead::EMPTY;
        for (index, statement) in self.statements.iter().enumerate() {
            head = head.append(&statement.hash());
            if index >= position && head == seen {
                return Ok(());
            }
        }
        Err(Cause::SenderSawOtherHistory.into())
    }

    /// Positions of the statements that may have been the newest at a moment.
    fn current_at(&self, at: &Moment) -> Range<usize> {
        let before = |accepted: &Option<Moment>| {
            accepted.is_some_and(|accepted| accepted.before(at) == Some(true))
        };
        let after = |accepted: &Option<Moment>| {
            accepted.is_some_and(|accepted| at.before(&accepted) == Some(true))
        };
        let start = self.accepted.iter().rposition(before).unwrap_or(0);
        let end = self.accepted[start + 1..]
            .iter()
            .position(after)
            .map_or(self.statements.len(), |offset| start + 1 + offset);
        start..end
    }
}

/// The head that a list of statements must have.
pub(super) fn head_of(list: &[ByteBuf]) -> Vec<ListHead> {
    let mut head = ListHead::EMPTY;
    std::iter::once(head)
        .chain(list.iter().map(|bytes| {
            head = head.append(&StatementHash::of(bytes));
            head
        }))
        .collect()
}
