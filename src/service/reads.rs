//! Reads, each authorised in one place: only a [`Reader`] sees anything that is not public.
//!
//! A read never creates an event. What a requester may not see is answered as if it were not
//! there.

use std::ops::Range;

use bytes::Bytes;
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::keys::VerifyingKey;
use postfach_crypto::party::NotAllowed;
use postfach_crypto::statement::{DeliveryClass, Event, Role, Signed, Subject};
use postfach_storage::store::MAX_ENTRIES;
use postfach_storage::{List, PayloadStream, ReadError};

use super::plan::list_of;
use super::{Service, ServiceError};

/// Most entries of one page.
const MAX_PAGE: usize = 500;
/// Bytes of claims and keys after which a page of claims ends; at least one claim stands in it.
const MAX_CLAIM_BYTES: usize = 1024 * 1024;

/// A party whose request signature was verified and whose key may read, or send, now.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    address: Address,
    key: VerifyingKey,
}

impl Reader {
    /// The party.
    pub fn address(&self) -> Address {
        self.address
    }
}

/// Who looks up a party's keys.
#[derive(Debug, Clone, Copy)]
pub enum KeyReader {
    /// A party by one of its keys: its own keys, and those of whom it stands in relation to.
    Party(Reader),
    /// Who holds this party's recovery key: this party's keys and nothing else, so that a person
    /// who lost every other key can continue the history.
    Recovery(Address),
}

/// A statement with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedStatement {
    /// Its exact bytes.
    pub bytes: Bytes,
    /// Its position in the log.
    pub position: u64,
    /// The receipt that answers it, where the reader needs it to prove what came first.
    pub receipt: Option<Bytes>,
}

/// A party's keys and certificates with their heads.
#[derive(Debug)]
pub struct PartyView {
    /// Key statements from number 0.
    pub keys: Vec<LoggedStatement>,
    /// Head of the key statements.
    pub keys_head: Bytes,
    /// Certificates and revocations.
    pub certificates: Vec<LoggedStatement>,
    /// Head of the certificates.
    pub certificates_head: Bytes,
}

/// What stands between a citizen and an authority.
#[derive(Debug)]
pub struct RelationView {
    /// Claims, bindings, consents and what ends them.
    pub entries: Vec<LoggedStatement>,
    /// Their head.
    pub head: Bytes,
    /// Consents to all authorities.
    pub general: Vec<LoggedStatement>,
    /// Their head.
    pub general_head: Bytes,
}

/// A page of a list.
#[derive(Debug)]
pub struct EntryPage {
    /// The statements from the one asked for.
    pub entries: Vec<LoggedStatement>,
    /// Number of the first entry in the list.
    pub first: u64,
    /// Head of the whole list.
    pub head: Bytes,
    /// How long the list is.
    pub count: u64,
}

/// A claim with the claimant's keys.
#[derive(Debug)]
pub struct ClaimView {
    /// The claim.
    pub claim: LoggedStatement,
    /// The claimant's key statements.
    pub keys: Vec<LoggedStatement>,
}

/// An envelope with all that was said of it.
#[derive(Debug)]
pub struct EnvelopeView {
    /// Header, receipts and statements, in log order.
    pub entries: Vec<LoggedStatement>,
    /// Their head.
    pub head: Bytes,
    /// The age headers, unless they are withheld from this reader.
    pub age_headers: Option<Vec<Bytes>>,
}

/// A part's payload.
pub struct PartView {
    /// Its length in bytes.
    pub length: u64,
    /// The bytes asked for.
    pub stream: PayloadStream,
}

impl Service {
    /// Accepts a request's signer as a reader: a current key of the party with one of
    /// these roles.
    pub async fn reader(
        &self,
        address: Address,
        key: VerifyingKey,
        roles: &[Role],
    ) -> Result<Reader, ServiceError> {
        let party = self.party(address).await.map_err(|error| match error {
            ServiceError::UnknownParty => ServiceError::NotAllowed(NotAllowed::UnknownKey),
            other => other,
        })?;
        let now = self.now();
        let mut refused = NotAllowed::UnknownKey;
        for role in roles {
            match party.allows(&key, *role, now) {
                Ok(()) => return Ok(Reader { address, key }),
                Err(error) => refused = error,
            }
        }
        Err(refused.into())
    }

