//! The textual header: version line, recipient stanzas, MAC.
//!
//! Invariant: the grammar is strict, so each header has one encoding; `as_bytes` is both what was
//! read and what would be written, and its hash identifies the header.
//!
//! Specification: C2SP age, "Header", "ABNF definition of file header".

use std::io::{self, BufRead, Read};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use hmac::Mac;

use super::stanza::{Stanza, StanzaType};
use super::{FILE_KEY_LEN, FileKey, Identity, MAX_HEADER_LEN, MAX_RECIPIENTS};

const VERSION_LINE: &[u8] = b"age-encryption.org/v1";
const VERSION_PREFIX: &[u8] = b"age-encryption.org/";
const STANZA_MARK: &[u8] = b"-> ";
const MAC_MARK: &[u8] = b"---";
/// Columns of a full body line.
const COLUMNS: usize = 64;

/// A well-formed header. Its MAC is checked when it is opened, not before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    bytes: Vec<u8>,
    stanzas: Vec<Stanza>,
    mac: [u8; 32],
    /// Length of the part under the MAC: everything up to and including `---`.
    authenticated_len: usize,
}

impl Header {
    /// Parses the header at the start of `input` and says how many bytes it took.
    ///
    /// # Errors
    /// [`HeaderError`]; [`HeaderError::Truncated`] when more bytes could complete the header.
    pub fn parse(input: &[u8]) -> Result<(Self, usize), HeaderError> {
        let mut lines = Lines { input, position: 0 };
        let version = lines.next()?;
        if version != VERSION_LINE {
            return Err(if version.starts_with(VERSION_PREFIX) {
                HeaderError::Version
            } else {
                HeaderError::NotAge
            });
        }
        let mut stanzas = Vec::new();
        loop {
            let line_start = lines.position;
            let line = lines.next()?;
            if let Some(arguments) = line.strip_prefix(STANZA_MARK) {
                if stanzas.len() == MAX_RECIPIENTS {
                    return Err(HeaderError::TooManyStanzas);
                }
                let arguments = parse_arguments(arguments)?;
                let body = parse_body(&mut lines)?;
                stanzas.push(Stanza::parse(arguments, body)?);
            } else if let Some(mac) = line.strip_prefix(MAC_MARK) {
                let mac = mac.strip_prefix(b" ").ok_or(HeaderError::Grammar)?;
                let mac = STANDARD_NO_PAD
                    .decode(mac)
                    .map_err(|_| HeaderError::Grammar)?;
                check_composition(&stanzas)?;
                let header = Self {
                    bytes: input[..lines.position].to_vec(),
                    stanzas,
                    mac: mac.try_into().map_err(|_| HeaderError::Grammar)?,
                    authenticated_len: line_start + MAC_MARK.len(),
                };
                return Ok((header, lines.position));
            } else {
                return Err(HeaderError::Grammar);
            }
        }
    }

    /// Reads a header and leaves `reader` at the first byte of the payload.
    ///
    /// # Errors
    /// [`ReadHeaderError`]; at most [`MAX_HEADER_LEN`] bytes are read.
    pub fn read_from<R: BufRead>(reader: &mut R) -> Result<Self, ReadHeaderError> {
        let mut bytes = Vec::new();
        loop {
            let line_start = bytes.len();
            let room = (MAX_HEADER_LEN + 1 - line_start) as u64;
            reader.by_ref().take(room).read_until(b'\n', &mut bytes)?;
            let line = &bytes[line_start..];
            let first_is_foreign = line_start == 0 && !line.starts_with(VERSION_PREFIX);
            if !line.ends_with(b"\n") || line.starts_with(MAC_MARK) || first_is_foreign {
                // End of header, of input or of patience: the parser says which.
                return Ok(Self::parse(&bytes)?.0);
            }
        }
    }

