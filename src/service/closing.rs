//! Closing a mailbox, and what closed mailboxes may still say and see: the one place that decides.
//!
//! Invariants: a closure stands among what the citizen said to every authority, so an authority sees
//! it beside the consents that it ends; each plan rests on that list for every party whose keys it
//! rests on, so nothing is accepted past a closure that was committed meanwhile; the 30 days run from
//! the closure's receipt, by the server's clock. Absent: any way back, and erasure from the disk.
//! Specification: docs/format/statements.md, "closure".

use postfach_crypto::ids::{Address, UnixMillis};
use postfach_crypto::statement::{Closing, Closure, Kind, Receipt, Role, Signed, Subject};
use postfach_storage::List;

use super::plan::{Plan, keys_of};
use super::{Accepted, Reader, Service, ServiceError};
use crate::fold::Delivery;

impl Service {
    pub(super) async fn closure(
        &self,
        closure: &Signed<Closure>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(closure, || {
            Box::pin(async {
                let citizen = closure.citizen;
                let party = self.party(citizen).await?;
                party.allows(&closure.signer(), Role::Administer, self.now())?;
                if self.is_certified(citizen).await? {
                    return Err(ServiceError::AuthorityCloses);
                }
                let (relation, count) = self.relation(citizen, None).await?;
                if relation.closure.is_some() {
                    return Err(ServiceError::MailboxClosed);
                }
                let list = List::Relation(citizen, None);
                Ok(Plan {
                    joins: vec![list],
                    relied_on: vec![
                        (list, count),
                        (List::Certified(citizen), 0),
                        keys_of(&party),
                    ],
                    concerns: [citizen].into(),
                    subject: Some(Subject::Relation(citizen, None)),
                    ..Plan::acceptance()
                })
            })
        })
        .await
    }

    /// How far a mailbox has closed, and how long the list is that says so.
    pub(super) async fn closing(&self, party: Address) -> Result<(Closing, u64), ServiceError> {
        let (relation, count) = self.relation(party, None).await?;
        let at = match &relation.closure {
            Some(closure) => Some(self.closed_at(closure).await?),
            None => None,
        };
        Ok((Closing::of(at, self.now()), count))
    }

    async fn closed_at(&self, closure: &Signed<Closure>) -> Result<UnixMillis, ServiceError> {
        let answers = List::Answer(closure.hash());
        let answers = self.store.entries(&answers, 0, 1).await?;
        let receipt = self.stored(answers.first().ok_or(ServiceError::Damaged)?);
        let receipt: Signed<Receipt> =
            Signed::verify(&receipt.await?.bytes).map_err(|_| ServiceError::Damaged)?;
        Ok(receipt.context.time)
    }

    /// Refuses what a party says after closing its mailbox, or is told there, and has the plan rest
    /// on its not being closed. A plan rests on the keys of whom it concerns, which names them here.
    pub(super) async fn check_closings(
        &self,
        kind: Kind,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let lists: Vec<List> = plan.relied_on.iter().map(|(list, _)| *list).collect();
        for list in &lists {
            let List::Party(party) = *list else { continue };
            let (closing, count) = self.closing(party).await?;
            if !closing.allows(kind) {
                return Err(ServiceError::MailboxClosed);
            }
            let general = List::Relation(party, None);
            if !lists.contains(&general) {
                plan.relied_on.push((general, count));
            }
        }
        Ok(())
    }

    /// Whether a mailbox takes anything new.
    pub(super) async fn check_open(&self, party: Address) -> Result<(), ServiceError> {
        match self.closing(party).await? {
            (Closing::Open, _) => Ok(()),
            _ => Err(ServiceError::MailboxClosed),
        }
    }

    /// Whether a letter's content is served to this reader: not to a recipient who deleted it, and to
    /// nobody whose mailbox was closed too long ago.
    pub(super) async fn check_served(
        &self,
        reader: &Reader,
        delivery: &Delivery,
    ) -> Result<(), ServiceError> {
        if delivery.deletion.is_some() && reader.address() == delivery.header.recipient {
            return Err(ServiceError::Deleted);
        }
        match self.closing(reader.address()).await? {
            (Closing::Over, _) => Err(ServiceError::MailboxClosed),
            _ => Ok(()),
        }
    }
}
