//! Enrolment: claims, refusals, bindings, and how bindings end.

use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::party::Party;
use postfach_crypto::statement::{
    Binding, BindingWithdrawal, EnrolmentClaim, EnrolmentRefusal, Objection, Role, Signed, Subject,
    Succession,
};
use postfach_storage::List;

use super::plan::{Plan, keys_of};
use super::{Accepted, Service, ServiceError};
use crate::fold::{ClaimAnswer, Objected, Relation};

/// Most claims that name one activation code: typing happens on paper, not here.
const MAX_CLAIMS_PER_CODE: u64 = 5;
/// Most claims of one address towards one issuer that were not answered with a binding.
const MAX_FAILED_CLAIMS: usize = 5;
/// Entries of a relation list from which on nothing new begins; what stands may still be ended.
const MAX_RELATION: u64 = 512;

impl Service {
    pub(super) async fn enrolment_claim(
        &self,
        claim: &Signed<EnrolmentClaim>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(claim, || {
            Box::pin(async {
                let (issuer, address) = (claim.issuer, claim.address);
                let claimant = self.party(address).await?;
                claimant.allows(&claim.signer(), Role::Administer, self.now())?;
                if claim.key_statement != claimant.first() {
                    return Err(ServiceError::UnknownReference);
                }
                let (_, certification) = self.certified(issuer).await?;
                let (relation, relation_count) = self.relation(address, Some(issuer)).await?;
                if relation.binding_in_force(self.now()).is_some() {
                    return Err(ServiceError::AlreadyBound);
                }
                check_room(relation_count)?;
                let failed =
                    |(_, answer): &&(_, ClaimAnswer)| !matches!(answer, ClaimAnswer::Bound(_));
                let code = List::Code(issuer, claim.code_id);
                let code_count = self.store.head(&code).await?.count;
                if code_count >= MAX_CLAIMS_PER_CODE
                    || relation.claims.iter().filter(failed).count() >= MAX_FAILED_CLAIMS
                {
                    return Err(ServiceError::TooManyClaims);
                }
                let relation_list = List::Relation(address, Some(issuer));
                Ok(Plan {
                    joins: vec![List::Claims(issuer), code, relation_list],
                    relied_on: vec![
                        (code, code_count),
                        (relation_list, relation_count),
                        (List::Certified(issuer), certification),
                        keys_of(&claimant),
                    ],
                    concerns: [issuer, address].into(),
                    subject: Some(Subject::Relation(address, Some(issuer))),
                    ..Plan::acceptance()
                })
            })
        })
        .await
    }

    pub(super) async fn enrolment_refusal(
        &self,
        refusal: &Signed<EnrolmentRefusal>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(refusal, || {
            Box::pin(async {
                let issuer = self.check_register(refusal.issuer, refusal).await?;
                let (relation, count) =
                    self.relation(refusal.address, Some(refusal.issuer)).await?;
                check_open_claim(&relation, refusal.claim)?;
                let mut plan = relation_plan(refusal.address, refusal.issuer, count);
                plan.joins.push(List::ClaimAnswer(refusal.claim));
                Ok(plan.resting_on(&issuer))
            })
        })
        .await
    }

    pub(super) async fn binding(
        &self,
        binding: &Signed<Binding>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(binding, || {
            Box::pin(async {
                let issuer = self.check_register(binding.issuer, binding).await?;
                let (certificate, certification) = self.certified(binding.issuer).await?;
                let person = self.party(binding.address).await?;
                if binding.key_statement != person.first() {
                    return Err(ServiceError::UnknownReference);
                }
                let (relation, count) =
                    self.relation(binding.address, Some(binding.issuer)).await?;
                if relation.binding_in_force(self.now()).is_some() {
                    return Err(ServiceError::AlreadyBound);
                }
                check_room(count)?;
                let mut plan = relation_plan(binding.address, binding.issuer, count);
                plan.joins.push(List::Bindings(binding.address));
                if let Some(claim) = binding.claim {
                    check_open_claim(&relation, claim)?;
                    plan.joins.push(List::ClaimAnswer(claim));
                }
                plan.relied_on
                    .push((List::Certified(binding.issuer), certification));
                plan.certificate = Some(certificate);
                Ok(plan.resting_on(&issuer).resting_on(&person))
            })
        })
        .await
    }

    pub(super) async fn binding_withdrawal(
        &self,
        withdrawal: &Signed<BindingWithdrawal>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(withdrawal, || {
            Box::pin(async {
                let issuer = self.check_register(withdrawal.issuer, withdrawal).await?;
                let (relation, count) = self
                    .relation(withdrawal.address, Some(withdrawal.issuer))
                    .await?;
                match relation.binding_in_force(self.now()) {
                    Some(binding) if binding.hash() == withdrawal.binding => {
                        let plan = relation_plan(withdrawal.address, withdrawal.issuer, count);
                        Ok(plan.resting_on(&issuer))
                    }
                    _ => Err(ServiceError::BindingNotInForce),
                }
            })
        })
        .await
    }