    /// Writes a header for `stanzas` under `file_key`.
    pub(super) fn seal(stanzas: Vec<Stanza>, file_key: &FileKey) -> Self {
        let mut bytes = [VERSION_LINE, b"\n"].concat();
        for stanza in &stanzas {
            encode_stanza(stanza, &mut bytes);
        }
        bytes.extend_from_slice(MAC_MARK);
        let authenticated_len = bytes.len();
        let mac: [u8; 32] = file_key.header_mac(&bytes).finalize().into_bytes().into();
        bytes.push(b' ');
        bytes.extend_from_slice(STANDARD_NO_PAD.encode(mac).as_bytes());
        bytes.push(b'\n');
        Self {
            bytes,
            stanzas,
            mac,
            authenticated_len,
        }
    }

    /// The exact bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The recipient stanzas in order.
    #[must_use]
    pub fn stanzas(&self) -> &[Stanza] {
        &self.stanzas
    }

    /// Checks, without any key, that the header has exactly `expected` hybrid stanzas and none of
    /// another type. Canonical form and all lengths were checked on parsing.
    ///
    /// # Errors
    /// [`StanzaCheckError`] naming the difference.
    pub fn check_hybrid_stanzas(&self, expected: usize) -> Result<(), StanzaCheckError> {
        if self
            .stanzas
            .iter()
            .any(|stanza| stanza.stanza_type() != StanzaType::Hybrid)
        {
            return Err(StanzaCheckError::Type);
        }
        let found = self.stanzas.len();
        if found != expected {
            return Err(StanzaCheckError::Count { expected, found });
        }
        Ok(())
    }

    /// Unwraps the file key with the first identity that opens a stanza, and checks the header MAC.
    ///
    /// # Errors
    /// [`UnwrapError::Refused`], whatever failed; [`UnwrapError::WorkFactor`] before computing it.
    pub fn unwrap(&self, identities: &[Identity]) -> Result<FileKey, UnwrapError> {
        for identity in identities {
            for stanza in &self.stanzas {
                if let Some(file_key) = identity.unwrap(stanza)? {
                    return self.authenticate(file_key);
                }
            }
        }
        Err(UnwrapError::Refused)
    }

    /// Accepts a disclosed file key if it is this header's: anyone can then check the payload
    /// without the recipient's private key.
    ///
    /// # Errors
    /// [`UnwrapError::Refused`] when the header MAC does not match.
    pub fn accept_disclosed(&self, bytes: &[u8; FILE_KEY_LEN]) -> Result<FileKey, UnwrapError> {
        self.authenticate(FileKey::from_bytes(bytes))
    }

    fn authenticate(&self, file_key: FileKey) -> Result<FileKey, UnwrapError> {
        file_key
            .header_mac(&self.bytes[..self.authenticated_len])
            .verify_slice(&self.mac)
            .map_err(|_| UnwrapError::Refused)?;
        Ok(file_key)
    }
}

/// `header = v1-line 1*stanza end`, and a scrypt stanza stands alone.
fn check_composition(stanzas: &[Stanza]) -> Result<(), HeaderError> {
    let scrypt = stanzas
        .iter()
        .any(|stanza| stanza.stanza_type() == StanzaType::Scrypt);
    match stanzas.len() {
        0 => Err(HeaderError::Grammar),
        1 => Ok(()),
        _ if scrypt => Err(HeaderError::ScryptNotAlone),
        _ => Ok(()),
    }
}

/// `argument *(SP argument)`, `argument = 1*VCHAR`.
fn parse_arguments(line: &[u8]) -> Result<Vec<String>, HeaderError> {
    line.split(|byte| *byte == b' ')
        .map(|argument| {
            let visible = !argument.is_empty() && argument.iter().all(u8::is_ascii_graphic);
            let text = str::from_utf8(argument).map_err(|_| HeaderError::Grammar)?;
            visible.then(|| text.to_owned()).ok_or(HeaderError::Grammar)
        })
        .collect()
}

