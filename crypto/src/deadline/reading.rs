//! Applies one reading of a rule to the events: on which days the act may count as served.
//!
//! Invariant: no fiction without a consent in force at its trigger, none from a notification that
//! failed or came before the letter was available. Comparisons of what came
//! first use log order. Absent: objections of parties and withdrawals, which concern every rule
//! alike ([`super::examine`]).

use super::Circumstances;
use super::day::Day;
use super::events::{Events, Happened, Notification, Occurrence};
use super::finding::{Dependency, NotServed, Step, Used};
use super::holidays::{DayKind, day_kind};
use super::possible::Possible;
use super::rules::{Confirmation, Count, Effect, Fallback, FictionDay, Reading, SameDay, Trigger};

/// What a reading gives, before objections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Draft {
    /// The days on which it counts as served.
    On(Possible),
    /// Not served.
    Not(NotServed),
    /// Open, with the days that come into question.
    Open(Vec<Dependency>, Option<Possible>),
}

impl Draft {
    /// Open, because it depends on one thing more.
    pub(super) fn depending(self, on: Dependency) -> Self {
        match self {
            Self::On(days) => Self::Open(vec![on], Some(days)),
            Self::Open(mut all, days) => {
                all.push(on);
                Self::Open(all, days)
            }
            Self::Not(reason) => Self::Not(reason),
        }
    }
}

/// A draft and how it came about.
pub(super) struct Reasoned {
    pub(super) draft: Draft,
    pub(super) steps: Vec<Step>,
    pub(super) used: Vec<Used>,
}

pub(super) fn apply(
    reading: &Reading,
    effect: Effect,
    events: &Events,
    consignment: Happened,
    circumstances: &Circumstances,
) -> Reasoned {
    let mut application = Application {
        reading,
        effect,
        events,
        consignment,
        circumstances,
        steps: Vec::new(),
        used: Vec::new(),
    };
    let draft = match reading.count {
        Count::NthDay(days) => application.fiction(days),
        Count::DayAfterRetrieval { within } => application.day_after_retrieval(within),
    };
    Reasoned {
        draft,
        steps: application.steps,
        used: application.used,
    }
}

struct Application<'a> {
    reading: &'a Reading,
    effect: Effect,
    events: &'a Events,
    consignment: Happened,
    circumstances: &'a Circumstances,
    steps: Vec<Step>,
    used: Vec<Used>,
}

