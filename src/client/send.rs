//! Sending: prepared once on disk, delivered as often as the network needs, receipted once.
//!
//! ```text
//!   Letter ──prepare──▶ outbox/<envelope id>/ : signed header, submission, large payloads
//!   outbox ──deliver──▶ uploads continue where they stand ─▶ envelope ─▶ receipt kept ─▶ removed
//! ```
//!
//! Invariants: a file key seals one payload, so an interrupted delivery sends the same encrypted
//! bytes again; the envelope id never changes, so nothing is sent twice; the outbox entry goes only
//! after the receipt is kept, or when the server has refused these bytes for good.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use postfach_crypto::age::{NewFile, Recipients, encrypt};
use postfach_crypto::codec;
use postfach_crypto::envelope::{Act, Attachment, LetterSet, MANIFEST_VERSION, Manifest, Replies};
use postfach_crypto::ids::{
    Address, AgeHeaderHash, Blind, ContentHash, EnvelopeId, ManifestHash, PayloadHash,
    StatementHash, UploadId,
};
use postfach_crypto::statement::{
    ConsentClass, DeliveryClass, EnvelopeHeader, Event, PartReference, Signed,
};

use super::error::ClientError;
use super::session::{Expected, KnownParty, Receipted, Session};
use super::trust::check_binding;
use crate::age_file;
use crate::durable::{self, Access, Existing};
use crate::service::{MAX_SUBMISSION, PartSubmission, Submission};
use crate::{clock, entropy};

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
const NEVER: [&str; 9] = [
    "superseded-recipient-keys",
    "binding-not-in-force",
    "no-consent",
    "no-authority",
    "unknown-party",
    "content-mismatch",
    "payload-mismatch",
    "bad-statement",
    "bad-submission",
];

/// What is to be sent.
#[derive(Debug, Clone)]
pub struct Letter {
    /// To whom.
    pub recipient: Address,
    /// Ordinary or registered.
    pub class: DeliveryClass,
    /// The legal rule by which it is delivered.
    pub legal_rule: Option<String>,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// Files to attach.
    pub files: Vec<PathBuf>,
    /// The letter that this one replies to.
    pub in_reply_to: Option<StatementHash>,
    /// Whether replies are read.
    pub replies: Option<Replies>,
    /// The administrative act in it.
    pub act: Option<Act>,
    /// The set it belongs to.
    pub set: Option<LetterSet>,
    /// The letter whose archive copy this is.
    pub copy_of: Option<StatementHash>,
}

/// A letter in the outbox, signed and encrypted.
#[derive(Debug)]
pub struct Prepared {
    folder: PathBuf,
    /// Its header.
    pub header: Signed<EnvelopeHeader>,
    submission: Submission,
}

/// One encrypted part.
struct SealedPart {
    reference: PartReference,
    submission: PartSubmission,
}

/// Is told of progress: bytes done of bytes in all.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, u64) + Send);

impl Session {
    /// Encrypts and signs a letter into the outbox.
    pub async fn prepare(
        &self,
        letter: &Letter,
        progress: Progress<'_>,
    ) -> Result<Prepared, ClientError> {
        self.prepare_as(EnvelopeId(entropy::array()), letter, progress)
            .await
    }

    /// Encrypts and signs a letter into the outbox under an id that the caller has noted before,
    /// so that it knows its own letter again whenever the process ends.
    pub async fn prepare_as(
        &self,
        envelope_id: EnvelopeId,
        letter: &Letter,
        progress: Progress<'_>,
    ) -> Result<Prepared, ClientError> {
        let recipient = self.party(letter.recipient).await?;
        let folder = self.profile.outbox_folder().join(envelope_id.to_string());
        durable::private_folder(&folder).map_err(ClientError::file(&folder))?;
        let sealed = tokio::task::block_in_place(|| {
            self.seal_parts(letter, envelope_id, &recipient, &folder, progress)
        });
        let (parts, manifest) = sealed.inspect_err(|_| {
            let _ = std::fs::remove_dir_all(&folder); // nothing of it was sent
        })?;
        let mut submission = Submission {
            header: Vec::new(),
            parts: Vec::with_capacity(parts.len()),
        };
        let mut references = Vec::with_capacity(parts.len());
        for part in parts {
            references.push(part.reference);
            submission.parts.push(part.submission);
        }
        let header = self
            .sign_header(letter, envelope_id, &recipient, references, manifest)
            .await
            .inspect_err(|_| {
                let _ = std::fs::remove_dir_all(&folder); // nothing of it was sent
            })?;
        let mut prepared = Prepared {
            folder,
            header,
            submission,
        };
        prepared.save()?;
        Ok(prepared)
    }

    fn seal_parts(
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

    async fn sign_header(
        &self,
        letter: &Letter,
        envelope_id: EnvelopeId,
        recipient: &KnownParty,
        parts: Vec<PartReference>,
        manifest: ManifestHash,
    ) -> Result<Signed<EnvelopeHeader>, ClientError> {
        let me = self.party(self.address()?).await?;
        let mut header = EnvelopeHeader {
            context: self.context(),
            envelope_id,
            sender: me.party.address(),
            signer: self.daily_key()?.verifying_key(),
            sender_keys: me.party.current().hash(),
            recipient: letter.recipient,
            recipient_keys: recipient.party.current().hash(),
            binding: None,
            parts,
            manifest,
            class: letter.class,
            legal_rule: letter.legal_rule.clone(),
            consent: None,
            previous: self.last_sent(letter.recipient).await?,
            sender_head: me.party.head(),
            acting_under: None,
            on_behalf_of: None,
            tenant: None,
            providers: None,
            ext: None,
        };
        let to_citizen =
            recipient.certified_name().is_none() && recipient.party.address() != me.party.address();
        if to_citizen {
            self.rely_on_binding(&me, recipient, &mut header).await?;
        }
        Ok(Signed::sign(header, self.daily_key()?)?)
    }

    /// Names the binding, which must be our own signature over the recipient's first keys, and the
    /// consent in force.
    async fn rely_on_binding(
        &self,
        me: &KnownParty,
        recipient: &KnownParty,
        header: &mut EnvelopeHeader,
    ) -> Result<(), ClientError> {
        let relation = self.relation(header.recipient, header.sender).await?;
        let now = clock::now();
        let binding = relation.relation.binding_in_force(now).ok_or_else(|| {
            ClientError::NotFound("the person's binding to this authority is not in force".into())
        })?;
        check_binding(
            &relation.relation,
            binding.hash(),
            me.party.address(),
            &recipient.party,
        )?;
        header.binding = Some(binding.hash());
        let class = match header.class {
            DeliveryClass::Registered => ConsentClass::Service,
            DeliveryClass::Ordinary => ConsentClass::Notification,
        };
        header.consent = [&relation.relation, &relation.general]
            .into_iter()
            .find_map(|relation| relation.consent_in_force(class, now))
            .map(Signed::hash);
        Ok(())
    }

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
            events: &[Event::SubmissionAcceptance, Event::ContentConsignment],
        };
        let receipted = self.accepted(hash, expected, answer)?;
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
    fn save(&mut self) -> Result<(), ClientError> {
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
