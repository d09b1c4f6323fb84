//! Signed notes (C2SP signed-note): a text, an empty line, signature lines.
//!
//! Signatures of unknown keys are kept and ignored. Every signature of a known key is verified, each
//! time it occurs; one that does not hold makes the whole note worthless. Invariant: a [`Note`]
//! writes exactly the bytes that were read. Absent: what the text means.

use std::fmt;

use crate::keys::BadSignature;
use crate::tlog::cosignature::{self, UnixSeconds};
use crate::tlog::text::{parse_base64, to_base64};
use crate::tlog::vkey::{KeyId, KeyName, NoteKey, VerifierKey};

/// Longest note in bytes: every signature that is read may be a post-quantum one.
pub const MAX_NOTE: usize = 512 * 1024;
/// Most signature lines of a note; the specification asks for at least 16.
pub const MAX_SIGNATURES: usize = 128;
/// What a signature line begins with: an em dash and a space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// Why bytes are not a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than is read.
    #[error("note is longer than {MAX_NOTE} bytes")]
    TooLong,
    /// Not UTF-8, or with a control character.
    #[error("note is not plain UTF-8 text without control characters")]
    Characters,
    /// No empty line between text and signatures, or no newline at the end.
    #[error("note has no signatures after an empty line")]
    Form,
    /// A signature line is not dash, name and base64.
    #[error("signature line {0} of the note is malformed")]
    SignatureLine(usize),
    /// More signatures than are read.
    #[error("note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
}

/// Why a note cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UntrustedNote {
    /// A signature that names a known key does not hold.
    #[error("note has a false signature in the name of {0}")]
    FalseSignature(KeyName),
    /// No known key signed.
    #[error("note is not signed by any key that is known here")]
    NoKnownSignature,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Who is said to have signed.
    pub name: KeyName,
    /// With which of its keys.
    pub id: KeyId,
    /// The signature; its form depends on the key's type.
    pub bytes: Vec<u8>,
}

impl NoteSignature {
    /// Reads a line without its newline.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
        let name = KeyName::new(name).ok()?;
        let decoded = parse_base64(signature)?;
        let (id, bytes) = decoded.split_first_chunk()?;
        (!bytes.is_empty()).then(|| Self {
            name,
            id: KeyId(u32::from_be_bytes(*id)),
            bytes: bytes.to_vec(),
        })
    }

    fn made_by(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == *key.name()
    }

    /// Verifies this line over `text` with a key that it names.
    fn verify(&self, text: &str, key: &VerifierKey) -> Result<Option<UnixSeconds>, BadSignature> {
        match key.key() {
            NoteKey::Ed25519(public) => {
                cosignature::verify_text(text, public, &self.bytes).map(|()| None)
            }
            NoteKey::Ed25519Cosigner(public) => {
                cosignature::verify_ed25519(text, public, &self.bytes)
            }
            NoteKey::MlDsa44Cosigner(public) => {
                cosignature::verify_ml_dsa_44(text, key.name(), public, &self.bytes)
            }
        }
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.0.to_be_bytes(), &self.bytes[..]].concat();
        writeln!(f, "{SIGNATURE_PREFIX}{} {}", self.name, to_base64(&bytes))
    }
}

/// A signature that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedSignature {
    /// Place of the key among those that were asked for.
    pub key: usize,
    /// Place of the signature line.
    pub line: usize,
    /// When the cosigner says it looked; none in signatures without a time.
    pub time: Option<UnixSeconds>,
}

/// A text with signatures. Nothing in it counts before [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Puts a text together with its signatures.
    pub(crate) fn new(text: String, signatures: Vec<NoteSignature>) -> Self {
        Self { text, signatures }
    }

    /// Reads a note.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        if whole.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::Characters);
        }
        let (text, signatures) = whole
            .rfind("\n\n")
            .map(|end| (&whole[..=end], &whole[end + 2..]))
            .ok_or(NoteError::Form)?;
        let signatures = parse_signature_lines(signatures)?;
        Ok(Self::new(text.to_owned(), signatures))
    }

    /// The text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, known or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Verifies every signature of a key among `keys`; none may be false.
    pub fn verify_known(
        &self,
        keys: &[VerifierKey],
    ) -> Result<Vec<VerifiedSignature>, UntrustedNote> {
        verify_lines(&self.text, &self.signatures, keys)
    }

    /// As [`Note::verify_known`], and at least one must be there.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Vec<VerifiedSignature>, UntrustedNote> {
        let verified = self.verify_known(keys)?;
        if verified.is_empty() {
            return Err(UntrustedNote::NoKnownSignature);
        }
        Ok(verified)
    }

    /// Adds those of `lines` that a key among `keys` made and the note has not yet, up to
    /// [`MAX_SIGNATURES`]; answers how many. Nothing is added if one of them is false.
    pub fn add(
        &mut self,
        lines: Vec<NoteSignature>,
        keys: &[VerifierKey],
    ) -> Result<usize, UntrustedNote> {
        let before = self.signatures.len();
        let mut known = vec![false; lines.len()];
        for verified in verify_lines(&self.text, &lines, keys)? {
            known[verified.line] = true;
        }
        for (line, known) in lines.into_iter().zip(known) {
            let room = self.signatures.len() < MAX_SIGNATURES;
            if known && room && !self.signatures.contains(&line) {
                self.signatures.push(line);
            }
        }
        Ok(self.signatures.len() - before)
    }

    /// The note's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

/// Reads one or more signature lines, each with its newline; also the answer of a witness.
pub fn parse_signature_lines(text: &str) -> Result<Vec<NoteSignature>, NoteError> {
    if text.len() > MAX_NOTE {
        return Err(NoteError::TooLong);
    }
    let lines = text.strip_suffix('\n').ok_or(NoteError::Form)?;
    let mut signatures = Vec::new();
    for (place, line) in lines.split('\n').enumerate() {
        if place == MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        signatures.push(NoteSignature::parse(line).ok_or(NoteError::SignatureLine(place + 1))?);
    }
    Ok(signatures)
}

fn verify_lines(
    text: &str,
    lines: &[NoteSignature],
    keys: &[VerifierKey],
) -> Result<Vec<VerifiedSignature>, UntrustedNote> {
    let mut verified = Vec::new();
    for (line, signature) in lines.iter().enumerate() {
        let mut named = keys
            .iter()
            .enumerate()
            .filter(|(_, key)| signature.made_by(key))
            .peekable();
        if named.peek().is_none() {
            continue; // "MUST ignore signatures from unknown keys"
        }
        let found = named.find_map(|(key, public)| {
            let time = signature.verify(text, public).ok()?;
            Some(VerifiedSignature { key, line, time })
        });
        match found {
            Some(found) => verified.push(found),
            None => return Err(UntrustedNote::FalseSignature(signature.name.clone())),
        }
    }
    Ok(verified)
}
