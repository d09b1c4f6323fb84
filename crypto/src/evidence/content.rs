//! Age headers and the opened manifest, checked without any private key.

use serde_bytes::ByteBuf;

use super::OpenedPart;
use super::parties::KeyHistory;
use super::report::Cause;
use super::verify::Shortfall;
use crate::age;
use crate::envelope::{self, Manifest};
use crate::ids::PayloadHash;
use crate::statement::EnvelopeHeader;

/// The age headers are those that the header names, each with one stanza for each age recipient of
/// the key statement that the header names.
pub(super) fn check_age_headers(
    header: &EnvelopeHeader,
    age_headers: &[ByteBuf],
    recipient: &KeyHistory,
) -> Result<(), Shortfall> {
    let position = recipient.position(&header.recipient_keys)?;
    let recipients = recipient.at(position).recipients.len();
    envelope::check_age_headers(header, age_headers, recipients)
        .map_err(|error| Cause::Content(error).into())
}

/// Opens part 0 with the disclosed file key: header MAC, payload hash, STREAM, manifest hash, and
/// the names inside.
pub(super) fn open(
    header: &EnvelopeHeader,
    age_headers: &[ByteBuf],
    opened: &OpenedPart,
) -> Result<Manifest, Shortfall> {
    let hash = PayloadHash::of(&opened.payload);
    envelope::check_payload(header, 0, hash, opened.payload.len() as u64)
        .map_err(Cause::Content)?;
    let bytes = age_headers.first().ok_or(super::Gap::AgeHeaders)?;
    let (age_header, _) = age::Header::parse(bytes).map_err(|_| Cause::DisclosedKey)?;
    let plaintext = age_header
        .accept_disclosed(&opened.file_key)
        .map_err(|_| Cause::DisclosedKey)?
        .open_payload(&opened.payload)
        .map_err(|_| Cause::DisclosedKey)?;
    envelope::open_manifest(header, &plaintext).map_err(|error| Cause::Content(error).into())
}
