//! Address lists to and from spreadsheets: `reference;name;birth date;street;postcode;city`.
//!
//! Invariants: an import happens whole or not at all, and its error names the line; what a
//! spreadsheet could run as a formula is refused; codes, addresses and salts never leave the book.
//!
//! Reads what spreadsheets write: semicolon, comma or tab, with or without a byte-order mark, in
//! UTF-8 or Windows-1252, with German or English column names in any order. Writes semicolons and
//! UTF-8 with a byte-order mark, which they read back. RFC 4180.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use rand_core::CryptoRng;

use super::{Book, BookError, NewEntry, PostalAddress};
use crate::paper::Date;

/// Longest list read, in bytes: a million people.
const MAX_FILE: u64 = 256 * 1024 * 1024;
/// Longest cell, in bytes.
const MAX_CELL: usize = 200;
/// Names of the columns, in the order in which they are written.
const COLUMNS: [(&str, &[&str]); 6] = [
    (
        "Kassenzeichen",
        &["kassenzeichen", "referenz", "aktenzeichen", "reference"],
    ),
    ("Name", &["name"]),
    (
        "Geburtsdatum",
        &["geburtsdatum", "birth date", "birth_date", "date of birth"],
    ),
    ("Straße", &["straße", "strasse", "street"]),
    ("PLZ", &["plz", "postleitzahl", "postcode"]),
    ("Ort", &["ort", "city"]),
];
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Imported {
    /// People who were new.
    pub added: usize,
    /// People whose postal address changed.
    pub moved: usize,
    /// People who were already there just so.
    pub unchanged: usize,
}

