//! Days of the German calendar, and the arithmetic of periods.
//!
//! Invariant: a day is a civil date in Europe/Berlin, whose rules are compiled in, so no machine's
//! settings and no hour of daylight saving move it. This is the one place that turns a moment into
//! a day. Absent: the current time, holidays ([`super::holidays`]).
//!
//! Specification: BGB §§ 187(1), 188 (through VwVfG § 31(1), AO § 108(1), VwGO § 57(2)).

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};

use crate::ids::UnixMillis;

static BERLIN: TimeZone = jiff::tz::get!("Europe/Berlin");

/// The wall-clock time in Germany. A time beyond the calendar, which no statement of an honest
/// party has, is its last moment.
pub fn berlin(time: UnixMillis) -> ZonedDateTime {
    i64::try_from(time.0)
        .ok()
        .and_then(|millis| Timestamp::from_millisecond(millis).ok())
        .unwrap_or(Timestamp::MAX)
        .to_zoned_datetime(BERLIN.clone())
}

/// A day in Germany. Arithmetic beyond the year 9999 stays at its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day, or none where the calendar has none such or the year is not 1 to 9999.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        (year >= 1)
            .then(|| Date::new(year, month, day).ok().map(Self))
            .flatten()
    }

    /// A day that is written in the source; a wrong one does not compile where it is a constant.
    pub(crate) const fn constant(year: i16, month: i8, day: i8) -> Self {
        Self(Date::constant(year, month, day))
    }

    /// The day in Germany on which the moment lies.
    pub fn of(time: UnixMillis) -> Self {
        Self(berlin(time).date())
    }

    /// The first moment of the day in Germany; on every day of this zone that is midnight.
    pub fn start(self) -> UnixMillis {
        let start = self.0.to_zoned_datetime(BERLIN.clone());
        let millis = start.map_or(0, |start| start.timestamp().as_millisecond());
        UnixMillis(u64::try_from(millis).unwrap_or(0))
    }

    /// The day that many days later. The day itself is not counted (BGB § 187(1)).
    #[must_use]
    pub fn plus_days(self, days: u16) -> Self {
        Self(self.0.saturating_add(i32::from(days).days()))
    }

    /// The day that many days earlier.
    #[must_use]
    pub(crate) fn minus_days(self, days: u16) -> Self {
        Self(self.0.saturating_sub(i32::from(days).days()))
    }

    /// The last day of a period of months that begins by an event on this day: the day with the
    /// same number, or the month's last day where it has none such (BGB § 188(2) and (3)).
    #[must_use]
    pub fn plus_months(self, months: u16) -> Self {
        Self(self.0.saturating_add(i32::from(months).months()))
    }

    /// Whether it is a Saturday or a Sunday.
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// Days since Monday, 0 to 6.
    pub(crate) fn days_since_monday(self) -> u16 {
        u16::from(self.0.weekday().to_monday_zero_offset().unsigned_abs())
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The day of the month, from 1.
    pub fn day(self) -> i8 {
        self.0.day()
    }
}

/// `YYYY-MM-DD`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.year(),
            self.month(),
            self.day()
        )
    }
}

/// Why a text is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day of the calendar in the form YYYY-MM-DD")]
pub struct ParseDayError;

impl FromStr for Day {
    type Err = ParseDayError;

    fn from_str(text: &str) -> Result<Self, ParseDayError> {
        let digits = text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        if text.len() != 10 || !digits {
            return Err(ParseDayError);
        }
        let number = |from: usize, to: usize| text[from..to].parse().map_err(|_| ParseDayError);
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (month, day) = (i8::try_from(month), i8::try_from(day));
        match (month, day) {
            (Ok(month), Ok(day)) => Self::new(year, month, day).ok_or(ParseDayError),
            _ => Err(ParseDayError),
        }
    }
}
