//! Reading: what arrived, who it is from, and opening it.
//!
//! ```text
//!   header ──verified sender, binding──▶ handover request (signed) ──▶ age headers
//!   age headers ──hash as signed──▶ file key ──▶ part 0 ──▶ manifest, bound to the header
//!   attachments ──ciphertext hash, chunks, content hash──▶ their final name
//!   all well ──▶ Access, signed          anything wrong ──▶ Failure, signed, and nothing shown
//! ```

use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use postfach_crypto::age::{FileKey, Header};
use postfach_crypto::envelope::{
    BindingError, MAX_MANIFEST, Manifest, check_age_headers, check_attachment, check_payload,
    open_manifest,
};
use postfach_crypto::ids::{ContentHash, PayloadHash, StatementHash};
use postfach_crypto::statement::{
    Access, DeliveryClass, EnvelopeHeader, Event, Failure, HandoverRequest, Reason, Receipt,
    Signed, Statement, Subject,
};

use super::error::{ClientError, Dishonest};
use super::lists::OwnList;
use super::send::Progress;
use super::session::{Expected, Receipted, Session, statements};
use super::trust::Acquaintance;
use crate::age_file::{self, DecryptError};
use crate::api::resources::EnvelopeResource;
use crate::durable::{self, Access as FileAccess, Existing};
use crate::fold::Delivery;

/// One letter in the mailbox.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its number in the mailbox, from 1.
    pub number: u64,
    /// Its header.
    pub header: Signed<EnvelopeHeader>,
    /// The sender's certified name.
    pub sender: Option<String>,
    /// Whether it was handed over, opened, withdrawn.
    pub delivery: Delivery,
    /// The subject, where the letter may be looked into without handover.
    pub subject: Option<String>,
}

