//! Envelopes: how content, manifest and header are bound to each other.
//!
//! Invariant: [`open_manifest`] returns a manifest only if the header commits to exactly these
//! bytes and both name the same envelope, sender and recipient; so a letter cannot be forwarded,
//! re-signed or put under another header without being recognised (facts of surreptitious
//! forwarding). Encryption itself is [`crate::age`]. Specification: docs/format/envelope.md.

mod manifest;

pub use manifest::{
    Act, Amount, Attachment, LetterSet, MANIFEST_VERSION, MAX_MANIFEST, Manifest, ManifestError,
    Remedy, Replies,
};

use crate::age;
use crate::ids::{AgeHeaderHash, ContentHash, ManifestHash, PayloadHash};
use crate::statement::{EnvelopeHeader, PartReference};

/// Why content does not belong to a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    /// Part 0 is not the manifest that the header names.
    #[error("the manifest is not the one that the signed header names")]
    ManifestHash,
    /// Part 0 is not a manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The manifest is of another envelope.
    #[error("the manifest belongs to another envelope")]
    EnvelopeId,
    /// The manifest was written by another sender.
    #[error("the manifest was written by another sender than the header says")]
    Sender,
    /// The manifest was written for another recipient.
    #[error("the manifest was written for another recipient than the header says")]
    Recipient,
    /// Header and manifest disagree on the number of parts.
    #[error("the manifest lists another number of attachments than the header has parts")]
    AttachmentCount,
    /// An attachment is not the one that the manifest names.
    #[error("attachment {0} is not the one that the manifest names")]
    Attachment(usize),
    /// A part's age header is not the one that the header names.
    #[error("age header of part {0} is not the one that the signed header names")]
    AgeHeader(usize),
    /// A part's payload is not the one that the header names.
    #[error("payload of part {0} is not the one that the signed header names")]
    Payload(usize),
    /// An age header has other stanzas than one for each of the recipient's age recipients.
    #[error("age header of part {0} is not encrypted to exactly the recipient's keys")]
    Stanzas(usize),
    /// The number of age headers differs from the number of parts.
    #[error("there is not one age header for each part")]
    PartCount,
}

/// Accepts the plaintext of part 0 as the manifest of this header.
pub fn open_manifest(header: &EnvelopeHeader, plaintext: &[u8]) -> Result<Manifest, BindingError> {
    if ManifestHash::of(plaintext) != header.manifest {
        return Err(BindingError::ManifestHash);
    }
    let manifest = Manifest::decode(plaintext)?;
    if manifest.envelope_id != header.envelope_id {
        return Err(BindingError::EnvelopeId);
    }
    if manifest.sender != header.sender {
        return Err(BindingError::Sender);
    }
    if manifest.recipient != header.recipient {
        return Err(BindingError::Recipient);
    }
    if manifest.attachments.len() + 1 != header.parts.len() {
        return Err(BindingError::AttachmentCount);
    }
    Ok(manifest)
}

/// Accepts an attachment's plaintext by its blinded hash and length.
pub fn check_attachment(
    manifest: &Manifest,
    index: usize,
    content: ContentHash,
    size: u64,
) -> Result<(), BindingError> {
    match manifest.attachments.get(index) {
        Some(attachment) if attachment.content == content && attachment.size == size => Ok(()),
        _ => Err(BindingError::Attachment(index)),
    }
}

/// Accepts age headers as those that the envelope header names, each with exactly one hybrid
/// stanza per age recipient of the party and none else. Needs no key.
pub fn check_age_headers<H: AsRef<[u8]>>(
    header: &EnvelopeHeader,
    age_headers: &[H],
    recipients: usize,
) -> Result<(), BindingError> {
    if age_headers.len() != header.parts.len() {
        return Err(BindingError::PartCount);
    }
    for (index, (bytes, part)) in age_headers.iter().zip(&header.parts).enumerate() {
        let bytes = bytes.as_ref();
        let PartReference(hash, len, _, _) = part;
        if bytes.len() as u64 != *len || AgeHeaderHash::of(bytes) != *hash {
            return Err(BindingError::AgeHeader(index));
        }
        let (parsed, consumed) =
            age::Header::parse(bytes).map_err(|_| BindingError::Stanzas(index))?;
        if consumed != bytes.len() {
            return Err(BindingError::Stanzas(index));
        }
        parsed
            .check_hybrid_stanzas(recipients)
            .map_err(|_| BindingError::Stanzas(index))?;
    }
    Ok(())
}

/// Accepts a payload as the one that the envelope header names.
pub fn check_payload(
    header: &EnvelopeHeader,
    index: usize,
    hash: PayloadHash,
    len: u64,
) -> Result<(), BindingError> {
    match header.parts.get(index) {
        Some(PartReference(_, _, expected, expected_len))
            if *expected == hash && *expected_len == len =>
        {
            Ok(())
        }
        _ => Err(BindingError::Payload(index)),
    }
}
