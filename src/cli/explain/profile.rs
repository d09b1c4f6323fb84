//! Key files and profiles.

use crate::cli::error::{Exit, Explain, Failure};
use crate::cli::lang::{Language, text};
use crate::client::keyfile::{KeyFileError, NoKey};
use crate::client::profile::ProfileError;

impl Explain for KeyFileError {
    fn explain(&self, lang: Language) -> Failure {
        let restore = || {
            text!(
                lang,
                "die ältere Fassung mit der Endung .old oder eine Sicherung verwenden",
                "use the older version ending in .old, or a backup"
            )
        };
        let (exit, what, next) = match self {
            Self::Missing(path) => {
                let path = path.display();
                (
                    Exit::Local,
                    text!(
                        lang,
                        "keine Schlüsseldatei unter {path}",
                        "no key file at {path}"
                    ),
                    text!(
                        lang,
                        "mit `postfach key new` Schlüssel erzeugen oder --home prüfen",
                        "make keys with `postfach key new`, or check --home"
                    ),
                )
            }
            Self::Exists(path) => {
                let path = path.display();
                (
                    Exit::Conflict,
                    text!(
                        lang,
                        "unter {path} liegt schon eine Schlüsseldatei",
                        "there already is a key file at {path}"
                    ),
                    text!(
                        lang,
                        "die vorhandenen Schlüssel verwenden; neue gibt es mit `postfach key rotate`",
                        "use the keys that are there; `postfach key rotate` makes new ones"
                    ),
                )
            }
            Self::Mode(path, mode) => {
                let path = path.display();
                (
                    Exit::Local,
                    text!(
                        lang,
                        "die unverschlüsselte Schlüsseldatei {path} ist für andere offen (Modus {mode:04o})",
                        "the unencrypted key file {path} is open to others (mode {mode:04o})"
                    ),
                    text!(
                        lang,
                        "chmod 600 {path}; wenn andere sie gelesen haben können: `postfach key rotate`",
                        "chmod 600 {path}; if others may have read it: `postfach key rotate`"
                    ),
                )
            }
            Self::Owner(path) => {
                let path = path.display();
                (
                    Exit::Local,
                    text!(
                        lang,
                        "die unverschlüsselte Schlüsseldatei {path} gehört einem anderen Benutzer",
                        "the unencrypted key file {path} belongs to another user"
                    ),
                    text!(
                        lang,
                        "den Befehl als dieser Benutzer aufrufen oder den Besitzer ändern (chown)",
                        "run the command as that user, or change the owner (chown)"
                    ),
                )
            }
            Self::WrongPassphrase => (
                Exit::Passphrase,
                text!(lang, "die Passphrase passt nicht", "wrong passphrase"),
                text!(
                    lang,
                    "Feststelltaste und Tastaturbelegung prüfen und noch einmal versuchen",
                    "check caps lock and keyboard layout and try again"
                ),
            ),
            Self::WorkFactor => (
                Exit::Local,
                text!(
                    lang,
                    "die Schlüsseldatei verlangt mehr Rechenarbeit, als erlaubt ist",
                    "the key file asks for more work than is accepted"
                ),
                text!(
                    lang,
                    "die Datei stammt nicht von hier; mit `age` öffnen und neu verschlüsseln",
                    "the file was not made here; open it with `age` and encrypt it again"
                ),
            ),
            Self::Damaged => (
                Exit::Local,
                text!(
                    lang,
                    "die Schlüsseldatei ist beschädigt",
                    "the key file is damaged"
                ),
                restore(),
            ),
            Self::Line(line) => (
                Exit::Local,
                text!(
                    lang,
                    "Zeile {line} der Schlüsseldatei ist kein Schlüssel",
                    "line {line} of the key file is not a key"
                ),
                restore(),
            ),
            Self::NoKeys => (
                Exit::Local,
                text!(
                    lang,
                    "die Datei enthält keine Schlüssel",
                    "the file holds no keys"
                ),
                restore(),
            ),
            Self::TooLarge => (
                Exit::Local,
                text!(
                    lang,
                    "die Datei ist zu groß für eine Schlüsseldatei",
                    "the file is too large for a key file"
                ),
                text!(lang, "den Pfad prüfen", "check the path"),
            ),
            Self::Io(error) => return error.explain(lang),
        };
        Failure::new(exit, what, next)
    }
}

