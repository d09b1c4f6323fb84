//! What ties persons and authorities to addresses: binding, consent, certificate.

use serde_bytes::ByteBuf;

use super::Evidence;
use super::moment::{Accepted, Moment};
use super::parties::KeyHistory;
use super::report::{Cause, Gap};
use super::verify::{Shortfall, check_origin};
use crate::ids::StatementHash;
use crate::operator::Operator;
use crate::statement::{
    Binding, BindingWithdrawal, Certificate, Closure, Consent, ConsentClass, ConsentRevocation,
    DeliveryClass, EnvelopeHeader, Kind, Objection, Role, Signed, Statement, Succession, kind_of,
};

/// What the checks of this module share.
pub(super) struct Relations<'a> {
    pub(super) header: &'a Signed<EnvelopeHeader>,
    pub(super) origin: &'a str,
    pub(super) accepted: &'a Accepted,
    pub(super) recipient: &'a KeyHistory,
}

impl Relations<'_> {
    /// The binding that the header names, signed by a registering key of its issuer.
    pub(super) fn binding(
        &self,
        hash: StatementHash,
        list: &[ByteBuf],
        issuer: impl FnOnce(&Binding) -> Result<KeyHistory, Shortfall>,
    ) -> Result<Signed<Binding>, Shortfall> {
        let binding: Signed<Binding> = self.find(hash, &[list], Gap::Binding)?;
        let of_recipient = binding.address == self.header.recipient
            && binding.key_statement == self.recipient.first();
        if !of_recipient {
            return Err(Cause::BindingOfOther.into());
        }
        issuer(&binding)?.check_signer(
            &binding.signer(),
            Role::Register,
            self.accepted.get(&hash).copied(),
            binding.context.time,
        )?;
        Ok(binding)
    }

    /// The binding had not ended when the server accepted the envelope.
    pub(super) fn check_binding_in_force(
        &self,
        binding: &Signed<Binding>,
        list: &[ByteBuf],
        issuer: &KeyHistory,
        submitted: &Moment,
    ) -> Result<(), Shortfall> {
        if binding.until.is_some_and(|until| until <= submitted.time) {
            return Err(Cause::BindingEnded.into());
        }
        for withdrawal in self.all_of::<BindingWithdrawal>(list)? {
            if withdrawal.binding == binding.hash()
                && self.counts(&withdrawal, Role::Register, issuer)
            {
                self.check_later(withdrawal.hash(), submitted, Cause::BindingEnded)?;
            }
        }
        self.check_successions(binding, list, issuer, submitted)
    }

    /// No succession had moved the recipient's address away, and the binding does not come from
    /// one that the old keys disputed.
    fn check_successions(
        &self,
        binding: &Signed<Binding>,
        list: &[ByteBuf],
        issuer: &KeyHistory,
        submitted: &Moment,
    ) -> Result<(), Shortfall> {
        let objections = self.all_of::<Objection>(list)?;
        for succession in self.all_of::<Succession>(list)? {
            if !self.counts(&succession, Role::Register, issuer) {
                continue;
            }
            // The old keys' own signature is theirs to prove; the server's receipt counts it.
            let objected = objections
                .iter()
                .find(|objection| objection.succession == succession.hash());
            if succession.old == binding.address
                && objected.is_none()
                && stands_before(list, binding.hash(), succession.hash())
            {
                self.check_later(succession.hash(), submitted, Cause::BindingEnded)?;
            }
            if let (true, Some(objection)) = (succession.binding == binding.hash(), objected) {
                self.check_later(objection.hash(), submitted, Cause::BindingEnded)?;
            }
        }
        Ok(())
    }

    /// The consent that the header names, in force when the server accepted the envelope.
    pub(super) fn check_consent(
        &self,
        hash: StatementHash,
        lists: &[&[ByteBuf]],
        submitted: &Moment,
    ) -> Result<(), Shortfall> {
        let consent: Signed<Consent> = self.find(hash, lists, Gap::Consent)?;
        let towards_sender = consent
            .authority
            .is_none_or(|authority| authority == self.header.sender);
        if consent.citizen != self.header.recipient || !towards_sender {
            return Err(Cause::ConsentOfOther.into());
        }
        if self.header.class == DeliveryClass::Registered && consent.class != ConsentClass::Service
        {
            return Err(Cause::ConsentClass.into());
        }
        self.recipient.check_signer(
            &consent.signer(),
            Role::Administer,
            self.accepted.get(&hash).copied(),
            consent.context.time,
        )?;
        let accepted_later = self
            .accepted
            .get(&hash)
            .is_some_and(|at| submitted.before(at) == Some(true));
        if consent.from > submitted.time || accepted_later {
            return Err(Cause::ConsentNotInForce.into());
        }
        for list in lists {
            for revocation in self.all_of::<ConsentRevocation>(list)? {
                if revocation.consent == hash
                    && self.counts(&revocation, Role::Administer, self.recipient)
                {
                    self.check_later(revocation.hash(), submitted, Cause::ConsentNotInForce)?;
                }
            }
            for closure in self.all_of::<Closure>(list)? {
                if closure.citizen == consent.citizen
                    && self.counts(&closure, Role::Administer, self.recipient)
                {
                    self.check_later(closure.hash(), submitted, Cause::ConsentNotInForce)?;
                }
            }
        }
        Ok(())
    }

    /// Whether a statement that ends another one counts: its signer may have been allowed to.
    pub(super) fn counts<S: Statement>(
        &self,
        ending: &Signed<S>,
        role: Role,
        party: &KeyHistory,
    ) -> bool {
        let accepted = self.accepted.get(&ending.hash()).copied();
        let checked = party.check_signer(&ending.signer(), role, accepted, ending.context().time);
        !matches!(checked, Err(Shortfall::Failed(_)))
    }

    /// A statement that ends another one was accepted only after the envelope.
    fn check_later(
        &self,
        hash: StatementHash,
        submitted: &Moment,
        too_early: Cause,
    ) -> Result<(), Shortfall> {
        let accepted = self.accepted.get(&hash).copied();
        match accepted.and_then(|accepted| submitted.before(&accepted)) {
            Some(true) => Ok(()),
            Some(false) => Err(too_early.into()),
            None => Err(Gap::Order.into()),
        }
    }

    /// The statement with this hash, verified.
    fn find<S: Statement>(
        &self,
        hash: StatementHash,
        lists: &[&[ByteBuf]],
        missing: Gap,
    ) -> Result<Signed<S>, Shortfall> {
        let bytes = lists
            .iter()
            .flat_map(|list| list.iter())
            .find(|bytes| StatementHash::of(bytes) == hash)
            .ok_or(missing)?;
        let signed: Signed<S> = Signed::verify(bytes).map_err(Cause::Statement)?;
        check_origin(signed.context(), self.origin)?;
        Ok(signed)
    }

    /// All statements of one kind in a list, verified.
    pub(super) fn all_of<S: Statement>(
        &self,
        list: &[ByteBuf],
    ) -> Result<Vec<Signed<S>>, Shortfall> {
        list.iter()
            .filter(|bytes| kind_of(bytes) == Ok(S::KIND))
            .map(|bytes| {
                let signed: Signed<S> = Signed::verify(bytes).map_err(Cause::Statement)?;
                check_origin(signed.context(), self.origin)?;
                Ok(signed)
            })
            .collect()
    }
}