    /// The old address's binding ends, mail goes to the new one, unless the old keys object.
    pub(super) async fn succession(
        &self,
        succession: &Signed<Succession>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(succession, || {
            Box::pin(async {
                let (issuer, old, new) = (succession.issuer, succession.old, succession.new);
                let party = self.check_register(issuer, succession).await?;
                let (before, before_count) = self.relation(old, Some(issuer)).await?;
                let (after, after_count) = self.relation(new, Some(issuer)).await?;
                let bound =
                    |relation: &Relation| relation.binding_in_force(self.now()).map(Signed::hash);
                if bound(&before).is_none() || bound(&after) != Some(succession.binding) {
                    return Err(ServiceError::BindingNotInForce);
                }
                let mut plan = relation_plan(new, issuer, after_count);
                plan.joins.push(List::Relation(old, Some(issuer)));
                plan.relied_on
                    .push((List::Relation(old, Some(issuer)), before_count));
                plan.concerns.insert(old);
                Ok(plan.resting_on(&party))
            })
        })
        .await
    }

    pub(super) async fn objection(
        &self,
        objection: &Signed<Objection>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(objection, || {
            Box::pin(async {
                let party = self.party(objection.address).await?;
                party.allows(&objection.signer(), Role::Administer, self.now())?;
                let named = self.stored(&objection.succession).await;
                let named: Signed<Succession> = named
                    .ok()
                    .and_then(|stored| Signed::verify(&stored.bytes).ok())
                    .ok_or(ServiceError::UnknownReference)?;
                if named.old != objection.address {
                    return Err(ServiceError::UnknownReference);
                }
                if self.now() >= named.objection_until {
                    return Err(ServiceError::ObjectionTooLate);
                }
                let (relation, count) = self.relation(named.old, Some(named.issuer)).await?;
                let (_, new_count) = self.relation(named.new, Some(named.issuer)).await?;
                if relation.successions.iter().any(|(known, objected)| {
                    known.hash() == named.hash() && *objected == Objected::Yes
                }) {
                    return Err(ServiceError::AlreadyEnded);
                }
                let mut plan = relation_plan(named.old, named.issuer, count);
                plan.joins
                    .push(List::Relation(named.new, Some(named.issuer)));
                plan.relied_on
                    .push((List::Relation(named.new, Some(named.issuer)), new_count));
                plan.concerns.insert(named.new);
                Ok(plan.resting_on(&party))
            })
        })
        .await
    }

    async fn check_register<S: postfach_crypto::statement::Statement>(
        &self,
        issuer: Address,
        statement: &Signed<S>,
    ) -> Result<Party, ServiceError> {
        let party = self.party(issuer).await?;
        party.allows(&statement.signer(), Role::Register, self.now())?;
        Ok(party)
    }

    /// The relation between a citizen and an authority, or all, with its length.
    pub(super) async fn relation(
        &self,
        citizen: Address,
        authority: Option<Address>,
    ) -> Result<(Relation, u64), ServiceError> {
        let stored = self
            .statements_of(&List::Relation(citizen, authority))
            .await?;
        let bytes: Vec<_> = stored.iter().map(|statement| &statement.bytes).collect();
        let relation = Relation::fold(&bytes).map_err(|_| ServiceError::Damaged)?;
        Ok((relation, stored.len() as u64))
    }
}

/// Whether something new may begin in a relation list of this length.
pub(super) fn check_room(count: u64) -> Result<(), ServiceError> {
    if count < MAX_RELATION {
        Ok(())
    } else {
        Err(ServiceError::RelationFull)
    }
}

fn check_open_claim(relation: &Relation, claim: StatementHash) -> Result<(), ServiceError> {
    match relation
        .claims
        .iter()
        .find(|(known, _)| known.hash() == claim)
    {
        Some((_, ClaimAnswer::Open)) => Ok(()),
        Some(_) => Err(ServiceError::ClaimAnswered),
        None => Err(ServiceError::UnknownReference),
    }
}

fn relation_plan(citizen: Address, authority: Address, count: u64) -> Plan {
    let list = List::Relation(citizen, Some(authority));
    Plan {
        joins: vec![list],
        relied_on: vec![(list, count)],
        concerns: [citizen, authority].into(),
        subject: Some(Subject::Relation(citizen, Some(authority))),
        ..Plan::acceptance()
    }
}