    /// Accepts a request's signer as somebody who looks up keys: one of the party's current keys,
    /// or its current recovery key.
    pub async fn key_reader(
        &self,
        address: Address,
        key: VerifyingKey,
        roles: &[Role],
    ) -> Result<KeyReader, ServiceError> {
        match self.reader(address, key, roles).await {
            Err(ServiceError::NotAllowed(NotAllowed::UnknownKey)) => {
                let party = self.party_if_known(address).await?;
                let recovers = party.is_some_and(|party| party.recovers(&key));
                recovers
                    .then_some(KeyReader::Recovery(address))
                    .ok_or(ServiceError::NotAllowed(NotAllowed::UnknownKey))
            }
            other => other.map(KeyReader::Party),
        }
    }

    /// A party's keys: public for authorities, otherwise for those who stand in relation to it.
    pub async fn party_view(
        &self,
        address: Address,
        reader: Option<&KeyReader>,
    ) -> Result<PartyView, ServiceError> {
        let certificates = self.receipted(&List::Certified(address)).await?;
        if certificates.is_empty() {
            match reader.ok_or(ServiceError::UnknownParty)? {
                KeyReader::Party(reader) => self.check_relation(reader, address).await?,
                KeyReader::Recovery(own) if *own == address => {}
                KeyReader::Recovery(_) => return Err(ServiceError::UnknownParty),
            }
        }
        let keys = self.receipted(&List::Party(address)).await?;
        if keys.is_empty() {
            return Err(ServiceError::UnknownParty);
        }
        Ok(PartyView {
            keys_head: self.head_over(Subject::Party(address), &keys),
            certificates_head: self.head_over(Subject::Certified(address), &certificates),
            keys,
            certificates,
        })
    }

    async fn check_relation(&self, reader: &Reader, other: Address) -> Result<(), ServiceError> {
        if reader.address == other {
            return Ok(());
        }
        for list in [
            List::Relation(other, Some(reader.address)),
            List::Relation(reader.address, Some(other)),
            List::Correspondence(reader.address, other),
        ] {
            if self.store.head(&list).await?.count > 0 {
                return Ok(());
            }
        }
        Err(ServiceError::UnknownParty)
    }

    /// What stands between two parties, for either of them.
    pub async fn relation_view(
        &self,
        reader: &Reader,
        citizen: Address,
        authority: Address,
    ) -> Result<RelationView, ServiceError> {
        if reader.address != citizen && reader.address != authority {
            return Err(ServiceError::UnknownParty);
        }
        let related = List::Relation(citizen, Some(authority));
        let entries = self.receipted(&related).await?;
        if entries.is_empty() && reader.address != citizen {
            return Err(ServiceError::UnknownParty);
        }
        let general = self.receipted(&List::Relation(citizen, None)).await?;
        Ok(RelationView {
            head: self.head_over(Subject::Relation(citizen, Some(authority)), &entries),
            general_head: self.head_over(Subject::Relation(citizen, None), &general),
            entries,
            general,
        })
    }

    /// A page of one of the reader's own lists, or of a public one.
    pub async fn page(
        &self,
        reader: Option<&Reader>,
        subject: Subject,
        after: u64,
        limit: usize,
    ) -> Result<EntryPage, ServiceError> {
        let owner = match subject {
            Subject::Mailbox(party)
            | Subject::Sent(party)
            | Subject::Record(party)
            | Subject::Contact(party) => Some(party),
            Subject::Certificates => None,
            _ => return Err(ServiceError::UnknownParty),
        };
        if owner.is_some() && reader.map(Reader::address) != owner {
            return Err(ServiceError::UnknownParty);
        }
        let list = list_of(&subject);
        let head = self.store.head(&list).await?;
        let hashes = self
            .store
            .entries(&list, after, limit.clamp(1, MAX_PAGE))
            .await?;
        // The list may have grown between the two reads; the head covers what is returned.
        let covered = usize::try_from(head.count.saturating_sub(after)).unwrap_or(usize::MAX);
        let mut entries = Vec::with_capacity(hashes.len());
        for hash in hashes.iter().take(covered) {
            entries.push(self.stored(hash).await?);
        }
        Ok(EntryPage {
            entries,
            first: after,
            head: self.sign_head(subject, head),
            count: head.count,
        })
    }