/// An envelope whose list was verified.
pub(super) struct KnownEnvelope {
    pub(super) delivery: Delivery,
    pub(super) resource: EnvelopeResource,
}

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
    /// What is in the mailbox, oldest first.
    pub async fn inbox(&self) -> Result<Vec<Item>, ClientError> {
        let (mut items, mut known) = (Vec::new(), Acquaintance::default());
        for (index, hash) in self.sync(OwnList::Mailbox).await?.iter().enumerate() {
            let envelope = self.envelope(*hash).await?;
            self.check_incoming(&envelope, &mut known).await?;
            let sender = known.party(self, envelope.delivery.header.sender).await?;
            let sender = sender.certified_name().map(str::to_owned);
            let subject = match &envelope.resource.age_headers {
                Some(age_headers) => self
                    .manifest(&envelope.delivery.header, &raw(age_headers))
                    .await
                    .ok()
                    .map(|(manifest, _)| manifest.subject),
                None => None,
            };
            items.push(Item {
                number: index as u64 + 1,
                header: envelope.delivery.header.clone(),
                sender,
                delivery: envelope.delivery,
                subject,
            });
        }
        Ok(items)
    }

    /// The header of the letter with this number in the mailbox, or with this hash or its start.
    pub async fn find(&self, reference: &str, list: OwnList) -> Result<StatementHash, ClientError> {
        let hashes = self.sync(list).await?;
        let by_number = reference
            .parse::<usize>()
            .ok()
            .and_then(|number| hashes.get(number.checked_sub(1)?).copied());
        if let Some(hash) = by_number {
            return Ok(hash);
        }
        let mut matching = hashes
            .iter()
            .filter(|hash| reference.len() >= 8 && hash.to_string().starts_with(reference));
        match (matching.next(), matching.next()) {
            (Some(hash), None) => Ok(*hash),
            _ => Err(ClientError::NotFound(format!("no letter {reference}"))),
        }
    }

    /// An envelope with all that was said of it: the list is checked against its signed head and
    /// against the receipts kept here.
    pub(super) async fn envelope(&self, hash: StatementHash) -> Result<KnownEnvelope, ClientError> {
        let path = format!("/v1/envelopes/{hash}");
        let resource: EnvelopeResource = self.http.get(&path, Some(self.signer()?)).await?;
        let delivery =
            Delivery::fold(&statements(&resource.entries)).map_err(Dishonest::Statement)?;
        if delivery.header.hash() != hash {
            return Err(Dishonest::ForeignHead.into());
        }
        self.check_list(
            &resource.entries,
            resource.head.as_ref(),
            Subject::Envelope(hash),
        )?;
        for receipt in &delivery.receipts {
            let receipt = self.operator.receipt(receipt.bytes())?;
            if receipt.header != Some(hash) {
                return Err(Dishonest::ForeignReceipt.into());
            }
            self.kept.keep_receipt(&receipt)?;
        }
        let kept = self.kept.receipts_about(&hash)?;
        let shown = |receipt: &Signed<Receipt>| {
            delivery
                .receipts
                .iter()
                .any(|known| known.hash() == receipt.hash())
        };
        if !kept.iter().all(shown) {
            return Err(Dishonest::DroppedEntry {
                head: kept.len() as u64,
                shown: delivery.receipts.len() as u64,
            }
            .into());
        }
        Ok(KnownEnvelope { delivery, resource })
    }

    /// All that was said of an envelope that this party sent or received.
    pub async fn delivery(&self, hash: StatementHash) -> Result<Delivery, ClientError> {
        let envelope = self.envelope(hash).await?;
        self.check_envelope(&envelope, &mut Acquaintance::default())
            .await?;
        Ok(envelope.delivery)
    }

    /// As [`Session::delivery`], for many envelopes.
    pub async fn deliveries(&self, hashes: &[StatementHash]) -> Result<Vec<Delivery>, ClientError> {
        let mut known = Acquaintance::default();
        let mut deliveries = Vec::with_capacity(hashes.len());
        for hash in hashes {
            let envelope = self.envelope(*hash).await?;
            self.check_envelope(&envelope, &mut known).await?;
            deliveries.push(envelope.delivery);
        }
        Ok(deliveries)
    }

    /// An envelope in the mailbox: for this party, and by whom it names.
    async fn check_incoming(
        &self,
        envelope: &KnownEnvelope,
        known: &mut Acquaintance,
    ) -> Result<(), ClientError> {
        let header = &envelope.delivery.header;
        if header.recipient != self.address()? {
            return Err(Dishonest::ForgedHeader {
                sender: header.sender,
            }
            .into());
        }
        self.check_envelope(envelope, known).await
    }

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
    async fn stanza_count(&self, header: &Signed<EnvelopeHeader>) -> Result<usize, ClientError> {
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

    /// Fetches a payload that fits in memory and checks it against the header.
    pub(super) async fn small_payload(
        &self,
        header: &Signed<EnvelopeHeader>,
        index: usize,
    ) -> Result<Vec<u8>, ClientError> {
        let length = header.parts[index].3;
        if length > 2 * MAX_MANIFEST as u64 {
            return Err(ClientError::Content(BindingError::Payload(index)));
        }
        let mut response = self
            .http
            .payload(self.signer()?, header.hash(), index, 0)
            .await?;
        let mut payload = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(broken)? {
            payload.extend_from_slice(&piece);
            if payload.len() as u64 > length {
                break;
            }
        }
        check_payload(
            header,
            index,
            PayloadHash::of(&payload),
            payload.len() as u64,
        )?;
        Ok(payload)
    }

    /// Fetches ciphertext to disk, continuing after interruptions, then decrypts it to its name.
    async fn save_attachment(
        &self,
        header: &Signed<EnvelopeHeader>,
        manifest: &Manifest,
        index: usize,
        key: &FileKey,
        target: &Path,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), ClientError> {
        let part = index + 1;
        let (spool, input) = self.genuine_payload(header, part).await?;
        let blind = manifest.attachments[index].blind;
        let opened = tokio::task::block_in_place(|| {
            open_attachment(
                header, manifest, part, key, &spool, input, target, blind, progress,
            )
        });
        std::fs::remove_file(&spool).map_err(ClientError::file(&spool))?;
        opened
    }

    /// A payload on disk whose hash the header names. What was spooled wrongly, here or on the way,
    /// is fetched once more before the sender is told that it is not genuine.
    async fn genuine_payload(
        &self,
        header: &Signed<EnvelopeHeader>,
        part: usize,
    ) -> Result<(PathBuf, std::fs::File), ClientError> {
        let mut again = true;
        loop {
            let (path, mut file) = self.fetch_payload(header, part).await?;
            let (hash, length) = tokio::task::block_in_place(|| payload_hash(&mut file))
                .map_err(ClientError::file(&path))?;
            match check_payload(header, part, hash, length) {
                Ok(()) => return Ok((path, file)),
                Err(error) => {
                    std::fs::remove_file(&path).map_err(ClientError::file(&path))?;
                    if !again {
                        return Err(error.into());
                    }
                    again = false;
                }
            }
        }
    }

    async fn fetch_payload(
        &self,
        header: &Signed<EnvelopeHeader>,
        part: usize,
    ) -> Result<(PathBuf, std::fs::File), ClientError> {
        let folder = self.profile.inbox_folder();
        durable::private_folder(&folder).map_err(ClientError::file(&folder))?;
        let (path, mut file) = spool(&folder, &format!("{}.{part}", header.hash()))?;
        let length = header.parts[part].3;
        let mut offset = file.metadata().map_err(ClientError::file(&path))?.len();
        if offset > length {
            file.set_len(0).map_err(ClientError::file(&path))?;
            offset = 0;
        }
        if offset < length {
            let mut response = self
                .http
                .payload(self.signer()?, header.hash(), part, offset)
                .await?;
            while let Some(piece) = response.chunk().await.map_err(broken)? {
                offset += piece.len() as u64;
                if offset > length {
                    return Err(ClientError::Answer("the part is longer than signed".into()));
                }
                file.write_all(&piece).map_err(ClientError::file(&path))?;
            }
            if offset < length {
                return Err(ClientError::Unreachable("the part ended early".into()));
            }
        }
        Ok((path, file))
    }

    /// Saves the parts of a letter into `folder` as complete age files, which any age tool that
    /// knows the hybrid stanza opens; returns their paths in order.
    pub async fn save_age_files(
        &self,
        hash: StatementHash,
        folder: &Path,
    ) -> Result<Vec<PathBuf>, ClientError> {
        let envelope = self.envelope(hash).await?;
        let header = envelope.delivery.header;
        let age_headers = raw(envelope.resource.age_headers.as_deref().unwrap_or_default());
        check_age_headers(&header, &age_headers, self.stanza_count(&header).await?)?;
        let mut paths = Vec::with_capacity(age_headers.len());
        for (part, age_header) in age_headers.iter().enumerate() {
            let (payload, mut ciphertext) = self.genuine_payload(&header, part).await?;
            let path = folder.join(format!("{hash}.{part}.age"));
            let copied = std::fs::File::create(&path).and_then(|mut file| {
                file.write_all(age_header)?;
                std::io::copy(&mut ciphertext, &mut file)
            });
            copied.map_err(ClientError::file(&path))?;
            std::fs::remove_file(&payload).map_err(ClientError::file(&payload))?;
            paths.push(path);
        }
        Ok(paths)
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
}

/// The file that a payload is spooled in, locked. While another process uses it, one of our own.
fn spool(folder: &Path, name: &str) -> Result<(PathBuf, std::fs::File), ClientError> {
    let open = |path: &Path| {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).read(true).append(true).open(path)
    };
    let path = folder.join(format!("{name}.part"));
    let file = open(&path).map_err(ClientError::file(&path))?;
    if file.try_lock().is_ok() {
        return Ok((path, file));
    }
    let path = folder.join(format!("{name}.{}.part", std::process::id()));
    let file = open(&path).map_err(ClientError::file(&path))?;
    Ok((path, file))
}

