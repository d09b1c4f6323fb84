//! The envelope's own list: receipts, what they answer, and in what order.

use serde_bytes::ByteBuf;

use super::moment::{Moment, Moments};
use super::parties::KeyHistory;
use super::report::{Cause, Gap, TimelineEntry};
use super::verify::{Shortfall, check_origin};
use crate::deadline::rules::ENDS_UNREAD;
use crate::ids::{Address, AgeHeaderHash, ManifestHash, StatementHash};
use crate::keys::VerifyingKey;
use crate::operator::Operator;
use crate::statement::{
    Acceptance, Access, Context, Deletion, DeliveryClass, EnvelopeHeader, Event, Failure,
    HandoverRequest, Kind, Reason, Receipt, Rejection, Role, Signed, Statement, VerifyError,
    Withdrawal, kind_of,
};

/// A statement about the envelope, its signature verified.
pub(super) struct Said {
    pub(super) kind: Kind,
    pub(super) hash: StatementHash,
    signer: VerifyingKey,
    context: Context,
    header: StatementHash,
    party: Address,
    detail: Detail,
}

/// What a statement adds to naming envelope and party.
enum Detail {
    AgeHeaders(Vec<AgeHeaderHash>),
    Manifest(ManifestHash),
    Reasons(Vec<Reason>),
    None,
}

/// One entry after the header.
enum Entry {
    Receipt(Box<Signed<Receipt>>),
    Said(Box<Said>),
}

/// The envelope's list as far as its signatures hold.
#[derive(Default)]
pub(super) struct Delivery {
    entries: Vec<Entry>,
    receipt_fault: Option<Cause>,
    statement_fault: Option<Cause>,
}

impl Delivery {
    /// Verifies form and signature of every entry after the header. Without an operator, receipts
    /// are left out.
    pub(super) fn read(entries: &[ByteBuf], origin: &str, operator: Option<&Operator>) -> Self {
        let mut delivery = Self::default();
        for bytes in entries {
            match kind_of(bytes) {
                Ok(Kind::Receipt) => match operator.map(|operator| operator.receipt(bytes)) {
                    Some(Ok(receipt)) => delivery.entries.push(Entry::Receipt(Box::new(receipt))),
                    Some(Err(error)) => {
                        delivery.receipt_fault.get_or_insert(Cause::Operator(error));
                    }
                    None => {}
                },
                Ok(kind) => match Said::verify(kind, bytes, origin) {
                    Ok(said) => delivery.entries.push(Entry::Said(Box::new(said))),
                    Err(cause) => {
                        delivery.statement_fault.get_or_insert(cause);
                    }
                },
                Err(error) => {
                    let cause = Cause::Statement(VerifyError::Envelope(error));
                    delivery.statement_fault.get_or_insert(cause);
                }
            }
        }
        delivery
    }

