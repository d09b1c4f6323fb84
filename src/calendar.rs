//! The calendar: Unix times as German wall-clock time and as RFC 3339.
//!
//! Days and periods of German law run in German time (Europe/Berlin), whose rules are compiled in,
//! so no machine's settings change a date. Absent: the current time ([`crate::clock`]), words
//! (`cli::lang`), and the rules of law.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use postfach_crypto::ids::UnixMillis;

use crate::paper::Date;

static BERLIN: TimeZone = jiff::tz::get!("Europe/Berlin");

/// RFC 3339 in UTC, for JSON and logs.
#[must_use]
pub fn rfc3339(time: UnixMillis) -> String {
    timestamp(time)
        .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
        .to_string()
}

/// The calendar day in Germany, for paper.
#[must_use]
pub fn calendar_day(time: UnixMillis) -> Date {
    let day = berlin(time).date();
    let year = day.year().unsigned_abs().clamp(1, 9999);
    Date::new(year, day.month().unsigned_abs(), day.day().unsigned_abs())
        .expect("a day of the calendar between the years 1 and 9999")
}

/// The start of the day after `days` days in Germany: until when a period of `days` days runs.
#[must_use]
pub fn end_of_day_after(time: UnixMillis, days: u16) -> UnixMillis {
    let local = berlin(time);
    let end = local
        .checked_add((i64::from(days) + 1).days())
        .and_then(|later| later.start_of_day());
    end.map_or(time, |end| {
        UnixMillis(u64::try_from(end.timestamp().as_millisecond()).unwrap_or(time.0))
    })
}

/// Times beyond the calendar, which no statement of an honest party has, show as its last day.
fn timestamp(time: UnixMillis) -> Timestamp {
    i64::try_from(time.0)
        .ok()
        .and_then(|millis| Timestamp::from_millisecond(millis).ok())
        .unwrap_or(Timestamp::MAX)
}

/// The wall-clock time in Germany.
pub(crate) fn berlin(time: UnixMillis) -> jiff::ZonedDateTime {
    timestamp(time).to_zoned_datetime(BERLIN.clone())
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