    /// Claims that an issuer has not answered, from number `after` on, with the claimants' keys;
    /// and the number to go on from. No claims: there are none from `after` on.
    pub async fn claims(
        &self,
        issuer: &Reader,
        after: u64,
    ) -> Result<(Vec<ClaimView>, u64), ServiceError> {
        let party = self.party(issuer.address).await?;
        party.allows(&issuer.key, Role::Register, self.now())?;
        let list = List::Claims(issuer.address);
        let (mut claims, mut bytes, mut next) = (Vec::new(), 0, after);
        loop {
            let hashes = self.store.entries(&list, next, MAX_PAGE).await?;
            if hashes.is_empty() {
                return Ok((claims, next));
            }
            for hash in hashes {
                if claims.len() >= MAX_PAGE || bytes >= MAX_CLAIM_BYTES {
                    return Ok((claims, next));
                }
                next += 1;
                if self.store.head(&List::ClaimAnswer(hash)).await?.count > 0 {
                    continue;
                }
                let view = self.claim_view(&hash).await?;
                let keys: usize = view.keys.iter().map(|key| key.bytes.len()).sum();
                bytes += view.claim.bytes.len() + keys;
                claims.push(view);
            }
        }
    }

    async fn claim_view(&self, hash: &StatementHash) -> Result<ClaimView, ServiceError> {
        let claim = self.stored(hash).await?;
        let signed: Signed<postfach_crypto::statement::EnrolmentClaim> =
            Signed::verify(&claim.bytes).map_err(|_| ServiceError::Damaged)?;
        let keys = self.statements_of(&List::Party(signed.address)).await?;
        Ok(ClaimView { claim, keys })
    }

    /// An envelope, for its sender and its recipient. Age headers of registered mail are withheld
    /// from the recipient until handover, and of mail whose provision ended, by withdrawal, unread or by
    /// deletion, for good.
    pub async fn envelope_view(
        &self,
        reader: &Reader,
        header: StatementHash,
    ) -> Result<EnvelopeView, ServiceError> {
        let (delivery, _) = self.readable(reader, header).await?;
        let entries = self.statements_of(&List::Envelope(header)).await?;
        let handed_over = delivery.has(Event::ContentHandover);
        let served = match self.check_served(reader, &delivery).await {
            Ok(()) => true,
            Err(ServiceError::Deleted | ServiceError::MailboxClosed) => false,
            Err(error) => return Err(error),
        };
        let open = reader.address == delivery.header.sender
            || (delivery.withdrawal.is_none()
                && !delivery.provision_ended()
                && (handed_over || delivery.header.class == DeliveryClass::Ordinary));
        let age_headers = if open && served {
            Some(
                self.age_headers(header, delivery.header.parts.len())
                    .await?,
            )
        } else {
            None
        };
        Ok(EnvelopeView {
            head: self.head_over(Subject::Envelope(header), &entries),
            entries,
            age_headers,
        })
    }

    async fn age_headers(
        &self,
        header: StatementHash,
        parts: usize,
    ) -> Result<Vec<Bytes>, ServiceError> {
        let mut age_headers = Vec::with_capacity(parts);
        for index in 0..u32::try_from(parts).map_err(|_| ServiceError::Damaged)? {
            let part = self.store.part(&header, index).await?;
            age_headers.push(part.ok_or(ServiceError::Damaged)?.age_header);
        }
        Ok(age_headers)
    }

