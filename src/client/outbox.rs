//! The outbox: what was prepared is delivered as often as the network needs, and receipted once.
//!
//! ```text
//!   outbox/<envelope id>/ ─▶ uploads continue where they stand ─▶ envelope ─▶ receipt kept ─▶ gone
//! ```
//!
//! Invariants: an interrupted delivery sends the same encrypted bytes again; the envelope id never
//! changes, so nothing is sent twice; the entry goes only after the receipt is kept, or when the
//! server has refused these bytes for good.
//!
//! Specification: docs/format/http.md, "Uploads" and "Idempotence".

use std::path::{Path, PathBuf};

use bytes::Bytes;
use postfach_crypto::codec;
use postfach_crypto::ids::UploadId;
use postfach_crypto::statement::{EnvelopeHeader, Event, Signed};

use super::error::ClientError;
use super::send::Progress;
use super::session::{Expected, Receipted, Session};
use crate::durable::{self, Access, Existing};
use crate::service::{MAX_SUBMISSION, Submission};

/// How often a delivery is signed again because the server knows newer state.
const MAX_SIGNINGS: u32 = 3;
/// Refusals that a header with newer state answers.
const SIGN_AGAIN: [&str; 4] = [
    "wrong-previous",
    "superseded-sender-keys",
    "clock-out-of-range",
    "other-log",
];
/// Refusals of these very bytes for good: they must be encrypted anew or not be sent at all.
const NEVER: [&str; 10] = [
    "superseded-recipient-keys",
    "binding-not-in-force",
    "no-consent",
    "mailbox-closed",
    "no-authority",
    "unknown-party",
    "content-mismatch",
    "payload-mismatch",
    "bad-statement",
    "bad-submission",
];

/// A letter in the outbox, signed and encrypted.
#[derive(Debug)]
pub struct Prepared {
    pub(super) folder: PathBuf,
    /// Its header.
    pub header: Signed<EnvelopeHeader>,
    pub(super) submission: Submission,
}

impl Session {
    /// Delivers a prepared letter: uploads continue where they stand, and the receipt is kept
    /// before the outbox entry goes.
    pub async fn deliver(
        &self,
        mut prepared: Prepared,
        progress: Progress<'_>,
    ) -> Result<Receipted, ClientError> {
        self.upload_parts(&prepared, progress).await?;
        let mut signings = 1;
        let answer = loop {
            match self
                .http
                .post_envelope(codec::encode(&prepared.submission))
                .await
            {
                Ok(answer) => break answer,
                Err(ClientError::Refused(problem))
                    if signings < MAX_SIGNINGS
                        && self.newer_header_helps(&prepared, problem.code())? =>
                {
                    signings += 1;
                    self.sign_again(&mut prepared).await?;
                }
                Err(ClientError::Refused(problem)) if NEVER.contains(&problem.code()) => {
                    prepared.remove()?;
                    return Err(ClientError::Refused(problem));
                }
                Err(error) => return Err(error),
            }
        };
        self.kept.keep(&prepared.header)?;
        let hash = prepared.header.hash();
        let expected = Expected {
            header: Some(hash),
            events: match prepared.header.acceptance_until {
                None => &[Event::SubmissionAcceptance, Event::ContentConsignment],
                Some(_) => &[
                    Event::SubmissionAcceptance,
                    Event::NotificationForAcceptance,
                    Event::ContentConsignment,
                ],
            },
        };
        let receipted = self.accepted(&prepared.header, expected, answer)?;
        prepared.remove()?;
        Ok(receipted)
    }

    /// Whether the server refused what has changed since the header was signed, keys included.
    fn newer_header_helps(&self, prepared: &Prepared, code: &str) -> Result<bool, ClientError> {
        let rotated = prepared.header.signer != self.daily_key()?.verifying_key();
        Ok(SIGN_AGAIN.contains(&code) || (code == "not-allowed" && rotated))
    }

