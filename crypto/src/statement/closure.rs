//! Closure: a person gives up the mailbox, for good.
//!
//! BayDiG Art. 30(1) lets users delete their account at any time. From the receipt of this statement
//! on nothing new is accepted for the address, and every consent of it counts as revoked; for
//! [`READABLE_AFTER_CLOSURE`] its keys may still read, export and answer what had arrived, then
//! nothing. What may still be said is [`Kind::after_closure`]. Invariant: nothing opens a closed
//! address again; a new letter makes a new one. Absent: authorities, which end with their
//! certificate. Specification: docs/format/statements.md, "closure".

use serde::{Deserialize, Serialize};

use crate::ids::{Address, UnixMillis};
use crate::statement::{Context, Extensions, Invalid, Kind, statement};

/// How long a closed mailbox can be read and exported, in milliseconds from the closure's receipt.
pub const READABLE_AFTER_CLOSURE: u64 = 30 * 24 * 60 * 60 * 1000;

/// A person closes the mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// Whose mailbox it is.
    pub citizen: Address,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// How far a mailbox has closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// It takes mail.
    Open,
    /// It takes none, and what it holds can be read until then.
    Readable {
        /// When that ends.
        until: UnixMillis,
    },
    /// It takes none and shows none.
    Over,
}

/// Whether a party may say something about a mailbox that it has closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterClosure {
    /// As long as what had arrived can be read.
    WhileReadable,
    /// Not any more.
    Never,
}

impl Closing {
    /// How far a mailbox has closed at `now`, whose closure was receipted `at`, if it was.
    pub fn of(at: Option<UnixMillis>, now: UnixMillis) -> Self {
        match at.map(|at| UnixMillis(at.0.saturating_add(READABLE_AFTER_CLOSURE))) {
            None => Self::Open,
            Some(until) if now < until => Self::Readable { until },
            Some(_) => Self::Over,
        }
    }

    /// Whether a statement of this kind still counts when it rests on the keys of this mailbox.
    pub fn allows(self, kind: Kind) -> bool {
        match self {
            Self::Open => true,
            Self::Readable { .. } => kind.after_closure() == AfterClosure::WhileReadable,
            Self::Over => false,
        }
    }
}

impl Kind {
    /// What the owner of a closed mailbox may still say: whatever settles mail that had arrived or
    /// was sent, and key statements, so that a lost device keeps nobody from the export. Nothing
    /// that begins something.
    pub fn after_closure(self) -> AfterClosure {
        match self {
            Kind::Key
            | Kind::Objection
            | Kind::HandoverRequest
            | Kind::Access
            | Kind::Failure
            | Kind::Acceptance
            | Kind::Rejection
            | Kind::Deletion
            | Kind::Withdrawal => AfterClosure::WhileReadable,
            Kind::EnrolmentClaim
            | Kind::EnrolmentRefusal
            | Kind::Binding
            | Kind::BindingWithdrawal
            | Kind::Succession
            | Kind::Consent
            | Kind::ConsentRevocation
            | Kind::Contact
            | Kind::Closure
            | Kind::Certificate
            | Kind::CertificateRevocation
            | Kind::Genesis
            | Kind::Delegation
            | Kind::Bundle
            | Kind::Mandate
            | Kind::EnvelopeHeader
            | Kind::Receipt
            | Kind::Head => AfterClosure::Never,
        }
    }
}

impl Closure {
    fn rules(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

statement!(Closure, Closure);

#[cfg(test)]
mod tests {
    use super::*;

    const CLOSED_AT: UnixMillis = UnixMillis(1_790_000_000_000);

    #[test]
    fn a_closed_mailbox_is_readable_for_thirty_days_and_never_opens_again() {
        let until = UnixMillis(CLOSED_AT.0 + READABLE_AFTER_CLOSURE);
        assert_eq!(READABLE_AFTER_CLOSURE / 1000 / 60 / 60, 720);
        let at = |now| Closing::of(Some(CLOSED_AT), UnixMillis(now));
        assert_eq!(Closing::of(None, until), Closing::Open);
        for now in [0, CLOSED_AT.0, until.0 - 1] {
            assert_eq!(at(now), Closing::Readable { until });
        }
        for now in [until.0, u64::MAX] {
            assert_eq!(at(now), Closing::Over);
        }
        let last = Closing::of(Some(UnixMillis(u64::MAX)), UnixMillis(u64::MAX));
        assert_eq!(last, Closing::Over);
    }

    #[test]
    fn a_closed_mailbox_begins_nothing_and_finishes_what_it_has() {
        let readable = Closing::of(Some(CLOSED_AT), CLOSED_AT);
        for kind in [
            Kind::EnvelopeHeader,
            Kind::Consent,
            Kind::Contact,
            Kind::Binding,
            Kind::Closure,
        ] {
            assert!(Closing::Open.allows(kind) && !readable.allows(kind));
        }
        for kind in [Kind::HandoverRequest, Kind::Deletion, Kind::Key] {
            assert!(readable.allows(kind) && !Closing::Over.allows(kind));
        }
        assert!(!Kind::ALL.iter().any(|kind| Closing::Over.allows(*kind)));
    }
}