impl Application<'_> {
    /// The n-th day after the trigger counts, if nothing stands in its way.
    fn fiction(&mut self, days: u16) -> Draft {
        match self.reading.trigger {
            Trigger::NotificationSent => self.fiction_from_notification(days),
            Trigger::Provision | Trigger::Transmission => self.fiction_from_provision(days),
        }
    }

    /// The first notification that did not fail starts the fiction. Where the letter was retrieved
    /// after one failed and before the next was sent, retrieval has already settled it.
    fn fiction_from_notification(&mut self, days: u16) -> Draft {
        let retrieved = self.events.retrieval();
        let mut without = None;
        for notification in &self.events.notifications {
            if !self.starts_a_fiction(notification) {
                without = Some(NotServed::NotificationFailed);
                continue;
            }
            let sent = notification.sent;
            let settled = retrieved.is_some_and(|(_, at)| at.position < sent.position);
            if without.is_some() && settled {
                break;
            }
            if !self.consent(&sent) {
                without = Some(NotServed::NoConsent);
                continue;
            }
            let fiction = self.count(Occurrence::NotificationSent, sent, days);
            return match self.check_arrival(notification, &fiction) {
                Ok(()) => self.until_reached(&sent, fiction),
                Err(draft) => draft,
            };
        }
        match without {
            None if retrieved.is_none() => Draft::Open(vec![Dependency::Notification], None),
            Some(NotServed::NoConsent) => self.without_consent(),
            reason => {
                let provision = self.consignment;
                if self.consent(&provision) {
                    self.by_retrieval(
                        self.reading.without_arrival,
                        reason.unwrap_or(NotServed::NotificationFailed),
                        Dependency::NotificationArrival,
                    )
                } else {
                    self.without_consent()
                }
            }
        }
    }

    fn fiction_from_provision(&mut self, days: u16) -> Draft {
        let provision = self.consignment;
        if !self.consent(&provision) {
            return self.without_consent();
        }
        let fiction = self.count(Occurrence::Consignment, provision, days);
        if let Some(confirmed) = self.confirmed(&fiction) {
            return confirmed;
        }
        match self.check_notifications(fiction) {
            Ok(fiction) => self.until_reached(&provision, fiction),
            Err(draft) => draft,
        }
    }

    fn without_consent(&mut self) -> Draft {
        self.by_retrieval(
            self.reading.without_consent,
            NotServed::NoConsent,
            Dependency::Consent,
        )
    }

    fn starts_a_fiction(&mut self, notification: &Notification) -> bool {
        let sent = notification.sent;
        if let Some(failed) = notification.failed {
            self.used(Occurrence::NotificationFailed, failed);
            self.steps.push(Step::NotificationFailed {
                sent: sent.day(),
                failed: failed.day(),
            });
            return false;
        }
        if sent.position < self.consignment.position {
            let day = sent.day();
            self.steps.push(Step::NotificationBeforeProvision { day });
            return false;
        }
        true
    }

    /// The n-th day after the trigger.
    fn count(&mut self, trigger: Occurrence, at: Happened, days: u16) -> Possible {
        let counted = self.days(trigger, at).map(|day| day.plus_days(days));
        self.steps.push(Step::NthDay {
            trigger,
            from: at.day(),
            count: days,
            day: at.day().plus_days(days),
        });
        self.placed(&counted)
    }

    /// The day as it is, or moved to a working day.
    fn placed(&mut self, counted: &Possible) -> Possible {
        let place = self.circumstances.place.as_ref();
        if self.reading.fiction_day == FictionDay::WorkingDay {
            return counted.shifted(place, &mut self.steps);
        }
        let free = |day: &Day| {
            matches!(
                day_kind(*day, place),
                DayKind::Weekend | DayKind::Holiday(_)
            )
        };
        for day in counted.days().into_iter().filter(free) {
            self.steps.push(Step::DayStays { day });
        }
        counted.clone()
    }

    /// VwZG § 5(7), § 5a(4): a confirmation that comes on the day of the fiction at the latest.
    fn confirmed(&mut self, fiction: &Possible) -> Option<Draft> {
        let (what, at) = match self.reading.confirmation {
            Confirmation::None => return None,
            Confirmation::Acknowledgement => (Occurrence::Acceptance, self.events.acceptance),
            Confirmation::Collection => (Occurrence::Handover, self.events.handover),
        };
        let provided = self.consignment.position;
        let Some(at) = at.filter(|at| provided <= at.position) else {
            self.steps.push(Step::NotConfirmed);
            return None;
        };
        let confirmed = self.days(what, at);
        if fiction.last() < confirmed.first() {
            self.steps.push(Step::NotConfirmed);
            return None;
        }
        self.steps.push(Step::Confirmed {
            what,
            day: at.day(),
        });
        if confirmed.last() <= fiction.first() {
            return Some(Draft::On(confirmed));
        }
        let either = confirmed.or(fiction.clone());
        Some(Draft::Open(vec![Dependency::WhichDay(what)], Some(either)))
    }

    /// The report that the notification arrived. One after the day of the fiction does not say
    /// when it arrived, only that it was no later.
    fn check_arrival(
        &mut self,
        notification: &Notification,
        fiction: &Possible,
    ) -> Result<(), Draft> {
        let Some(arrived) = notification.arrived else {
            self.steps.push(Step::SentIsNotArrived);
            return Ok(());
        };
        let days = self.days(Occurrence::NotificationArrived, arrived);
        if days.last() <= fiction.first() {
            return Ok(());
        }
        self.steps.push(Step::ArrivalReportedLate {
            reported: arrived.day(),
            fiction: fiction.first(),
        });
        let either = match self.events.retrieval() {
            Some((what, at)) => fiction.clone().or(self.days(what, at)),
            None => fiction.clone(),
        };
        Err(Draft::Open(vec![Dependency::ArrivalTime], Some(either)))
    }

    /// The rule counts from provision, but asks for a notification, or is silent about its failure.
    fn check_notifications(&mut self, fiction: Possible) -> Result<Possible, Draft> {
        let notifications = &self.events.notifications;
        let good: Vec<Happened> = notifications
            .iter()
            .filter(|notification| self.starts_a_fiction(notification))
            .map(|notification| notification.sent)
            .collect();
        let retrieved = self.events.retrieval();
        if good.is_empty() && !notifications.is_empty() {
            let Some((what, at)) = retrieved else {
                let open = vec![Dependency::NotificationArrival];
                return Err(Draft::Open(open, Some(fiction)));
            };
            let retrieval = self.days(what, at);
            if retrieval.last() > fiction.first() {
                let either = fiction.or(retrieval);
                let open = vec![Dependency::NotificationArrival];
                return Err(Draft::Open(open, Some(either)));
            }
        }
        if self.reading.same_day == SameDay::NotRequired {
            return Ok(fiction);
        }
        let provision = self.consignment.day();
        if good.iter().any(|sent| sent.day() <= provision) {
            return Ok(fiction);
        }
        self.steps.push(Step::NotificationNotSameDay { provision });
        let missing = if good.is_empty() {
            Dependency::Notification
        } else {
            Dependency::NotificationTooLate
        };
        Err(Draft::Open(vec![missing], Some(fiction)))
    }

    /// The fiction stands when its day has come with nothing in its way.
    fn until_reached(&mut self, trigger: &Happened, fiction: Possible) -> Draft {
        if let Some((_, at)) = self.events.retrieval()
            && at.day() < fiction.first()
        {
            self.steps.push(Step::RetrievedEarlier { day: at.day() });
        }
        let mut open = Vec::new();
        if let Some(revoked) = self.revoked_after(trigger)
            && revoked.day() <= fiction.last()
        {
            self.used(Occurrence::ConsentRevoked, revoked);
            self.steps.push(Step::ConsentRevoked { day: revoked.day() });
            open.push(Dependency::ConsentRevoked);
        }
        open.extend(self.not_reached(&fiction));
        if open.is_empty() {
            Draft::On(fiction)
        } else {
            Draft::Open(open, Some(fiction))
        }
    }

    fn not_reached(&mut self, day: &Possible) -> Option<Dependency> {
        let known_until = Day::of(self.circumstances.known_until);
        (known_until < day.last()).then(|| {
            let day = day.last();
            self.steps.push(Step::NotReached { day, known_until });
            Dependency::DayNotReached
        })
    }

    /// VwVfG § 41(2a): the day after retrieval, within a window that begins with the notification.
    fn day_after_retrieval(&mut self, within: u16) -> Draft {
        let consignment = self.consignment;
        if !self.consent(&consignment) {
            return self.without_consent();
        }
        let window = self.window(within);
        let Some((what, at)) = self.events.retrieval() else {
            self.steps.push(Step::NotRetrieved);
            return match window {
                Some((_, end)) if end.last() < Day::of(self.circumstances.known_until) => {
                    self.ended_unretrieved()
                }
                _ => Draft::Open(vec![Dependency::Retrieval], None),
            };
        };
        let retrieved = self.days(what, at);
        let served = retrieved.map(|day| day.plus_days(1));
        self.steps.push(Step::DayAfterRetrieval {
            retrieved: at.day(),
            day: at.day().plus_days(1),
        });
        let open = match window {
            Some((_, end)) if end.last() < retrieved.first() => {
                return self.ended_unretrieved();
            }
            Some((end, _)) if end.first() < retrieved.last() => vec![Dependency::WindowEnd],
            _ => self.not_reached(&served).into_iter().collect(),
        };
        if open.is_empty() {
            Draft::On(served)
        } else {
            Draft::Open(open, Some(served))
        }
    }

    /// The last days for retrieval: as counted, and moved to a working day.
    fn window(&mut self, within: u16) -> Option<(Possible, Possible)> {
        let sent = self.events.notifications.first()?.sent;
        let end = self
            .days(Occurrence::NotificationSent, sent)
            .map(|day| day.plus_days(within));
        self.steps.push(Step::Window {
            last: sent.day().plus_days(within),
        });
        let place = self.circumstances.place.as_ref();
        let moved = end.shifted(place, &mut self.steps);
        Some((end, moved))
    }

    /// The window ended. A notification that failed may not have begun it.
    fn ended_unretrieved(&mut self) -> Draft {
        let first = self.events.notifications.first();
        match first.and_then(|notification| notification.failed) {
            None => Draft::Not(NotServed::ProvisionEnded),
            Some(failed) => {
                self.used(Occurrence::NotificationFailed, failed);
                Draft::Open(vec![Dependency::NotificationArrival], None)
            }
        }
    }

    /// No fiction: the day of retrieval, if there was one.
    fn by_retrieval(
        &mut self,
        fallback: Fallback,
        otherwise: NotServed,
        depends: Dependency,
    ) -> Draft {
        let Some((what, at)) = self.events.retrieval() else {
            self.steps.push(Step::NotRetrieved);
            return Draft::Not(otherwise);
        };
        let retrieved = self.days(what, at);
        self.steps.push(Step::RetrievalCounts { day: at.day() });
        match fallback {
            Fallback::RetrievalCounts => Draft::On(retrieved),
            Fallback::Undecided => Draft::Open(vec![depends], Some(retrieved)),
        }
    }

    /// Whether a consent of the needed class was in force when something happened.
    fn consent(&mut self, at: &Happened) -> bool {
        let class = self.effect.consent();
        let found = self
            .events
            .consents
            .iter()
            .find(|consent| consent.class == class && consent.in_force(at));
        match found {
            Some(consent) => {
                let given = consent.given;
                self.used(Occurrence::ConsentGiven, given);
                self.steps.push(Step::ConsentInForce);
                true
            }
            None => {
                self.steps.push(Step::ConsentMissing);
                false
            }
        }
    }

    /// The revocation after which no consent of the class was left, if one came after the trigger.
    fn revoked_after(&self, trigger: &Happened) -> Option<Happened> {
        let class = self.effect.consent();
        let of_class = || {
            let all = self.events.consents.iter();
            all.filter(move |consent| consent.class == class && consent.in_force(trigger))
        };
        if of_class().any(|consent| consent.revoked.is_none()) {
            return None;
        }
        of_class()
            .filter_map(|consent| consent.revoked)
            .max_by_key(|revoked| revoked.position)
    }

    fn days(&mut self, what: Occurrence, at: Happened) -> Possible {
        self.used(what, at);
        let day = at.day();
        self.steps.push(Step::Occurred { what, day });
        Possible::of(what, &at, &mut self.steps)
    }

    fn used(&mut self, what: Occurrence, at: Happened) {
        let used = Used { what, at };
        if !self.used.contains(&used) {
            self.used.push(used);
        }
    }
}
