//! The names under which vectors say why something is refused.

use postfach_crypto::codec::DecodeError;
use postfach_crypto::envelope::ManifestError;
use postfach_crypto::evidence::{Cause, EvidenceError};
use postfach_crypto::party::HistoryError;
use postfach_crypto::statement::{Invalid, Kind, Signed, Statement, VerifyError};

/// Verifies a statement of any kind and names the reason of a refusal.
pub fn verify_as(kind: Kind, bytes: &[u8]) -> Result<(), VerifyError> {
    use postfach_crypto::statement as s;
    fn one<S: Statement>(bytes: &[u8]) -> Result<(), VerifyError> {
        Signed::<S>::verify(bytes).map(|_| ())
    }
    match kind {
        Kind::Key => one::<s::KeyStatement>(bytes),
        Kind::EnrolmentClaim => one::<s::EnrolmentClaim>(bytes),
        Kind::EnrolmentRefusal => one::<s::EnrolmentRefusal>(bytes),
        Kind::Binding => one::<s::Binding>(bytes),
        Kind::BindingWithdrawal => one::<s::BindingWithdrawal>(bytes),
        Kind::Succession => one::<s::Succession>(bytes),
        Kind::Objection => one::<s::Objection>(bytes),
        Kind::Consent => one::<s::Consent>(bytes),
        Kind::ConsentRevocation => one::<s::ConsentRevocation>(bytes),
        Kind::Contact => one::<s::Contact>(bytes),
        Kind::Closure => one::<s::Closure>(bytes),
        Kind::Certificate => one::<s::Certificate>(bytes),
        Kind::CertificateRevocation => one::<s::CertificateRevocation>(bytes),
        Kind::Genesis => one::<s::Genesis>(bytes),
        Kind::Delegation => one::<s::Delegation>(bytes),
        Kind::Bundle => one::<s::Bundle>(bytes),
        Kind::Mandate => one::<s::Mandate>(bytes),
        Kind::EnvelopeHeader => one::<s::EnvelopeHeader>(bytes),
        Kind::HandoverRequest => one::<s::HandoverRequest>(bytes),
        Kind::Access => one::<s::Access>(bytes),
        Kind::Failure => one::<s::Failure>(bytes),
        Kind::Acceptance => one::<s::Acceptance>(bytes),
        Kind::Rejection => one::<s::Rejection>(bytes),
        Kind::Deletion => one::<s::Deletion>(bytes),
        Kind::Withdrawal => one::<s::Withdrawal>(bytes),
        Kind::Receipt => one::<s::Receipt>(bytes),
        Kind::Head => one::<s::Head>(bytes),
    }
}

pub fn decode(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::TooLarge { .. } => "too-large",
        DecodeError::TooDeep => "too-deep",
        DecodeError::Framing => "framing",
        DecodeError::Form => "form",
        DecodeError::Shape => "shape",
        DecodeError::NotCanonical => "not-canonical",
    }
}

pub fn rule(error: &Invalid) -> &'static str {
    match error {
        Invalid::Text(_) => "text",
        Invalid::Count(_) => "count",
        Invalid::Order(_) => "order",
        Invalid::Contradiction(_) => "contradiction",
        Invalid::Key(_) => "key",
        Invalid::Range(_) => "range",
        Invalid::CriticalExtension(_) => "critical-extension",
    }
}

pub fn statement(error: &VerifyError) -> String {
    match error {
        VerifyError::Envelope(error) => format!("envelope/{}", decode(error)),
        VerifyError::Kind => "kind".into(),
        VerifyError::Signature(_) => "signature".into(),
        VerifyError::Payload(error) => format!("payload/{}", decode(error)),
        VerifyError::Rule(error) => format!("rule/{}", rule(error)),
    }
}

pub fn manifest(error: &ManifestError) -> String {
    match error {
        ManifestError::Encoding(error) => format!("encoding/{}", decode(error)),
        ManifestError::Rule(error) => format!("rule/{}", rule(error)),
    }
}

pub fn evidence(error: &EvidenceError) -> String {
    match error {
        EvidenceError::Encoding(error) => format!("encoding/{}", decode(error)),
        EvidenceError::Version(_) => "version".into(),
        EvidenceError::Rule(error) => format!("rule/{}", rule(error)),
    }
}

pub fn history(error: &HistoryError) -> &'static str {
    Cause::History(*error).name()
}
