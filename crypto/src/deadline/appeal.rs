//! When the period for contesting an act ends.
//!
//! One month after service (VwGO §§ 57, 74; AO § 355); one year where the instruction on remedies
//! is missing or wrong (VwGO § 58(2)). The day of service is not counted, the period ends with the
//! day of the same number (BGB §§ 187(1), 188), and an end on a Saturday, Sunday or public holiday
//! moves to the next working day (VwVfG § 31(3), BGB § 193: not verified here).
//!
//! Whether an instruction is correct is never decided here: where nobody says so, both periods are
//! given. Absent: periods of other acts, restoration (Wiedereinsetzung), months that authorities
//! set themselves. Specification: docs/legal-dates.md, "Appeal period".

use super::day::Day;
use super::finding::{Dependency, Step};
use super::holidays::Place;
use super::possible::Possible;
use crate::envelope::Act;

/// The provision that sets the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemedyLaw {
    /// Action before the administrative court (VwGO § 74).
    VwGo74,
    /// Objection under administrative law (VwGO § 70; not verified here).
    VwGo70,
    /// Objection under tax law (AO § 355).
    Ao355,
}

impl RemedyLaw {
    /// Every provision.
    pub const ALL: &'static [Self] = &[Self::VwGo74, Self::VwGo70, Self::Ao355];

    /// Finds the provision in a text such as `VwGO § 74` or `§ 355 AO`.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let act = |name: &str| words.iter().any(|word| word.eq_ignore_ascii_case(name));
        let section = |number: &str| words.contains(&number);
        let (court, tax) = (act("VwGO"), act("AO"));
        let found = [
            (court && !tax && section("74"), Self::VwGo74),
            (court && !tax && section("70"), Self::VwGo70),
            (tax && !court && section("355"), Self::Ao355),
        ];
        let mut found = found.into_iter().filter(|(holds, _)| *holds);
        match (found.next(), found.next()) {
            (Some((_, law)), None) => Some(law),
            _ => None,
        }
    }

    /// The provision, as lawyers cite it.
    pub fn citation(self) -> &'static str {
        match self {
            Self::VwGo74 => "VwGO § 74",
            Self::VwGo70 => "VwGO § 70",
            Self::Ao355 => "AO § 355",
        }
    }
}

/// What somebody who may judge says about the instruction on remedies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instruction {
    /// Nothing: both periods are given.
    Unchecked,
    /// It is complete and correct.
    Correct,
    /// It is missing or wrong.
    MissingOrWrong,
}

/// What is known of how the act can be contested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contest {
    /// The content is not opened.
    NotOpened,
    /// The letter contains no act.
    NoAct,
    /// The act names no remedy.
    NotInstructed,
    /// The act names a remedy.
    Instructed {
        /// The provision, where it is known here.
        law: Option<RemedyLaw>,
        /// The last day as the authority states it.
        stated: Option<Day>,
        /// What is said about the instruction.
        instruction: Instruction,
    },
}

impl Contest {
    /// What an opened manifest's act says. The instruction is not judged.
    pub fn of(act: Option<&Act>) -> Self {
        let Some(act) = act else {
            return Self::NoAct;
        };
        act.remedy
            .as_ref()
            .map_or(Self::NotInstructed, |remedy| Self::Instructed {
                law: RemedyLaw::parse(&remedy.rule),
                stated: remedy.until.as_deref().and_then(|day| day.parse().ok()),
                instruction: Instruction::Unchecked,
            })
    }
}

/// The period, as far as it can be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appeal {
    /// It cannot.
    NotComputed(NotComputed),
    /// One period for each day of service and each condition.
    Periods {
        /// By service day, then by length.
        periods: Vec<AppealPeriod>,
        /// The last day as the authority states it.
        stated: Option<Day>,
    },
}

/// Why no period is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotComputed {
    /// The content is not opened.
    NotOpened,
    /// The letter contains no act.
    NoAct,
    /// No day of service is known.
    NoDay,
    /// The remedy's provision is not known here.
    LawUnknown,
}

impl NotComputed {
    /// Every reason.
    pub const ALL: &'static [Self] = &[Self::NotOpened, Self::NoAct, Self::NoDay, Self::LawUnknown];

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotOpened => "not-opened",
            Self::NoAct => "no-act",
            Self::NoDay => "no-day",
            Self::LawUnknown => "law-unknown",
        }
    }
}

/// How long, and under which condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// One month, if the instruction is correct.
    OneMonth,
    /// One year, if it is missing or wrong (VwGO § 58(2)).
    OneYear,
}

impl Length {
    fn months(self) -> u16 {
        match self {
            Self::OneMonth => 1,
            Self::OneYear => 12,
        }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::OneMonth => "one-month",
            Self::OneYear => "one-year",
        }
    }
}

/// One period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealPeriod {
    /// The provision, where the act names one that is known.
    pub law: Option<RemedyLaw>,
    /// Its length.
    pub length: Length,
    /// The day of service on which it rests.
    pub served: Day,
    /// Its first day.
    pub first_day: Day,
    /// Its last day before any move.
    pub nominal_end: Day,
    /// The last days that come into question, ascending.
    pub ends: Vec<Day>,
    /// On what the end depends.
    pub depends: Vec<Dependency>,
    /// How the end moved.
    pub steps: Vec<Step>,
}

/// The periods for the days on which the act may have been served.
pub(super) fn appeal(days: &[Day], contest: &Contest, place: Option<&Place>) -> Appeal {
    let (law, stated, lengths): (_, _, &[Length]) = match contest {
        Contest::NotOpened => return Appeal::NotComputed(NotComputed::NotOpened),
        Contest::NoAct => return Appeal::NotComputed(NotComputed::NoAct),
        Contest::NotInstructed => (None, None, &[Length::OneYear]),
        Contest::Instructed { law: None, .. } => {
            return Appeal::NotComputed(NotComputed::LawUnknown);
        }
        Contest::Instructed {
            law,
            stated,
            instruction,
        } => {
            let lengths: &[Length] = match instruction {
                Instruction::Unchecked => &[Length::OneMonth, Length::OneYear],
                Instruction::Correct => &[Length::OneMonth],
                Instruction::MissingOrWrong => &[Length::OneYear],
            };
            (*law, *stated, lengths)
        }
    };
    if days.is_empty() {
        return Appeal::NotComputed(NotComputed::NoDay);
    }
    let of_day = |served: &Day| {
        let served = *served;
        lengths
            .iter()
            .map(move |length| period(served, *length, law, place))
    };
    Appeal::Periods {
        periods: days.iter().flat_map(of_day).collect(),
        stated,
    }
}

fn period(
    served: Day,
    length: Length,
    law: Option<RemedyLaw>,
    place: Option<&Place>,
) -> AppealPeriod {
    let mut steps = Vec::new();
    let nominal_end = served.plus_months(length.months());
    let end = Possible::certain(nominal_end).shifted(place, &mut steps);
    AppealPeriod {
        law,
        length,
        served,
        first_day: served.plus_days(1),
        nominal_end,
        ends: end.days(),
        depends: end.depends(),
        steps,
    }
}
