//! A policy file: what an auditor knows of an operator before any evidence file is opened.
//!
//! TOML with `origin`, `root` (hexadecimal digits, as on the letter) and, as one text, `witnesses`
//! in the form of C2SP tlog-policy. Without witnesses nobody but the operator vouches for the log.
//! Invariant: an unknown key is refused, so a misspelt `witnesses` is never taken for none.
//! Specification: docs/format/evidence.md, "Policy file".

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use postfach_crypto::evidence::Policy;
use postfach_crypto::tlog;
use postfach_crypto::tlog::policy_text::MAX_POLICY;
use serde::Deserialize;

use crate::cli::error::{Exit, Explain, Failure};
use crate::cli::lang::{Language, text};
use crate::cli::printable::printable;
use crate::cli::verify::parse_root;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    origin: String,
    root: String,
    witnesses: Option<String>,
}

/// Reads a policy file.
///
/// # Errors
/// A usage [`Failure`] that names what is wrong in it.
pub fn load(path: &Path, lang: Language) -> Result<Policy, Failure> {
    let file = printable(&path.display().to_string());
    let content = read(path).map_err(|error| {
        let Failure { exit, what, next } = error.explain(lang);
        Failure::new(exit, format!("{file}: {what}"), next)
    })?;
    parse(&content).map_err(|error| {
        let error = printable(&error);
        Failure::new(
            Exit::Usage,
            text!(
                lang,
                "{file} ist keine Prüfgrundlage: {error}",
                "{file} is not a policy: {error}"
            ),
            text!(
                lang,
                "nötig sind origin, root und, für Zeugen, witnesses; siehe docs/format/evidence.md, „Policy file“",
                "it needs origin, root and, for witnesses, witnesses; see docs/format/evidence.md, “Policy file”"
            ),
        )
    })
}

/// The policy of a file's content.
///
/// # Errors
/// What is wrong, in words.
pub fn parse(content: &str) -> Result<Policy, String> {
    let file: PolicyFile = toml::from_str(content).map_err(|error| error.message().to_owned())?;
    let root = parse_root(&file.root).map_err(|error| format!("root: {error}"))?;
    let witnesses = match &file.witnesses {
        None => tlog::Policy::without_witnesses(),
        Some(text) => {
            tlog::Policy::parse(text.as_bytes()).map_err(|error| format!("witnesses: {error}"))?
        }
    };
    Ok(Policy {
        origin: file.origin,
        root,
        witnesses,
    })
}

fn read(path: &Path) -> io::Result<String> {
    let mut content = String::new();
    let limit = 2 * MAX_POLICY as u64;
    File::open(path)?.take(limit).read_to_string(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    #[test]
    fn a_misspelt_key_is_refused() {
        let good = format!("origin = \"post.example\"\nroot = \"{ROOT}\"\n");
        assert!(parse(&good).is_ok_and(|policy| policy.witnesses.witnesses().is_empty()));
        assert!(parse(&format!("{good}witness = \"quorum none\\n\"\n")).is_err());
        assert!(parse(&format!("{good}witnesses = \"quorum some\\n\"\n")).is_err());
        assert!(
            parse(&format!(
                "origin = \"post.example\"\nroot = \"{}\"\n",
                "00".repeat(32)
            ))
            .is_err()
        );
    }
}
