//! All checks in order. Each is one line here and one function below or beside.

use serde_bytes::ByteBuf;

use super::delivery::{self, Delivery};
use super::parties::{Accepted, KeyHistory, head_of};
use super::relation::{self, Relations};
use super::report::{Cause, Check, CheckName, Gap, NotShown, Outcome, Report};
use super::{Evidence, Policy, content};
use crate::ids::{Address, UnixMillis};
use crate::operator::Operator;
use crate::statement::{
    Binding, Context, DeliveryClass, EnvelopeHeader, Event, Head, Receipt, Signed, Subject,
};

/// Why a check did not pass.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shortfall {
    Failed(Cause),
    NotProven(Gap),
}

impl From<Cause> for Shortfall {
    fn from(cause: Cause) -> Self {
        Self::Failed(cause)
    }
}

impl From<Gap> for Shortfall {
    fn from(gap: Gap) -> Self {
        Self::NotProven(gap)
    }
}

/// Statements count for one log only.
pub(super) fn check_origin(context: &Context, origin: &str) -> Result<(), Shortfall> {
    if context.origin == origin {
        Ok(())
    } else {
        Err(Cause::OtherOrigin.into())
    }
}

/// Verifies an evidence file against what the verifier knows beforehand.
///
/// The report lists only checks that apply to this envelope. When the header's own signature does
/// not hold, nothing further is checked.
pub fn verify(evidence: &Evidence, policy: &Policy) -> Report {
    let mut report = Report {
        checks: Vec::with_capacity(CheckName::ALL.len()),
        timeline: Vec::new(),
        disputed: Vec::new(),
        not_shown: Vec::new(),
        header: None,
        binding: None,
        certificate: None,
        manifest: None,
    };
    let operator = report.make(CheckName::Operator, operator(evidence, policy));
    let header = report.make(CheckName::HeaderSignature, header(evidence, policy));
    if let Some(header) = header {
        report.header = Some(header.clone());
        Verification {
            evidence,
            origin: &policy.origin,
            header: &header,
            operator,
            report: &mut report,
        }
        .run();
    }
    report
}

impl Report {
    /// Records a check and hands on what it found.
    fn make<T>(&mut self, name: CheckName, result: Result<T, Shortfall>) -> Option<T> {
        let (outcome, found) = match result {
            Ok(found) => (Outcome::Passed, Some(found)),
            Err(Shortfall::Failed(cause)) => (Outcome::Failed(cause), None),
            Err(Shortfall::NotProven(gap)) => (Outcome::NotProven(gap), None),
        };
        self.checks.push(Check { name, outcome });
        found
    }
}

fn operator(evidence: &Evidence, policy: &Policy) -> Result<Operator, Shortfall> {
    if evidence.root != policy.root {
        return Err(Cause::ForeignRoot.into());
    }
    if evidence.origin != policy.origin {
        return Err(Cause::OtherOrigin.into());
    }
    Operator::new(&policy.origin, policy.root, &evidence.delegations)
        .map_err(|error| Cause::Operator(error).into())
}

fn header(evidence: &Evidence, policy: &Policy) -> Result<Signed<EnvelopeHeader>, Shortfall> {
    let bytes = evidence.entries.first().map_or(&[][..], |bytes| bytes);
    let header: Signed<EnvelopeHeader> = Signed::verify(bytes).map_err(Cause::Statement)?;
    check_origin(&header.context, &policy.origin)?;
    Ok(header)
}

/// A verification whose header's signature holds.
struct Verification<'a> {
    evidence: &'a Evidence,
    origin: &'a str,
    header: &'a Signed<EnvelopeHeader>,
    operator: Option<Operator>,
    report: &'a mut Report,
}

/// Result of a check that another check must precede.
fn needs<T>(value: Option<T>, check: CheckName) -> Result<T, Shortfall> {
    value.ok_or(Gap::Needs(check).into())
}

