//! The mailbox: what arrived, who it is from, and what was said of each letter since.
//!
//! Invariant: an envelope is shown only with the whole list that the server's signed head speaks
//! of, and with every receipt about it that is kept here; otherwise the server is named.
//!
//! Absent: opening a letter ([`super::read`]), and who may say what of it (`trust`).
//! Specification: docs/format/http.md.

use postfach_crypto::ids::StatementHash;
use postfach_crypto::statement::{DeliveryClass, EnvelopeHeader, Receipt, Signed, Subject};

use super::error::{ClientError, Dishonest};
use super::lists::OwnList;
use super::session::{Receipted, Session, statements};
use super::trust::Acquaintance;
use crate::api::resources::EnvelopeResource;
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
    pub(super) async fn check_incoming(
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
}

impl KnownEnvelope {
    /// What this party said of the envelope before, with the receipt that it got.
    pub(super) fn said(&self, statement: StatementHash) -> Option<Receipted> {
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

pub(super) fn raw(headers: &[crate::api::resources::Base64]) -> Vec<Vec<u8>> {
    headers.iter().map(|header| header.0.clone()).collect()
}
