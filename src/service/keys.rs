//! Key statements: a party appears, rotates, recovers, changes its signers.

use postfach_crypto::ids::Address;
use postfach_crypto::party::Party;
use postfach_crypto::statement::{KeyStatement, Signed, Subject};
use postfach_storage::List;

use super::plan::Plan;
use super::{Accepted, Service, ServiceError};

impl Service {
    pub(super) async fn key_statement(
        &self,
        statement: &Signed<KeyStatement>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(statement, || {
            Box::pin(async {
                let address = statement.address;
                if statement.home.is_some() {
                    return Err(ServiceError::ReservedField("home"));
                }
                let known = self.party_if_known(address).await?;
                let relied_on = match (known, statement.number) {
                    (None, 0) => {
                        Party::start(statement.clone())?;
                        0
                    }
                    (Some(_), 0) => return Err(ServiceError::SecondKeyStatement),
                    (None, _) => return Err(ServiceError::UnknownParty),
                    (Some(party), _) => {
                        let count = party.head().count;
                        party.apply(statement.clone())?;
                        count
                    }
                };
                Ok(Plan {
                    joins: vec![List::Party(address)],
                    relied_on: vec![(List::Party(address), relied_on)],
                    concerns: [address].into(),
                    subject: Some(Subject::Party(address)),
                    ..Plan::acceptance()
                })
            })
        })
        .await
    }

    /// The party with this address.
    pub(super) async fn party(&self, address: Address) -> Result<Party, ServiceError> {
        self.party_if_known(address)
            .await?
            .ok_or(ServiceError::UnknownParty)
    }

    pub(super) async fn party_if_known(
        &self,
        address: Address,
    ) -> Result<Option<Party>, ServiceError> {
        let head = self.store.head(&List::Party(address)).await?;
        if let Some(party) = self.parties.recall(&address, head) {
            return Ok(Some(party));
        }
        let stored = self.statements_of(&List::Party(address)).await?;
        if stored.is_empty() {
            return Ok(None);
        }
        let statements = stored
            .iter()
            .map(|statement| Signed::verify(&statement.bytes))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| ServiceError::Damaged)?;
        let party = Party::from_history(address, statements).map_err(|_| ServiceError::Damaged)?;
        self.parties.keep(address, party.head(), &party);
        Ok(Some(party))
    }
}
