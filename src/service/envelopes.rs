//! Submission of an envelope: everything is checked against current lists, then one commit.

use bytes::Bytes;
use postfach_crypto::codec;
use postfach_crypto::envelope::{BindingError, check_age_headers, check_payload};
use postfach_crypto::ids::{PayloadHash, StatementHash, UploadId};
use postfach_crypto::party::Party;
use postfach_crypto::statement::{
    ConsentClass, DeliveryClass, EnvelopeHeader, Event, PartReference, Role, Signed, Subject,
};
use postfach_storage::{List, NewPart, NewPayload};
use serde::{Deserialize, Serialize};

use super::plan::{Plan, keys_of};
use super::{Accepted, Service, ServiceError};

/// Largest submission that is read: header, age headers, inline payloads.
pub const MAX_SUBMISSION: usize = 8 * 1024 * 1024;

/// An envelope on its way in, as canonical CBOR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The signed header.
    #[serde(with = "serde_bytes")]
    pub header: Vec<u8>,
    /// The parts, in the header's order.
    pub parts: Vec<PartSubmission>,
}

/// One part: its age header, and its payload or the upload that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartSubmission {
    /// The age header.
    #[serde(with = "serde_bytes")]
    pub age_header: Vec<u8>,
    /// The payload, when it is small.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "serde_bytes")]
    pub payload: Option<Vec<u8>>,
    /// The sender's upload that holds it, when it is large.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub upload: Option<UploadId>,
}

/// What the lists say about sender, recipient and what stands between them.
struct Standing {
    certificate: Option<StatementHash>,
    binding: Option<StatementHash>,
    relied_on: Vec<(List, u64)>,
}

impl Service {
    /// Accepts an envelope: after this returns it is in the recipient's mailbox, durably.
    pub async fn submit_envelope(&self, body: &[u8]) -> Result<Accepted, ServiceError> {
        let submission: Submission =
            codec::decode(body, MAX_SUBMISSION).map_err(ServiceError::Submission)?;
        let header: Signed<EnvelopeHeader> = Signed::verify(&submission.header)?;
        self.accept(&header, || Box::pin(self.envelope(&header, &submission)))
            .await
    }

    async fn envelope(
        &self,
        header: &Signed<EnvelopeHeader>,
        submission: &Submission,
    ) -> Result<Plan, ServiceError> {
        check_reserved(header)?;
        let hash = header.hash();
        let id_list = List::EnvelopeId(header.sender, header.envelope_id);
        if self.store.head(&id_list).await?.count > 0 {
            return Err(ServiceError::EnvelopeIdTaken);
        }
        let sender = self.party(header.sender).await?;
        sender.allows(&header.signer(), Role::Send, self.now())?;
        if header.signer != header.signer() {
            return Err(ServiceError::NotAllowed(
                postfach_crypto::party::NotAllowed::UnknownKey,
            ));
        }
        if header.sender_keys != sender.current().hash() || header.sender_head != sender.head() {
            return Err(ServiceError::SupersededSenderKeys);
        }
        let recipient = self.party(header.recipient).await?;
        // Before the consents, which count as revoked: the sender learns what has happened.
        self.check_open(header.recipient).await?;
        if header.recipient_keys != recipient.current().hash() {
            return Err(ServiceError::SupersededRecipientKeys);
        }
        let standing = self.standing(header, &sender, &recipient).await?;
        let stream = List::Stream(header.sender, header.signer().0, header.recipient);
        let stream_count = self.check_previous(header, &stream).await?;
        let parts = check_parts(header, submission, &recipient)?;

        let mut relied_on = standing.relied_on;
        relied_on.extend([(id_list, 0), (stream, stream_count), keys_of(&sender)]);
        let mut joins = vec![
            List::Envelope(hash),
            List::Mailbox(header.recipient),
            List::Sent(header.sender),
            id_list,
            stream,
        ];
        if header.recipient != header.sender {
            relied_on.push(keys_of(&recipient));
            // Whoever writes or is written to can check the other's signatures from now on.
            let acquainted = List::Correspondence(header.sender, header.recipient);
            let count = self.store.head(&acquainted).await?.count;
            relied_on.push((acquainted, count));
            if count == 0 {
                let back = List::Correspondence(header.recipient, header.sender);
                joins.extend([acquainted, back]);
            }
            // Queued in the same transaction, so no letter is accepted whose notification is lost.
            let (contact, count) = self.newest_contact(header.recipient).await?;
            relied_on.push((List::Contact(header.recipient), count));
            if contact.is_some_and(|contact| contact.email.is_some()) {
                joins.push(List::Notify);
            }
        }
        let mut events = vec![Event::SubmissionAcceptance, Event::ContentConsignment];
        if header.acceptance_until.is_some() {
            events.insert(1, Event::NotificationForAcceptance);
            joins.push(List::Acceptance);
        }
        Ok(Plan {
            joins,
            receipt_joins: vec![List::Envelope(hash)],
            relied_on,
            concerns: [header.sender, header.recipient].into(),
            parts,
            events,
            header: Some(hash),
            certificate: standing.certificate,
            binding: standing.binding,
            legal_rule: header.legal_rule.clone(),
            subject: Some(Subject::Envelope(hash)),
            ..Plan::default()
        })
    }

