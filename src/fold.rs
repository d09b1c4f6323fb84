//! State as folds over append-only lists: pure functions from statements to what is in force.
//!
//! Server and client use the same folds, so they cannot disagree on what a list means.

use postfach_crypto::deadline::rules::ENDS_UNREAD;
use postfach_crypto::ids::{Address, StatementHash, UnixMillis};
use postfach_crypto::statement::{
    Acceptance, Access, AssuranceLevel, Binding, BindingWithdrawal, Certificate,
    CertificateRevocation, Closure, Consent, ConsentClass, ConsentRevocation, Deletion,
    EnrolmentClaim, EnrolmentRefusal, EnvelopeHeader, Event, Failure, HandoverRequest, Invalid,
    Kind, Objection, Receipt, RefusalReason, Rejection, Signed, Succession, VerifyError,
    Withdrawal, kind_of,
};

/// What stands between a citizen and an authority, or all authorities.
#[derive(Debug, Clone, Default)]
pub struct Relation {
    /// Claims, with how they were answered.
    pub claims: Vec<(Signed<EnrolmentClaim>, ClaimAnswer)>,
    /// Bindings with their end, if any.
    pub bindings: Vec<(Signed<Binding>, Option<BindingEnd>)>,
    /// Consents, with the hash of their revocation, if any.
    pub consents: Vec<(Signed<Consent>, Option<StatementHash>)>,
    /// The citizen's closing of the mailbox; stands only where no authority is meant.
    pub closure: Option<Signed<Closure>>,
    /// Successions from or to the citizen, with whether the old keys objected.
    pub successions: Vec<(Signed<Succession>, Objected)>,
    /// How many bindings stood before each succession: it ends none that came later.
    bound_before: Vec<usize>,
}

/// How a claim was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimAnswer {
    /// Not yet.
    Open,
    /// With a binding.
    Bound(StatementHash),
    /// With a refusal.
    Refused(RefusalReason),
}

/// How a binding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingEnd {
    /// The issuer withdrew it.
    Withdrawn(StatementHash),
    /// The issuer named a new address.
    Succeeded(Address),
}

/// Whether the old keys objected to a succession.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objected {
    /// They did not.
    No,
    /// They did.
    Yes,
}

impl Relation {
    /// Folds the statements of a relation list, in log order.
    pub fn fold<B: AsRef<[u8]>>(statements: &[B]) -> Result<Self, VerifyError> {
        let mut relation = Self::default();
        for bytes in statements {
            relation.apply(bytes.as_ref())?;
        }
        Ok(relation)
    }

    fn apply(&mut self, bytes: &[u8]) -> Result<(), VerifyError> {
        match kind_of(bytes).map_err(VerifyError::Envelope)? {
            Kind::EnrolmentClaim => {
                self.claims
                    .push((Signed::verify(bytes)?, ClaimAnswer::Open));
            }
            Kind::EnrolmentRefusal => {
                let refusal: Signed<EnrolmentRefusal> = Signed::verify(bytes)?;
                self.answer(refusal.claim, ClaimAnswer::Refused(refusal.reason));
            }
            Kind::Binding => {
                let binding: Signed<Binding> = Signed::verify(bytes)?;
                if let Some(claim) = binding.claim {
                    self.answer(claim, ClaimAnswer::Bound(binding.hash()));
                }
                self.bindings.push((binding, None));
            }
            Kind::BindingWithdrawal => {
                let withdrawal: Signed<BindingWithdrawal> = Signed::verify(bytes)?;
                for (binding, end) in &mut self.bindings {
                    if binding.hash() == withdrawal.binding {
                        *end = Some(BindingEnd::Withdrawn(withdrawal.hash()));
                    }
                }
            }
            Kind::Succession => {
                let succession: Signed<Succession> = Signed::verify(bytes)?;
                self.successions.push((succession, Objected::No));
                self.bound_before.push(self.bindings.len());
            }
            Kind::Objection => {
                let objection: Signed<Objection> = Signed::verify(bytes)?;
                for (succession, objected) in &mut self.successions {
                    if succession.hash() == objection.succession {
                        *objected = Objected::Yes;
                    }
                }
            }
            Kind::Consent => self.consents.push((Signed::verify(bytes)?, None)),
            Kind::ConsentRevocation => {
                let revocation: Signed<ConsentRevocation> = Signed::verify(bytes)?;
                for (consent, end) in &mut self.consents {
                    if consent.hash() == revocation.consent {
                        *end = Some(revocation.hash());
                    }
                }
            }
            Kind::Closure => self.closure = Some(Signed::verify(bytes)?),
            _ => return Err(VerifyError::Kind),
        }
        Ok(())
    }

