//! Heads: whether the file holds each list as far as the server's newest word of it goes.

use serde_bytes::ByteBuf;

use super::moment::Moment;
use super::parties::head_of;
use super::report::{Cause, CheckName, Gap};
use super::verify::{Shortfall, Verification, needs};
use crate::ids::{Address, UnixMillis};
use crate::statement::{Head, Signed, Subject};

impl Verification<'_> {
    /// Each list is as long as the server's newest head of it says.
    /// Answers until when the envelope's list is known.
    pub(super) fn heads(
        &mut self,
        readable: Result<(), Shortfall>,
        submitted: Option<Moment>,
    ) -> Option<UnixMillis> {
        let evidence = self.evidence;
        let heads = needs(self.operator.as_ref(), CheckName::Operator).and_then(|operator| {
            evidence
                .heads
                .iter()
                .map(|bytes| operator.head(bytes))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| Cause::Operator(error).into())
        });
        let heads = self.report.make(CheckName::HeadSignature, heads);
        let heads = needs(heads.as_deref(), CheckName::HeadSignature);
        let submitted = submitted.map(|moment| moment.time);
        let complete = |subject, list: &[ByteBuf]| check_complete(heads?, subject, list, submitted);
        let envelope = readable
            .and_then(|()| complete(Subject::Envelope(self.header.hash()), &evidence.entries));
        let sender = complete(Subject::Party(self.header.sender), &evidence.sender);
        let recipient = complete(Subject::Party(self.header.recipient), &evidence.recipient);
        let relation = self.complete_relations(&complete);
        let certificates = self.report.certificate.as_ref().map(|certificate| {
            complete(
                Subject::Certified(certificate.subject),
                &evidence.certificates,
            )
        });
        let known_until = self.report.make(CheckName::EnvelopeComplete, envelope);
        self.report.make(CheckName::SenderKeysComplete, sender);
        self.report
            .make(CheckName::RecipientKeysComplete, recipient);
        if self.header.binding.is_some() || self.header.consent.is_some() {
            self.report.make(CheckName::RelationComplete, relation);
        }
        if let Some(certificates) = certificates {
            self.report
                .make(CheckName::CertificatesComplete, certificates);
        }
        known_until
    }

    /// The lists that the named binding and consent stand in.
    fn complete_relations(
        &self,
        complete: &impl Fn(Subject, &[ByteBuf]) -> Result<UnixMillis, Shortfall>,
    ) -> Result<(), Shortfall> {
        let (citizen, evidence) = (self.header.recipient, self.evidence);
        if let (Some(_), Some(issuer)) = (self.header.binding, &evidence.issuer) {
            let address = issuer_address(issuer.keys.first())?;
            complete(Subject::Relation(citizen, Some(address)), &issuer.relation)?;
        }
        let sender = Subject::Relation(citizen, Some(self.header.sender));
        if evidence.issuer.is_none() || !evidence.relation.is_empty() {
            complete(sender, &evidence.relation)?;
        }
        if !evidence.relation_all.is_empty() {
            complete(Subject::Relation(citizen, None), &evidence.relation_all)?;
        }
        Ok(())
    }
}

/// The address of the first key statement, by its own word; the binding check verified it.
fn issuer_address(first: Option<&ByteBuf>) -> Result<Address, Shortfall> {
    let first = first.ok_or(Gap::IssuerKeys)?;
    Signed::<crate::statement::KeyStatement>::verify(first)
        .map(|statement| statement.address)
        .map_err(|error| Cause::Statement(error).into())
}

/// Compares a list with every head of it: none may contradict, the newest must count all of it,
/// and it must be no older than the submission. Answers the newest one's time.
fn check_complete(
    heads: &[Signed<Head>],
    subject: Subject,
    list: &[ByteBuf],
    submitted: Option<UnixMillis>,
) -> Result<UnixMillis, Shortfall> {
    let known = head_of(list);
    let mut whole: Option<UnixMillis> = None;
    for head in heads.iter().filter(|head| head.subject == subject) {
        let counted = head.head.count;
        let same = usize::try_from(counted)
            .ok()
            .and_then(|count| known.get(count));
        match same {
            None => {
                let given = list.len() as u64;
                return Err(Cause::EntriesDropped { counted, given }.into());
            }
            Some(known) if *known != head.head => return Err(Cause::OtherEntries.into()),
            Some(_) if counted == list.len() as u64 => {
                whole = whole.max(Some(head.context.time));
            }
            Some(_) => {}
        }
    }
    match (whole, submitted) {
        (None, _) => Err(Gap::Head.into()),
        (Some(time), Some(submitted)) if time < submitted => Err(Gap::HeadTooOld.into()),
        (Some(time), _) => Ok(time),
    }
}
