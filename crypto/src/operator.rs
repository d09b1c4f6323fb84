//! What a verifier knows of an operator: its root key, and the working keys it delegated.
//!
//! Invariant: every key in an [`Operator`] was delegated by the pinned root key for that purpose.
//! Nothing else about the operator is trusted. Specification: docs/format/statements.md,
//! "Delegation" and "Certificate".

use crate::ids::UnixMillis;
use crate::keys::VerifyingKey;
use crate::statement::{
    Bundle, Certificate, CertificateRevocation, Delegation, DelegationPurpose, Head, Receipt,
    Signed, VerifyError,
};
use crate::tlog::vkey::KeyNameError;
use crate::tlog::{NoteKey, VerifierKey, epoch_origin};

/// Most delegations that are read.
pub const MAX_DELEGATIONS: usize = 1024;

/// Why the operator's word does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OperatorError {
    /// A statement is malformed or its signature does not hold.
    #[error(transparent)]
    Statement(#[from] VerifyError),
    /// A delegation is not signed by the pinned root key.
    #[error("delegation is not signed by the operator's root key that you pinned")]
    ForeignRoot,
    /// There are more delegations than are read.
    #[error("more than {MAX_DELEGATIONS} delegations")]
    TooMany,
    /// The statement is made for another log.
    #[error("statement is made for another log origin")]
    OtherOrigin,
    /// The signing key was not delegated for this purpose at this time.
    #[error("signed by a key that the operator did not delegate for this purpose at that time")]
    NotDelegated,
}

/// An operator as its root key introduces it.
#[derive(Debug, Clone)]
pub struct Operator {
    origin: String,
    root: VerifyingKey,
    delegations: Vec<Signed<Delegation>>,
}

impl Operator {
    /// Accepts delegations that the pinned root key signed for `origin`.
    pub fn new<B: AsRef<[u8]>>(
        origin: &str,
        root: VerifyingKey,
        delegations: &[B],
    ) -> Result<Self, OperatorError> {
        if delegations.len() > MAX_DELEGATIONS {
            return Err(OperatorError::TooMany);
        }
        let delegations = delegations
            .iter()
            .map(|bytes| {
                let delegation: Signed<Delegation> = Signed::verify(bytes.as_ref())?;
                if delegation.signer() != root {
                    return Err(OperatorError::ForeignRoot);
                }
                if delegation.context.origin != origin {
                    return Err(OperatorError::OtherOrigin);
                }
                Ok(delegation)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            origin: origin.to_owned(),
            root,
            delegations,
        })
    }

    /// The log's origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The root key.
    pub fn root(&self) -> VerifyingKey {
        self.root
    }

    /// The delegations, as signed.
    pub fn delegations(&self) -> &[Signed<Delegation>] {
        &self.delegations
    }

    /// Whether `key` was delegated for `purpose` at `time`.
    pub fn delegated(
        &self,
        key: &VerifyingKey,
        purpose: DelegationPurpose,
        time: UnixMillis,
    ) -> Result<(), OperatorError> {
        self.delegations
            .iter()
            .any(|delegation| {
                delegation.key == *key
                    && delegation.purpose == purpose
                    && (delegation.from..delegation.until).contains(&time)
            })
            .then_some(())
            .ok_or(OperatorError::NotDelegated)
    }

    /// Every key that was ever delegated to sign checkpoints of an epoch of this operator's log.
    /// A checkpoint names no time: ask [`Operator::delegated`] with the time known from elsewhere.
    pub fn checkpoint_keys(&self, epoch: u64) -> Result<Vec<VerifierKey>, KeyNameError> {
        let name = epoch_origin(&self.origin, epoch)?;
        let key = |delegation: &Signed<Delegation>| NoteKey::Ed25519(delegation.key);
        Ok(self
            .delegations
            .iter()
            .filter(|delegation| delegation.purpose == DelegationPurpose::Checkpoint)
            .map(|delegation| VerifierKey::new(name.clone(), key(delegation)))
            .collect())
    }

    /// Accepts a receipt of this operator.
    pub fn receipt(&self, bytes: &[u8]) -> Result<Signed<Receipt>, OperatorError> {
        let receipt: Signed<Receipt> = Signed::verify(bytes)?;
        self.check_origin(&receipt.context.origin)?;
        let time = receipt.context.time;
        self.delegated(&receipt.signer(), DelegationPurpose::Receipt, time)?;
        Ok(receipt)
    }

    /// Accepts a head of this operator.
    pub fn head(&self, bytes: &[u8]) -> Result<Signed<Head>, OperatorError> {
        let head: Signed<Head> = Signed::verify(bytes)?;
        self.check_origin(&head.context.origin)?;
        self.delegated(
            &head.signer(),
            DelegationPurpose::Receipt,
            head.context.time,
        )?;
        Ok(head)
    }

    /// Accepts what this operator's server says of its pages.
    pub fn bundle(&self, bytes: &[u8]) -> Result<Signed<Bundle>, OperatorError> {
        let bundle: Signed<Bundle> = Signed::verify(bytes)?;
        self.check_origin(&bundle.context.origin)?;
        let time = bundle.context.time;
        self.delegated(&bundle.signer(), DelegationPurpose::Receipt, time)?;
        Ok(bundle)
    }

    /// Accepts a certificate of this operator, whether or not it is still in force.
    pub fn certificate(&self, bytes: &[u8]) -> Result<Signed<Certificate>, OperatorError> {
        let certificate: Signed<Certificate> = Signed::verify(bytes)?;
        self.check_origin(&certificate.context.origin)?;
        let time = certificate.context.time;
        self.delegated(
            &certificate.signer(),
            DelegationPurpose::Certification,
            time,
        )?;
        Ok(certificate)
    }

    /// Accepts the revocation of a certificate.
    pub fn revocation(&self, bytes: &[u8]) -> Result<Signed<CertificateRevocation>, OperatorError> {
        let revocation: Signed<CertificateRevocation> = Signed::verify(bytes)?;
        self.check_origin(&revocation.context.origin)?;
        let time = revocation.context.time;
        self.delegated(&revocation.signer(), DelegationPurpose::Certification, time)?;
        Ok(revocation)
    }

    fn check_origin(&self, origin: &str) -> Result<(), OperatorError> {
        if origin == self.origin {
            Ok(())
        } else {
            Err(OperatorError::OtherOrigin)
        }
    }
}
