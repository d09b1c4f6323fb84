//! How the command line fails: what happened, what to do, and a documented exit code.
//!
//! Invariant: every failure that a person sees says both, in the person's language; scripts read
//! the exit code or, with `--json`, one JSON object on standard error. Codes never change meaning.
//!
//! Absent: error chains and codes of libraries; what they know that helps is in `what`.

use serde::Serialize;

use crate::cli::lang::{Language, text};

/// Exit codes; part of the interface (docs/operations.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Everything was done and verified.
    Done = 0,
    /// Something did not verify, or the other side refused for a reason of substance.
    Refused = 1,
    /// The command line or an input file is wrong.
    Usage = 2,
    /// The server cannot be reached.
    Unreachable = 3,
    /// A local file or its permissions.
    Local = 4,
    /// The passphrase does not open the key file.
    Passphrase = 5,
    /// Something else is already there, or newer.
    Conflict = 6,
    /// Temporary: the same command again is safe and may succeed.
    TryAgain = 7,
    /// Nothing is wrong, but something is missing or disputed, so it is not proven.
    NotProven = 8,
}

impl Exit {
    /// Every code, in ascending order.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Refused,
        Self::Usage,
        Self::Unreachable,
        Self::Local,
        Self::Passphrase,
        Self::Conflict,
        Self::TryAgain,
        Self::NotProven,
    ];

    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Usage => "usage",
            Self::Unreachable => "unreachable",
            Self::Local => "local",
            Self::Passphrase => "passphrase",
            Self::Conflict => "conflict",
            Self::TryAgain => "try-again",
            Self::NotProven => "not-proven",
        }
    }

    /// What it means, for help and documents.
    #[must_use]
    pub fn meaning(self, lang: Language) -> String {
        match self {
            Self::Done => text!(
                lang,
                "alles erledigt und geprüft",
                "everything done and verified"
            ),
            Self::Refused => text!(
                lang,
                "nicht bestätigt oder abgelehnt",
                "not verified or refused"
            ),
            Self::Usage => text!(
                lang,
                "Aufruf oder Eingabe falsch",
                "wrong command line or input"
            ),
            Self::Unreachable => text!(lang, "Server nicht erreichbar", "server cannot be reached"),
            Self::Local => text!(
                lang,
                "lokale Datei oder Rechte",
                "local file or permissions"
            ),
            Self::Passphrase => text!(lang, "falsche Passphrase", "wrong passphrase"),
            Self::Conflict => text!(
                lang,
                "schon vorhanden oder überholt",
                "already there or superseded"
            ),
            Self::TryAgain => text!(
                lang,
                "vorübergehend, bitte wiederholen",
                "temporary, try again"
            ),
            Self::NotProven => text!(
                lang,
                "nicht falsch, aber nicht bewiesen oder streitig",
                "not wrong, but not proven or disputed"
            ),
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ends, in the person's language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened.
    pub what: String,
    /// What to do.
    pub next: String,
}

/// The form on standard error with `--json`.
#[derive(Serialize)]
struct FailureForm<'a> {
    error: &'static str,
    exit: u8,
    what: &'a str,
    next: &'a str,
}

impl Failure {
    /// A failure with its two sentences.
    #[must_use]
    pub fn new(exit: Exit, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            exit,
            what: what.into(),
            next: next.into(),
        }
    }

    /// "Fehler: … / Was tun: …".
    #[must_use]
    pub fn to_text(&self, lang: Language) -> String {
        let (what, next) = (&self.what, &self.next);
        text!(
            lang,
            "Fehler: {what}\nWas tun: {next}",
            "error: {what}\nwhat to do: {next}"
        )
    }

    /// One line of JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let form = FailureForm {
            error: self.exit.name(),
            exit: self.exit as u8,
            what: &self.what,
            next: &self.next,
        };
        serde_json::to_string(&form).expect("four plain fields always encode")
    }
}

/// An error that can say itself to a person.
pub trait Explain {
    /// What happened and what to do, with the exit code.
    fn explain(&self, lang: Language) -> Failure;
}

/// `result.explained(lang)?` in verbs.
pub trait Explained<T> {
    /// Turns the error into a [`Failure`].
    ///
    /// # Errors
    /// The explained error.
    fn explained(self, lang: Language) -> Result<T, Failure>;
}

impl<T, E: Explain> Explained<T> for Result<T, E> {
    fn explained(self, lang: Language) -> Result<T, Failure> {
        self.map_err(|error| error.explain(lang))
    }
}

impl Explain for Failure {
    fn explain(&self, _lang: Language) -> Failure {
        self.clone()
    }
}

impl Explain for std::io::Error {
    fn explain(&self, lang: Language) -> Failure {
        use std::io::ErrorKind;
        let what = text!(lang, "Datei oder Ordner: {self}", "file or folder: {self}");
        let next = match self.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => text!(
                lang,
                "Platz schaffen und denselben Befehl wiederholen; es ist nichts halb gespeichert",
                "free some space and run the same command again; nothing is half stored"
            ),
            ErrorKind::AlreadyExists => text!(
                lang,
                "einen anderen Pfad wählen, oder die Datei von dort fortbringen, wenn sie nicht gebraucht wird",
                "choose another path, or move the file away if it is not needed"
            ),
            ErrorKind::PermissionDenied => text!(
                lang,
                "Rechte der Datei und ihres Ordners prüfen",
                "check the permissions of the file and its folder"
            ),
            _ => text!(
                lang,
                "Pfad prüfen und denselben Befehl wiederholen",
                "check the path and run the same command again"
            ),
        };
        Failure::new(Exit::Local, what, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_happened_and_what_to_do() {
        let failure = Failure::new(Exit::TryAgain, "Zeit abgelaufen", "noch einmal");
        let text = failure.to_text(Language::German);
        assert_eq!(text, "Fehler: Zeit abgelaufen\nWas tun: noch einmal");
        let json: serde_json::Value = serde_json::from_str(&failure.to_json()).unwrap();
        assert_eq!(
            (json["error"].as_str(), json["exit"].as_u64()),
            (Some("try-again"), Some(7))
        );
    }
}
