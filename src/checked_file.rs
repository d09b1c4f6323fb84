//! Small text files whose damage must not pass for content: a line that names the form, a line with
//! the SHA-256 of the rest, the rest.
//!
//! Invariant: what is read is what was written, or [`ReadError::Damaged`]. It protects against
//! accidents, not against whoever may write the folder. Absent: what the content means.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::durable::{self, Access, Existing};

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not whole, or of another form.
    #[error("the file is damaged or of another form")]
    Damaged,
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes a file of `form` durably, in the place of the one before.
///
/// # Errors
/// What the file system returns.
pub fn write(path: &Path, form: &str, content: &str) -> io::Result<()> {
    let whole = format!("{form}\n{}\n{content}", sha256_hex(content.as_bytes()));
    durable::write(path, whole.as_bytes(), Access::Private, Existing::Replace)
}

/// Reads the content of a file of `form` of at most `most` bytes, if it is there.
///
/// # Errors
/// [`ReadError`].
pub fn read(path: &Path, form: &str, most: u64) -> Result<Option<String>, ReadError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| ReadError::Damaged)?;
    let content = text
        .strip_prefix(form)
        .and_then(|rest| rest.strip_prefix('\n')?.split_once('\n'))
        .filter(|(sum, content)| *sum == sha256_hex(content.as_bytes()))
        .map(|(_, content)| content.to_owned());
    content.map(Some).ok_or(ReadError::Damaged)
}

/// The SHA-256 of some bytes, as 64 digits: also a file name for any text.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes all");
            text
        })
}
