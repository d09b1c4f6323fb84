//! What people read: German or English, and how times, sizes and amounts are written in each.
//!
//! Invariant: every text for people exists in both languages, side by side where it is used
//! (the macro `text!`), and both are checked when the program is compiled. Times are German
//! wall-clock time ([`crate::calendar`]).
//!
//! Absent: plural rules, other languages, translation files. Texts for machines (JSON, logs,
//! errors of libraries) are English and not translated.

use postfach_crypto::ids::UnixMillis;

use crate::calendar::{berlin, calendar_day};
use crate::cli::printable::printable;
use crate::paper::Date;
pub use crate::paper::Language;

/// Formats the text of the chosen language: `text!(lang, "deutsch {x}", "english {x}")`.
macro_rules! text {
    ($lang:expr, $german:literal, $english:literal $(, $($argument:tt)*)?) => {
        match $lang {
            $crate::paper::Language::German => ::std::format!($german $(, $($argument)*)?),
            $crate::paper::Language::English => ::std::format!($english $(, $($argument)*)?),
        }
    };
}
pub(crate) use text;

/// The language to speak: `flag`, else POSTFACH_LANG, else the locale (POSIX: LC_ALL before
/// LC_MESSAGES before LANG). English where nothing says German.
pub fn detect(flag: Option<Language>, variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let own = || set(&"POSTFACH_LANG").and_then(|value| parse(&value));
    let locale = || {
        let value = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set)?;
        parse(&value)
    };
    flag.or_else(own)
        .or_else(locale)
        .unwrap_or(Language::English)
}

/// Reads `de`, `de_DE.UTF-8`, `deutsch`, `en`, `en-GB`, `english` …
#[must_use]
pub fn parse(text: &str) -> Option<Language> {
    let text = text.to_ascii_lowercase();
    match text.split(['_', '-', '.', '@']).next()? {
        "de" | "deutsch" | "german" => Some(Language::German),
        "en" | "englisch" | "english" => Some(Language::English),
        _ => None,
    }
}

/// "23. November 2026, 15:04 Uhr" or "23 November 2026, 15:04 CET".
#[must_use]
pub fn date_time(lang: Language, time: UnixMillis) -> String {
    let local = berlin(time);
    let (hour, minute) = (local.hour(), local.minute());
    let date = date(lang, time);
    let zone = local.strftime("%Z");
    text!(
        lang,
        "{date}, {hour:02}:{minute:02} Uhr",
        "{date}, {hour:02}:{minute:02} {zone}"
    )
}

/// "23. November 2026" or "23 November 2026".
#[must_use]
pub fn date(lang: Language, time: UnixMillis) -> String {
    plain(calendar_day(time), lang)
}

/// "27. Dezember 2026" for `2026-12-27`; other texts as they are, made harmless.
#[must_use]
pub fn day(lang: Language, iso: &str) -> String {
    let mut fields = iso.splitn(3, '-');
    let mut next = || fields.next()?.parse::<u16>().ok();
    let mut read = || {
        let (year, month, day) = (next()?, next()?, next()?);
        Date::new(year, month.try_into().ok()?, day.try_into().ok()?)
    };
    read().map_or_else(|| printable(iso), |date| plain(date, lang))
}

/// Paper keeps a date on one line by no-break spaces; terminals and scripts want plain ones.
fn plain(date: Date, lang: Language) -> String {
    date.long(lang).replace('\u{a0}', " ")
}

/// "1,4 MB" or "1.4 MB": decimal units, as file managers count.
#[must_use]
pub fn bytes(lang: Language, bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return text!(lang, "{bytes} Byte", "{bytes} bytes");
    }
    let mut tenths = u128::from(bytes) / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let unit = UNITS[unit];
    text!(lang, "{whole},{tenth} {unit}", "{whole}.{tenth} {unit}")
}

/// "1.234,56 €" or "€1,234.56".
#[must_use]
pub fn euros(lang: Language, cents: u64) -> String {
    let (whole, cents) = (cents / 100, cents % 100);
    match lang {
        Language::German => format!("{},{cents:02} €", grouped(whole, '.')),
        Language::English => format!("€{}.{cents:02}", grouped(whole, ',')),
    }
}

/// "12.345" or "12,345".
#[must_use]
pub fn number(lang: Language, number: u64) -> String {
    grouped(number, if lang == Language::German { '.' } else { ',' })
}

/// "0,8 s", "2 min 5 s".
#[must_use]
pub fn elapsed(lang: Language, time: std::time::Duration) -> String {
    let (whole, tenth) = (time.as_secs(), time.subsec_millis() / 100);
    if whole >= 60 {
        return format!("{} min {} s", whole / 60, whole % 60);
    }
    text!(lang, "{whole},{tenth} s", "{whole}.{tenth} s")
}

fn grouped(number: u64, separator: char) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINTER: UnixMillis = UnixMillis(1_795_442_640_000); // 2026-11-23T14:04:00Z
    const SUMMER: UnixMillis = UnixMillis(1_783_548_000_000); // 2026-07-08T22:00:00Z

    #[test]
    fn times_are_german_wall_clock_time() {
        assert_eq!(
            date_time(Language::German, WINTER),
            "23. November 2026, 15:04 Uhr"
        );
        assert_eq!(
            date_time(Language::English, WINTER),
            "23 November 2026, 15:04 CET"
        );
        assert_eq!(
            date_time(Language::English, SUMMER),
            "9 July 2026, 00:00 CEST"
        );
        assert!(date(Language::German, UnixMillis(u64::MAX)).ends_with("9999"));
    }

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(euros(Language::German, 123_456), "1.234,56 €");
        assert_eq!(euros(Language::English, 5), "€0.05");
        assert_eq!(bytes(Language::German, 1_449_999), "1,4 MB");
        assert_eq!(bytes(Language::English, 999), "999 bytes");
        assert_eq!(bytes(Language::English, 999_999), "999.9 kB");
        assert_eq!(number(Language::English, 1_000_000), "1,000,000");
    }

    #[test]
    fn the_flag_comes_first_and_then_the_locale() {
        let with = |pairs: &'static [(&str, &str)]| {
            move |name: &str| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            }
        };
        let german = with(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]);
        assert_eq!(detect(None, german), Language::German);
        assert_eq!(detect(Some(Language::English), german), Language::English);
        let mixed = with(&[("LC_MESSAGES", "en_GB.UTF-8"), ("LANG", "de_DE.UTF-8")]);
        assert_eq!(detect(None, mixed), Language::English);
        let own = with(&[("POSTFACH_LANG", "deutsch"), ("LC_ALL", "C")]);
        assert_eq!(detect(None, own), Language::German);
        assert_eq!(detect(None, with(&[])), Language::English);
    }

    #[test]
    fn both_texts_take_what_is_in_scope() {
        let name = "Huber";
        assert_eq!(
            text!(Language::German, "Guten Tag, {name}", "Hello {name}"),
            "Guten Tag, Huber"
        );
        assert_eq!(
            text!(Language::English, "{} Briefe", "{} letters", 3),
            "3 letters"
        );
    }
}
