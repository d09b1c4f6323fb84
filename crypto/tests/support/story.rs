//! One letter from the authority to the citizen, told step by step, and its evidence file.

use chacha20::rand_core::Rng;
use postfach_crypto::age::{self, FileKey, NewFile, Recipients};
use postfach_crypto::envelope::{Act, Attachment, MANIFEST_VERSION, Manifest, Remedy, Replies};
use postfach_crypto::evidence::{EVIDENCE_VERSION, Evidence, OpenedPart, Policy};
use postfach_crypto::ids::{
    AgeHeaderHash, Blind, ContentHash, EnvelopeId, ManifestHash, PayloadHash, StatementHash,
    UnixMillis,
};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    Access, Deletion, DeliveryClass, EnvelopeHeader, Event, Failure, HandoverRequest, Head, Kind,
    ListHead, PartReference, Reason, Receipt, Signed, Statement, Subject, Withdrawal, kind_of,
};
use serde_bytes::ByteBuf;

use super::world::{ORIGIN, World, blobs, key, key_blobs};

/// One encrypted part.
pub struct Part {
    pub age_header: age::Header,
    pub payload: Vec<u8>,
    pub file_key: FileKey,
}

/// A letter on its way.
pub struct Story {
    pub world: World,
    pub manifest: Vec<u8>,
    pub attachment: Vec<u8>,
    pub parts: Vec<Part>,
    pub header: Signed<EnvelopeHeader>,
    /// The envelope's list.
    pub entries: Vec<Vec<u8>>,
    pub last_receipt: Option<StatementHash>,
}

/// Encrypts a part, keeping its file key.
pub fn seal(world: &mut World, recipients: &Recipients, text: &[u8]) -> Part {
    let file = NewFile::new(recipients, &mut world.rng).unwrap();
    let (age_header, file_key) = (file.header.clone(), file.file_key.clone());
    let mut payload = Vec::new();
    let mut writer = file.into_writer(&mut payload).unwrap();
    std::io::Write::write_all(&mut writer, text).unwrap();
    writer.finish().unwrap();
    payload.drain(..age_header.as_bytes().len());
    Part {
        age_header,
        payload,
        file_key,
    }
}

/// How the header names a part.
pub fn reference(part: &Part) -> PartReference {
    let header = part.age_header.as_bytes();
    PartReference(
        AgeHeaderHash::of(header),
        header.len() as u64,
        PayloadHash::of(&part.payload),
        part.payload.len() as u64,
    )
}

impl Story {
    /// A registered letter with one attachment, signed but not submitted.
    pub fn new(class: DeliveryClass) -> Self {
        let mut world = World::new();
        let attachment = b"%PDF-1.7 Hundesteuerbescheid 2026".to_vec();
        let manifest = manifest(&mut world, &attachment);
        let (manifest, hash) = manifest.encode().unwrap();
        let recipients = Recipients::Hybrid(vec![world.citizen.age.recipient()]);
        let parts = vec![
            seal(&mut world, &recipients, &manifest),
            seal(&mut world, &recipients, &attachment),
        ];
        let header = header(&mut world, class, &parts, hash, &manifest);
        let header = Signed::sign(header, &world.clerk).unwrap();
        Self {
            entries: vec![header.bytes().to_vec()],
            world,
            manifest,
            attachment,
            parts,
            header,
            last_receipt: None,
        }
    }

    /// A submitted letter whose header asks for an acknowledgement or not, whose first receipt says so or not, and
    /// perhaps a receipt so many milliseconds after the time asked for that none came.
    pub fn asking(asks: bool, says: bool, expired: Option<i64>) -> Self {
        let mut story = Self::new(DeliveryClass::Ordinary);
        let until = UnixMillis(story.header.context.time.0 + 60 * 60 * 1000);
        let acceptance_until = asks.then_some(until);
        let clerk = key("authority clerk");
        story.resign(|header| header.acceptance_until = acceptance_until, &clerk);
        story.submit_with(|receipt| {
            if says {
                receipt.events.insert(1, Event::NotificationForAcceptance);
            }
        });
        if let Some(after) = expired {
            story.receipt(vec![Event::AcceptanceRejectionExpiry], None, |receipt| {
                receipt.context.time = UnixMillis(until.0.saturating_add_signed(after));
            });
        }
        story
    }