/// Hash and length of a spooled payload; the file stands at its beginning afterwards.
fn payload_hash(file: &mut std::fs::File) -> std::io::Result<(PayloadHash, u64)> {
    let (mut hash, mut length) = (PayloadHash::hasher(), 0);
    let mut piece = vec![0; 1 << 16];
    file.rewind()?;
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            break;
        }
        hash.update(&piece[..count]);
        length += count as u64;
    }
    file.rewind()?;
    Ok((PayloadHash(hash.finish()), length))
}

/// Decrypts beside the target; the name appears only when ciphertext hash, every chunk and the
/// plaintext's hash are right.
#[expect(
    clippy::too_many_arguments,
    reason = "one straight step with all it depends on"
)]
fn open_attachment(
    header: &EnvelopeHeader,
    manifest: &Manifest,
    part: usize,
    key: &FileKey,
    spool: &Path,
    input: impl Read + Send,
    target: &Path,
    blind: postfach_crypto::ids::Blind,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<(), ClientError> {
    let mut result = Ok(());
    let written = durable::write_with(target, FileAccess::Private, Existing::Refuse, |file| {
        let (mut hash, mut length) = (PayloadHash::hasher(), 0);
        let mut tap = |bytes: &[u8]| {
            hash.update(bytes);
            length += bytes.len() as u64;
        };
        let mut content = HashedWriter {
            inner: file,
            hasher: ContentHash::hasher(&blind),
            size: 0,
        };
        let options = age_file::Options::default()
            .tap(&mut tap)
            .progress(progress);
        result = age_file::open_payload(key, input, &mut content, options)
            .map_err(|error| match error {
                // Trouble with this machine's files says nothing about the letter.
                DecryptError::Read(error) => ClientError::file(spool)(error),
                DecryptError::Write(error) => ClientError::file(target)(error),
                _ => ClientError::NotDecryptable,
            })
            .map(drop)
            .and_then(|()| {
                check_payload(header, part, PayloadHash(hash.finish()), length)?;
                let found = ContentHash(content.hasher.finish());
                check_attachment(manifest, part - 1, found, content.size)?;
                Ok(())
            });
        match &result {
            Ok(()) => Ok(()),
            Err(_) => Err(std::io::Error::other("not genuine")),
        }
    });
    result?;
    written.map_err(ClientError::file(target))
}

impl KnownEnvelope {
    /// What this party said of the envelope before, with the receipt that it got.
    fn said(&self, statement: StatementHash) -> Option<Receipted> {
        let mut receipts = self.delivery.receipts.iter();
        let receipt = receipts.find(|receipt| receipt.answers == Some(statement))?;
        let mut entries = self.resource.entries.iter();
        let entry =
            entries.find(|entry| StatementHash::of(entry.statement.as_ref()) == statement)?;
        Some(Receipted {
            statement,
            position: entry.position,
            receipt: receipt.clone(),
            repeated: true,
            age_headers: self.resource.age_headers.as_deref().map(raw),
        })
    }
}

impl Item {
    /// Whether reading it needs the recipient's signature first.
    pub fn registered(&self) -> bool {
        self.header.class == DeliveryClass::Registered
    }
}

/// Hashes what is written through it.
struct HashedWriter<W> {
    inner: W,
    hasher: postfach_crypto::hash::DomainHasher,
    size: u64,
}

impl<W: Write> Write for HashedWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let count = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

pub(super) fn raw(headers: &[crate::api::resources::Base64]) -> Vec<Vec<u8>> {
    headers.iter().map(|header| header.0.clone()).collect()
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

fn broken(error: reqwest::Error) -> ClientError {
    ClientError::Unreachable(error.without_url().to_string())
}

/// A path in `folder` for a sender's file name: no folders, no hidden or reserved names, no
/// control or direction-changing characters, never an existing file.
fn free_name(folder: &Path, name: &str) -> PathBuf {
    let clean: String = name
        .chars()
        .map(|letter| match letter {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '_',
            letter if letter.is_control() => '_',
            letter => letter,
        })
        .collect();
    let clean = clean
        .trim_start_matches(['.', ' ', '-'])
        .trim_end_matches(['.', ' ']);
    let clean = if clean.is_empty() {
        "attachment"
    } else {
        clean
    };
    let (stem, ending) = match clean.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (clean, String::new()),
    };
    (1..)
        .map(|number| match number {
            1 => folder.join(clean),
            _ => folder.join(format!("{stem} ({number}){ending}")),
        })
        .find(|path| !path.exists())
        .expect("some number is free")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_in_the_folder() {
        let folder = Path::new("/nowhere/inbox");
        for (name, expected) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("/etc/passwd", "_etc_passwd"),
            (".bashrc", "bashrc"),
            ("..", "attachment"),
            ("-rf", "rf"),
            ("rechnung\u{202e}fdp.exe", "rechnung_fdp.exe"),
            ("Bescheid.pdf", "Bescheid.pdf"),
        ] {
            assert_eq!(free_name(folder, name), folder.join(expected));
        }
    }
}
