//! Consents and their revocation.

use postfach_crypto::ids::Address;
use postfach_crypto::statement::{Consent, ConsentRevocation, Role, Signed, Subject};
use postfach_storage::List;

use super::enrolment::check_room;
use super::plan::{Plan, keys_of};
use super::{Accepted, Service, ServiceError};

impl Service {
    pub(super) async fn consent(
        &self,
        consent: &Signed<Consent>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(consent, || {
            Box::pin(async {
                let (citizen, authority) = (consent.citizen, consent.authority);
                let party = self.party(citizen).await?;
                party.allows(&consent.signer(), Role::Administer, self.now())?;
                let mut relied_on = vec![keys_of(&party)];
                if let Some(authority) = authority {
                    let (_, count) = self.certified(authority).await?;
                    relied_on.push((List::Certified(authority), count));
                }
                let (relation, count) = self.relation(citizen, authority).await?;
                if relation
                    .consent_in_force(consent.class, self.now())
                    .is_some()
                {
                    return Err(ServiceError::AlreadyConsented);
                }
                check_room(count)?;
                let mut plan = consent_plan(citizen, authority, count);
                plan.relied_on.extend(relied_on);
                Ok(plan)
            })
        })
        .await
    }

    pub(super) async fn consent_revocation(
        &self,
        revocation: &Signed<ConsentRevocation>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(revocation, || {
            Box::pin(async {
                let (citizen, authority) = (revocation.citizen, revocation.authority);
                let party = self.party(citizen).await?;
                party.allows(&revocation.signer(), Role::Administer, self.now())?;
                let (relation, count) = self.relation(citizen, authority).await?;
                match relation
                    .consents
                    .iter()
                    .find(|(consent, _)| consent.hash() == revocation.consent)
                {
                    Some((_, None)) => {
                        Ok(consent_plan(citizen, authority, count).resting_on(&party))
                    }
                    Some(_) => Err(ServiceError::AlreadyEnded),
                    None => Err(ServiceError::UnknownReference),
                }
            })
        })
        .await
    }
}

fn consent_plan(citizen: Address, authority: Option<Address>, count: u64) -> Plan {
    let list = List::Relation(citizen, authority);
    Plan {
        joins: vec![list],
        relied_on: vec![(list, count)],
        concerns: std::iter::once(citizen).chain(authority).collect(),
        subject: Some(Subject::Relation(citizen, authority)),
        ..Plan::acceptance()
    }
}
