//! Moments and days in Germany, months, Easter, and the holidays of 2020 to 2035.

use postfach_crypto::deadline::holidays::{DayKind, Place, day_kind, easter};
use postfach_crypto::deadline::{Ags, Day};
use postfach_crypto::ids::UnixMillis;
use serde_json::{Value, json};

use super::notation::day_kind as kind_code;
use crate::story::day;

/// One municipality a Land, those with holidays of their own, districts and Länder.
const KEYS: &[&str] = &[
    "01002000", "02000000", "03241001", "04011000", "05111000", "06414000", "07315000", "08111000",
    "09564000", "10041100", "11000000", "12054000", "13004000", "14612000", "15003000", "16051000",
    "09373155", "09761000", "14625020", "16061045", "16064003", "09", "14", "16", "1606", "0976",
];

pub(super) fn vectors() -> Value {
    json!({
        "moments": moments(),
        "months": months(),
        "easter": (1900..=2199).filter_map(easter).map(|day| day.to_string()).collect::<Vec<_>>(),
        "not_days": ["", "2026-2-3", "2026-02-30", "0000-01-01", "2026-13-01", "2026/01/01",
                     "+026-01-01", "２０２６-01-01", "2100-02-29", "2026-01-00"],
        "not_keys": ["", "0", "093731555", "17000000", "00", "9373155a", "-9373155", "०9373155"],
        "holidays": holidays(),
    })
}

/// `milliseconds day start-of-day`, on both sides of every midnight at which the clocks change.
fn moments() -> Vec<String> {
    let mut moments = vec![0, 1, u64::MAX, 253_402_207_199_999, 253_402_207_200_000];
    for year in 1970..=2045 {
        let months: &[(i8, i8)] = match year {
            ..=1996 => &[(3, 31), (4, 7), (9, 30), (10, 31)],
            _ => &[(3, 31), (10, 31)],
        };
        for (month, last) in months.iter().copied() {
            let last = Day::new(year, month, last).unwrap();
            // The last Sunday, and the day after.
            let sunday = (0..7)
                .filter_map(|back| Day::new(year, month, last.day() - back))
                .find(|day| day.is_weekend() && !next(*day).is_weekend())
                .unwrap();
            for day in [sunday, next(sunday)] {
                let start = day.start().0;
                moments.extend([start.saturating_sub(1), start]);
            }
        }
    }
    moments
        .into_iter()
        .map(|millis| {
            let day = Day::of(UnixMillis(millis));
            format!("{millis} {day} {}", day.start().0)
        })
        .collect()
}

fn next(day: Day) -> Day {
    day.plus_days(1)
}

/// `from months to`.
fn months() -> Vec<String> {
    let mut lines = Vec::new();
    for from in [
        "2026-01-31",
        "2028-01-31",
        "2026-01-28",
        "2026-03-31",
        "2026-12-31",
        "2028-02-29",
        "2099-12-31",
        "9999-12-31",
    ] {
        for months in [1, 2, 11, 12, 13] {
            let to = day(from).plus_months(months);
            lines.push(format!("{from} {months} {to}"));
        }
    }
    lines
}

/// For each key and each year: every day that is neither a working day nor a weekend.
fn holidays() -> Value {
    let of_key = |key: &str, place: Option<&Place>| {
        let years = (2020..=2035).map(|year| {
            let first = Day::new(year, 1, 1).unwrap();
            let days = (0..366).map(|days| first.plus_days(days));
            let of_year = days.filter(|day| day.year() == year);
            let named = of_year.filter_map(|day| match day_kind(day, place) {
                DayKind::Working | DayKind::Weekend => None,
                kind => Some(format!("{} {}", &day.to_string()[5..], kind_code(kind))),
            });
            format!("{year}: {}", named.collect::<Vec<_>>().join(", "))
        });
        (key.to_owned(), json!(years.collect::<Vec<_>>()))
    };
    let known = KEYS.iter().map(|key| {
        let ags: Ags = key.parse().unwrap();
        of_key(key, Some(&Place::new(ags)))
    });
    Value::Object(known.chain([of_key("unknown", None)]).collect())
}