    /// Receipts in order.
    pub(super) fn receipts(&self) -> impl Iterator<Item = &Signed<Receipt>> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Receipt(receipt) => Some(&**receipt),
            Entry::Said(_) => None,
        })
    }

    fn statements(&self) -> impl Iterator<Item = &Said> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Said(said) => Some(&**said),
            Entry::Receipt(_) => None,
        })
    }

    /// When the server accepted a statement.
    fn answered(&self, said: &Said, moments: &Moments) -> Option<Moment> {
        self.receipts()
            .find(|receipt| receipt.answers == Some(said.hash))
            .map(|receipt| moments.of(receipt))
    }

    pub(super) fn check_receipts(&self) -> Result<(), Shortfall> {
        self.receipt_fault.map_or(Ok(()), |cause| Err(cause.into()))
    }

    /// Every statement is about this envelope, by the party whose turn it is, with one of its keys.
    pub(super) fn check_statements(
        &self,
        header: &Signed<EnvelopeHeader>,
        sender: Option<&KeyHistory>,
        recipient: Option<&KeyHistory>,
        moments: &Moments,
    ) -> Result<(), Shortfall> {
        if let Some(cause) = self.statement_fault {
            return Err(cause.into());
        }
        let mut gap = None;
        for said in self.statements() {
            if said.header != header.hash() {
                return Err(Cause::OtherEnvelope.into());
            }
            let (party, history, role) = match said.kind {
                Kind::Withdrawal => (header.sender, sender, Role::Send),
                Kind::Deletion => (header.recipient, recipient, Role::Administer),
                _ => (header.recipient, recipient, Role::Read),
            };
            if said.party != party {
                return Err(Cause::OtherParty.into());
            }
            let Some(history) = history else { continue };
            let accepted = self.answered(said, moments);
            let checked = history.check_signer(&said.signer, role, accepted, said.context.time);
            match checked {
                Err(Shortfall::NotProven(found)) => gap = Some(found),
                other => other?,
            }
        }
        gap.map_or(Ok(()), |gap| Err(gap.into()))
    }

    /// Each receipt names this envelope and the receipt before it, and answers what stands before
    /// it and was not answered; each event fits the statement; nothing is left unanswered.
    pub(super) fn check_chain(&self, header: &Signed<EnvelopeHeader>) -> Result<(), Shortfall> {
        let mut previous = None;
        let mut open: Vec<(StatementHash, Kind)> = vec![(header.hash(), Kind::EnvelopeHeader)];
        let (mut handed_over, mut withdrawn, mut rejected) = (false, false, false);
        let (mut deleted, mut expired) = (false, false);
        for entry in &self.entries {
            let receipt = match entry {
                Entry::Said(said) => {
                    open.push((said.hash, said.kind));
                    continue;
                }
                Entry::Receipt(receipt) => receipt,
            };
            if receipt.header != Some(header.hash()) {
                return Err(Cause::OtherEnvelope.into());
            }
            if receipt.previous != previous {
                return Err(Cause::ChainBroken.into());
            }
            // The first receipt may leave its answer to `header`.
            let first = previous.is_none().then_some(header.hash());
            let answered = match receipt.answers.or(first) {
                Some(hash) => {
                    let position = open.iter().position(|(statement, _)| *statement == hash);
                    Some(open.remove(position.ok_or(Cause::AnswersNothing)?).1)
                }
                None => None,
            };
            for event in &receipt.events {
                if !fits(*event, answered) || !is_asked_for(*event, header, receipt) {
                    return Err(Cause::EventDoesNotFit.into());
                }
                let opened = matches!(
                    event,
                    Event::ContentHandoverFailure | Event::ContentAccessTracking
                );
                handed_over |= *event == Event::ContentHandover
                    || (*event == Event::ContentAccessTracking
                        && receipt.events.contains(&Event::ContentHandover));
                rejected |= *event == Event::ConsignmentRejection;
                expired |= *event == Event::AcceptanceRejectionExpiry;
                withdrawn |= *event == Event::EnvelopeWithdrawal;
                let settled = handed_over || rejected || expired || withdrawn;
                let undecided = header.class == DeliveryClass::Registered && !settled;
                let out_of_order = match event {
                    Event::ContentHandover => deleted,
                    Event::EnvelopeDeletion => undecided,
                    _ => opened && !handed_over,
                };
                if out_of_order || (rejected && handed_over) {
                    return Err(Cause::OutOfOrder.into());
                }
                deleted |= *event == Event::EnvelopeDeletion;
            }
            let accepted = receipt.events.contains(&Event::SubmissionAcceptance);
            let asked = receipt.events.contains(&Event::NotificationForAcceptance);
            if accepted && asked != header.acceptance_until.is_some() {
                return Err(Cause::EventDoesNotFit.into());
            }
            if handed_over && withdrawn {
                return Err(Cause::WithdrawalTooLate.into());
            }
            previous = Some(receipt.hash());
        }
        if previous.is_some() && !open.is_empty() {
            return Err(Cause::StatementWithoutReceipt.into());
        }
        Ok(())
    }

    /// The receipt by which the server accepted the envelope.
    pub(super) fn submission(
        &self,
        header: &Signed<EnvelopeHeader>,
    ) -> Result<&Signed<Receipt>, Shortfall> {
        let first = self.receipts().next().ok_or(Gap::SubmissionReceipt)?;
        if header.reserved_field().is_some() {
            return Err(Cause::ReservedField.into());
        }
        if first.events.contains(&Event::SubmissionRejection) {
            return Err(Cause::SubmissionRejected.into());
        }
        if !first.events.contains(&Event::SubmissionAcceptance) {
            return Err(Gap::SubmissionReceipt.into());
        }
        let other_binding = first.binding.is_some() && first.binding != header.binding;
        let other_rule = first.legal_rule.is_some() && first.legal_rule != header.legal_rule;
        if other_binding || other_rule {
            return Err(Cause::ReceiptContradictsHeader.into());
        }
        Ok(first)
    }

    /// Whether some receipt records the event.
    pub(super) fn happened(&self, event: Event) -> bool {
        self.receipts()
            .any(|receipt| receipt.events.contains(&event))
    }

    /// Every handover answers a request for exactly the age headers that the header names.
    /// Ordinary mail may also be handed over on the recipient's word that it was opened.
    pub(super) fn check_handover(&self, header: &EnvelopeHeader) -> Result<(), Shortfall> {
        let named = header.parts.iter().map(|part| part.0);
        for receipt in self
            .receipts()
            .filter(|receipt| receipt.events.contains(&Event::ContentHandover))
        {
            let answered = self
                .statements()
                .find(|said| receipt.answers == Some(said.hash))
                .ok_or(Cause::HandoverWithoutRequest)?;
            match &answered.detail {
                Detail::AgeHeaders(asked) if asked.iter().copied().eq(named.clone()) => {}
                Detail::Manifest(_) if header.class == DeliveryClass::Ordinary => {}
                _ => return Err(Cause::HandoverWithoutRequest.into()),
            }
        }
        Ok(())
    }

    /// Whether the recipient confirmed access, to the manifest that the header names.
    pub(super) fn check_access(&self, header: &EnvelopeHeader) -> Option<Result<(), Shortfall>> {
        self.statements()
            .filter_map(|said| match said.detail {
                Detail::Manifest(manifest) => Some(manifest == header.manifest),
                _ => None,
            })
            .reduce(|all, this| all && this)
            .map(|same| {
                same.then_some(())
                    .ok_or_else(|| Cause::OtherManifest.into())
            })
    }

    /// The events of a receipt with their reasons; of a failure, those that the recipient gives.
    pub(super) fn reasons<'a>(&'a self, receipt: &'a Receipt) -> &'a [Reason] {
        let answered = self
            .statements()
            .find(|said| receipt.answers == Some(said.hash));
        match answered.map(|said| &said.detail) {
            Some(Detail::Reasons(reasons)) => reasons,
            _ => receipt.reasons.as_deref().unwrap_or_default(),
        }
    }

    /// Why the recipient says that the content could not be opened.
    pub(super) fn disputed(&self) -> Vec<Reason> {
        self.statements()
            .filter(|said| said.kind == Kind::Failure)
            .filter_map(|said| match &said.detail {
                Detail::Reasons(reasons) => Some(reasons.clone()),
                _ => None,
            })
            .flatten()
            .collect()
    }

    /// What happened, in order.
    pub(super) fn timeline(&self, header: StatementHash) -> Vec<TimelineEntry> {
        let kind_by = |hash: StatementHash| {
            if hash == header {
                return Some(Kind::EnvelopeHeader);
            }
            self.statements()
                .find(|said| said.hash == hash)
                .map(|said| said.kind)
        };
        self.receipts()
            .flat_map(|receipt| {
                receipt.events.iter().map(move |event| TimelineEntry {
                    event: *event,
                    time: receipt.context.time,
                    receipt: receipt.hash(),
                    // The first receipt may leave its answer to `header`.
                    answers: receipt
                        .answers
                        .or(receipt.header.filter(|_| receipt.previous.is_none()))
                        .and_then(kind_by),
                    reasons: receipt.reasons.clone().unwrap_or_default(),
                })
            })
            .collect()
    }
}

