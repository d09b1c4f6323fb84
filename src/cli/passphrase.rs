//! Where passphrases come from: the terminal without echo, a file, or an open file descriptor.
//!
//! Invariants: never from the command line's arguments, which other users can read; never from
//! the environment itself, only its path; zeroised after use. A new passphrase is typed twice
//! and has a floor of strength; a generated one is offered.
//!
//! Absent: agents, key rings, rules on character classes (NIST SP 800-63B-4, section 3.1.1.2
//! asks for length, not for classes).

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use postfach_crypto::age::Passphrase;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::cli::error::{Exit, Failure};
use crate::cli::lang::{Language, text};
use crate::cli::ui::Ui;

/// Longest passphrase read, in bytes.
const MAX_LEN: usize = 1024;
/// A passphrase of at least this many characters is long enough …
const MIN_CHARACTERS: usize = 12;
/// … and so is one of this many words of two characters or more.
const MIN_WORDS: usize = 4;
/// A floor against `aaaaaaaaaaaa`.
const MIN_DISTINCT: usize = 6;
/// How often a person may try again.
const ATTEMPTS: usize = 3;

/// Where a passphrase comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassphraseSource {
    /// A person types it.
    Terminal,
    /// The first line of a file.
    File(PathBuf),
    /// The first line of an open file descriptor.
    Descriptor(u32),
}

impl PassphraseSource {
    /// `--passphrase-file`, else `--passphrase-fd`, else the path in POSTFACH_PASSPHRASE_FILE,
    /// else the terminal.
    pub fn choose(
        file: Option<&Path>,
        descriptor: Option<u32>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let from_variable = || {
            variable("POSTFACH_PASSPHRASE_FILE")
                .filter(|path| !path.is_empty())
                .map(|path| Self::File(path.into()))
        };
        file.map(|path| Self::File(path.to_owned()))
            .or(descriptor.map(Self::Descriptor))
            .or_else(from_variable)
            .unwrap_or(Self::Terminal)
    }

    /// Reads the passphrase of something that exists, such as a key file.
    ///
    /// # Errors
    /// A [`Failure`] when it cannot be read.
    pub fn existing(&self, ui: &Ui) -> Result<Passphrase, Failure> {
        let secret = match self {
            Self::Terminal => ask(ui, &text!(ui.lang(), "Passphrase: ", "Passphrase: "))?,
            Self::File(path) => read_file(ui, path)?,
            Self::Descriptor(number) => read_descriptor(ui, *number)?,
        };
        if secret.is_empty() {
            return Err(empty(ui.lang()));
        }
        Ok(Passphrase::new(secret))
    }

    /// Reads the passphrase of something that is made now: typed twice, strong enough.
    ///
    /// # Errors
    /// A [`Failure`] when it cannot be read, is too weak, or is typed differently.
    pub fn for_new(&self, ui: &Ui, rng: &mut impl CryptoRng) -> Result<Passphrase, Failure> {
        let secret = match self {
            Self::Terminal => return typed_twice(ui, &suggestion(rng)),
            Self::File(path) => read_file(ui, path)?,
            Self::Descriptor(number) => read_descriptor(ui, *number)?,
        };
        if !is_strong(&secret) {
            return Err(weak(ui.lang()));
        }
        Ok(Passphrase::new(secret))
    }
}

/// Whether a passphrase is long enough to protect keys on a stolen disk.
#[must_use]
pub fn is_strong(secret: &str) -> bool {
    let characters = secret.chars().count();
    let words = secret
        .split_whitespace()
        .filter(|word| word.chars().count() >= 2)
        .count();
    let distinct: BTreeSet<char> = secret.chars().collect();
    (characters >= MIN_CHARACTERS || words >= MIN_WORDS) && distinct.len() >= MIN_DISTINCT
}

