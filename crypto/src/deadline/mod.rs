//! Legal dates: when a notice counts as served, and when the period for contesting it ends.
//!
//! Purpose: from signed events to a verdict (served on D; not served; open, depends on …;
//! disputed) with rule, version, provision, the events used and the reasoning. Invariants: pure;
//! only receipt times and log order count; a date stands only where every doubt gives the same
//! day; a result names the [`RULES_VERSION`] that made it. A date is information, never legal
//! advice. Absent: whether the events are true ([`crate::evidence`]), words for people, and what
//! the table in docs/legal-dates.md, "Never decided here", lists.
//!
//! Reading order: [`day`] and [`holidays`] know the calendar, [`events`] is what is read,
//! [`rules`] the table, [`finding`] what is answered. Specification: docs/legal-dates.md.

pub mod appeal;
pub mod day;
pub mod events;
pub mod finding;
pub mod holidays;
mod possible;
mod reading;
pub mod rules;

pub use appeal::Contest;
pub use day::Day;
pub use events::Events;
pub use finding::{Finding, Verdict};
pub use holidays::{Ags, Place};
pub use possible::MAX_INTERVAL_DAYS;
pub use rules::RULES_VERSION;

use std::collections::BTreeSet;

use crate::ids::UnixMillis;
use crate::statement::DeliveryClass;
use events::{Happened, Occurrence};
use finding::{Dependency, Disputed, NotServed, Step, Used};
use possible::Possible;
use reading::{Draft, Reasoned, apply};
use rules::{Effect, Reading, Rule, Trigger, Version};

/// What the engine needs beside the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// The municipality whose holidays count; absent where it is not known.
    pub place: Option<Place>,
    /// How the act can be contested.
    pub contest: Contest,
    /// Until when the events are known: the newest head's time, or the verifier's own.
    pub known_until: UnixMillis,
}

/// Applies the rule that the envelope header names.
pub fn examine(rule: Option<&str>, events: &Events, circumstances: &Circumstances) -> Finding {
    let examination = Examination {
        events,
        circumstances,
        steps: Vec::new(),
        used: Vec::new(),
        version: None,
    };
    examination.run(rule)
}

struct Examination<'a> {
    events: &'a Events,
    circumstances: &'a Circumstances,
    steps: Vec<Step>,
    used: Vec<Used>,
    version: Option<&'static Version>,
}