/// Why a list is not imported; the book is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum SpreadsheetError {
    /// A line of the file, counted from 1, and what is wrong with it.
    #[error("line {line}: {cause}")]
    Row {
        /// Which.
        line: u64,
        /// Why.
        cause: RowCause,
    },
    /// A column is missing.
    #[error("the column {0} is missing in the first line")]
    Column(&'static str),
    /// The file is empty or too large.
    #[error("the file is empty, or larger than a list of a million people")]
    Size,
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub enum RowCause {
    /// Another number of cells than the first line.
    #[error("it has {found} cells, the first line has {expected}")]
    Cells {
        /// Cells in the first line.
        expected: u64,
        /// Cells in this one.
        found: u64,
    },
    /// A cell is empty, too long, or has control characters.
    #[error("the cell {0} is empty, too long, or contains control characters")]
    Cell(&'static str),
    /// A cell would run as a formula in a spreadsheet.
    #[error("the cell {0} begins like a formula")]
    Formula(&'static str),
    /// The date of birth is no day.
    #[error("the date of birth is neither DD.MM.YYYY nor YYYY-MM-DD, or no such day")]
    Date,
    /// The reference stands on an earlier line too.
    #[error("the reference {0} stands on an earlier line too")]
    Repeated(String),
    /// The reference is known for somebody else.
    #[error("the reference {0} is in the address book with another name or date of birth")]
    OtherPerson(String),
    /// The book is full.
    #[error(transparent)]
    Book(#[from] BookError),
}

impl Book {
    /// Adds the people of a list; known ones may have moved. All of it or nothing.
    ///
    /// # Errors
    /// [`SpreadsheetError`]; the book is then unchanged.
    pub fn import(
        &mut self,
        from: impl Read,
        rng: &mut impl CryptoRng,
    ) -> Result<Imported, SpreadsheetError> {
        let mut bytes = Vec::new();
        from.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        if bytes.is_empty() || bytes.len() as u64 > MAX_FILE {
            return Err(SpreadsheetError::Size);
        }
        let rows = read_rows(&to_utf8(&bytes))?;
        self.check_rows(&rows)?;
        let mut imported = Imported::default();
        for (line, row) in rows {
            let at = |error: BookError| SpreadsheetError::Row {
                line,
                cause: error.into(),
            };
            match self.by_reference(&row.reference) {
                None => {
                    self.add(row, rng).map_err(at)?;
                    imported.added += 1;
                }
                Some(known) if known.postal == row.postal => imported.unchanged += 1,
                Some(_) => {
                    self.move_to(&row.reference, row.postal).map_err(at)?;
                    imported.moved += 1;
                }
            }
        }
        Ok(imported)
    }

    /// Writes all people as a list.
    ///
    /// # Errors
    /// What `to` returns.
    pub fn export(&self, mut to: impl Write) -> io::Result<()> {
        to.write_all(BOM)?;
        let mut writer = WriterBuilder::new().delimiter(b';').from_writer(to);
        writer.write_record(COLUMNS.map(|(name, _)| name))?;
        for entry in self.entries() {
            let PostalAddress {
                street,
                postcode,
                city,
            } = &entry.postal;
            let cells = [
                &entry.reference,
                &entry.name,
                &entry.birth_date,
                street,
                postcode,
                city,
            ];
            writer.write_record(cells)?;
        }
        writer.flush()
    }

    /// Everything that could fail halfway, before anything is changed.
    fn check_rows(&self, rows: &[(u64, NewEntry)]) -> Result<(), SpreadsheetError> {
        let mut seen = std::collections::HashSet::with_capacity(rows.len());
        let mut new = 0;
        for (line, row) in rows {
            let at = |cause| SpreadsheetError::Row { line: *line, cause };
            if !seen.insert(row.reference.as_str()) {
                return Err(at(RowCause::Repeated(row.reference.clone())));
            }
            match self.by_reference(&row.reference) {
                None => new += 1,
                Some(known) if known.name == row.name && known.birth_date == row.birth_date => (),
                Some(_) => return Err(at(RowCause::OtherPerson(row.reference.clone()))),
            }
            if self.entries().len() + new > super::MAX_ENTRIES {
                return Err(at(BookError::Full.into()));
            }
        }
        Ok(())
    }
}

fn read_rows(text: &str) -> Result<Vec<(u64, NewEntry)>, SpreadsheetError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let columns = find_columns(reader.headers().map_err(row_error)?)?;
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(row_error)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue; // spreadsheets end in empty rows
        }
        let line = record.position().map_or(0, csv::Position::line);
        let row =
            read_row(&record, columns).map_err(|cause| SpreadsheetError::Row { line, cause })?;
        rows.push((line, row));
    }
    Ok(rows)
}

fn find_columns(header: &StringRecord) -> Result<[usize; 6], SpreadsheetError> {
    let names: Vec<String> = header
        .iter()
        .map(|name| name.trim().to_lowercase())
        .collect();
    let mut columns = [0; 6];
    for (column, (shown, accepted)) in columns.iter_mut().zip(COLUMNS) {
        *column = names
            .iter()
            .position(|name| accepted.contains(&name.as_str()))
            .ok_or(SpreadsheetError::Column(shown))?;
    }
    Ok(columns)
}

fn read_row(record: &StringRecord, columns: [usize; 6]) -> Result<NewEntry, RowCause> {
    let cell = |number: usize| {
        let (name, _) = COLUMNS[number];
        let text = record.get(columns[number]).unwrap_or_default().trim();
        if text.is_empty() || text.len() > MAX_CELL || text.chars().any(char::is_control) {
            return Err(RowCause::Cell(name));
        }
        if text.starts_with(['=', '+', '-', '@']) {
            return Err(RowCause::Formula(name));
        }
        Ok(text.to_owned())
    };
    Ok(NewEntry {
        reference: cell(0)?,
        name: cell(1)?,
        birth_date: iso_date(&cell(2)?).ok_or(RowCause::Date)?,
        postal: PostalAddress {
            street: cell(3)?,
            postcode: cell(4)?,
            city: cell(5)?,
        },
    })
}

/// `YYYY-MM-DD` from that or from `DD.MM.YYYY`.
fn iso_date(text: &str) -> Option<String> {
    let german: Vec<&str> = text.split('.').collect();
    let iso: Vec<&str> = text.split('-').collect();
    let (year, month, day) = match (german.as_slice(), iso.as_slice()) {
        ([day, month, year], _) | (_, [year, month, day]) => (year, month, day),
        _ => return None,
    };
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let date = Date::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
    let plausible = (1850..=2200).contains(&year);
    plausible.then(|| format!("{year:04}-{:02}-{:02}", date.month(), date.day()))
}

/// Digits only: no sign, no space.
fn number(digits: &str) -> Option<u16> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The delimiter that is most frequent in the first line.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    let most = [b',', b'\t', b';']
        .into_iter()
        .max_by_key(|delimiter| count(*delimiter));
    most.unwrap_or(b';')
}

/// UTF-8, or what older spreadsheets write.
fn to_utf8(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
    }
}

/// Windows-1252: Latin-1 but for 0x80 to 0x9F (unassigned ones become control characters, which
/// no cell may have).
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn row_error(error: csv::Error) -> SpreadsheetError {
    let line = error.position().map_or(1, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => SpreadsheetError::Row {
            line,
            cause: RowCause::Cells {
                expected: expected_len,
                found: len,
            },
        },
        csv::ErrorKind::Io(error) => SpreadsheetError::Io(error),
        // The text is UTF-8 already; nothing else can go wrong while reading records.
        _ => SpreadsheetError::Size,
    }
}