impl Verification<'_> {
    fn run(mut self) {
        let header = self.header;
        let evidence = self.evidence;
        let accepted = self.accepted();
        let mut history = |name, address, list| {
            let verified = KeyHistory::verify(address, list, self.origin, &accepted.0);
            self.report.make(name, verified)
        };
        let sender = history(CheckName::SenderKeyHistory, header.sender, &evidence.sender);
        let recipient = history(
            CheckName::RecipientKeyHistory,
            header.recipient,
            &evidence.recipient,
        );
        let (sender, recipient) = (sender.as_ref(), recipient.as_ref());

        let delivery = Delivery::read(&evidence.entries[1..], self.origin, self.operator.as_ref());
        let signed = needs(self.operator.as_ref(), CheckName::Operator)
            .and(accepted.1)
            .and(delivery.check_receipts());
        let receipts_signed = self.report.make(CheckName::ReceiptSignature, signed);
        let said = delivery.check_statements(header, sender, recipient);
        let statement_failed = matches!(said, Err(Shortfall::Failed(_)));
        self.report.make(CheckName::AnsweredStatements, said);
        let readable = needs(receipts_signed, CheckName::ReceiptSignature).and(needs(
            (!statement_failed).then_some(()),
            CheckName::AnsweredStatements,
        ));
        let chain = readable.and_then(|()| delivery.check_chain(header));
        let chain = self.report.make(CheckName::ReceiptChain, chain);
        let chained = needs(chain, CheckName::ReceiptChain);
        let times = chained.and_then(|()| delivery.check_times());
        self.report.make(CheckName::ReceiptTimes, times);
        let submission = chained.and_then(|()| delivery.submission(header));
        let submission = self.report.make(CheckName::Submission, submission);

        self.keys(sender, recipient, submission);
        self.binding(sender, recipient, &accepted.0, submission);
        self.certificate(submission);
        self.delivered(&delivery, recipient, chained);
        self.heads(readable, submission);
        self.opened();

        self.report.timeline = delivery.timeline(header.hash());
        self.report.disputed = delivery.disputed();
        self.report.not_shown = self.not_shown(&delivery, submission);
    }

    /// When other statements were accepted, and whether all those receipts hold.
    fn accepted(&self) -> (Accepted, Result<(), Shortfall>) {
        let Some(operator) = &self.operator else {
            return (Accepted::new(), Ok(()));
        };
        match delivery::accepted(&self.evidence.receipts, operator) {
            Ok(accepted) => (accepted, Ok(())),
            Err(error) => (Accepted::new(), Err(Cause::Operator(error).into())),
        }
    }

    /// Who signed, with keys of when.
    fn keys(
        &mut self,
        sender: Option<&KeyHistory>,
        recipient: Option<&KeyHistory>,
        submission: Option<&Signed<Receipt>>,
    ) {
        let header = self.header;
        let sender = needs(sender, CheckName::SenderKeyHistory);
        let recipient = needs(recipient, CheckName::RecipientKeyHistory);
        let submitted =
            needs(submission, CheckName::Submission).map(|receipt| receipt.context.time);
        let current = |history: Result<&KeyHistory, Shortfall>, named| {
            let position = history?.position(&named)?;
            history?.check_current(position, submitted?)
        };
        let sender_keys = current(sender, header.sender_keys);
        self.report.make(CheckName::SenderKeys, sender_keys);
        let recipient_keys = current(recipient, header.recipient_keys);
        self.report.make(CheckName::RecipientKeys, recipient_keys);
        let role = sender.and_then(|sender| {
            if header.signer != header.signer() {
                return Err(Cause::OtherSigner.into());
            }
            let named = sender.at(sender.position(&header.sender_keys)?);
            let time = submitted?;
            named
                .allows(&header.signer, crate::statement::Role::Send, time)
                .map_err(|error| Cause::NotAllowed(error).into())
        });
        self.report.make(CheckName::SignerRole, role);
        let seen = sender.and_then(|sender| {
            let position = sender.position(&header.sender_keys)?;
            sender.check_seen(position, header.sender_head)
        });
        self.report.make(CheckName::SenderHead, seen);
    }

    /// Binding and consent, where the header names them.
    fn binding(
        &mut self,
        sender: Option<&KeyHistory>,
        recipient: Option<&KeyHistory>,
        accepted: &Accepted,
        submission: Option<&Signed<Receipt>>,
    ) {
        let relations =
            needs(recipient, CheckName::RecipientKeyHistory).map(|recipient| Relations {
                header: self.header,
                origin: self.origin,
                accepted,
                recipient,
            });
        let submitted =
            needs(submission, CheckName::Submission).map(|receipt| receipt.context.time);
        if let Some(hash) = self.header.binding {
            let list = binding_list(self.evidence);
            let (header, evidence, origin) = (self.header, self.evidence, self.origin);
            let issuer = |binding: &Binding| issuer(evidence, header, binding, origin, accepted);
            let binding = needs(sender, CheckName::SenderKeyHistory)
                .and(relations.as_ref().map_err(|gap| *gap))
                .and_then(|relations| relations.binding(hash, list, issuer))
                .and_then(|binding| {
                    if binding.issuer == header.sender {
                        Ok(binding)
                    } else {
                        Err(Gap::Certificate.into()) // the file has room for the parties' alone
                    }
                });
            let binding = self.report.make(CheckName::Binding, binding);
            let in_force = needs(binding.as_ref(), CheckName::Binding).and_then(|binding| {
                let issuer = issuer(binding)?;
                let relations = relations.as_ref().map_err(|gap| *gap)?;
                relations.check_binding_in_force(binding, list, &issuer, submitted?)?;
                match submission.and_then(|receipt| receipt.binding) {
                    Some(_) => Ok(()), // the submission check compared it
                    None => Err(Gap::BindingNotChecked.into()),
                }
            });
            self.report.make(CheckName::BindingInForce, in_force);
            self.report.binding = binding;
        }
        let needs_consent = self.header.binding.is_some()
            && (self.header.class == DeliveryClass::Registered || self.header.legal_rule.is_some());
        if needs_consent && self.header.consent.is_none() {
            self.report
                .make::<()>(CheckName::Consent, Err(Gap::ConsentNotNamed.into()));
        }
        if let Some(hash) = self.header.consent {
            let lists = [
                self.evidence.relation.as_slice(),
                &self.evidence.relation_all,
            ];
            let consent =
                relations.and_then(|relations| relations.check_consent(hash, &lists, submitted?));
            self.report.make(CheckName::Consent, consent);
        }
    }

    fn certificate(&mut self, submission: Option<&Signed<Receipt>>) {
        let Some((hash, time)) =
            submission.and_then(|receipt| Some((receipt.certificate?, receipt.context.time)))
        else {
            return;
        };
        let certificate = needs(self.operator.as_ref(), CheckName::Operator).and_then(|operator| {
            let list = &self.evidence.certificates;
            relation::certificate(hash, list, self.header, operator, time)
        });
        self.report.certificate = self.report.make(CheckName::Certificate, certificate);
    }

    /// Handover and access, where they happened; age headers, where there are or must be some.
    fn delivered(
        &mut self,
        delivery: &Delivery,
        recipient: Option<&KeyHistory>,
        chained: Result<(), Shortfall>,
    ) {
        let handed_over = delivery.happened(Event::ContentHandover);
        if handed_over {
            let answered = chained.and_then(|()| delivery.check_handover(self.header));
            self.report
                .make(CheckName::HandoverAnswersRequest, answered);
        }
        let age_headers = &self.evidence.age_headers;
        let must = handed_over && self.header.class == DeliveryClass::Registered;
        if must || !age_headers.is_empty() {
            let same = needs(recipient, CheckName::RecipientKeyHistory).and_then(|recipient| {
                if age_headers.is_empty() {
                    return Err(Gap::AgeHeaders.into());
                }
                content::check_age_headers(self.header, age_headers, recipient)
            });
            self.report.make(CheckName::AgeHeaders, same);
        }
        if let Some(access) = delivery.check_access(self.header) {
            self.report.make(CheckName::Access, access);
        }
    }

    /// Each list is as long as the server's newest head of it says.
    fn heads(&mut self, readable: Result<(), Shortfall>, submission: Option<&Signed<Receipt>>) {
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
        let submitted = submission.map(|receipt| receipt.context.time);
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
        self.report.make(CheckName::EnvelopeComplete, envelope);
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
    }

    /// The lists that the named binding and consent stand in.
    fn complete_relations(
        &self,
        complete: &impl Fn(Subject, &[ByteBuf]) -> Result<(), Shortfall>,
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

    fn opened(&mut self) {
        if let Some(opened) = &self.evidence.opened {
            let manifest = content::open(self.header, &self.evidence.age_headers, opened);
            self.report.manifest = self.report.make(CheckName::OpenedContent, manifest);
        }
    }

    fn not_shown(
        &self,
        delivery: &Delivery,
        submission: Option<&Signed<Receipt>>,
    ) -> Vec<NotShown> {
        let header = self.header;
        let certified = self.report.certificate.as_ref().map(|it| it.subject);
        let notified = delivery.happened(Event::ConsignmentNotification)
            && !delivery.happened(Event::ConsignmentNotificationFailure);
        let handed_over = delivery.happened(Event::ContentHandover);
        let accessed = delivery.happened(Event::ContentAccessTracking);
        let manifest = self.report.manifest.as_ref();
        let applies = |item: &NotShown| match item {
            NotShown::IndependentTime
            | NotShown::LogInclusion
            | NotShown::LaterEvents
            | NotShown::LegalDate => true,
            NotShown::AbilityToDecrypt => submission.is_some() && !accessed,
            NotShown::Handover => !handed_over,
            NotShown::PersonRead => true,
            NotShown::Notification => !notified,
            NotShown::PersonBehindBinding => header.binding.is_some(),
            NotShown::RecipientIdentity => {
                header.binding.is_none() && certified != Some(header.recipient)
            }
            NotShown::AuthorityIdentity => certified.is_none(),
            NotShown::Consent => header.consent.is_none(),
            NotShown::Content => manifest.is_none(),
            NotShown::Attachments => header.parts.len() > 1,
        };
        NotShown::ALL.iter().copied().filter(applies).collect()
    }
}

