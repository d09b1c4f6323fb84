//! Time-stamps of the file's checkpoints by an authority outside (RFC 3161).
//!
//! What a token proves: the text of a checkpoint existed at a time, says an authority that the
//! verifier pinned. The statements under that checkpoint, shown by their inclusion proofs and by the
//! consistency proof to the last checkpoint, are older. So a token is an upper bound for receipts,
//! whatever operator and witnesses say, and never a lower one.
//!
//! Invariant: a token that fails bounds nothing, and fails the check whatever others say. Absent:
//! CMS and certificates; whoever pins an authority hands in a [`TokenReader`]. Specification:
//! docs/format/evidence.md, "Time-stamps".

use super::log::{CLOCK_TOLERANCE, Positions, Trees};
use super::report::{Cause, CheckName, Gap};
use super::verify::{Shortfall, Verification, needs};
use super::{LogRecord, Timestamp};
use crate::ids::{StatementHash, UnixMillis};
use crate::statement::{Receipt, Signed};
use crate::tlog::Judgement;

/// Reads a token over the text of a checkpoint note, under the certificates that the verifier
/// pinned; none where the token is under another one, which is nothing wrong. Pure: no clock, no
/// network.
pub type TokenReader<'a> = dyn Fn(&str, &[u8]) -> Result<Option<StampedAt>, TokenFault> + 'a;

/// What a token proves: its text existed at that time, says this authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampedAt {
    /// Common name in the authority's certificate.
    pub authority: String,
    /// `genTime`.
    pub at: UnixMillis,
    /// How far the time may be off, in microseconds, as the authority claims; 0 where it does not say.
    pub accuracy_micros: u64,
    /// The token's serial number at the authority, in hex.
    pub serial: String,
}

impl StampedAt {
    /// The text existed before this: `genTime`, cut to milliseconds when read, with its accuracy.
    pub fn latest(&self) -> UnixMillis {
        let off = self.accuracy_micros.div_ceil(1000).saturating_add(1);
        UnixMillis(self.at.0.saturating_add(off))
    }
}

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is no token.
    #[error("the token is malformed")]
    Form,
    /// It is signed with an algorithm that is not accepted.
    #[error("the token is signed with an algorithm that is not accepted")]
    Algorithm,
    /// Its signature does not hold.
    #[error("the token's signature does not hold")]
    Signature,
    /// It stamps something else than the checkpoint.
    #[error("the token stamps something else than the checkpoint")]
    OtherText,
    /// Its time lies outside the certificate's.
    #[error("the token's time is outside of the validity of its certificate")]
    Validity,
}

/// A token that holds, and how much it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timestamped {
    /// Size of the checkpoint's tree: statements at smaller positions existed before.
    pub size: u64,
    /// How many entries of the envelope's list, from its first, stand in that tree.
    pub entries: usize,
    /// When, and by whom.
    pub stamped: StampedAt,
}

/// Each token is about a checkpoint in the file.
pub(super) fn check_used(record: &LogRecord, judged: &[Judgement]) -> Result<(), Shortfall> {
    let has = |stamp: &Timestamp| text_of(judged, stamp.size).is_some();
    if record.timestamps().iter().all(has) {
        Ok(())
    } else {
        Err(Cause::ProofOfNothing.into())
    }
}

fn text_of(judged: &[Judgement], size: u64) -> Option<&str> {
    let mut checkpoints = judged.iter().map(Judgement::checkpoint);
    let checkpoint = checkpoints.find(|checkpoint| checkpoint.head().size == size)?;
    Some(checkpoint.note().text())
}

/// The log's proofs that passed.
pub(super) struct Proven<'a> {
    pub(super) record: &'a LogRecord,
    pub(super) judged: &'a [Judgement],
    pub(super) positions: Option<&'a Positions>,
    pub(super) trees: Option<&'a mut Trees>,
    pub(super) receipts: &'a [&'a Signed<Receipt>],
}

impl Verification<'_> {
    /// What the tokens in the file prove, where the verifier pinned an authority.
    pub(super) fn timestamps(&mut self, proven: Proven<'_>) {
        let Some(read) = self.tokens else { return };
        let stamped = self.stamped(&proven, read);
        if let (Ok(stamped), Some(trees)) = (&stamped, proven.trees) {
            for stamp in stamped {
                trees.stamp(stamp.size, stamp.stamped.latest());
            }
        }
        let covered = stamped.and_then(|stamped| {
            let entries = self.evidence.entries.len();
            let whole = stamped.iter().any(|stamp| stamp.entries == entries);
            self.report.timestamps = stamped;
            whole.then_some(()).ok_or(Gap::TimestampPending.into())
        });
        self.report.make(CheckName::TimeStamped, covered);
    }

    /// The tokens that hold; at least one.
    fn stamped(
        &self,
        proven: &Proven<'_>,
        read: &TokenReader<'_>,
    ) -> Result<Vec<Timestamped>, Shortfall> {
        let positions = needs(proven.positions, CheckName::LogInclusion)?;
        needs(proven.trees.as_ref(), CheckName::LogConsistency)?;
        let tokens = proven.record.timestamps();
        let mut stamped = Vec::with_capacity(tokens.len());
        for Timestamp { size, token } in tokens {
            let text = text_of(proven.judged, *size).ok_or(Cause::ProofOfNothing)?;
            match read(text, token) {
                Ok(Some(at)) => stamped.push(self.covers(*size, at, positions)),
                Ok(None) => {}
                Err(fault) => return Err(Cause::Token(fault).into()),
            }
        }
        // A receipt that calls itself younger than a token over it was dated ahead.
        for receipt in proven.receipts {
            let position = positions.get(&receipt.hash());
            let younger = |stamp: &Timestamped| {
                let latest = stamp.stamped.latest().0.saturating_add(CLOCK_TOLERANCE);
                position.is_some_and(|position| *position < stamp.size)
                    && latest < receipt.context.time.0
            };
            if stamped.iter().any(younger) {
                return Err(Cause::TimeOutOfBounds.into());
            }
        }
        match (tokens.is_empty(), stamped.is_empty()) {
            (true, _) => Err(Gap::Timestamp.into()),
            (false, true) => Err(Gap::TimestampAuthority.into()),
            (false, false) => Ok(stamped),
        }
    }

    fn covers(&self, size: u64, stamped: StampedAt, positions: &Positions) -> Timestamped {
        let before = |bytes: &&serde_bytes::ByteBuf| {
            let position = positions.get(&StatementHash::of(bytes));
            position.is_some_and(|position| *position < size)
        };
        // Entries ascend in the log.
        let entries = self.evidence.entries.iter().take_while(before).count();
        Timestamped {
            size,
            entries,
            stamped,
        }
    }
}
