//! What the engine answers: a verdict, and every step that led to it, as codes with parameters.
//!
//! Data only; the words are the command line's (`src/cli/report/deadline.rs`), by exhaustive
//! matches, so a new step does not compile without words. Codes are stable names for machines.
//!
//! Specification: docs/legal-dates.md, "What the engine answers".

use super::appeal::Appeal;
use super::day::Day;
use super::events::{Happened, Occurrence};
use super::holidays::{DayKind, Holiday};
use super::rules::{Rule, Source, Version};
use crate::statement::Reason;

/// The engine's answer for one envelope. Information, not legal advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// [`super::RULES_VERSION`].
    pub rules_version: &'static str,
    /// The rule that the sender named, where it is known.
    pub rule: Option<&'static Rule>,
    /// Its text on the day that started it.
    pub version: Option<&'static Version>,
    /// The verdict.
    pub verdict: Verdict,
    /// The events on which it rests, in the order in which they were used.
    pub used: Vec<Used>,
    /// The reasoning.
    pub steps: Vec<Step>,
    /// When the period for contesting the act ends.
    pub appeal: Appeal,
}

/// An event that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// What.
    pub what: Occurrence,
    /// When, and how well that is known.
    pub at: Happened,
}

/// The verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Counts as served on the day.
    ServedOn(Day),
    /// Is not served, as far as the events go.
    NotServed(NotServed),
    /// Open.
    Open {
        /// On what it depends; never empty, ascending.
        depends: Vec<Dependency>,
        /// The days that come into question, ascending; none where nothing bounds them.
        candidates: Vec<Day>,
    },
    /// A party, or the evidence itself, contradicts.
    Disputed {
        /// How.
        dispute: Disputed,
        /// The days that would come into question if the objection failed, ascending.
        otherwise: Vec<Day>,
    },
}

impl Verdict {
    /// The verdict's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ServedOn(_) => "served-on",
            Self::NotServed(_) => "not-served",
            Self::Open { .. } => "open",
            Self::Disputed { .. } => "disputed",
        }
    }

    /// Every day that the verdict leaves possible, ascending.
    pub fn days(&self) -> &[Day] {
        match self {
            Self::ServedOn(day) => std::slice::from_ref(day),
            Self::NotServed(_) => &[],
            Self::Open { candidates, .. } => candidates,
            Self::Disputed { otherwise, .. } => otherwise,
        }
    }

    /// The earliest day that the verdict leaves possible.
    pub fn earliest(&self) -> Option<Day> {
        self.days().first().copied()
    }
}

/// Why an act is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotServed {
    /// The server refused the envelope.
    SubmissionRejected,
    /// It could not be made available.
    ConsignmentFailed,
    /// The sender took it back before it was served.
    Withdrawn,
    /// The binding had been withdrawn: the address was no longer the person's.
    BindingWithdrawn,
    /// No consent was in force, and it was not retrieved.
    NoConsent,
    /// The notification failed, and it was not retrieved.
    NotificationFailed,
    /// It was not retrieved in time; its provision ended without effect.
    ProvisionEnded,
}

impl NotServed {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::SubmissionRejected,
        Self::ConsignmentFailed,
        Self::Withdrawn,
        Self::BindingWithdrawn,
        Self::NoConsent,
        Self::NotificationFailed,
        Self::ProvisionEnded,
    ];

    /// The reason's code.
    pub fn code(self) -> &'static str {
        match self {
            Self::SubmissionRejected => "submission-rejected",
            Self::ConsignmentFailed => "consignment-failed",
            Self::Withdrawn => "withdrawn",
            Self::BindingWithdrawn => "binding-withdrawn",
            Self::NoConsent => "no-consent",
            Self::NotificationFailed => "notification-failed",
            Self::ProvisionEnded => "provision-ended",
        }
    }
}

