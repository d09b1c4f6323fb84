//! What the rules are applied to: facts from signed events, and from nothing else.
//!
//! Times are those of the server's receipts, never what a party claims about itself; order is the
//! log's. [`Events`] is filled receipt by receipt, in log order. Absent: how receipts are verified
//! ([`crate::evidence`]), which only the caller of [`Events::receipt`] can vouch for.
//!
//! Specification: docs/legal-dates.md, "What the engine reads".

use super::day::Day;
use crate::ids::UnixMillis;
use crate::statement::{ConsentClass, DeliveryClass, Event, Reason};

/// Most notifications, failures, disputes and consents each that are looked at.
pub const MAX_FACTS: usize = 4096;

/// How well the time of an event is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Between two cosigned checkpoints, or time stamps over them.
    Between {
        /// The newest cosigned time before.
        not_before: UnixMillis,
        /// The oldest cosigned time after.
        not_after: UnixMillis,
    },
    /// No cosigned checkpoint covers the receipt yet: it may have been dated back.
    Pending {
        /// The newest cosigned time before, if any.
        not_before: Option<UnixMillis>,
    },
}

/// Whether the file proves the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A receipt in the file was verified.
    Proven,
    /// It is said, but its receipt is missing or was not verified.
    Claimed,
}

/// When something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened {
    /// The receipt's time.
    pub time: UnixMillis,
    /// What bounds it.
    pub bound: Bound,
    /// The receipt's place in the log, or in any order that agrees with the log's.
    pub position: u64,
    /// Whether it is proven.
    pub standing: Standing,
}

impl Happened {
    /// The day of the receipt's time in Germany.
    pub fn day(&self) -> Day {
        Day::of(self.time)
    }

    /// Whether the receipt's time contradicts what bounds it.
    pub(super) fn contradicts_bound(&self) -> bool {
        match self.bound {
            Bound::Between {
                not_before,
                not_after,
            } => self.time < not_before || not_after < self.time,
            Bound::Pending { not_before } => not_before.is_some_and(|bound| self.time < bound),
        }
    }
}

/// One notification to the recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// That it was sent.
    pub sent: Happened,
    /// That it failed, or came back.
    pub failed: Option<Happened>,
    /// That it arrived, where somebody proves it. Its acceptance by a mail server does not.
    pub arrived: Option<Happened>,
}

/// What the recipient says is wrong with what was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// When it was receipted.
    pub at: Happened,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A consent towards the sender, or towards every authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentPeriod {
    /// To what.
    pub class: ConsentClass,
    /// Its receipt.
    pub given: Happened,
    /// From when, as the consent itself says; not before its receipt.
    pub from: UnixMillis,
    /// The receipt of its revocation.
    pub revoked: Option<Happened>,
}

impl ConsentPeriod {
    /// Whether it was in force when something happened. Log order decides.
    pub(super) fn in_force(&self, at: &Happened) -> bool {
        self.given.position < at.position
            && self.from <= at.time
            && self
                .revoked
                .is_none_or(|revoked| at.position < revoked.position)
    }
}

/// What happened to one envelope, and to what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    /// Ordinary or registered.
    pub class: DeliveryClass,
    /// A.1.
    pub submission: Option<Happened>,
    /// A.2.
    pub submission_rejected: Option<Happened>,
    /// D.1, Bereitstellung.
    pub consignment: Option<Happened>,
    /// D.2.
    pub consignment_failed: Option<Happened>,
    /// D.3, D.4 and D.5, in log order.
    pub notifications: Vec<Notification>,
    /// E.1, Abruf.
    pub handover: Option<Happened>,
    /// D.6.
    pub access: Option<Happened>,
    /// C.3.
    pub acceptance: Option<Happened>,
    /// C.4.
    pub rejection: Option<Happened>,
    /// C.5.
    pub expiry: Option<Happened>,
    /// The sender took it back.
    pub withdrawal: Option<Happened>,
    /// E.2: what the recipient reports.
    pub disputes: Vec<Dispute>,
    /// Consents that concern the sender.
    pub consents: Vec<ConsentPeriod>,
    /// The binding that the header names was withdrawn.
    pub binding_withdrawn: Option<Happened>,
}

impl Events {
    /// Nothing happened yet.
    pub fn new(class: DeliveryClass) -> Self {
        Self {
            class,
            submission: None,
            submission_rejected: None,
            consignment: None,
            consignment_failed: None,
            notifications: Vec::new(),
            handover: None,
            access: None,
            acceptance: None,
            rejection: None,
            expiry: None,
            withdrawal: None,
            disputes: Vec::new(),
            consents: Vec::new(),
            binding_withdrawn: None,
        }
    }

