//! Opening a letter: handover asked for, content decrypted and compared, outcome signed.
//!
//! ```text
//!   header ──verified sender, binding──▶ handover request (signed) ──▶ age headers
//!   age headers ──hash as signed──▶ file key ──▶ part 0 ──▶ manifest, bound to the header
//!   attachments ──ciphertext hash, chunks, content hash──▶ their final name
//!   all well ──▶ Access, signed          anything wrong ──▶ Failure, signed, and nothing shown
//! ```
//!
//! Absent: what lies in the mailbox ([`super::mailbox`]) and how payloads reach the disk
//! (`payload`). Specification: docs/format/envelope.md, "Opening".

use std::path::{Path, PathBuf};

use postfach_crypto::age::{FileKey, Header};
use postfach_crypto::envelope::{BindingError, Manifest, check_age_headers, open_manifest};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::statement::{
    Access, EnvelopeHeader, Event, Failure, HandoverRequest, Reason, Signed, Statement, Subject,
};

use super::error::{ClientError, Dishonest};
use super::payload::free_name;
use super::send::Progress;
use super::session::{Expected, Receipted, Session};
use super::trust::Acquaintance;

/// An opened letter.
#[derive(Debug)]
pub struct Opened {
    /// Its header.
    pub header: Signed<EnvelopeHeader>,
    /// The sender's certified name.
    pub sender: Option<String>,
    /// What it says.
    pub manifest: Manifest,
    /// Where its attachments were saved.
    pub files: Vec<PathBuf>,
    /// The receipt of the handover.
    pub handover: Receipted,
    /// The receipt of the access.
    pub access: Receipted,
}

impl Session {
    /// Opens a letter: asks for its handover, decrypts, saves attachments into `folder`, and tells
    /// the server by a signed statement how it went. What was said before is not said again, so a
    /// letter may be read as often as one likes.
    pub async fn open_letter(
        &self,
        hash: StatementHash,
        folder: &Path,
        progress: Progress<'_>,
    ) -> Result<Opened, ClientError> {
        let envelope = self.envelope(hash).await?;
        let mut known = Acquaintance::default();
        self.check_incoming(&envelope, &mut known).await?;
        let header = envelope.delivery.header.clone();
        let sender = known.party(self, header.sender).await?;
        let sender = sender.certified_name().map(str::to_owned);
        let request = envelope.delivery.handover_requests.last();
        let handover = request.and_then(|request| envelope.said(request.hash()));
        let handover = match handover.filter(|handover| handover.age_headers.is_some()) {
            Some(handover) => handover,
            None => self.request_handover(&header).await?,
        };
        let content = self
            .read_content(&header, &handover, folder, progress)
            .await;
        let (manifest, files) = match content {
            Ok(content) => content,
            Err(error) => {
                if let Some(reason) = failure_reason(&error) {
                    self.report_failure(&header, reason).await?;
                }
                return Err(error);
            }
        };
        let before = envelope.delivery.accesses.last();
        let access = match before.and_then(|access| envelope.said(access.hash())) {
            Some(access) => access,
            None => self.confirm_access(&header).await?,
        };
        Ok(Opened {
            access,
            sender,
            header,
            manifest,
            files,
            handover,
        })
    }

    async fn read_content(
        &self,
        header: &Signed<EnvelopeHeader>,
        handover: &Receipted,
        folder: &Path,
        progress: Progress<'_>,
    ) -> Result<(Manifest, Vec<PathBuf>), ClientError> {
        let age_headers = handover
            .age_headers
            .as_ref()
            .ok_or_else(|| ClientError::Answer("no age headers came with the handover".into()))?;
        let (manifest, keys) = self.manifest(header, age_headers).await?;
        let total = manifest
            .attachments
            .iter()
            .map(|attachment| attachment.size)
            .sum();
        let (mut files, mut done) = (Vec::new(), 0);
        for (index, attachment) in manifest.attachments.iter().enumerate() {
            let target = free_name(folder, &attachment.name);
            let mut on_bytes = |bytes| progress(done + bytes, total);
            self.save_attachment(
                header,
                &manifest,
                index,
                &keys[index + 1],
                &target,
                &mut on_bytes,
            )
            .await?;
            done += attachment.size;
            files.push(target);
        }
        Ok((manifest, files))
    }

