//! Which logs a witness knows: a file in the form of C2SP tlog-policy, of which the `log` lines
//! count, or verifier keys, one a line. A log may have several keys while it changes them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use postfach_crypto::tlog::policy_text::{MAX_LOGS, MAX_POLICY, PolicyError};
use postfach_crypto::tlog::{NoteKey, Policy, VerifierKey};

/// Words that begin a line of a policy.
const POLICY_WORDS: [&str; 4] = ["log", "witness", "group", "quorum"];

/// Why the file does not say which logs.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// Longer than is read.
    #[error("longer than {MAX_POLICY} bytes")]
    TooLong,
    /// Not a policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A line is not a log's verifier key.
    #[error("line {0} is not the verifier key of a log")]
    Line(usize),
    /// No log at all.
    #[error("names no log")]
    None,
    /// More logs than are followed.
    #[error("names more than {MAX_LOGS} logs")]
    TooMany,
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads the file: the keys of each log, by origin.
///
/// # Errors
/// [`LogsError`].
pub fn read(path: &Path) -> Result<BTreeMap<String, Vec<VerifierKey>>, LogsError> {
    if fs::metadata(path)?.len() > MAX_POLICY as u64 {
        return Err(LogsError::TooLong);
    }
    parse(&fs::read_to_string(path)?)
}

/// Reads the file's text.
///
/// # Errors
/// [`LogsError`].
pub fn parse(text: &str) -> Result<BTreeMap<String, Vec<VerifierKey>>, LogsError> {
    let lines = || {
        let lines = text.lines().map(str::trim).enumerate();
        lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    };
    let is_policy = lines().any(|(_, line)| {
        let word = line.split([' ', '\t']).next();
        word.is_some_and(|word| POLICY_WORDS.contains(&word))
    });
    let keys = if is_policy {
        Policy::parse(text.as_bytes())?.log_keys()
    } else {
        lines()
            .map(|(number, line)| log_key(line).ok_or(LogsError::Line(number + 1)))
            .collect::<Result<_, _>>()?
    };
    let mut logs: BTreeMap<String, Vec<VerifierKey>> = BTreeMap::new();
    for key in keys {
        let of_log = logs.entry(key.name().as_str().to_owned()).or_default();
        if !of_log.contains(&key) {
            of_log.push(key);
        }
        if of_log.len() > MAX_LOGS {
            return Err(LogsError::TooMany);
        }
    }
    match logs.len() {
        0 => Err(LogsError::None),
        1..=MAX_LOGS => Ok(logs),
        _ => Err(LogsError::TooMany),
    }
}

/// A key that signs checkpoints as their log.
fn log_key(line: &str) -> Option<VerifierKey> {
    let key: VerifierKey = line.parse().ok()?;
    match key.key() {
        NoteKey::Ed25519(_) | NoteKey::MlDsa44Cosigner(_) => Some(key),
        NoteKey::Ed25519Cosigner(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::entropy;
    use postfach_crypto::keys::SigningKey;
    use postfach_crypto::tlog::{Cosigner, KeyName};

    #[test]
    fn policies_and_lists_of_keys_say_the_same() {
        let name = KeyName::new("post.example/1").unwrap();
        let key = SigningKey::generate(&mut entropy());
        let log = VerifierKey::new(name.clone(), NoteKey::Ed25519(key.verifying_key()));
        let listed = parse(&format!("# logs\n\n{log}\n{log}\n")).unwrap();
        assert_eq!(listed["post.example/1"], std::slice::from_ref(&log));
        assert_eq!(parse(&format!("log {log}\nquorum none\n")).unwrap(), listed);
        let witness = Cosigner::new(name, key).verifier_key();
        assert!(matches!(
            parse(&format!("{witness}\n")),
            Err(LogsError::Line(1))
        ));
        assert!(matches!(parse("\n# nothing\n"), Err(LogsError::None)));
        assert!(matches!(parse("log nonsense\n"), Err(LogsError::Policy(_))));
    }
}