    /// Adds one event of a receipt, in log order. Of what can happen once, the first counts;
    /// entries beyond [`MAX_FACTS`] of a kind are not looked at.
    ///
    /// A failure concerns the newest notification that has not failed yet, an arrival the newest
    /// one; use [`Events::notification_failed`] and [`Events::notification_arrived`] where it is
    /// known which.
    pub fn receipt(&mut self, event: Event, at: Happened, reasons: &[Reason]) {
        let once = match event {
            Event::SubmissionAcceptance => &mut self.submission,
            Event::SubmissionRejection => &mut self.submission_rejected,
            Event::ContentConsignment => &mut self.consignment,
            Event::ContentConsignmentFailure => &mut self.consignment_failed,
            Event::ContentHandover => &mut self.handover,
            Event::ContentAccessTracking => &mut self.access,
            Event::ConsignmentAcceptance => &mut self.acceptance,
            Event::ConsignmentRejection => &mut self.rejection,
            Event::AcceptanceRejectionExpiry => &mut self.expiry,
            Event::EnvelopeWithdrawal => &mut self.withdrawal,
            Event::ConsignmentNotification => return self.notified(at),
            Event::ConsignmentNotificationFailure => {
                return self.notification_failed(at, None);
            }
            Event::NotificationDelivered => return self.notification_arrived(at, None),
            Event::ContentHandoverFailure => {
                if self.disputes.len() < MAX_FACTS {
                    let reasons = reasons.to_vec();
                    self.disputes.push(Dispute { at, reasons });
                }
                return;
            }
            // Asks for an acceptance, ends nothing that runs, or is no event of an envelope: no rule
            // reads it.
            Event::NotificationForAcceptance
            | Event::EnvelopeDeletion
            | Event::StatementAcceptance => return,
        };
        once.get_or_insert(at);
    }

    fn notified(&mut self, sent: Happened) {
        if self.notifications.len() < MAX_FACTS {
            self.notifications.push(Notification {
                sent,
                failed: None,
                arrived: None,
            });
        }
    }

    /// A notification failed or came back: the one that was receipted at `sent`, or the newest one
    /// that has not failed. A failure without any notification is kept as one that was never sent.
    pub fn notification_failed(&mut self, at: Happened, sent: Option<u64>) {
        if self.notifications.is_empty() {
            self.notified(at);
        }
        let found = self.notifications.iter_mut().rev().find(|notification| {
            notification.failed.is_none()
                && sent.is_none_or(|position| notification.sent.position == position)
        });
        if let Some(notification) = found {
            notification.failed = Some(at);
        }
    }

    /// A notification arrived, and that is proven: the one that was receipted at `sent`, or the
    /// newest one.
    pub fn notification_arrived(&mut self, at: Happened, sent: Option<u64>) {
        let found = self.notifications.iter_mut().rev().find(|notification| {
            sent.is_none_or(|position| notification.sent.position == position)
        });
        if let Some(notification) = found {
            notification.arrived.get_or_insert(at);
        }
    }

    /// A consent that concerns the sender.
    pub fn consent(&mut self, consent: ConsentPeriod) {
        if self.consents.len() < MAX_FACTS {
            self.consents.push(consent);
        }
    }

    /// Abruf: the handover, or the opening where nothing else shows one; the first in log order
    /// after it was made available.
    pub(super) fn retrieval(&self) -> Option<(Occurrence, Happened)> {
        let provided = self.consignment?.position;
        let handover = self.handover.map(|at| (Occurrence::Handover, at));
        let access = self.access.map(|at| (Occurrence::Access, at));
        [handover, access]
            .into_iter()
            .flatten()
            .filter(|(_, at)| provided <= at.position)
            .min_by_key(|(_, at)| at.position)
    }
}

/// Declares what can have happened, with names for machines.
macro_rules! occurrences {
    ($($(#[$doc:meta])* $item:ident = $name:literal,)*) => {
        /// What happened, where a result names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Occurrence {
            $($(#[$doc])* $item,)*
        }

        impl Occurrence {
            /// Every occurrence.
            pub const ALL: &'static [Self] = &[$(Self::$item,)*];

            /// The name in JSON and in documents.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$item => $name,)*
                }
            }
        }
    };
}

occurrences! {
    /// The server accepted the envelope.
    Submission = "submission",
    /// It refused it.
    SubmissionRejected = "submission-rejected",
    /// Made available in the mailbox.
    Consignment = "consignment",
    /// Could not be made available.
    ConsignmentFailed = "consignment-failed",
    /// The notification was sent.
    NotificationSent = "notification-sent",
    /// It failed or came back.
    NotificationFailed = "notification-failed",
    /// It arrived.
    NotificationArrived = "notification-arrived",
    /// Handed over to the recipient's client.
    Handover = "handover",
    /// Opened by the recipient.
    Access = "access",
    /// Accepted by the recipient.
    Acceptance = "acceptance",
    /// Refused by the recipient.
    Rejection = "rejection",
    /// Neither in time.
    Expiry = "expiry",
    /// Taken back by the sender.
    Withdrawal = "withdrawal",
    /// The recipient reports a failure.
    Dispute = "dispute",
    /// Consent given.
    ConsentGiven = "consent-given",
    /// Consent revoked.
    ConsentRevoked = "consent-revoked",
    /// Binding withdrawn.
    BindingWithdrawn = "binding-withdrawn",
}
