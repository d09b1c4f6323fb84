//! What a file does not show, even when every check passed.

use super::delivery::Delivery;
use super::report::{CheckName, NotShown, Outcome};
use super::verify::Verification;
use crate::statement::Event;

impl Verification<'_> {
    pub(super) fn not_shown(&self, delivery: &Delivery) -> Vec<NotShown> {
        let passed = |name| self.report.outcome(name) == Some(Outcome::Passed);
        let header = self.header;
        let certified = self.report.certificate.as_ref().map(|it| it.subject);
        let notified = delivery.happened(Event::ConsignmentNotification)
            && !delivery.happened(Event::ConsignmentNotificationFailure);
        let handed_over = delivery.happened(Event::ContentHandover);
        let accessed = delivery.happened(Event::ContentAccessTracking);
        let manifest = self.report.manifest.as_ref();
        let applies = |item: &NotShown| match item {
            NotShown::LaterEvents | NotShown::PersonRead => true,
            NotShown::IndependentTime => !passed(CheckName::TimesBounded),
            NotShown::TimeStamps => self.tokens.is_none() && self.holds_timestamps(),
            NotShown::LogInclusion => !passed(CheckName::LogInclusion),
            NotShown::AbilityToDecrypt => passed(CheckName::Submission) && !accessed,
            NotShown::Handover => !handed_over,
            NotShown::Notification => !notified,
            NotShown::PersonBehindBinding => header.binding.is_some(),
            NotShown::RecipientIdentity => {
                header.binding.is_none() && certified != Some(header.recipient)
            }
            NotShown::AuthorityIdentity => certified.is_none(),
            NotShown::Consent => header.consent.is_none(),
            NotShown::Content => manifest.is_none(),
            NotShown::Attachments => header.parts.len() > 1,
        };
        NotShown::ALL.iter().copied().filter(applies).collect()
    }

    fn holds_timestamps(&self) -> bool {
        let record = self.evidence.log.as_ref();
        record.is_some_and(|record| !record.timestamps().is_empty())
    }
}
