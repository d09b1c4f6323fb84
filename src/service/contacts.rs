//! Where parties want to be notified of mail.
//!
//! Invariant: the newest statement counts, and an address in it can be written to. Absent: any
//! proof that the address belongs to the party, and the address in errors.

use postfach_crypto::ids::Address;
use postfach_crypto::statement::{Contact, Role, Signed, Subject};
use postfach_storage::List;

use super::plan::Plan;
use super::{Accepted, Service, ServiceError};
use crate::mail_address::MailAddress;

/// Most changes of a party's contact; ending notifications is possible after that, too.
const MAX_CONTACTS: u64 = 1000;

impl Service {
    pub(super) async fn contact(
        &self,
        contact: &Signed<Contact>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(contact, || {
            Box::pin(async {
                let party = self.party(contact.party).await?;
                party.allows(&contact.signer(), Role::Administer, self.now())?;
                let (newest, count) = self.newest_contact(contact.party).await?;
                match &contact.email {
                    Some(email) => {
                        MailAddress::parse(email).ok_or(ServiceError::BadMailAddress)?;
                        if count >= MAX_CONTACTS {
                            return Err(ServiceError::ContactsFull);
                        }
                    }
                    None if newest.is_none_or(|newest| newest.email.is_none()) => {
                        return Err(ServiceError::AlreadyEnded);
                    }
                    None => {}
                }
                let list = List::Contact(contact.party);
                let plan = Plan {
                    joins: vec![list],
                    relied_on: vec![(list, count)],
                    concerns: [contact.party].into(),
                    subject: Some(Subject::Contact(contact.party)),
                    ..Plan::acceptance()
                };
                Ok(plan.resting_on(&party))
            })
        })
        .await
    }

    /// What a party said last of where to notify it, and how often it said something.
    pub(super) async fn newest_contact(
        &self,
        party: Address,
    ) -> Result<(Option<Signed<Contact>>, u64), ServiceError> {
        let list = List::Contact(party);
        let count = self.store.head(&list).await?.count;
        let Some(last) = count.checked_sub(1) else {
            return Ok((None, 0));
        };
        let entries = self.store.entries(&list, last, 1).await?;
        let hash = entries.first().ok_or(ServiceError::Damaged)?;
        let stored = self.stored(hash).await?;
        let contact = Signed::verify(&stored.bytes).map_err(|_| ServiceError::Damaged)?;
        Ok((Some(contact), count))
    }
}
