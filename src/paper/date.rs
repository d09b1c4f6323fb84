//! A calendar day as people write it. No clock and no arithmetic: days arrive from the caller.

use super::Language;

/// A day of the proleptic Gregorian calendar, years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

const GERMAN: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Date {
    /// `None` when there is no such day.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        ((1..=9999).contains(&year) && (1..=days).contains(&day)).then_some(Self {
            year,
            month,
            day,
        })
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// "9. März 2026" or "9 March 2026", with spaces that never end a line.
    #[must_use]
    pub fn long(self, language: Language) -> String {
        let month = usize::from(self.month - 1);
        match language {
            Language::German => format!("{}.\u{a0}{}\u{a0}{}", self.day, GERMAN[month], self.year),
            Language::English => format!("{}\u{a0}{}\u{a0}{}", self.day, ENGLISH[month], self.year),
        }
    }

    /// "09.03.2026", the form of German tables and reference lines.
    #[must_use]
    pub fn numeric(self) -> String {
        format!("{:02}.{:02}.{:04}", self.day, self.month, self.year)
    }
}