    fn answer(&mut self, claim: StatementHash, answer: ClaimAnswer) {
        for (known, state) in &mut self.claims {
            if known.hash() == claim {
                *state = answer;
            }
        }
    }

    /// How `binding` ended, by withdrawal or by a succession that nobody objected to.
    pub fn end_of(&self, binding: &Signed<Binding>) -> Option<BindingEnd> {
        let position = self
            .bindings
            .iter()
            .position(|(known, _)| known.hash() == binding.hash())?;
        self.bindings[position].1.or_else(|| {
            self.successions
                .iter()
                .zip(&self.bound_before)
                .find(|((succession, objected), before)| {
                    position < **before
                        && succession.old == binding.address
                        && *objected == Objected::No
                })
                .map(|((succession, _), _)| BindingEnd::Succeeded(succession.new))
        })
    }

    /// The binding in force, if any. One that a disputed succession introduced is not.
    pub fn binding_in_force(&self, now: UnixMillis) -> Option<&Signed<Binding>> {
        self.bindings
            .iter()
            .map(|(binding, _)| binding)
            .rev()
            .find(|binding| {
                let expired = binding.until.is_some_and(|until| until <= now);
                let disputed = self.successions.iter().any(|(succession, objected)| {
                    succession.binding == binding.hash() && *objected == Objected::Yes
                });
                !expired && !disputed && self.end_of(binding).is_none()
            })
    }

    /// The consent of this class in force, if any: towards the authority of this relation, or in
    /// `general` towards every one. Who closes the mailbox revokes them all.
    pub fn consent_or_general<'r>(
        &'r self,
        general: &'r Self,
        class: ConsentClass,
        now: UnixMillis,
    ) -> Option<&'r Signed<Consent>> {
        if general.closure.is_some() {
            return None;
        }
        let found = self.consent_in_force(class, now);
        found.or_else(|| general.consent_in_force(class, now))
    }

    /// The consent of this class in force in this list alone, if any.
    pub fn consent_in_force(
        &self,
        class: ConsentClass,
        now: UnixMillis,
    ) -> Option<&Signed<Consent>> {
        self.consents
            .iter()
            .rev()
            .find(|(consent, end)| end.is_none() && consent.class == class && consent.from <= now)
            .map(|(consent, _)| consent)
    }

    /// The assurance level of the binding in force.
    pub fn assurance(&self, now: UnixMillis) -> Option<AssuranceLevel> {
        self.binding_in_force(now).map(|binding| binding.assurance)
    }
}

/// Certificates of one party with their revocation, if any.
#[derive(Debug, Clone, Default)]
pub struct Certification {
    /// Certificates in log order.
    pub certificates: Vec<(Signed<Certificate>, Option<StatementHash>)>,
}

impl Certification {
    /// Folds the statements of a certification list, in log order. That the operator signed them
    /// was checked when they were stored; clients check it again by [`Operator::certificate`]. A
    /// certificate of another subject does not belong here and is refused.
    ///
    /// [`Operator::certificate`]: postfach_crypto::operator::Operator::certificate
    pub fn fold<B: AsRef<[u8]>>(subject: Address, statements: &[B]) -> Result<Self, VerifyError> {
        let check = |named: Address| {
            if named == subject {
                Ok(())
            } else {
                Err(Invalid::Contradiction(
                    "the certificate belongs to another party",
                ))
            }
        };
        let mut certification = Self::default();
        for bytes in statements {
            let bytes = bytes.as_ref();
            match kind_of(bytes).map_err(VerifyError::Envelope)? {
                Kind::Certificate => {
                    let certificate: Signed<Certificate> = Signed::verify(bytes)?;
                    check(certificate.subject)?;
                    certification.certificates.push((certificate, None));
                }
                Kind::CertificateRevocation => {
                    let revocation: Signed<CertificateRevocation> = Signed::verify(bytes)?;
                    check(revocation.subject)?;
                    for (certificate, end) in &mut certification.certificates {
                        if certificate.hash() == revocation.certificate {
                            *end = Some(revocation.hash());
                        }
                    }
                }
                _ => return Err(VerifyError::Kind),
            }
        }
        Ok(certification)
    }

