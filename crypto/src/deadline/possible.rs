//! A day that may depend on something: all days it may be, and on what that depends.
//!
//! Invariant: at least one day; days ascend. Every step of a computation is applied to each of the
//! days, so nothing is guessed and nothing is lost on the way.

use std::collections::BTreeSet;

use super::day::Day;
use super::events::{Bound, Happened, Occurrence, Standing};
use super::finding::{Dependency, Step};
use super::holidays::{DayKind, Place, day_kind};

/// Longest interval between two cosigned times whose days are listed; a longer one bounds nothing.
pub const MAX_INTERVAL_DAYS: usize = 31;
/// More days than Saturday, Sunday and neighbouring holidays ever make.
const MAX_SHIFT: usize = 31;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Possible {
    days: BTreeSet<Day>,
    depends: BTreeSet<Dependency>,
}

impl Possible {
    pub(super) fn certain(day: Day) -> Self {
        Self {
            days: [day].into(),
            depends: BTreeSet::new(),
        }
    }

    /// The days on which something may have happened, as far as its time is bounded.
    pub(super) fn of(what: Occurrence, at: &Happened, steps: &mut Vec<Step>) -> Self {
        let stated = at.day();
        let mut possible = Self::certain(stated);
        if at.standing == Standing::Claimed {
            steps.push(Step::OnlyClaimed { what });
            possible.depends.insert(Dependency::Proof(what));
        }
        let (from, to) = match at.bound {
            Bound::Between {
                not_before,
                not_after,
            } => (Day::of(not_before), Day::of(not_after)),
            Bound::Pending { not_before } => {
                steps.push(Step::TimePending { what });
                possible.depends.insert(Dependency::TimeBound(what));
                (not_before.map_or(stated, Day::of), stated)
            }
        };
        let listed: BTreeSet<Day> = std::iter::successors(Some(from), |day| Some(day.plus_days(1)))
            .take_while(|day| *day <= to)
            .take(MAX_INTERVAL_DAYS + 1)
            .collect();
        if listed.len() > MAX_INTERVAL_DAYS {
            possible.depends.insert(Dependency::TimeBound(what));
        } else {
            possible.days.extend(listed);
        }
        if possible.days.len() > 1 {
            let (earliest, latest) = (possible.first(), possible.last());
            steps.push(Step::TimeBetween {
                what,
                earliest,
                latest,
            });
            possible.depends.insert(Dependency::WhichDay(what));
        }
        possible
    }

    pub(super) fn first(&self) -> Day {
        *self.days.first().expect("there is at least one day")
    }

    pub(super) fn last(&self) -> Day {
        *self.days.last().expect("there is at least one day")
    }

    pub(super) fn days(&self) -> Vec<Day> {
        self.days.iter().copied().collect()
    }

    pub(super) fn map(&self, change: impl Fn(Day) -> Day) -> Self {
        Self {
            days: self.days.iter().copied().map(change).collect(),
            depends: self.depends.clone(),
        }
    }

    pub(super) fn or(mut self, other: Self) -> Self {
        self.days.extend(other.days);
        self.depends.extend(other.depends);
        self
    }

    /// Each day, moved to the next working day where it is none (AO § 108(3), BGB § 193). Where a
    /// holiday depends on what is not known, both days stay.
    pub(super) fn shifted(&self, place: Option<&Place>, steps: &mut Vec<Step>) -> Self {
        let mut result = Self {
            days: BTreeSet::new(),
            depends: self.depends.clone(),
        };
        for from in &self.days {
            let mut day = *from;
            let mut cause = None;
            for _ in 0..MAX_SHIFT {
                match day_kind(day, place) {
                    DayKind::Working => break,
                    DayKind::Unsure(holiday) => {
                        steps.push(Step::HolidayUnsure { day, holiday });
                        result.depends.insert(Dependency::Holiday(holiday));
                        result.days.insert(day);
                    }
                    kind => {
                        cause.get_or_insert(kind);
                    }
                }
                day = day.plus_days(1);
            }
            if let Some(cause) = cause {
                steps.push(Step::Shifted {
                    from: *from,
                    to: day,
                    cause,
                });
            }
            result.days.insert(day);
        }
        result
    }

    /// What it still depends on: which of several days it was does not matter when all give one.
    pub(super) fn depends(&self) -> Vec<Dependency> {
        let settled = self.days.len() == 1;
        self.depends
            .iter()
            .copied()
            .filter(|dependency| !(settled && dependency.only_chooses_a_day()))
            .collect()
    }
}