impl Said {
    fn verify(kind: Kind, bytes: &[u8], origin: &str) -> Result<Self, Cause> {
        let said = match kind {
            Kind::HandoverRequest => Self::of::<HandoverRequest>(bytes, |request| {
                let asked = Detail::AgeHeaders(request.age_headers.clone());
                (request.header, request.recipient, asked)
            }),
            Kind::Access => Self::of::<Access>(bytes, |access| {
                let found = Detail::Manifest(access.manifest);
                (access.header, access.recipient, found)
            }),
            Kind::Failure => Self::of::<Failure>(bytes, |failure| {
                let reasons = Detail::Reasons(failure.reasons.clone());
                (failure.header, failure.recipient, reasons)
            }),
            Kind::Acceptance => Self::of::<Acceptance>(bytes, |acceptance| {
                (acceptance.header, acceptance.recipient, Detail::None)
            }),
            Kind::Rejection => Self::of::<Rejection>(bytes, |rejection| {
                let reasons = Detail::Reasons(rejection.reasons.clone());
                (rejection.header, rejection.recipient, reasons)
            }),
            Kind::Deletion => Self::of::<Deletion>(bytes, |deletion| {
                (deletion.header, deletion.recipient, Detail::None)
            }),
            Kind::Withdrawal => Self::of::<Withdrawal>(bytes, |withdrawal| {
                let reasons = Detail::Reasons(withdrawal.reasons.clone());
                (withdrawal.header, withdrawal.sender, reasons)
            }),
            _ => return Err(Cause::UnexpectedKind),
        }
        .map_err(Cause::Statement)?;
        match check_origin(&said.context, origin) {
            Ok(()) => Ok(said),
            Err(_) => Err(Cause::OtherOrigin),
        }
    }

