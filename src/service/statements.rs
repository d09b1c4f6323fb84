//! The one door for every signed write that is not mail.

use postfach_crypto::statement::{Kind, Signed, VerifyError, kind_of};

use super::{Accepted, Service, ServiceError};

impl Service {
    /// Accepts a statement of any kind that clients may submit, or says why not.
    pub async fn submit_statement(&self, bytes: &[u8]) -> Result<Accepted, ServiceError> {
        let kind = kind_of(bytes).map_err(VerifyError::Envelope)?;
        match kind {
            Kind::Key => self.key_statement(&Signed::verify(bytes)?).await,
            Kind::EnrolmentClaim => self.enrolment_claim(&Signed::verify(bytes)?).await,
            Kind::EnrolmentRefusal => self.enrolment_refusal(&Signed::verify(bytes)?).await,
            Kind::Binding => self.binding(&Signed::verify(bytes)?).await,
            Kind::BindingWithdrawal => self.binding_withdrawal(&Signed::verify(bytes)?).await,
            Kind::Succession => self.succession(&Signed::verify(bytes)?).await,
            Kind::Objection => self.objection(&Signed::verify(bytes)?).await,
            Kind::Consent => self.consent(&Signed::verify(bytes)?).await,
            Kind::ConsentRevocation => self.consent_revocation(&Signed::verify(bytes)?).await,
            Kind::Contact => self.contact(&Signed::verify(bytes)?).await,
            Kind::Closure => self.closure(&Signed::verify(bytes)?).await,
            Kind::Certificate => self.certificate(&Signed::verify(bytes)?).await,
            Kind::CertificateRevocation => {
                self.certificate_revocation(&Signed::verify(bytes)?).await
            }
            Kind::Genesis => self.genesis(&Signed::verify(bytes)?).await,
            Kind::Delegation => self.delegation(&Signed::verify(bytes)?).await,
            Kind::HandoverRequest => self.handover_request(&Signed::verify(bytes)?).await,
            Kind::Access => self.access(&Signed::verify(bytes)?).await,
            Kind::Failure => self.failure(&Signed::verify(bytes)?).await,
            Kind::Acceptance => self.acceptance(&Signed::verify(bytes)?).await,
            Kind::Rejection => self.rejection(&Signed::verify(bytes)?).await,
            Kind::Deletion => self.deletion(&Signed::verify(bytes)?).await,
            Kind::Withdrawal => self.withdrawal(&Signed::verify(bytes)?).await,
            // Envelopes have their own door, mandates are reserved, the rest is the server's.
            Kind::EnvelopeHeader | Kind::Mandate | Kind::Bundle | Kind::Receipt | Kind::Head => {
                Err(ServiceError::WrongDoor(kind))
            }
        }
    }
}