    /// A part's payload, for the envelope's sender and recipient, unless it is not served any more.
    pub async fn part(
        &self,
        reader: &Reader,
        header: StatementHash,
        index: u32,
        range: Option<Range<u64>>,
    ) -> Result<PartView, ServiceError> {
        let (delivery, _) = self.readable(reader, header).await?;
        self.check_served(reader, &delivery).await?;
        let part = self.store.part(&header, index).await?;
        let length = part.ok_or(ServiceError::UnknownEnvelope)?.payload_length;
        let range = range.unwrap_or(0..length);
        let stream = self.store.payload(&header, index, range).await?;
        Ok(PartView {
            length,
            stream: stream.ok_or(ServiceError::UnknownEnvelope)?,
        })
    }

    /// How long a part's payload is, for the envelope's sender and recipient.
    pub async fn part_length(
        &self,
        reader: &Reader,
        header: StatementHash,
        index: u32,
    ) -> Result<u64, ServiceError> {
        let (delivery, _) = self.readable(reader, header).await?;
        self.check_served(reader, &delivery).await?;
        let part = self.store.part(&header, index).await?;
        Ok(part.ok_or(ServiceError::UnknownEnvelope)?.payload_length)
    }

    async fn readable(
        &self,
        reader: &Reader,
        header: StatementHash,
    ) -> Result<(crate::fold::Delivery, u64), ServiceError> {
        let (delivery, count) = self.delivery(header).await?;
        if reader.address == delivery.header.sender || reader.address == delivery.header.recipient {
            Ok((delivery, count))
        } else {
            Err(ServiceError::UnknownEnvelope)
        }
    }

    /// All statements of a list, with their places in the log.
    pub(super) async fn statements_of(
        &self,
        list: &List,
    ) -> Result<Vec<LoggedStatement>, ReadError> {
        let mut statements = Vec::new();
        loop {
            let hashes = self
                .store
                .entries(list, statements.len() as u64, MAX_ENTRIES)
                .await?;
            if hashes.is_empty() {
                return Ok(statements);
            }
            for hash in &hashes {
                let stored = self.store.statement(hash).await?;
                let stored = stored.ok_or(ReadError::Io {
                    reason: "a listed statement is missing".into(),
                })?;
                statements.push(LoggedStatement {
                    bytes: stored.bytes,
                    position: stored.position,
                    receipt: None,
                });
            }
        }
    }

    /// One statement that must be there.
    pub(super) async fn stored(
        &self,
        hash: &StatementHash,
    ) -> Result<LoggedStatement, ServiceError> {
        let stored = self.store.statement(hash).await?;
        let stored = stored.ok_or(ServiceError::UnknownReference)?;
        Ok(LoggedStatement {
            bytes: stored.bytes,
            position: stored.position,
            receipt: None,
        })
    }

    /// All statements of a list, each with the receipt that answers it.
    async fn receipted(&self, list: &List) -> Result<Vec<LoggedStatement>, ServiceError> {
        let mut statements = self.statements_of(list).await?;
        for statement in &mut statements {
            self.add_receipt(statement).await?;
        }
        Ok(statements)
    }

    pub(super) async fn add_receipt(
        &self,
        statement: &mut LoggedStatement,
    ) -> Result<(), ServiceError> {
        let answers = List::Answer(StatementHash::of(&statement.bytes));
        if let Some(receipt) = self.store.entries(&answers, 0, 1).await?.first() {
            statement.receipt = Some(self.stored(receipt).await?.bytes);
        }
        Ok(())
    }

    /// Signs the head over exactly these entries, which are the whole list.
    fn head_over(&self, subject: Subject, entries: &[LoggedStatement]) -> Bytes {
        let hashes: Vec<_> = entries
            .iter()
            .map(|entry| StatementHash::of(&entry.bytes))
            .collect();
        self.sign_head(subject, postfach_crypto::statement::ListHead::of(&hashes))
    }
}