    /// The same parts under a header that fits what the server knows by now. Only after the server
    /// refused the header before, so it cannot have been accepted.
    async fn sign_again(&self, prepared: &mut Prepared) -> Result<(), ClientError> {
        let mut header = prepared.header.payload().clone();
        let me = self.party(header.sender).await?;
        header.context = self.context();
        header.signer = self.daily_key()?.verifying_key();
        header.sender_keys = me.party.current().hash();
        header.sender_head = me.party.head();
        header.previous = self.last_sent(header.recipient).await?;
        prepared.header = Signed::sign(header, self.daily_key()?)?;
        prepared.save()
    }

    async fn upload_parts(
        &self,
        prepared: &Prepared,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        let uploads: Vec<_> = prepared
            .submission
            .parts
            .iter()
            .enumerate()
            .filter_map(|(index, part)| Some((index, part.upload?, prepared.header.parts[index].3)))
            .collect();
        let total = uploads.iter().map(|(_, _, length)| length).sum();
        let mut before = 0;
        for (index, id, length) in uploads {
            let path = prepared.folder.join(format!("part-{index}.payload"));
            self.upload_part(id, length, &path, &mut |bytes| {
                progress(before + bytes, total);
            })
            .await?;
            before += length;
        }
        Ok(())
    }

    async fn upload_part(
        &self,
        id: UploadId,
        length: u64,
        path: &Path,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), ClientError> {
        use tokio::io::{AsyncReadExt, AsyncSeekExt};
        let signer = self.signer()?;
        let status = self.http.create_upload(signer, id, length).await?;
        let mut received = status.received;
        let mut file = tokio::fs::File::open(path)
            .await
            .map_err(ClientError::file(path))?;
        file.seek(std::io::SeekFrom::Start(received))
            .await
            .map_err(ClientError::file(path))?;
        let step = (self.limits.upload_append / self.limits.upload_chunk).max(1)
            * self.limits.upload_chunk;
        while received < length {
            let size = step.min(length - received);
            let mut piece = Vec::new();
            (&mut file)
                .take(size)
                .read_to_end(&mut piece)
                .await
                .map_err(ClientError::file(path))?;
            let status = self
                .http
                .append_upload(signer, id, received, Bytes::from(piece))
                .await?;
            received = status.received;
            progress(received);
        }
        Ok(())
    }

    /// What lies in the outbox, from deliveries that were interrupted.
    pub fn outbox(&self) -> Result<Vec<Prepared>, ClientError> {
        let folder = self.profile.outbox_folder();
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ClientError::file(&folder)(error)),
        };
        let mut prepared = Vec::new();
        for entry in entries {
            let path = entry.map_err(ClientError::file(&folder))?.path();
            if path.join("submission.cbor").is_file() {
                prepared.push(Prepared::load(path)?);
            }
        }
        prepared.sort_by_key(|prepared| prepared.header.context.time);
        Ok(prepared)
    }
}

impl Prepared {
    pub(super) fn save(&mut self) -> Result<(), ClientError> {
        self.submission.header = self.header.bytes().to_vec();
        let path = self.folder.join("submission.cbor");
        let bytes = codec::encode(&self.submission);
        durable::write(&path, &bytes, Access::Private, Existing::Replace)
            .map_err(ClientError::file(&path))
    }

    /// Takes the letter out of the outbox.
    fn remove(&self) -> Result<(), ClientError> {
        std::fs::remove_dir_all(&self.folder).map_err(ClientError::file(&self.folder))
    }

    fn load(folder: PathBuf) -> Result<Self, ClientError> {
        let path = folder.join("submission.cbor");
        let bytes = std::fs::read(&path).map_err(ClientError::file(&path))?;
        let submission: Submission = codec::decode(&bytes, MAX_SUBMISSION)
            .map_err(|error| ClientError::Input(format!("{}: {error}", path.display())))?;
        Ok(Self {
            header: Signed::verify(&submission.header)?,
            folder,
            submission,
        })
    }
}