impl Examination<'_> {
    fn run(mut self, id: Option<&str>) -> Finding {
        let rule = id.and_then(Rule::named);
        let draft = match (id, rule) {
            (_, Some(rule)) => self.draft(rule),
            (Some(_), None) => Draft::Open(vec![Dependency::RuleUnknown], None),
            (None, None) => Draft::Open(vec![Dependency::RuleNotNamed], None),
        };
        let verdict = self.verdict(draft);
        let contest = &self.circumstances.contest;
        let place = self.circumstances.place.as_ref();
        Finding {
            rules_version: RULES_VERSION,
            rule,
            version: self.version,
            appeal: appeal::appeal(verdict.days(), contest, place),
            verdict,
            used: self.used,
            steps: self.steps,
        }
    }

    /// What the rule gives, and what concerns every rule alike.
    fn draft(&mut self, rule: &'static Rule) -> Draft {
        if self.events.submission_rejected.is_some() {
            return Draft::Not(NotServed::SubmissionRejected);
        }
        let Some(consignment) = self.events.consignment else {
            return if self.events.consignment_failed.is_some() {
                Draft::Not(NotServed::ConsignmentFailed)
            } else {
                Draft::Open(vec![Dependency::Consignment], None)
            };
        };
        if rule.effect == Effect::Service && self.events.class == DeliveryClass::Ordinary {
            self.steps.push(Step::OrdinaryDelivery);
        }
        let draft = self.readings(rule, consignment);
        let (_, trigger) = self.trigger(rule, consignment);
        let draft = self.binding(draft, &trigger);
        self.withdrawal(draft)
    }

    /// A date stands only where all readings of the text give it, of all texts where the trigger's
    /// time leaves open which one applies.
    fn readings(&mut self, rule: &'static Rule, consignment: Happened) -> Draft {
        let (what, trigger) = self.trigger(rule, consignment);
        let days = Possible::of(what, &trigger, &mut Vec::new()).days();
        let applies = |version: &&Version| days.iter().any(|day| version.covers(*day));
        let versions: Vec<&'static Version> = rule.versions.iter().filter(applies).collect();
        let stated = versions
            .iter()
            .find(|version| version.covers(trigger.day()));
        let Some(stated) = stated.copied() else {
            return Draft::Open(vec![Dependency::NoText], None);
        };
        self.version = Some(stated);
        let mut drafts = Vec::new();
        for version in versions {
            self.steps.push(Step::Text {
                from: version.from,
                until: version.until,
                source: version.source,
            });
            for reading in version.readings {
                drafts.push(self.reading(reading, rule.effect, consignment));
            }
        }
        self.agreed(drafts)
    }

    fn reading(&mut self, reading: &Reading, effect: Effect, consignment: Happened) -> Draft {
        let Reasoned { draft, steps, used } = apply(
            reading,
            effect,
            self.events,
            consignment,
            self.circumstances,
        );
        for step in steps {
            if !self.steps.contains(&step) {
                self.steps.push(step);
            }
        }
        for used in used {
            if !self.used.contains(&used) {
                self.used.push(used);
            }
        }
        draft
    }

    fn agreed(&mut self, mut drafts: Vec<Draft>) -> Draft {
        let Some(first) = drafts.pop() else {
            return Draft::Open(vec![Dependency::NoText], None);
        };
        if drafts.is_empty() {
            return first;
        }
        let same = |other: &Draft| match (&first, other) {
            (Draft::On(a), Draft::On(b)) => a.days() == b.days() && a.depends() == b.depends(),
            (a, b) => a == b,
        };
        if drafts.iter().all(same) {
            self.steps.push(Step::ReadingsAgree);
            return first;
        }
        drafts.push(first);
        self.steps.push(Step::ReadingsDiffer);
        let mut depends = BTreeSet::from([Dependency::RuleText]);
        let mut days: Option<Possible> = None;
        for draft in drafts {
            let found = match draft {
                Draft::On(found) => Some(found),
                Draft::Open(on, found) => {
                    depends.extend(on);
                    found
                }
                Draft::Not(_) => None,
            };
            days = match (days, found) {
                (Some(days), Some(found)) => Some(days.or(found)),
                (days, found) => days.or(found),
            };
        }
        Draft::Open(depends.into_iter().collect(), days)
    }

    /// The event that starts the rule and chooses its text; provision where it has not come yet.
    fn trigger(&self, rule: &Rule, consignment: Happened) -> (Occurrence, Happened) {
        let mut readings = rule.versions.iter().flat_map(|version| version.readings);
        let notified = self
            .events
            .notifications
            .iter()
            .find(|notification| notification.failed.is_none())
            .filter(|_| readings.any(|reading| reading.trigger == Trigger::NotificationSent));
        notified.map_or((Occurrence::Consignment, consignment), |notification| {
            (Occurrence::NotificationSent, notification.sent)
        })
    }

    /// What is sent to a withdrawn binding does not reach the person; what was retrieved or served
    /// before the withdrawal did.
    fn binding(&mut self, draft: Draft, trigger: &Happened) -> Draft {
        let Some(withdrawn) = self.events.binding_withdrawn else {
            return draft;
        };
        let day = withdrawn.day();
        let retrieved = self.events.retrieval();
        let served = match &draft {
            Draft::Not(_) => return draft,
            Draft::On(days) => days.last() < day,
            Draft::Open(..) => false,
        };
        if served || retrieved.is_some_and(|(_, at)| at.position < withdrawn.position) {
            return draft;
        }
        self.use_event(Occurrence::BindingWithdrawn, withdrawn);
        self.steps.push(Step::BindingWithdrawn { day });
        if withdrawn.position < trigger.position && retrieved.is_none() {
            return Draft::Not(NotServed::BindingWithdrawn);
        }
        draft.depending(Dependency::BindingWithdrawn)
    }

    /// The sender took it back: before service that ends everything, afterwards the law must say.
    fn withdrawal(&mut self, draft: Draft) -> Draft {
        let Some(withdrawn) = self.events.withdrawal else {
            return draft;
        };
        let retrieved = self.events.retrieval();
        if retrieved.is_some_and(|(_, at)| at.position < withdrawn.position) {
            return draft;
        }
        let day = withdrawn.day();
        self.use_event(Occurrence::Withdrawal, withdrawn);
        self.steps.push(Step::WithdrawnBySender { day });
        match &draft {
            Draft::Not(_) => draft,
            Draft::On(days) | Draft::Open(_, Some(days)) if days.first() <= day => {
                draft.depending(Dependency::WithdrawnAfterwards)
            }
            Draft::On(_) | Draft::Open(..) => Draft::Not(NotServed::Withdrawn),
        }
    }

    fn use_event(&mut self, what: Occurrence, at: Happened) {
        self.used.push(Used { what, at });
    }

    /// The verdict: contradictions first, then what is still open.
    fn verdict(&mut self, draft: Draft) -> Verdict {
        let (days, depends) = match draft {
            Draft::Not(reason) => return Verdict::NotServed(reason),
            Draft::On(days) => (Some(days), Vec::new()),
            Draft::Open(on, days) => (days, on),
        };
        let candidates = days.as_ref().map(Possible::days).unwrap_or_default();
        if let Some(dispute) = self.dispute() {
            return Verdict::Disputed {
                dispute,
                otherwise: candidates,
            };
        }
        let of_days = days.iter().flat_map(Possible::depends);
        let depends: BTreeSet<Dependency> = depends.into_iter().chain(of_days).collect();
        match candidates.as_slice() {
            [day] if depends.is_empty() => Verdict::ServedOn(*day),
            _ => Verdict::Open {
                depends: depends.into_iter().collect(),
                candidates,
            },
        }
    }

    fn dispute(&mut self) -> Option<Disputed> {
        let contradicted = self.used.iter().find(|used| used.at.contradicts_bound());
        if let Some(Used { what, .. }) = contradicted.copied() {
            self.steps.push(Step::TimeContradicted { what });
            return Some(Disputed::TimeContradicted(what));
        }
        if let Some(dispute) = self.events.disputes.first() {
            let day = dispute.at.day();
            self.use_event(Occurrence::Dispute, dispute.at);
            self.steps.push(Step::RecipientObjects { day });
            let mut reasons: Vec<_> = Vec::new();
            for reason in self
                .events
                .disputes
                .iter()
                .flat_map(|dispute| &dispute.reasons)
            {
                if !reasons.contains(reason) {
                    reasons.push(*reason);
                }
            }
            return Some(Disputed::ByRecipient(reasons));
        }
        let rejection = self.events.rejection?;
        let day = rejection.day();
        self.use_event(Occurrence::Rejection, rejection);
        self.steps.push(Step::RecipientRefused { day });
        Some(Disputed::Rejected)
    }
}
