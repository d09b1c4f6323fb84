//! When the server accepted something: the order that decides, and the time that it states.
//!
//! Order is the log's where the file proves the places of all its statements, and that of the
//! receipts' times where it does not; one file never mixes both. Specification:
//! docs/format/evidence.md, "Order".

use std::collections::HashMap;

use super::log::{CLOCK_TOLERANCE, Interval, Positions, Trees};
use super::report::{Cause, Gap};
use super::verify::Shortfall;
use crate::deadline::events::{Bound, Happened, Standing};
use crate::ids::{StatementHash, UnixMillis};
use crate::statement::{Receipt, Signed};

/// A receipt's place and time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Place in the log, or among the times of all receipts in the file.
    place: u64,
    /// By the server's clock.
    pub(super) time: UnixMillis,
    /// Cosigned times around it.
    bound: Bound,
}

impl Moment {
    /// Whether this came before another; none where that cannot be told.
    pub(super) fn before(&self, other: &Moment) -> Option<bool> {
        (self.place != other.place).then_some(self.place < other.place)
    }

    /// As the rules of legal dates take it.
    pub(super) fn happened(&self) -> Happened {
        Happened {
            time: self.time,
            bound: self.bound,
            position: self.place,
            standing: Standing::Proven,
        }
    }
}

/// When the server accepted statements, by the receipts in the file.
pub(super) type Accepted = HashMap<StatementHash, Moment>;

/// The moments of all receipts in a file.
pub(super) struct Moments {
    of_receipts: HashMap<StatementHash, Moment>,
    intervals: HashMap<StatementHash, Interval>,
    in_log: bool,
}

impl Moments {
    /// Orders receipts by the log, where the positions of all are known.
    pub(super) fn new(
        receipts: &[&Signed<Receipt>],
        positions: Option<&Positions>,
        trees: Option<&Trees>,
    ) -> Self {
        let mut times: Vec<UnixMillis> = receipts.iter().map(|it| it.context.time).collect();
        times.sort_unstable();
        times.dedup();
        let mut moments = Self {
            of_receipts: HashMap::with_capacity(receipts.len()),
            intervals: HashMap::with_capacity(receipts.len()),
            in_log: positions.is_some(),
        };
        for receipt in receipts {
            let (hash, time) = (receipt.hash(), receipt.context.time);
            let position = positions.and_then(|positions| positions.get(&hash).copied());
            let interval = match (trees, position) {
                (Some(trees), Some(position)) => trees.interval(receipt, position),
                _ => Interval::default(),
            };
            let among = times.partition_point(|earlier| *earlier < time) as u64;
            let moment = Moment {
                place: position.unwrap_or(among),
                time,
                bound: interval.bound(time),
            };
            moments.of_receipts.insert(hash, moment);
            moments.intervals.insert(hash, interval);
        }
        moments
    }

    /// The moment of a receipt that was among those given.
    pub(super) fn of(&self, receipt: &Signed<Receipt>) -> Moment {
        let known = self.of_receipts.get(&receipt.hash()).copied();
        known.unwrap_or(Moment {
            place: 0,
            time: receipt.context.time,
            bound: Bound::Pending { not_before: None },
        })
    }

    /// When the statements that these receipts answer were accepted.
    pub(super) fn accepted(&self, receipts: &[Signed<Receipt>]) -> Accepted {
        let answers = receipts.iter().filter_map(|receipt| {
            let answered = receipt.answers?;
            Some((answered, self.of(receipt)))
        });
        answers.collect()
    }

    /// The times of one envelope's receipts ascend, and in the log's order no time goes back by
    /// more than what is signed side by side may differ.
    pub(super) fn check_times<'r>(
        &self,
        envelope: impl Iterator<Item = &'r Signed<Receipt>>,
    ) -> Result<(), Shortfall> {
        if !envelope.map(|receipt| receipt.context.time).is_sorted() {
            return Err(if self.in_log {
                Cause::TimesContradictOrder.into()
            } else {
                Gap::Times.into()
            });
        }
        let mut all: Vec<&Moment> = self.of_receipts.values().collect();
        all.sort_unstable_by_key(|moment| moment.place);
        let mut latest = UnixMillis(0);
        for moment in all {
            if moment.time.0.saturating_add(CLOCK_TOLERANCE) < latest.0 {
                return Err(Cause::TimesContradictOrder.into());
            }
            latest = latest.max(moment.time);
        }
        Ok(())
    }

    /// No receipt lies outside its cosigned times; those of the envelope have both.
    pub(super) fn check_bounds<'r>(
        &self,
        envelope: impl Iterator<Item = &'r Signed<Receipt>>,
    ) -> Result<(), Shortfall> {
        let outside = self.of_receipts.iter().any(|(hash, moment)| {
            let interval = self.intervals.get(hash);
            interval.is_some_and(|interval| interval.contradicts(moment.time))
        });
        if outside {
            return Err(Cause::TimeOutOfBounds.into());
        }
        for receipt in envelope {
            let interval = self.intervals.get(&receipt.hash()).copied();
            let interval = interval.unwrap_or_default();
            if interval.not_after.is_none() {
                return Err(Gap::UpperBoundPending.into());
            }
            if interval.not_before.is_none() {
                return Err(Gap::LowerBound.into());
            }
        }
        Ok(())
    }
}
