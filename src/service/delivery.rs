//! What happens to an envelope after submission: handover, access, failure, acceptance, rejection,
//! deletion, withdrawal. Each statement is about one envelope and becomes events in a receipt.

use postfach_crypto::ids::{AgeHeaderHash, StatementHash};
use postfach_crypto::statement::{
    Acceptance, Access, Deletion, DeliveryClass, Event, Failure, HandoverRequest, Kind, ListHead,
    Reason, Rejection, Signed, SignedBy, Statement, Subject, Withdrawal,
};
use postfach_storage::List;

use super::plan::{Plan, keys_of};
use super::{Accepted, Service, ServiceError};
use crate::fold::Delivery;

/// Most statements of the recipient about one envelope, so that its evidence stays readable.
const MAX_RECIPIENT_STATEMENTS: usize = 64;

/// Which side of an envelope speaks.
#[derive(Clone, Copy)]
enum Side {
    Sender,
    Recipient,
}

impl Service {
    pub(super) async fn handover_request(
        &self,
        request: &Signed<HandoverRequest>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(request, || {
            Box::pin(async {
                let (delivery, relied_on) = self
                    .speaks(request.header, Side::Recipient, request)
                    .await?;
                check_same_party(request.recipient == delivery.header.recipient)?;
                if delivery.deletion.is_some() {
                    return Err(ServiceError::Deleted);
                }
                if delivery.withdrawal.is_some() {
                    return Err(ServiceError::Withdrawn);
                }
                if delivery.provision_ended() {
                    return Err(ServiceError::ProvisionEnded);
                }
                if delivery.rejection.is_some() {
                    return Err(ServiceError::AlreadyAnswered);
                }
                let age_headers: Vec<AgeHeaderHash> =
                    delivery.header.parts.iter().map(|part| part.0).collect();
                if request.age_headers != age_headers {
                    return Err(ServiceError::OtherAgeHeaders);
                }
                self.check_seen(&List::Mailbox(request.recipient), request.seen)
                    .await?;
                Ok(delivery_plan(
                    &delivery,
                    relied_on,
                    Event::ContentHandover,
                    None,
                ))
            })
        })
        .await
    }

    pub(super) async fn access(&self, access: &Signed<Access>) -> Result<Accepted, ServiceError> {
        self.accept(access, || {
            Box::pin(async {
                let (delivery, relied_on) =
                    self.speaks(access.header, Side::Recipient, access).await?;
                check_same_party(access.recipient == delivery.header.recipient)?;
                if !delivery.has(Event::ContentHandover) {
                    return Err(ServiceError::NotHandedOver);
                }
                if access.manifest != delivery.header.manifest {
                    return Err(ServiceError::OtherManifest);
                }
                Ok(delivery_plan(
                    &delivery,
                    relied_on,
                    Event::ContentAccessTracking,
                    None,
                ))
            })
        })
        .await
    }

    pub(super) async fn failure(
        &self,
        failure: &Signed<Failure>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(failure, || {
            Box::pin(async {
                let (delivery, relied_on) = self
                    .speaks(failure.header, Side::Recipient, failure)
                    .await?;
                check_same_party(failure.recipient == delivery.header.recipient)?;
                if delivery.withdrawal.is_some() {
                    return Err(ServiceError::Withdrawn);
                }
                if !delivery.has(Event::ContentHandover) {
                    return Err(ServiceError::NotHandedOver);
                }
                let reasons = Some(failure.reasons.clone());
                Ok(delivery_plan(
                    &delivery,
                    relied_on,
                    Event::ContentHandoverFailure,
                    reasons,
                ))
            })
        })
        .await
    }

    pub(super) async fn acceptance(
        &self,
        acceptance: &Signed<Acceptance>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(acceptance, || {
            Box::pin(async {
                let (delivery, relied_on) = self
                    .speaks(acceptance.header, Side::Recipient, acceptance)
                    .await?;
                check_same_party(acceptance.recipient == delivery.header.recipient)?;
                check_unanswered(&delivery)?;
                Ok(delivery_plan(
                    &delivery,
                    relied_on,
                    Event::ConsignmentAcceptance,
                    None,
                ))
            })
        })
        .await
    }

    pub(super) async fn rejection(
        &self,
        rejection: &Signed<Rejection>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(rejection, || {
            Box::pin(async {
                let (delivery, relied_on) = self
                    .speaks(rejection.header, Side::Recipient, rejection)
                    .await?;
                check_same_party(rejection.recipient == delivery.header.recipient)?;
                check_unanswered(&delivery)?;
                if delivery.has(Event::ContentHandover) {
                    return Err(ServiceError::AlreadyHandedOver);
                }
                let reasons = Some(rejection.reasons.clone());
                Ok(delivery_plan(
                    &delivery,
                    relied_on,
                    Event::ConsignmentRejection,
                    reasons,
                ))
            })
        })
        .await
    }