    fn of<S: Statement>(
        bytes: &[u8],
        parts: impl FnOnce(&S) -> (StatementHash, Address, Detail),
    ) -> Result<Self, VerifyError> {
        let signed: Signed<S> = Signed::verify(bytes)?;
        let (header, party, detail) = parts(&signed);
        Ok(Self {
            kind: S::KIND,
            hash: signed.hash(),
            signer: signed.signer(),
            context: signed.context().clone(),
            header,
            party,
            detail,
        })
    }
}

/// Whether the header lets the server say this: that acceptance is asked, and, no earlier than the
/// header's time for it, that none came; unread letters of one rule end by that rule's own period.
fn is_asked_for(event: Event, header: &EnvelopeHeader, receipt: &Receipt) -> bool {
    let until = header.acceptance_until;
    match event {
        Event::NotificationForAcceptance => until.is_some(),
        Event::AcceptanceRejectionExpiry => {
            header.legal_rule.as_deref() == Some(ENDS_UNREAD)
                || until.is_some_and(|until| until <= receipt.context.time)
        }
        _ => true,
    }
}

/// Whether a statement of this kind, or the server alone, can cause the event.
fn fits(event: Event, answered: Option<Kind>) -> bool {
    match event {
        Event::SubmissionAcceptance | Event::SubmissionRejection => {
            answered == Some(Kind::EnvelopeHeader)
        }
        Event::NotificationForAcceptance => answered == Some(Kind::EnvelopeHeader),
        Event::ContentConsignment
        | Event::ContentConsignmentFailure
        | Event::ConsignmentNotification
        | Event::ConsignmentNotificationFailure => {
            matches!(answered, None | Some(Kind::EnvelopeHeader))
        }
        Event::NotificationDelivered | Event::AcceptanceRejectionExpiry => answered.is_none(),
        Event::ContentHandover => {
            matches!(answered, Some(Kind::HandoverRequest | Kind::Access))
        }
        Event::ContentAccessTracking => answered == Some(Kind::Access),
        Event::ContentHandoverFailure => answered == Some(Kind::Failure),
        Event::ConsignmentAcceptance => answered == Some(Kind::Acceptance),
        Event::ConsignmentRejection => answered == Some(Kind::Rejection),
        Event::EnvelopeWithdrawal => answered == Some(Kind::Withdrawal),
        Event::EnvelopeDeletion => answered == Some(Kind::Deletion),
        Event::StatementAcceptance => false,
    }
}
