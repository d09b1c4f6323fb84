//! Statutory public holidays of the sixteen Länder, by municipality.
//!
//! One row of `TABLE` is one holiday: when it is, where, and in which years. Where a holiday
//! depends on the municipality and the municipality's status is not known, the answer is
//! [`DayKind::Unsure`], never a guess. 24 and 31 December are not holidays.
//!
//! Absent: lists of municipalities (Bavaria's with a Catholic majority, Saxony's and Thuringia's
//! with Corpus Christi): their status is an argument. Holidays before [`FIRST_DAY`].
//! Specification: docs/legal-dates.md, "Holidays", with its sources.

use std::str::FromStr;

use super::day::Day;
use crate::statement::MunicipalityCode;

/// The table is complete from here on.
pub const FIRST_DAY: Day = Day::constant(2017, 1, 1);

/// Augsburg keeps 8 August (BayFTG Art. 1(2)).
const AUGSBURG: &str = "09761000";
/// All municipalities of the district Eichsfeld keep Corpus Christi (by secondary sources).
const EICHSFELD: &str = "16061";
/// Parts of these districts keep it too: Wartburgkreis, Unstrut-Hainich; in Saxony Bautzen.
const PARTLY_CORPUS_CHRISTI: &[&str] = &["16063", "16064", "14625"];

/// A Land, in the order of the official municipality key (AGS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)] // Names of the Länder.
pub enum Land {
    SchleswigHolstein = 1,
    Hamburg,
    LowerSaxony,
    Bremen,
    NorthRhineWestphalia,
    Hesse,
    RhinelandPalatinate,
    BadenWuerttemberg,
    Bavaria,
    Saarland,
    Berlin,
    Brandenburg,
    MecklenburgVorpommern,
    Saxony,
    SaxonyAnhalt,
    Thuringia,
}

use Land::*;

impl Land {
    /// Every Land, in the order of the AGS.
    pub const ALL: [Self; 16] = [
        SchleswigHolstein,
        Hamburg,
        LowerSaxony,
        Bremen,
        NorthRhineWestphalia,
        Hesse,
        RhinelandPalatinate,
        BadenWuerttemberg,
        Bavaria,
        Saarland,
        Berlin,
        Brandenburg,
        MecklenburgVorpommern,
        Saxony,
        SaxonyAnhalt,
        Thuringia,
    ];
}

/// An official municipality key (AGS): two to eight digits from Land to municipality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ags {
    digits: [u8; 8],
    len: usize,
    land: Land,
}

/// Why a text is not a municipality key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a municipality key: it has two to eight digits, the first two from 01 to 16")]
pub struct ParseAgsError;

impl FromStr for Ags {
    type Err = ParseAgsError;

    fn from_str(text: &str) -> Result<Self, ParseAgsError> {
        let len = text.len();
        if !(2..=8).contains(&len) || !text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(ParseAgsError);
        }
        let mut digits = [0; 8];
        digits[..len].copy_from_slice(text.as_bytes());
        let number = usize::from(digits[0] - b'0') * 10 + usize::from(digits[1] - b'0');
        let land = number.checked_sub(1).and_then(|index| Land::ALL.get(index));
        Ok(Self {
            digits,
            len,
            land: *land.ok_or(ParseAgsError)?,
        })
    }
}

impl TryFrom<&MunicipalityCode> for Ags {
    type Error = ParseAgsError;

    fn try_from(code: &MunicipalityCode) -> Result<Self, ParseAgsError> {
        code.to_string().parse()
    }
}

impl Ags {
    /// The Land.
    pub fn land(&self) -> Land {
        self.land
    }

    /// Whether it lies in the area with this key; a shorter key may reach beyond it.
    fn within(&self, area: &str) -> Local {
        let digits = &self.digits[..self.len];
        if digits.starts_with(area.as_bytes()) {
            Local::Kept
        } else if area.as_bytes().starts_with(digits) {
            Local::Unknown
        } else {
            Local::NotKept
        }
    }
}

/// What is known of a holiday that only some municipalities of a Land keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Local {
    /// The municipality keeps it.
    Kept,
    /// It does not.
    NotKept,
    /// Nobody said.
    #[default]
    Unknown,
}

/// A municipality, and what was stated about its local holidays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The municipality.
    pub ags: Ags,
    /// 15 August, in Bavaria only.
    pub assumption: Local,
    /// Corpus Christi, in Saxony and Thuringia only.
    pub corpus_christi: Local,
}

impl Place {
    /// A municipality of whose local holidays nothing is stated.
    pub fn new(ags: Ags) -> Self {
        Self {
            ags,
            assumption: Local::Unknown,
            corpus_christi: Local::Unknown,
        }
    }
}

