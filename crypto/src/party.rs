//! A party's key history: which keys may speak and read for an address, and since when.
//!
//! ```text
//!   number 0 ──signed by the identity key the address commits to──▶ current
//!   current ──identity key of n−1──────────▶ current   new identity proves possession
//!   current ──recovery key of n−1──────────▶ current   identity must change, possession proved;
//!                                                      only so may the recovery hash change
//!   current ──administrator of n−1─────────▶ current   signers only, no new administrators
//! ```
//!
//! Invariant: a [`Party`] was built from number 0 up, every step authorised by the one before, so
//! nobody who lacks those keys can have added one, the operator included. Log order, not the times
//! parties claim, decides which step came first. Specification: docs/format/statements.md,
//! "Key history".

use crate::age::HybridRecipient;
use crate::ids::{Address, StatementHash, UnixMillis};
use crate::keys::VerifyingKey;
use crate::statement::{KeyStatement, ListHead, Role, Signed};

/// Most key statements of one party.
pub const MAX_HISTORY: usize = 256;

/// Why a key statement does not continue a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// There is no key statement at all.
    #[error("the party has no key statement")]
    Empty,
    /// The statement belongs to another address.
    #[error("key statement is for another address")]
    OtherAddress,
    /// The statement is not the next one of this history.
    #[error("key statement {found} does not follow number {current}")]
    NotNext {
        /// Number of the newest statement.
        current: u64,
        /// Number of the statement refused.
        found: u64,
    },
    /// The statement names another predecessor: somebody tries to branch the history.
    #[error("key statement {0} names another predecessor than the known one")]
    Branch(u64),
    /// No key of the statement before has signed it.
    #[error("key statement {0} is not signed by a key of the statement before it")]
    Unauthorised(u64),
    /// The new identity key did not agree.
    #[error("key statement {0} lacks the new identity key's proof of possession")]
    NoPossession(u64),
    /// An administrator changed more than the signers.
    #[error("key statement {0}: an administrator may change signers only")]
    AdministratorOverreach(u64),
    /// An age recipient is of low order or not canonical.
    #[error("key statement {0} names an unsafe age recipient")]
    Recipient(u64),
    /// The history is longer than [`MAX_HISTORY`].
    #[error("the key history is longer than {MAX_HISTORY} statements")]
    TooLong,
}

/// Why a key may not do something for a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The key is none of the party's current keys.
    #[error("the key is not, or no longer, one of the party's keys")]
    UnknownKey,
    /// The key lacks the role, or its period is over or has not begun.
    #[error("the key does not have the role {} at this time", .0.name())]
    Role(Role),
}

/// A party with its verified key history.
#[derive(Debug, Clone)]
pub struct Party {
    current: Signed<KeyStatement>,
    history: Vec<StatementHash>,
    head: ListHead,
}

impl Party {
    /// Starts a history with number 0, whose own rules tie it to the address.
    pub fn start(first: Signed<KeyStatement>) -> Result<Self, HistoryError> {
        if first.number != 0 {
            return Err(HistoryError::Empty);
        }
        if first.signer() != first.identity {
            return Err(HistoryError::Unauthorised(0));
        }
        check_recipients(&first)?;
        Ok(Self {
            history: vec![first.hash()],
            head: ListHead::EMPTY.append(&first.hash()),
            current: first,
        })
    }

    /// Builds the history of `address` from all its key statements in log order.
    pub fn from_history(
        address: Address,
        statements: impl IntoIterator<Item = Signed<KeyStatement>>,
    ) -> Result<Self, HistoryError> {
        let mut statements = statements.into_iter();
        let first = statements.next().ok_or(HistoryError::Empty)?;
        if first.address != address {
            return Err(HistoryError::OtherAddress);
        }
        statements.try_fold(Self::start(first)?, Self::apply)
    }

    /// The history with the next statement.
    pub fn apply(mut self, next: Signed<KeyStatement>) -> Result<Self, HistoryError> {
        let number = next.number;
        if next.address != self.current.address {
            return Err(HistoryError::OtherAddress);
        }
        if number != self.current.number + 1 {
            return Err(HistoryError::NotNext {
                current: self.current.number,
                found: number,
            });
        }
        if next.previous != Some(self.current.hash()) {
            return Err(HistoryError::Branch(number));
        }
        if self.history.len() >= MAX_HISTORY {
            return Err(HistoryError::TooLong);
        }
        self.check_authorised(&next)?;
        check_recipients(&next)?;
        self.history.push(next.hash());
        self.head = self.head.append(&next.hash());
        self.current = next;
        Ok(self)
    }

