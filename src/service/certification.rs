//! Certificates of authorities and the operator's delegations.

use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::operator::OperatorError;
use postfach_crypto::statement::{
    Certificate, CertificateRevocation, Delegation, Genesis, Signed, Subject,
};
use postfach_storage::List;

use super::plan::Plan;
use super::{Accepted, Service, ServiceError};
use crate::fold::Certification;

impl Service {
    pub(super) async fn certificate(
        &self,
        certificate: &Signed<Certificate>,
    ) -> Result<Accepted, ServiceError> {
        self.operator.certificate(certificate.bytes())?;
        self.accept(certificate, || {
            Box::pin(async {
                let party = self.party(certificate.subject).await?;
                let (_, count) = self.certification(certificate.subject).await?;
                Ok(certification_plan(certificate.subject, count).resting_on(&party))
            })
        })
        .await
    }

    pub(super) async fn certificate_revocation(
        &self,
        revocation: &Signed<CertificateRevocation>,
    ) -> Result<Accepted, ServiceError> {
        self.operator.revocation(revocation.bytes())?;
        self.accept(revocation, || {
            Box::pin(async {
                let (certification, count) = self.certification(revocation.subject).await?;
                match certification
                    .certificates
                    .iter()
                    .find(|(certificate, _)| certificate.hash() == revocation.certificate)
                {
                    Some((_, None)) => Ok(certification_plan(revocation.subject, count)),
                    Some(_) => Err(ServiceError::AlreadyEnded),
                    None => Err(ServiceError::UnknownReference),
                }
            })
        })
        .await
    }

    /// The first statement of the log: everything that the operator's word rests on follows it.
    pub(super) async fn genesis(
        &self,
        genesis: &Signed<Genesis>,
    ) -> Result<Accepted, ServiceError> {
        if genesis.signer() != self.operator.root() {
            return Err(ServiceError::Operator(OperatorError::ForeignRoot));
        }
        self.accept(genesis, || {
            Box::pin(async {
                match self.store.tree_head().await?.size {
                    0 => Ok(Plan::acceptance()),
                    _ => Err(ServiceError::AlreadyEnded),
                }
            })
        })
        .await
    }

    pub(super) async fn delegation(
        &self,
        delegation: &Signed<Delegation>,
    ) -> Result<Accepted, ServiceError> {
        if delegation.signer() != self.operator.root() {
            return Err(ServiceError::Operator(OperatorError::ForeignRoot));
        }
        self.accept(delegation, || {
            Box::pin(async {
                Ok(Plan {
                    joins: vec![List::Delegations],
                    ..Plan::acceptance()
                })
            })
        })
        .await
    }

    /// The certificate in force of an authority, with the length of its list.
    pub(super) async fn certified(
        &self,
        authority: Address,
    ) -> Result<(StatementHash, u64), ServiceError> {
        let (certification, count) = self.certification(authority).await?;
        certification
            .in_force(self.now())
            .map(|certificate| (certificate.hash(), count))
            .ok_or(ServiceError::NotCertified)
    }

    /// All certificates of a party, with the length of their list.
    pub(super) async fn certification(
        &self,
        party: Address,
    ) -> Result<(Certification, u64), ServiceError> {
        let head = self.store.head(&List::Certified(party)).await?;
        if head.count == 0 {
            return Ok((Certification::default(), 0)); // a person: nothing to read or remember
        }
        if let Some(certification) = self.certifications.recall(&party, head) {
            return Ok((certification, head.count));
        }
        let stored = self.statements_of(&List::Certified(party)).await?;
        let bytes: Vec<_> = stored.iter().map(|statement| &statement.bytes).collect();
        let certification =
            Certification::fold(party, &bytes).map_err(|_| ServiceError::Damaged)?;
        if stored.len() as u64 == head.count {
            self.certifications.keep(party, head, &certification);
        }
        Ok((certification, stored.len() as u64))
    }
}

fn certification_plan(subject: Address, count: u64) -> Plan {
    Plan {
        joins: vec![List::Certified(subject), List::Certificates],
        relied_on: vec![(List::Certified(subject), count)],
        concerns: [subject].into(),
        subject: Some(Subject::Certified(subject)),
        ..Plan::acceptance()
    }
}
