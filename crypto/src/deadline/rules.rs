//! The rules of legal dates, as data: one row for each rule, one version for each text of it.
//!
//! A version holds from its first day on, decided by the day of the event that starts the rule, so
//! the 4th day in place of the 3rd counts for what was sent in 2025 and later. Where the text in
//! force is not known for certain, a version has several *readings*: a date counts only where all
//! of them give it. Absent: how a reading is evaluated ([`super::examine`]), words for people.
//!
//! Specification: docs/legal-dates.md, "Rules", with the sources.

use super::day::Day;
use crate::statement::ConsentClass;

/// The version of these tables and of their evaluation. It changes with every change of a result.
pub const RULES_VERSION: &str = "2026-11";

/// What the rule brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Notification of an administrative act (Bekanntgabe).
    Notification,
    /// Formal service (Zustellung).
    Service,
}

impl Effect {
    /// The consent without which the fiction does not run (BayDiG Art. 22, 24(1), 25).
    pub fn consent(self) -> ConsentClass {
        match self {
            Self::Notification => ConsentClass::Notification,
            Self::Service => ConsentClass::Service,
        }
    }
}

/// How well the text is known to whoever wrote the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Taken from the act itself.
    Text,
    /// Taken from a secondary source: the result says so.
    Secondary,
    /// To be looked up: the result says so, and a date stands only where all readings agree.
    Unverified,
}

/// The event with which counting begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The notification that the act is ready was sent.
    NotificationSent,
    /// The act was made available for retrieval (Bereitstellung).
    Provision,
    /// The act was transmitted electronically: here, put into the recipient's mailbox.
    Transmission,
}

/// What counts as the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// The n-th day after the trigger.
    NthDay(u16),
    /// The day after retrieval, which must come within so many days after the notification.
    DayAfterRetrieval {
        /// Days of the window.
        within: u16,
    },
}

/// Whether the fiction may fall on any day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FictionDay {
    /// On Sundays and holidays too.
    AnyDay,
    /// It moves to the next working day (AO § 108(3)).
    WorkingDay,
}

/// What retrieval brings about where the fiction does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The day of retrieval counts.
    RetrievalCounts,
    /// The text does not say; the day of retrieval is a possibility.
    Undecided,
}

/// A confirmation that takes the place of the fiction when it comes in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// None does.
    None,
    /// The recipient's acknowledgement (Empfangsbekenntnis, VwZG § 5(7)).
    Acknowledgement,
    /// The confirmation that it was collected (Abholbestätigung, VwZG § 5a(4)).
    Collection,
}

/// Whether the notification must not come after the day of provision (OZG § 9(1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameDay {
    /// It must not.
    Required,
    /// Nothing is said.
    NotRequired,
}

/// One reading of a rule's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Where counting begins.
    pub trigger: Trigger,
    /// What is counted.
    pub count: Count,
    /// Whether the day moves.
    pub fiction_day: FictionDay,
    /// Without consent.
    pub without_consent: Fallback,
    /// When the notification failed, or came too late.
    pub without_arrival: Fallback,
    /// What confirmation takes the fiction's place.
    pub confirmation: Confirmation,
    /// When the notification is due.
    pub same_day: SameDay,
}

/// A rule's text in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// First day of the triggering event on which it applies.
    pub from: Day,
    /// Last such day; absent while it is in force.
    pub until: Option<Day>,
    /// How well the text is known.
    pub source: Source,
    /// What it may mean; never empty.
    pub readings: &'static [Reading],
}

/// The rule under which the provision of an unread letter ends by itself (VwVfG § 41(2a) sentence 3).
pub const ENDS_UNREAD: &str = "VwVfG-41-2a";

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The name in an envelope header's `legal_rule`.
    pub id: &'static str,
    /// The provision, as lawyers cite it.
    pub citation: &'static str,
    /// What it brings about.
    pub effect: Effect,
    /// Its texts, the oldest first.
    pub versions: &'static [Version],
}