/// On what an open verdict depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dependency {
    /// What the checks of the evidence leave unproven.
    Evidence,
    /// The sender named no rule.
    RuleNotNamed,
    /// The rule's name is not known here.
    RuleUnknown,
    /// No text is known for the day.
    NoText,
    /// The text in force must be checked: its readings give different results.
    RuleText,
    /// What the absence of consent brings about.
    Consent,
    /// What a revocation between trigger and fiction brings about.
    ConsentRevoked,
    /// What a withdrawal of the binding in between brings about.
    BindingWithdrawn,
    /// What the sender's withdrawal after the fiction brings about.
    WithdrawnAfterwards,
    /// That it is made available.
    Consignment,
    /// That a notification is sent.
    Notification,
    /// What the failure of the notification brings about.
    NotificationArrival,
    /// Whether the notification arrived by the day of the fiction: its arrival was reported later.
    ArrivalTime,
    /// What a notification after the day of provision brings about.
    NotificationTooLate,
    /// That it is retrieved.
    Retrieval,
    /// Whether the end of the window for retrieval moves to a working day.
    WindowEnd,
    /// That the day comes without a failed notification.
    DayNotReached,
    /// A proof that the event happened.
    Proof(Occurrence),
    /// A cosigned upper bound of the event's time.
    TimeBound(Occurrence),
    /// On which day, between two cosigned times, it happened.
    WhichDay(Occurrence),
    /// Whether the place keeps the holiday.
    Holiday(Holiday),
}

impl Dependency {
    /// Whether it matters only while several days are possible.
    pub(super) fn only_chooses_a_day(self) -> bool {
        matches!(self, Self::WhichDay(_) | Self::Holiday(_))
    }

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::RuleNotNamed => "rule-not-named",
            Self::RuleUnknown => "rule-unknown",
            Self::NoText => "no-text",
            Self::RuleText => "rule-text",
            Self::Consent => "consent",
            Self::ConsentRevoked => "consent-revoked",
            Self::BindingWithdrawn => "binding-withdrawn",
            Self::WithdrawnAfterwards => "withdrawn-afterwards",
            Self::Consignment => "consignment",
            Self::Notification => "notification",
            Self::NotificationArrival => "notification-arrival",
            Self::ArrivalTime => "arrival-time",
            Self::NotificationTooLate => "notification-too-late",
            Self::Retrieval => "retrieval",
            Self::WindowEnd => "window-end",
            Self::DayNotReached => "day-not-reached",
            Self::Proof(_) => "proof",
            Self::TimeBound(_) => "time-bound",
            Self::WhichDay(_) => "which-day",
            Self::Holiday(_) => "holiday",
        }
    }
}

/// What contradicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disputed {
    /// The recipient reports that the content could not be opened, or is another.
    ByRecipient(Vec<Reason>),
    /// The recipient refused it.
    Rejected,
    /// A receipt's time lies outside what cosigned checkpoints allow.
    TimeContradicted(Occurrence),
}

impl Disputed {
    /// The code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ByRecipient(_) => "by-recipient",
            Self::Rejected => "rejected",
            Self::TimeContradicted(_) => "time-contradicted",
        }
    }
}

