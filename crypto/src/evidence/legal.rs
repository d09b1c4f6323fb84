//! The legal date of a verified delivery: what the rules read, taken from verified statements.
//!
//! Invariant: a statement whose signature, signer or receipt does not hold gives no event, and what
//! the checks leave unproven keeps the date open. Absent: the rules ([`crate::deadline`]).
//! Specification: docs/format/evidence.md, "Legal date"; docs/legal-dates.md.

use super::Evidence;
use super::delivery::Delivery;
use super::moment::{Moment, Moments};
use super::parties::KeyHistory;
use super::relation::binding_list;
use super::relation::{self, Relations};
use super::report::{CheckName, Outcome, Report};
use crate::deadline::events::{ConsentPeriod, Happened};
use crate::deadline::finding::Dependency;
use crate::deadline::{Ags, Circumstances, Contest, Events, Finding, Place, Verdict, examine};
use crate::ids::UnixMillis;
use crate::statement::{
    BindingWithdrawal, Closure, Consent, ConsentRevocation, Objection, Role, Signed, Succession,
};

/// Checks whose gaps the rules themselves take account of: without bounds the date stays open, and
/// without the content no appeal period is computed.
const READ_BY_RULES: [CheckName; 6] = [
    CheckName::LogCheckpoint,
    CheckName::LogInclusion,
    CheckName::LogConsistency,
    CheckName::LogCosigned,
    CheckName::TimesBounded,
    CheckName::OpenedContent,
];

/// From where the events are taken.
pub(super) struct Sources<'a> {
    pub(super) delivery: &'a Delivery,
    pub(super) moments: &'a Moments,
    pub(super) relations: &'a Relations<'a>,
    /// The sender's keys, which withdraw bindings of its own.
    pub(super) issuer: Option<&'a KeyHistory>,
    pub(super) evidence: &'a Evidence,
    /// Until when the envelope's list is known.
    pub(super) known_until: UnixMillis,
}

impl Sources<'_> {
    /// Applies the rule that the header names.
    pub(super) fn finding(&self, report: &Report) -> Finding {
        let header = self.relations.header;
        let act = report
            .manifest
            .as_ref()
            .map(|manifest| manifest.act.as_ref());
        let certificate = report.certificate.as_ref();
        let certificate = certificate.filter(|it| it.subject == header.sender);
        let ags = certificate.and_then(|it| Ags::try_from(&it.municipality_code).ok());
        let circumstances = Circumstances {
            place: ags.map(Place::new),
            contest: act.map_or(Contest::NotOpened, Contest::of),
            known_until: self.known_until,
        };
        let rule = header.legal_rule.as_deref();
        let mut finding = examine(rule, &self.events(), &circumstances);
        let unproven = report.checks.iter().any(|check| {
            matches!(check.outcome, Outcome::NotProven(_)) && !READ_BY_RULES.contains(&check.name)
        });
        if unproven {
            finding.verdict = reserved(finding.verdict);
        }
        finding
    }

    fn events(&self) -> Events {
        let mut events = Events::new(self.relations.header.class);
        for receipt in self.delivery.receipts() {
            let at = self.moments.of(receipt).happened();
            for event in &receipt.events {
                events.receipt(*event, at, self.delivery.reasons(receipt));
            }
        }
        let lists = [&self.evidence.relation, &self.evidence.relation_all];
        let closures = self.relations.all_of::<Closure>(lists[1]);
        let closures = closures.unwrap_or_default();
        for list in lists {
            let consents = self.relations.all_of::<Consent>(list).unwrap_or_default();
            let revocations = self.relations.all_of::<ConsentRevocation>(list);
            let revocations = revocations.unwrap_or_default();
            for consent in &consents {
                if let Some(period) = self.period(consent, &revocations, &closures) {
                    events.consent(period);
                }
            }
        }
        events.binding_withdrawn = self.binding_withdrawn();
        events
    }

    /// A consent of the recipient that concerns the sender.
    fn period(
        &self,
        consent: &Signed<Consent>,
        revocations: &[Signed<ConsentRevocation>],
        closures: &[Signed<Closure>],
    ) -> Option<ConsentPeriod> {
        let Relations {
            header, recipient, ..
        } = self.relations;
        let towards_sender = consent.authority.is_none_or(|it| it == header.sender);
        let own = consent.citizen == header.recipient && towards_sender;
        if !own || !self.relations.counts(consent, Role::Administer, recipient) {
            return None;
        }
        let given = self.relations.accepted.get(&consent.hash())?.happened();
        let revoked = revocations.iter().filter(|revocation| {
            revocation.consent == consent.hash()
                && self
                    .relations
                    .counts(revocation, Role::Administer, recipient)
        });
        // Who closes the mailbox revokes every consent.
        let closed = closures.iter().filter(|closure| {
            closure.citizen == consent.citizen
                && self.relations.counts(closure, Role::Administer, recipient)
        });
        let ends = revoked.map(Signed::hash).chain(closed.map(Signed::hash));
        // What ends it without a receipt may have come at once.
        let revoked = ends.map(|end| {
            let accepted = self.relations.accepted.get(&end);
            accepted.map_or(given, Moment::happened)
        });
        Some(ConsentPeriod {
            class: consent.class,
            given,
            from: consent.from,
            revoked: revoked.min_by_key(|revoked| revoked.position),
        })
    }

    /// When the binding that the header names was withdrawn, or followed by that of new keys.
    fn binding_withdrawn(&self) -> Option<Happened> {
        let (relations, issuer) = (self.relations, self.issuer?);
        let binding = relations.header.binding?;
        let list = binding_list(self.evidence);
        let withdrawals = relations.all_of::<BindingWithdrawal>(list);
        let withdrawals = withdrawals.unwrap_or_default().into_iter();
        let withdrawn = withdrawals.filter(|withdrawal| {
            withdrawal.binding == binding && relations.counts(withdrawal, Role::Register, issuer)
        });
        let successions = relations.all_of::<Succession>(list).unwrap_or_default();
        let objections = relations.all_of::<Objection>(list).unwrap_or_default();
        let succeeded = successions.into_iter().filter(|succession| {
            let hash = succession.hash();
            succession.old == relations.header.recipient
                && relation::stands_before(list, binding, hash)
                && !objections
                    .iter()
                    .any(|objection| objection.succession == hash)
                && relations.counts(succession, Role::Register, issuer)
        });
        let hashes = withdrawn.map(|withdrawal| withdrawal.hash());
        hashes
            .chain(succeeded.map(|succession| succession.hash()))
            .filter_map(|hash| relations.accepted.get(&hash))
            .map(Moment::happened)
            .min_by_key(|at| at.position)
    }
}

/// The verdict, open because of what the checks leave unproven.
fn reserved(verdict: Verdict) -> Verdict {
    let (mut depends, candidates) = match verdict {
        Verdict::Disputed { .. } => return verdict,
        Verdict::Open {
            depends,
            candidates,
        } => (depends, candidates),
        Verdict::ServedOn(day) => (Vec::new(), vec![day]),
        Verdict::NotServed(_) => (Vec::new(), Vec::new()),
    };
    depends.push(Dependency::Evidence);
    depends.sort_unstable();
    Verdict::Open {
        depends,
        candidates,
    }
}