    /// Content is not served to the recipient any more; whatever runs, runs on.
    pub(super) async fn deletion(
        &self,
        deletion: &Signed<Deletion>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(deletion, || {
            Box::pin(async {
                let (delivery, relied_on) = self
                    .speaks(deletion.header, Side::Recipient, deletion)
                    .await?;
                check_same_party(deletion.recipient == delivery.header.recipient)?;
                if delivery.deletion.is_some() {
                    return Err(ServiceError::Deleted);
                }
                let registered = delivery.header.class == DeliveryClass::Registered;
                if registered && !delivery.decided() {
                    return Err(ServiceError::NotDecided);
                }
                Ok(delivery_plan(
                    &delivery,
                    relied_on,
                    Event::EnvelopeDeletion,
                    None,
                ))
            })
        })
        .await
    }

    pub(super) async fn withdrawal(
        &self,
        withdrawal: &Signed<Withdrawal>,
    ) -> Result<Accepted, ServiceError> {
        self.accept(withdrawal, || {
            Box::pin(async {
                let (delivery, relied_on) = self
                    .speaks(withdrawal.header, Side::Sender, withdrawal)
                    .await?;
                check_same_party(withdrawal.sender == delivery.header.sender)?;
                if delivery.withdrawal.is_some() {
                    return Err(ServiceError::AlreadyEnded);
                }
                if delivery.has(Event::ContentHandover) {
                    return Err(ServiceError::AlreadyHandedOver);
                }
                let reasons = Some(withdrawal.reasons.clone());
                Ok(delivery_plan(
                    &delivery,
                    relied_on,
                    Event::EnvelopeWithdrawal,
                    reasons,
                ))
            })
        })
        .await
    }

    /// The envelope, if the signer may speak for this side of it, with what that rests on.
    async fn speaks<S: Statement>(
        &self,
        header: StatementHash,
        side: Side,
        statement: &Signed<S>,
    ) -> Result<(Delivery, Vec<(List, u64)>), ServiceError> {
        let (delivery, count) = self.delivery(header).await?;
        let address = match side {
            Side::Sender => delivery.header.sender,
            Side::Recipient => delivery.header.recipient,
        };
        let SignedBy::Role(role) = S::KIND.signed_by() else {
            return Err(ServiceError::WrongDoor(S::KIND));
        };
        let party = self.party(address).await?;
        party
            .allows(&statement.signer(), role, self.now())
            .map_err(|_| ServiceError::UnknownEnvelope)?;
        // The last thing that is said is never one too many.
        if matches!(side, Side::Recipient)
            && S::KIND != Kind::Deletion
            && said_by_recipient(&delivery) >= MAX_RECIPIENT_STATEMENTS
        {
            return Err(ServiceError::TooManyStatements);
        }
        let relied_on = vec![(List::Envelope(header), count), keys_of(&party)];
        Ok((delivery, relied_on))
    }

    /// An envelope with all that was said of it, and the length of its list.
    pub(super) async fn delivery(
        &self,
        header: StatementHash,
    ) -> Result<(Delivery, u64), ServiceError> {
        let stored = self.statements_of(&List::Envelope(header)).await?;
        if stored.is_empty() {
            return Err(ServiceError::UnknownEnvelope);
        }
        let bytes: Vec<_> = stored.iter().map(|statement| &statement.bytes).collect();
        let delivery = Delivery::fold(&bytes).map_err(|_| ServiceError::Damaged)?;
        Ok((delivery, stored.len() as u64))
    }

    /// What the client last saw must be a prefix of what the server has.
    async fn check_seen(&self, list: &List, seen: ListHead) -> Result<(), ServiceError> {
        let now = self.store.head(list).await?;
        if seen.count > now.count || (seen.count == now.count && seen != now) {
            return Err(ServiceError::SeenHead);
        }
        Ok(())
    }
}

/// How many statements of the recipient the envelope's list holds.
fn said_by_recipient(delivery: &Delivery) -> usize {
    delivery.handover_requests.len()
        + delivery.accesses.len()
        + delivery.failures.len()
        + usize::from(delivery.acceptance.is_some())
        + usize::from(delivery.rejection.is_some())
}

fn check_same_party(same: bool) -> Result<(), ServiceError> {
    if same {
        Ok(())
    } else {
        Err(ServiceError::UnknownEnvelope)
    }
}

fn check_unanswered(delivery: &Delivery) -> Result<(), ServiceError> {
    if delivery.withdrawal.is_some() {
        return Err(ServiceError::Withdrawn);
    }
    if delivery.provision_ended() {
        return Err(ServiceError::ProvisionEnded);
    }
    if delivery.acceptance.is_some() || delivery.rejection.is_some() {
        return Err(ServiceError::AlreadyAnswered);
    }
    Ok(())
}

pub(super) fn delivery_plan(
    delivery: &Delivery,
    relied_on: Vec<(List, u64)>,
    event: Event,
    reasons: Option<Vec<Reason>>,
) -> Plan {
    let header = delivery.header.hash();
    Plan {
        joins: vec![List::Envelope(header)],
        receipt_joins: vec![List::Envelope(header)],
        relied_on,
        not_before: delivery
            .receipts
            .iter()
            .map(|receipt| receipt.context.time)
            .max(),
        concerns: [delivery.header.sender, delivery.header.recipient].into(),
        events: vec![event],
        header: Some(header),
        previous: delivery.receipts.last().map(Signed::hash),
        reasons,
        subject: Some(Subject::Envelope(header)),
        ..Plan::default()
    }
}
