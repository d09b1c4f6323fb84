//! Evidence: everything about one delivery, gathered into a file that a stranger can verify.

use postfach_crypto::age::Header;
use postfach_crypto::evidence::{EVIDENCE_VERSION, Evidence, OpenedPart};
use postfach_crypto::ids::{LeafHash, StatementHash};
use postfach_crypto::statement::{EnvelopeHeader, Signed};
use serde_bytes::ByteBuf;

use super::error::ClientError;
use super::log_record::Places;
pub use super::log_record::cosignature_pending;
use super::session::{KnownParty, Session};
use super::trust::Acquaintance;
use crate::api::resources::Logged;

/// Whether the file shows what the letter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Hashes only.
    Sealed,
    /// Part 0 with its file key: subject, text, and the attachments' hashes.
    Opened,
}

impl Session {
    /// Gathers the evidence about a letter that this party sent or received.
    pub async fn evidence(
        &self,
        hash: StatementHash,
        content: Content,
    ) -> Result<Evidence, ClientError> {
        let envelope = self.envelope(hash).await?;
        let header = &envelope.delivery.header;
        let mut known = Acquaintance::default();
        self.check_envelope(&envelope, &mut known).await?;
        let sender = known.party(self, header.sender).await?.clone();
        let recipient = known.party(self, header.recipient).await?.clone();
        // The authority is the one whose certificate the server checked, whatever is in force now.
        let submission = envelope.delivery.receipts.iter();
        let mut submission = submission.filter(|receipt| receipt.answers == Some(header.hash()));
        let checked = submission.find_map(|receipt| receipt.certificate);
        let certified = |party: &KnownParty| {
            let mut certificates = party.certification.certificates.iter();
            certificates.any(|(certificate, _)| Some(certificate.hash()) == checked)
        };
        let certified = match certified(&recipient) && !certified(&sender) {
            true => &recipient,
            false => &sender,
        };
        let relation = match header.binding {
            Some(_) => {
                let relation = known.relation(self, header.recipient, header.sender);
                Some(relation.await?.resource.clone())
            }
            None => None,
        };
        let certified = &certified.resource;
        let empty: &[Logged] = &[];
        let (related, general) = relation.as_ref().map_or((empty, empty), |r| {
            (r.entries.as_slice(), r.general.as_slice())
        });
        let mut heads = vec![
            &envelope.resource.head,
            &sender.resource.keys_head,
            &recipient.resource.keys_head,
            &certified.certificates_head,
        ];
        if let Some(relation) = &relation {
            heads.extend([&relation.head, &relation.general_head]);
        }
        let receipts = [
            &sender.resource.keys,
            &recipient.resource.keys,
            related,
            general,
            certified.certificates.as_slice(),
        ]
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.receipt.as_ref());
        let receipts: Vec<_> = receipts
            .map(|receipt| ByteBuf::from(receipt.0.clone()))
            .collect();
        let logged = [
            envelope.resource.entries.as_slice(),
            &sender.resource.keys,
            &recipient.resource.keys,
            related,
            general,
            certified.certificates.as_slice(),
        ];
        let places = places(logged.into_iter().flatten());
        let age_headers = envelope.resource.age_headers.as_deref().unwrap_or_default();
        let opened = match content {
            Content::Sealed => None,
            Content::Opened => Some(self.open_part(header, age_headers).await?),
        };
        let mut evidence = Evidence {
            version: EVIDENCE_VERSION,
            origin: self.operator.origin().to_owned(),
            root: self.operator.root(),
            delegations: self
                .operator
                .delegations()
                .iter()
                .map(|delegation| ByteBuf::from(delegation.bytes()))
                .collect(),
            entries: bytes(&envelope.resource.entries),
            sender: bytes(&sender.resource.keys),
            recipient: bytes(&recipient.resource.keys),
            relation: bytes(related),
            relation_all: bytes(general),
            issuer: None,
            certificates: bytes(&certified.certificates),
            receipts,
            heads: heads
                .into_iter()
                .map(|head| ByteBuf::from(head.0.clone()))
                .collect(),
            age_headers: age_headers
                .iter()
                .map(|header| ByteBuf::from(header.0.clone()))
                .collect(),
            opened,
            ext: None,
            log: None,
        };
        evidence.sort();
        evidence.log = Some(self.log_record(&evidence, &places).await?);
        Ok(evidence)
    }

    /// The file key and payload of part 0, which show what the letter says and nothing else.
    async fn open_part(
        &self,
        header: &Signed<EnvelopeHeader>,
        age_headers: &[crate::api::resources::Base64],
    ) -> Result<OpenedPart, ClientError> {
        let first = age_headers.first().ok_or_else(|| {
            ClientError::NotFound("the letter was not handed over yet; read it first".into())
        })?;
        let (parsed, _) = Header::parse(first.as_ref()).map_err(|_| ClientError::NotDecryptable)?;
        let key = parsed.unwrap(&self.keys.openers())?;
        Ok(OpenedPart {
            file_key: *key.disclose(),
            payload: self.small_payload(header, 0).await?,
        })
    }
}

/// Where statements and their receipts stand in the log; a receipt follows what it answers.
fn places<'l>(logged: impl Iterator<Item = &'l Logged>) -> Places {
    let mut places = Places::new();
    for entry in logged {
        places.insert(LeafHash::of(&entry.statement.0), entry.position);
        if let Some(receipt) = &entry.receipt {
            places.insert(LeafHash::of(&receipt.0), entry.position + 1);
        }
    }
    places
}

fn bytes(entries: &[Logged]) -> Vec<ByteBuf> {
    entries
        .iter()
        .map(|entry| ByteBuf::from(entry.statement.0.clone()))
        .collect()
}