    /// Checks the age headers, opens all file keys and part 0.
    pub(super) async fn manifest(
        &self,
        header: &Signed<EnvelopeHeader>,
        age_headers: &[Vec<u8>],
    ) -> Result<(Manifest, Vec<FileKey>), ClientError> {
        let stanzas = self.stanza_count(header).await?;
        check_age_headers(header, age_headers, stanzas)?;
        let openers = self.keys.openers();
        let mut keys = Vec::with_capacity(age_headers.len());
        for bytes in age_headers {
            let (parsed, _) = Header::parse(bytes).map_err(|_| ClientError::NotDecryptable)?;
            keys.push(parsed.unwrap(&openers)?);
        }
        let payload = self.small_payload(header, 0).await?;
        let key = keys.first().ok_or(ClientError::NotDecryptable)?;
        let plaintext = key
            .open_payload(&payload)
            .map_err(|_| ClientError::NotDecryptable)?;
        Ok((open_manifest(header, &plaintext)?, keys))
    }

    /// How many age recipients the key statement has that the header names.
    pub(super) async fn stanza_count(
        &self,
        header: &Signed<EnvelopeHeader>,
    ) -> Result<usize, ClientError> {
        let recipient = self.party(header.recipient).await?;
        recipient
            .keys
            .named(&header.recipient_keys)
            .map(|statement| statement.recipients.len())
            .ok_or_else(|| {
                Dishonest::ForgedBinding {
                    address: header.recipient,
                }
                .into()
            })
    }

    async fn request_handover(
        &self,
        header: &Signed<EnvelopeHeader>,
    ) -> Result<Receipted, ClientError> {
        let subject = Subject::Mailbox(self.address()?);
        let seen = self.kept.head(&subject)?;
        let seen = seen.map_or(postfach_crypto::statement::ListHead::EMPTY, |head| {
            head.head
        });
        let request = Signed::sign(
            HandoverRequest {
                context: self.context(),
                header: header.hash(),
                recipient: self.address()?,
                age_headers: header.parts.iter().map(|part| part.0).collect(),
                seen,
                ext: None,
            },
            self.daily_key()?,
        )?;
        self.submit_about(header, &request, Event::ContentHandover)
            .await
    }

    async fn confirm_access(
        &self,
        header: &Signed<EnvelopeHeader>,
    ) -> Result<Receipted, ClientError> {
        let access = Signed::sign(
            Access {
                context: self.context(),
                header: header.hash(),
                recipient: self.address()?,
                manifest: header.manifest,
                ext: None,
            },
            self.daily_key()?,
        )?;
        self.submit_about(header, &access, Event::ContentAccessTracking)
            .await
    }

    async fn report_failure(
        &self,
        header: &Signed<EnvelopeHeader>,
        reason: Reason,
    ) -> Result<(), ClientError> {
        let failure = Signed::sign(
            Failure {
                context: self.context(),
                header: header.hash(),
                recipient: self.address()?,
                reasons: vec![reason],
                ext: None,
            },
            self.daily_key()?,
        )?;
        self.submit_about(header, &failure, Event::ContentHandoverFailure)
            .await
            .map(drop)
    }

    /// Submits what this party says of a letter; its receipt must name letter and event.
    async fn submit_about<S: Statement>(
        &self,
        header: &Signed<EnvelopeHeader>,
        statement: &Signed<S>,
        event: Event,
    ) -> Result<Receipted, ClientError> {
        let expected = Expected {
            header: Some(header.hash()),
            events: &[event],
        };
        self.submit_for(statement, expected).await
    }
}

/// The signed reason for what went wrong with content, if it was the content.
fn failure_reason(error: &ClientError) -> Option<Reason> {
    match error {
        ClientError::NotDecryptable => Some(Reason::NotDecryptable),
        ClientError::Content(BindingError::PartCount) => Some(Reason::Incomplete),
        ClientError::Content(_) => Some(Reason::ContentMismatch),
        _ => None,
    }
}
