//! Days in Germany, months, Easter, holidays.

use postfach_crypto::deadline::Day;
use postfach_crypto::deadline::holidays::{
    Ags, DayKind, Holiday, Land, Local, Place, day_kind, easter,
};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::MunicipalityCode;

use crate::story::{Case, check, day, time};

#[test]
fn a_day_is_a_day_in_germany() {
    for (utc, expected) in [
        (1_795_442_640_000, "2026-11-23"), // 2026-11-23T14:04:00Z
        (1_783_547_999_999, "2026-07-08"), // 21:59:59.999Z in summer
        (1_783_548_000_000, "2026-07-09"), // 22:00Z in summer is midnight
        (1_798_757_999_999, "2026-12-31"), // 22:59:59.999Z in winter
        (1_798_758_000_000, "2027-01-01"), // 23:00Z in winter is midnight
    ] {
        assert_eq!(Day::of(UnixMillis(utc)).to_string(), expected);
    }
    // The last moment that the calendar knows, in every zone.
    assert_eq!(Day::of(UnixMillis(u64::MAX)).to_string(), "9999-12-30");
    assert_eq!(day("2026-07-09").start(), UnixMillis(1_783_548_000_000));
}

/// The clocks went forward on 2026-03-29 and back on 2026-10-25: days of 23 and 25 hours.
#[test]
fn changes_of_the_clock_do_not_move_a_day() {
    check("BayDiG-24-2", CLOCK_CHANGES);
    let hours = |from: &str, to: &str| (day(to).start().0 - day(from).start().0) / 3_600_000;
    assert_eq!(hours("2026-03-29", "2026-03-30"), 23);
    assert_eq!(hours("2026-10-25", "2026-10-26"), 25);
}

/// BGB § 188(2) and (3).
#[test]
fn months_end_on_the_same_number_or_the_last_day() {
    for (from, months, to) in [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-28", 1, "2026-02-28"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2027-02-28", 12, "2028-02-28"),
        ("2026-11-05", 12, "2027-11-05"),
    ] {
        assert_eq!(day(from).plus_months(months), day(to), "{from}");
    }
    assert_eq!(day("9999-12-31").plus_months(1), day("9999-12-31"));
    assert_eq!(day("9999-12-31").plus_days(4), day("9999-12-31"));
}

#[test]
fn texts_that_are_no_day() {
    for text in [
        "",
        "2026-2-3",
        "2026-02-30",
        "0000-01-01",
        "2026-13-01",
        "2026/01/01",
        "+026-01-01",
        "２０２６-01-01",
    ] {
        assert!(text.parse::<Day>().is_err(), "{text}");
    }
    assert_eq!(day("2024-02-29").to_string(), "2024-02-29");
}

#[test]
fn easter_sundays() {
    for text in [
        "1818-03-22",
        "1943-04-25",
        "1961-04-02",
        "2000-04-23",
        "2008-03-23",
        "2011-04-24",
        "2017-04-16",
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
        "2100-03-28",
        "2285-03-22",
    ] {
        assert_eq!(easter(day(text).year()), Some(day(text)));
    }
}

fn place(ags: &str) -> Place {
    Place::new(ags.parse().expect("a municipality key"))
}

/// One municipality a Land, most of them the capital.
const PLACES: [&str; 16] = [
    "01002000", "02000000", "03241001", "04011000", "05111000", "06414000", "07315000", "08111000",
    "09564000", "10041100", "11000000", "12054000", "13004000", "14612000", "15003000", "16051000",
];

fn lands_that_keep(text: &str) -> String {
    let keeps = |ags: &&&str| {
        let place = place(ags);
        matches!(day_kind(day(text), Some(&place)), DayKind::Holiday(_))
    };
    PLACES
        .iter()
        .filter(keeps)
        .map(|ags| &ags[..2])
        .collect::<Vec<_>>()
        .join(" ")
}

const ALL: &str = "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16";

/// The holiday acts of the Länder; docs/legal-dates.md, "Holidays".
#[test]
fn holidays_by_land_and_year() {
    for (text, expected) in [
        ("2026-01-01", ALL),
        ("2026-01-06", "08 09 15"),
        ("2019-03-08", "11"),
        ("2022-03-08", "11"),
        ("2018-03-08", ""),
        ("2023-03-08", "11 13"),
        ("2027-03-08", "11 13"),
        ("2026-04-02", ""),  // Maundy Thursday
        ("2026-04-03", ALL), // Good Friday
        ("2026-04-06", ALL), // Easter Monday
        ("2026-05-01", ALL),
        ("2020-05-08", "11"),
        ("2025-05-08", "11"),
        ("2026-05-08", ""),
        ("2026-05-14", ALL),                 // Ascension
        ("2026-05-25", ALL),                 // Whit Monday
        ("2026-06-04", "05 06 07 08 09 10"), // Corpus Christi
        ("2025-08-08", ""),                  // Augsburg only
        ("2025-08-15", "10"),
        ("2018-09-20", ""),
        ("2019-09-20", "16"),
        ("2025-10-03", ALL),
        ("2017-10-31", ALL),
        ("2018-10-31", "01 02 03 04 12 13 14 15 16"),
        ("2025-10-31", "01 02 03 04 12 13 14 15 16"),
        ("2024-11-01", "05 07 08 09 10"),
        ("2025-11-19", "14"), // Repentance
        ("2026-11-18", "14"),
        ("2027-11-17", "14"),
        ("2025-11-22", ""),
        ("2025-12-24", ""),
        ("2025-12-25", ALL),
        ("2025-12-26", ALL),
        ("2025-12-31", ""),
    ] {
        assert_eq!(lands_that_keep(text), expected, "{text}");
    }
}