    /// Replaces the header by a changed one that `key` signs.
    pub fn resign(&mut self, change: impl FnOnce(&mut EnvelopeHeader), key: &SigningKey) {
        let mut header = self.header.payload().clone();
        change(&mut header);
        self.header = Signed::sign(header, key).unwrap();
        self.entries = vec![self.header.bytes().to_vec()];
    }

    /// The server accepts the letter.
    pub fn submit(&mut self) {
        self.submit_with(|_| {});
    }

    pub fn submit_with(&mut self, change: impl FnOnce(&mut Receipt)) {
        let (certificate, binding) = (self.world.certificate.hash(), self.world.binding.hash());
        let events = vec![Event::SubmissionAcceptance, Event::ContentConsignment];
        let header = self.header.hash();
        self.receipt(events, Some(header), |receipt| {
            receipt.certificate = Some(certificate);
            receipt.binding = Some(binding);
            receipt.legal_rule = Some("BayDiG-25".into());
            change(receipt);
        });
    }

    /// The server signs a receipt of this envelope.
    pub fn receipt(
        &mut self,
        events: Vec<Event>,
        answers: Option<StatementHash>,
        change: impl FnOnce(&mut Receipt),
    ) {
        let mut receipt = self.world.receipt(events);
        receipt.header = Some(self.header.hash());
        receipt.answers = answers;
        receipt.previous = self.last_receipt;
        change(&mut receipt);
        let receipt = Signed::sign(receipt, &self.world.receipt_key).unwrap();
        self.last_receipt = Some(receipt.hash());
        self.entries.push(receipt.bytes().to_vec());
        self.world.log(self.entries.iter().map(Vec::as_slice));
    }

    /// The recipient is told that something waits.
    pub fn notify(&mut self) {
        self.receipt(vec![Event::ConsignmentNotification], None, |_| {});
    }

    /// Somebody says something of the letter, and the server records the event.
    pub fn say<S: Statement>(&mut self, statement: &Signed<S>, event: Event) {
        self.entries.push(statement.bytes().to_vec());
        self.receipt(vec![event], Some(statement.hash()), |_| {});
    }

    pub fn handover_request(&mut self) -> HandoverRequest {
        HandoverRequest {
            context: self.world.context(),
            header: self.header.hash(),
            recipient: self.world.citizen.address(),
            age_headers: self.header.parts.iter().map(|part| part.0).collect(),
            seen: ListHead::of(&[self.header.hash()]),
            ext: None,
        }
    }

    /// The citizen asks for the letter and gets it.
    pub fn hand_over(&mut self) {
        let request = self.handover_request();
        let request = Signed::sign(request, &self.world.citizen.identity).unwrap();
        self.say(&request, Event::ContentHandover);
    }

    /// The citizen confirms what was found.
    pub fn access(&mut self, manifest: ManifestHash) {
        let access = Access {
            context: self.world.context(),
            header: self.header.hash(),
            recipient: self.world.citizen.address(),
            manifest,
            ext: None,
        };
        let access = Signed::sign(access, &self.world.citizen.identity).unwrap();
        self.say(&access, Event::ContentAccessTracking);
    }

    /// The citizen could not open it.
    pub fn fail(&mut self, reason: Reason) {
        let failure = Failure {
            context: self.world.context(),
            header: self.header.hash(),
            recipient: self.world.citizen.address(),
            reasons: vec![reason],
            ext: None,
        };
        let failure = Signed::sign(failure, &self.world.citizen.identity).unwrap();
        self.say(&failure, Event::ContentHandoverFailure);
    }