/// 80 random bits in four groups of four, in letters and digits that are hard to mix up.
pub fn suggestion(rng: &mut impl CryptoRng) -> Zeroizing<String> {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut random = Zeroizing::new([0; 16]);
    rng.fill_bytes(random.as_mut());
    let mut text = Zeroizing::new(String::with_capacity(20));
    for (index, byte) in random.iter().enumerate() {
        if index > 0 && index.is_multiple_of(4) {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    text
}

fn typed_twice(ui: &Ui, suggestion: &Zeroizing<String>) -> Result<Passphrase, Failure> {
    let lang = ui.lang();
    let offer = suggestion.as_str();
    ui.warn(text!(
        lang,
        "Ohne die Passphrase sind die Schlüssel verloren. Vorschlag zum Aufschreiben: {offer}",
        "without the passphrase the keys are lost. A suggestion to write down: {offer}"
    ));
    for _ in 0..ATTEMPTS {
        let first = ask(
            ui,
            &text!(
                lang,
                "Neue Passphrase (leer: der Vorschlag): ",
                "New passphrase (empty: the suggestion): "
            ),
        )?;
        let chosen = if first.is_empty() {
            suggestion.clone()
        } else {
            first
        };
        if !is_strong(&chosen) {
            ui.warn(weak(lang).next);
            continue;
        }
        let again = ask(ui, &text!(lang, "Noch einmal: ", "Once more: "))?;
        if *again == *chosen {
            return Ok(Passphrase::new(chosen));
        }
        ui.warn(text!(lang, "die beiden sind verschieden", "the two differ"));
    }
    Err(Failure::new(
        Exit::Passphrase,
        text!(
            lang,
            "keine Passphrase festgelegt",
            "no passphrase was chosen"
        ),
        text!(
            lang,
            "den Befehl noch einmal aufrufen",
            "run the command again"
        ),
    ))
}

/// The echo is off while the person types.
/// Asks for a secret at the terminal, without echo.
///
/// # Errors
/// A [`Failure`] when nobody is there to answer.
pub fn ask(ui: &Ui, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let lang = ui.lang();
    if !io::stdin().is_terminal() && File::open("/dev/tty").is_err() {
        return Err(Failure::new(
            Exit::Passphrase,
            text!(
                lang,
                "eine Passphrase ist nötig, aber niemand ist am Terminal",
                "a passphrase is needed, but nobody is at the terminal"
            ),
            text!(
                lang,
                "--passphrase-file DATEI oder POSTFACH_PASSPHRASE_FILE angeben",
                "give --passphrase-file FILE or set POSTFACH_PASSPHRASE_FILE"
            ),
        ));
    }
    let secret = rpassword::prompt_password(prompt).map(Zeroizing::new);
    secret.map_err(|error| unreadable(lang, &error))
}

fn read_file(ui: &Ui, path: &Path) -> Result<Zeroizing<String>, Failure> {
    let file = File::open(path).map_err(|error| unreadable(ui.lang(), &error))?;
    let open_to_others = file
        .metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.mode() & 0o077 != 0);
    if open_to_others {
        let path = path.display();
        ui.warn(text!(
            ui.lang(),
            "andere Benutzer können {path} lesen; besser: chmod 600 {path}",
            "other users can read {path}; better: chmod 600 {path}"
        ));
    }
    first_line(file).map_err(|error| unreadable(ui.lang(), &error))
}

fn read_descriptor(ui: &Ui, number: u32) -> Result<Zeroizing<String>, Failure> {
    File::open(format!("/dev/fd/{number}"))
        .and_then(first_line)
        .map_err(|error| unreadable(ui.lang(), &error))
}

/// The first line without its end; other bytes are not kept.
fn first_line(from: impl Read) -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LEN + 2));
    from.take(MAX_LEN as u64 + 2).read_to_end(&mut bytes)?;
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > MAX_LEN {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let text = std::str::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn unreadable(lang: Language, error: &io::Error) -> Failure {
    Failure::new(
        Exit::Passphrase,
        text!(
            lang,
            "Passphrase nicht lesbar: {error}",
            "cannot read the passphrase: {error}"
        ),
        text!(
            lang,
            "Datei, Nummer oder Terminal prüfen; sie steht in der ersten Zeile, höchstens {MAX_LEN} Byte",
            "check file, number or terminal; it is the first line, at most {MAX_LEN} bytes"
        ),
    )
}

fn empty(lang: Language) -> Failure {
    Failure::new(
        Exit::Passphrase,
        text!(lang, "die Passphrase ist leer", "the passphrase is empty"),
        text!(lang, "Passphrase eingeben", "enter the passphrase"),
    )
}

fn weak(lang: Language) -> Failure {
    Failure::new(
        Exit::Passphrase,
        text!(
            lang,
            "die Passphrase ist zu schwach",
            "the passphrase is too weak"
        ),
        text!(
            lang,
            "mindestens {MIN_CHARACTERS} Zeichen oder {MIN_WORDS} Wörter nehmen",
            "take at least {MIN_CHARACTERS} characters or {MIN_WORDS} words"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ui::{Answers, Manner, Output, Volume};
    use crate::entropy::entropy;
    use std::io::Write as _;

    fn ui() -> Ui {
        let manner = Manner {
            lang: Language::English,
            output: Output::Text,
            volume: Volume::Quiet,
            answers: Answers::Yes,
        };
        Ui::on_streams(manner, io::sink(), io::sink())
    }

    #[test]
    fn the_floor_is_length_or_words() {
        assert!(is_strong("ein Hund im Garten"));
        assert!(is_strong("ab cd ef gh") && is_strong("xK4!pQ9?vB2z"));
        assert!(!is_strong("aaaaaaaaaaaaaaaa") && !is_strong("a b c d e f"));
        assert!(!is_strong("elfZeichen!") && !is_strong(""));
        assert!(is_strong(&suggestion(&mut entropy())));
    }

    #[test]
    fn a_file_gives_its_first_line() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all("Grünes Gras am Bach\r\nRest".as_bytes())
            .unwrap();
        let line = first_line(File::open(file.path()).unwrap()).unwrap();
        assert_eq!(line.as_str(), "Grünes Gras am Bach");
        let source = PassphraseSource::choose(Some(file.path()), None, |_| None);
        assert!(source.for_new(&ui(), &mut entropy()).is_ok());
        assert!(first_line(&[b'a'; MAX_LEN + 1][..]).is_err());
    }

    #[test]
    fn a_weak_or_missing_file_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "kurz").unwrap();
        let source = PassphraseSource::File(file.path().to_owned());
        let refused = source.for_new(&ui(), &mut entropy()).unwrap_err();
        assert_eq!(refused.exit, Exit::Passphrase);
        assert!(
            PassphraseSource::File("/nonexistent".into())
                .existing(&ui())
                .is_err()
        );
    }

    #[test]
    fn flags_come_before_the_environment() {
        let variable = |_: &str| Some("/run/secret".to_owned());
        let chosen = |file, number| PassphraseSource::choose(file, number, variable);
        assert_eq!(
            chosen(Some(Path::new("a")), Some(3)),
            PassphraseSource::File("a".into())
        );
        assert_eq!(chosen(None, Some(3)), PassphraseSource::Descriptor(3));
        assert_eq!(
            chosen(None, None),
            PassphraseSource::File("/run/secret".into())
        );
    }
}
