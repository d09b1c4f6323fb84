//! The address book and lists from spreadsheets.

use crate::cli::error::{Exit, Explain, Failure};
use crate::cli::lang::{Language, text};
use crate::client::book::{BookError, RowCause, SpreadsheetError};

impl Explain for BookError {
    fn explain(&self, lang: Language) -> Failure {
        let look = || {
            text!(
                lang,
                "mit `postfach book` nachsehen",
                "look it up with `postfach book`"
            )
        };
        let (exit, what, next) = match self {
            Self::DuplicateReference(reference) => (
                Exit::Conflict,
                text!(
                    lang,
                    "das Kassenzeichen {reference} steht schon im Adressbuch",
                    "the reference {reference} is already in the address book"
                ),
                look(),
            ),
            Self::DuplicateCode => (
                Exit::TryAgain,
                text!(
                    lang,
                    "der Aktivierungscode ist schon vergeben",
                    "the activation code is in use"
                ),
                text!(
                    lang,
                    "den Brief noch einmal schreiben",
                    "write the letter again"
                ),
            ),
            Self::DuplicateBinding => (
                Exit::Conflict,
                text!(
                    lang,
                    "diese Zuordnung gehört schon zu einem anderen Kassenzeichen",
                    "this binding already belongs to another reference"
                ),
                look(),
            ),
            Self::UnknownReference(reference) => (
                Exit::Usage,
                text!(
                    lang,
                    "das Kassenzeichen {reference} steht nicht im Adressbuch",
                    "the reference {reference} is not in the address book"
                ),
                text!(
                    lang,
                    "Schreibweise prüfen oder die Person mit `postfach book` eintragen",
                    "check the spelling, or add the person with `postfach book`"
                ),
            ),
            Self::UnknownBinding => (
                Exit::Usage,
                text!(
                    lang,
                    "diese Zuordnung steht nicht im Adressbuch",
                    "this binding is not in the address book"
                ),
                look(),
            ),
            Self::Full => (
                Exit::Local,
                text!(lang, "das Adressbuch ist voll", "the address book is full"),
                text!(
                    lang,
                    "erledigte Einträge löschen oder ein zweites Profil führen",
                    "remove entries that are done with, or keep a second profile"
                ),
            ),
            Self::TooManyBindings => (
                Exit::Refused,
                text!(
                    lang,
                    "eine Person hatte zu viele Adressen",
                    "one person has had too many addresses"
                ),
                text!(
                    lang,
                    "den Fall von Hand prüfen und die Person neu eintragen",
                    "look into the case and enter the person anew"
                ),
            ),
            Self::NoOwnKey | Self::OtherKeys(_) => (
                Exit::Local,
                text!(
                    lang,
                    "das Adressbuch passt nicht zu den eigenen Schlüsseln",
                    "the address book does not fit your own keys"
                ),
                text!(
                    lang,
                    "das Profil (--home) oder die Schlüsseldatei prüfen; ältere Schlüssel müssen darin bleiben",
                    "check the profile (--home) or the key file; older keys must stay in it"
                ),
            ),
            Self::Damaged(path) => {
                let path = path.display();
                (
                    Exit::Local,
                    text!(
                        lang,
                        "das Adressbuch {path} ist beschädigt",
                        "the address book {path} is damaged"
                    ),
                    text!(
                        lang,
                        "die ältere Fassung {path}.old oder eine Sicherung verwenden",
                        "use the older version {path}.old, or a backup"
                    ),
                )
            }
            Self::Format(format) => (
                Exit::Local,
                text!(
                    lang,
                    "das Adressbuch hat das Format {format}, das diese Fassung nicht kennt",
                    "the address book has format {format}, which this version does not know"
                ),
                text!(lang, "postfach aktualisieren", "update postfach"),
            ),
            Self::Io(error) => return error.explain(lang),
        };
        Failure::new(exit, what, next)
    }
}

impl Explain for SpreadsheetError {
    fn explain(&self, lang: Language) -> Failure {
        let what = match self {
            Self::Row { line, cause } => {
                let cause = row_cause(cause, lang);
                text!(lang, "Zeile {line}: {cause}", "line {line}: {cause}")
            }
            Self::Column(column) => text!(
                lang,
                "in der ersten Zeile fehlt die Spalte {column}",
                "the first line lacks the column {column}"
            ),
            Self::Size => text!(
                lang,
                "die Liste ist leer oder größer als eine Million Personen",
                "the list is empty, or larger than a million people"
            ),
            Self::Io(error) => return error.explain(lang),
        };
        let next = text!(
            lang,
            "die Liste verbessern und noch einmal einlesen; bisher ist nichts daraus übernommen",
            "correct the list and read it again; nothing of it was taken over"
        );
        Failure::new(Exit::Usage, what, next)
    }
}

fn row_cause(cause: &RowCause, lang: Language) -> String {
    match cause {
        RowCause::Cells { expected, found } => text!(
            lang,
            "{found} Felder statt {expected} wie in der ersten Zeile",
            "{found} cells instead of {expected} as in the first line"
        ),
        RowCause::Cell(cell) => text!(
            lang,
            "das Feld {cell} ist leer, zu lang oder enthält Steuerzeichen",
            "the cell {cell} is empty, too long, or contains control characters"
        ),
        RowCause::Formula(cell) => text!(
            lang,
            "das Feld {cell} beginnt wie eine Formel (=, +, - oder @)",
            "the cell {cell} begins like a formula (=, +, - or @)"
        ),
        RowCause::Date => text!(
            lang,
            "das Geburtsdatum ist kein Tag der Form TT.MM.JJJJ oder JJJJ-MM-TT",
            "the date of birth is no day of the form DD.MM.YYYY or YYYY-MM-DD"
        ),
        RowCause::Repeated(reference) => text!(
            lang,
            "das Kassenzeichen {reference} steht schon weiter oben",
            "the reference {reference} stands on an earlier line too"
        ),
        RowCause::OtherPerson(reference) => text!(
            lang,
            "das Kassenzeichen {reference} gehört im Adressbuch zu jemand anderem",
            "the reference {reference} belongs to somebody else in the address book"
        ),
        RowCause::Book(error) => error.explain(lang).what,
    }
}