impl Rule {
    /// The rule with this name.
    pub fn named(id: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.id == id)
    }
}

impl Version {
    /// Whether it applies to what happened on the day.
    pub fn covers(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// Notification sent, n-th day, retrieval counts where the notification did not arrive.
const fn portal(days: u16) -> Reading {
    Reading {
        trigger: Trigger::NotificationSent,
        count: Count::NthDay(days),
        fiction_day: FictionDay::AnyDay,
        without_consent: Fallback::Undecided,
        without_arrival: Fallback::RetrievalCounts,
        confirmation: Confirmation::None,
        same_day: SameDay::NotRequired,
    }
}

/// Electronic transmission, n-th day.
const fn transmission(days: u16) -> Reading {
    Reading {
        trigger: Trigger::Transmission,
        without_arrival: Fallback::Undecided,
        ..portal(days)
    }
}

/// The fiction of the AO, on working days only.
const fn tax(trigger: Trigger, days: u16) -> Reading {
    Reading {
        trigger,
        fiction_day: FictionDay::WorkingDay,
        ..portal(days)
    }
}

const fn confirmed_by(confirmation: Confirmation, days: u16) -> Reading {
    Reading {
        confirmation,
        ..transmission(days)
    }
}

const fn version(
    from: Day,
    until: Option<Day>,
    source: Source,
    readings: &'static [Reading],
) -> Version {
    Version {
        from,
        until,
        source,
        readings,
    }
}

/// First day of what the tables know.
const BEGIN: Day = super::holidays::FIRST_DAY;
/// BayDiG in force.
const BAYDIG: Day = Day::constant(2022, 8, 1);
/// OZG § 9 as amended.
const OZG: Day = Day::constant(2024, 7, 24);
/// The 4th day in place of the 3rd (PostModG), and the day before.
const FOURTH_DAY: Day = Day::constant(2025, 1, 1);
const THIRD_DAY_ENDS: Option<Day> = Some(Day::constant(2024, 12, 31));
/// AO § 122a as announced for 2026, and the day before.
const AO_2026: Day = Day::constant(2026, 1, 1);
const AO_2025_ENDS: Option<Day> = Some(Day::constant(2025, 12, 31));

const AO: &[Version] = &[
    version(
        BEGIN,
        THIRD_DAY_ENDS,
        Source::Secondary,
        &[tax(Trigger::NotificationSent, 3)],
    ),
    version(
        FOURTH_DAY,
        AO_2025_ENDS,
        Source::Secondary,
        &[tax(Trigger::NotificationSent, 4)],
    ),
    // Announced: counting from provision. Whether and when it came into force is not verified.
    version(
        AO_2026,
        None,
        Source::Unverified,
        &[
            tax(Trigger::NotificationSent, 4),
            tax(Trigger::Provision, 4),
        ],
    ),
];

/// Every rule. A new one is a row; a changed text is a version.
pub static RULES: &[Rule] = &[
    Rule {
        id: "BayDiG-24-2",
        citation: "BayDiG Art. 24 Abs. 2",
        effect: Effect::Notification,
        versions: &[version(
            BAYDIG,
            None,
            Source::Text,
            &[Reading {
                without_consent: Fallback::RetrievalCounts,
                ..portal(3)
            }],
        )],
    },
    Rule {
        id: "BayDiG-25",
        citation: "BayDiG Art. 25 i. V. m. Art. 24 Abs. 2",
        effect: Effect::Service,
        versions: &[version(BAYDIG, None, Source::Text, &[portal(3)])],
    },
    Rule {
        id: "OZG-9-1",
        citation: "OZG § 9 Abs. 1",
        effect: Effect::Notification,
        versions: &[version(
            OZG,
            None,
            Source::Text,
            &[Reading {
                trigger: Trigger::Provision,
                without_arrival: Fallback::Undecided,
                same_day: SameDay::Required,
                ..portal(3)
            }],
        )],
    },
    Rule {
        id: "VwVfG-41-2",
        citation: "VwVfG § 41 Abs. 2",
        effect: Effect::Notification,
        versions: &[
            version(BEGIN, THIRD_DAY_ENDS, Source::Text, &[transmission(3)]),
            version(FOURTH_DAY, None, Source::Text, &[transmission(4)]),
        ],
    },
    Rule {
        id: ENDS_UNREAD,
        citation: "VwVfG § 41 Abs. 2a",
        effect: Effect::Notification,
        versions: &[version(
            BEGIN,
            None,
            Source::Text,
            &[Reading {
                trigger: Trigger::Provision,
                count: Count::DayAfterRetrieval { within: 10 },
                ..transmission(0)
            }],
        )],
    },
    Rule {
        id: "VwZG-5-7",
        citation: "VwZG § 5 Abs. 7",
        effect: Effect::Service,
        versions: &[
            version(
                BEGIN,
                THIRD_DAY_ENDS,
                Source::Secondary,
                &[confirmed_by(Confirmation::Acknowledgement, 3)],
            ),
            version(
                FOURTH_DAY,
                None,
                Source::Secondary,
                &[confirmed_by(Confirmation::Acknowledgement, 4)],
            ),
        ],
    },
    Rule {
        id: "VwZG-5a-4",
        citation: "VwZG § 5a Abs. 4",
        effect: Effect::Service,
        versions: &[
            version(
                BEGIN,
                THIRD_DAY_ENDS,
                Source::Text,
                &[confirmed_by(Confirmation::Collection, 3)],
            ),
            version(
                FOURTH_DAY,
                None,
                Source::Text,
                &[confirmed_by(Confirmation::Collection, 4)],
            ),
        ],
    },
    Rule {
        id: "AO-122a-4",
        citation: "AO § 122a Abs. 4, § 108 Abs. 3",
        effect: Effect::Notification,
        versions: AO,
    },
    Rule {
        id: "BayKAG-13-AO-122a-4",
        citation: "BayKAG Art. 13 i. V. m. AO § 122a Abs. 4, § 108 Abs. 3",
        effect: Effect::Notification,
        versions: AO,
    },
    Rule {
        id: "BayVwVfG-41-2",
        citation: "BayVwVfG Art. 41 Abs. 2",
        effect: Effect::Notification,
        versions: &[
            version(
                BEGIN,
                THIRD_DAY_ENDS,
                Source::Unverified,
                &[transmission(3)],
            ),
            version(
                FOURTH_DAY,
                None,
                Source::Unverified,
                &[transmission(3), transmission(4)],
            ),
        ],
    },
    Rule {
        id: "BayVwZVG-5",
        citation: "BayVwZVG Art. 5",
        effect: Effect::Service,
        versions: &[
            version(
                BEGIN,
                THIRD_DAY_ENDS,
                Source::Unverified,
                &[confirmed_by(Confirmation::Acknowledgement, 3)],
            ),
            version(
                FOURTH_DAY,
                None,
                Source::Unverified,
                &[
                    confirmed_by(Confirmation::Acknowledgement, 3),
                    confirmed_by(Confirmation::Acknowledgement, 4),
                ],
            ),
        ],
    },
    Rule {
        id: "SGB-X-37-2",
        citation: "SGB X § 37 Abs. 2",
        effect: Effect::Notification,
        versions: &[
            version(
                BEGIN,
                THIRD_DAY_ENDS,
                Source::Unverified,
                &[transmission(3)],
            ),
            version(
                FOURTH_DAY,
                None,
                Source::Unverified,
                &[transmission(3), transmission(4)],
            ),
        ],
    },
    Rule {
        id: "SGB-X-37-2a",
        citation: "SGB X § 37 Abs. 2a",
        effect: Effect::Notification,
        versions: &[
            version(
                Day::constant(2020, 12, 10),
                THIRD_DAY_ENDS,
                Source::Unverified,
                &[portal(3)],
            ),
            version(
                FOURTH_DAY,
                None,
                Source::Unverified,
                &[portal(3), portal(4)],
            ),
        ],
    },
];