    fn check_authorised(&self, next: &Signed<KeyStatement>) -> Result<(), HistoryError> {
        let (before, number, signer) = (&self.current, next.number, next.signer());
        let new_identity = next.identity != before.identity;
        if let Some(recovery) = next.recovered_with {
            let known = self.recovers(&recovery) && signer == recovery;
            if !known || !new_identity {
                return Err(HistoryError::Unauthorised(number));
            }
        } else if next.recovery != before.recovery && signer == before.identity {
            // A stolen device must not be able to replace the recovery sheet.
            return Err(HistoryError::Unauthorised(number));
        } else if signer != before.identity {
            if self
                .allows(&signer, Role::Administer, next.context.time)
                .is_err()
            {
                return Err(HistoryError::Unauthorised(number));
            }
            self.check_administrator(next)?;
        }
        if new_identity {
            next.verify_possession()
                .map_err(|_| HistoryError::NoPossession(number))
        } else if next.possession.is_some() {
            Err(HistoryError::Unauthorised(number))
        } else {
            Ok(())
        }
    }

    /// Everything but the signers stays, and nobody becomes administrator.
    fn check_administrator(&self, next: &KeyStatement) -> Result<(), HistoryError> {
        let before = &self.current;
        let same_keys = next.identity == before.identity
            && next.recovery == before.recovery
            && next.recipients == before.recipients
            && next.home == before.home;
        let administrators_kept = next
            .signers
            .iter()
            .filter(|grant| grant.roles.contains(&Role::Administer))
            .all(|grant| before.signers.contains(grant));
        if same_keys && administrators_kept {
            Ok(())
        } else {
            Err(HistoryError::AdministratorOverreach(next.number))
        }
    }

    /// Whether `key` may do this for the party now.
    pub fn allows(
        &self,
        key: &VerifyingKey,
        role: Role,
        now: UnixMillis,
    ) -> Result<(), NotAllowed> {
        self.current.allows(key, role, now)
    }

    /// Whether `key` is the recovery key that may replace all others now. A recovery that was
    /// accepted replaces it too, so a used sheet recovers nothing more.
    pub fn recovers(&self, key: &VerifyingKey) -> bool {
        key.recovery_hash() == self.current.recovery
    }

    /// The party's address.
    pub fn address(&self) -> Address {
        self.current.address
    }

    /// The newest key statement.
    pub fn current(&self) -> &Signed<KeyStatement> {
        &self.current
    }

    /// Number 0, which a binding names.
    pub fn first(&self) -> StatementHash {
        self.history[0]
    }

    /// All key statements, oldest first.
    pub fn history(&self) -> &[StatementHash] {
        &self.history
    }

    /// Count and running hash of the history.
    pub fn head(&self) -> ListHead {
        self.head
    }

    /// The age recipients of the newest key statement, in order.
    pub fn recipients(&self) -> Vec<HybridRecipient> {
        self.current
            .recipients
            .iter()
            .map(|key| {
                HybridRecipient::from_bytes(key.bytes()).expect("checked when it was registered")
            })
            .collect()
    }
}

impl KeyStatement {
    /// Whether `key` may do this at `time`, by this statement alone.
    pub fn allows(
        &self,
        key: &VerifyingKey,
        role: Role,
        time: UnixMillis,
    ) -> Result<(), NotAllowed> {
        if *key == self.identity {
            return Ok(());
        }
        let grant = self
            .signers
            .iter()
            .find(|grant| grant.key == *key)
            .ok_or(NotAllowed::UnknownKey)?;
        let in_period = grant.from <= time && grant.until.is_none_or(|until| time < until);
        if in_period && grant.roles.contains(&role) {
            Ok(())
        } else {
            Err(NotAllowed::Role(role))
        }
    }
}

/// Registration is where low-order and non-canonical recipients are refused (C2SP age,
/// "The mlkem768x25519 recipient type").
fn check_recipients(statement: &KeyStatement) -> Result<(), HistoryError> {
    for key in &statement.recipients {
        HybridRecipient::from_bytes(key.bytes())
            .map_err(|_| HistoryError::Recipient(statement.number))?;
    }
    Ok(())
}