    /// The authority takes it back.
    pub fn withdraw(&mut self) {
        let withdrawal = Withdrawal {
            context: self.world.context(),
            header: self.header.hash(),
            sender: self.world.authority.address(),
            reasons: vec![Reason::SentInError],
            ext: None,
        };
        let withdrawal = Signed::sign(withdrawal, &self.world.clerk).unwrap();
        self.say(&withdrawal, Event::EnvelopeWithdrawal);
    }

    /// The citizen deletes it.
    pub fn delete(&mut self) {
        let deletion = self.deletion();
        let deletion = Signed::sign(deletion, &self.world.citizen.identity).unwrap();
        self.say(&deletion, Event::EnvelopeDeletion);
    }

    pub fn deletion(&mut self) -> Deletion {
        Deletion {
            context: self.world.context(),
            header: self.header.hash(),
            recipient: self.world.citizen.address(),
            ext: None,
        }
    }

    /// A registered letter, handed over and read.
    pub fn told() -> Self {
        let mut story = Self::new(DeliveryClass::Registered);
        story.submit();
        story.notify();
        story.hand_over();
        story.access(story.header.manifest);
        story
    }

    pub fn policy(&self) -> Policy {
        Policy {
            origin: ORIGIN.into(),
            root: self.world.root.verifying_key(),
            witnesses: self.world.log.policy(),
        }
    }

    /// The evidence file, complete, part 0 opened, fetched ten days later.
    pub fn evidence(&mut self) -> Evidence {
        let mut evidence = self.without_log();
        let logged: Vec<ByteBuf> = evidence.logged().cloned().collect();
        self.world.log(logged.iter().map(|bytes| bytes.as_slice()));
        self.world.publish();
        evidence.log = Some(self.world.log.record(&evidence));
        evidence.sort();
        evidence
    }

    /// Makes the proofs anew for a file that was changed: the change is then all that is wrong.
    pub fn prove(&self, evidence: &mut Evidence) {
        evidence.log = Some(self.world.log.record(evidence));
        evidence.sort();
    }

    /// Leaves out the newest receipt that is not mail.
    pub fn drop_newest_receipt(&self, evidence: &mut Evidence) {
        let newest = self.world.receipts.last().unwrap().bytes();
        evidence.receipts.retain(|receipt| receipt != newest);
        self.prove(evidence);
    }

    /// The place of the head of a list among the file's heads.
    pub fn head_of(evidence: &Evidence, subject: Subject) -> usize {
        let of_subject =
            |bytes: &ByteBuf| Signed::<Head>::verify(bytes).unwrap().subject == subject;
        evidence.heads.iter().position(of_subject).unwrap()
    }

    fn without_log(&mut self) -> Evidence {
        let now = self.world.time;
        self.world.time += 10 * 86_400_000;
        let evidence = self.gathered();
        self.world.time = now;
        evidence
    }

    fn gathered(&mut self) -> Evidence {
        let (authority, citizen) = (self.world.authority.address(), self.world.citizen.address());
        let sender = key_blobs(&self.world.authority.keys);
        let recipient = key_blobs(&self.world.citizen.keys);
        let (entries, relation) = (self.entries.clone(), self.world.relation.clone());
        let general = self.world.general.clone();
        let certified = self.world.certified.clone();
        let world = &mut self.world;
        let mut heads = vec![
            world.head(Subject::Envelope(self.header.hash()), &entries),
            world.head(Subject::Party(authority), &sender),
            world.head(Subject::Party(citizen), &recipient),
            world.head(Subject::Relation(citizen, Some(authority)), &relation),
            world.head(Subject::Certified(authority), &certified),
        ];
        if !general.is_empty() {
            heads.push(world.head(Subject::Relation(citizen, None), &general));
        }
        let bytes = |signed: &[u8]| ByteBuf::from(signed);
        Evidence {
            version: EVIDENCE_VERSION,
            origin: ORIGIN.into(),
            root: world.root.verifying_key(),
            delegations: world
                .delegations
                .iter()
                .map(|it| bytes(it.bytes()))
                .collect(),
            entries: blobs(&entries),
            sender,
            recipient,
            relation: blobs(&relation),
            relation_all: blobs(&general),
            issuer: None,
            certificates: blobs(&certified),
            receipts: world.receipts.iter().map(|it| bytes(it.bytes())).collect(),
            heads: heads.iter().map(|it| bytes(it.bytes())).collect(),
            age_headers: self
                .parts
                .iter()
                .map(|part| bytes(part.age_header.as_bytes()))
                .collect(),
            opened: Some(OpenedPart {
                file_key: *self.parts[0].file_key.disclose(),
                payload: self.parts[0].payload.clone(),
            }),
            ext: None,
            log: None,
        }
    }