/// `*full-line final-line`: 64 columns each, then one shorter line, which may be empty.
fn parse_body(lines: &mut Lines<'_>) -> Result<Vec<u8>, HeaderError> {
    let mut encoded = Vec::new();
    loop {
        let line = lines.next()?;
        if line.len() > COLUMNS {
            return Err(HeaderError::Grammar);
        }
        encoded.extend_from_slice(line);
        if line.len() < COLUMNS {
            return STANDARD_NO_PAD
                .decode(&encoded)
                .map_err(|_| HeaderError::Grammar);
        }
    }
}

fn encode_stanza(stanza: &Stanza, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(b"->");
    for argument in stanza.arguments() {
        bytes.push(b' ');
        bytes.extend_from_slice(argument.as_bytes());
    }
    bytes.push(b'\n');
    let body = STANDARD_NO_PAD.encode(stanza.body());
    for line in body.as_bytes().chunks(COLUMNS) {
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
    }
    if body.len().is_multiple_of(COLUMNS) {
        bytes.push(b'\n');
    }
}

/// Lines ending in LF, within the first [`MAX_HEADER_LEN`] bytes.
struct Lines<'a> {
    input: &'a [u8],
    position: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Result<&'a [u8], HeaderError> {
        let end = self.input.len().min(MAX_HEADER_LEN);
        let rest = &self.input[self.position..end];
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(length) => {
                self.position += length + 1;
                Ok(&rest[..length])
            }
            None if self.input.len() > MAX_HEADER_LEN => Err(HeaderError::TooLong),
            None => Err(HeaderError::Truncated),
        }
    }
}

/// Why bytes are no header. All of it is visible without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Another kind of file.
    #[error("not an age file")]
    NotAge,
    /// A later version of the format.
    #[error("age file of a version other than v1; a newer program may open it")]
    Version,
    /// The input ends within the header.
    #[error("age header is cut off; fetch the file again")]
    Truncated,
    /// Longer than [`MAX_HEADER_LEN`].
    #[error("age header is longer than {MAX_HEADER_LEN} bytes")]
    TooLong,
    /// More than [`MAX_RECIPIENTS`] stanzas.
    #[error("age header has more than {MAX_RECIPIENTS} recipients")]
    TooManyStanzas,
    /// A line that the grammar does not allow, or base64 that is not canonical.
    #[error("age header is malformed")]
    Grammar,
    /// A native stanza with the wrong arguments or lengths.
    #[error("age header has a malformed recipient stanza")]
    Stanza,
    /// A stanza with a low-order X25519 share.
    #[error("age header has a recipient stanza with a low-order share")]
    LowOrderShare,
    /// A scrypt stanza beside another.
    #[error("age header mixes a passphrase with other recipients")]
    ScryptNotAlone,
}

/// Why a header could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadHeaderError {
    /// Reading failed.
    #[error("reading the age header failed: {0}")]
    Io(#[from] io::Error),
    /// The bytes are no header.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

/// Why a header does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnwrapError {
    /// No identity opens it, or it was altered; which of the two is not told.
    #[error("none of the keys opens this file")]
    Refused,
    /// The passphrase would cost more than the caller allows.
    #[error(
        "opening needs scrypt work factor {log_n}, over the limit of {limit}; raise the limit only if you trust the file"
    )]
    WorkFactor {
        /// Demanded by the file.
        log_n: u8,
        /// Allowed by the caller.
        limit: u8,
    },
}

/// How a header's stanzas differ from what its envelope requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StanzaCheckError {
    /// A stanza of another type than `mlkem768x25519`.
    #[error("age header has a stanza other than mlkem768x25519")]
    Type,
    /// Another number of stanzas than the recipient has keys.
    #[error("age header has {found} stanzas where the recipient has {expected} keys")]
    Count {
        /// Keys in the recipient's key statement.
        expected: usize,
        /// Stanzas in the header.
        found: usize,
    },
}