/// Whether one statement of a list stands before another.
pub(super) fn stands_before(list: &[ByteBuf], one: StatementHash, other: StatementHash) -> bool {
    let place = |hash| {
        list.iter()
            .position(|bytes| StatementHash::of(bytes) == hash)
    };
    place(one) < place(other)
}

/// The certificate that the server checked, in force when it accepted the envelope.
pub(super) fn certificate(
    hash: StatementHash,
    list: &[ByteBuf],
    header: &EnvelopeHeader,
    operator: &Operator,
    accepted: &Accepted,
    submitted: &Moment,
) -> Result<Signed<Certificate>, Shortfall> {
    let bytes = list
        .iter()
        .find(|bytes| StatementHash::of(bytes) == hash)
        .ok_or(Gap::Certificate)?;
    let certificate = operator.certificate(bytes).map_err(Cause::Operator)?;
    if ![header.sender, header.recipient].contains(&certificate.subject) {
        return Err(Cause::CertificateOfOther.into());
    }
    if !(certificate.from..certificate.until).contains(&submitted.time) {
        return Err(Cause::CertificateNotInForce.into());
    }
    for bytes in list
        .iter()
        .filter(|bytes| kind_of(bytes) == Ok(Kind::CertificateRevocation))
    {
        let revocation = operator.revocation(bytes).map_err(Cause::Operator)?;
        // Revocations are the operator's own statements: its clock places one without a receipt.
        let earlier = accepted
            .get(&revocation.hash())
            .and_then(|accepted| accepted.before(submitted))
            .unwrap_or(revocation.context.time <= submitted.time);
        if revocation.certificate == hash && earlier {
            return Err(Cause::CertificateNotInForce.into());
        }
    }
    Ok(certificate)
}

/// The list in which the binding stands: that of the issuer, who mostly is the sender.
pub(super) fn binding_list(evidence: &Evidence) -> &[ByteBuf] {
    match &evidence.issuer {
        Some(issuer) => &issuer.relation,
        None => &evidence.relation,
    }
}

/// The keys of the binding's issuer.
pub(super) fn issuer(
    evidence: &Evidence,
    header: &EnvelopeHeader,
    binding: &Binding,
    origin: &str,
    accepted: &Accepted,
) -> Result<KeyHistory, Shortfall> {
    let keys = match &evidence.issuer {
        Some(issuer) => &issuer.keys,
        None if binding.issuer == header.sender => &evidence.sender,
        None => return Err(Gap::IssuerKeys.into()),
    };
    KeyHistory::verify(binding.issuer, keys, origin, accepted)
}