#[test]
fn holidays_that_some_municipalities_keep() {
    use DayKind::{Holiday as Kept, Unsure, Working};
    let (assumption, corpus_christi) = (day("2025-08-15"), day("2025-06-19"));
    let kind = |ags: &str, on: Day| day_kind(on, Some(&place(ags)));
    assert_eq!(kind("09373155", assumption), Unsure(Holiday::Assumption));
    assert_eq!(kind("09761000", assumption), Kept(Holiday::Assumption));
    assert_eq!(
        kind("09761000", day("2025-08-08")),
        Kept(Holiday::AugsburgPeace)
    );
    assert_eq!(kind("09772125", day("2025-08-08")), Working); // beside Augsburg
    assert_eq!(
        kind("16061045", corpus_christi),
        Kept(Holiday::CorpusChristi)
    ); // Heiligenstadt
    assert_eq!(kind("16051000", corpus_christi), Working); // Erfurt
    assert_eq!(
        kind("16064003", corpus_christi),
        Unsure(Holiday::CorpusChristi)
    );
    assert_eq!(
        kind("14625020", corpus_christi),
        Unsure(Holiday::CorpusChristi)
    ); // Bautzen
    assert_eq!(kind("14612000", corpus_christi), Working); // Dresden
    let stated = |local| Place {
        assumption: local,
        corpus_christi: local,
        ..place("09373155")
    };
    assert_eq!(day_kind(assumption, Some(&stated(Local::NotKept))), Working);
    assert_eq!(
        day_kind(assumption, Some(&stated(Local::Kept))),
        Kept(Holiday::Assumption)
    );
    // A statement about a holiday that the Land does not have changes nothing.
    let berlin = Place {
        ags: "11000000".parse().unwrap(),
        ..stated(Local::Kept)
    };
    assert_eq!(day_kind(assumption, Some(&berlin)), Working);
    assert_eq!(day_kind(corpus_christi, Some(&berlin)), Working);
}

#[test]
fn without_a_place_only_what_holds_everywhere_is_certain() {
    assert_eq!(
        day_kind(day("2025-12-25"), None),
        DayKind::Holiday(Holiday::ChristmasDay)
    );
    assert_eq!(
        day_kind(day("2025-01-06"), None),
        DayKind::Unsure(Holiday::Epiphany)
    );
    assert_eq!(day_kind(day("2025-01-07"), None), DayKind::Working);
    assert_eq!(day_kind(day("2025-01-04"), None), DayKind::Weekend);
}

#[test]
fn municipality_keys() {
    for text in [
        "",
        "0",
        "093731555",
        "17000000",
        "00",
        "9373155a",
        "-9373155",
        "०9373155",
    ] {
        assert!(text.parse::<Ags>().is_err(), "{text}");
    }
    for (index, ags) in PLACES.iter().enumerate() {
        assert_eq!(place(ags).ags.land(), Land::ALL[index]);
        assert_eq!(Land::ALL[index] as usize, index + 1);
    }
    // A certificate may name a Land or a district: what is smaller stays unsure.
    let bavaria = place("09");
    assert_eq!(bavaria.ags.land(), Land::Bavaria);
    let kind = day_kind(day("2025-08-08"), Some(&bavaria));
    assert_eq!(kind, DayKind::Unsure(Holiday::AugsburgPeace));
    let code: MunicipalityCode = "16061".parse().unwrap();
    let eichsfeld = Place::new(Ags::try_from(&code).unwrap());
    let kind = day_kind(day("2025-06-19"), Some(&eichsfeld));
    assert_eq!(kind, DayKind::Holiday(Holiday::CorpusChristi));
    assert_eq!(time("2026-11-23 15:04"), UnixMillis(1_795_442_640_000));
}

pub(crate) const CLOCK_CHANGES: &[Case] = &[
    (
        "before the short day, in the last minute",
        "notification-consent 2026-01-01; provided 2026-03-28 23:59; notified 2026-03-28 23:59",
        "served-on 2026-03-31",
    ),
    (
        "in the first minute of the short day",
        "notification-consent 2026-01-01; provided 2026-03-29 00:00; notified 2026-03-29 00:00",
        "served-on 2026-04-01",
    ),
    (
        "after the hour that does not exist",
        "notification-consent 2026-01-01; provided 2026-03-29 03:00; notified 2026-03-29 03:00",
        "served-on 2026-04-01",
    ),
    (
        "in the last minute of the short day",
        "notification-consent 2026-01-01; provided 2026-03-29 23:59; notified 2026-03-29 23:59",
        "served-on 2026-04-01",
    ),
    (
        "in the first minute of the long day",
        "notification-consent 2026-01-01; provided 2026-10-25 00:00; notified 2026-10-25 00:00",
        "served-on 2026-10-28",
    ),
    (
        "in the hour that comes twice",
        "notification-consent 2026-01-01; provided 2026-10-25 02:30; notified 2026-10-25 02:30",
        "served-on 2026-10-28",
    ),
    (
        "in the last minute of the long day",
        "notification-consent 2026-01-01; provided 2026-10-25 23:59; notified 2026-10-25 23:59",
        "served-on 2026-10-28",
    ),
];