impl Explain for NoKey {
    fn explain(&self, lang: Language) -> Failure {
        let role = self.0;
        Failure::new(
            Exit::Local,
            text!(
                lang,
                "in der Schlüsseldatei fehlt der nötige Schlüssel ({role:?})",
                "the key file lacks the key that is needed ({role:?})"
            ),
            text!(
                lang,
                "den Befehl mit dem Profil aufrufen, das diesen Schlüssel hat (--home)",
                "run the command with the profile that has this key (--home)"
            ),
        )
    }
}

impl Explain for ProfileError {
    fn explain(&self, lang: Language) -> Failure {
        let check = || {
            text!(
                lang,
                "Datei prüfen oder aus der Sicherung holen",
                "check the file, or restore it from a backup"
            )
        };
        let (exit, what, next) = match self {
            Self::NoHome => (
                Exit::Usage,
                text!(
                    lang,
                    "kein Ordner für das Profil bekannt",
                    "no folder is known for the profile"
                ),
                text!(lang, "--home ORDNER angeben", "give --home FOLDER"),
            ),
            Self::Missing(home) => {
                let home = home.display();
                (
                    Exit::Local,
                    text!(
                        lang,
                        "in {home} ist kein Profil",
                        "there is no profile in {home}"
                    ),
                    text!(
                        lang,
                        "mit `postfach key new` oder `postfach party enrol` beginnen oder --home prüfen",
                        "begin with `postfach key new` or `postfach party enrol`, or check --home"
                    ),
                )
            }
            Self::Exists(home) => {
                let home = home.display();
                (
                    Exit::Conflict,
                    text!(
                        lang,
                        "in {home} ist schon ein Profil",
                        "there already is a profile in {home}"
                    ),
                    text!(
                        lang,
                        "mit --home einen anderen Ordner wählen",
                        "choose another folder with --home"
                    ),
                )
            }
            Self::Locked(home) => {
                let home = home.display();
                (
                    Exit::TryAgain,
                    text!(
                        lang,
                        "ein anderer postfach-Vorgang arbeitet gerade mit {home}",
                        "another postfach process is working with {home}"
                    ),
                    text!(
                        lang,
                        "warten, bis er fertig ist, und denselben Befehl wiederholen",
                        "wait until it is done and run the same command again"
                    ),
                )
            }
            Self::Open(home, mode) => {
                let home = home.display();
                (
                    Exit::Local,
                    text!(
                        lang,
                        "andere Benutzer können den Profilordner {home} ändern (Modus {mode:04o})",
                        "other users can change the profile folder {home} (mode {mode:04o})"
                    ),
                    text!(
                        lang,
                        "chmod 700 {home}; er muss dem eigenen Benutzer gehören",
                        "chmod 700 {home}; it must belong to your own user"
                    ),
                )
            }
            Self::Content(path, why) => {
                let path = path.display();
                (
                    Exit::Local,
                    text!(
                        lang,
                        "{path} ist kein Profil: {why}",
                        "{path} is not a profile: {why}"
                    ),
                    check(),
                )
            }
            Self::Format(path, format) => {
                let path = path.display();
                (
                    Exit::Local,
                    text!(
                        lang,
                        "{path} hat das Format {format}, das diese Fassung nicht kennt",
                        "{path} has format {format}, which this version does not know"
                    ),
                    text!(lang, "postfach aktualisieren", "update postfach"),
                )
            }
            Self::Io(error) => return error.explain(lang),
        };
        Failure::new(exit, what, next)
    }
}