    /// The certificate in force, if any.
    pub fn in_force(&self, now: UnixMillis) -> Option<&Signed<Certificate>> {
        self.certificates
            .iter()
            .rev()
            .find(|(certificate, end)| {
                end.is_none() && (certificate.from..certificate.until).contains(&now)
            })
            .map(|(certificate, _)| certificate)
    }
}

/// How far the notification of a recipient got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notification {
    /// A mail system took it; nothing more is known.
    Sent,
    /// The recipient's mail system says that it arrived.
    Delivered,
    /// It could not be sent, or came back.
    Failed,
}

impl Notification {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// An envelope with all that was said of it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The header.
    pub header: Signed<EnvelopeHeader>,
    /// Receipts in order.
    pub receipts: Vec<Signed<Receipt>>,
    /// Requests for handover.
    pub handover_requests: Vec<Signed<HandoverRequest>>,
    /// Access by the recipient.
    pub accesses: Vec<Signed<Access>>,
    /// Failures to open.
    pub failures: Vec<Signed<Failure>>,
    /// The recipient's acceptance.
    pub acceptance: Option<Signed<Acceptance>>,
    /// The recipient's refusal.
    pub rejection: Option<Signed<Rejection>>,
    /// The recipient's deletion.
    pub deletion: Option<Signed<Deletion>>,
    /// The sender's withdrawal.
    pub withdrawal: Option<Signed<Withdrawal>>,
}

impl Delivery {
    /// Folds the statements of an envelope's list: the header first, then the rest in log order.
    pub fn fold<B: AsRef<[u8]>>(statements: &[B]) -> Result<Self, VerifyError> {
        let (first, rest) = statements.split_first().ok_or(VerifyError::Kind)?;
        let mut delivery = Self {
            header: Signed::verify(first.as_ref())?,
            receipts: Vec::new(),
            handover_requests: Vec::new(),
            accesses: Vec::new(),
            failures: Vec::new(),
            acceptance: None,
            rejection: None,
            deletion: None,
            withdrawal: None,
        };
        for bytes in rest {
            let bytes = bytes.as_ref();
            match kind_of(bytes).map_err(VerifyError::Envelope)? {
                Kind::Receipt => delivery.receipts.push(Signed::verify(bytes)?),
                Kind::HandoverRequest => delivery.handover_requests.push(Signed::verify(bytes)?),
                Kind::Access => delivery.accesses.push(Signed::verify(bytes)?),
                Kind::Failure => delivery.failures.push(Signed::verify(bytes)?),
                Kind::Acceptance => delivery.acceptance = Some(Signed::verify(bytes)?),
                Kind::Rejection => delivery.rejection = Some(Signed::verify(bytes)?),
                Kind::Deletion => delivery.deletion = Some(Signed::verify(bytes)?),
                Kind::Withdrawal => delivery.withdrawal = Some(Signed::verify(bytes)?),
                _ => return Err(VerifyError::Kind),
            }
        }
        Ok(delivery)
    }

    /// How far the notification of the recipient got, where there was one.
    pub fn notification(&self) -> Option<Notification> {
        if self.has(Event::ConsignmentNotificationFailure) {
            Some(Notification::Failed)
        } else if self.has(Event::NotificationDelivered) {
            Some(Notification::Delivered)
        } else if self.has(Event::ConsignmentNotification) {
            Some(Notification::Sent)
        } else {
            None
        }
    }

    /// Whether it is settled what becomes of the letter: handed over, refused, withdrawn or expired.
    pub fn decided(&self) -> bool {
        self.has(Event::ContentHandover)
            || self.rejection.is_some()
            || self.withdrawal.is_some()
            || self.has(Event::AcceptanceRejectionExpiry)
    }

    /// Whether provision ended because nobody retrieved the letter in time (VwVfG § 41(2a)).
    pub fn provision_ended(&self) -> bool {
        self.ends_unread() && self.has(Event::AcceptanceRejectionExpiry)
    }

    /// Whether provision ends when nobody retrieves the letter in time.
    pub fn ends_unread(&self) -> bool {
        self.header.legal_rule.as_deref() == Some(ENDS_UNREAD)
    }

    /// Whether a receipt says that this happened.
    pub fn has(&self, event: Event) -> bool {
        self.receipts
            .iter()
            .any(|receipt| receipt.events.contains(&event))
    }
}