/// One step of the reasoning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // Parameters are days and occurrences that the step's text names.
pub enum Step {
    /// The rule's text that applies, since when, and how well it is known.
    Text {
        from: Day,
        until: Option<Day>,
        source: Source,
    },
    /// The text in force is not certain, but all readings agree.
    ReadingsAgree,
    /// The text in force is not certain, and its readings differ.
    ReadingsDiffer,
    /// An event that the rule looks at.
    Occurred { what: Occurrence, day: Day },
    /// A consent of the needed class was in force.
    ConsentInForce,
    /// None was: no consent, no fiction.
    ConsentMissing,
    /// It was revoked after the trigger and before the fiction.
    ConsentRevoked { day: Day },
    /// The binding was withdrawn.
    BindingWithdrawn { day: Day },
    /// Formal service, but the letter was delivered as ordinary mail.
    OrdinaryDelivery,
    /// A notification failed or came back: it starts no fiction.
    NotificationFailed { sent: Day, failed: Day },
    /// A notification was sent before the letter was available: it starts no fiction.
    NotificationBeforeProvision { day: Day },
    /// That a notification arrived was reported after the day of the fiction.
    ArrivalReportedLate { reported: Day, fiction: Day },
    /// No notification that did not fail was sent by the end of the day of provision.
    NotificationNotSameDay { provision: Day },
    /// That the notification was sent does not show that it arrived; in doubt the authority proves.
    SentIsNotArrived,
    /// The n-th day after the trigger.
    NthDay {
        trigger: Occurrence,
        from: Day,
        count: u16,
        day: Day,
    },
    /// The fiction may fall on a weekend or holiday: nothing moves.
    DayStays { day: Day },
    /// Moved to the next working day.
    Shifted { from: Day, to: Day, cause: DayKind },
    /// A holiday that depends on the place.
    HolidayUnsure { day: Day, holiday: Holiday },
    /// It was retrieved before the fiction, which stays.
    RetrievedEarlier { day: Day },
    /// The day of retrieval counts.
    RetrievalCounts { day: Day },
    /// It was not retrieved.
    NotRetrieved,
    /// The day after retrieval counts.
    DayAfterRetrieval { retrieved: Day, day: Day },
    /// The last day for retrieval.
    Window { last: Day },
    /// The recipient's confirmation came in time and takes the fiction's place.
    Confirmed { what: Occurrence, day: Day },
    /// No confirmation came in time.
    NotConfirmed,
    /// The events are known until a day before.
    NotReached { day: Day, known_until: Day },
    /// It is only claimed.
    OnlyClaimed { what: Occurrence },
    /// No cosigned checkpoint bounds the time from above.
    TimePending { what: Occurrence },
    /// Two cosigned times bound it to several days.
    TimeBetween {
        what: Occurrence,
        earliest: Day,
        latest: Day,
    },
    /// The receipt's time lies outside its bounds.
    TimeContradicted { what: Occurrence },
    /// The recipient objects.
    RecipientObjects { day: Day },
    /// The recipient refused it.
    RecipientRefused { day: Day },
    /// The sender took it back.
    WithdrawnBySender { day: Day },
}

impl Step {
    /// The step's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::ReadingsAgree => "readings-agree",
            Self::ReadingsDiffer => "readings-differ",
            Self::Occurred { .. } => "occurred",
            Self::ConsentInForce => "consent-in-force",
            Self::ConsentMissing => "consent-missing",
            Self::ConsentRevoked { .. } => "consent-revoked",
            Self::BindingWithdrawn { .. } => "binding-withdrawn",
            Self::OrdinaryDelivery => "ordinary-delivery",
            Self::NotificationFailed { .. } => "notification-failed",
            Self::NotificationBeforeProvision { .. } => "notification-before-provision",
            Self::ArrivalReportedLate { .. } => "arrival-reported-late",
            Self::NotificationNotSameDay { .. } => "notification-not-same-day",
            Self::SentIsNotArrived => "sent-is-not-arrived",
            Self::NthDay { .. } => "nth-day",
            Self::DayStays { .. } => "day-stays",
            Self::Shifted { .. } => "shifted",
            Self::HolidayUnsure { .. } => "holiday-unsure",
            Self::RetrievedEarlier { .. } => "retrieved-earlier",
            Self::RetrievalCounts { .. } => "retrieval-counts",
            Self::NotRetrieved => "not-retrieved",
            Self::DayAfterRetrieval { .. } => "day-after-retrieval",
            Self::Window { .. } => "window",
            Self::Confirmed { .. } => "confirmed",
            Self::NotConfirmed => "not-confirmed",
            Self::NotReached { .. } => "not-reached",
            Self::OnlyClaimed { .. } => "only-claimed",
            Self::TimePending { .. } => "time-pending",
            Self::TimeBetween { .. } => "time-between",
            Self::TimeContradicted { .. } => "time-contradicted",
            Self::RecipientObjects { .. } => "recipient-objects",
            Self::RecipientRefused { .. } => "recipient-refused",
            Self::WithdrawnBySender { .. } => "withdrawn-by-sender",
        }
    }
}
