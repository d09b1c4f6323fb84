//! The calendar: Unix times as German wall-clock time and as RFC 3339.
//!
//! Days and periods of German law run in German time; [`postfach_crypto::deadline::day`] turns
//! moments into days, here as there. Absent: the current time ([`crate::clock`]), words
//! (`cli::lang`), and the rules of law (`postfach_crypto::deadline`).

use postfach_crypto::deadline::Day;
pub(crate) use postfach_crypto::deadline::day::berlin;
use postfach_crypto::ids::UnixMillis;

use crate::paper::Date;

/// RFC 3339 in UTC, for JSON and logs.
#[must_use]
pub fn rfc3339(time: UnixMillis) -> String {
    berlin(time)
        .timestamp()
        .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
        .to_string()
}

/// The calendar day in Germany, for paper.
#[must_use]
pub fn calendar_day(time: UnixMillis) -> Date {
    Day::of(time).into()
}

/// The start of the day after `days` days in Germany: until when a period of `days` days runs.
#[must_use]
pub fn end_of_day_after(time: UnixMillis, days: u16) -> UnixMillis {
    let last = Day::of(time).plus_days(days);
    last.plus_days(1).start().max(time)
}

impl From<Day> for Date {
    fn from(day: Day) -> Self {
        let year = day.year().unsigned_abs().clamp(1, 9999);
        Self::new(year, day.month().unsigned_abs(), day.day().unsigned_abs())
            .expect("a day of the calendar between the years 1 and 9999")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINTER: UnixMillis = UnixMillis(1_795_442_640_000); // 2026-11-23T14:04:00Z
    const SUMMER: UnixMillis = UnixMillis(1_783_548_000_000); // 2026-07-08T22:00:00Z

    #[test]
    fn days_are_german_days() {
        assert_eq!(rfc3339(WINTER), "2026-11-23T14:04:00.000Z");
        assert_eq!(calendar_day(SUMMER).numeric(), "09.07.2026");
        let month_later = end_of_day_after(WINTER, 30);
        assert_eq!(rfc3339(month_later), "2026-12-23T23:00:00.000Z");
    }
}