    /// Positions of the entries of one kind.
    pub fn positions(&self, kind: Kind) -> Vec<usize> {
        let of_kind =
            |(index, bytes): (usize, &Vec<u8>)| (kind_of(bytes) == Ok(kind)).then_some(index);
        self.entries
            .iter()
            .enumerate()
            .filter_map(of_kind)
            .collect()
    }
}

/// A manifest with every field.
pub fn manifest(world: &mut World, attachment: &[u8]) -> Manifest {
    let mut bytes = [0; 80];
    world.rng.fill_bytes(&mut bytes);
    let blind = Blind(bytes[..32].try_into().unwrap());
    let content_blind = Blind(bytes[32..64].try_into().unwrap());
    let mut content = ContentHash::hasher(&content_blind);
    content.update(attachment);
    Manifest {
        version: MANIFEST_VERSION,
        blind,
        envelope_id: EnvelopeId(bytes[64..].try_into().unwrap()),
        sender: world.authority.address(),
        recipient: world.citizen.address(),
        subject: "Hundesteuerbescheid 2026".into(),
        text: "Sehr geehrte Frau Mustermann,\nder Bescheid liegt bei.".into(),
        attachments: vec![Attachment {
            name: "Bescheid.pdf".into(),
            media_type: "application/pdf".into(),
            content: ContentHash(content.finish()),
            blind: content_blind,
            size: attachment.len() as u64,
        }],
        padding: vec![],
        in_reply_to: None,
        copy_of: None,
        replies: Some(Replies::Answered),
        act: Some(Act {
            kind: "Hundesteuerbescheid".into(),
            file_number: "4711/2026".into(),
            remedy: Some(Remedy {
                kind: "Klage".into(),
                body: "Verwaltungsgericht Musterstadt".into(),
                period: "ein Monat nach Bekanntgabe".into(),
                rule: "VwGO § 74".into(),
                until: Some("2026-02-28".into()),
            }),
            amount: Some(postfach_crypto::envelope::Amount {
                minor_units: 4000,
                currency: "EUR".into(),
            }),
            contact: Some("Steueramt, Zimmer 12".into()),
        }),
        set: None,
        ext: None,
    }
}

/// The header that belongs to a manifest and its parts.
pub fn header(
    world: &mut World,
    class: DeliveryClass,
    parts: &[Part],
    hash: ManifestHash,
    manifest: &[u8],
) -> EnvelopeHeader {
    let decoded = Manifest::decode(manifest).unwrap();
    EnvelopeHeader {
        context: world.context(),
        envelope_id: decoded.envelope_id,
        sender: world.authority.address(),
        signer: world.clerk.verifying_key(),
        sender_keys: world.authority.current().hash(),
        recipient: world.citizen.address(),
        recipient_keys: world.citizen.current().hash(),
        binding: Some(world.binding.hash()),
        parts: parts.iter().map(reference).collect(),
        manifest: hash,
        class,
        legal_rule: Some("BayDiG-25".into()),
        consent: Some(world.consent.hash()),
        previous: None,
        sender_head: world.authority.head(),
        acting_under: None,
        on_behalf_of: None,
        tenant: None,
        providers: None,
        ext: None,
        acceptance_until: None,
    }
}