/// The list in which the binding stands: that of the issuer, who mostly is the sender.
fn binding_list(evidence: &Evidence) -> &[ByteBuf] {
    match &evidence.issuer {
        Some(issuer) => &issuer.relation,
        None => &evidence.relation,
    }
}

/// The keys of the binding's issuer.
fn issuer(
    evidence: &Evidence,
    header: &EnvelopeHeader,
    binding: &Binding,
    origin: &str,
    accepted: &Accepted,
) -> Result<KeyHistory, Shortfall> {
    let keys = match &evidence.issuer {
        Some(issuer) => &issuer.keys,
        None if binding.issuer == header.sender => &evidence.sender,
        None => return Err(Gap::IssuerKeys.into()),
    };
    KeyHistory::verify(binding.issuer, keys, origin, accepted)
}

/// The address of the first key statement, by its own word; the binding check verified it.
fn issuer_address(first: Option<&ByteBuf>) -> Result<Address, Shortfall> {
    let first = first.ok_or(Gap::IssuerKeys)?;
    Signed::<crate::statement::KeyStatement>::verify(first)
        .map(|statement| statement.address)
        .map_err(|error| Cause::Statement(error).into())
}

/// Compares a list with every head of it: none may contradict, the newest must count all of it,
/// and it must be no older than the submission.
fn check_complete(
    heads: &[Signed<Head>],
    subject: Subject,
    list: &[ByteBuf],
    submitted: Option<UnixMillis>,
) -> Result<(), Shortfall> {
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
        (Some(_), _) => Ok(()),
    }
}