    /// Who may write to whom: an authority to a person it has bound, a person to an authority, an
    /// authority to an authority, and everybody to their own archive.
    async fn standing(
        &self,
        header: &EnvelopeHeader,
        sender: &Party,
        recipient: &Party,
    ) -> Result<Standing, ServiceError> {
        let (from, to) = (sender.address(), recipient.address());
        let mut standing = Standing {
            certificate: None,
            binding: None,
            relied_on: Vec::new(),
        };
        if from == to {
            return match header.binding {
                None => Ok(standing),
                Some(_) => Err(ServiceError::BindingNotInForce),
            };
        }
        let (sender_certification, sender_count) = self.certification(from).await?;
        let (recipient_certification, recipient_count) = self.certification(to).await?;
        let now = self.now();
        let sender_certificate = sender_certification.in_force(now).map(Signed::hash);
        let recipient_certificate = recipient_certification.in_force(now).map(Signed::hash);
        standing.relied_on = vec![
            (List::Certified(from), sender_count),
            (List::Certified(to), recipient_count),
        ];
        standing.certificate = sender_certificate.or(recipient_certificate);
        match (sender_certificate, recipient_certificate) {
            (None, None) if sender_count > 0 || recipient_count > 0 => {
                return Err(ServiceError::NotCertified);
            }
            (None, None) => return Err(ServiceError::NoAuthority),
            (Some(_), None) => self.bound(header, &mut standing).await?,
            (_, Some(_)) if header.binding.is_some() => {
                return Err(ServiceError::BindingNotInForce);
            }
            (_, Some(_)) => {}
        }
        Ok(standing)
    }

    /// An authority writes to a person: its binding must be in force, and a consent where the
    /// delivery needs one (BayDiG Art. 24(1), 25: no consent, no fiction).
    async fn bound(
        &self,
        header: &EnvelopeHeader,
        standing: &mut Standing,
    ) -> Result<(), ServiceError> {
        let (citizen, authority) = (header.recipient, header.sender);
        let (relation, count) = self.relation(citizen, Some(authority)).await?;
        let (general, general_count) = self.relation(citizen, None).await?;
        standing.relied_on.extend([
            (List::Relation(citizen, Some(authority)), count),
            (List::Relation(citizen, None), general_count),
        ]);
        let now = self.now();
        let binding = relation.binding_in_force(now).map(Signed::hash);
        if binding.is_none() || header.binding != binding {
            return Err(ServiceError::BindingNotInForce);
        }
        standing.binding = binding;
        let class = match (header.class, &header.legal_rule) {
            (DeliveryClass::Registered, _) => ConsentClass::Service,
            (DeliveryClass::Ordinary, Some(_)) => ConsentClass::Notification,
            (DeliveryClass::Ordinary, None) => return Ok(()),
        };
        let in_force = [&relation, &general]
            .into_iter()
            .filter_map(|relation| relation.consent_in_force(class, now))
            .any(|consent| Some(consent.hash()) == header.consent);
        if in_force {
            Ok(())
        } else {
            Err(ServiceError::NoConsent)
        }
    }

    /// The header names the last receipted one of its stream, so none can be dropped unnoticed.
    async fn check_previous(
        &self,
        header: &EnvelopeHeader,
        stream: &List,
    ) -> Result<u64, ServiceError> {
        let count = self.store.head(stream).await?.count;
        let last = match count.checked_sub(1) {
            None => None,
            Some(last) => self.store.entries(stream, last, 1).await?.first().copied(),
        };
        if header.previous != last {
            return Err(ServiceError::WrongPrevious);
        }
        Ok(count)
    }
}

/// Fields that no rule covers yet are not receipted.
fn check_reserved(header: &EnvelopeHeader) -> Result<(), ServiceError> {
    match header.reserved_field() {
        Some(field) => Err(ServiceError::ReservedField(field)),
        None => Ok(()),
    }
}

/// Every part is the one that the header names, encrypted to exactly the recipient's keys.
fn check_parts(
    header: &Signed<EnvelopeHeader>,
    submission: &Submission,
    recipient: &Party,
) -> Result<Vec<NewPart>, ServiceError> {
    let age_headers: Vec<_> = submission
        .parts
        .iter()
        .map(|part| &part.age_header)
        .collect();
    check_age_headers(header, &age_headers, recipient.current().recipients.len())?;
    let mut parts = Vec::with_capacity(submission.parts.len());
    for (index, part) in submission.parts.iter().enumerate() {
        let PartReference(_, _, payload_hash, payload_length) = header.parts[index];
        let payload = match (&part.payload, part.upload) {
            (Some(bytes), None) => {
                check_payload(header, index, PayloadHash::of(bytes), bytes.len() as u64)?;
                NewPayload::Inline(Bytes::copy_from_slice(bytes))
            }
            (None, Some(id)) => NewPayload::Upload {
                owner: header.sender,
                id,
                length: payload_length,
                hash: payload_hash,
            },
            _ => return Err(ServiceError::Binding(BindingError::Payload(index))),
        };
        parts.push(NewPart {
            header: header.hash(),
            index: u32::try_from(index).expect("at most MAX_PARTS parts"),
            age_header: Bytes::copy_from_slice(&part.age_header),
            payload,
        });
    }
    Ok(parts)
}