/// Declares the holidays with their stable names.
macro_rules! holidays {
    ($($(#[$doc:meta])* $item:ident = $name:literal,)*) => {
        /// A public holiday.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Holiday {
            $($(#[$doc])* $item,)*
        }

        impl Holiday {
            /// Every holiday.
            pub const ALL: &'static [Self] = &[$(Self::$item,)*];

            /// The name in JSON and in documents.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$item => $name,)*
                }
            }
        }
    };
}

holidays! {
    /// Neujahr.
    NewYear = "new-year",
    /// Heilige Drei Könige.
    Epiphany = "epiphany",
    /// Frauentag.
    WomensDay = "womens-day",
    /// Karfreitag.
    GoodFriday = "good-friday",
    /// Ostersonntag.
    EasterSunday = "easter-sunday",
    /// Ostermontag.
    EasterMonday = "easter-monday",
    /// Tag der Arbeit.
    LabourDay = "labour-day",
    /// Tag der Befreiung, single years.
    LiberationDay = "liberation-day",
    /// Christi Himmelfahrt.
    Ascension = "ascension",
    /// Pfingstsonntag.
    WhitSunday = "whit-sunday",
    /// Pfingstmontag.
    WhitMonday = "whit-monday",
    /// Fronleichnam.
    CorpusChristi = "corpus-christi",
    /// Jahrestag des Volksaufstands, a single year.
    UprisingOf1953 = "uprising-of-1953",
    /// Augsburger Friedensfest.
    AugsburgPeace = "augsburg-peace",
    /// Mariä Himmelfahrt.
    Assumption = "assumption",
    /// Weltkindertag.
    ChildrensDay = "childrens-day",
    /// Tag der Deutschen Einheit.
    GermanUnity = "german-unity",
    /// Reformationstag.
    Reformation = "reformation",
    /// Allerheiligen.
    AllSaints = "all-saints",
    /// Buß- und Bettag.
    Repentance = "repentance",
    /// Erster Weihnachtstag.
    ChristmasDay = "christmas-day",
    /// Zweiter Weihnachtstag.
    SecondChristmasDay = "second-christmas-day",
}

/// When in the year.
enum When {
    /// Month and day.
    Fixed(i8, i8),
    /// Days after Easter Sunday.
    AfterEaster(u16),
    /// Days before Easter Sunday.
    BeforeEaster(u16),
    /// The Wednesday before 23 November.
    WednesdayBefore23November,
}

/// Where in the country.
enum Where {
    Everywhere,
    In(&'static [Land]),
    /// In one municipality.
    Municipality(&'static str),
    /// Where [`Place::assumption`] says so.
    CatholicBavaria,
    /// Where [`Place::corpus_christi`] says so, or the district does.
    CorpusChristiPlaces,
}

use When::{AfterEaster, BeforeEaster, Fixed, WednesdayBefore23November};
use Where::{CatholicBavaria, CorpusChristiPlaces, Everywhere, In, Municipality};

/// Holiday, when, where, first and last year.
type Row = (Holiday, When, Where, i16, i16);
const ALWAYS: i16 = i16::MAX;

/// The holidays. A new one is one row.
const TABLE: &[Row] = {
    use Holiday::*;
    &[
        (NewYear, Fixed(1, 1), Everywhere, 1, ALWAYS),
        (
            Epiphany,
            Fixed(1, 6),
            In(&[BadenWuerttemberg, Bavaria, SaxonyAnhalt]),
            1,
            ALWAYS,
        ),
        (WomensDay, Fixed(3, 8), In(&[Berlin]), 2019, ALWAYS),
        (
            WomensDay,
            Fixed(3, 8),
            In(&[MecklenburgVorpommern]),
            2023,
            ALWAYS,
        ),
        (GoodFriday, BeforeEaster(2), Everywhere, 1, ALWAYS),
        (EasterSunday, AfterEaster(0), In(&[Brandenburg]), 1, ALWAYS),
        (EasterMonday, AfterEaster(1), Everywhere, 1, ALWAYS),
        (LabourDay, Fixed(5, 1), Everywhere, 1, ALWAYS),
        (LiberationDay, Fixed(5, 8), In(&[Berlin]), 2020, 2020),
        (LiberationDay, Fixed(5, 8), In(&[Berlin]), 2025, 2025),
        (Ascension, AfterEaster(39), Everywhere, 1, ALWAYS),
        (WhitSunday, AfterEaster(49), In(&[Brandenburg]), 1, ALWAYS),
        (WhitMonday, AfterEaster(50), Everywhere, 1, ALWAYS),
        (
            CorpusChristi,
            AfterEaster(60),
            In(&[
                BadenWuerttemberg,
                Bavaria,
                Hesse,
                NorthRhineWestphalia,
                RhinelandPalatinate,
                Saarland,
            ]),
            1,
            ALWAYS,
        ),
        (
            CorpusChristi,
            AfterEaster(60),
            CorpusChristiPlaces,
            1,
            ALWAYS,
        ),
        (UprisingOf1953, Fixed(6, 17), In(&[Berlin]), 2028, 2028),
        (
            AugsburgPeace,
            Fixed(8, 8),
            Municipality(AUGSBURG),
            1,
            ALWAYS,
        ),
        (Assumption, Fixed(8, 15), In(&[Saarland]), 1, ALWAYS),
        (Assumption, Fixed(8, 15), CatholicBavaria, 1, ALWAYS),
        (ChildrensDay, Fixed(9, 20), In(&[Thuringia]), 2019, ALWAYS),
        (GermanUnity, Fixed(10, 3), Everywhere, 1990, ALWAYS),
        (
            Reformation,
            Fixed(10, 31),
            In(&[
                Brandenburg,
                MecklenburgVorpommern,
                Saxony,
                SaxonyAnhalt,
                Thuringia,
            ]),
            1,
            ALWAYS,
        ),
        (Reformation, Fixed(10, 31), Everywhere, 2017, 2017),
        (
            Reformation,
            Fixed(10, 31),
            In(&[Bremen, Hamburg, LowerSaxony, SchleswigHolstein]),
            2018,
            ALWAYS,
        ),
        (
            AllSaints,
            Fixed(11, 1),
            In(&[
                BadenWuerttemberg,
                Bavaria,
                NorthRhineWestphalia,
                RhinelandPalatinate,
                Saarland,
            ]),
            1,
            ALWAYS,
        ),
        (
            Repentance,
            WednesdayBefore23November,
            In(&[Saxony]),
            1,
            ALWAYS,
        ),
        (ChristmasDay, Fixed(12, 25), Everywhere, 1, ALWAYS),
        (SecondChristmasDay, Fixed(12, 26), Everywhere, 1, ALWAYS),
    ]
};

/// What a day is, as far as periods ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// A working day (Werktag), Saturdays excepted.
    Working,
    /// Saturday or Sunday.
    Weekend,
    /// A public holiday.
    Holiday(Holiday),
    /// A public holiday in some places; which is ours is not known.
    Unsure(Holiday),
}

/// What the day is at the place; without a place, what it may be in Germany.
pub fn day_kind(day: Day, place: Option<&Place>) -> DayKind {
    if day.is_weekend() {
        return DayKind::Weekend;
    }
    let mut unsure = None;
    for (holiday, when, place_of, from, until) in TABLE {
        if !(*from..=*until).contains(&day.year()) || when.in_year(day.year()) != Some(day) {
            continue;
        }
        match place_of.holds(place) {
            Local::Kept => return DayKind::Holiday(*holiday),
            Local::NotKept => {}
            Local::Unknown => unsure = Some(*holiday),
        }
    }
    unsure.map_or(DayKind::Working, DayKind::Unsure)
}

impl When {
    fn in_year(&self, year: i16) -> Option<Day> {
        match self {
            Fixed(month, day) => Day::new(year, *month, *day),
            AfterEaster(days) => easter(year).map(|easter| easter.plus_days(*days)),
            BeforeEaster(days) => easter(year).map(|easter| easter.minus_days(*days)),
            WednesdayBefore23November => {
                let last = Day::new(year, 11, 22)?;
                Some(last.minus_days((last.days_since_monday() + 5) % 7))
            }
        }
    }
}

impl Where {
    fn holds(&self, place: Option<&Place>) -> Local {
        if matches!(self, Everywhere) {
            return Local::Kept;
        }
        let Some(place) = place else {
            return Local::Unknown;
        };
        let land = place.ags.land();
        match self {
            Everywhere => Local::Kept,
            In(lands) if lands.contains(&land) => Local::Kept,
            In(_) => Local::NotKept,
            Municipality(ags) => place.ags.within(ags),
            CatholicBavaria if land == Bavaria => match place.assumption {
                // Augsburg is among the municipalities with a Catholic majority.
                Local::Unknown if place.ags.within(AUGSBURG) == Local::Kept => Local::Kept,
                stated => stated,
            },
            CorpusChristiPlaces if matches!(land, Saxony | Thuringia) => {
                let none_of = |areas: &[&str]| {
                    let mut areas = areas.iter();
                    areas.all(|area| place.ags.within(area) == Local::NotKept)
                };
                match place.corpus_christi {
                    Local::Unknown if place.ags.within(EICHSFELD) == Local::Kept => Local::Kept,
                    Local::Unknown if none_of(PARTLY_CORPUS_CHRISTI) && none_of(&[EICHSFELD]) => {
                        Local::NotKept
                    }
                    stated => stated,
                }
            }
            CatholicBavaria | CorpusChristiPlaces => Local::NotKept,
        }
    }
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).
pub fn easter(year: i16) -> Option<Day> {
    let year_number = i32::from(year);
    let (century, of_century) = (year_number / 100, year_number % 100);
    let golden = year_number % 19;
    let moon_correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let from_march = epact + to_sunday - 7 * late + 114;
    let month = i8::try_from(from_march / 31).ok()?;
    let day = i8::try_from(from_march % 31 + 1).ok()?;
    Day::new(year, month, day)
}
