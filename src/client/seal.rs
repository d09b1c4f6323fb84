//! Sealing: a letter's text and files become age files in the outbox.
//!
//! Invariants: every part has a fresh file key, and each file key seals one payload; hashes of
//! plaintext and ciphertext are taken while it is written, so the manifest and the header speak of
//! exactly these bytes.
//!
//! Absent: the header and what it names ([`super::send`]). Specification: docs/format/age.md and
//! docs/format/envelope.md, "Manifest".

use std::path::Path;

use postfach_crypto::age::{NewFile, Recipients, encrypt};
use postfach_crypto::envelope::{Attachment, MANIFEST_VERSION, Manifest};
use postfach_crypto::ids::{
    AgeHeaderHash, Blind, ContentHash, EnvelopeId, ManifestHash, PayloadHash, UploadId,
};
use postfach_crypto::statement::PartReference;

use super::error::ClientError;
use super::send::{Letter, Progress};
use super::session::{KnownParty, Session};
use crate::age_file;
use crate::durable::{self, Access, Existing};
use crate::entropy;
use crate::service::{MAX_SUBMISSION, PartSubmission};

/// One encrypted part.
pub(super) struct SealedPart {
    pub(super) reference: PartReference,
    pub(super) submission: PartSubmission,
}

impl Session {
    pub(super) fn seal_parts(
        &self,
        letter: &Letter,
        envelope_id: EnvelopeId,
        recipient: &KnownParty,
        folder: &Path,
        progress: Progress<'_>,
    ) -> Result<(Vec<SealedPart>, ManifestHash), ClientError> {
        let recipients = Recipients::Hybrid(recipient.party.recipients());
        let mut total = 0;
        for path in &letter.files {
            total += std::fs::metadata(path)
                .map_err(ClientError::file(path))?
                .len();
        }
        let mut done = 0;
        let (mut attachments, mut sealed) = (Vec::new(), Vec::new());
        for (index, path) in letter.files.iter().enumerate() {
            let target = folder.join(format!("part-{}.payload", index + 1));
            let (attachment, part) = self.seal_file(path, &target, &recipients, &mut |bytes| {
                progress(done + bytes, total);
            })?;
            done += attachment.size;
            attachments.push(attachment);
            sealed.push(part);
        }
        let (plaintext, manifest) = Manifest {
            version: MANIFEST_VERSION,
            blind: Blind(entropy::array()),
            envelope_id,
            sender: self.address()?,
            recipient: letter.recipient,
            subject: letter.subject.clone(),
            text: letter.text.clone(),
            attachments,
            padding: Vec::new(),
            in_reply_to: letter.in_reply_to,
            replies: letter.replies,
            act: letter.act.clone(),
            set: letter.set.clone(),
            ext: None,
            copy_of: letter.copy_of,
        }
        .encode()?;
        let (header, payload) = encrypt(&recipients, &plaintext, &mut entropy::entropy())
            .map_err(|error| ClientError::Input(error.to_string()))?;
        let target = folder.join("part-0.payload");
        durable::write(&target, &payload, Access::Private, Existing::Refuse)
            .map_err(ClientError::file(&target))?;
        let hash = PayloadHash::of(&payload);
        sealed.insert(
            0,
            self.sealed(header.as_bytes(), hash, payload.len() as u64, &target)?,
        );
        self.limit_inline(&mut sealed);
        Ok((sealed, manifest))
    }

    /// Encrypts one file; hashes of plaintext and ciphertext are taken on the way.
    fn seal_file(
        &self,
        path: &Path,
        target: &Path,
        recipients: &Recipients,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(Attachment, SealedPart), ClientError> {
        let file = std::fs::File::open(path).map_err(ClientError::file(path))?;
        let blind = Blind(entropy::array());
        let mut content = HashedReader {
            inner: file,
            hasher: ContentHash::hasher(&blind),
            size: 0,
        };
        let new = NewFile::new(recipients, &mut entropy::entropy())
            .map_err(|error| ClientError::Input(error.to_string()))?;
        let mut payload_hash = PayloadHash::hasher();
        let mut payload_len = 0;
        let mut sealing = Ok(());
        durable::write_with(target, Access::Private, Existing::Refuse, |output| {
            let mut tap = |bytes: &[u8]| {
                payload_hash.update(bytes);
                payload_len += bytes.len() as u64;
            };
            let options = age_file::Options::default()
                .tap(&mut tap)
                .progress(progress);
            sealing = age_file::seal_payload(new.payload, &mut content, output, options).map(drop);
            Ok(())
        })
        .map_err(ClientError::file(target))?;
        sealing.map_err(|error| ClientError::Input(error.to_string()))?;
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name
            .ok_or_else(|| ClientError::Input(format!("{}: no readable name", path.display())))?;
        let attachment = Attachment {
            name: name.to_owned(),
            media_type: media_type(name).to_owned(),
            content: ContentHash(content.hasher.finish()),
            blind,
            size: content.size,
        };
        let hash = PayloadHash(payload_hash.finish());
        let part = self.sealed(new.header.as_bytes(), hash, payload_len, target)?;
        Ok((attachment, part))
    }

    /// A part on disk: inline when it is small, otherwise to be uploaded.
    fn sealed(
        &self,
        age_header: &[u8],
        payload_hash: PayloadHash,
        payload_len: u64,
        path: &Path,
    ) -> Result<SealedPart, ClientError> {
        let inline = payload_len <= self.limits.inline_payload;
        let payload = if inline {
            Some(std::fs::read(path).map_err(ClientError::file(path))?)
        } else {
            None
        };
        Ok(SealedPart {
            reference: PartReference(
                AgeHeaderHash::of(age_header),
                age_header.len() as u64,
                payload_hash,
                payload_len,
            ),
            submission: PartSubmission {
                age_header: age_header.to_vec(),
                upload: (!inline).then(|| UploadId(entropy::array())),
                payload,
            },
        })
    }

    /// Turns inline payloads into uploads, the last ones first, until the submission is small
    /// enough.
    fn limit_inline(&self, parts: &mut [SealedPart]) {
        let limit = self.limits.submission.min(MAX_SUBMISSION as u64) / 2;
        let mut inline: u64 = parts
            .iter()
            .filter_map(|part| part.submission.payload.as_ref())
            .map(|payload| payload.len() as u64)
            .sum();
        for part in parts.iter_mut().rev() {
            if inline <= limit {
                return;
            }
            if let Some(payload) = part.submission.payload.take() {
                inline -= payload.len() as u64;
                part.submission.upload = Some(UploadId(entropy::array()));
            }
        }
    }
}

/// Hashes what is read through it.
struct HashedReader<R> {
    inner: R,
    hasher: postfach_crypto::hash::DomainHasher,
    size: u64,
}

impl<R: std::io::Read> std::io::Read for HashedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.size += count as u64;
        Ok(count)
    }
}

/// A media type by file name, for the common kinds of attachment.
fn media_type(name: &str) -> &'static str {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("pdf") => "application/pdf",
        Some("txt") => "text/plain; charset=utf-8",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("xml") => "application/xml",
        Some("csv") => "text/csv; charset=utf-8",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}
